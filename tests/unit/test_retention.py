"""Every table says how long its rows are kept, and each chore forgets at its limit, in slices."""

from __future__ import annotations

from datetime import timedelta
from itertools import count as count_from

import pytest
from sqlalchemy import event, func, insert, select

import db.tables  # noqa: F401 - registers every table
from clock import ManualClock
from context import context
from db.metadata import metadata
from db.slices import delete_in_slices
from room import all_chores
from settings import load
from wiring.rooms import build


def chores(ctx):
    """Every room's chores."""
    return all_chores(build(ctx))


SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
SETTINGS = """
[retention]
diagnoses = "30d"
jobs = "2d"
failed_jobs = "20d"
effects = "40d"
letters = "50d"
check_links = "60d"
audit = "70d"
tickets = "80d"
"""

# table → the chore that forgets its rows
FORGOTTEN = {
    "accounts_audit": "forgetting the audit log",
    "accounts_sessions": "forgetting sessions",
    "diagnostics_evidence": "forgetting diagnoses",
    "diagnostics_places": "forgetting diagnoses",
    "diagnostics_registrations": "forgetting registries' answers",
    "diagnostics_runs": "forgetting diagnoses",
    "diagnostics_shares": "forgetting diagnoses",
    "diagnostics_watches": "forgetting watches",
    "jobs": "forgetting jobs",
    "jobs_effects": "forgetting effects",
    "notify_sent": "forgetting letters",
    "notify_subscribers": "forgetting unanswered subscriptions",
    "status_heartbeat_signals": "forgetting what jobs sent in",
    "status_pushes": "forgetting what vantages pushed",
    "tickets_claims": "forgetting check links",
    "tickets_invites": "forgetting check links",
    "tickets_kept": "forgetting kept forms",
    "tickets_notes": "forgetting tickets",
    "tickets_tickets": "forgetting tickets",
    "web_buckets": "forgetting limits",
}
# table → why its rows stay, or who else deletes them
STAYS = {
    "accounts_contacts": "as long as the person",
    "accounts_keys": "revoked tokens are evidence of who could do what",
    "accounts_people": "until an operator deletes the person",
    "db_quarantine": "until an operator has looked at what an upgrade could not keep",
    "diagnostics_engine_keys": "a few seconds; the engine tends them",
    "diagnostics_sealed": "a minute; the engine tends them",
    "engine_roles": "one row a role",
    "hosting_accounts": "as long as the panel knows the account",
    "hosting_domains": "as long as the panel knows the account",
    "status_announcements": "published history",
    "status_days": "published history",
    "status_heartbeats": "one row a probe",
    "status_incidents": "published history",
    "status_known_components": "published history",
    "status_maintenances": "published history",
    "status_months": "published history",
    "status_observations": "[retention] raw, counted by the series",
    "status_overrides": "published history",
    "status_rollups": "[retention] five_minutes, hours, days, counted by the series",
    "status_transitions": "published history",
    "status_updates": "published history",
    "status_vantages": "one row a vantage",
}


def test_every_table_says_how_long_its_rows_are_kept():
    assert FORGOTTEN.keys() | STAYS.keys() == set(metadata.tables)
    assert not FORGOTTEN.keys() & STAYS.keys()


@pytest.fixture
def parts(tmp_path, sqlite_url):
    (tmp_path / "jasno.toml").write_text(SETTINGS)
    ctx = context(load(env={"JASNO_DATABASE_URL": sqlite_url}, cwd=tmp_path), ManualClock())
    yield ctx
    ctx.db.close()


# What tables accept where any text would not do.
ACCEPTED = {
    "accounts_sessions": {"method": "password"},
    "diagnostics_runs": {"scope": "public"},
    "diagnostics_watches": {"scope": "public"},
    "notify_subscribers": {"kind": "email"},
}


_SERIAL = count_from(1)


def put(parts, table, **given):
    """One row; what is not given gets a value of its type."""
    row, values = {}, ACCEPTED.get(table, {}) | given
    if table == "diagnostics_watches":
        put(parts, "diagnostics_runs", id="first", state="done")
        values["first"] = "first"
    if table == "status_heartbeat_signals":
        values["probe"] = f"probe-{next(_SERIAL)}"
        put(parts, "status_heartbeats", probe=values["probe"], message="")
    if table == "status_pushes":
        values["vantage"] = f"vantage-{next(_SERIAL)}"
        put(parts, "status_vantages", name=values["vantage"])
    for column in metadata.tables[table].columns:
        if column.name in values:
            row[column.name] = values[column.name]
        elif not column.nullable and column.default is None and column.server_default is None:
            kind = column.type.__class__.__name__
            usual = {"Moment": parts.clock.now(), "Json": {}, "Integer": 0, "Float": 0.0}
            usual["Boolean"] = False
            if not (column.primary_key and kind == "BigInteger"):  # it counts by itself
                row[column.name] = usual.get(kind, f"{column.name}-{len(row)}")
    with parts.db.write() as conn:
        conn.execute(insert(metadata.tables[table]).values(**row))


def count(parts, table):
    with parts.db.read() as conn:
        return conn.execute(select(func.count()).select_from(metadata.tables[table])).scalar_one()


CASES = [
    ("accounts_audit", "at", timedelta(days=70), {}),
    ("diagnostics_runs", "created_at", timedelta(days=30), {"state": "done"}),
    ("diagnostics_watches", "created_at", timedelta(days=30), {"standing": "well"}),
    ("diagnostics_registrations", "asked_at", timedelta(days=7), {}),
    ("jobs", "finished_at", timedelta(days=2), {"state": "done"}),
    ("jobs", "finished_at", timedelta(days=20), {"state": "failed"}),
    ("jobs_effects", "at", timedelta(days=40), {}),
    ("notify_sent", "at", timedelta(days=50), {}),
    ("notify_subscribers", "created_at", timedelta(hours=48), {"state": "pending"}),
    ("status_heartbeat_signals", "at", timedelta(days=30), {}),
    ("status_pushes", "at", timedelta(hours=1), {}),
    ("web_buckets", "at", DAY, {}),
    ("tickets_tickets", "closed_at", timedelta(days=80), {"state": "closed"}),
]


@pytest.mark.parametrize(("table", "column", "age", "values"), CASES)
def test_rows_are_forgotten_after_their_time_and_not_before(parts, table, column, age, values):
    put(parts, table, **values, **{column: parts.clock.now() - age})
    chore = chores(parts)[FORGOTTEN[table]]
    chore()
    assert count(parts, table) == 1
    parts.clock.advance(SECOND)
    chore()
    assert count(parts, table) == 0


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("diagnostics_runs", "created_at", {"state": "running"}),
        ("diagnostics_watches", "created_at", {"standing": "active"}),
        ("jobs", "run_after", {"state": "waiting"}),
        ("jobs", "run_after", {"state": "running"}),
        ("notify_subscribers", "created_at", {"state": "active"}),
        ("tickets_tickets", "updated_at", {"state": "open"}),
    ],
)
def test_what_is_under_way_is_never_forgotten(parts, table, column, values):
    put(parts, table, **values, **{column: parts.clock.now() - timedelta(days=4000)})
    chores(parts)[FORGOTTEN[table]]()
    assert count(parts, table) == 1


def test_sessions_that_ended_by_themselves_are_forgotten(parts):
    now = parts.clock.now()
    put(parts, "accounts_people", id="mara")
    for name, began, seen in (
        ("living", DAY, timedelta(hours=11)),
        ("idle", DAY, timedelta(hours=12)),
        ("old", timedelta(days=30), SECOND),
    ):
        values = {"id": name, "token_hash": name, "person": "mara", "assurance": 2}
        put(parts, "accounts_sessions", **values, created_at=now - began, seen_at=now - seen)
    chores(parts)["forgetting sessions"]()
    assert count(parts, "accounts_sessions") == 1


def test_a_ticket_goes_with_its_thread_and_links_and_a_link_with_who_ran_it(parts):
    now = parts.clock.now()
    for name, closed in (("old", timedelta(days=81)), ("young", DAY)):
        put(
            parts, "tickets_tickets", id=name, fingerprint=name, state="closed",
            closed_at=now - closed,
        )  # fmt: skip
        put(parts, "tickets_notes", ticket=name, key="n", kind="reply")
        for n, expired in enumerate((DAY, timedelta(days=61))):
            link = f"{name}{n}"
            put(
                parts, "tickets_invites", id=link, token_hash=link, ticket=name, runs_left=1,
                created_at=now - expired - DAY, expires_at=now - expired,
            )  # fmt: skip
            put(parts, "tickets_claims", id=link, invite=link)
    chores(parts)["forgetting check links"]()
    assert (count(parts, "tickets_invites"), count(parts, "tickets_claims")) == (2, 2)
    chores(parts)["forgetting tickets"]()
    tables = ("tickets_tickets", "tickets_notes", "tickets_invites", "tickets_claims")
    assert [count(parts, table) for table in tables] == [1, 1, 1, 1]


def test_tickets_stay_for_ever_unless_the_operator_says_otherwise(tmp_path, sqlite_url):
    ctx = context(load(env={"JASNO_DATABASE_URL": sqlite_url}, cwd=tmp_path), ManualClock())
    at = ctx.clock.now() - timedelta(days=9000)
    put(ctx, "tickets_tickets", state="closed", closed_at=at)
    assert chores(ctx)["forgetting tickets"]() == 0
    assert count(ctx, "tickets_tickets") == 1
    ctx.db.close()


def test_forgetting_lets_others_write_between_its_slices(parts):
    """No transaction deletes more than a slice, however much there is."""
    effects = metadata.tables["jobs_effects"]
    old = parts.clock.now() - timedelta(days=41)
    rows = [{"kind": "mail.send", "key": str(n), "at": old} for n in range(1201)]
    with parts.db.write() as conn:
        conn.execute(insert(effects), rows)
    deleted = []

    def note(_conn, cursor, statement, *_):
        if statement.startswith("DELETE"):
            deleted.append(cursor.rowcount)

    event.listen(parts.db.engine, "after_cursor_execute", note)
    assert delete_in_slices(parts.db, effects, effects.c.at <= old) == 1201
    event.remove(parts.db.engine, "after_cursor_execute", note)
    assert deleted == [500, 500, 201]
