"""The desk that comes with the house: tickets as our own rows, read at /desk. The default."""

from __future__ import annotations

from db.engine import DatabaseAway
from tickets.desk import DeskAccess, DeskError
from tickets.model import Draft, Note, TicketRef
from tickets.store import TicketStore


class LocalDesk:
    """Rows in the database that holds everything else."""

    name = "local"

    def __init__(self, tickets: TicketStore) -> None:
        self._tickets = tickets

    @classmethod
    def connect(cls, access: DeskAccess) -> LocalDesk:
        """See DeskKind."""
        return cls(access.tickets)

    def open(self, draft: Draft) -> TicketRef:
        """See Desk."""
        try:
            return self._tickets.import_ticket(draft, self.name)
        except DatabaseAway as away:
            raise DeskError(str(away)) from away

    def append(self, ticket: TicketRef, note: Note) -> None:
        """See Desk."""
        try:
            if self._tickets.ticket(ticket.id) is None:
                raise DeskError("there is no such ticket", permanent=True)
            self._tickets.add_note(ticket.id, note)
        except DatabaseAway as away:
            raise DeskError(str(away)) from away

    def ping(self) -> None:
        """See Desk."""
        try:
            self._tickets.ticket("")
        except DatabaseAway as away:
            raise DeskError(str(away)) from away
