"""The clock of the engine: looks begin when they are due, never two of one probe at a time.

The only user of APScheduler: one job hands the coming seconds' looks to the event loop's timers,
so that thousands of probes cost one job and each still begins to the millisecond. A look that
begins late says so; it is not the target's fault.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from clock import Clock
from engine.timer_wheel import Slot, TimerWheel

log = logging.getLogger("jasno.engine")
AHEAD = timedelta(seconds=3)  # looks are handed out before they are due, in case we are late
JOB = "turns"
Look = Callable[[str, datetime], Awaitable[object]]


class Scheduler:
    """Calls `look(name, due)` for each turn when it is due, in the running event loop."""

    def __init__(self, turns: Iterable[Slot], look: Look, clock: Clock) -> None:
        self._wheel = TimerWheel(turns)
        self._look = look
        self._clock = clock
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._waiting: dict[tuple[str, datetime], asyncio.Handle] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}
        self.lateness = timedelta(0)  # the worst since it was last asked for

    def start(self) -> None:
        """Begin; each turn has a first look soon, then keeps its place."""
        self._wheel.start(self._clock.now())
        self._scheduler.add_job(
            self._hand_out,
            IntervalTrigger(seconds=1),
            id=JOB,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.start()
        self._plan()

    def restart(self) -> None:
        """Take the wall clock as it is now; after it was set, a turn could be hours away."""
        self._forget()
        self._wheel.restart(self._clock.now())
        self._scheduler.reschedule_job(JOB, trigger=IntervalTrigger(seconds=1))
        self._plan()

    def stop(self) -> None:
        """No further looks; those under way are left to end."""
        self._forget()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def worst(self) -> timedelta:
        """The worst lateness since this was last asked."""
        found, self.lateness = self.lateness, timedelta(0)
        return found

    async def _hand_out(self) -> None:
        self._plan()

    def _plan(self) -> None:
        """Give the looks of the coming seconds to the event loop."""
        loop, now = asyncio.get_running_loop(), self._clock.now()
        for turn, at in self._wheel.until(now + AHEAD, now):
            delay = max(0.0, (at - now).total_seconds())
            self._waiting[turn.name, at] = loop.call_later(delay, self._begin, turn, at)

    def _begin(self, turn: Slot, at: datetime) -> None:
        """Start a look, unless the last one of this probe still runs."""
        self._waiting.pop((turn.name, at), None)
        if turn.name in self._looking:
            return
        self.lateness = max(self.lateness, self._clock.now() - at)
        self._looking[turn.name] = asyncio.get_running_loop().create_task(self._call(turn, at))

    async def _call(self, turn: Slot, at: datetime) -> None:
        try:
            await self._look(turn.name, at)
        except Exception:  # one look must never stop the others
            log.exception("the look %s broke", turn.name)
        finally:
            del self._looking[turn.name]

    def _forget(self) -> None:
        for handle in self._waiting.values():
            handle.cancel()
        self._waiting.clear()
