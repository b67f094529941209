"""When each probe is due: evenly spread, at the same place after every restart. Pure."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
SOON = timedelta(seconds=5)  # after a start every probe has looked once within this time,
EACH = timedelta(milliseconds=5)  # or, of more than a thousand, within so much for each


@dataclass(frozen=True, slots=True)
class Slot:
    """Something that is due every `interval`, by name."""

    name: str
    interval: timedelta


def offset(slot: Slot) -> timedelta:
    """Where in its interval a slot lies: by its name, the same after every restart."""
    digest = int.from_bytes(hashlib.sha256(slot.name.encode()).digest()[:8])
    return slot.interval * (digest / 2**64)


def last_occurrence(interval: timedelta, first: datetime, now: datetime) -> datetime:
    return first + ((now - first) // interval) * interval


class TimerWheel:
    """All slots in the order in which they come. Handed the time, it hands out who is due."""

    def __init__(self, slots: Iterable[Slot]) -> None:
        self._slots = tuple(slots)
        self._first = tuple(EPOCH + offset(slot) for slot in self._slots)
        self._queue: list[tuple[datetime, int]] = []

    def start(self, now: datetime) -> None:
        """From here on; each slot has a first look soon, then keeps its place."""
        self._queue = []
        spread = max(SOON, EACH * len(self._slots))
        for n, slot in enumerate(self._slots):
            soon = now + spread * (offset(slot) / slot.interval)
            self._queue.append((min(soon, self._next(n, now)), n))
        heapq.heapify(self._queue)

    def restart(self, now: datetime) -> None:
        """The clock was set: each slot keeps its place by the new time."""
        self._queue = [(self._next(n, now), n) for n in range(len(self._slots))]
        heapq.heapify(self._queue)

    def due_before(self, end: datetime, now: datetime) -> Iterator[tuple[Slot, datetime]]:
        """Who is due before `end`, and when. Of slots missed by more than an interval the last
        stands for all."""
        while self._queue and self._queue[0][0] < end:
            at, n = self._queue[0]
            slot = self._slots[n]
            if now - at >= slot.interval:
                at = last_occurrence(slot.interval, self._first[n], now)
            heapq.heapreplace(self._queue, (self._next(n, at), n))
            yield slot, at

    def _next(self, n: int, now: datetime) -> datetime:
        """The first place of a slot after a moment."""
        interval = self._slots[n].interval
        return last_occurrence(interval, self._first[n], now) + interval
