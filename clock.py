"""Clocks: the protocol through which all code reads the time, the system clock, a manual one.

Nobody else calls datetime.now().
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A source of wall and monotonic time."""

    def now(self) -> datetime:
        """The wall time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never step back; only differences mean something."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(slots=True)
class ManualClock:
    """A clock that moves only by `advance`; for tests, simulations and replays."""

    at: datetime = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
    _elapsed: float = field(default=0.0)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self._elapsed

    def advance(self, by: timedelta) -> None:
        """Move both the wall and the monotonic time forward."""
        self.at += by
        self._elapsed += by.total_seconds()


class ClockStepDetector:
    """Detects steps of the wall clock: set forward or back, or the machine asleep."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.now(), clock.monotonic()

    def step(self) -> timedelta:
        """The wall clock's deviation from the monotonic clock since the last call."""
        before, ticks = self._last
        self._last = now, mono = self._clock.now(), self._clock.monotonic()
        return now - before - timedelta(seconds=mono - ticks)
