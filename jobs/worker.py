"""Runs jobs: claims what is due, renews leases, retries with growing pauses.

The only broad `except` of the background work is here: a handler that breaks is logged and its
job is tried again; it never takes the worker down. Handlers may run twice for one key.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import logging
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from clock import Clock
from db.engine import Database, DatabaseAway
from jobs import queue
from jobs.model import Handler, Handlers, Retry
from jobs.queue import ClaimedJob

log = logging.getLogger("jasno.jobs")
T = TypeVar("T")

SLOTS = 16  # async handlers of one kind at a time
THREADS = 2  # blocking handlers of one kind at a time
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=15)
LEASES = 10  # a handler may run for this many leases, then it is cut off


class Wait(Protocol):
    """How a worker sleeps until there may be something to do."""

    async def wait(self, at_most: timedelta) -> None:
        """Return when knocked at, or after `at_most`."""
        ...


class Poll:
    """Sleeping without being woken."""

    async def wait(self, at_most: timedelta) -> None:
        """Return after `at_most`."""
        await asyncio.sleep(at_most.total_seconds())


class Worker:
    """Claims and runs the jobs of its handlers, in one event loop."""

    def __init__(
        self,
        db: Database,
        handlers: Handlers,
        clock: Clock,
        name: str,
        *,
        wait: Wait | None = None,
        poll: timedelta = timedelta(seconds=1),
    ) -> None:
        self._db = db
        self._handlers = handlers
        self._clock = clock
        self._name = name
        self.wait: Wait = wait or Poll()  # may be exchanged while it runs
        self.resting: frozenset[str] = frozenset()  # kinds that are left to other workers
        self._poll = poll
        self._running: dict[str, set[asyncio.Task[None]]] = {kind: set() for kind in handlers}
        self._rows = ThreadPoolExecutor(2, "jobs-rows")
        self._threads = {
            kind: ThreadPoolExecutor(_slots(handler), f"job-{kind}")
            for kind, handler in handlers.items()
            if handler.blocking
        }
        self._crowded: set[str] = set()  # kinds of which more may be due than there were slots
        self._freed = asyncio.Event()  # a slot of such a kind is free again
        self._stopping = False
        self.away = ""  # why the database cannot be used, or ""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then hand back what does not finish within two seconds."""
        stopped = asyncio.ensure_future(stop.wait())
        while not stop.is_set():
            self._freed.clear()
            found = await self._claim_all()
            if not found:
                await self._sleep(stopped)
        await self._stop()

    async def _sleep(self, stopped: asyncio.Future[Any]) -> None:
        """Until somebody knocks, a crowded kind has a free slot, the poll is over or we stop."""
        asleep = asyncio.ensure_future(self.wait.wait(self._poll))
        freed = asyncio.ensure_future(self._freed.wait())
        first: set[asyncio.Future[Any]] = {asleep, freed, stopped}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        for waiting in (asleep, freed):
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waiting

    async def drain(self) -> int:
        """Run until nothing is due; says how many were claimed. For tests and commands."""
        total = 0
        while True:
            found = await self._claim_all()
            total += found
            tasks = [t for kind in self._running.values() for t in kind]
            if tasks:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            elif not found:
                return total

    def close(self) -> None:
        """Let go of the threads."""
        for pool in (self._rows, *self._threads.values()):
            pool.shutdown(wait=False, cancel_futures=True)

    async def _stop(self) -> None:
        self._stopping = True
        tasks = [t for kind in self._running.values() for t in kind]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=1)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1)
        self.close()

    async def _row(self, change: Callable[[Connection], T]) -> T:
        def write() -> T:
            with self._db.write() as conn:
                return change(conn)

        return await asyncio.get_running_loop().run_in_executor(self._rows, write)

    async def _claim_all(self) -> int:
        try:
            found = await self._row(self._take)
        except DatabaseAway as away:
            if self.away != str(away):
                log.warning("no jobs for now: %s", away)
            self.away = str(away)
            await asyncio.sleep(min(1.0, self._poll.total_seconds()))
            return 0
        self.away = ""
        for claimed in found:
            task = asyncio.create_task(self._work(claimed), name=f"job-{claimed.job.id}")
            self._running[claimed.job.kind].add(task)
            task.add_done_callback(functools.partial(self._ended, claimed.job.kind))
        return len(found)

    def _ended(self, kind: str, task: asyncio.Task[None]) -> None:
        self._running[kind].discard(task)
        if kind in self._crowded:
            self._freed.set()

    def _take(self, conn: Connection) -> list[ClaimedJob]:
        found: list[ClaimedJob] = []
        now = self._clock.now()
        for kind, handler in self._handlers.items():
            free = _slots(handler) - len(self._running[kind])
            if free > 0 and kind not in self.resting:
                taken = queue.claim(
                    conn, kind, now=now, lease=handler.lease, owner=self._name, limit=free
                )
                (self._crowded.add if len(taken) == free else self._crowded.discard)(kind)
                found += taken
        return found

    async def _work(self, claimed: ClaimedJob) -> None:
        job, handler = claimed.job, self._handlers[claimed.job.kind]
        if job.attempts > handler.tries * 3:  # it takes its worker down each time
            await self._settle(claimed, queue.fail, "given up: every try was cut off")
            return
        renewal = asyncio.create_task(self._renew(claimed, handler, asyncio.current_task()))
        try:
            await asyncio.wait_for(
                self._call(claimed, handler), handler.lease.total_seconds() * LEASES
            )
        except asyncio.CancelledError:
            renewal.cancel()
            if self._stopping:
                await self._row(lambda conn: queue.release(conn, claimed, self._clock.now()))
            else:
                log.warning("job %s %s was taken over by another worker", job.kind, job.id)
        except Retry as again:
            await self._again(claimed, handler, str(again), again.after)
        except DatabaseAway as away:
            log.warning("job %s %s waits: %s", job.kind, job.id, away)
            await self._again(claimed, handler, str(away), None)
        except Exception as error:
            log.exception("job %s %s failed at try %s", job.kind, job.id, job.attempts)
            await self._again(claimed, handler, f"{type(error).__name__}: {error}", None)
        else:
            await self._settle(claimed, lambda c, claim, now, _: queue.complete(c, claim, now), "")
        finally:
            renewal.cancel()

    async def _call(self, claimed: ClaimedJob, handler: Handler) -> None:
        if handler.blocking:
            pool = self._threads[claimed.job.kind]
            await asyncio.get_running_loop().run_in_executor(pool, handler.run, claimed.job)
            return
        doing = handler.run(claimed.job)
        if inspect.isawaitable(doing):
            await doing

    async def _again(
        self, claimed: ClaimedJob, handler: Handler, error: str, after: timedelta | None
    ) -> None:
        if claimed.job.attempts >= handler.tries:
            log.error("job %s %s given up: %s", claimed.job.kind, claimed.job.id, error)
            await self._settle(claimed, queue.fail, error)
            return
        at = self._clock.now() + (after if after is not None else pause(claimed.job.attempts))
        await self._settle(
            claimed, lambda c, claim, _now, said: queue.retry(c, claim, at, said), error
        )

    async def _settle(
        self,
        claimed: ClaimedJob,
        how: Callable[[Connection, ClaimedJob, datetime, str], bool],
        error: str,
    ) -> None:
        """Write the outcome; while the database is away keep trying for one lease, after which
        another try of the same job is due anyway."""
        lease = self._handlers[claimed.job.kind].lease
        until = self._clock.monotonic() + lease.total_seconds()
        while True:
            try:
                ours = await self._row(lambda conn: how(conn, claimed, self._clock.now(), error))
            except DatabaseAway as away:
                if self._stopping or self._clock.monotonic() > until:
                    log.warning("job %s: outcome not written: %s", claimed.job.id, away)
                    return
                await asyncio.sleep(0.5)
                continue
            if not ours:
                log.warning("job %s was taken over by another worker", claimed.job.id)
            return

    async def _renew(
        self, claimed: ClaimedJob, handler: Handler, work: asyncio.Task[None] | None
    ) -> None:
        while True:
            await asyncio.sleep(handler.lease.total_seconds() / 3)
            until = self._clock.now() + handler.lease
            try:
                ours = await self._row(functools.partial(queue.renew, claimed=claimed, until=until))
            except DatabaseAway:
                continue
            if not ours and work is not None:
                work.cancel()
                return


def _slots(handler: Handler) -> int:
    return handler.slots or (THREADS if handler.blocking else SLOTS)


def pause(attempts: int) -> timedelta:
    """How long to wait after a failed try: doubling, spread by a quarter, at most 15 minutes."""
    steps = FIRST_PAUSE * 2 ** min(attempts - 1, 12)
    spread: float = random.uniform(0.75, 1.25)  # noqa: S311 - spread, no secret
    return timedelta(seconds=min(steps, LONGEST_PAUSE).total_seconds() * spread)
