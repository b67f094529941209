"""The page of a new ticket: which account and urgency are stored, what a duplicate is, what is kept."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.model import ContactRole
from diagnostics.model import Scope, Severity
from tests.desk_fixtures import ACCOUNT, judged, run_of, subject
from tickets.drafting.form import PLEASE_SET
from tickets.model import NoteKind, TicketState

FORM = {
    "filled": "1",
    "go": "new",
    "category": "web",
    "service": "shop.example",
    "text": "Visitors see an error since yesterday",
}
LOOP = judged("web.redirect.loop", severity=Severity.CRITICAL)


def sent(house, browser, **fields):
    """A ticket as it is stored, with everything that is its own."""
    answer = browser.post("/tickets/new", {**FORM, **fields})
    assert answer.status_code == 303, answer.text
    ticket = re.fullmatch(r"/tickets/(\w+)\?sent=1", answer.location)[1]
    return house.tickets.ticket(ticket)


def added(house, ticket):
    """What customers wrote after the words that opened the ticket."""
    thread = house.tickets.thread(ticket, internal=True)
    return [note for note in thread if note.kind is NoteKind.CUSTOMER][1:]


# ------------------------------------------------------------------ whose it is
@pytest.mark.parametrize(
    ("fields", "account", "calls"),
    [
        ({"service": "shop.example"}, ACCOUNT, ["shop.example"]),
        ({"service": "A.B.Shop.Example"}, ACCOUNT,
         ["a.b.shop.example", "b.shop.example", "shop.example"]),
        ({"service": "jana@mail.shop.example"}, ACCOUNT, ["mail.shop.example", "shop.example"]),
        ({"service": "2026-001045"}, ACCOUNT, ["2026-001045"]),
        ({"service": "www.foreign.example"}, "", ["www.foreign.example", "foreign.example"]),
        ({"service": "foreign.example", "account": ACCOUNT}, ACCOUNT, []),
        ({"service": "shop.example", "account": "B999"}, ACCOUNT, ["shop.example"]),
        ({"category": "domain", "service": "45", "fact_domain": "foreign.example"}, "",
         ["foreign.example"]),
        ({"category": "domain", "service": "foreign.example", "fact_domain": "shop.example"},
         ACCOUNT, ["shop.example"]),
    ],
)  # fmt: skip
def test_a_ticket_belongs_to_the_account_of_its_service(house, fields, account, calls):
    mara = house.browser("mara")
    house.hosting.calls.clear()
    assert sent(house, mara, **fields).draft.account == account
    assert house.hosting.calls == calls


def test_of_two_accounts_only_the_service_or_a_choice_tells_which(house):
    house.accounts.set_contact("mara", "B200", ContactRole.TECHNICAL)
    mara = house.browser("mara")
    services = ("2026-001045", "shop.example")
    assert [sent(house, mara, service=s).draft.account for s in services] == ["", ACCOUNT]
    assert sent(house, mara, account="B200").draft.account == "B200"
    page = mara.get("/tickets/new?account=B200&category=web").text
    assert re.findall(r'<option value="(\w*)"(?: (selected))?>([^<]+)', page) == [
        ("", "", "It belongs to none of them"),
        (ACCOUNT, "", "Mara&#39;s Shop"),
        ("B200", "selected", "B200"),
    ]


def test_a_stranger_has_no_account_and_asks_for_none(house):
    zed = house.browser("zed")
    ticket = sent(house, zed, account=ACCOUNT)
    assert (ticket.draft.account, ticket.draft.person) == ("", "zed")
    assert house.hosting.calls == []


# ------------------------------------------------------------------ what is stored
def test_a_ticket_keeps_its_report_its_urgency_and_its_promise(house, clock):
    run, token = run_of(house.diagnoses, LOOP)
    mara = house.browser("mara")
    ticket = sent(house, mara, run=token)
    draft = ticket.draft
    assert (ticket.priority, draft.priority, draft.findings) == (
        0,
        "outage",
        ("web.redirect.loop",),
    )
    assert (draft.run, draft.report_url) == (run, f"http://127.0.0.1:8000/desk/runs/{run}")
    assert (draft.subject, draft.lang) == ("shop.example: The site redirects in a circle", "en")
    assert (draft.department, ticket.answer_by) == ("technical", clock.now() + timedelta(days=1))
    bill = sent(house, mara, category="billing", service="45", text="The name is wrong")
    assert (bill.priority, bill.answer_by, bill.draft.department) == (3, None, "office")
    assert (bill.draft.subject, bill.draft.report_url) == ("45: Invoices and payments", "")
    nameless = sent(house, mara, category="", text="Something else is wrong")
    assert (nameless.draft.category, nameless.draft.subject) == (
        "other", "shop.example: Something else",
    )  # fmt: skip


def test_thirty_tickets_an_hour_are_enough_and_refused_forms_do_not_count(house, clock):
    mara = house.browser("mara")
    assert mara.post("/tickets/new", {**FORM, "text": ""}).status_code == 422
    for n in range(30):
        assert mara.post("/tickets/new", {**FORM, "text": f"No. {n}"}).status_code == 303
    more = {**FORM, "text": "One more"}
    assert mara.post("/tickets/new", more).status_code == 429
    assert house.browser("tomas").post("/tickets/new", more).status_code == 303
    clock.advance(timedelta(hours=1))
    assert house.browser("mara").post("/tickets/new", more).status_code == 303


# ------------------------------------------------------------------ the same matter again
def test_a_request_about_another_finding_is_not_offered(house):
    house.ticket_of("mara")
    _, other = run_of(house.diagnoses, judged("quota.disk.full"))
    _, same = run_of(house.diagnoses, judged("web.redirect.loop"))
    tomas = house.browser("tomas")
    offered = "You have an open request about this already"
    pages = [tomas.get(f"/tickets/new?category=web&run={token}").text for token in (other, same)]
    assert [offered in page for page in pages] == [False, True]
    assert offered not in house.browser().get(f"/tickets/new?category=web&run={same}").text
    assert offered not in house.browser("zed").get(f"/tickets/new?category=web&run={same}").text
    assert offered not in tomas.get("/tickets/new?category=web&service=shop.example").text
    refused = tomas.post("/tickets/new", {**FORM, "run": same, "text": "", "go": "send"})
    assert refused.status_code == 422
    assert offered not in refused.text


def test_a_request_of_the_same_kind_is_offered_without_a_report_too(house):
    ticket = sent(house, house.browser("mara"))
    answer = house.browser("tomas").post("/tickets/new", {**FORM, "text": "Here too", "go": "send"})
    assert answer.status_code == 200
    assert "You have an open request about this already" in answer.text
    assert f'href="/tickets/{ticket.id}"' in answer.text
    assert len(house.tickets.queue(TicketState)) == 1


def test_words_are_added_to_the_request_once(house):
    ticket = house.ticket_of("mara")
    run, token = run_of(house.diagnoses, judged("web.redirect.loop"))
    tomas = house.browser("tomas")
    for _ in range(2):
        form = {**FORM, "go": "append", "run": token, "text": "It is the same"}
        assert tomas.post("/tickets/new", form).location == f"/tickets/{ticket}"
    (note,) = added(house, ticket)
    assert (note.author, note.text, note.run) == ("tomas", "It is the same", run)
    assert note.statement.role == "technical"
    assert len(house.tickets.queue(TicketState)) == 1


def test_a_newer_report_with_the_same_words_is_added_and_opens_nothing(house):
    mara = house.browser("mara")
    _, first = run_of(house.diagnoses, judged("web.redirect.loop"))
    ticket = sent(house, mara, run=first)
    second, token = run_of(house.diagnoses, judged("web.redirect.loop"))
    for _ in range(2):
        assert sent(house, mara, run=token).id == ticket.id
        assert sent(house, mara, run=first).id == ticket.id
    (note,) = added(house, ticket.id)
    assert (note.run, note.text) == (second, FORM["text"])


def test_nothing_to_add_to_is_a_new_request(house):
    ticket = sent(house, house.browser("mara"), go="append")
    assert ticket.draft.text == FORM["text"]


# ------------------------------------------------------------------ what comes back
def test_a_kept_form_stays_kept_while_it_is_not_right_yet(house):
    stranger = house.browser()
    location = stranger.post("/tickets/new", FORM).location
    token = location.rpartition("kept%3D")[2]
    mara = house.browser("mara")
    page = mara.get(f"/tickets/new?kept={token}&service=other.example").text
    assert 'value="shop.example"' in page
    assert f'name="kept" value="{token}"' in page
    refused = mara.post("/tickets/new", {**FORM, "kept": token, "service": ""})
    assert refused.status_code == 422
    assert f'name="kept" value="{token}"' in refused.text
    looked = mara.post("/tickets/new", {**FORM, "kept": token, "go": "look"})
    assert f'name="kept" value="{token}"' in looked.text
    assert mara.get(f"/tickets/new?kept={token}").status_code == 200
    assert mara.post("/tickets/new", {**FORM, "kept": token}).status_code == 303
    assert mara.get(f"/tickets/new?kept={token}").status_code == 404


def test_records_to_set_need_no_words_but_those(house):
    url = "/tickets/new?category=domain&service=shop.example&fact_values=www+CNAME+x"
    mara = house.browser("mara")
    assert f">{PLEASE_SET}</textarea>" in mara.get(f"{url}&work=change").text
    assert PLEASE_SET not in mara.get(url).text
    assert PLEASE_SET not in mara.get("/tickets/new?category=domain&work=change").text
    own = mara.get(f"{url}&work=change&text=My+words").text
    assert ">My words</textarea>" in own
    assert PLEASE_SET not in own


def test_a_report_that_is_not_the_readers_is_told_and_not_attached(house):
    run, _ = house.diagnoses.make("shop.example", Scope.CONTACT, "site_down", account=ACCOUNT)
    house.diagnoses.finish(run.id, LOOP)
    page = house.browser("zed").get(f"/tickets/new?run={run.id}").text
    assert "The report of this address is not open to you" in page
    assert "The site redirects in a circle" not in page
    assert "not open to you" not in house.browser("zed").get("/tickets/new").text


def test_of_a_report_only_what_its_reader_may_see_goes_into_the_form(house):
    run, token = run_of(house.diagnoses, judged("web.redirect.loop"))
    whole = house.diagnoses.reports[run]
    bare = replace(whole.run, subject=subject("www.shop.example"))
    house.diagnoses.reports[run] = replace(whole, run=bare)
    page = house.browser("mara").get(f"/tickets/new?run={token}").text
    assert "<dd>www.shop.example</dd>" in page
    assert 'value="www.shop.example"' in page
    assert "<dd>shop.example</dd>" not in page


def test_the_page_says_who_answers_when_and_what_the_reader_may_order(house):
    _, token = run_of(house.diagnoses, judged("web.redirect.loop"))
    mara = house.browser("mara")
    page = mara.get(f"/tickets/new?run={token}").text
    assert f'href="/r/{token}"' in page
    assert "High" in page
    by_id = mara.get(f"/tickets/new?run={house.diagnoses.tokens[token]}").text
    assert "goes along with your request" not in by_id
    assert "The site redirects in a circle" in by_id
    vera = house.browser("vera").get("/tickets/new?category=web&service=shop.example").text
    assert "billing contact" in vera
    assert "A billing contact cannot order technical changes" in vera
    bill = house.browser("vera").get("/tickets/new?category=billing&service=shop.example").text
    assert "cannot order" not in bill
    assert "Guaranteed hours: Mon–Fri 08:00–16:30 (Europe/Prague)" in bill
    assert "“The invoice is wrong.”" in bill
    unnamed = house.browser("zed").get("/tickets/new?service=shop.example").text
    assert "does not belong to an account that names you" in unnamed
    assert "“It does not work.”" in unnamed
    assert "Still missing" not in unnamed
