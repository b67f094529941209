"""Columns that hold values of a type of ours: what another release wrote otherwise stays as it is,
and what stands beside it is read. On SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import MetaData, Text, select, text, type_coerce, update
from sqlalchemy.exc import StatementError

from accounts.audit_log.store import AuditLog
from db.stored import UnreadableDocument, health_message, is_unreadable
from db.tables import status as status_tables
from db.tables import tickets as ticket_tables
from db.tables.accounts import audit
from db.tables.diagnostics import runs
from db.tables.status_probing import pushes
from diagnostics.model import Scope
from jobs.database_queue import DatabaseSender
from status.incidents.announcement_editing import AnnouncementEditor
from status.incidents.incident_editing import AnnouncementText, IncidentEditor
from status.incidents.maintenance_editing import MaintenanceEditor, Recurrence
from status.incidents.validation import RuleViolation
from status.model import Component, Condition, Grade
from status.probing.vantages.model import PushedObservation
from status.probing.vantages.store import VantageStore
from status.storage.store import StatusStore
from subject import STORED_UNREADABLE, Subject, SubjectKind
from tests.people_rows import add_people
from tests.run_places import FIRST
from tickets.invites.store import InviteStore
from tickets.model import AuthenticationSnapshot, Draft, Note, NoteKind
from tickets.store import TicketStore
from wizard.runs.store import RunStore

HOUR = timedelta(hours=1)
SUBJECT = Subject(SubjectKind.MAILBOX, "m@shop.example", "shop.example", "shop.example")


def spoil(database, table, column, value):
    with database.write() as conn:
        conn.execute(update(table).values({column: value}))


def stored(database, column):
    with database.read() as conn:
        return conn.execute(select(column)).scalars().all()


def test_a_run_whose_subject_was_named_otherwise_is_of_its_domain(database, clock):
    store = RunStore(database, clock, DatabaseSender())
    run, token = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    other, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
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
    store = RunStore(database, clock, DatabaseSender())
    run, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    members = ("text", "host", "domain", "url", "mailbox", "caution", "above")
    old = {"kind": "mailbox"} | {name: getattr(SUBJECT, name) for name in members}
    spoil(database, runs, "subject", old)
    assert store.by_id(run.id).subject == SUBJECT


@pytest.fixture
def who(clock):
    return AuthenticationSnapshot("Mara", "mara@shop.example", "owner", "password", 2, clock.now())


def test_a_thread_and_a_claim_outlive_what_says_who_wrote(database, clock, who):
    add_people(database, "mara", "ben")
    tickets = TicketStore(database, clock, DatabaseSender())
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
    store = StatusStore(database, clock, DatabaseSender())
    return MaintenanceEditor(store, clock, (Component("web", "Web"),))


@pytest.mark.parametrize("column", ["shifts", "notes"])
def test_recurring_work_stays_published_and_is_not_overwritten(database, clock, editor, column):
    start = clock.now() + timedelta(days=1)
    weekly = Recurrence("FREQ=WEEKLY", "UTC")
    work = editor.plan({"en": "Disks"}, {"en": "x"}, (start, start + HOUR), ("web",), "olu", recurrence=weekly)  # fmt: skip
    document = {"schema": 9, column: {"1": {"begins": 5}}}
    spoil(database, status_tables.maintenances, column, document)
    store = StatusStore(database, clock, DatabaseSender())
    assert {w.title["en"] for w in store.statements().maintenances} == {"Disks"}
    assert is_unreadable(getattr(store.maintenance(work.id), column))
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


@pytest.mark.parametrize(
    ("column", "stored_text", "fault"),
    [
        (status_tables.incidents.c.title, "5", "Expected `object`, got `int`"),
        (status_tables.incidents.c.title, '{"en": ["Disk"]}', "Expected `str`, got `array`"),
        (status_tables.incidents.c.components, '{"web": 1}', "Expected `array`, got `object`"),
        (status_tables.incidents.c.components, "[cut", "malformed"),
    ],
)
def test_plain_values_of_another_shape_are_refused(database, clock, column, stored_text, fault):
    """The row alone is left out, named by column and key, told by /readyz, and left as it is."""
    store = StatusStore(database, clock, DatabaseSender())
    editor = IncidentEditor(store, clock, ())
    bad = editor.open({"en": "Disk"}, AnnouncementText({"en": "x"}), "olu").id
    good = editor.open({"en": "Net"}, AnnouncementText({"en": "x"}), "olu").id
    with database.write() as conn:
        statement = text(f"UPDATE status_incidents SET {column.name} = :stored WHERE id = :id")
        conn.execute(statement, {"stored": stored_text, "id": bad})
    assert [i.id for i in store.statements().incidents] == [good]
    with pytest.raises(UnreadableDocument, match=f"{column}: .*{fault}"):
        store.incident(bad)
    with pytest.raises(UnreadableDocument, match=str(column)):
        store.statements_between(clock.now() - HOUR, clock.now() + HOUR)
    assert str(column) in health_message()
    assert f"status_incidents {bad}" in health_message()
    with database.read() as conn:
        query = select(type_coerce(column, Text)).where(status_tables.incidents.c.id == bad)
        assert conn.execute(query).scalar() == stored_text


@pytest.mark.parametrize("value", [5, ["Disk"], {"en": 1}, {"en": None}])
def test_plain_values_of_another_shape_are_not_written(database, value):
    with database.write() as conn, pytest.raises(StatementError, match="Expected"):
        conn.execute(update(status_tables.incidents).values(title=value))


def test_an_entry_with_a_condition_that_this_version_does_not_know_is_left_out(database, clock):
    """The column holds the shape; what it means is its reader's."""
    store = StatusStore(database, clock, DatabaseSender())
    news = AnnouncementText({"en": "x"}, components={"web": Condition.MAJOR_OUTAGE})
    editor = IncidentEditor(store, clock, (Component("web", "Web"),))
    entry = editor.open({"en": "Disk"}, news, "olu").updates[0]
    spoil(database, status_tables.updates, "components", {"web": "on_fire"})
    (incident,) = store.statements().incidents
    assert (incident.title, incident.updates) == ({"en": "Disk"}, ())
    assert f"status_updates {entry.id}" in health_message()


@pytest.mark.parametrize("table", [status_tables.maintenances, status_tables.announcements])
def test_one_bad_row_of_work_or_news_leaves_the_rest_standing(database, clock, table, editor):
    store = StatusStore(database, clock, DatabaseSender())
    start = clock.now() + timedelta(days=1)
    announcements = AnnouncementEditor(store, clock)
    for title in ("Disks", "Switches"):
        editor.plan({"en": title}, {"en": "x"}, (start, start + HOUR), ("web",), "olu")
        announcements.announce({"en": title}, {"en": "x"}, "olu")
    with database.write() as conn:
        where = """ WHERE title LIKE '%Disks%'"""
        conn.execute(text(f"UPDATE {table.name} SET text = '5'{where}"))
    statements = store.statements()
    left = statements.maintenances if table is status_tables.maintenances else statements.announcements  # fmt: skip
    assert [item.title for item in left] == [{"en": "Switches"}]


def test_an_act_whose_detail_cannot_be_read_blocks_neither_sign_in_nor_the_list(database, clock):
    log = AuditLog(database, clock)
    log.audit("p1", "session.opened", "person:p1", {"address": "192.0.2.1"})
    log.audit("p1", "session.opened", "person:p1", {"address": "192.0.2.2"})
    odd = '{"address": "192.0.2.2", "n": 1}'
    with database.write() as conn:
        statement = text("UPDATE accounts_audit SET detail = :odd WHERE detail LIKE '%192.0.2.2%'")
        conn.execute(statement, {"odd": odd})
    assert "192.0.2.1" in log.signed_in_from("p1")
    assert [e.detail for e in log.audited("person:p1")] == [{}, {"address": "192.0.2.1"}]
    assert len(log.entries(actor="p1")) == 2
    with database.read() as conn:
        kept = conn.execute(select(type_coerce(audit.c.detail, Text))).scalars().all()
    assert odd in kept


def test_a_copied_table_has_names_of_its_own_for_what_it_refuses():
    copied = status_tables.announcements.to_metadata(MetaData(), name="copied")
    assert copied.c.title.type.codec.name == "copied.title"
    assert status_tables.announcements.c.title.type.codec.name == "status_announcements.title"
