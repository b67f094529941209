"""Hands tickets and notes over to the desk, from jobs that may run twice.

A ticket is on our side from the moment it was sent; a desk that is away delays it, nothing more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from jobs.model import TRIES_FOR_DAYS, Handler, Job, Retry
from messages import EmailRef
from tickets.desk import Desk, DeskError
from tickets.desks.local import LocalDesk
from tickets.model import Ticket, TicketRef
from tickets.store import NOTE_KIND, OPEN_KIND, AddNote, OpenTicket, TicketStore

log = logging.getLogger("jasno.tickets")
HARDLY = timedelta(minutes=15)  # until what a desk refuses may be taken after all


@dataclass(frozen=True, slots=True)
class Delivery:
    """Between our rows and the desk. `emails` are those that go out once a ticket is there."""

    desk: Desk
    tickets: TicketStore
    emails: Callable[[str], Iterable[EmailRef]]

    def open(self, job: Job) -> None:
        """Open a ticket on the desk and remember its number there."""
        payload = msgspec.json.decode(job.payload, type=OpenTicket)
        ticket = self._ticket(payload.ticket)
        if ticket is None:
            return
        # After a kill it may be there already, with its letters still to be asked for.
        ref = ticket.ref or self._open(ticket)
        self.tickets.mark_delivered(ticket.id, ref, self.emails(ticket.id))

    def _open(self, ticket: Ticket) -> TicketRef:
        try:
            return self.desk.open(ticket.draft)
        except DeskError as error:
            raise self._later(error) from error

    def note(self, job: Job) -> None:
        """Append a note to the ticket on the desk."""
        payload = msgspec.json.decode(job.payload, type=AddNote)
        ticket = self._ticket(payload.ticket)
        note = self.tickets.note(payload.ticket, payload.key)
        if ticket is None or note is None:
            return
        if ticket.ref is None:
            raise Retry("the ticket itself is not on the desk yet")
        if ticket.ref.desk != self.desk.name:
            if ticket.ref.desk == LocalDesk.name:
                return  # taken before this desk was chosen: the note stands in its rows already
            raise self._other_desk(ticket.ref)
        try:
            self.desk.append(ticket.ref, note)
        except DeskError as error:
            raise self._later(error) from error

    def _ticket(self, id: str) -> Ticket | None:
        ticket = self.tickets.ticket(id)
        if ticket is None:
            log.warning("a job names a ticket that is not there: %s", id)
        return ticket

    def _other_desk(self, ref: TicketRef) -> Exception:
        """Its number there may be another customer's ticket here, so the note waits: an operator
        may choose that desk again. Agents read it at /desk meanwhile."""
        text = f"ticket {ref.number} is on the desk {ref.desk}, not on {self.desk.name}"
        log.warning("a note waits: %s", text)
        return Retry(text, HARDLY)

    def _later(self, error: DeskError) -> Exception:
        """Try again by growing pauses, or much later when the desk says that trying is useless: an
        operator may mend its settings. What is given up after days stands at /ops/health."""
        log.warning("the desk %s did not take it: %s", self.desk.name, error)
        return Retry(str(error), HARDLY if error.permanent else None)


def handlers(
    desk: Desk, tickets: TicketStore, emails: Callable[[str], Iterable[EmailRef]]
) -> dict[str, Handler]:
    """The handlers of `ticket.open` and `ticket.note`."""
    delivery = Delivery(desk, tickets, emails)
    return {
        OPEN_KIND: Handler(delivery.open, tries=TRIES_FOR_DAYS, blocking=True, payload=OpenTicket),
        NOTE_KIND: Handler(delivery.note, tries=TRIES_FOR_DAYS, blocking=True, payload=AddNote),
    }
