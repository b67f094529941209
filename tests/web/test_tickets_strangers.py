"""What strangers, links and hostile text cannot do to tickets."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from diagnostics.model import Scope
from tests.desk_fixtures import ACCOUNT, judged, run_of
from tickets.model import TicketOutcome

FORM = {
    "filled": "1",
    "go": "send",
    "category": "web",
    "service": "shop.example",
    "text": "Visitors see an error since yesterday",
}


def test_a_stranger_with_the_link_gets_the_public_look_only(house):
    ticket_id = house.ticket_of()
    _, token = house.work.invite(
        house.tickets.ticket(ticket_id), house.cast.ben, subject="shop.example", symptom="site_down",
        valid=days(7), runs=5, message="",
    )  # fmt: skip
    house.hosting.calls.clear()
    for name in ("", "zed"):
        browser = house.browser(name)
        page_text = browser.get(f"/invite/{token}").text
        assert "Nothing. Sign in as a contact of the account" in page_text
        assert browser.post(f"/invite/{token}", {"consent": "1"}).status_code == 303
        run = list(house.diagnoses.runs.values())[-1]
        assert (run.scope, run.account) == (Scope.PUBLIC, "")
        house.finished(run.id, judged("web.redirect.loop"))
    assert house.hosting.calls == []
    texts = [
        n.text for n in house.tickets.thread(ticket_id, internal=True) if n.key.startswith("result")
    ]
    assert "Run by somebody who held the link and was not signed in." in texts[0]
    assert "not a contact of the account, signed in" in texts[1]
    assert house.invites.invites_of(ticket_id)[0].runs_left == 3
    # staff who click it do not widen it either
    ben = house.browser("ben")
    ben.post(f"/invite/{token}", {"consent": "1"})
    assert list(house.diagnoses.runs.values())[-1].scope is Scope.PUBLIC


def days(n):
    return timedelta(days=n)


def test_a_link_is_counted_even_under_parallel_posts(house):
    ticket_id = house.ticket_of()
    _, token = house.work.invite(
        house.tickets.ticket(ticket_id), house.cast.ben, subject="shop.example", symptom="site_down",
        valid=days(7), runs=3, message="",
    )  # fmt: skip
    codes, browsers = [], [house.browser() for _ in range(8)]
    for browser in browsers:
        browser.get(f"/invite/{token}")

    def press(browser):
        codes.append(browser.post(f"/invite/{token}", {"consent": "1"}).status_code)

    threads = [threading.Thread(target=press, args=(b,)) for b in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303] * 3 + [410] * 5
    assert len(house.diagnoses.runs) == 1 + 3


def test_a_link_dies_of_age_and_wrong_ones_never_lived(house, clock):
    ticket_id = house.ticket_of()
    _, token = house.work.invite(
        house.tickets.ticket(ticket_id), house.cast.ben, subject="shop.example", symptom="site_down",
        valid=days(2), runs=3, message="",
    )  # fmt: skip
    browser = house.browser()
    assert browser.get(f"/invite/{token}").status_code == 200
    clock.advance(days(2))
    for answer in (
        browser.get(f"/invite/{token}"), browser.post(f"/invite/{token}", {"consent": "1"})
    ):  # fmt: skip
        assert answer.status_code == 410
        assert "This check link has ended" in answer.text
        assert ticket_id not in answer.text
    assert ticket_id not in house.browser("zed").get(f"/invite/{token}").text
    for reader in ("mara", "ben"):
        assert f'href="/tickets/{ticket_id}"' in house.browser(reader).get(f"/invite/{token}").text
    for wrong in ("x", "x" * 5000, "%00", "..%2F", "é"):
        assert browser.get(f"/invite/{wrong}").status_code in (400, 404)


def test_a_link_ends_with_its_ticket_and_lives_again_with_it(house):
    ticket_id = house.ticket_of()
    ticket = house.tickets.ticket(ticket_id)
    _, token = house.work.invite(
        ticket, house.cast.ben, subject="shop.example", symptom="site_down",
        valid=days(2), runs=3, message="",
    )  # fmt: skip
    house.work.close(ticket, house.cast.ben, TicketOutcome.LATER, "k")
    mara = house.browser("mara")
    for answer in (mara.get(f"/invite/{token}"), mara.post(f"/invite/{token}", {"consent": "1"})):
        assert answer.status_code == 410
        assert f'href="/tickets/{ticket_id}"' in answer.text
    assert len(house.diagnoses.runs) == 1
    mara.post(f"/tickets/{ticket_id}", {"text": "It is back", "key": "again"})
    assert mara.get(f"/invite/{token}").status_code == 200


def test_an_agent_never_speaks_as_the_customer(house):
    ticket_id, ben = house.ticket_of(), house.browser("ben")
    house.work.close(house.tickets.ticket(ticket_id), house.cast.ben, TicketOutcome.LATER, "k")
    before = house.tickets.ticket(ticket_id)
    page = ben.get(f"/tickets/{ticket_id}")
    assert (page.status_code, page.location) == (303, f"/desk/tickets/{ticket_id}")
    form = {"text": "Restarted it", "key": "k"}
    assert ben.post(f"/tickets/{ticket_id}", form).status_code == 403
    assert house.tickets.ticket(ticket_id) == before
    assert house.browser("mara").post(f"/tickets/{ticket_id}", form).status_code == 303
    assert house.tickets.ticket(ticket_id).open


def test_zed_sees_nothing_and_asks_the_panel_nothing(house):
    ticket_id = house.ticket_of()
    secret, _ = run_of(
        house.diagnoses, judged("quota.disk.full"), scope=Scope.CONTACT, account=ACCOUNT,
        person="mara",
    )  # fmt: skip
    house.hosting.calls.clear()
    for name in ("", "zed"):
        zed = house.browser(name)
        expected = 404 if name else (303, 401)
        for path in (f"/tickets/{ticket_id}", "/desk/runs/r1"):
            code = zed.get(path).status_code
            assert code in ((404, 403) if name else expected), path
        code = zed.post(f"/tickets/{ticket_id}", {"text": "let me in", "key": "k"}).status_code
        assert code in (401, 404)
        for path in ("/desk", f"/desk/tickets/{ticket_id}"):
            assert zed.get(path).status_code in ((403,) if name else (303,))
        for act in ("reply", "invite", "check", "close", "hand-over"):
            code = zed.post(f"/desk/tickets/{ticket_id}/{act}", {"text": "x", "subject": "shop.example",
                            "outcome": "later", "key": "k"}).status_code  # fmt: skip
            assert code in (401, 403)
        form = zed.get(f"/tickets/new?run={secret}").text
        assert "The disk is full" not in form
        assert "not open to you" in form
    listed = house.browser("zed").get("/tickets").text
    assert "shop.example" not in listed
    assert house.hosting.calls == []
    assert len(house.tickets.thread(ticket_id, internal=True)) == 1


def test_the_address_of_a_public_report_is_not_enough_to_attach_it(house):
    _, token = run_of(house.diagnoses, judged("quota.disk.full"))
    zed = house.browser("zed")
    zed.client.set_cookie("asker", "another browser")
    assert "not open to you" in zed.get(f"/tickets/new?run={token}").text
    sent = zed.post("/tickets/new", {**FORM, "run": token})
    ticket = house.tickets.ticket(sent.location.split("/")[-1].split("?")[0])
    assert (ticket.draft.run, ticket.draft.findings) == ("", ())


def test_a_report_with_facts_from_an_account_is_attached_by_its_contacts_only(house):
    _, token = run_of(
        house.diagnoses, judged("quota.disk.full"), scope=Scope.CONTACT, account=ACCOUNT,
        person="mara",
    )  # fmt: skip
    assert "The disk is full" in house.browser("tomas").get(f"/tickets/new?run={token}").text
    sent = house.browser("zed").post("/tickets/new", {**FORM, "run": token})
    ticket_id = sent.location.split("/")[-1].split("?")[0]
    ticket = house.tickets.ticket(ticket_id)
    assert ticket.draft.run == ""
    assert ticket.draft.findings == ()
    assert ticket.draft.statement.role == "stranger"
    page_text = house.browser("ben").get(f"/desk/tickets/{ticket_id}").text
    assert "not a contact of the account" in page_text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "\u202eegassem\u202c and \x07\x1b[2J bells",
        "{{ 7*7 }} {name} %(x)s",
        "🧨" * 5000,
        "a\r\nBcc: everybody@people.example",
    ],
)
def test_hostile_text_stays_text_everywhere(house, text):
    ticket_id = house.ticket_of(
        "mara", text=text, service=text[:200], fact_url=text[:4000], fact_error=text[:4000]
    )
    for name, path in (("mara", f"/tickets/{ticket_id}"), ("ben", f"/desk/tickets/{ticket_id}"),
                       ("ben", "/desk"), ("mara", "/tickets"), ("mara", "/me")):  # fmt: skip
        page = house.browser(name).get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "\u202e" not in page.text
        assert "\x1b" not in page.text
        assert " 49 " not in page.text
    assert house.tickets.ticket(ticket_id).draft.text


def test_too_much_text_is_told_and_not_cut_in_silence(house):
    mara = house.browser("mara")
    refused = mara.post("/tickets/new", {**FORM, "text": "x" * 30_000})
    assert refused.status_code == 422
    assert "longer than we can take" in refused.text
    refused = mara.post("/tickets/new", {**FORM, "fact_error": "x" * 30_000})
    assert refused.status_code == 422
    assert mara.post("/tickets/new", {**FORM, "text": "x" * 2_000_000}).status_code == 413
    assert mara.post("/tickets/new", {**FORM, "text": " \r\n\0 "}).status_code in (400, 422)
    for bad in ({"category": "nonsense"}, {"account": "B999"}, {"run": "r1' OR 1=1"},
                {"work": "destroy"}):  # fmt: skip
        sent = mara.post("/tickets/new", {**FORM, "go": "new", **bad, "text": str(bad)})
        assert sent.status_code == 303, bad
    unknown = mara.post(
        "/tickets/new",
        {**FORM, "go": "new", "kept": "x" * 9999, "text": "Mine"},
        headers={"Origin": "http://localhost"},
    )
    assert unknown.status_code == 404
    assert '<p class="typed" dir="auto">Mine</p>' in unknown.text


def test_without_a_database_account_pages_rest_and_say_so(house, sqlite_url):
    mara = house.browser("mara")
    mara.get("/me")
    path = sqlite_url.removeprefix("sqlite:///")
    Path(path).rename(path + ".away")
    for page in ("/me", "/tickets", "/desk", "/tickets/x"):
        answer = mara.get(page)
        assert answer.status_code == 503, page
        assert "The status page keeps working" in answer.text
        assert answer.headers["Retry-After"]
    assert house.browser().get("/me").status_code == 303  # nobody needs no database to be asked
    assert mara.get("/sign-in").status_code == 200
    tried = mara.post("/sign-in", {"email": "mara@people.example", "password": "x" * 12})
    assert tried.status_code == 503
    Path(path + ".away").rename(path)
    assert mara.get("/me").status_code == 200
