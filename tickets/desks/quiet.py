"""Support desk in memory, without delivery: for trying things out and for tests."""

from __future__ import annotations

import threading

from tickets.desk import DeskAccess, DeskError
from tickets.model import Draft, Note, TicketRef


class InMemoryDesk:
    """Keeps what it is given until the process ends. `away` makes it refuse everything."""

    name = "quiet"

    def __init__(self) -> None:
        self.away = False
        self.opened: dict[str, tuple[TicketRef, Draft]] = {}
        self.notes: dict[str, dict[str, Note]] = {}
        self._lock = threading.Lock()

    @classmethod
    def connect(cls, access: DeskAccess) -> InMemoryDesk:
        """See DeskKind."""
        del access
        return cls()

    def open(self, draft: Draft) -> TicketRef:
        """See Desk."""
        self.ping()
        with self._lock:
            number = str(len(self.opened) + 1)
            ref = TicketRef(self.name, f"q{number}", number)
            return self.opened.setdefault(draft.fingerprint, (ref, draft))[0]

    def append(self, ticket: TicketRef, note: Note) -> None:
        """See Desk."""
        self.ping()
        if ticket not in (ref for ref, _ in self.opened.values()):
            raise DeskError("there is no such ticket", permanent=True)
        with self._lock:
            self.notes.setdefault(ticket.id, {}).setdefault(note.key, note)

    def ping(self) -> None:
        """See Desk."""
        if self.away:
            raise DeskError("the desk is told to be away")
