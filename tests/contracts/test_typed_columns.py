"""Columns that hold values of a type of ours: what another release wrote otherwise stays as it is,
and what stands beside it is read. On SQLite and on PostgreSQL."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from db import row_mapper
from db.metadata import JsonType, metadata
from db.stored import health_message, is_unread
from db.tables import status as status_tables
from db.tables import tickets as ticket_tables
from db.tables.diagnostics import runs
from db.tables.status_probing import pushes
from diagnostics.model import Scope
from jobs.database_queue import DATABASE_QUEUE
from status.incidents.maintenance_editing import MaintenanceEditor, Recurrence
from status.incidents.validation import RuleViolation
from status.model import Component, Grade
from status.probing.vantages.model import PushedObservation
from status.probing.vantages.store import VantageStore
from status.storage.store import StatusStore
from subject import STORED_UNREADABLE, Subject, SubjectKind
from tests.people_rows import add_people
from tickets.invites.store import InviteStore
from tickets.model import AuthenticationSnapshot, Draft, Note, NoteKind
from tickets.store import TicketStore
from wizard.runs.store import RunStore

HOUR = timedelta(hours=1)
SUBJECT = Subject(SubjectKind.MAILBOX, "m@shop.example", "shop.example", "shop.example")
# JSON columns that no mapper holds: by whom they are read.
BY_HAND = {
    "hosting_accounts.account": "hosting.store.ACCOUNTS",
    "hosting_accounts.services": "hosting.store.SERVICES",
    "hosting_domains.facts": "hosting.store.FACTS",
    "status_pushes.observations": "status.probing.vantages.store.PUSHES",
    "tickets_kept.form": "tickets.store.FORMS",
    "tickets_tickets.draft": "tickets.store.DRAFTS",
}
PLAIN = {
    "status_vantages.said",  # written by no release
}


def spoil(database, table, column, value):
    with database.write() as conn:
        conn.execute(update(table).values({column: value}))


def stored(database, column):
    with database.read() as conn:
        return conn.execute(select(column)).scalars().all()


def test_a_run_whose_subject_was_named_otherwise_is_of_its_domain(database, clock):
    store = RunStore(database, clock, DATABASE_QUEUE)
    run, token = store.create(SUBJECT, Scope.PUBLIC, "site_down")
    other, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down")
    document = {"schema": 9, "sort": "mailbox", "written": "m@shop.example"}
    with database.write() as conn:
        conn.execute(update(runs).where(runs.c.id == run.id).values(subject=document))
    stored_run = store.by_token(token)
    assert (stored_run.subject.domain, stored_run.subject.caution) == (
        "shop.example",
        STORED_UNREADABLE,
    )
    assert {r.id for r in store.recent(domain="shop.example")} == {run.id, other.id}
    assert store.by_id(other.id).subject == SUBJECT
    assert "diagnostics.subject of schema 9 (written by a newer version)" in health_message()
    assert store.claim(run.id).subject.domain == "shop.example"
    assert document in stored(database, runs.c.subject), "kept for the version that reads it"


def test_a_subject_of_the_last_release_is_read(database, clock):
    store = RunStore(database, clock, DATABASE_QUEUE)
    run, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down")
    members = ("text", "host", "domain", "url", "mailbox", "caution", "above")
    old = {"kind": "mailbox"} | {name: getattr(SUBJECT, name) for name in members}
    spoil(database, runs, "subject", old)
    assert store.by_id(run.id).subject == SUBJECT


@pytest.fixture
def who(clock):
    return AuthenticationSnapshot("Mara", "mara@shop.example", "owner", "password", 2, clock.now())


def test_a_thread_and_a_claim_outlive_what_says_who_wrote(database, clock, who):
    add_people(database, "mara", "ben")
    tickets = TicketStore(database, clock, DATABASE_QUEUE)
    invites = InviteStore(database, clock, b"k" * 32)
    draft = Draft(
        *("f1", "mara", "A1", "shop.example", "web", "web", "high", "Subject", "It fails", who),
        lang="cs",
    )
    ticket, _ = tickets.submit(draft, priority=1, answer_by=None)
    tickets.add_note(ticket.id, Note("n2", NoteKind.REPLY, "ben", "Hello", clock.now()))
    invite, _ = invites.create(ticket.id, "shop.example", "site_down", by="ben", valid=HOUR, runs=1)
    claim = invites.claim(invite, who)
    for table in (ticket_tables.notes, ticket_tables.claims):
        with database.write() as conn:
            written = table.c.statement.is_not(None)
            conn.execute(update(table).where(written).values(statement={"whole_name": "Mara"}))
    first, second = tickets.thread(ticket.id, internal=True)
    assert (first.text, first.statement.is_readable, first.statement.at) == (
        "It fails",
        False,
        first.at,
    )
    assert (second.text, second.statement) == ("Hello", None)
    read, _ = invites.claim_with_invite(claim.id)
    assert (read.invite, read.statement.is_readable) == (invite.id, False)
    assert "tickets.statement" in health_message()
    assert {"whole_name": "Mara"} in stored(database, ticket_tables.notes.c.statement)


@pytest.fixture
def editor(database, clock):
    store = StatusStore(database, clock, DATABASE_QUEUE)
    return MaintenanceEditor(store, clock, (Component("web", "Web"),))


@pytest.mark.parametrize("column", ["shifts", "notes"])
def test_recurring_work_stays_published_and_is_not_overwritten(database, clock, editor, column):
    start = clock.now() + timedelta(days=1)
    weekly = Recurrence("FREQ=WEEKLY", "UTC")
    work = editor.plan({"en": "Disks"}, {"en": "x"}, (start, start + HOUR), ("web",), "olu", recurrence=weekly)  # fmt: skip
    document = {"schema": 9, column: {"1": {"begins": 5}}}
    spoil(database, status_tables.maintenances, column, document)
    store = StatusStore(database, clock, DATABASE_QUEUE)
    assert {w.title["en"] for w in store.statements().maintenances} == {"Disks"}
    assert is_unread(getattr(store.maintenance(work.id), column))
    with pytest.raises(RuleViolation, match="cannot be read"):
        editor.finish(editor.get_maintenance(work.id).id, "olu")
    assert stored(database, status_tables.maintenances.c[column]) == [document]
    assert f"status.maintenance_{column}" in health_message()


def test_pushes_that_cannot_be_read_are_passed_over(database, clock):
    store = VantageStore(database, clock)
    store.make_token("prague")
    read = store.pushed_observations()
    look = PushedObservation("web-http", clock.now(), 0.1, Grade.UP)
    store.push("prague", [look])
    spoil(database, pushes, "observations", [{"look": 1}])
    store.push("prague", [look])
    assert [o.probe for o in read()] == ["web-http"]
    assert read() == ()
    assert "status.push" in health_message()


def test_every_json_column_is_plain_or_has_a_codec():
    """RowMapper refuses a type of ours without one; the rest is named here."""
    mapped = {
        f"{mapper.table.name}.{column}"
        for mapper in row_mappers()
        for column in (pair.column for pair in mapper._pairs)
        if isinstance(mapper.table.c[column].type, JsonType)
    }
    every = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, JsonType)
    }
    assert every - mapped - set(BY_HAND) - PLAIN == set()
    for where in BY_HAND.values():
        module, _, name = where.rpartition(".")
        assert getattr(importlib.import_module(module), name).schema >= 1


def row_mappers():
    for package in ("accounts", "db", "engine", "notify", "status", "tickets", "wizard"):
        package_module = importlib.import_module(package)
        for module in pkgutil.walk_packages(package_module.__path__, f"{package}."):
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, row_mapper.RowMapper):
                    yield value
