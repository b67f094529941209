"""Strangers flood the self-check: who is served all the same."""

from __future__ import annotations

from datetime import timedelta

from accounts.model import NOBODY
from jobs.database_queue import DatabaseSender
from subject import parse_subject
from tests.diagnostics_rooms import DOMAIN
from tickets.invites.store import InviteStore
from tickets.model import AuthenticationSnapshot, Draft
from tickets.store import TicketStore
from wizard.runs.limits import REQUESTER_RATE, TARGET_RATE, Lane, RunRequester


def test_thirteen_addresses_shut_the_self_check_for_nobody(rooms) -> None:
    client = rooms.house.app.test_client()
    for n in range(13 * 20):
        zed = {"environ_base": {"REMOTE_ADDR": f"203.0.{n % 13}.7"}}
        client.post("/api/diagnoses", json={"target": f"shop{n}.example"}, **zed)
    form = {"target": DOMAIN, "symptom": "site_down"}
    for name in ("mara", "ben", "zed", ""):
        honest = {"environ_base": {"REMOTE_ADDR": f"198.51.{len(name)}.{ord((name or 'x')[0])}"}}
        assert rooms.browser(name).post("/check", form, **honest).status_code == 303, name
    lanes = [run.lane for run in rooms.store.live()]
    assert lanes.count(Lane.KNOWN) == 2


def test_what_strangers_of_her_network_use_up_is_not_maras(rooms) -> None:
    zed, mara = rooms.browser(), rooms.browser("mara")
    for n in range(25):
        zed.post("/check", {"target": f"shop{n}.example", "symptom": "site_down"})
    rooms.begin(mara)


def test_whoever_comes_by_a_check_link_is_not_counted_with_strangers(rooms) -> None:
    """Neither with those who look at the domain nor with those of the same address."""
    zed = "198.51.100.5"
    for n in range(TARGET_RATE.count):
        _start_and_finish(rooms, DOMAIN, f"203.0.{n}.1")
    for n in range(REQUESTER_RATE.count):
        _start_and_finish(rooms, f"shop{n}.example", zed)
    claim = _claim_of_link(rooms)
    assert _start_and_finish(rooms, DOMAIN, zed, invite=claim).invite == claim


def _claim_of_link(rooms):
    db, clock = rooms.store.db, rooms.store.clock
    mara = AuthenticationSnapshot("Mara", "mara@shop.example", "owner", "password", 2, None)
    draft = Draft(
        "f1", "mara", "A1", DOMAIN, "web", "web", "high", "Subject", "It fails", mara, "cs"
    )
    tickets = TicketStore(db, clock, DatabaseSender())
    ticket, _ = tickets.submit(draft, priority=1, answer_by=None)
    invites = InviteStore(db, clock, b"k" * 32)
    day = timedelta(days=1)
    invite, _ = invites.create(ticket.id, DOMAIN, "site_down", by="ben", valid=day, runs=1)
    return invites.claim(invite, mara).id


def _start_and_finish(rooms, domain, address, invite=""):
    requester = RunRequester(NOBODY, address)
    run, _ = rooms.parts.start.run(parse_subject(domain), "site_down", requester, invite=invite)
    rooms.store.claim(run.id)
    rooms.store.finish(run.id)
    return run
