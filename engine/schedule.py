"""The clock of the engine: one job per probe, spread evenly, never two looks of one at a time.

The only user of APScheduler. A look that begins late says so; it is not the target's fault.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from clock import Clock

log = logging.getLogger("jasno.engine")
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
SOON = timedelta(seconds=5)  # after a start every probe has looked once within this time
Look = Callable[[str, datetime], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that is due every `interval`, by name."""

    name: str
    interval: timedelta


def offset(turn: Turn) -> timedelta:
    """Where in its interval a turn lies: by its name, the same after every restart. Pure."""
    digest = int.from_bytes(hashlib.sha256(turn.name.encode()).digest()[:8])
    return turn.interval * (digest / 2**64)


def due(turn: Turn, now: datetime) -> datetime:
    """When the look that runs now should have begun. Pure."""
    first = EPOCH + offset(turn)
    return first + ((now - first) // turn.interval) * turn.interval


class Schedule:
    """Calls `look(name, due)` for each turn when it is due, in the running event loop."""

    def __init__(self, turns: Iterable[Turn], look: Look, clock: Clock) -> None:
        self._turns = tuple(turns)
        self._look = look
        self._clock = clock
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self.lateness = timedelta(0)  # the worst since it was last asked for

    def start(self) -> None:
        """Begin; each turn has a first look within five seconds, then keeps its place."""
        now = self._clock.now()
        for turn in self._turns:
            first = EPOCH + offset(turn)
            self._scheduler.add_job(
                self._run,
                IntervalTrigger(seconds=turn.interval.total_seconds(), start_date=first),
                args=(turn,),
                id=turn.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=max(1, int(turn.interval.total_seconds())),
            )
            soon = now + SOON * (offset(turn) / turn.interval)
            if due(turn, now) + turn.interval > soon:
                self._scheduler.add_job(
                    self._first, "date", run_date=soon, args=(turn, soon), misfire_grace_time=60
                )
        self._scheduler.start()

    def restart(self) -> None:
        """Take the wall clock as it is now; after it was set, a turn could be hours away."""
        for turn in self._turns:
            first = EPOCH + offset(turn)
            trigger = IntervalTrigger(seconds=turn.interval.total_seconds(), start_date=first)
            self._scheduler.reschedule_job(turn.name, trigger=trigger)

    def stop(self) -> None:
        """No further looks; those under way are left to end."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def worst(self) -> timedelta:
        """The worst lateness since this was last asked."""
        found, self.lateness = self.lateness, timedelta(0)
        return found

    async def _run(self, turn: Turn) -> None:
        await self._call(turn, due(turn, self._clock.now()))

    async def _first(self, turn: Turn, at: datetime) -> None:
        await self._call(turn, at)

    async def _call(self, turn: Turn, at: datetime) -> None:
        self.lateness = max(self.lateness, self._clock.now() - at)
        try:
            await self._look(turn.name, at)
        except Exception:  # one look must never stop the others
            log.exception("the look %s broke", turn.name)
