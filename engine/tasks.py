"""Supervision of the engine's loops: one that breaks is logged, reported at /readyz and restarted."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

log = logging.getLogger("jasno.engine")
PAUSE = 1.0  # seconds before a broken loop begins again
TOLD_FOR = 60.0  # seconds that a breakdown is told after the loop has begun again


@dataclass(frozen=True, slots=True)
class _Breakdown:
    text: str
    at: float


class SupervisedTasks:
    """Loops that run until `stop` is set. None ends silently, whatever it raises."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._breakdowns: dict[str, _Breakdown] = {}

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run a loop; it is over when it returns."""
        self._tasks[name] = asyncio.create_task(self._supervise(name, run), name=name)

    async def _supervise(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                return await run()
            except asyncio.CancelledError as error:
                if (task := asyncio.current_task()) is None or task.cancelling():
                    raise
                self._note(name, error)  # nobody cancels the loop: something it waited for was cut
            except Exception as error:  # noqa: BLE001 - logged, told at /readyz, begun again
                self._note(name, error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PAUSE):
                    await self._stop.wait()
            if self._stop.is_set():
                return None
            log.warning("%s begins again", name)

    def _note(self, name: str, error: BaseException) -> None:
        log.error("%s broke", name, exc_info=error)
        text = f"broke: {type(error).__name__}: {error}"[:200]
        self._breakdowns[name] = _Breakdown(text, time.monotonic())

    def failures(self) -> Mapping[str, str]:
        """Which loops have broken lately, and how; and which are gone for good."""
        since = time.monotonic() - TOLD_FOR
        broken = {name: b.text for name, b in self._breakdowns.items() if b.at >= since}
        if self._stop.is_set():
            return broken
        gone = {
            name: "has ended and does not begin again"
            for name, task in self._tasks.items()
            if task.done() and (task.cancelled() or task.exception() is not None)
        }
        return broken | gone

    async def end(self, within: float) -> None:
        """Give them some seconds to end by themselves, then cancel them."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks.values(), timeout=within)
            for task in late:
                task.cancel()
