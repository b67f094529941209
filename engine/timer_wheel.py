"""When each probe's turn comes: evenly spread, at the same place after every restart. Pure."""

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


def offset(turn: Slot) -> timedelta:
    """Where in its interval a turn lies: by its name, the same after every restart."""
    digest = int.from_bytes(hashlib.sha256(turn.name.encode()).digest()[:8])
    return turn.interval * (digest / 2**64)


def due(turn: Slot, now: datetime) -> datetime:
    """When the look that runs now should have begun."""
    return _last(turn.interval, EPOCH + offset(turn), now)


def _last(interval: timedelta, first: datetime, now: datetime) -> datetime:
    return first + ((now - first) // interval) * interval


class TimerWheel:
    """All turns in the order in which they come. Handed the time, it hands out who is due."""

    def __init__(self, turns: Iterable[Slot]) -> None:
        self._turns = tuple(turns)
        self._first = tuple(EPOCH + offset(turn) for turn in self._turns)
        self._coming: list[tuple[datetime, int]] = []

    def start(self, now: datetime) -> None:
        """From here on; each turn has a first look soon, then keeps its place."""
        self._coming = []
        spread = max(SOON, EACH * len(self._turns))
        for n, turn in enumerate(self._turns):
            soon = now + spread * (offset(turn) / turn.interval)
            self._coming.append((min(soon, self._next(n, now)), n))
        heapq.heapify(self._coming)

    def restart(self, now: datetime) -> None:
        """The clock was set: each turn keeps its place by the new time."""
        self._coming = [(self._next(n, now), n) for n in range(len(self._turns))]
        heapq.heapify(self._coming)

    def until(self, end: datetime, now: datetime) -> Iterator[tuple[Slot, datetime]]:
        """Who is due before `end`, and when. Of turns missed by more than an interval the last
        stands for all."""
        while self._coming and self._coming[0][0] < end:
            at, n = self._coming[0]
            turn = self._turns[n]
            if now - at >= turn.interval:
                at = _last(turn.interval, self._first[n], now)
            heapq.heapreplace(self._coming, (self._next(n, at), n))
            yield turn, at

    def _next(self, n: int, now: datetime) -> datetime:
        """The first place of a turn after a moment."""
        interval = self._turns[n].interval
        return _last(interval, self._first[n], now) + interval
