"""Each field of a ticket on each of its sides: typed, kept over a sign-in, stored, shown to the customer,
shown to the agent, handed to a desk. A field that one side forgets fails here."""

from __future__ import annotations

import html
import re
from dataclasses import fields, replace

import msgspec
import pytest

from tests.desk_fixtures import ACCOUNT, SECRET
from tickets.departments.routing import CATEGORIES
from tickets.desks.local import LocalDesk
from tickets.drafting import form as forms
from tickets.drafting.completeness import FACTS, questions_for
from tickets.drafting.draft import TicketRequest
from tickets.model import Draft

FORM = {"filled": "1", "go": "new", "service": "shop.example", "text": "Words of my own"}
# Where each field of a draft is read: by both, by the agent alone, or by programs only.
BOTH = ("service", "account", "category", "subject", "text", "answers", "consents", "department")
AGENT = ("statement", "priority")
NOBODY = ("fingerprint", "person", "lang", "run", "report_url", "findings")


def marks_of(category):
    """An answer of its own for each fact of a category, such as "qz-url-qz"."""
    return {f"fact_{ask.name}": f"qz-{ask.name}-qz" for ask in questions_for(category)}


def opened(house, category, **more):
    form = {**FORM, "category": category, **marks_of(category), **more}
    answer = house.browser("mara").post("/tickets/new", form)
    assert answer.status_code == 303, answer.text
    house.run_jobs()
    return answer.location.split("/")[-1].split("?")[0]


def left_out(text, marks):
    return [mark for mark in marks.values() if mark not in text]


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_fact_comes_back_while_the_form_is_filled_in(house, category) -> None:
    marks = marks_of(category)
    sent = {**FORM, **marks, "category": category, "go": "look"}
    assert left_out(house.browser().post("/tickets/new", sent).text, marks) == []


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_fact_outlives_the_sign_in(house, category) -> None:
    marks, browser = marks_of(category), house.browser()
    sent = browser.post("/tickets/new", {**FORM, **marks, "category": category})
    target = re.search(r'name="next" value="([^"]+)"', browser.get(sent.location).text)[1]
    words = {"email": "mara@people.example", "password": SECRET, "next": target}
    back = browser.get(browser.post("/sign-in", words).location).text
    assert left_out(back, marks) == []


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_fact_is_stored_and_shown_to_customer_and_agent(house, category) -> None:
    marks, ticket = marks_of(category), opened(house, category)
    stored = house.tickets.ticket(ticket).draft.answers
    assert {f"fact_{name}": value for name, value in stored.items()} == marks
    for name, path in (("mara", f"/tickets/{ticket}"), ("ben", f"/desk/tickets/{ticket}")):
        page_text = html.unescape(house.browser(name).get(path).text)
        assert left_out(page_text, marks) == [], name
        for ask in questions_for(category):
            assert ask.label in page_text, (name, ask.name)


def test_each_fact_is_asked_for_somewhere_and_has_one_meaning_in_a_category() -> None:
    for fact in FACTS:
        assert set(fact.categories) <= set(CATEGORIES)
    for category in CATEGORIES:
        names = [ask.name for ask in questions_for(category)]
        assert len(names) == len(set(names))


def test_every_field_of_the_form_survives_being_sent() -> None:
    """What `values()` writes, `read()` reads: a field that one of them forgets is empty here."""
    facts = {ask.name: f"qz-{ask.name}" for ask in FACTS}
    typed = forms.TicketForm(
        *("token", "mail", "shop.example", ACCOUNT, "words"), facts, forms.CHANGE, backup=False
    )
    assert unlike_default(typed) == {f.name for f in fields(forms.TicketForm)} - {"go", "long"}
    assert forms.read(typed.values()) == typed


def unlike_default(value):
    empty = forms.TicketForm()
    return {f.name for f in fields(value) if getattr(value, f.name) != getattr(empty, f.name)}


def test_every_field_of_a_request_is_filled_from_the_form() -> None:
    facts = {ask.name: "x" for ask in questions_for("mail")}
    typed = forms.TicketForm("token", "mail", "shop.example", ACCOUNT, "words", facts)
    request = typed.request("r1")
    assert [f.name for f in fields(TicketRequest) if not getattr(request, f.name)] == []


def test_it_is_said_of_every_field_of_a_draft_who_reads_it(house) -> None:
    assert {f.name for f in fields(Draft)} == {*BOTH, *AGENT, *NOBODY}
    ticket = opened(house, "web", account=ACCOUNT, work="change", backup="1")
    draft = house.tickets.ticket(ticket).draft
    words = {
        "service": "shop.example",
        "account": ACCOUNT,
        "category": "Web site",
        "subject": draft.subject,
        "text": "Words of my own",
        "answers": "qz-url-qz",
        "consents": "Make a backup before any change",
        "department": "Technical support",
        "statement": "mara@people.example",
        "priority": "Normal",
    }
    agent = house.browser("ben").get(f"/desk/tickets/{ticket}").text
    customer = house.browser("mara").get(f"/tickets/{ticket}").text
    assert [name for name in (*BOTH, *AGENT) if words[name] not in agent] == []
    assert [name for name in BOTH if words[name] not in customer] == []


def test_every_field_of_a_draft_is_stored_and_reaches_a_desk(house) -> None:
    kept = house.tickets.ticket(opened(house, "web")).draft
    whole = replace(
        kept,
        fingerprint="f2",
        account=ACCOUNT,
        run="r1",
        report_url="https://here.example/desk/runs/r1",
        findings=("web.redirect.loop",),
    )
    assert [f.name for f in fields(Draft) if not getattr(whole, f.name)] == []
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Draft) == whole
    ref = LocalDesk(house.tickets).open(whole)
    assert house.tickets.ticket(ref.id).draft == whole
