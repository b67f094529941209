"""The background process: probes, jobs, publications and housekeeping in one event loop.

It goes on while the database is away, and ends within seconds when asked to. Of several engines
on one database one watches; the others share its jobs and stand by (leader.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import functools
import gc
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import uvloop

from clock import Clock, ClockStepDetector
from db.engine import Database, DatabaseAway
from engine import heartbeat_file as beat
from engine import worker_identity
from engine.leader import LeaderElection
from engine.scheduler import Scheduler
from engine.tasks import SupervisedTasks
from engine.timer_wheel import Slot
from jobs.model import Handlers
from jobs.queue import Queue
from jobs.worker import Poll, Wait, Worker
from room import RepeatedCall, Role, StatusMonitor

log = logging.getLogger("jasno.engine")
SECOND = 1.0
HEARTBEAT = 3.0  # seconds between two that tell the same
RENEWAL = 2.0  # seconds between two renewals of the lead
STEP = timedelta(seconds=3)  # a smaller one does no harm
HOUSEKEEPING = timedelta(hours=1)
LARGE = 128 * 1024  # bytes of one block; glibc would raise its limit with each that it gives back
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # malloc.h


@dataclass(frozen=True, slots=True)
class EngineParts:
    """Everything the engine runs. `chores` are blocking calls made once an hour; kinds of jobs
    in `leader_kinds` belong to the engine that watches, `other_roles_kinds` to engines of other roles.
    One that never watches has a `name`, for its heartbeat and for being woken."""

    var: Path
    clock: Clock
    db: Database
    lead: LeaderElection
    queue: Queue
    handlers: Handlers
    monitor: StatusMonitor
    slots: tuple[Slot, ...]
    wait: Callable[[], AbstractAsyncContextManager[Wait]]
    chores: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    closing: tuple[Callable[[], object], ...] = ()
    leader_kinds: frozenset[str] = frozenset()
    other_roles_kinds: frozenset[str] = frozenset()
    watches: bool = True
    name: str = ""
    repeated_calls: Mapping[str, RepeatedCall] = field(default_factory=dict)


def run(build: Callable[[], EngineParts]) -> None:
    """Run until SIGTERM or SIGINT. `build` is called inside the event loop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main(build))


async def _main(build: Callable[[], EngineParts]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    while not stop.is_set():  # one that was superseded begins anew, standing by
        engine = EngineProcess(build())
        tune_garbage_collector()
        tune_allocator()
        await engine.run(stop)


class EngineProcess:
    """One engine; `run` returns when `stop` is set, or when another engine has taken over."""

    def __init__(self, parts: EngineParts) -> None:
        self._parts = parts
        self._started_at = parts.clock.now()
        self._worker = Worker(
            parts.queue, parts.handlers, parts.clock, parts.lead.name, wait=Poll()
        )
        self._worker.paused_kinds = parts.leader_kinds | parts.other_roles_kinds
        self._schedule: Scheduler | None = None
        self._over = asyncio.Event()
        self._tasks = SupervisedTasks(self._over)
        self._call_troubles: dict[str, str] = {}  # of repeated calls, by name
        self._troubles: dict[str, str] = {}  # as the heartbeat told them last
        self._beaten = float("-inf")

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        parts, over = self._parts, self._over
        async with contextlib.AsyncExitStack() as stack:
            if not parts.watches:
                await self._work_jobs(stack)
            elif await asyncio.to_thread(parts.lead.acquire):
                await self._watch(stack)
            else:
                log.info("standing by: %s watches", parts.lead.holder or "another engine")
            self._tasks.start("jobs", lambda: self._worker.run(over))
            self._tasks.start("beat", lambda: self._beat(over))
            self._tasks.start("housekeeping", lambda: self._housekeeping(over))
            for name in parts.repeated_calls:
                self._tasks.start(name, functools.partial(self._repeat, name, over))
            if parts.watches:
                self._tasks.start("lead", lambda: self._keep_lead(stack))
            await first_of(stop, over)
            over.set()
            if self._schedule is not None:
                self._schedule.stop()
            await self._tasks.end(3.5)
            await self._release_lead()
        for close in parts.closing:
            close()
        beat.remove(parts.var, parts.name)
        parts.db.close()
        log.info("the engine has stopped")

    async def _watch(self, stack: contextlib.AsyncExitStack) -> None:
        """Begin to probe, publish and speak."""
        parts = self._parts
        await parts.monitor.start()
        self._worker.wait = await stack.enter_async_context(parts.wait())
        await self._reclaim_jobs()
        self._worker.paused_kinds = parts.other_roles_kinds
        self._schedule = Scheduler(parts.slots, parts.monitor.tick, parts.clock)
        self._schedule.start()
        log.info("the engine runs: %d probes", len(parts.slots))

    async def _work_jobs(self, stack: contextlib.AsyncExitStack) -> None:
        """Only jobs: be woken for them, and take back what this one had in hand when it fell."""
        self._worker.wait = await stack.enter_async_context(self._parts.wait())
        await self._reclaim_jobs()
        log.info("the engine runs: jobs only (%s)", self._parts.name)

    async def _keep_lead(self, stack: contextlib.AsyncExitStack) -> None:
        """Keep the lead, or look each second whether it is free and take it."""

        async def hold() -> None:
            lead = self._parts.lead
            leading = await asyncio.to_thread(lead.acquire)
            if leading and self._schedule is None and not self._over.is_set():
                log.warning("taking over from %s", lead.holder or "an engine that is gone")
                await self._watch(stack)
            elif not leading and self._schedule is not None:
                log.warning("%s has taken over; standing by", lead.holder or "another engine")
                self._over.set()

        while not self._over.is_set():
            await _guarded(hold, "holding the lead broke")
            await _pause(self._over, SECOND if self._schedule is None else RENEWAL)

    async def _release_lead(self) -> None:
        """Write down what was seen last, and let the next one begin at once."""
        lead = self._parts.lead
        with contextlib.suppress(TimeoutError, DatabaseAway):
            async with asyncio.timeout(1):
                if self._schedule is not None and lead.leading:
                    await self._parts.monitor.run_cycle()
                await asyncio.to_thread(lead.release)

    async def _reclaim_jobs(self) -> None:
        """What a killed engine had in hand is taken up now, not when its leases end."""
        try:
            freed = await asyncio.to_thread(worker_identity.reclaim_jobs, self._parts.queue)
        except DatabaseAway as away:
            log.warning("nothing is taken back: %s", away)
            return
        if freed:
            log.info("took back %d jobs of an engine that is gone", freed)

    async def _beat(self, stop: asyncio.Event) -> None:
        """Once a second: publish what changed, and tell that we live."""
        steps = ClockStepDetector(self._parts.clock)
        while not stop.is_set():
            broken = ""
            if abs(by := steps.step()) > STEP:
                broken = await _guarded(functools.partial(self._stepped, by), "the new time broke")
            if self._schedule is not None:
                broken = await _guarded(self._parts.monitor.run_cycle, "the status beat broke")
            is_known = self._schedule is not None or self._parts.lead.has_folder_lock
            if is_known or not self._parts.watches:
                self._write_heartbeat(broken)
            await _pause(stop, SECOND)

    async def _stepped(self, by: timedelta) -> None:
        """The wall clock was set, or the machine was asleep: all that waits for a time is told."""
        log.warning("the clock of this machine was set by %+.0f s", by.total_seconds())
        if self._schedule is None:
            return
        self._parts.monitor.clock_stepped(by)
        self._schedule.restart()
        if by < timedelta(0):
            with contextlib.suppress(DatabaseAway):
                await asyncio.to_thread(self._parts.queue.shift, by)

    def _write_heartbeat(self, broken: str) -> None:
        worker, schedule = self._worker, self._schedule
        troubles_by_part = {
            "status": (self._parts.monitor.health_message() if schedule else "") or broken,
            beat.PROBES: self._parts.monitor.unworkable_probes() if schedule else "",
            "jobs": worker.db_error,
            **self._call_troubles,
            **self._tasks.failures(),
        }
        troubles = {part: text for part, text in troubles_by_part.items() if text}
        now, ticks = self._parts.clock.now(), self._parts.clock.monotonic()
        if troubles == self._troubles and ticks - self._beaten < HEARTBEAT:
            return
        self._troubles, self._beaten = troubles, ticks
        late = schedule.take_lateness() if schedule else timedelta(0)
        heartbeat = beat.EngineHeartbeat(
            now,
            os.getpid(),
            self._started_at,
            late / timedelta(milliseconds=1),
            troubles,
            tuple(self._parts.handlers),
        )
        beat.write(self._parts.var, heartbeat, self._parts.name)

    async def _repeat(self, name: str, stop: asyncio.Event) -> None:
        """Do what a room wants done every few seconds, as long as the database is there."""
        repeated = self._parts.repeated_calls[name]
        while not stop.is_set():
            if self._schedule is not None or repeated.role is not Role.WATCH:
                try:
                    trouble = await asyncio.to_thread(repeated.call)
                    self._call_troubles[name] = trouble or ""
                except DatabaseAway:
                    log.debug("%s waits: the database is away", name)
                except Exception as error:
                    log.exception("%s broke", name)
                    self._call_troubles[name] = type(error).__name__
            await _pause(stop, repeated.every.total_seconds())

    async def _housekeeping(self, stop: asyncio.Event) -> None:
        await _pause(stop, 60)
        while not stop.is_set():
            for name, chore in self._parts.chores.items() if self._schedule else ():
                try:
                    await asyncio.to_thread(chore)
                except DatabaseAway as away:
                    log.warning("%s waits: %s", name, away)
                except Exception:
                    log.exception("%s broke", name)
            await _pause(stop, HOUSEKEEPING.total_seconds())


def tune_garbage_collector() -> None:
    """What stands after the start is left alone by Python's collector, and it runs less often:
    a look makes some dozen objects and hardly a circle, and each run stops every look."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def tune_allocator() -> None:
    """Have the C library keep one heap for all threads, of which few are ever at work together, and
    give back each large block at once: compressing pages leaves some megabytes in every heap."""
    with contextlib.suppress(AttributeError):  # only glibc has it
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_THRESHOLD, LARGE)


async def _guarded(call: Callable[[], Awaitable[object]], act: str) -> str:
    """Call it; a defect is logged and told, and the next second tries again."""
    try:
        await call()
    except Exception as error:
        log.exception(act)
        return f"{act}: {type(error).__name__}"
    return ""


async def first_of(*events: asyncio.Event) -> None:
    """Return when one of them is set."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


def slots_of(probes: Iterable[tuple[str, timedelta]]) -> tuple[Slot, ...]:
    """Probes as slots of the schedule."""
    return tuple(Slot(name, interval) for name, interval in probes)
