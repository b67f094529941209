"""From a report to a ticket, to the agent's answer, to a check link and back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from db.tables.tickets import notes
from diagnostics.model import FindingStatus, Scope, Severity
from tests.desk_fixtures import ACCOUNT, FakeHosting, judged, run_of
from tickets.model import NoteKind, TicketState

FORM = {
    "filled": "1",
    "go": "send",
    "category": "web",
    "service": "shop.example",
    "text": "Visitors see an error since yesterday",
}


def days(n):
    return timedelta(days=n)


def test_the_form_knows_what_the_check_found(house):
    _, token = run_of(house.diagnoses, judged("web.redirect.loop", severity=Severity.CRITICAL))
    page_text = house.browser("mara").get(f"/tickets/new?run={token}").text
    assert "The site redirects in a circle" in page_text
    assert 'value="shop.example"' in page_text
    assert re.search(r'value="web" checked', page_text)
    assert "Outage" in page_text
    assert "Technical support" in page_text
    assert "16 Jan 2026, 12:00 UTC" in page_text  # 24 hours later
    assert "3 of 6" not in page_text
    assert "Still missing" in page_text
    assert "The complete error text" in page_text
    assert "owner contact" in page_text
    assert f'href="/r/{token}"' in page_text


def test_every_category_asks_for_its_own_facts(house):
    browser = house.browser()
    mail = browser.get("/tickets/new?category=mail").text
    assert "The full mailbox name" in mail
    assert "550 5.1.1" in mail
    billing = browser.post("/tickets/new", {"go": "look", "filled": "1", "category": "billing"})
    assert billing.status_code == 200
    assert "Number of the invoice" in billing.text
    assert "no time is promised" in billing.text
    assert "Mon–Fri 08:00–16:30" in billing.text


def test_what_was_typed_survives_the_sign_in(house):
    _, token = run_of(house.diagnoses, judged("web.redirect.loop"))
    browser = house.browser()
    text = "Since <yesterday> & “today”: háčky, שלום"
    sent = browser.post(
        "/tickets/new",
        {**FORM, "run": token, "text": text, "fact_url": "https://shop.example/a?b=1&c=2"},
    )
    assert sent.status_code == 303
    assert sent.location.startswith("/sign-in?next=%2Ftickets%2Fnew%3Fkept%3D")
    page = browser.get(sent.location).text
    assert "What you have typed is kept" in page
    target = re.search(r'name="next" value="([^"]+)"', page)[1]
    arrived = browser.post(
        "/sign-in",
        {"email": "mara@people.example", "password": "correct horse battery", "next": target},
    )
    back = browser.get(arrived.location).text
    assert "Since &lt;yesterday&gt; &amp; “today”: háčky, שלום" in back
    assert "https://shop.example/a?b=1&amp;c=2" in back
    assert f'name="run" value="{token}"' in back


def test_the_whole_joint(house):
    ticket_id = house.ticket_of("mara", judged("web.redirect.loop"), judged("quota.disk.full"))
    mara, ben = house.browser("mara"), house.browser("ben")
    seen = mara.get(f"/tickets/{ticket_id}?sent=1").text
    assert "Your request has number 1" in seen
    assert "Received, waiting its turn" in seen
    assert "The disk is full" in seen
    assert house.tickets.ticket(ticket_id).draft.account == ACCOUNT

    queue = ben.get("/desk").text
    assert "shop.example: The site redirects in a circle" in queue
    assert "owner contact" in queue
    assert "signed in" in queue
    desk = ben.get(f"/desk/tickets/{ticket_id}").text
    assert "Visitors see an error since yesterday" in desk
    assert "mara@people.example" in desk
    assert "The site redirects in a circle" in desk
    assert "Redirects as set" in desk
    assert "shop.example: 4 times since" in desk

    key = re.search(r'name="key" value="(\w+)"', desk)[1]
    for _ in range(2):  # a double click
        answer = ben.post(
            f"/desk/tickets/{ticket_id}/reply",
            {"text": "Please <try> now", "key": key, "go": "reply"},
        )
        assert answer.status_code == 303
    ben.post(
        f"/desk/tickets/{ticket_id}/reply", {"text": "She is in a hurry", "key": "n", "go": "note"}
    )
    house.run_jobs()
    seen = mara.get(f"/tickets/{ticket_id}").text
    assert seen.count("Please &lt;try&gt; now") == 1
    assert "Waiting for your answer" in seen
    assert "She is in a hurry" not in seen
    (letter,) = house.channel.letters
    assert letter.to == "mara@people.example"
    assert "Please <try> now" in letter.text
    assert f"http://portal.example/tickets/{ticket_id}" in letter.text

    sent = ben.post(
        f"/desk/tickets/{ticket_id}/invite",
        {"subject": "shop.example", "symptom": "site_down", "runs": "2", "message": "Once more"},
    )
    assert sent.status_code == 303, "loading the page again sends no second link"
    sent = ben.get(sent.location)
    link = re.search(r"http://127.0.0.1:8000(/invite/[\w-]+)", sent.text)[1]
    house.run_jobs()
    assert link.split("/")[-1] in house.channel.letters[1].text
    assert "22 Jan 2026, 13:00 CET" in house.channel.letters[1].text  # the site's clock
    assert link in mara.get(f"/tickets/{ticket_id}").text

    page_text = mara.get(link).text
    assert "Ben of Sunny Hosting asks you" in page_text
    assert "Once more" in page_text
    assert "because you are signed in as a contact" in page_text
    assert len(house.diagnoses.runs) == 1  # looking runs nothing
    refused = mara.post(link)
    assert refused.status_code == 422
    assert len(house.diagnoses.runs) == 1
    assert mara.post(link, {"consent": "1"}).location == "/r/token-2"
    run = house.diagnoses.runs["r2"]
    assert (run.scope, run.account, run.person) == (Scope.CONTACT, ACCOUNT, "mara")

    for _ in range(2):  # the engine may tell twice
        house.finished(
            "r2",
            judged("quota.disk.full"),
            judged("domain.registration.expired"),
            judged("web.redirect.ok", FindingStatus.PASS, Severity.INFO),
        )
    results = [n for n in house.tickets.thread(ticket_id, internal=True) if n.run == "r2"]
    assert len(results) == 1
    assert results[0].kind is NoteKind.INTERNAL
    assert "Run by Mara <mara@people.example>: owner contact, signed in." in results[0].text
    assert "Solved since the last report: The site redirects in a circle" in results[0].text
    assert "New since the last report: The domain has expired" in results[0].text
    assert "Still there: The disk is full" in results[0].text
    assert house.tickets.ticket(ticket_id).state is TicketState.OPEN
    assert "Solved since the last report" in ben.get(f"/desk/tickets/{ticket_id}").text
    seen = mara.get(f"/tickets/{ticket_id}").text
    assert "Solved since the last report" not in seen
    assert seen.count("Mara ran the check that we asked for.") == 1

    closing = ben.get(f"/desk/tickets/{ticket_id}").text
    key = re.search(r'name="key" value="(\w+c)"', closing)[1]
    assert (
        ben.post(f"/desk/tickets/{ticket_id}/close", {"outcome": "hope", "key": key}).status_code
        == 422
    )
    ben.post(f"/desk/tickets/{ticket_id}/close", {"outcome": "later", "key": key})
    assert "Solved after more than one contact" in mara.get(f"/tickets/{ticket_id}").text
    acts = [e.action for e in house.accounts.audited(f"ticket:{ticket_id}")]
    for act in ("ticket.replied", "ticket.noted", "invite.created", "invite.sent",
                "invite.result", "ticket.closed"):  # fmt: skip
        assert acts.count(act) == 1, act


def test_an_open_request_about_the_same_is_offered_first(house):
    first = house.ticket_of("mara")
    _, token = run_of(house.diagnoses, judged("web.redirect.loop"))
    tomas = house.browser("tomas")
    offered = tomas.get(f"/tickets/new?run={token}").text
    assert "You have an open request about this already" in offered
    again = tomas.post("/tickets/new", {**FORM, "run": token, "text": "Still the same"})
    assert again.status_code == 200
    assert f"/tickets/{first}" in again.text
    assert "Still the same" in again.text
    added = tomas.post(
        "/tickets/new", {**FORM, "go": "append", "run": token, "text": "Still the same"}
    )
    assert added.location == f"/tickets/{first}"
    assert "Still the same" in house.browser("mara").get(f"/tickets/{first}").text
    other = tomas.post("/tickets/new", {**FORM, "go": "new", "run": token, "text": "Another"})
    assert other.location.split("?")[0] != f"/tickets/{first}"


def test_sending_twice_is_one_ticket(house):
    mara = house.browser("mara")
    first = mara.post("/tickets/new", FORM)
    second = mara.post("/tickets/new", FORM)
    assert first.location == second.location
    house.run_jobs()
    assert len(house.tickets.queue(TicketState)) == 1


def test_the_same_words_after_the_end_open_it_again(house):
    ticket_id = house.ticket_of()
    house.browser("ben").post(f"/desk/tickets/{ticket_id}/close", {"outcome": "later", "key": "a"})
    mara = house.browser("mara")
    _, token = run_of(house.diagnoses, judged("web.redirect.loop"))
    for _ in range(2):
        again = mara.post("/tickets/new", {**FORM, "run": token})
        assert again.location.startswith(f"/tickets/{ticket_id}?")
    page_text = mara.get(f"/tickets/{ticket_id}").text
    assert "We are working on it" in page_text
    assert page_text.count("Visitors see an error since yesterday") == 2


def test_a_billing_contact_cannot_order_technical_changes(house):
    refused = house.browser("vera").post("/tickets/new", {**FORM, "work": "change"})
    assert refused.status_code == 422
    assert "A billing contact cannot order technical changes" in refused.text
    assert "Visitors see an error since yesterday" in refused.text
    assert house.tickets.queue(TicketState) == ()
    ordered = house.browser("tomas").post("/tickets/new", {**FORM, "work": "change", "backup": "1"})
    ticket_id = ordered.location.split("/")[-1].split("?")[0]
    page_text = house.browser("ben").get(f"/desk/tickets/{ticket_id}").text
    assert "You may change settings of this service" in page_text
    assert "Make a backup before any change" in page_text


def test_roles_read_what_is_theirs(house):
    technical = house.ticket_of("mara")
    bill = house.ticket_of("mara", category="billing", service="Invoice 2026-1", text="Wrong name")
    readers = {
        "mara": (200, 200), "tomas": (200, 404), "vera": (404, 200), "zed": (404, 404),
    }  # fmt: skip
    for name, expected in readers.items():
        browser = house.browser(name)
        statuses = tuple(browser.get(f"/tickets/{i}").status_code for i in (technical, bill))
        assert statuses == expected, name


def test_writing_on_opens_a_closed_request_and_double_clicks_do_not_double(house):
    ticket_id = house.ticket_of()
    ben, mara = house.browser("ben"), house.browser("mara")
    ben.post(f"/desk/tickets/{ticket_id}/close", {"outcome": "first_contact", "key": "abc"})
    page = mara.get(f"/tickets/{ticket_id}").text
    assert "Solved at first contact" in page
    key = re.search(r'name="key" value="(\w+)"', page)[1]
    for _ in range(2):
        mara.post(f"/tickets/{ticket_id}", {"text": "It is back", "key": key})
    house.run_jobs()
    page = mara.get(f"/tickets/{ticket_id}").text
    assert page.count("It is back") == 1
    assert "We are working on it" in page
    assert mara.post(f"/tickets/{ticket_id}", {"text": "  ", "key": "z"}).status_code == 422


def test_hand_over_is_told_to_the_customer(house):
    ticket_id = house.ticket_of()
    house.browser("ben").post(f"/desk/tickets/{ticket_id}/hand-over", {"key": "h1"})
    page_text = house.browser("mara").get(f"/tickets/{ticket_id}").text
    assert "Handed over to our technicians" in page_text
    assert "A technician takes over from here" in page_text


def test_an_agent_runs_a_check_and_the_result_lands(house):
    ticket_id = house.ticket_of()
    ben = house.browser("ben")
    assert (
        ben.post(
            f"/desk/tickets/{ticket_id}/check", {"subject": "not a domain", "symptom": "site_down"}
        ).status_code
        == 422
    )
    ben.post(
        f"/desk/tickets/{ticket_id}/check", {"subject": "shop.example", "symptom": "site_down"}
    )
    run = house.diagnoses.runs["r2"]
    assert (run.scope, run.account, run.person) == (Scope.STAFF, ACCOUNT, "ben")
    house.finished("r2", judged("web.redirect.loop", FindingStatus.UNKNOWN))
    note = house.tickets.thread(ticket_id, internal=True)[-1]
    assert "our support, signed in" in note.text
    assert "Could not be looked at this time: The site redirects in a circle" in note.text
    refused = ben.post(
        f"/desk/tickets/{ticket_id}/invite", {"subject": "<b>", "symptom": "site_down"}
    )
    assert refused.status_code == 422
    assert "We found no domain" in refused.text


def test_an_agents_own_check_leaves_the_customers_turn(house):
    """Only what the customer does ends the waiting for them."""
    ticket_id, ben = house.ticket_of(), house.browser("ben")
    ben.post(f"/desk/tickets/{ticket_id}/reply", {"text": "Which page?", "key": "k"})
    ben.post(
        f"/desk/tickets/{ticket_id}/check", {"subject": "shop.example", "symptom": "site_down"}
    )
    house.finished("r2", judged("web.redirect.loop"))
    assert house.tickets.ticket(ticket_id).state is TicketState.WAITING
    form = {"subject": "shop.example"}
    sent = ben.post(f"/desk/tickets/{ticket_id}/invite", form, follow_redirects=True)
    link = re.search(r"http://127.0.0.1:8000(/invite/[\w-]+)", sent.text)[1]
    ben.post(link, {"consent": "1"})  # the agent tries the link
    house.finished("r3", judged("web.redirect.loop"))
    assert house.tickets.ticket(ticket_id).state is TicketState.WAITING
    house.browser("mara").post(link, {"consent": "1"})
    house.finished("r4", judged("web.redirect.loop"))
    assert house.tickets.ticket(ticket_id).state is TicketState.OPEN


def test_the_clock_turns_and_the_customer_may_ask(house, clock):
    ticket_id = house.ticket_of(
        "mara", judged("web.redirect.loop", FindingStatus.WARN, Severity.WARNING)
    )
    assert house.tickets.ticket(ticket_id).priority == 2
    clock.advance(days(1) + days(1) / 24)
    assert "overdue" in house.browser("ben").get("/desk").text
    mara = house.browser("mara")
    assert "The time we promised has passed" in mara.get(f"/tickets/{ticket_id}").text
    mara.post(f"/tickets/{ticket_id}", {"text": "Any news?", "key": "k1"})
    assert house.tickets.ticket(ticket_id).priority == 1


def test_me_shows_what_mara_has(house):
    house.ticket_of()
    page_text = house.browser("mara").get("/me").text
    assert "1 February 2026" in page_text
    assert "in 17 days" in page_text
    assert "9.6 GB of 10 GB" in page_text
    assert "shop.example: 4 times since" in page_text
    assert "https://www.shop.example/" in page_text
    assert "vera@people.example" in page_text
    assert "15 Jan 2026, 11:40 UTC" in page_text  # the age of the snapshot
    assert "This browser" in page_text
    assert "The site redirects in a circle" in page_text
    zed = house.browser("zed").get("/me").text
    assert "Mara" not in zed
    assert "No hosting account is connected" in zed
    assert house.browser().get("/me").status_code == 303


class NoHosting(FakeHosting):
    """What is known of an account without a panel: nothing."""

    def facts_by_domain(self, account):
        return {}

    def services(self, account):
        return ()


def test_without_a_panel_nobody_is_told_to_look_again(house):
    pages = replace(house.app.view_functions["me.me"].__self__, hosting=NoHosting())
    house.app.view_functions["me.me"] = pages.me
    assert "Look again in a minute" in house.browser("mara").get("/me").text
    synced_before = list(house.synced)
    house.app.view_functions["me.me"] = replace(pages, has_panel=False).me
    page_text = house.browser("mara").get("/me").text
    assert "our support will gladly tell you" in page_text
    assert "Look again" not in page_text
    assert "No services are known yet" not in page_text
    assert "vera@people.example" in page_text
    assert house.synced == synced_before != []


def test_in_czech_names_of_departments_are_czech(house):
    page_text = house.browser().get("/tickets/new?category=web&lang=cs").text
    assert "Technická podpora" in page_text


def test_in_czech_an_untouched_form_has_no_errors(house):
    """gettext's own header stands under the empty text; it must never reach a page."""
    page_text = house.browser("mara").get("/tickets/new", headers={"Accept-Language": "cs"}).text
    assert "Napsat podpoře" in page_text
    assert "Project-Id-Version" not in page_text
    assert "field--error" not in page_text


def test_one_note_that_another_version_wrote_breaks_no_page(house):
    ticket_id = house.ticket_of("mara", judged("web.redirect.loop"))
    with house.db.write() as conn:
        conn.execute(update(notes).values(statement={"schema": 9, "whole_name": "Mara"}))
    desk = house.browser("ben").get(f"/desk/tickets/{ticket_id}")
    assert desk.status_code == 200
    assert "How the writer was known cannot be read by this version; it is kept." in desk.text
    mine = house.browser("mara").get(f"/tickets/{ticket_id}")
    assert mine.status_code == 200
    assert "Visitors see an error since yesterday" in mine.text
