"""Sign-ins waiting for password hashing: a few at a time, known users first, refused when the queue is full.

Those who wait hold a thread each; so that pages keep theirs, no more wait than there are places.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Condition

PATIENCE = 10.0  # seconds to wait for one's turn


class HashingQueueFull(Exception):
    """All places to wait are taken, or it took too long."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ticket:
    asker: str


class HashingQueue:
    """`parallel` work at a time; of the others so many wait who go first, and so many who do not;
    whoever names themselves waits once."""

    def __init__(self, parallel: int = 2, *, first: int = 4, others: int = 4) -> None:
        self._free = parallel
        self._places = {True: first, False: others}
        self._waiting: dict[bool, deque[_Ticket]] = {True: deque(), False: deque()}
        self._changed = Condition()

    def enter(self, *, first: bool, asker: str = "", patience: float = PATIENCE) -> None:
        """Wait for a turn, before all that do not go first. Raises HashingQueueFull."""
        ticket, line = _Ticket(asker), self._waiting[first]
        with self._changed:
            if not self._free and (len(line) >= self._places[first] or self._waits(asker)):
                raise HashingQueueFull
            line.append(ticket)
            ours = self._changed.wait_for(lambda: self._free and self._next() is ticket, patience)
            line.remove(ticket)
            if not ours:
                self._changed.notify_all()
                raise HashingQueueFull
            self._free -= 1
            self._changed.notify_all()

    def leave(self) -> None:
        """The turn is over."""
        with self._changed:
            self._free += 1
            self._changed.notify_all()

    def waiting(self) -> int:
        """How many wait."""
        with self._changed:
            return sum(map(len, self._waiting.values()))

    def _waits(self, asker: str) -> bool:
        return any(
            asker == ticket.asker != "" for line in self._waiting.values() for ticket in line
        )

    def _next(self) -> _Ticket | None:
        line = self._waiting[True] or self._waiting[False]
        return line[0] if line else None
