"""A miniature internet on loopback: demo, tests and bench share it.

Real protocols over real sockets on free high ports, no root. Production reaches it only from the
demo command. `start(world)` inside a loop, `running(world)` from plain code.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import timedelta

from lab.clock import LabClock, WallClock
from lab.running import Running, serve_world
from lab.world import World

__all__ = ["Running", "World", "running", "start"]
NO_DELAY = timedelta(0)


def start(
    world: World, *, delay: timedelta = NO_DELAY, clock: LabClock | None = None
) -> AbstractAsyncContextManager[Running]:
    """Run a world in this event loop; `delay` is added to every answer of every server."""
    return serve_world(world, clock or WallClock(), delay)


@contextmanager
def running(
    world: World, *, delay: timedelta = NO_DELAY, clock: LabClock | None = None
) -> Iterator[Running]:
    """Run a world in a thread and a loop of its own, for code that blocks."""
    ready = threading.Event()
    box: list[Running | Exception] = []
    loop = asyncio.new_event_loop()
    finish = asyncio.Event()

    async def serve() -> None:
        try:
            async with start(world, delay=delay, clock=clock) as lab:
                box.append(lab)
                ready.set()
                await finish.wait()
        except Exception as wrong:  # noqa: BLE001 - handed to the thread that asked
            box.append(wrong)
            ready.set()

    def run_loop() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run_loop, name="lab", daemon=True)
    thread.start()
    if not ready.wait(30):
        raise TimeoutError("the lab did not start")
    if isinstance(box[0], Exception):
        thread.join(10)
        raise box[0]
    try:
        yield box[0]
    finally:
        loop.call_soon_threadsafe(finish.set)
        thread.join(10)
