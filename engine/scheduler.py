"""Starts each probe when it is due, never twice at a time; the clock of the engine.

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
HAND_OUT = timedelta(seconds=5)  # so often looks are handed to the event loop
AHEAD = timedelta(seconds=8)  # those due before then, in case we are late
JOB = "slots"
Look = Callable[[str, datetime], Awaitable[object]]


class Scheduler:
    """Calls `look(name, due)` for each slot when it is due, in the running event loop."""

    def __init__(self, slots: Iterable[Slot], look: Look, clock: Clock) -> None:
        self._wheel = TimerWheel(slots)
        self._look = look
        self._clock = clock
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._scheduled: dict[tuple[str, datetime], asyncio.Handle] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self.lateness = timedelta(0)  # the worst since it was last asked for

    def start(self) -> None:
        """Begin; each slot has a first look soon, then keeps its place."""
        self._wheel.start(self._clock.now())
        self._scheduler.add_job(
            self._plan_ahead,
            IntervalTrigger(seconds=HAND_OUT.total_seconds()),
            id=JOB,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.start()
        self._plan()

    def restart(self) -> None:
        """Take the wall clock as it is now; after it was set, a slot could be hours away."""
        self._cancel_scheduled()
        self._wheel.restart(self._clock.now())
        self._scheduler.reschedule_job(
            JOB, trigger=IntervalTrigger(seconds=HAND_OUT.total_seconds())
        )
        self._plan()

    def stop(self) -> None:
        """No further looks; those under way are left to end."""
        self._cancel_scheduled()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def take_lateness(self) -> timedelta:
        """The worst lateness since this was last asked."""
        lateness, self.lateness = self.lateness, timedelta(0)
        return lateness

    async def _plan_ahead(self) -> None:
        self._plan()

    def _plan(self) -> None:
        """Give the looks of the coming seconds to the event loop."""
        loop, now = asyncio.get_running_loop(), self._clock.now()
        for slot, at in self._wheel.due_before(now + AHEAD, now):
            delay = max(0.0, (at - now).total_seconds())
            self._scheduled[slot.name, at] = loop.call_later(delay, self._begin, slot, at)

    def _begin(self, slot: Slot, at: datetime) -> None:
        """Start a look, unless the last one of this probe still runs."""
        self._scheduled.pop((slot.name, at), None)
        if slot.name in self._running:
            return
        self.lateness = max(self.lateness, self._clock.now() - at)
        self._running[slot.name] = asyncio.get_running_loop().create_task(self._call(slot, at))

    async def _call(self, slot: Slot, at: datetime) -> None:
        try:
            await self._look(slot.name, at)
        except Exception:  # one look must never stop the others
            log.exception("the look %s broke", slot.name)
        finally:
            del self._running[slot.name]

    def _cancel_scheduled(self) -> None:
        for handle in self._scheduled.values():
            handle.cancel()
        self._scheduled.clear()
