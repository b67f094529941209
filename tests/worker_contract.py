"""A worker over a queue: what runs, what is tried again, how it stops, what it survives."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import pytest
from sqlalchemy import exc

from db.engine import DatabaseAway, UnavailableReason
from jobs.model import Handler, Retry
from jobs.worker import Worker
from tests.draining import drain as drain_worker
from tests.process_fixtures import until
from tests.queue_contract import HOUR, KIND, LEASE


class WorkerContract:
    """Promises of a worker; use it together with QueueContract."""

    @pytest.fixture
    def drain(self, queue, clock):
        """Run what is due with one handler."""

        async def drain(handler):
            worker = Worker(queue, {KIND: handler}, clock, "w")
            try:
                return await drain_worker(worker)
            finally:
                worker.close()

        return drain

    async def test_a_worker_runs_async_and_blocking_handlers(self, queue, ask, drain):
        seen = []

        async def soon(job):
            seen.append(("soon", job.key))

        ask()
        await drain(Handler(soon))
        ask("two")
        names = []
        await drain(Handler(lambda _: names.append(threading.current_thread().name), blocking=True))
        assert seen == [("soon", "one")]
        assert names[0].startswith(f"job-{KIND}")
        assert queue.counts()[0].done == 2

    async def test_a_broken_handler_is_tried_again_later_and_given_up_in_the_end(
        self, queue, ask, drain, clock
    ):
        tries = []

        def broken(job):
            tries.append(job.attempts)
            raise OSError("the desk is away")

        ask()
        for _ in range(5):
            await drain(Handler(broken, blocking=True, tries=3))
            clock.advance(HOUR)
        assert tries == [1, 2, 3]
        assert [f.error for f in queue.failed()] == ["OSError: the desk is away"]

    async def test_a_handler_may_name_its_own_pause(self, queue, ask, drain, take, clock):
        def wants(job):
            raise Retry("desk says later", timedelta(minutes=5))

        ask()
        await drain(Handler(wants, blocking=True))
        assert "desk says later" in queue.unfinished(KIND, "one")[1].error
        clock.advance(timedelta(minutes=4, seconds=59))
        assert take() == ()
        clock.advance(timedelta(seconds=1))
        assert len(take()) == 1

    async def test_a_job_that_takes_its_worker_down_each_time_is_given_up(
        self, queue, ask, take, drain, clock
    ):
        ask()
        for _ in range(6):
            take()
            clock.advance(LEASE * 2)
        ran = []
        await drain(Handler(ran.append, blocking=True, tries=2))
        assert ran == []
        assert len(queue.failed()) == 1

    async def test_many_jobs_of_one_kind_need_no_poll_between_them(self, queue, ask, clock):
        """A fan-out puts in hundreds at once; a worker that slept between them would send two a
        second."""
        done, stop = [], asyncio.Event()
        for number in range(40):
            ask(f"n{number}")

        def run(job):
            done.append(job.key)
            if len(done) == 40:
                loop.call_soon_threadsafe(stop.set)

        loop = asyncio.get_running_loop()
        handlers = {KIND: Handler(run, blocking=True)}
        worker = Worker(queue, handlers, clock, "w", poll=timedelta(seconds=30))
        async with asyncio.timeout(20):
            await worker.run(stop)
        assert len(set(done)) == 40

    async def test_stopping_hands_back_at_once_what_can_be_cut_off(self, queue, ask, take, clock):
        started, stop = asyncio.Event(), asyncio.Event()

        async def long(job):
            started.set()
            await asyncio.sleep(60)

        ask()
        worker = Worker(queue, {KIND: Handler(long)}, clock, "w")
        running = asyncio.create_task(worker.run(stop))
        await asyncio.wait_for(started.wait(), 10)
        stop.set()
        await asyncio.wait_for(running, 5)
        assert take("next")[0].job.attempts == 2  # its effect may be out

    async def test_stopping_keeps_what_a_thread_still_works_on(self, queue, ask, take, clock):
        """A thread cannot be cut off: given to another worker, its job would run twice."""
        begun, go_on, stop, runs = threading.Event(), threading.Event(), asyncio.Event(), []

        def slow(job):
            runs.append(job.key)
            begun.set()
            assert go_on.wait(30)

        for key in ("a", "b", "c"):
            ask(key)
        handlers = {KIND: Handler(slow, blocking=True, slots=1)}
        worker = Worker(queue, handlers, clock, "stopped")
        running = asyncio.create_task(worker.run(stop))
        assert await asyncio.to_thread(begun.wait, 10)
        stop.set()
        await asyncio.wait_for(running, 5)
        clock.advance(LEASE - timedelta(seconds=1))
        assert [c.job.key for c in take("next", limit=9)] == ["b", "c"]
        go_on.set()
        await asyncio.to_thread(until, lambda: queue.counts()[0].done)
        clock.advance(HOUR)
        assert [c.job.key for c in take("later", limit=9)] == ["b", "c"]
        assert runs == ["a"]

    async def test_a_thread_that_works_for_long_is_not_given_to_another(self, queue, ask, clock):
        lease, runs, ends = timedelta(seconds=0.05), [], threading.Event()

        def slow(job):
            runs.append(job.key)
            ends.wait(1.2)

        ask()
        handlers = {KIND: Handler(slow, lease=lease, blocking=True)}
        worker = Worker(queue, handlers, clock, "w", poll=timedelta(seconds=0.02))
        try:
            assert await drain_worker(worker) == 1
        finally:
            worker.close()
        assert runs == ["one"]
        assert queue.counts()[0].done == 1

    async def test_an_error_of_the_database_ends_no_worker(self, queue, ask, clock):
        """One that nobody foresaw, such as SQLITE_PROTOCOL or a deadlock on PostgreSQL."""
        errors = [
            exc.OperationalError("SELECT", {}, Exception("locking protocol")),
            DatabaseAway(UnavailableReason.LOCKED),
        ]
        seen, stop, done = [], asyncio.Event(), []

        def run(job):
            done.append(job.key)

        ask()
        broken = Breaking(queue, errors)
        poll = timedelta(seconds=0.3)
        worker = Worker(broken, {KIND: Handler(run, blocking=True)}, clock, "w", poll=poll)
        running = asyncio.create_task(worker.run(stop))
        async with asyncio.timeout(10):
            while not done:
                if worker.db_error and worker.db_error not in seen:
                    seen.append(worker.db_error)
                await asyncio.sleep(0.01)
        assert "locking protocol" in seen[0]
        assert seen[1] == "the database is held by another process"
        assert not running.done()
        stop.set()
        await asyncio.wait_for(running, 5)
        assert (done, worker.db_error) == (["one"], "")

    async def test_cancelling_a_worker_that_sleeps_ends_it(self, queue, clock):
        """Also while what it waits on is slow to let go: swallowed, the worker would go on."""
        letting_go = asyncio.Event()

        class Slow:
            async def wait(self, at_most):
                try:
                    await asyncio.sleep(60)
                finally:
                    letting_go.set()
                    await asyncio.sleep(0.2)

        worker = Worker(queue, {KIND: Handler(print)}, clock, "w", wait=Slow())
        running = asyncio.create_task(worker.run(asyncio.Event()))
        await asyncio.sleep(0.2)
        worker._freed.set()  # as a job that has ended does
        await asyncio.wait_for(letting_go.wait(), 10)
        running.cancel()
        _, still = await asyncio.wait({running}, timeout=5)
        worker.close()
        assert not still

    async def test_a_wait_that_breaks_is_an_error_of_the_worker(self, queue, clock):
        class Broken:
            async def wait(self, at_most):
                raise OSError("no such socket")

        worker = Worker(queue, {KIND: Handler(print)}, clock, "w", wait=Broken())
        with pytest.raises(OSError, match="no such socket"):
            await asyncio.wait_for(worker.run(asyncio.Event()), 10)
        worker.close()


class Breaking:
    """A queue whose next answers are errors."""

    def __init__(self, queue, errors):
        self._queue = queue
        self._errors = errors

    def __getattr__(self, name):
        return getattr(self._queue, name)

    def due(self, kinds):
        if self._errors:
            raise self._errors.pop(0)
        return self._queue.due(kinds)
