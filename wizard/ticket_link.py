"""The ticket that a self-check was run for, as its report asks for it; who keeps tickets gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from diagnostics.model import Run
from room_ports import RoomPort


@dataclass(frozen=True, slots=True)
class TicketLink:
    """The ticket by whose check link a run was started."""

    path: str
    number: int


TicketOfRun = Callable[[Run], TicketLink | None]  # for who sends the running request
TICKET_OF_RUN: RoomPort[TicketOfRun] = RoomPort("ticket of a run")
