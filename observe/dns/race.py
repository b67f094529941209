"""Concurrency for several servers: staggered races, and gathering with a grace period.

What is called and what counts as good comes from the caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import TypeVar

from standards.dns_types import Lookup

T = TypeVar("T")

STAGGER = 0.3  # seconds before the next server is asked as well


async def race(
    calls: Sequence[Callable[[], Coroutine[None, None, Lookup]]],
    is_good: Callable[[Lookup], bool],
    stagger: float = STAGGER,
) -> tuple[Lookup, ...]:
    """Start the calls one by one, the next when the last failed or is slow; stop at a good one.

    Returns the finished lookups, the good one last.
    """
    waiting = list(calls)
    running: set[asyncio.Task[Lookup]] = set()
    finished: list[Lookup] = []
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.ensure_future(waiting.pop(0)()))
            done, running = await asyncio.wait(
                running,
                timeout=stagger if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                finished.append(task.result())
                if is_good(finished[-1]):
                    return tuple(finished)
        return tuple(finished)
    finally:
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)


async def gather_with_grace(
    calls: Sequence[Coroutine[None, None, T]], is_good: Callable[[T], bool], grace: float | None
) -> list[T | None]:
    """All results in order. With `grace`, calls that are not done so many seconds after the first
    good result are cancelled and give None."""
    if grace is None:
        return list(await asyncio.gather(*calls))
    tasks = [asyncio.ensure_future(call) for call in calls]
    clock = asyncio.get_running_loop().time
    deadline: float | None = None
    pending = set(tasks)
    try:
        while pending and (deadline is None or deadline > clock()):
            wait = None if deadline is None else deadline - clock()
            done, pending = await asyncio.wait(
                pending, timeout=wait, return_when=asyncio.FIRST_COMPLETED
            )
            if deadline is None and any(is_good(task.result()) for task in done):
                deadline = clock() + grace
    finally:
        for task in pending:
            task.cancel()
        if pending:
            await asyncio.wait(pending)
    return [None if task.cancelled() else task.result() for task in tasks]
