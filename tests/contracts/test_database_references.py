"""References and bounds that came later: what an upgrade does with rows that break them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from db.migrate import upgrade
from status.probing.heartbeats.store import HeartbeatStore
from tests.contracts.test_database_upgrade import (
    AT,
    everything,
    person,
    put,
    refuses,
    run,
    ticket,
    upgraded_from,
    watch,
)
from tests.contracts.test_database_upgrade import previous as previous  # noqa: PLC0414

HOUR = timedelta(hours=1)


def note(db, key, run=""):
    put(db, "tickets_notes", ticket="t1", key=key, kind="reply", author="ben", text="x", at=AT,
        run=run)  # fmt: skip


def work(db, id, ends_at):
    put(db, "status_maintenances", id=id, title="{}", text="{}", starts_at=AT, ends_at=ends_at,
        components="[]", created_at=AT, cancelled=False, sequence=0)  # fmt: skip


def news(db, id, ends_at):
    put(db, "status_announcements", id=id, title="{}", text="{}", starts_at=AT, ends_at=ends_at)


def job(db, key, state, finished_at):
    put(db, "jobs", kind="mail.send", key=key, payload="{}", state=state, run_after=AT,
        finished_at=finished_at)  # fmt: skip


def fill_badly(db):
    """Good rows, and beside each a bad one."""
    upgrade(db, "0012")
    person(db)
    run(db, "r1", person=None, previous=None)
    ticket(db, 1)
    ticket(db, 2, state="closed")
    put(db, "tickets_invites", id="v1", token_hash="v1", ticket="t1", subject="x", symptom="",
        created_by="ben", created_at=AT, expires_at=AT + HOUR, runs_left=1, message="")  # fmt: skip
    put(db, "tickets_claims", id="c1", invite="v1", at=AT, statement="{}")
    run(db, "r2", person=None, previous=None, invite="c1")
    run(db, "r3", person=None, previous=None, invite="forgotten")
    for key, of in (("a", ""), ("b", "r1"), ("c", "forgotten")):
        note(db, key, of)
    watch(db, "w1", run=None)
    watch(db, "w2", run=None, person="mara")
    watch(db, "w3", run=None, person="gone")
    put(db, "status_vantages", name="praha", token="x", made_at=AT)
    for vantage in ("praha", "gone"):
        put(db, "status_pushes", at=AT, vantage=vantage, observations="[]")
    for of in ("r1", "gone"):
        put(db, "diagnostics_sealed", run=of, engine="e", box="c2VjcmV0", visitor="", expires_at=AT)
    work(db, "m1", AT + HOUR)
    work(db, "m2", AT)
    news(db, "n1", None)
    news(db, "n2", AT - HOUR)
    job(db, "done", "done", AT)
    job(db, "never", "failed", None)
    for key, refused in (("k1", ""), ("k2", "recipient"), ("k3", "whatever")):
        put(db, "notify_sent", key=key, channel="smtp", at=AT, refused=refused, reply="")
    put(db, "web_buckets", key="b", tokens=-0.5, at=AT)


def fill_with_news(db):
    fill_badly(db)
    news(db, "n3", AT + HOUR)


upgraded = upgraded_from("0010", fill_with_news)


def test_what_does_not_fit_is_repaired_or_set_aside_and_reported(upgraded):
    db, changed = upgraded
    rows_by_id = {(r.table_name, r.row_id): r for r in changed}
    assert {key: r.action for key, r in rows_by_id.items()} == {
        ("diagnostics_watches", "w3"): "repaired",
        ("jobs", "2"): "repaired",
        ("notify_sent", "k3"): "repaired",
        ("status_announcements", "n2"): "repaired",
        ("status_maintenances", "m2"): "repaired",
        ("status_pushes", "2"): "set_aside",
        ("tickets_tickets", "2"): "repaired",
        ("web_buckets", "b"): "repaired",
    }
    assert "c2VjcmV0" not in repr(rows_by_id), "no sealed password is copied"
    assert everything(db, "diagnostics_sealed", "run") == [("r1",)]


def test_every_reference_is_kept_or_empty_afterwards(upgraded):
    db, _ = upgraded
    assert everything(db, "tickets_notes", "key, run") == [
        ("a", None), ("b", "r1"), ("c", None),
    ]  # fmt: skip
    runs = everything(db, "diagnostics_runs", "id, invite")
    assert runs == [("r1", None), ("r2", "c1"), ("r3", None)]
    watches = everything(db, "diagnostics_watches", "id, person")
    assert watches == [("w1", None), ("w2", "mara"), ("w3", None)]
    assert everything(db, "status_pushes", "vantage") == [("praha",)]
    assert everything(db, "tickets_tickets", "number, state") == [(1, "open"), (2, "closed")]
    spans = "id, starts_at < ends_at"
    assert [bool(row[1]) for row in everything(db, "status_maintenances", spans)] == [1, 1]


BAD = [
    "UPDATE tickets_notes SET run = 'gone'",
    "UPDATE diagnostics_runs SET invite = 'gone'",
    "UPDATE diagnostics_watches SET person = 'gone'",
    "UPDATE status_pushes SET vantage = 'gone'",
    "UPDATE diagnostics_sealed SET run = 'gone'",
    "UPDATE jobs SET finished_at = NULL",
    "UPDATE notify_sent SET refused = 'whatever'",
    "UPDATE status_announcements SET ends_at = starts_at, starts_at = ends_at WHERE id = 'n3'",
    "UPDATE status_maintenances SET ends_at = starts_at",
    "UPDATE tickets_tickets SET closed_at = NULL",
    "UPDATE web_buckets SET tokens = -1",
]


@pytest.mark.parametrize("statement", BAD)
def test_from_then_on_the_database_refuses_them(upgraded, statement):
    db, _ = upgraded
    refuses(db, statement)


def test_what_is_forgotten_takes_along_only_what_is_its_own(previous):
    fill_badly(previous)
    upgrade(previous)
    with previous.write() as conn:
        conn.execute(text("DELETE FROM tickets_claims"))
        conn.execute(text("DELETE FROM diagnostics_watches WHERE id <> 'w2'"))
        conn.execute(text("DELETE FROM diagnostics_runs WHERE id = 'r2'"))
        conn.execute(text("DELETE FROM accounts_people"))
        conn.execute(text("DELETE FROM status_vantages"))
    assert everything(previous, "diagnostics_runs", "id, invite") == [("r1", None), ("r3", None)]
    assert everything(previous, "diagnostics_watches", "id") == [], "nobody is left to be told"
    assert everything(previous, "status_pushes", "id") == []
    with previous.write() as conn:
        conn.execute(text("DELETE FROM diagnostics_runs"))
    assert everything(previous, "tickets_notes", "run") == [(None,)] * 3, "the words stay"
    assert everything(previous, "diagnostics_sealed", "run") == []


def test_a_run_that_was_going_on_is_still_known(previous, clock):
    upgrade(previous, "0014")
    for probe, began in (("nightly", AT), ("hourly", None)):
        put(previous, "status_heartbeats", probe=probe, state="up", message="", at=AT,
            started_at=began)  # fmt: skip
    upgrade(previous)
    pushed = HeartbeatStore(previous, clock).pushed()
    assert {name: signal.running for name, signal in pushed.items()} == {
        "nightly": (AT,),
        "hourly": (),
    }
