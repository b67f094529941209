"""Blocking calls to one source, in threads of its own: a source that hangs holds up no other.

A call that nobody waits for any more keeps its thread until the source answers. While all threads
are held like that, further calls are refused at once instead of waiting in vain.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class SourceBlocked(Exception):
    """All threads of a source wait for it; the message names the source."""


class BlockingCalls:
    """The threads of one source. Usable from any event loop."""

    def __init__(self, source: str, threads: int = 4) -> None:
        self._source = source
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, source)
        self._lock = threading.Lock()
        self._abandoned = 0

    @property
    def hangs(self) -> bool:
        """Whether every thread is held by a call that was given up."""
        return self._abandoned >= self._threads

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the call returns or raises. Raises SourceBlocked."""
        if self.hangs:
            raise SourceBlocked(f"{self._source} does not answer")
        future = self._pool.submit(call, *args, **kwargs)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if not future.cancel():  # it has begun
                self._count(1)
                future.add_done_callback(self._came_back)
            raise

    def close(self) -> None:
        """Let go of the threads; calls under way are not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _came_back(self, _: Future[T]) -> None:
        self._count(-1)

    def _count(self, by: int) -> None:
        with self._lock:
            self._abandoned += by
