"""Rate limits are refunded when a request failed on our side: only what was stored counts."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from tests.diagnostics_rooms import DOMAIN
from wizard.mailbox_test.store import SealedCredentials
from wizard.runs.limits import REQUESTER_RATE

CHECK = {"target": DOMAIN, "symptom": "site_down"}
TICKET = {
    "filled": "1",
    "category": "web",
    "service": "shop.example",
    "text": "An error",
    "go": "new",
}


@contextmanager
def broken(db, table):
    """While this table cannot be written to."""
    with db.write() as conn:
        conn.exec_driver_sql(f"ALTER TABLE {table} RENAME TO moved_away")
    yield
    with db.write() as conn:
        conn.exec_driver_sql(f"ALTER TABLE moved_away RENAME TO {table}")


def tried_in_vain(db, table, post, times=40):
    """Post while it cannot be stored, more often than allowed; then the answer once it can."""
    with broken(db, table):
        codes = {post().status_code for _ in range(times)}
    assert all(code >= 500 for code in codes), codes
    return post()


def test_a_check(rooms):
    browser = rooms.browser()
    post = lambda: browser.post("/check", CHECK)  # noqa: E731
    assert tried_in_vain(rooms.store.db, "jobs", post).status_code == 303
    codes = []
    for _ in range(REQUESTER_RATE.count):
        answer = post()
        codes.append(answer.status_code)
        if answer.status_code == 303:
            rooms.finish(answer.location)  # of a domain strangers have few checks at once
    assert codes[-1] == 429, "what was stored counts"


def test_a_mailbox_test(rooms):
    SealedCredentials(rooms.store.db, rooms.store.clock, "engine-1").renew()
    mara = rooms.browser("mara")
    report_path = rooms.begin(mara, f"mara@{DOMAIN}", "mailbox_sign_in")
    rooms.finish(report_path)
    form = {"mailbox": f"mara@{DOMAIN}", "password": "x" * 9}
    again = tried_in_vain(rooms.store.db, "jobs", lambda: mara.post(f"{report_path}/mailbox", form))
    assert again.status_code == 303


@pytest.mark.parametrize("text", ["First words", "More words"])
def test_a_request_and_more_words(house, text):
    ticket = house.ticket_of()
    mara = house.browser("mara")
    path = "/tickets/new" if text.startswith("First") else f"/tickets/{ticket}"
    form = {**TICKET, "text": text, "key": "k1"}
    again = tried_in_vain(house.db, "tickets_notes", lambda: mara.post(path, form))
    assert again.status_code == 303
    assert text in mara.get(again.location).text


def test_a_request_written_down_before_signing_in(house):
    zed = house.browser()
    again = tried_in_vain(house.db, "tickets_drafts", lambda: zed.post("/tickets/new", TICKET))
    assert again.location.startswith("/sign-in?next=")


def test_a_check_link_is_used_up_only_by_a_run(house):
    ticket, ben = house.ticket_of(), house.browser("ben")
    form = {"subject": "shop.example", "symptom": "site_down", "runs": "1"}
    ben.post(f"/desk/tickets/{ticket}/invite", form)
    (invite,) = house.invites.invites_of(ticket)
    zed, link = house.browser(), f"/invite/{house.invites.token(invite.id)}"
    post = lambda: zed.post(link, {"consent": "1"})  # noqa: E731
    assert tried_in_vain(house.db, "diagnostics_runs", post).status_code == 303
    assert post().status_code == 410, "its one run is used up"
