"""Jobs keep their promises on both databases."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from db.tables.jobs import jobs
from jobs import queue
from jobs.model import Handler, Job, Retry
from jobs.queue import claim, complete, enqueue
from jobs.worker import Worker

LEASE = timedelta(seconds=60)


def ask(database, clock, key="one", kind="mail.send"):
    with database.write() as conn:
        return enqueue(conn, Job(kind, '{"to": "mara"}', key, clock.now()))


def take(database, clock, owner="a", limit=1):
    with database.write() as conn:
        return claim(conn, "mail.send", now=clock.now(), lease=LEASE, owner=owner, limit=limit)


def state(database, key="one"):
    with database.read() as conn:
        return conn.execute(select(jobs).where(jobs.c.key == key)).one()


def test_the_same_key_is_one_job_even_after_it_ran(database, clock):
    assert ask(database, clock) is True
    assert ask(database, clock) is False
    (mine,) = take(database, clock)
    with database.write() as conn:
        assert complete(conn, mine, clock.now())
    assert ask(database, clock) is False
    assert take(database, clock) == ()


def test_a_job_is_claimed_once_and_not_before_its_time(database, clock):
    with database.write() as conn:
        enqueue(conn, Job("mail.send", "{}", "later", clock.now() + LEASE))
    assert take(database, clock) == ()
    clock.advance(LEASE)
    (mine,) = take(database, clock)
    assert (mine.job.payload, mine.job.attempts) == ("{}", 1)
    assert take(database, clock, "b") == ()


def test_a_rolled_back_sender_leaves_no_job(database, clock):
    with pytest.raises(ZeroDivisionError), database.write() as conn:  # noqa: PT012 - the block is the case
        enqueue(conn, Job("mail.send", "{}", "one", clock.now()))
        assert 1 / 0
    assert take(database, clock) == ()


def test_a_silent_worker_loses_its_job_and_cannot_finish_it(database, clock):
    ask(database, clock)
    (slow,) = take(database, clock, "slow")
    clock.advance(LEASE + timedelta(seconds=1))
    (quick,) = take(database, clock, "quick")
    with database.write() as conn:
        assert not queue.complete(conn, slow, clock.now())
        assert not queue.renew(conn, slow, clock.now() + LEASE)
        assert not queue.fail(conn, slow, clock.now(), "late")
        assert queue.complete(conn, quick, clock.now())
    assert state(database).state == "done"


def test_jobs_of_a_dead_owner_are_free_at_once(database, clock):
    ask(database, clock)
    ask(database, clock, "two")
    (lost,) = take(database, clock, "dead")
    take(database, clock, "alive")
    with database.write() as conn:
        assert sorted(queue.owners(conn)) == ["alive", "dead"]
        assert queue.orphan(conn, ["dead"], clock.now()) == 1
    (found,) = take(database, clock, "next", limit=5)
    assert (found.job.key, found.fence) == (lost.job.key, lost.fence + 1)


def test_many_claimants_never_share_a_job(database, clock):
    for n in range(60):
        ask(database, clock, key=str(n))
    seen: list[str] = []

    def grab(owner):
        while found := take(database, clock, owner, limit=3):
            seen.extend(c.job.key for c in found)

    threads = [threading.Thread(target=grab, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    # a claimant that lost every race may leave early; nobody may have had what another has
    seen.extend(c.job.key for c in take(database, clock, "last", limit=60))
    assert sorted(seen, key=int) == [str(n) for n in range(60)]


async def drain(database, clock, handler):
    worker = Worker(database, {"mail.send": handler}, clock, "w")
    try:
        return await worker.drain()
    finally:
        worker.close()


async def test_a_worker_runs_async_and_blocking_handlers(database, clock):
    seen = []

    async def soon(job):
        seen.append(("soon", job.key))

    ask(database, clock)
    await drain(database, clock, Handler(soon))
    ask(database, clock, "two")
    names = []
    blocking = Handler(lambda job: names.append(threading.current_thread().name), blocking=True)
    await drain(database, clock, blocking)
    assert seen == [("soon", "one")]
    assert names[0].startswith("job-mail.send")
    assert {state(database).state, state(database, "two").state} == {"done"}


async def test_a_broken_handler_is_tried_again_later_and_given_up_in_the_end(database, clock):
    tries = []

    def broken(job):
        tries.append(job.attempts)
        raise OSError("the desk is away")

    ask(database, clock)
    for _ in range(5):
        await drain(database, clock, Handler(broken, blocking=True, tries=3))
        clock.advance(timedelta(hours=1))
    row = state(database)
    assert tries == [1, 2, 3]
    assert (row.state, row.error) == ("failed", "OSError: the desk is away")


async def test_a_handler_may_name_its_own_pause(database, clock):
    def wants(job):
        raise Retry("desk says later", timedelta(minutes=5))

    ask(database, clock)
    await drain(database, clock, Handler(wants, blocking=True))
    assert state(database).run_after == clock.now() + timedelta(minutes=5)


async def test_a_job_that_takes_its_worker_down_each_time_is_given_up(database, clock):
    ask(database, clock)
    for _ in range(6):
        take(database, clock)
        clock.advance(LEASE * 2)
    ran = []
    await drain(database, clock, Handler(ran.append, blocking=True, tries=2))
    assert ran == []
    assert state(database).state == "failed"


async def test_many_jobs_of_one_kind_need_no_poll_between_them(database, clock):
    """A fan-out puts in hundreds at once; a worker that slept between them would send two a second."""
    done, stop = [], asyncio.Event()
    for number in range(40):
        ask(database, clock, f"n{number}")

    def run(job):
        done.append(job.key)
        if len(done) == 40:
            loop.call_soon_threadsafe(stop.set)

    loop = asyncio.get_running_loop()
    handlers = {"mail.send": Handler(run, blocking=True)}
    worker = Worker(database, handlers, clock, "w", poll=timedelta(seconds=30))
    async with asyncio.timeout(20):
        await worker.run(stop)
    assert len(set(done)) == 40


async def test_stopping_hands_the_job_back_at_once(database, clock):
    started = asyncio.Event()

    async def long(job):
        started.set()
        await asyncio.sleep(60)

    ask(database, clock)
    worker = Worker(database, {"mail.send": Handler(long)}, clock, "w")
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    await asyncio.wait_for(started.wait(), 10)
    stop.set()
    await asyncio.wait_for(running, 5)
    assert (state(database).state, state(database).attempts) == ("waiting", 0)


def test_done_jobs_are_forgotten_after_their_time(database, clock):
    ask(database, clock)
    (mine,) = take(database, clock)
    with database.write() as conn:
        complete(conn, mine, clock.now())
        assert queue.counts(conn) == {("mail.send", "done"): 1}
        assert queue.forget(conn, clock.now()) == 0
        assert queue.forget(conn, clock.now() + LEASE) == 1
