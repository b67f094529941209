"""No loop of the engine ends silently."""

from __future__ import annotations

import asyncio

from engine.tasks import SupervisedTasks


async def test_a_loop_that_breaks_is_told_and_begins_again(caplog):
    stop, again, begun = asyncio.Event(), asyncio.Event(), []

    async def loop():
        begun.append(1)
        if len(begun) == 1:
            raise RuntimeError("locking protocol")
        again.set()
        await stop.wait()

    tasks = SupervisedTasks(stop)
    tasks.start("jobs", loop)
    await asyncio.wait_for(again.wait(), 10)
    assert tasks.failures() == {"jobs": "broke: RuntimeError: locking protocol"}
    assert "jobs broke" in caplog.text
    stop.set()
    await asyncio.wait_for(tasks.end(1), 3)


async def test_a_loop_cut_off_by_what_it_waited_for_begins_again():
    """A cancelled future raises CancelledError in whoever awaits it, though nobody ends the loop."""
    stop, again, begun = asyncio.Event(), asyncio.Event(), []

    async def loop():
        begun.append(1)
        if len(begun) == 1:
            answer = asyncio.get_running_loop().create_future()
            answer.cancel()
            await answer
        again.set()
        await stop.wait()

    tasks = SupervisedTasks(stop)
    tasks.start("jobs", loop)
    await asyncio.wait_for(again.wait(), 10)
    assert tasks.failures() == {"jobs": "broke: CancelledError: "}
    stop.set()
    await asyncio.wait_for(tasks.end(1), 3)


async def test_a_loop_that_does_not_end_is_cut_off(caplog):
    stop, cut = asyncio.Event(), asyncio.Event()

    async def deaf():
        try:
            await asyncio.sleep(60)
        finally:
            cut.set()

    tasks = SupervisedTasks(stop)
    tasks.start("deaf", deaf)
    await asyncio.sleep(0)
    stop.set()
    await tasks.end(0.05)
    await asyncio.wait_for(cut.wait(), 2)
    assert tasks.failures() == {}


async def test_a_loop_that_is_gone_for_good_is_told():
    """Cut off from outside, as by a library that cancels the wrong task: nothing begins it again."""
    stop, begun = asyncio.Event(), asyncio.Event()

    async def cancelled_loop():
        begun.set()
        await stop.wait()

    async def finished_loop():
        """Has nothing to do, as a mirror that is not configured."""

    tasks = SupervisedTasks(stop)
    tasks.start("jobs", cancelled_loop)
    tasks.start("mirror", finished_loop)
    await asyncio.wait_for(begun.wait(), 2)
    (jobs,) = (task for task in asyncio.all_tasks() if task.get_name() == "jobs")
    jobs.cancel()
    await asyncio.wait({jobs}, timeout=2)
    assert tasks.failures() == {"jobs": "has ended and does not begin again"}
    stop.set()
    assert tasks.failures() == {}
