"""Runs jobs: claims what is due, renews leases, retries with growing pauses.

The broad `except`s of the background work are here: a handler that breaks is logged and its job is
tried again, and an error of the queue ends no loop. Handlers may run twice for one key.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import random
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from clock import Clock
from db.engine import DatabaseAway
from jobs.model import ClaimedJob, ClaimLimit, Handler, Handlers, Job, Retry
from jobs.queue import Queue

log = logging.getLogger("jasno.jobs")
T = TypeVar("T")

SLOTS = 16  # async handlers of one kind at a time
THREADS = 2  # blocking handlers of one kind at a time
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=15)
LEASES = 10  # an async handler may run for this many leases, then it is cut off
STOP_WITHIN = 2.0  # seconds that running handlers have to end when the worker is stopped


class Wait(Protocol):
    """How a worker sleeps until there may be something to do."""

    async def wait(self, at_most: timedelta) -> None:
        """Return when woken, or after `at_most`."""
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
        queue: Queue,
        handlers: Handlers,
        clock: Clock,
        name: str,
        *,
        wait: Wait | None = None,
        poll: timedelta = timedelta(seconds=1),
        stop_within: float = STOP_WITHIN,
    ) -> None:
        self._queue = queue
        self._handlers = handlers
        self._clock = clock
        self._name = name
        self.wait: Wait = wait or Poll()  # may be exchanged while it runs
        self.paused_kinds: frozenset[str] = frozenset()  # left to other workers
        self._poll = poll
        self._stop_within = stop_within
        self._running: dict[str, set[asyncio.Task[None]]] = {kind: set() for kind in handlers}
        self._queue_threads = ThreadPoolExecutor(2, "jobs-rows")
        self._threads = {
            kind: ThreadPoolExecutor(_slots(handler), f"job-{kind}")
            for kind, handler in handlers.items()
            if handler.blocking
        }
        self._crowded: set[str] = set()  # kinds of which more may be due than there were slots
        self._freed = asyncio.Event()  # a slot of such a kind is free again
        self._stopping = False
        self.db_error = ""  # why no jobs can be claimed, or ""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then hand back what does not end soon."""
        stopped = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                self._freed.clear()
                if not await self._claim_due():
                    await self._sleep(stopped)
        finally:
            stopped.cancel()
        await self._stop()

    async def _sleep(self, stopped: asyncio.Future[Any]) -> None:
        """Until somebody wakes us, a crowded kind has a free slot, the poll is over or we stop."""
        asleep = asyncio.ensure_future(self.wait.wait(self._poll))
        freed = asyncio.ensure_future(self._freed.wait())
        first: set[asyncio.Future[Any]] = {asleep, freed, stopped}
        try:
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asleep.cancel()
            freed.cancel()
        await asyncio.wait({asleep, freed})  # whoever cancels us meanwhile is heard
        if not asleep.cancelled():
            asleep.result()

    def close(self) -> None:
        """Let go of the threads; those at work end by themselves."""
        for pool in (self._queue_threads, *self._threads.values()):
            pool.shutdown(wait=False, cancel_futures=True)

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [task for tasks in self._running.values() for task in tasks]

    async def _stop(self) -> None:
        self._stopping = True
        tasks = self._tasks()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._stop_within)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1)
        self.close()

    async def _ask_queue(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._queue_threads, call)

    # ------------------------------------------------------------------ claiming
    async def _claim_due(self) -> int:
        """Claim what is due and begin it; how many. Any error of the queue is remembered as
        `db_error` and the next second tries again."""
        try:
            claims = await self._ask_queue(self._claim)
        except Exception as error:  # noqa: BLE001 - told at /readyz, tried again
            self._note_error(error)
            await asyncio.sleep(min(1.0, self._poll.total_seconds()))
            return 0
        self.db_error = ""
        for claimed in claims:
            task = asyncio.create_task(self._work(claimed), name=f"job-{claimed.job.id}")
            self._running[claimed.job.kind].add(task)
            task.add_done_callback(functools.partial(self._ended, claimed.job.kind))
        return len(claims)

    def _claim(self) -> tuple[ClaimedJob, ...]:
        """A read each time; a writing transaction only when there is something to take."""
        free = {
            kind: _slots(handler) - len(self._running[kind])
            for kind, handler in self._handlers.items()
            if kind not in self.paused_kinds
        }
        free_kinds = [kind for kind, slots in free.items() if slots > 0]
        due = self._queue.due(free_kinds)
        limits = {
            kind: ClaimLimit(self._handlers[kind].lease, free[kind])
            for kind in free_kinds
            if kind in due
        }
        claims = self._queue.claim(limits, self._name) if limits else ()
        for kind in free_kinds:
            claim_count = sum(claimed.job.kind == kind for claimed in claims)
            (self._crowded.add if claim_count == free[kind] else self._crowded.discard)(kind)
        return claims

    def _note_error(self, error: Exception) -> None:
        away = isinstance(error, DatabaseAway)
        text = str(error) if away else f"{type(error).__name__}: {error}"[:200]
        if self.db_error != text:
            log.warning("no jobs for now: %s", text, exc_info=None if away else error)
        self.db_error = text

    def _ended(self, kind: str, task: asyncio.Task[None]) -> None:
        self._running[kind].discard(task)
        if kind in self._crowded:
            self._freed.set()

    # ------------------------------------------------------------------ running
    async def _work(self, claimed: ClaimedJob) -> None:
        job, handler = claimed.job, self._handlers[claimed.job.kind]
        if job.attempts > handler.tries * 3:  # it takes its worker down each time
            text = "given up: every try was cut off"
            await self._settle(claimed, lambda: self._queue.fail(claimed, text))
            return
        renewal = asyncio.create_task(self._renew(claimed, handler, asyncio.current_task()))
        thread = self._begin_thread(job, handler) if handler.blocking else None
        try:
            if thread is None:
                await _run_async(job, handler)
            else:
                await _wait_for_thread(job, handler, thread)
        except asyncio.CancelledError:
            if self._stopping:
                await self._hand_back(claimed, thread)
            else:
                log.warning("job %s %s was taken over by another worker", job.kind, job.id)
        except Exception as error:  # noqa: BLE001 - a handler's error is its job's outcome
            await self._settle(claimed, self._outcome(claimed, error))
        else:
            await self._settle(claimed, self._outcome(claimed, None))
        finally:
            renewal.cancel()

    def _begin_thread(self, job: Job, handler: Handler) -> Future[object]:
        call: Callable[[Job], object] = handler.run
        return self._threads[job.kind].submit(call, job)

    async def _hand_back(self, claimed: ClaimedJob, thread: Future[object] | None) -> None:
        """The worker stops before the job has ended. One that was cut off, or had not begun, is
        free at once. One whose thread works on stays ours for another lease, and the thread
        writes its outcome; if the process dies first, the lease ends as after any fall."""
        lease = self._handlers[claimed.job.kind].lease
        works_on = thread is not None and not thread.cancel()
        keep = functools.partial(self._queue.renew, claimed, lease)
        free = functools.partial(self._queue.release, claimed, begun=thread is None)
        try:
            await self._ask_queue(keep if works_on else free)
        except Exception as error:  # noqa: BLE001 - the lease ends by itself
            log.warning("job %s is not handed back: %s", claimed.job.id, error)
        if works_on and thread is not None:
            log.warning("job %s %s ends after the worker", claimed.job.kind, claimed.job.id)
            thread.add_done_callback(functools.partial(self._settle_in_thread, claimed))

    def _settle_in_thread(self, claimed: ClaimedJob, done: Future[object]) -> None:
        try:
            self._outcome(claimed, done.exception())()
        except Exception:
            log.exception("job %s: outcome not written", claimed.job.id)

    # ------------------------------------------------------------------ outcomes
    def _outcome(self, claimed: ClaimedJob, error: BaseException | None) -> Callable[[], bool]:
        """What is written about a job whose handler ended so."""
        job, handler = claimed.job, self._handlers[claimed.job.kind]
        if error is None:
            return lambda: self._queue.complete(claimed)
        after = pause(job.attempts)
        text = f"{type(error).__name__}: {error}"
        if isinstance(error, Retry):
            after, text = error.after or after, str(error)
        is_last = job.attempts >= handler.tries
        ahead = "the last" if is_last else f"the next in {after.total_seconds():.0f} s"
        tried = f"try {job.attempts}, {ahead}"
        if isinstance(error, DatabaseAway):
            text = str(error)
            log.warning("job %s %s waits after %s: %s", job.kind, job.id, tried, error)
        elif not isinstance(error, Retry):
            log.error("job %s %s failed at %s", job.kind, job.id, tried, exc_info=error)
        if is_last:
            log.error("job %s %s given up: %s", job.kind, job.id, text)
            return lambda: self._queue.fail(claimed, text)
        return lambda: self._queue.retry(claimed, after, text)

    async def _settle(self, claimed: ClaimedJob, outcome: Callable[[], bool]) -> None:
        """Write the outcome; while the database is away keep trying for one lease, after which
        another try of the same job is due anyway."""
        lease = self._handlers[claimed.job.kind].lease
        until = self._clock.monotonic() + lease.total_seconds()
        while True:
            try:
                ours = await self._ask_queue(outcome)
            except Exception as error:  # noqa: BLE001 - the lease ends by itself
                if self._stopping or self._clock.monotonic() > until:
                    log.warning("job %s: outcome not written: %s", claimed.job.id, error)
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
            try:
                ours = await self._ask_queue(lambda: self._queue.renew(claimed, handler.lease))
            except Exception as error:  # noqa: BLE001 - the lease ends by itself
                log.debug("job %s: lease not renewed: %s", claimed.job.id, error)
                continue
            if not ours:
                if work is not None and not handler.blocking:
                    work.cancel()
                return


async def _run_async(job: Job, handler: Handler) -> None:
    running = handler.run(job)
    if inspect.isawaitable(running):
        await asyncio.wait_for(running, handler.lease.total_seconds() * LEASES)


async def _wait_for_thread(job: Job, handler: Handler, thread: Future[object]) -> None:
    """A thread cannot be cut off: its job stays ours for as long as it works."""
    ended = asyncio.wrap_future(thread)
    try:
        while not (await asyncio.wait({ended}, timeout=handler.lease.total_seconds() * LEASES))[0]:
            log.error("job %s %s works on after %d leases", job.kind, job.id, LEASES)
        ended.result()
    except asyncio.CancelledError:
        ended.cancel()
        raise


def _slots(handler: Handler) -> int:
    return handler.slots or (THREADS if handler.blocking else SLOTS)


def pause(attempts: int) -> timedelta:
    """How long to wait after a failed try: doubling, spread by a quarter, at most 15 minutes."""
    steps = FIRST_PAUSE * 2 ** min(attempts - 1, 12)
    spread: float = random.uniform(0.75, 1.25)  # noqa: S311 - spread, no secret
    return timedelta(seconds=min(steps, LONGEST_PAUSE).total_seconds() * spread)
