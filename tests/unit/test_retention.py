"""Every table says how long its rows are kept, and each chore forgets at its limit, in slices."""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import count as count_from
from pathlib import Path

import pytest
from sqlalchemy import event, func, insert, select

import db.tables  # noqa: F401 - registers every table
from clock import ManualClock
from context import context
from db.batched_delete import delete_in_slices
from db.metadata import metadata
from room import all_chores, all_retention
from settings import load
from settings.schema import RetentionSection
from wiring.retention_docs import retention_table, with_table
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

# What is kept → the chore that forgets it, the column that its age is counted from, and the values
# of a row for which that holds.
CASES = {
    "jobs that are done": ("forgetting jobs", "finished_at", {"state": "done"}),
    "jobs that were given up": ("forgetting jobs", "finished_at", {"state": "failed"}),
    "that something was asked for, so that it is not done twice": ("forgetting effects", "at", {}),
    "counts of rate limits": ("forgetting limits", "at", {}),
    "rows that an upgrade of the database repaired or set aside; they may name people": (
        "forgetting what upgrades set aside", "at", {"action": "repaired"},
    ),
    "the audit log": ("forgetting the audit log", "at", {}),
    "API tokens that were revoked": ("forgetting revoked tokens", "revoked_at", {"role": "read"}),
    "what jobs sent in": ("forgetting what jobs sent in", "at", {}),
    "what vantages pushed": ("forgetting what vantages pushed", "at", {}),
    "reports, their evidence and shared links": (
        "forgetting diagnoses", "created_at", {"state": "done"},
    ),
    "watches that have ended": ("forgetting watches", "created_at", {"state": "well"}),
    "registries' answers": ("forgetting registries' answers", "asked_at", {}),
    "closed tickets with their threads": (
        "forgetting tickets", "closed_at", {"state": "closed"},
    ),
    "subscriptions that nobody confirmed": (
        "forgetting unanswered subscriptions", "created_at", {"state": "pending"},
    ),
    "endpoints that never answered, or were switched off because they failed": (
        "forgetting silent endpoints", "failed_at", {"state": "disabled"},
    ),
    "that a letter went out or was refused": ("forgetting letters", "at", {}),
    "drafts of incidents that were discarded": (
        "forgetting discarded drafts", "resolved_at",
        {"state": "resolved", "draft": True, "discarded": True},
    ),
}  # fmt: skip
# What is kept → where its end is tested, for a single row and a moment do not show it.
ELSEWHERE = {
    "sessions without use": "below",
    "sessions in use": "below",
    "looks of probes, each one": "tests/contracts/test_status_watching.py",
    "looks of probes, counted by five minutes": "tests/contracts/test_status_watching.py",
    "looks of probes, counted by the hour": "tests/contracts/test_status_watching.py",
    "looks of probes, counted by the day": "tests/contracts/test_status_watching.py",
    "that a mailbox was to be tried": "tests/contracts/test_sealed_credentials.py",
    "public keys of engines that stopped": "tests/contracts/test_sealed_credentials.py",
    "half-written forms kept over sign-in": "tests/unit/test_tickets_store.py",
    "expired check links, and who ran them": "below",
    "letters in files, which hold live links": "below",
    "who overrode a component, and why, after it ended": "below",
    "to hear of one incident, after its end": "tests/web/test_notify_one_incident.py",
}
STRANGERS = "of these, what strangers had checked"  # tests/contracts/test_anonymous_runs.py


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
    "status_incidents": {"impact": "none"},
}


# The times that a state needs, where a row does not give them.
STATE_TIMES = {
    ("diagnostics_runs", "done"): "finished_at",
    ("diagnostics_runs", "running"): "started_at",
    ("diagnostics_watches", "well"): "ended_at",
    ("status_incidents", "resolved"): "resolved_at",
}
_SERIAL = count_from(1)


def put(parts, table, **given):
    """One row; what is not given gets a value of its type."""
    row, values = {}, ACCEPTED.get(table, {}) | given
    if table == "diagnostics_watches":
        put(parts, "diagnostics_runs", id="first", state="done")
        values["first"] = "first"
    if table == "notify_subscribers" and values.get("state") != "pending":
        values.setdefault("confirmed_at", parts.clock.now() - timedelta(days=4000))
    if values.get("state") == "running" and table == "jobs":
        values["lease_until"] = parts.clock.now()
    if table == "status_heartbeat_signals":
        values["probe"] = f"probe-{next(_SERIAL)}"
        put(parts, "status_heartbeats", probe=values["probe"], message="")
    if table == "status_pushes":
        values["vantage"] = f"vantage-{next(_SERIAL)}"
        put(parts, "status_vantages", name=values["vantage"])
    if time := STATE_TIMES.get((table, values.get("state"))):
        values.setdefault(time, parts.clock.now())
    for column in metadata.tables[table].columns:
        if column.name in values:
            row[column.name] = values[column.name]
        elif not column.nullable and column.default is None and column.server_default is None:
            kind = column.type.__class__.__name__
            usual = {"Moment": parts.clock.now(), "Integer": 0, "Float": 0.0, "Boolean": False}
            usual |= {"JsonType": {}, "PlainJson": getattr(column.type, "shape", dict)()}
            if not (column.primary_key and kind == "BigInteger"):  # it counts by itself
                row[column.name] = usual.get(kind, f"{column.name}-{len(row)}")
    with parts.db.write() as conn:
        conn.execute(insert(metadata.tables[table]).values(**row))


def count(parts, table):
    with parts.db.read() as conn:
        return conn.execute(select(func.count()).select_from(metadata.tables[table])).scalar_one()


def retentions(ctx):
    """What is kept with an end, by what it is."""
    ending = {kept.what: kept for kept in all_retention(build(ctx)) if kept.ends}
    return {what: kept for what, kept in ending.items() if not what.startswith(STRANGERS)}


def test_every_table_says_how_long_its_rows_are_kept(parts):
    rows = all_retention(build(parts))
    assert {table for kept in rows for table in kept.tables} == set(metadata.tables)
    assert all(bool(kept.why) is not kept.ends for kept in rows)
    assert {kept.setting for kept in rows} - {""} == {
        *RetentionSection.__struct_fields__
    } - {"anonymous_megabytes"}  # fmt: skip


def test_a_table_that_nobody_speaks_for_is_found(parts):
    """The test above can fail."""
    rows = [kept for kept in all_retention(build(parts)) if kept.tables != ("notify_sent",)]
    assert set(metadata.tables) - {t for kept in rows for t in kept.tables} == {"notify_sent"}


def test_every_end_is_tested(parts):
    assert CASES.keys() | ELSEWHERE.keys() == retentions(parts).keys()
    assert not CASES.keys() & ELSEWHERE.keys()
    files = {place for place in ELSEWHERE.values() if place != "below"}
    assert [place for place in files if not Path(place).exists()] == []


def test_the_page_shows_what_the_rooms_say(parts):
    page = Path("docs/operations.md").read_text("utf-8")
    table = retention_table(all_retention(build(parts)))
    assert with_table(page, table) == page, "renew it: python docs/generate.py"
    assert "| `subscriptions`, 30 days |" in table
    assert "| `tickets`, 3 years |" in table


@pytest.mark.parametrize("what", CASES)
def test_rows_are_forgotten_after_their_time_and_not_before(parts, what):
    kept, (name, column, values) = retentions(parts)[what], CASES[what]
    age = getattr(parts.settings.retention, kept.setting) if kept.setting else kept.after
    table = kept.tables[0]
    put(parts, table, **values, **{column: parts.clock.now() - age})
    chore = chores(parts)[name]
    chore()
    assert count(parts, table) == 1
    parts.clock.advance(SECOND)
    chore()
    assert count(parts, table) == 0


def test_an_endpoint_that_never_answers_is_forgotten_counted_from_the_last_yes(parts):
    """Also one that failed long ago and whose owner has said yes again since."""
    chore, now = chores(parts)["forgetting silent endpoints"], parts.clock.now()
    table, confirmed = "notify_subscribers", now - timedelta(days=29)
    for name, failed in (("fresh", None), ("again", now - timedelta(days=90))):
        values = {"id": name, "address": name, "token_hash": name, "failed_at": failed}
        put(parts, table, **values, state="checking", confirmed_at=confirmed)
    chore()
    assert count(parts, table) == 2
    parts.clock.advance(2 * DAY)
    chore()
    assert count(parts, table) == 0


@pytest.mark.parametrize(
    ("table", "chore", "column", "values"),
    [
        ("diagnostics_runs", "forgetting diagnoses", "created_at", {"state": "running"}),
        ("diagnostics_watches", "forgetting watches", "created_at", {"state": "active"}),
        ("jobs", "forgetting jobs", "run_after", {"state": "waiting"}),
        ("jobs", "forgetting jobs", "run_after", {"state": "running"}),
        ("notify_subscribers", "forgetting silent endpoints", "confirmed_at", {"state": "active"}),
        ("tickets_tickets", "forgetting tickets", "updated_at", {"state": "open"}),
        ("accounts_keys", "forgetting revoked tokens", "created_at", {"role": "read"}),
        (
            "status_incidents",
            "forgetting discarded drafts",
            "started_at",
            {"state": "resolved", "draft": True, "discarded": False},
        ),
        (
            "status_incidents",
            "forgetting discarded drafts",
            "started_at",
            {"state": "investigating", "draft": True, "discarded": True, "cause": "web"},
        ),
    ],
)
def test_what_is_under_way_is_never_forgotten(parts, table, chore, column, values):
    put(parts, table, **values, **{column: parts.clock.now() - timedelta(days=4000)})
    chores(parts)[chore]()
    assert count(parts, table) == 1


def test_letters_in_files_are_forgotten_whichever_way_they_leave_now(parts):
    folder, now = parts.var / "outbox", parts.clock.now()
    folder.mkdir(parents=True)
    for name, age in (("old.eml", 31), ("old.7.part", 31), ("young.eml", 29)):
        (folder / name).write_text("https://portal.example/sign-in/letter?token=live")
        moment = (now - age * DAY).timestamp()
        os.utime(folder / name, (moment, moment))
    chores(parts)["forgetting letters in files"]()
    assert [path.name for path in folder.iterdir()] == ["young.eml"]


def test_who_overrode_is_forgotten_and_that_it_was_so_stays(parts):
    overrides, now = metadata.tables["status_overrides"], parts.clock.now()
    for component, ended in (("old", 71), ("young", 69)):
        put(
            parts, "status_overrides", component=component, condition="operational",
            since=now - 90 * DAY, until=now - ended * DAY, by="olu@host.example", reason="why",
        )  # fmt: skip
    chores(parts)["forgetting who overrode"]()
    columns = (overrides.c.component, overrides.c.by, overrides.c.reason)
    with parts.db.read() as conn:
        rows = [tuple(row) for row in conn.execute(select(*columns).order_by(columns[0]))]
    assert rows == [("old", "", ""), ("young", "olu@host.example", "why")]


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


@pytest.mark.parametrize(
    ("setting", "days", "left"), [("", 1094, 1), ("", 1096, 0), ('tickets = "none"', 9000, 1)]
)
def test_tickets_stay_three_years_unless_the_operator_says_otherwise(
    tmp_path, sqlite_url, setting, days, left
):
    (tmp_path / "jasno.toml").write_text(f"[retention]\n{setting}\n")
    ctx = context(load(env={"JASNO_DATABASE_URL": sqlite_url}, cwd=tmp_path), ManualClock())
    put(ctx, "tickets_tickets", state="closed", closed_at=ctx.clock.now() - timedelta(days=days))
    chores(ctx)["forgetting tickets"]()
    assert count(ctx, "tickets_tickets") == left
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


def test_so_do_ended_runs_with_all_that_belongs_to_them(parts):
    runs = metadata.tables["diagnostics_runs"]
    put(parts, "diagnostics_runs", id="r0", state="done")
    with parts.db.write() as conn:
        first = dict(conn.execute(select(runs)).mappings().one())
        rows = [{**first, "id": f"r{n}", "token_hash": f"t{n}"} for n in range(1, 501)]
        conn.execute(insert(runs), rows)
    deleted = []

    def note(_conn, cursor, statement, *_):
        if statement.startswith("DELETE FROM diagnostics_runs"):
            deleted.append(cursor.rowcount)

    event.listen(parts.db.engine, "after_cursor_execute", note)
    parts.clock.advance(timedelta(days=30) + SECOND)
    chores(parts)["forgetting diagnoses"]()
    event.remove(parts.db.engine, "after_cursor_execute", note)
    assert deleted == [500, 1]
