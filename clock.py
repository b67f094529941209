"""Clocks: the system's time, a clock set by hand (tests, demo), and moments that local clocks show twice or never.

All code reads the time through the protocol `Clock`; nobody else calls datetime.now().
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
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


def moments_showing(local: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    """The moments, in UTC, at which the clocks of a zone show a time: none where they are put
    forward over it, two where they are put back over it. Raises OverflowError at the ends of the
    calendar."""
    readings = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    moments = {at for at in readings if at.astimezone(zone).replace(tzinfo=None, fold=0) == local}
    return tuple(sorted(moments))


def skipped_span(local: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """From where to where the clocks of a zone are put forward over a time that they never show."""
    earlier, later = sorted(
        local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)
    )
    offset = earlier.astimezone(zone).utcoffset()
    while later - earlier > timedelta(seconds=1):  # the change lies between them
        between = earlier + (later - earlier) / 2
        if between.astimezone(zone).utcoffset() == offset:
            earlier = between
        else:
            later = between
    change = later.replace(microsecond=0)
    after = change.astimezone(zone).replace(tzinfo=None)
    return (change + (offset or timedelta())).replace(tzinfo=None), after


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
