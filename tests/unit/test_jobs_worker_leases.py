"""A worker's leases, the writing of outcomes, and how it stops; over a queue that writes down."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta

import pytest

from clock import ManualClock
from jobs.model import ClaimedJob, Handler
from tests.unit.test_jobs_worker import (
    AWAY,
    LEASE,
    NEVER,
    SHORT,
    ScriptedQueue,
    ended,
    job,
    nothing,
    running,
    until,
    worker_over,
)

CLAIMED = ClaimedJob(job(), fence=1)


# ------------------------------------------------------------------ renewing
async def lasts_for_renewals(queue, count):
    await until(lambda: len(queue.named("renew")) >= count)


async def test_a_claim_is_kept_while_its_job_runs_and_no_longer():
    queue, lease = ScriptedQueue(job()), timedelta(seconds=0.15)

    async def slow(job):
        await asyncio.sleep(0.4)

    await ended(queue, Handler(slow, lease=lease))
    count = len(queue.named("renew"))
    assert 2 <= count <= 8, "three times in each lease"
    assert queue.named("renew")[0] == ("renew", "one", lease)
    await asyncio.sleep(0.05)
    assert len(queue.named("renew")) == count


async def test_an_error_at_renewing_ends_nothing(caplog):
    queue = ScriptedQueue(job())
    queue.errors["renew"] = [AWAY]
    caplog.set_level(logging.DEBUG, "jasno.jobs")

    async def slow(job):
        await lasts_for_renewals(queue, 3)

    await ended(queue, Handler(slow, lease=SHORT))
    assert queue.named("complete")
    assert f"job 7: lease not renewed: {AWAY}" in caplog.messages


async def test_what_another_worker_took_over_is_stopped_and_nothing_is_written(caplog):
    queue = ScriptedQueue(job())
    queue.refused.add("renew")

    async def hangs(job):
        await asyncio.sleep(30)

    await ended(queue, Handler(hangs, lease=SHORT))
    assert queue.named("complete", "retry", "fail", "release") == []
    assert caplog.messages == ["job mail 7 was taken over by another worker"]


async def test_a_thread_that_was_taken_over_ends_by_itself():
    queue = ScriptedQueue(job())
    queue.refused.add("renew")
    await ended(queue, Handler(lambda _: time.sleep(0.1), lease=SHORT, blocking=True))
    assert len(queue.named("renew")) == 1, "it is asked for no more"
    assert queue.named("complete")


# ------------------------------------------------------------------ writing outcomes
async def test_an_outcome_is_written_as_soon_as_the_database_is_back():
    queue = ScriptedQueue(job())
    queue.errors["complete"] = [AWAY]
    began = time.monotonic()
    await ended(queue, Handler(nothing))
    assert 0.5 <= time.monotonic() - began < 1.4
    assert len(queue.named("complete")) == 2


class Ticking(ManualClock):
    """A clock that goes on by ten seconds at each look."""

    def monotonic(self):
        self.advance(timedelta(seconds=10))
        return super().monotonic()


@pytest.mark.parametrize(("lease", "tries"), [(5, 1), (10, 2)])
async def test_an_outcome_is_tried_to_be_written_for_one_lease(lease, tries, caplog):
    queue = ScriptedQueue(job())
    queue.errors["complete"] = [AWAY] * 9
    await ended(queue, Handler(nothing, lease=timedelta(seconds=lease)), Ticking())
    assert len(queue.named("complete")) == tries
    assert caplog.messages == [f"job 7: outcome not written: {AWAY}"]


async def test_an_outcome_that_is_refused_is_told(caplog):
    queue = ScriptedQueue(job())
    queue.refused.add("complete")
    await ended(queue, Handler(nothing))
    assert caplog.messages == ["job 7 was taken over by another worker"]
    assert len(queue.named("complete")) == 1


# ------------------------------------------------------------------ stopping
async def test_what_ends_soon_is_waited_for():
    queue, begun = ScriptedQueue(job()), asyncio.Event()

    async def short(job):
        begun.set()
        await asyncio.sleep(0.05)

    async with running(queue, Handler(short), stop_within=5):
        await begun.wait()
    assert queue.named("complete", "release") == [("complete", "one")]


async def test_what_can_be_cut_off_is_handed_back():
    queue, begun = ScriptedQueue(job()), asyncio.Event()

    async def long(job):
        begun.set()
        await asyncio.sleep(30)

    async with running(queue, Handler(long)) as worker:
        await begun.wait()
    assert queue.calls[-1] == ("release", "one", True), "its effect may be out"
    assert worker._tasks() == []


async def test_who_does_not_let_itself_be_cut_off_keeps_no_worker_from_stopping():
    queue, begun, go_on = ScriptedQueue(job()), asyncio.Event(), asyncio.Event()

    async def stubborn(job):
        begun.set()
        while not go_on.is_set():
            with suppress(asyncio.CancelledError):
                await go_on.wait()

    async with running(queue, Handler(stubborn)):
        await begun.wait()
    go_on.set()
    await asyncio.sleep(0)


async def test_what_a_thread_works_on_is_kept_and_written_by_the_thread(caplog):
    queue, begun, go_on = ScriptedQueue(job()), threading.Event(), threading.Event()

    def slow(job):
        begun.set()
        assert go_on.wait(10)

    async with running(queue, Handler(slow, blocking=True)):
        assert await asyncio.to_thread(begun.wait, 10)
    assert queue.calls[-1] == ("renew", "one", LEASE)
    assert caplog.messages == ["job mail 7 ends after the worker"]
    go_on.set()
    await until(lambda: queue.named("complete"))
    assert queue.named("release") == []


async def test_an_outcome_that_a_thread_cannot_write_is_told(caplog):
    queue, done = ScriptedQueue(), Future()
    queue.errors["retry"] = [AWAY]
    worker = worker_over(queue, Handler(nothing))
    done.set_exception(OSError("away"))
    worker._settle_in_thread(CLAIMED, done)
    assert queue.named("retry")[0][3] == "OSError: away"
    assert caplog.messages[-1] == "job 7: outcome not written"
    assert caplog.records[-1].exc_info[1] is AWAY
    worker.close()


async def test_a_thread_that_has_not_begun_frees_its_job(caplog):
    queue, worker = ScriptedQueue(), worker_over(ScriptedQueue(), Handler(nothing))
    worker._queue = queue
    await worker._hand_back(CLAIMED, Future())
    assert queue.calls == [("release", "one", False)]
    assert caplog.messages == [], "no thread works on"
    worker.close()


async def test_a_job_that_cannot_be_handed_back_is_told(caplog):
    queue = ScriptedQueue()
    queue.errors["release"] = [AWAY]
    worker = worker_over(queue, Handler(nothing))
    await worker._hand_back(CLAIMED, None)
    assert caplog.messages == [f"job 7 is not handed back: {AWAY}"]
    worker.close()


async def test_while_it_stops_an_outcome_is_tried_once():
    queue = ScriptedQueue()
    queue.errors["complete"] = [AWAY] * 9
    worker = worker_over(queue, {"mail": Handler(nothing)})
    worker._stopping = True
    await asyncio.wait_for(worker._settle(CLAIMED, lambda: queue.complete(CLAIMED)), 0.4)
    assert len(queue.named("complete")) == 1
    worker.close()


async def test_a_stopped_worker_has_let_go_of_its_threads():
    queue = ScriptedQueue()
    async with running(queue, Handler(print, blocking=True), poll=NEVER) as worker:
        await until(lambda: queue.calls)
    for pool in (worker._queue_threads, *worker._threads.values()):
        with pytest.raises(RuntimeError, match="shutdown"):
            pool.submit(print)
    assert worker._threads.keys() == {"mail"}


async def test_what_waits_for_a_thread_is_not_begun_after_the_end():
    worker = worker_over(ScriptedQueue(), Handler(print, blocking=True, slots=1))
    begun, go_on = threading.Event(), threading.Event()
    pool = worker._threads["mail"]
    first = pool.submit(lambda: (begun.set(), go_on.wait(10)))
    assert await asyncio.to_thread(begun.wait, 10)
    second = pool.submit(print)
    worker.close()
    assert second.cancelled()
    go_on.set()
    await asyncio.wrap_future(first)
