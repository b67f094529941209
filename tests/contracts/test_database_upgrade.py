"""Upgrading a database with rows that break the new rules: reported, repaired or set aside, kept."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from clock import ManualClock
from db import backup
from db.engine import connect
from db.metadata import metadata
from db.migrate import upgrade
from db.row_repairs import report

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)


KINDS = ("sqlite", "postgres")


@contextmanager
def database_of(revision, request, folder):
    """A database as a revision left it, of the kind that the fixture is asked for."""
    clock = ManualClock()
    if request.param == "sqlite":
        url = f"sqlite:///{folder}/previous.db"
    else:
        server = request.getfixturevalue("postgres_url")
        admin = connect(server, clock=clock)
        name = f"previous_{uuid4().hex}"
        with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text(f"CREATE DATABASE {name}"))
        admin.close()
        url = server.replace("/jasno?", f"/{name}?")
    db = connect(url, clock=clock)
    upgrade(db, revision)
    yield db
    db.close()


@pytest.fixture(params=KINDS)
def previous(request, tmp_path):
    """A database as the previous revision left it."""
    with database_of("0010", request, tmp_path) as db:
        yield db


def upgraded_from(revision, fill):
    """A fixture: a database of a revision that was filled badly and upgraded, and what was reported;
    to look at, not to change."""

    @pytest.fixture(scope="module", params=KINDS)
    def upgraded(request, tmp_path_factory):
        with database_of(revision, request, tmp_path_factory.mktemp("upgraded")) as db:
            fill(db)
            yield db, upgrade(db)

    return upgraded


def refuses(db, statement):
    """The database does not take a statement."""
    with pytest.raises(IntegrityError), db.write() as conn:
        conn.execute(text(statement))


def put(db, table, **values):
    """A row as the previous version could write it, moments as this database keeps them."""
    for name, value in values.items():
        if isinstance(value, datetime) and db.is_sqlite:
            values[name] = (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    with db.write() as conn:
        conn.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)


def person(db, id="mara"):
    put(db, "accounts_people", id=id, email=f"{id}@x.example", name=id, lang="", staff="",
        password="", created_at=AT)  # fmt: skip


def run(db, id, **changes):
    row = {"id": id, "token_hash": id, "subject": "{}", "domain": "x.example", "scope": "public", "symptom": "",
               "state": "done", "created_at": AT, "finished_at": AT, "account": "", "person": "", "invite": "", "session": "",
               "previous": "", "fresh": False, "answers": "{}", "version": 0}  # fmt: skip
    put(db, "diagnostics_runs", **(row | changes))


def ticket(db, number, **changes):
    row = {"number": number, "id": f"t{number}", "fingerprint": f"f{number}", "draft": "{}", "person": "mara",
               "account": "", "service": "", "category": "", "department": "", "priority": 1, "subject": "S",
               "state": "open", "opened_at": AT, "updated_at": AT, "outcome": "", "agent": "", "desk": "",
               "desk_id": "", "desk_number": "", "desk_url": ""}  # fmt: skip
    put(db, "tickets_tickets", **(row | changes))


def watch(db, id, **changes):
    row = {"id": id, "token_hash": id, "first": "r1", "domain": "x.example", "scope": "public", "account": "",
               "person": "", "email": "m@x.example", "lang": "en", "standing": "active", "created_at": AT,
               "until": AT, "run": "", "looks": 0, "judged": 0, "good": 0}  # fmt: skip
    put(db, "diagnostics_watches", **(row | changes))


def incident(db, id, **changes):
    row = {"id": id, "title": "{}", "state": "resolved", "impact": "minor", "started_at": AT, "resolved_at": AT,
               "components": "[]", "draft": False}  # fmt: skip
    put(db, "status_incidents", **(row | changes))


def update(db, id, of):
    put(db, "status_updates", id=id, incident=of, state="resolved", at=AT, text="{}",
        components="{}")  # fmt: skip


def work(db, id, ends_at):
    put(db, "status_maintenances", id=id, title="{}", text="{}", starts_at=AT, ends_at=ends_at,
        components="[]", created_at=AT, cancelled=False, sequence=0)  # fmt: skip


def everything(db, table, columns="*"):
    with db.read() as conn:
        return [
            tuple(row) for row in conn.execute(text(f"SELECT {columns} FROM {table} ORDER BY 1"))
        ]


def fill_badly(db):
    """Good rows, and beside each a bad one."""
    person(db)
    run(db, "r1", person="mara")
    run(db, "r2", previous="r1")
    run(db, "r3", previous="gone", person="gone")
    run(db, "r4", state="confused")
    put(db, "diagnostics_evidence", run="r4", key="web", body="{}")
    watch(db, "w1", first="r1", run="r2", looks=1)
    watch(db, "w2", first="gone")
    watch(db, "w3", first="r1", run="gone", judged=4, looks=2)
    incident(db, "i1")
    incident(db, "i2", impact="dreadful")
    update(db, "u1", "i1")
    update(db, "u2", "i2")
    update(db, "u3", "gone")
    work(db, "m1", AT + timedelta(hours=1))
    work(db, "m2", AT - timedelta(hours=1))
    ticket(db, 1, desk="zammad", desk_id="7")
    ticket(db, 2, desk="zammad", desk_id="7", state="lost", priority=9)
    ticket(db, 3, person="gone")
    put(db, "status_days", component="web", day="2026-01-15", operational=86_400,
        degraded_performance=0, partial_outage=0, major_outage=0, under_maintenance=0, no_data=0)  # fmt: skip
    put(db, "status_days", component="dns", day="2026-01-15", operational=90_000,
        degraded_performance=0, partial_outage=0, major_outage=0, under_maintenance=0, no_data=0)  # fmt: skip
    put(db, "hosting_accounts", id="A1", account="{}", services="[]", as_of=AT)
    put(db, "hosting_domains", domain="x.example", account="A1")


def fill_with_an_invite(db):
    fill_badly(db)
    put(db, "tickets_invites", id="v1", token_hash="v1", ticket="t1", subject="x",
        symptom="", created_by="ben", created_at=AT, expires_at=AT + timedelta(days=1),
        runs_left=1, message="")  # fmt: skip


upgraded = upgraded_from("0010", fill_with_an_invite)


SET_ASIDE = {
    ("diagnostics_evidence", "r4 web"),
    ("diagnostics_runs", "r4"),
    ("diagnostics_watches", "w2"),
    ("status_days", "dns 2026-01-15"),
    ("status_incidents", "i2"),
    ("status_maintenances", "m2"),
    ("status_updates", "u2"),
    ("status_updates", "u3"),
}
REPAIRED = {
    ("diagnostics_runs", "r3"),
    ("diagnostics_watches", "w3"),
    ("tickets_tickets", "2"),
    ("tickets_tickets", "3"),
}


def test_what_does_not_fit_is_repaired_or_set_aside_and_reported(upgraded):
    db, changed = upgraded
    rows_by_id = {(r.table_name, r.row_id): r for r in changed}
    assert {k for k, r in rows_by_id.items() if r.action == "set_aside"} == SET_ASIDE
    assert {k for k, r in rows_by_id.items() if r.action == "repaired"} == REPAIRED
    assert str(rows_by_id["status_maintenances", "m2"]) == (
        "status_maintenances m2: ends_at >= starts_at does not hold; set aside"
    )
    assert rows_by_id["status_days", "dns 2026-01-15"].body["operational"] == 90_000, (
        "the whole row"
    )
    with db.read() as conn:
        assert report(conn) == changed, "the report is kept"
    assert upgrade(db) == (), "and told once"


def test_the_good_rows_and_what_was_repaired_are_there_afterwards(upgraded):
    db, _ = upgraded
    runs = everything(db, "diagnostics_runs", "id, person, previous")
    assert runs == [("r1", "mara", None), ("r2", None, "r1"), ("r3", None, None)]
    watches = everything(db, "diagnostics_watches", "id, run, judged")
    assert watches == [("w1", "r2", 0), ("w3", None, 2)]
    tickets = everything(db, "tickets_tickets", "number, person, state, priority, desk_id")
    assert tickets == [
        (1, "mara", "open", 1, "7"),
        (2, "mara", "open", 2, ""),
        (3, None, "open", 1, ""),
    ]
    assert everything(db, "status_updates", "id") == [("u1",)]
    assert everything(db, "status_maintenances", "id, version") == [("m1", 1)]
    assert everything(db, "hosting_domains", "domain") == [("x.example",)], "not cascaded"


BAD = [
    "UPDATE tickets_invites SET runs_left = -1",
    "UPDATE diagnostics_runs SET state = 'confused'",
    "UPDATE diagnostics_runs SET person = 'gone'",
    "UPDATE status_updates SET incident = 'gone'",
    "UPDATE status_days SET operational = 86401",
    "UPDATE status_maintenances SET ends_at = starts_at, starts_at = ends_at WHERE id = 'm1'",
    "UPDATE tickets_tickets SET desk = 'zammad', desk_id = '7'",
    "UPDATE tickets_tickets SET priority = 4",
    "UPDATE accounts_people SET staff = 'king'",
]


def test_from_then_on_the_database_refuses_them(upgraded):
    db, _ = upgraded
    for statement in BAD:
        refuses(db, statement)


def test_forgetting_a_person_or_a_run_leaves_what_others_need(previous):
    fill_badly(previous)
    upgrade(previous)
    with previous.write() as conn:
        conn.execute(text("DELETE FROM accounts_people"))
        conn.execute(text("DELETE FROM diagnostics_runs WHERE id = 'r1'"))
        conn.execute(text("DELETE FROM status_incidents"))
    assert everything(previous, "tickets_tickets", "person") == [(None,)] * 3
    assert everything(previous, "diagnostics_runs", "id, previous") == [("r2", None), ("r3", None)]
    assert everything(previous, "diagnostics_watches", "id") == [], "nothing left to watch"
    assert everything(previous, "status_updates", "id") == []


def rules_of(db):
    with db.read() as conn:
        inspector = inspect(conn)
        return {
            (table.name, check["name"]): check["sqltext"]
            for table in metadata.sorted_tables
            for check in inspector.get_check_constraints(table.name)
        }


def test_migrations_make_exactly_the_rules_we_declare(upgraded, database):
    db, _ = upgraded
    migrated, declared = rules_of(db), rules_of(database)
    if db.is_sqlite == database.is_sqlite:
        assert migrated == declared
    assert migrated.keys() == declared.keys()
    assert len(migrated) > 50


def test_two_hundred_thousand_observations_are_upgraded_in_seconds(previous):
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)"
        " INSERT INTO status_observations"
        " (probe, at, vantage, elapsed_us, grade, reliable, reason, fact)"
    )
    at = "i * 1000000" if previous.is_sqlite else "to_timestamp(i)"
    row = f" SELECT 'web', {at}, 'local', i, 'up', true, '', '' FROM n"
    with previous.write() as conn:
        conn.execute(text(numbers + row))
    began = time.monotonic()
    assert upgrade(previous) == ()
    assert time.monotonic() - began < 20
    assert everything(previous, "status_observations", "COUNT(*)") == [(200_000,)]


def test_a_backup_of_the_previous_version_is_upgraded_as_it_comes_back(previous, tmp_path, clock):
    fill_badly(previous)
    run(previous, "a0", previous="r2")  # it refers to a row that comes after it
    backup.save(previous, tmp_path / "all.jasno")
    (tmp_path / "new.db").touch()
    new = connect(f"sqlite:///{tmp_path}/new.db", clock=clock)
    backup.restore(new, tmp_path / "all.jasno")
    upgrade(previous)
    for table in ("diagnostics_runs", "tickets_tickets", "status_updates", "status_maintenances"):
        assert everything(new, table, "id") == everything(previous, table, "id")
    with new.read() as conn:
        assert {(r.table_name, r.row_id) for r in report(conn)} == SET_ASIDE | REPAIRED
    backup.save(new, tmp_path / "again.jasno")
    (tmp_path / "copy.db").touch()
    copy = connect(f"sqlite:///{tmp_path}/copy.db", clock=clock)
    backup.restore(copy, tmp_path / "again.jasno")
    assert everything(copy, "diagnostics_runs", "id, previous") == everything(
        new, "diagnostics_runs", "id, previous"
    )
    new.close()
    copy.close()
