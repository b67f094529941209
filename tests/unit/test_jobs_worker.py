"""A worker over a queue that only writes down what it is told: what it claims, when it sleeps, what
it writes about a job, how it stops. tests/worker_contract.py holds it to a real queue."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from clock import ManualClock
from db.engine import DatabaseAway, UnavailableReason
from jobs.model import ClaimedJob, ClaimLimit, Handler, Job, Retry
from jobs.worker import FIRST_PAUSE, LONGEST_PAUSE, Poll, Worker
from tests.draining import drain

CLOCK = ManualClock()
LEASE = timedelta(seconds=60)
SHORT = timedelta(seconds=0.03)
NEVER = timedelta(seconds=30)  # a poll that no test waits for
AWAY = DatabaseAway(UnavailableReason.LOCKED)


class ScriptedQueue:
    """Hands out jobs and notes each call; `errors` are raised first, `refused` answers False."""

    def __init__(self, *jobs):
        self.waiting, self.calls, self.threads = list(jobs), [], set()
        self.errors, self.refused = {}, set()

    def named(self, *names):
        return [call for call in self.calls if call[0] in names]

    def _noted(self, name, *given):
        self.calls.append((name, *given))
        self.threads.add(threading.current_thread().name.rpartition("_")[0])
        if self.errors.get(name):
            raise self.errors[name].pop(0)
        return name not in self.refused

    def due(self, kinds):
        kinds = list(kinds)
        self._noted("due", *kinds)
        return frozenset(job.kind for job in self.waiting if job.kind in kinds)

    def claim(self, limits, owner):
        self._noted("claim", dict(limits), owner)
        claims = []
        for kind, limit in limits.items():
            taken = [job for job in self.waiting if job.kind == kind][: limit.slots]
            self.waiting = [job for job in self.waiting if job not in taken]
            claims += (ClaimedJob(job, fence=1) for job in taken)
        return tuple(claims)

    def renew(self, claimed, lease):
        return self._noted("renew", claimed.job.key, lease)

    def complete(self, claimed):
        return self._noted("complete", claimed.job.key)

    def retry(self, claimed, after, error):
        return self._noted("retry", claimed.job.key, after, error)

    def release(self, claimed, *, begun=False):
        return self._noted("release", claimed.job.key, begun)

    def fail(self, claimed, error):
        return self._noted("fail", claimed.job.key, error)


def job(key="one", kind="mail", attempts=1, id=7):
    return Job(kind, "{}", key, CLOCK.now(), id=id, attempts=attempts)


async def nothing(job):
    """Done at once."""


def worker_over(queue, handler, clock=CLOCK, **more):
    handlers = handler if isinstance(handler, dict) else {"mail": handler}
    return Worker(queue, handlers, clock, "w1", **({"poll": SHORT, "stop_within": 0.05} | more))


async def ended(queue, handler, clock=CLOCK):
    """Run until nothing is due; how many were claimed."""
    worker = worker_over(queue, handler, clock)
    try:
        return await drain(worker)
    finally:
        worker.close()


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - of plain values too
            await asyncio.sleep(0.002)


@asynccontextmanager
async def running(queue, handler, **more):
    """A worker that runs meanwhile, and is stopped afterwards."""
    worker, stop = worker_over(queue, handler, **more), asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield worker
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


# ------------------------------------------------------------------ claiming
@pytest.mark.parametrize(
    ("handler", "slots"),
    [
        (Handler(nothing), 16),
        (Handler(print, blocking=True), 2),
        (Handler(nothing, slots=5), 5),
        (Handler(print, blocking=True, slots=1), 1),
    ],
)
async def test_it_claims_as_many_as_it_has_slots_for(handler, slots):
    queue = ScriptedQueue(*(job(f"n{n}") for n in range(17)))
    worker = worker_over(queue, handler)
    assert len(await asyncio.to_thread(worker._claim)) == slots
    assert queue.named("claim") == [("claim", {"mail": ClaimLimit(LEASE, slots)}, "w1")]
    worker.close()


async def test_it_claims_only_kinds_that_are_due_and_are_not_left_to_others():
    queue = ScriptedQueue(job(kind="mail"), job(kind="news"), job(kind="calls"))
    handlers = {kind: Handler(nothing, slots=3) for kind in ("mail", "news", "none")}
    worker = worker_over(queue, handlers)
    worker.paused_kinds = frozenset({"news"})
    assert [claimed.job.kind for claimed in worker._claim()] == ["mail"]
    assert queue.calls == [
        ("due", "mail", "none"),
        ("claim", {"mail": ClaimLimit(LEASE, 3)}, "w1"),
    ]
    queue.calls.clear()
    worker.paused_kinds = frozenset()
    assert [claimed.job.kind for claimed in worker._claim()] == ["news"]
    assert worker._claim() == ()
    assert queue.calls[-1] == ("due", "mail", "news", "none"), "nothing is due: only a read"
    worker.close()


async def test_running_jobs_take_slots_and_a_full_kind_is_not_asked_for():
    go_on = asyncio.Event()
    queue = ScriptedQueue(job("a"), job("b"), job("c"))

    async def slow(job):
        await go_on.wait()

    worker = worker_over(queue, Handler(slow, slots=2))
    queue.waiting, rest = queue.waiting[:1], queue.waiting[1:]
    assert await worker._claim_due() == 1
    queue.waiting = rest
    assert await worker._claim_due() == 1
    assert await worker._claim_due() == 0
    assert [task.get_name() for task in worker._tasks()] == ["job-7"] * 2
    limits = [call[1]["mail"].slots for call in queue.named("claim")]
    assert limits == [2, 1]
    assert queue.named("due")[-1] == ("due",), "no slot is free"
    go_on.set()
    await until(lambda: len(queue.named("complete")) == 2)
    await until(lambda: not worker._tasks())
    assert await worker._claim_due() == 1
    await until(lambda: len(queue.named("complete")) == 3)
    worker.close()


async def test_a_slot_that_is_free_again_in_a_crowded_kind_is_filled_at_once():
    queue = ScriptedQueue(job("a"), job("b"), job("c"))
    async with running(queue, Handler(nothing, slots=1), poll=NEVER):
        await until(lambda: len(queue.named("complete")) == 3)


async def test_where_no_crowd_waits_the_end_of_a_job_wakes_nobody():
    queue = ScriptedQueue(job("a"))
    async with running(queue, Handler(nothing, slots=2), poll=NEVER) as worker:
        await until(lambda: queue.named("complete") and not worker._tasks())
        before = len(queue.named("due"))
        await asyncio.sleep(0.05)
        assert len(queue.named("due")) == before
        assert not worker._freed.is_set()


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError("locking protocol"), "OSError: locking protocol"),
        (OSError("x" * 500), f"OSError: {'x' * 191}"),
        (AWAY, str(AWAY)),
    ],
)
async def test_what_keeps_it_from_claiming_is_told_until_it_is_over(error, text, caplog):
    queue = ScriptedQueue(job())
    queue.errors["due"] = [error, error]
    worker = worker_over(queue, Handler(nothing))
    caplog.set_level(logging.INFO)
    assert worker.db_error == ""
    for _ in range(2):
        assert await worker._claim_due() == 0
        assert worker.db_error == text
        assert len(caplog.records) == 1, "told once"
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("WARNING", f"no jobs for now: {text}")
    assert (record.exc_info is None) is (error is AWAY)
    assert record.exc_info is None or record.exc_info[1] is error
    assert await worker._claim_due() == 1
    assert worker.db_error == ""
    await until(lambda: queue.named("complete"))
    worker.close()


async def test_after_an_error_it_waits_as_long_as_its_poll():
    queue = ScriptedQueue()
    queue.errors["due"] = [AWAY]
    worker = worker_over(queue, Handler(nothing), poll=timedelta(seconds=0.1))
    began = time.monotonic()
    await worker._claim_due()
    assert 0.1 <= time.monotonic() - began < 0.9
    worker.close()


# ------------------------------------------------------------------ sleeping
class Noted:
    """A wait that notes for how long, and sleeps until it is woken."""

    def __init__(self):
        self.lengths, self.wake = [], asyncio.Event()

    async def wait(self, at_most):
        self.lengths.append(at_most)
        await self.wake.wait()
        self.wake.clear()


async def test_it_sleeps_for_one_poll_and_looks_again_when_it_is_woken():
    queue, wait = ScriptedQueue(), Noted()
    async with running(queue, Handler(nothing), wait=wait, poll=NEVER):
        await until(lambda: wait.lengths)
        assert len(queue.named("due")) == 1
        queue.waiting.append(job())
        wait.wake.set()
        await until(lambda: queue.named("complete"))
        await until(lambda: len(wait.lengths) == 2)
    assert wait.lengths == [NEVER, NEVER]


async def test_without_anybody_to_wake_it_looks_again_after_each_poll():
    queue = ScriptedQueue()
    async with running(queue, Handler(nothing), poll=timedelta(seconds=0.02)):
        await until(lambda: len(queue.named("due")) == 3)
    began = time.monotonic()
    await Poll().wait(timedelta(seconds=0.05))
    assert time.monotonic() - began >= 0.05
    assert Worker(queue, {}, CLOCK, "w")._poll == timedelta(seconds=1)


async def test_a_wait_that_breaks_is_an_error_of_the_worker():
    class Broken:
        async def wait(self, at_most):
            raise OSError("no such socket")

    worker = worker_over(ScriptedQueue(), Handler(nothing), wait=Broken())
    with pytest.raises(OSError, match="no such socket"):
        await asyncio.wait_for(worker.run(asyncio.Event()), 10)
    worker.close()


# ------------------------------------------------------------------ running
async def test_async_plain_and_blocking_handlers_run_where_they_belong():
    names = {}

    async def soon(job):
        names["soon"] = threading.current_thread().name

    def plain(job):
        names["plain"] = threading.current_thread().name

    def blocking(job):
        names["blocking"] = threading.current_thread().name, job.key

    queue = ScriptedQueue(job("a"), job("b", "plain", id=8), job("c", "blocking"))
    handlers = {"mail": Handler(soon), "plain": Handler(plain)}
    handlers["blocking"] = Handler(blocking, blocking=True)
    assert await ended(queue, handlers) == 3
    assert sorted(queue.named("complete")) == [("complete", key) for key in "abc"]
    assert names["soon"] == names["plain"] == threading.current_thread().name
    assert names["blocking"] == ("job-blocking_0", "c")
    assert queue.threads == {"jobs-rows"}


def failing(error):
    def fails(job):
        raise error

    return fails


@pytest.mark.parametrize(("attempts", "longest"), [(1, 1), (3, 4)])
async def test_a_handler_that_breaks_is_tried_again_after_a_pause(attempts, longest, caplog):
    queue = ScriptedQueue(job(attempts=attempts))
    await ended(queue, Handler(failing(OSError("the desk is away")), tries=4))
    ((_, key, after, text),) = queue.calls[2:3]
    assert (queue.calls[2][0], key, text) == ("retry", "one", "OSError: the desk is away")
    assert FIRST_PAUSE * longest * 0.75 <= after <= FIRST_PAUSE * longest * 1.25
    (record,) = caplog.records
    assert record.getMessage() == (
        f"job mail 7 failed at try {attempts}, the next in {after.total_seconds():.0f} s"
    )
    assert isinstance(record.exc_info[1], OSError)


async def test_a_handler_names_its_own_pause(caplog):
    queue = ScriptedQueue(job())
    caplog.set_level(logging.INFO)
    await ended(queue, Handler(failing(Retry("the desk says later", timedelta(minutes=5)))))
    assert queue.calls[2] == ("retry", "one", timedelta(minutes=5), "the desk says later")
    assert caplog.records == [], "that is no fault"


async def test_a_handler_may_leave_its_pause_to_the_worker():
    queue = ScriptedQueue(job(attempts=10))
    await ended(queue, Handler(failing(Retry("the desk is away")), tries=11))
    assert queue.calls[2][3] == "the desk is away"
    assert LONGEST_PAUSE * 0.75 <= queue.calls[2][2] <= LONGEST_PAUSE * 1.25


async def test_a_database_that_is_away_is_no_fault_of_the_handler(caplog):
    queue = ScriptedQueue(job())
    await ended(queue, Handler(failing(AWAY)))
    assert queue.calls[2][0] == "retry"
    assert queue.calls[2][3] == str(AWAY)
    (record,) = caplog.records
    again = f"the next in {queue.calls[2][2].total_seconds():.0f} s"
    assert record.levelname == "WARNING"
    assert record.getMessage() == f"job mail 7 waits after try 1, {again}: {AWAY}"


@pytest.mark.parametrize("attempts", [2, 3])
async def test_after_its_last_try_a_job_is_given_up(attempts, caplog):
    queue = ScriptedQueue(job(attempts=attempts))
    await ended(queue, Handler(failing(OSError("away")), tries=2))
    assert queue.calls[2] == ("fail", "one", "OSError: away")
    assert [r.getMessage() for r in caplog.records] == [
        f"job mail 7 failed at try {attempts}, the last",
        "job mail 7 given up: OSError: away",
    ]


@pytest.mark.parametrize(("attempts", "runs"), [(6, True), (7, False)])
async def test_a_job_that_takes_its_worker_down_each_time_is_given_up(attempts, runs):
    queue, ran = ScriptedQueue(job(attempts=attempts)), []
    await ended(queue, Handler(ran.append, tries=2))
    assert bool(ran) is runs
    expected = ("complete", "one") if runs else ("fail", "one", "given up: every try was cut off")
    assert queue.calls[2] == expected


async def test_an_async_handler_is_cut_off_after_ten_leases():
    queue, lasted = ScriptedQueue(job()), []

    async def hangs(job):
        began = time.monotonic()
        try:
            await asyncio.sleep(30)
        finally:
            lasted.append(time.monotonic() - began)

    await ended(queue, Handler(hangs, lease=timedelta(seconds=0.02)))
    assert 0.2 <= lasted[0] < 1
    assert queue.named("retry")[0][3] == "TimeoutError: "


async def test_a_thread_is_not_cut_off_but_told_of(caplog):
    queue = ScriptedQueue(job())
    handler = Handler(lambda _: time.sleep(0.25), lease=timedelta(seconds=0.01), blocking=True)
    await ended(queue, handler)
    assert queue.named("complete", "retry") == [("complete", "one")]
    assert set(caplog.messages) == {"job mail 7 works on after 10 leases"}
    assert len(caplog.messages) <= 2


async def test_an_error_of_a_thread_is_its_outcome():
    queue = ScriptedQueue(job())
    await ended(queue, Handler(failing(OSError("away")), blocking=True))
    assert queue.calls[2][3] == "OSError: away"
