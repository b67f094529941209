"""Asking several servers the same thing, one after the other without waiting for the slow.

Owns the racing only; what is asked and what counts as good comes from the caller.
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
    good: Callable[[Lookup], bool],
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
                if good(finished[-1]):
                    return tuple(finished)
        return tuple(finished)
    finally:
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)


async def patiently(
    calls: Sequence[Coroutine[None, None, T]], good: Callable[[T], bool], grace: float | None
) -> list[T | None]:
    """Everybody's result in order. With `grace`, those who are not done so many seconds after the
    first good one are not waited for: None."""
    if grace is None:
        return list(await asyncio.gather(*calls))
    tasks = [asyncio.ensure_future(call) for call in calls]
    clock = asyncio.get_running_loop().time
    end: float | None = None
    left = set(tasks)
    try:
        while left and (end is None or end > clock()):
            wait = None if end is None else end - clock()
            done, left = await asyncio.wait(left, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            if end is None and any(good(task.result()) for task in done):
                end = clock() + grace
    finally:
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
    return [None if task.cancelled() else task.result() for task in tasks]
