"""Acts on a ticket by agent or customer (reply, note, hand over, close, check, check link).
Each is a note, a state and an audit row at once, with a letter where the other side is to hear. Knows no request; portal/ and the pages
call it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.model import Person, Visitor
from accounts.random_tokens import fresh_id
from accounts.store import AccountStore
from clock import Clock
from diagnostics.model import Run
from tickets import labels
from tickets.access import authentication_snapshot
from tickets.departments.routing import Priority
from tickets.emails.outgoing_emails import LINK_NOTE, check_link_ref, reply_ref
from tickets.invites.store import InviteStore
from tickets.model import Invite, Note, NoteKind, Ticket, TicketOutcome, TicketState
from tickets.reports import Diagnoses
from tickets.store import TicketCommand, TicketStore


@dataclass(frozen=True, slots=True)
class TicketService:
    """An agent's acts."""

    tickets: TicketStore
    invites: InviteStore
    accounts: AccountStore
    diagnoses: Diagnoses
    clock: Clock

    def reply(
        self, ticket: Ticket, agent: Person, text: str, key: str, *, seen: int | None = None
    ) -> bool:
        """Answer the customer, here and by letter. False when this was done already. `seen` is the
        version the agent saw: StaleVersion when somebody has acted since."""
        name = _note_key(NoteKind.REPLY, key)
        command = TicketCommand(
            agent.id,
            "ticket.replied",
            self._note(name, NoteKind.REPLY, agent, text),
            TicketState.WAITING,
            agent=agent.id,
            counts_as_answer=True,
            seen=seen,
            emails=(reply_ref(ticket.id, name),),
        )
        return self.tickets.apply(ticket.id, command)

    def has_other_words(self, ticket: Ticket, kind: NoteKind, key: str, text: str) -> bool:
        """Whether an answer or a note that came with this key says something else than a text."""
        return self.tickets.has_other_words(ticket.id, _note_key(kind, key), text)

    def note(self, ticket: Ticket, agent: Person, text: str, key: str) -> bool:
        """Write something only staff can read."""
        note = self._note(_note_key(NoteKind.INTERNAL, key), NoteKind.INTERNAL, agent, text)
        return self.tickets.apply(ticket.id, TicketCommand(agent.id, "ticket.noted", note))

    def hand_over(
        self, ticket: Ticket, agent: Person, key: str, *, seen: int | None = None
    ) -> bool:
        """Give it to the technicians; the customer sees that. `seen` as in reply."""
        note = self._note(f"event:{key}", NoteKind.EVENT, agent, labels.HANDED_OVER)
        command = TicketCommand(
            agent.id,
            "ticket.handed_over",
            note,
            TicketState.TECHNICIANS,
            agent=agent.id,
            seen=seen,
        )
        return self.tickets.apply(ticket.id, command)

    def close(
        self,
        ticket: Ticket,
        agent: Person,
        outcome: TicketOutcome,
        key: str,
        *,
        seen: int | None = None,
    ) -> bool:
        """End it, with how it ended. `seen` as in reply."""
        note = self._note(f"event:{key}", NoteKind.EVENT, agent, labels.CLOSED)
        command = TicketCommand(
            agent.id,
            "ticket.closed",
            note,
            TicketState.CLOSED,
            agent=agent.id,
            outcome=outcome.value,
            seen=seen,
            detail={"outcome": outcome.value},
        )
        return self.tickets.apply(ticket.id, command)

    def invite(
        self,
        ticket: Ticket,
        agent: Person,
        *,
        subject: str,
        symptom: str,
        valid: timedelta,
        runs: int,
        message: str,
    ) -> tuple[Invite, str]:
        """Ask the customer to run a check: a link here and by letter. Raises NotASubject."""
        self.diagnoses.recognise(subject)
        invite, token = self.invites.create(
            ticket.id, subject, symptom, by=agent.id, valid=valid, runs=runs, message=message
        )
        text = labels.event_text(labels.LINK_SENT, message)
        note = self._note(f"{LINK_NOTE}{invite.id}", NoteKind.EVENT, agent, text)
        command = TicketCommand(
            agent.id,
            "invite.sent",
            note,
            TicketState.WAITING,
            agent=agent.id,
            counts_as_answer=True,
            emails=(check_link_ref(invite.id),),
            detail={"invite": invite.id},
        )
        self.tickets.apply(ticket.id, command)
        return invite, token

    def check(self, ticket: Ticket, visitor: Visitor, subject: str, symptom: str) -> Run:
        """Run a check oneself, in staff scope; its result lands in the ticket too.

        Raises NotASubject.
        """
        self.diagnoses.recognise(subject)
        agent = visitor.person.id if visitor.person else ""
        invite, _ = self.invites.create(
            ticket.id, subject, symptom, by=agent, valid=timedelta(hours=1), runs=1
        )
        claim = self.invites.claim(invite, authentication_snapshot(visitor, "", self.clock.now()))
        run, _ = self.diagnoses.start(
            subject, symptom, visitor, invite=claim.id if claim else "", fresh=True
        )
        self.accounts.audit(agent, "ticket.checked", f"ticket:{ticket.id}", {"run": run.id})
        return run

    def _note(self, key: str, kind: NoteKind, agent: Person, text: str) -> Note:
        return Note(key, kind, agent.id, text, self.clock.now())


def _note_key(kind: NoteKind, key: str) -> str:
    """Of an answer or an internal note that came with the key of a form."""
    return f"note:{key}" if kind is NoteKind.INTERNAL else f"reply:{key}"


def form_key(typed: str) -> str:
    """The key a form came with, so that sending it twice is one act; a fresh one without."""
    return typed if typed.isalnum() and len(typed) <= 64 else fresh_id()


def is_overdue(ticket: Ticket, now: datetime) -> bool:
    """Whether the first answer is later than it was promised."""
    late = ticket.answer_by is not None and now > ticket.answer_by
    return late and ticket.answered_at is None and ticket.open


def customer_message(
    ticket: Ticket, visitor: Visitor, key: str, text: str, now: datetime, *, run: str = ""
) -> TicketCommand:
    """The customer writes on: a ticket that waited or was closed opens again, an overdue one moves
    up. `run` is the id of a newer diagnosis."""
    person = visitor.person.id if visitor.person else ""
    statement = authentication_snapshot(visitor, ticket.draft.account, now)
    note = Note(key, NoteKind.CUSTOMER, person, text, now, run, statement)
    reopens = ticket.state in (TicketState.WAITING, TicketState.CLOSED)
    raises_priority = is_overdue(ticket, now) and ticket.priority > Priority.HIGH
    return TicketCommand(
        person,
        "ticket.said",
        note,
        TicketState.OPEN if reopens else None,
        priority=ticket.priority - 1 if raises_priority else None,
        notify_desk=True,
    )
