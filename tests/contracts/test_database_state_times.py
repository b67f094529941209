"""Each state has the time it needs: what an upgrade does with rows that lack it, and what the database
refuses from then on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contracts.test_database_upgrade import (
    AT,
    everything,
    incident,
    put,
    refuses,
    run,
    ticket,
    upgraded_from,
    watch,
)

HOUR = timedelta(hours=1)
NOBODY = {"person": None, "previous": None, "invite": None}
OPEN = {"state": "monitoring", "resolved_at": None}


def word(db, of, at):
    put(db, "status_updates", id=f"u-{of}", incident=of, state="resolved", at=at, text="{}",
        components="{}")  # fmt: skip


def work(db, id, **changes):
    row = {"id": id, "title": "{}", "text": "{}", "starts_at": AT, "ends_at": AT + HOUR,
           "components": "[]", "created_at": AT - HOUR, "cancelled": True, "sequence": 0}  # fmt: skip
    put(db, "status_maintenances", **(row | changes))


def subscriber(db, id, **changes):
    row = {"id": id, "kind": "webhook", "address": f"https://{id}.example/", "owner": f"{id}@x.example",
           "lang": "en", "token_hash": id, "state": "active", "components": "[]", "groups": "[]",
           "maintenance": True, "created_at": AT, "confirmed_at": AT}  # fmt: skip
    put(db, "notify_subscribers", **(row | changes))


def fill_badly(db):
    """A good row for each state, and beside it those that lack their time or have another's."""
    incident(db, "i-over")
    incident(db, "i-open", **OPEN)
    incident(db, "i-drafted", **OPEN | {"draft": True, "discarded": True})
    incident(db, "i-endless", resolved_at=None)
    word(db, "i-endless", AT + HOUR)
    incident(db, "i-wordless", resolved_at=None)
    incident(db, "i-ended", state="monitoring")
    incident(db, "i-caused", cause="probes:web")
    incident(db, "i-shown", **OPEN | {"discarded": True})
    run(db, "r-done", **NOBODY)
    run(db, "r-endless", **NOBODY | {"finished_at": None, "started_at": AT + HOUR})
    run(db, "r-begun", **NOBODY | {"state": "running", "finished_at": None})
    run(db, "r-ended", **NOBODY | {"state": "queued"})
    fresh = {"first": "r-done", "person": None, "run": None, "until": AT + HOUR}
    watch(db, "w-live", **fresh, next_at=AT)
    watch(db, "w-over", **fresh, standing="well", ended_at=AT)
    watch(db, "w-endless", **fresh, standing="gave_up", next_at=AT)
    watch(db, "w-ended", **fresh, ended_at=AT)
    for key, state in (("j-done", "done"), ("j-waits", "waiting")):
        put(db, "jobs", kind="mail.send", key=key, payload="{}", state=state, run_after=AT,
            finished_at=AT)  # fmt: skip
    subscriber(db, "s-well")
    subscriber(db, "s-failing", failures=3)
    subscriber(db, "s-off", state="disabled", failures=9, failed_at=AT + HOUR)
    for probe, values in {
        "h-new": {"state": ""},
        "h-well": {"state": "up", "at": AT, "good_at": AT, "token": "a", "made_at": AT},
        "h-never": {"state": "down"},
        "h-once": {"state": "up", "at": AT},
        "h-old": {"state": "down", "at": AT, "token": "b"},
        "h-unborn": {"state": "", "token": "c"},
    }.items():
        put(db, "status_heartbeats", probe=probe, message="", **values)
    put(db, "tickets_kept", token_hash="k", form="{}", expires_at=AT)
    work(db, "m-off", changed_at=AT)
    work(db, "m-vanished")
    ticket(db, 1, person=None, state="closed", closed_at=AT, outcome="later")
    ticket(db, 2, person=None, state="waiting", closed_at=AT)
    ticket(db, 3, person=None, state="open", outcome="later")


REPAIRED = {
    ("diagnostics_runs", "r-begun"),
    ("diagnostics_runs", "r-endless"),
    ("diagnostics_runs", "r-ended"),
    ("diagnostics_watches", "w-endless"),
    ("diagnostics_watches", "w-ended"),
    ("notify_subscribers", "s-failing"),
    ("status_heartbeats", "h-never"),
    ("status_heartbeats", "h-old"),
    ("status_heartbeats", "h-once"),
    ("status_heartbeats", "h-unborn"),
    ("status_incidents", "i-caused"),
    ("status_incidents", "i-ended"),
    ("status_incidents", "i-endless"),
    ("status_incidents", "i-shown"),
    ("status_incidents", "i-wordless"),
    ("status_maintenances", "m-vanished"),
    ("tickets_tickets", "2"),
    ("tickets_tickets", "3"),
}


upgraded = upgraded_from("0023", fill_badly)


def hours(db, column, table, key="id"):
    """Hours after AT by key, None where there is no time."""
    return {
        name: None if at is None else (float(at) - AT.timestamp()) / 3600
        for name, at in everything(db, table, f"{key}, {_seconds(db, column)}")
    }


def _seconds(db, column):
    return f"{column} / 1000000.0" if db.is_sqlite else f"extract(epoch FROM {column})"


def test_what_lacks_its_time_is_repaired_and_reported(upgraded):
    _, changed = upgraded
    assert {r.action for r in changed} == {"repaired"}
    rows = {(r.table_name, r.row_id) for r in changed}
    assert rows >= REPAIRED
    assert [table for table, _ in rows - REPAIRED] == ["jobs"]
    reasons = {r.row_id: r.reason for r in changed}
    assert reasons["m-vanished"] == "NOT cancelled OR changed_at IS NOT NULL does not hold"


def test_what_is_over_has_its_end_and_what_goes_on_has_none(upgraded):
    db, _ = upgraded
    assert hours(db, "resolved_at", "status_incidents") == {
        "i-caused": 0, "i-drafted": None, "i-ended": None, "i-endless": 1, "i-open": None,
        "i-over": 0, "i-shown": None, "i-wordless": 0,
    }  # fmt: skip
    ends = {"r-done": 0, "r-endless": 1, "r-begun": None, "r-ended": None}
    assert hours(db, "finished_at", "diagnostics_runs") == ends
    assert hours(db, "started_at", "diagnostics_runs")["r-begun"] == 0
    ends = {"w-ended": None, "w-endless": 1, "w-live": None, "w-over": 0}
    assert hours(db, "ended_at", "diagnostics_watches") == ends
    looks = {"w-ended": None, "w-endless": None, "w-live": 0, "w-over": None}
    assert hours(db, "next_at", "diagnostics_watches") == looks
    assert hours(db, "finished_at", "jobs", '"key"') == {"j-done": 0, "j-waits": None}
    assert everything(db, "tickets_tickets", "number, outcome, closed_at IS NULL") == [
        (1, "later", False),
        (2, "", True),
        (3, "", True),
    ]


def test_drafts_of_tickets_are_there_under_their_new_name(upgraded):
    db, _ = upgraded
    assert everything(db, "tickets_drafts", "token_hash, form") == [("k", "{}")]


def test_what_was_put_away_is_seen_by_nobody_and_a_cause_is_free_again(upgraded):
    db, _ = upgraded
    drafts = {name for name, draft in everything(db, "status_incidents", "id, draft") if draft}
    assert drafts == {"i-drafted", "i-shown"}
    assert everything(db, "status_incidents", "max(cause)") == [(None,)]


def test_signals_and_subscribers_have_the_time_of_what_happened(upgraded):
    db, _ = upgraded
    states = dict(everything(db, "status_heartbeats", "probe, state"))
    assert states == {"h-new": "", "h-well": "up", "h-never": "", "h-once": "up", "h-old": "down",
                      "h-unborn": ""}  # fmt: skip
    good = hours(db, "good_at", "status_heartbeats", "probe")
    assert (good["h-once"], good["h-old"]) == (0, None)
    token_ages = hours(db, "made_at", "status_heartbeats", "probe")
    assert (token_ages["h-old"], token_ages["h-new"]) == (0, None)
    assert token_ages["h-unborn"] > 1, "as of the upgrade"
    failed = hours(db, "failed_at", "notify_subscribers")
    assert failed == {"s-well": None, "s-failing": 0, "s-off": 1}
    assert hours(db, "changed_at", "status_maintenances") == {"m-off": 0, "m-vanished": -1}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE diagnostics_runs SET finished_at = NULL WHERE id = 'r-done'",
        "UPDATE diagnostics_runs SET finished_at = created_at WHERE id = 'r-begun'",
        "UPDATE diagnostics_runs SET started_at = NULL WHERE id = 'r-begun'",
        "UPDATE diagnostics_watches SET ended_at = NULL WHERE id = 'w-over'",
        "UPDATE diagnostics_watches SET ended_at = until WHERE id = 'w-live'",
        "UPDATE diagnostics_watches SET next_at = until WHERE id = 'w-over'",
        "UPDATE jobs SET finished_at = run_after WHERE key = 'j-waits'",
        "UPDATE notify_subscribers SET failures = 1 WHERE id = 's-well'",
        "UPDATE notify_subscribers SET state = 'disabled' WHERE id = 's-well'",
        "UPDATE status_heartbeats SET state = 'down' WHERE probe = 'h-new'",
        "UPDATE status_heartbeats SET state = 'up' WHERE probe = 'h-old'",
        "UPDATE status_heartbeats SET token = 'd' WHERE probe = 'h-new'",
        "UPDATE status_incidents SET resolved_at = NULL WHERE id = 'i-over'",
        "UPDATE status_incidents SET state = 'resolved' WHERE id = 'i-open'",
        "UPDATE status_incidents SET resolved_at = started_at WHERE id = 'i-open'",
        "UPDATE status_incidents SET cause = 'probes:dns' WHERE id = 'i-over'",
        "UPDATE status_incidents SET draft = false WHERE id = 'i-drafted'",
        "UPDATE status_maintenances SET changed_at = NULL WHERE id = 'm-off'",
        "UPDATE tickets_tickets SET state = 'open' WHERE number = 1",
        "UPDATE tickets_tickets SET closed_at = opened_at WHERE number = 2",
        "UPDATE tickets_tickets SET outcome = 'later' WHERE number = 2",
    ],
)
def test_from_then_on_the_database_refuses_it(upgraded, statement):
    db, _ = upgraded
    refuses(db, statement)
