"""Bounds between columns of one row: what an upgrade does with rows that break them, and what the
database refuses from then on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.contracts.test_database_upgrade import (
    AT,
    everything,
    put,
    refuses,
    run,
    upgraded_from,
    watch,
)

HOUR = timedelta(hours=1)


def subscriber(db, id, state, confirmed_at):
    put(db, "notify_subscribers", id=id, kind="email", address=f"{id}@x.example",
        owner=f"{id}@x.example", lang="en", token_hash=id, state=state, components="[]",
        groups="[]", maintenance=True, created_at=AT, confirmed_at=confirmed_at)  # fmt: skip


def rollup(db, probe, fastest, slowest, total):
    put(db, "status_rollups", probe=probe, span=300, at=AT, up=2, degraded=0, down=0, unknown=0,
        fastest_us=fastest, slowest_us=slowest, total_us=total)  # fmt: skip


def known_component(db, name, last_seen):
    row = {"component": name, '"group"': "Mail", "name": name}
    names = ", ".join((*row, "first_seen", "last_seen"))
    moments = {"first": AT, "last": last_seen}
    if db.is_sqlite:
        moments = {name: int(at.timestamp()) * 1_000_000 for name, at in moments.items()}
    with db.write() as conn:
        conn.execute(
            text(f"INSERT INTO status_known_components ({names}) VALUES (:a, :b, :c, :first, :last)"),
            dict(zip("abc", row.values(), strict=True)) | moments,
        )  # fmt: skip


def fill_badly(db):
    """Good rows, and beside each a bad one."""
    run(db, "r1", person=None, previous=None, invite=None)
    fresh = {"person": None, "run": None, "looks": 2, "judged": 2, "good": 1}
    watch(db, "w0", **fresh, until=AT + HOUR)
    watch(db, "w1", **fresh, slot="x.example m")
    watch(db, "w2", **fresh | {"good": 3})
    watch(db, "w3", **fresh, until=AT - HOUR)
    watch(db, "w4", **fresh, standing="well", slot="y.example m")
    for key, lease in (("held", AT), ("lost", None)):
        put(db, "jobs", kind="mail.send", key=key, payload="{}", state="running", run_after=AT,
            lease_until=lease)  # fmt: skip
    subscriber(db, "asked", "pending", None)
    subscriber(db, "agreed", "active", AT)
    subscriber(db, "unasked", "active", None)
    put(db, "status_heartbeats", probe="job", state="", message="")
    for number, state in ((1, "start"), (2, "up")):
        put(db, "status_heartbeat_signals", id=number, probe="job", at=AT, state=state, run="",
            message="", snippet="", is_open=True)  # fmt: skip
    known_component(db, "imap", AT + HOUR)
    known_component(db, "smtp", AT - HOUR)
    rollup(db, "good", 5, 9, 14)
    rollup(db, "crossed", 9, 5, 14)
    rollup(db, "short", 5, 9, 8)


REPAIRED = {
    ("diagnostics_watches", "w2"),
    ("diagnostics_watches", "w3"),
    ("diagnostics_watches", "w4"),
    ("notify_subscribers", "unasked"),
    ("status_heartbeat_signals", "2"),
    ("status_known_components", "smtp Mail"),
}


upgraded = upgraded_from("0022", fill_badly)


def test_what_breaks_a_bound_is_repaired_and_reported(upgraded):
    db, changed = upgraded
    rows = {(r.table_name, r.row_id) for r in changed}
    assert {r.action for r in changed} == {"repaired"}
    assert rows >= REPAIRED
    others = sorted((table, row.split()[0]) for table, row in rows - REPAIRED)
    assert [table for table, _ in others] == ["jobs", "status_rollups", "status_rollups"]
    assert {probe for _, probe in others[1:]} == {"crossed", "short"}
    assert everything(db, "jobs", "key, state") == [("held", "running"), ("lost", "waiting")]
    assert everything(db, "notify_subscribers", "id, state") == [
        ("agreed", "active"),
        ("asked", "pending"),
        ("unasked", "pending"),
    ]
    watches = everything(db, "diagnostics_watches", "id, good, slot, until >= created_at")
    assert [(row[:3], bool(row[3])) for row in watches] == [
        (("w0", 1, None), True),
        (("w1", 1, "x.example m"), True),
        (("w2", 2, None), True),
        (("w3", 1, None), True),
        (("w4", 1, None), True),
    ]
    assert everything(db, "status_rollups", "probe, fastest_us, slowest_us, total_us") == [
        ("crossed", 9, 9, 14),
        ("good", 5, 9, 14),
        ("short", 5, 9, 9),
    ]
    open_runs = everything(db, "status_heartbeat_signals", "id, is_open")
    assert [(number, bool(is_open)) for number, is_open in open_runs] == [(1, True), (2, False)]
    assert everything(db, "status_known_components", "component, last_seen >= first_seen")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE diagnostics_watches SET good = judged + 1",
        "UPDATE diagnostics_watches SET until = created_at, created_at = until WHERE id = 'w0'",
        "UPDATE diagnostics_watches SET state = 'well' WHERE id = 'w1'",
        "UPDATE jobs SET lease_until = NULL WHERE key = 'held'",
        "UPDATE notify_subscribers SET state = 'active' WHERE id = 'asked'",
        "UPDATE status_heartbeat_signals SET is_open = true WHERE id = 2",
        "UPDATE status_known_components SET first_seen = last_seen, last_seen = first_seen",
        "UPDATE status_rollups SET slowest_us = 4 WHERE probe = 'good'",
        "UPDATE status_rollups SET total_us = 8 WHERE probe = 'good'",
    ],
)
def test_from_then_on_the_database_refuses_it(upgraded, statement):
    db, _ = upgraded
    refuses(db, statement)
