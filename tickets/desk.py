"""The support desk as this project needs it. Adapters live in desks/, one file each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from observe.network import Network
from settings import schema
from tickets.model import Draft, Note, TicketRef
from tickets.store import TicketStore


class DeskError(Exception):
    """The desk did not take it. `permanent` when a retry is useless."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class Desk(Protocol):
    """Where a provider's support staff read tickets. Blocking: callers run it in a job."""

    name: str

    def open(self, draft: Draft) -> TicketRef:
        """Open a ticket; the same fingerprint gives the same ticket. Raises DeskError."""
        ...

    def append(self, ticket: TicketRef, note: Note) -> None:
        """Add a note; the same key is added once. Raises DeskError."""
        ...

    def ping(self) -> None:
        """Return when the desk answers; raise DeskError when it does not."""
        ...


@dataclass(frozen=True, slots=True)
class DeskAccess:
    """What a desk may be made of: its section of the settings, our own tickets, and the network for a
    desk that is somebody else's."""

    section: schema.DeskSection
    tickets: TicketStore
    network: Network


class DeskKind(Protocol):
    """A desk that `[desk] kind` may name."""

    name: str

    def connect(self, access: DeskAccess) -> Desk:
        """A desk that is ready to be used. Raises ValueError with a plain reason for settings that
        cannot be meant."""
        ...
