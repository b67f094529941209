"""Tickets and their threads as rows; every act is written whole, with its jobs and audit row.

Owns tickets_tickets and tickets_notes. Check links have their own store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, select, tuple_, update

from accounts.audit_log.store import write_audit
from accounts.model import AuditEntry, Person
from accounts.random_tokens import fresh_id
from clock import Clock
from db.batched_delete import SLICE, repeat
from db.documents import declare_reader
from db.engine import Database, repeat_on_conflict
from db.row_mapper import DocumentColumn, RowMapper
from db.stored import Stored
from db.tables import tickets as t
from db.tables.diagnostics import runs
from db.upsert import insert_once
from db.versions import StaleVersion
from jobs.model import Job
from jobs.queue import JobSender
from messages import EmailRef, email_job
from tickets.model import (
    AuthenticationSnapshot,
    Draft,
    Note,
    NoteKind,
    Ticket,
    TicketRef,
    TicketState,
    is_same_matter,
)

OPEN_KIND = "ticket.open"
NOTE_KIND = "ticket.note"
PAGE = 100  # tickets of a list that are shown at once
MOST = 500  # open tickets among which the same matter is looked for


class OpenTicket(msgspec.Struct, frozen=True):
    """Payload of `ticket.open`."""

    ticket: str


class AddNote(msgspec.Struct, frozen=True):
    """Payload of `ticket.note`."""

    ticket: str
    key: str


@dataclass(frozen=True, slots=True)
class TicketCommand:
    """One step in a ticket's life. What is None or empty stays as it is."""

    actor: str  # person id; "" for the engine
    action: str  # for the audit log: "ticket.replied", …
    note: Note | None = None
    state: TicketState | None = None
    agent: str = ""
    outcome: str = ""
    priority: int | None = None
    counts_as_answer: bool = False  # counts as an answer to the customer
    notify_desk: bool = False
    seen: int | None = None  # the version its actor saw; None when no other act can be in its way
    emails: tuple[EmailRef, ...] = ()
    detail: Mapping[str, str] = field(default_factory=dict)


DRAFTS: Stored[Draft] = Stored("tickets.draft", Draft, body="draft")
declare_reader(t.tickets.c.draft, DRAFTS.load)
_PRIORITIES = ("outage", "high", "normal", "low")  # the first is level 0
_OF_DRAFT = ("person", "account", "service", "category", "department", "subject")
TICKETS = RowMapper(
    Ticket,
    t.tickets,
    elsewhere=("ref", "draft"),
    others=("fingerprint", "draft", "desk", "desk_id", "desk_number", "desk_url", *_OF_DRAFT),
)
STATEMENTS: Stored[AuthenticationSnapshot] = Stored("tickets.statement", AuthenticationSnapshot)
STATEMENT = DocumentColumn(STATEMENTS, lambda row: AuthenticationSnapshot.unreadable(row["at"]))
NOTES = RowMapper(Note, t.notes, others=("id", "ticket"), documents={"statement": STATEMENT})


class TicketStore:
    """What customers asked, what was answered, and where it stands."""

    def __init__(self, db: Database, clock: Clock, jobs: JobSender) -> None:
        self._db = db
        self._clock = clock
        self._jobs = jobs

    @repeat_on_conflict
    def submit(
        self, draft: Draft, *, priority: int, answer_by: datetime | None
    ) -> tuple[Ticket, bool]:
        """Keep a ticket and ask for its delivery in one transaction; False when it stood."""
        now = self._clock.now()
        with self._db.write() as conn:
            new = self._insert(conn, draft, priority, answer_by)
            row = _by_fingerprint(conn, draft.fingerprint)
            ticket = _ticket(row)
            if new:
                payload = msgspec.json.encode(OpenTicket(ticket.id)).decode()
                self._jobs.enqueue(conn, Job(OPEN_KIND, payload, draft.fingerprint, now))
                self._audit(conn, draft.person, "ticket.opened", ticket.id, {})
        self._jobs.wake()
        return ticket, new

    @repeat_on_conflict
    def import_ticket(self, draft: Draft, desk: str) -> TicketRef:
        """Take a ticket onto a desk kept in these rows; the same fingerprint is the same one."""
        with self._db.write() as conn:
            self._insert(conn, draft, priority_number(draft), None)
            row = _by_fingerprint(conn, draft.fingerprint)
            ref = TicketRef(desk, row.id, str(row.number))
            self._write_ref(conn, row.id, ref)
        return ref

    @repeat_on_conflict
    def mark_delivered(self, id: str, ref: TicketRef, emails: Iterable[EmailRef] = ()) -> None:
        """A desk has the ticket now; the letters that say so go out once."""
        with self._db.write() as conn:
            self._write_ref(conn, id, ref)
            for email in emails:
                self._jobs.enqueue(conn, email_job(email, self._clock.now()))
        self._jobs.wake()

    def _write_ref(self, conn: Connection, id: str, ref: TicketRef) -> None:
        conn.execute(
            update(t.tickets)
            .where(t.tickets.c.id == id, t.tickets.c.desk == "")
            .values(desk=ref.desk, desk_id=ref.id, desk_number=ref.number, desk_url=ref.url)
        )

    def _insert(
        self, conn: Connection, draft: Draft, priority: int, answer_by: datetime | None
    ) -> bool:
        now = self._clock.now()
        ticket = Ticket(fresh_id(), 0, draft, TicketState.NEW, priority, now, now, answer_by)
        row = TICKETS.to_row(
            ticket, fingerprint=draft.fingerprint, draft=DRAFTS.dump(draft), **_queried(draft)
        )
        del row["number"]  # the database counts them
        if not insert_once(conn, t.tickets, row):
            return False
        first = Note(
            "opened", NoteKind.CUSTOMER, draft.person, draft.text, now, draft.run, draft.statement
        )
        _add_note(conn, ticket.id, first)
        return True

    # reading

    def ticket(self, id: str) -> Ticket | None:
        """One ticket, or None."""
        with self._db.read() as conn:
            row = conn.execute(select(t.tickets).where(t.tickets.c.id == id)).first()
        return _ticket(row) if row else None

    def tickets_of(self, person: Person, after: Ticket | None = None) -> tuple[Ticket, ...]:
        """Their own tickets and those of their accounts, newest first, PAGE of them behind the one
        named; access still decides."""
        accounts = [c.account for c in person.contacts]
        readable = (t.tickets.c.person == person.id) | t.tickets.c.account.in_(accounts)
        return self._newest(select(t.tickets).where(readable), after)

    def queue(
        self, states: Iterable[TicketState], after: Ticket | None = None
    ) -> tuple[Ticket, ...]:
        """Tickets in these states: the urgent first, then in order of arrival; PAGE of them behind
        the one named."""
        place = (t.tickets.c.priority, t.tickets.c.number)
        query = select(t.tickets).where(_in(states)).order_by(*place).limit(PAGE)
        if after:
            query = query.where(tuple_(*place) > (after.priority, after.number))
        return self._tickets(query)

    def closed(self, after: Ticket | None = None) -> tuple[Ticket, ...]:
        """Closed tickets, newest first, PAGE of them behind the one named."""
        return self._newest(select(t.tickets).where(_in([TicketState.CLOSED])), after)

    def count(self, states: Iterable[TicketState]) -> int:
        """How many tickets are in these states."""
        query = select(func.count()).select_from(t.tickets).where(_in(states))
        with self._db.read() as conn:
            return int(conn.execute(query).scalar_one())

    def _newest(self, query: Select[Any], after: Ticket | None) -> tuple[Ticket, ...]:
        if after:
            query = query.where(t.tickets.c.number < after.number)
        return self._tickets(query.order_by(t.tickets.c.number.desc()).limit(PAGE))

    def earlier_tickets(self, ticket: Ticket, limit: int = 10) -> tuple[Ticket, ...]:
        """Other tickets of the same account (or person, without one), newest first."""
        same_owner = t.tickets.c.account == ticket.draft.account
        if not ticket.draft.account:
            same_owner = same_owner & (t.tickets.c.person == ticket.draft.person)
        query = (
            select(t.tickets)
            .where(same_owner, t.tickets.c.id != ticket.id)
            .order_by(t.tickets.c.number.desc())
            .limit(limit)
        )
        return self._tickets(query)

    def find_open_duplicate(self, draft: Draft) -> Ticket | None:
        """The newest open ticket about the same thing, or None."""
        query = (
            select(t.tickets)
            .where(
                t.tickets.c.account == draft.account,
                t.tickets.c.state != TicketState.CLOSED.value,
                t.tickets.c.fingerprint != draft.fingerprint,
            )
            .order_by(t.tickets.c.number.desc())
            .limit(MOST)
        )
        if not draft.account:
            query = query.where(t.tickets.c.person == draft.person)
        return next((k for k in self._tickets(query) if is_same_matter(k.draft, draft)), None)

    def _tickets(self, query: object) -> tuple[Ticket, ...]:
        with self._db.read() as conn:
            return tuple(_ticket(row) for row in conn.execute(query))  # type: ignore[call-overload] # any select of whole rows

    def thread(self, ticket: str, *, internal: bool) -> tuple[Note, ...]:
        """What was written, oldest first; internal notes only for staff."""
        query = select(t.notes).where(t.notes.c.ticket == ticket).order_by(t.notes.c.id)
        if not internal:
            query = query.where(t.notes.c.kind != NoteKind.INTERNAL.value)
        with self._db.read() as conn:
            return NOTES.all(conn.execute(query))

    def note_keys(
        self, ticket_ids: Iterable[str]
    ) -> Mapping[str, tuple[tuple[NoteKind, str], ...]]:
        """Kind and key of all entries of some tickets, by ticket, oldest first."""
        query = (
            select(t.notes.c.ticket, t.notes.c.kind, t.notes.c.key)
            .where(t.notes.c.ticket.in_(list(ticket_ids)))
            .order_by(t.notes.c.id)
        )
        by_ticket: dict[str, list[tuple[NoteKind, str]]] = {}
        with self._db.read() as conn:
            for ticket, kind, key in conn.execute(query):
                by_ticket.setdefault(ticket, []).append((NoteKind(kind), key))
        return {ticket: tuple(keys) for ticket, keys in by_ticket.items()}

    def note(self, ticket: str, key: str) -> Note | None:
        """One entry by its key."""
        query = select(t.notes).where(t.notes.c.ticket == ticket, t.notes.c.key == key)
        with self._db.read() as conn:
            return NOTES.first(conn.execute(query))

    def has_other_words(self, ticket: str, key: str, text: str) -> bool:
        """Whether the entry with this key says something else than a text."""
        note = self.note(ticket, key)
        return note is not None and note.text != text

    # acting

    @repeat_on_conflict
    def apply(self, ticket: str, command: TicketCommand) -> bool:
        """Write one step: note, state, audit row, letters and the desk's job, all or nothing.
        False when a note with this key stands already; then nothing else happens either. Raises
        StaleVersion, and writes nothing, when somebody has acted since the version `command.seen`."""
        now = self._clock.now()
        with self._db.write() as conn:
            if command.note and not _add_note(conn, ticket, command.note):
                return False
            same = t.tickets.c.id == ticket
            if command.seen is not None:
                same &= t.tickets.c.version == command.seen
            values = changed_columns(command, now)
            result = conn.execute(update(t.tickets).where(same).values(**values))
            if result.rowcount != 1 and command.seen is not None:
                raise StaleVersion(f"ticket {ticket} is no longer of version {command.seen}")
            if command.counts_as_answer:
                conn.execute(
                    update(t.tickets)
                    .where(t.tickets.c.id == ticket, t.tickets.c.answered_at.is_(None))
                    .values(answered_at=now)
                )
            self._audit(conn, command.actor, command.action, ticket, command.detail)
            self._enqueue(conn, ticket, command, now)
        self._jobs.wake()
        return True

    @repeat_on_conflict
    def add_note(self, ticket: str, note: Note) -> bool:
        """Add a note and nothing else; False when it stood. For desks kept in these rows."""
        with self._db.write() as conn:
            return _add_note(conn, ticket, note)

    def _enqueue(self, conn: Connection, ticket: str, step: TicketCommand, now: datetime) -> None:
        if step.notify_desk and step.note:
            payload = msgspec.json.encode(AddNote(ticket, step.note.key)).decode()
            self._jobs.enqueue(conn, Job(NOTE_KIND, payload, f"{ticket}:{step.note.key}", now))
        for email in step.emails:
            self._jobs.enqueue(conn, email_job(email, now))

    def _audit(
        self, conn: Connection, actor: str, action: str, ticket: str, detail: Mapping[str, str]
    ) -> None:
        write_audit(conn, AuditEntry(self._clock.now(), actor, action, f"ticket:{ticket}", detail))

    # retention

    def forget_closed(self, before: datetime) -> int:
        """Delete tickets closed before a time, with their threads and check links, slice by
        slice; how many. The audit log keeps that they were there."""
        closed = t.tickets.c.state == TicketState.CLOSED.value
        query = select(t.tickets.c.id).where(closed, t.tickets.c.closed_at < before).limit(SLICE)

        def step() -> int:
            with self._db.write() as conn:
                ids = list(conn.execute(query).scalars())
                links = select(t.invites.c.id).where(t.invites.c.ticket.in_(ids))
                conn.execute(delete(t.claims).where(t.claims.c.invite.in_(links)))
                for column in (t.invites.c.ticket, t.notes.c.ticket, t.tickets.c.id):
                    conn.execute(delete(column.table).where(column.in_(ids)))
            return len(ids)

        return repeat(step)


def priority_number(draft: Draft) -> int:
    return _PRIORITIES.index(draft.priority) if draft.priority in _PRIORITIES else 2


def changed_columns(command: TicketCommand, now: datetime) -> dict[str, object]:
    values: dict[str, object] = {"updated_at": now, "version": t.tickets.c.version + 1}
    if command.state:
        values["state"] = command.state.value
        values["closed_at"] = now if command.state is TicketState.CLOSED else None
        values["outcome"] = command.outcome
    if command.priority is not None:
        values["priority"] = command.priority
    if command.agent:
        values["agent"] = command.agent
    return values


def _add_note(conn: Connection, ticket: str, note: Note) -> bool:
    """The run a note names may be forgotten by now; that must lose nobody their words."""
    row = NOTES.to_row(note, ticket=ticket)
    if note.run:
        row["run"] = select(runs.c.id).where(runs.c.id == note.run).scalar_subquery()
    return insert_once(conn, t.notes, row)


def _in(states: Iterable[TicketState]) -> ColumnElement[bool]:
    return t.tickets.c.state.in_([state.value for state in states])


def _by_fingerprint(conn: Connection, fingerprint: str) -> Row[Any]:
    query = select(t.tickets).where(t.tickets.c.fingerprint == fingerprint)
    return conn.execute(query).one()


def _queried(draft: Draft) -> dict[str, object]:
    return {name: getattr(draft, name) for name in _OF_DRAFT}


def _ticket(row: Row[Any]) -> Ticket:
    ref = TicketRef(row.desk, row.desk_id, row.desk_number, row.desk_url)
    draft = DRAFTS.load_or_none(row.draft) or _draft_of_columns(row)
    return TICKETS.from_row(row, draft=draft, ref=ref if ref.desk else None)


def _draft_of_columns(row: Row[Any]) -> Draft:
    """What a ticket's own columns say, when its draft cannot be read: it stays in the queue, and
    its thread has the text."""
    return Draft(
        fingerprint=row.fingerprint,
        priority=_PRIORITIES[max(0, min(row.priority, 3))],
        text="",
        statement=AuthenticationSnapshot.unreadable(row.opened_at),
        lang="",
        **{name: getattr(row, name) for name in _OF_DRAFT},
    )
