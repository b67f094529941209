"""The form of a ticket, what it needs and the draft that comes of it, as whole values."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from accounts.model import Assurance, Contact, ContactRole, Person, Visitor
from accounts.order_policy import PolicyDecision
from diagnostics.model import Finding
from render.message_format import sentence
from subject import Subject, SubjectKind
from tests.desk_fixtures import judged
from tests.unit.test_tickets_pure import answers, report, with_args
from tickets.access import authentication_snapshot
from tickets.departments.routing import Priority
from tickets.drafting import form as forms
from tickets.drafting import kept_words
from tickets.drafting.completeness import DESCRIPTION, FACTS, SERVICE, measure_completeness
from tickets.drafting.draft import DraftFact, TicketRequest, compose, facts, fingerprint, subject
from tickets.drafting.form import TicketForm, errors, prefilled, read
from tickets.model import Draft

WHEN = datetime(2026, 1, 15, 12, tzinfo=UTC)
LABELS = {(fact.name, category): fact.label for fact in FACTS for category in fact.categories}


# ------------------------------------------------------------------ what is enough
@pytest.mark.parametrize(
    ("name", "enough", "not_enough"),
    [
        ("server", ("ab",), ("", "a")),
        ("error", ("abc def ghij", "a b cccccccc"), ("abc def ghi", "abcdefghi jklm", "a b c d")),
        (
            "url",
            ("http://a", "HTTPS://a/b?c", "https://a/"),
            ("https://", "https:///a", "a https://b", "https://a b", "ftp://a"),
        ),
        ("mailbox", ("a@b.c", "write to a@b.cz"), ("a@b", "@b.c", "a@b.", "a @b.c", "a@ b.c")),
        ("domain", ("a.bc", "shop.example"), ("a.b", "shop", "...")),
    ],
)
def test_an_answer_is_enough_or_not(name, enough, not_enough):
    ask = next(fact for fact in FACTS if fact.name == name)
    assert [text for text in enough if not ask.enough(text)] == []
    assert [text for text in not_enough if ask.enough(text)] == []


def test_the_gauge_counts_what_every_category_needs_and_no_wishes():
    filled = {"url": " https://a ", "error": "x", "since": "  y  ", "changed": "no"}
    gauge = measure_completeness("web", filled, "  It is not there ", " s ")
    assert [ask.field for ask in gauge.missing] == [
        "service",
        "fact_error",
        "fact_steps",
        "fact_since",
    ]
    assert gauge.needed == 7
    assert gauge.missing[0] is SERVICE
    nothing = measure_completeness("billing", {})
    assert nothing.missing[:2] == (SERVICE, DESCRIPTION)
    assert [ask.name for ask in nothing.missing[2:]] == ["document", "wish"]


# ------------------------------------------------------------------ the form as typed
TYPED = {
    "run": " token ",
    "category": "mail",
    "service": " shop.example\n",
    "account": "A1",
    "text": " It\r\nfails ",
    "fact_mailbox": "jana@shop.example",
    "fact_error": " 550 \r\n no ",
    "fact_client": " ",
    "fact_evil": "x",
    "work": "change",
    "filled": "1",
    "go": "append",
}


def test_the_fields_are_read_cleaned():
    assert read(TYPED) == TicketForm(
        "token", "mail", "shop.example", "A1", "It\nfails",
        {"mailbox": "jana@shop.example", "error": "550 \n no"},
        "change", backup=False, go="append",
    )  # fmt: skip
    assert read({}) == TicketForm()
    assert read({"backup": "1", "filled": "1"}).backup
    assert [read({"go": go}).go for go in ("send", "look", "append", "new", "Send")] == [
        "send", "look", "append", "new", "",
    ]  # fmt: skip


def test_each_field_has_its_longest_text_and_what_is_longer_is_named():
    bounds = {"service": 253, "text": 20_000, "fact_url": 4_000}
    assert read({name: "x" * most for name, most in bounds.items()}).long == ()
    typed = read({name: "x" * (most + 1) for name, most in bounds.items()})
    assert sorted(typed.long) == sorted(bounds)
    assert (len(typed.service), len(typed.text), len(typed.facts["url"])) == (254, 20_001, 4_001)
    cut = read({"run": "r" * 300, "account": "a" * 300})
    assert (len(cut.run), len(cut.account)) == (200, 100)


def test_a_form_is_sent_as_it_was_read():
    assert read(TYPED).values() == {
        "run": "token",
        "category": "mail",
        "service": "shop.example",
        "account": "A1",
        "text": "It\nfails",
        "work": "change",
        "backup": "",
        "filled": "1",
        "fact_mailbox": "jana@shop.example",
        "fact_error": "550 \n no",
    }
    assert TicketForm().values()["backup"] == "1"


def test_a_request_holds_what_its_category_asks_for_and_what_may_be_done():
    typed = read({**TYPED, "fact_url": "https://shop.example/"})
    assert typed.request("r1") == TicketRequest(
        "mail", "shop.example", "It\nfails", "A1",
        {
            "mailbox": "jana@shop.example", "direction": "", "error": "550 \n no", "client": "",
            "since": "", "screenshot": "",
        },
        {"diagnose_only": False, "may_change": True, "backup_first": False},
        "r1",
    )  # fmt: skip
    plain = TicketForm().request("")
    assert (plain.category, plain.run) == ("other", "")
    assert plain.consents == {"diagnose_only": True, "may_change": False, "backup_first": False}
    assert plain.answers == {"service": "", "since": ""}
    assert TicketForm(work="change").request("").consents["backup_first"]


ALLOWED, REFUSED = PolicyDecision(True), PolicyDecision(False, "Not you.")


def test_what_stands_in_the_way_of_sending_is_told_by_field():
    good = TicketForm(service="a", text="b")
    assert errors(good, REFUSED) == {}
    assert errors(replace(good, work="change"), ALLOWED) == {}
    assert errors(replace(good, work="change"), REFUSED) == {"work": "Not you."}
    assert errors(TicketForm(), ALLOWED) == {
        "text": forms.MISSING_TEXT,
        "service": forms.MISSING_SERVICE,
    }
    long = replace(good, long=("text", "fact_url"), text="")
    assert errors(long, ALLOWED) == dict.fromkeys(("text", "fact_url"), forms.TOO_LONG)


# ------------------------------------------------------------------ filled in from a report
def run_about(**parts):
    given = {"kind": SubjectKind.URL, "text": "x", "host": "", "domain": "", **parts}
    return replace(report().run, subject=Subject(**given))


def test_the_form_knows_what_the_subject_is():
    page = run_about(
        host="www.shop.example", domain="shop.example", url="https://www.shop.example/a?b"
    )
    assert prefilled(TicketForm(), page, None).facts == {
        "url": "https://www.shop.example/a?b",
        "domain": "shop.example",
    }
    mail = run_about(host="shop.example", domain="shop.example", mailbox="jana@shop.example")
    full = prefilled(TicketForm(run="t"), mail, None)
    assert full.facts == {
        "url": "https://shop.example/",
        "mailbox": "jana@shop.example",
        "domain": "shop.example",
    }
    assert (full.run, full.service, full.category, full.text) == ("t", "jana@shop.example", "", "")
    assert prefilled(TicketForm(), run_about(host="shop.example"), None).service == "shop.example"
    assert prefilled(TicketForm(), run_about(), None).facts == {}


def test_nothing_that_was_typed_is_overwritten():
    typed = TicketForm(
        category="domain", service="mine", text="words", facts={"url": "a", "since": "b"}
    )
    symptom = answers(("since", "Monday"), ("changed", "nothing"), ("", "what?"))
    full = prefilled(typed, report().run, report(judged("mail.mx.missing")), symptom)
    assert (full.category, full.service, full.text) == ("domain", "mine", "words")
    assert full.facts == {"url": "a", "since": "b", "domain": "shop.example", "changed": "nothing"}
    assert prefilled(typed, None, report()) is typed


def test_answers_without_a_field_stand_in_the_text_one_a_line():
    symptom = answers(("paid", "No. 45"), ("since", "Monday"), ("", "No"))
    full = prefilled(TicketForm(), report().run, report(), symptom)
    assert full.text == "paid? No. 45\n? No"
    billing = prefilled(TicketForm(category="billing"), report().run, report(), symptom)
    assert billing.text == "paid? No. 45\nsince? Monday\n? No"


@pytest.mark.parametrize(
    ("finding", "error"),
    [
        (with_args("web.a.b", words="Words", reply="Reply", status="1", reason="r"), "Words"),
        (with_args("web.a.b", words="", reply="Reply"), "Reply"),
        (with_args("web.a.b", words=["no text"], status="503", reason=""), "503"),
        (with_args("web.a.b", status="503"), None),
        (with_args("web.a.b", reason="Busy"), None),
    ],
)
def test_the_words_of_an_error_come_before_its_number(finding, error):
    full = prefilled(TicketForm(), report().run, report(finding, with_args("mail.a.b", words="M")))
    assert full.facts.get("error") == error


# ------------------------------------------------------------------ the draft
MARA = Person("mara", "mara@people.example", "Mara", "", None, (Contact("A1", ContactRole.OWNER),))
VISITOR = Visitor(MARA, Assurance.SIGNED_IN, "s", WHEN, "password")
DAY = date(2026, 1, 15)
REQUEST = TicketRequest(
    "web", "Shop.example", "It  fails", "A1",
    {"url": "https://shop.example/", "mailbox": "no", "since": "", "steps": "Pay"},
    {"may_change": True, "else": True},
    "r1",
)  # fmt: skip


def composed(request=REQUEST, visitor=VISITOR, attached=None, **more):
    given = {
        "headline": "", "category": "Web site", "department": "web", "priority": Priority.HIGH,
        "lang": "cs", "at": WHEN, "words": lambda text, args: sentence("en", text, args), **more,
    }  # fmt: skip
    return compose(request, visitor, attached, **given)


def test_a_draft_is_all_that_was_asked_and_seen():
    follower = replace(judged("web.site.down"), cause="web.redirect.loop")
    attached = report(judged("web.redirect.loop"), follower, judged("mail.mx.missing"))
    ids = ("web.redirect.loop", "mail.mx.missing")
    assert composed(attached=attached, headline="It goes round") == Draft(
        fingerprint=fingerprint(REQUEST, "mara", ids, DAY),
        person="mara",
        account="A1",
        service="Shop.example",
        category="web",
        department="web",
        priority="high",
        subject="Shop.example: It goes round",
        text="It  fails",
        statement=authentication_snapshot(VISITOR, "A1", WHEN),
        lang="cs",
        answers={"url": "https://shop.example/", "steps": "Pay"},
        consents={"diagnose_only": False, "may_change": True, "backup_first": False},
        run="r1",
        report_url="",
        findings=ids,
    )
    bare = composed(TicketRequest("web", "s", "t"), Visitor(), department="x")
    assert (bare.person, bare.subject, bare.findings) == ("", "s: Web site", ())


def test_a_subject_has_two_hundred_characters_at_most():
    assert composed(headline="x" * 187).subject == "Shop.example: " + "x" * 186
    assert len(composed(headline="x" * 186).subject) == 200
    words = lambda text, args: sentence("en", text, args)  # noqa: E731
    assert subject("a", "b", "c", words) == "a: b"
    assert subject("a", "", "c", words) == "a: c"


def test_each_part_of_a_request_makes_another_ticket_and_its_spelling_does_not():
    first = fingerprint(REQUEST, "mara", ("a", "b"), DAY)
    others = [
        fingerprint(replace(REQUEST, **{name: "other"}), "mara", ("a", "b"), DAY)
        for name in ("category", "service", "text", "account")
    ]
    others += [
        fingerprint(REQUEST, "zed", ("a", "b"), DAY),
        fingerprint(REQUEST, "mara", ("a", "c"), DAY),
        fingerprint(REQUEST, "mara", ("a", "b"), date(2026, 1, 16)),
        fingerprint(replace(REQUEST, text="Itfails"), "mara", ("a", "b"), DAY),
    ]
    assert len({first, *others}) == len(others) + 1
    for same in (
        replace(REQUEST, service="shop.EXAMPLE"),
        replace(REQUEST, text="\nIT fails"),
        replace(REQUEST, run="r2", answers={}, consents={}),
    ):
        assert fingerprint(same, "mara", ("b", "a"), DAY) == first
    composed_, decomposed = (
        replace(REQUEST, text=unicodedata.normalize(form, "ﬁlé")) for form in ("NFC", "NFKD")
    )
    assert fingerprint(composed_, "m", (), DAY) == fingerprint(decomposed, "m", (), DAY)


def test_the_table_of_facts_leaves_out_what_is_empty():
    rows = facts(composed(), "Web site")
    assert rows == (
        DraftFact("Service", ("Shop.example",)),
        DraftFact("Account", ("A1",)),
        DraftFact("Category", ("Web site",)),
        DraftFact(LABELS["url", "web"], ("https://shop.example/",)),
        DraftFact(LABELS["steps", "web"], ("Pay",)),
    )
    without = facts(composed(replace(REQUEST, account="", answers={})), "")
    assert without == (DraftFact("Service", ("Shop.example",)),)


# ------------------------------------------------------------------ words of a kept form
@pytest.mark.parametrize(
    ("name", "lang", "label"),
    [
        ("title", "en", "Headline"),
        ("text", "en", "What you wrote"),
        ("reason", "en", "Why (for colleagues)"),
        ("because", "en", "Why (for colleagues)"),
        ("message", "en", "A few words to the customer"),
        ("title-cs", "en", "Headline (Čeština)"),
        ("text-cs-x", "en", "What you wrote (cs-x)"),
        ("title", "cs", "Nadpis"),
    ],
)
def test_a_kept_field_is_called_as_on_its_form(name, lang, label):
    assert kept_words.field_label(name, lang) == label


@pytest.mark.parametrize(
    ("pressed", "offered"),
    [
        ("reply", [("reply", "Send the answer")]),
        ("note", [("note", "Keep as internal note")]),
        ("publish", [("publish", "Publish"), ("preview", "Preview")]),
        ("draft", [("draft", "Keep as a draft"), ("preview", "Preview")]),
        ("preview", [("preview", "Preview")]),
        ("other", [("other", "Send it now")]),
    ],
)
def test_a_kept_form_is_sent_by_the_button_that_was_pressed(pressed, offered):
    assert list(kept_words.buttons([("text", "x"), ("go", pressed)])) == offered


def test_a_kept_form_without_a_button_is_just_sent():
    assert kept_words.buttons([("text", "x")]) == (("", "Send it now"),)


def test_findings_are_named_once():
    doubled = report(judged("a.b.c"), replace(judged("a.b.c"), finding=Finding("a.b.c", {"n": 1})))
    assert composed(attached=doubled).findings == ("a.b.c",)
