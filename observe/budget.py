"""What one run may spend, and what it has already learnt: time, look-ups, bytes, connections.

Overrun is a fact (Trouble.OVERBUDGET), never an exception. One Budget belongs to one event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import TypeVar, cast

from clock import Clock
from standards.dns_types import Trouble

V = TypeVar("V")


@dataclass(slots=True)
class _Shared:
    """Something that is being asked, and how many wait for it."""

    task: asyncio.Task[object]
    waiting: int = 0


class OverBudget(Exception):
    """Raised inside observe when an answer would take more bytes than are left."""


class Budget:
    """The limits of one run. Every observe function spends from it and stops when it is empty."""

    def __init__(
        self,
        clock: Clock,
        seconds: float = 25.0,
        lookups: int = 800,
        bytes: int = 20_000_000,
        connections: int = 200,
        *,
        answers: int = 3_000_000,
    ) -> None:
        self._clock = clock
        self._until = clock.monotonic() + seconds
        self._lookups = lookups
        self._bytes = bytes
        self._connections = connections
        self._answers = answers
        self._silent: set[str] = set()
        self._known: dict[Hashable, object] = {}
        self._busy: dict[Hashable, _Shared] = {}
        self._kept: set[asyncio.Task[object]] = set()

    def left(self) -> float:
        """Seconds until the run must end; never below zero."""
        return max(0.0, self._until - self._clock.monotonic())

    def within(self, seconds: float) -> float:
        """The shorter of a wish and what is left."""
        return min(seconds, self.left())

    def blame(self, trouble: Trouble | None) -> Trouble | None:
        """A wait that ended because our own time was over is our limit, not the server's silence."""
        ours = trouble is Trouble.TIMEOUT and self.left() <= 0
        return Trouble.OVERBUDGET if ours else trouble

    def spend_lookup(self) -> bool:
        """Take one look-up; False when there is none or no time."""
        self._lookups -= 1
        return self._lookups >= 0 and self.left() > 0

    def spend_connection(self) -> bool:
        """Take one connection; False when there is none or no time."""
        self._connections -= 1
        return self._connections >= 0 and self.left() > 0

    def spend_bytes(self, count: int) -> bool:
        """Take some bytes of answer; False once they are used up."""
        self._bytes -= count
        return self._bytes >= 0

    def spend_answer(self, count: int) -> bool:
        """Take some bytes of DNS answers, which cost more to read than others."""
        self._answers -= count
        return self.spend_bytes(count) and self._answers >= 0

    def is_silent(self, server: str) -> bool:
        """Has this server let us wait in vain before, in this run?"""
        return server in self._silent

    def note_silence(self, server: str) -> None:
        self._silent.add(server)

    def note_answer(self, server: str) -> None:
        self._silent.discard(server)

    async def once(self, key: Hashable, ask: Callable[[], Coroutine[None, None, V]]) -> V:
        """The value of `ask`, computed once for a key; later callers share it.

        A caller that stops waiting leaves the others undisturbed; when nobody waits any more, the
        asking stops, and no task is left behind.
        """
        if key in self._known:
            return cast("V", self._known[key])
        shared = self._busy.get(key)
        if shared is None:
            shared = self._busy[key] = _Shared(asyncio.ensure_future(ask()))
        shared.waiting += 1
        try:
            value = await asyncio.shield(shared.task)
        finally:
            shared.waiting -= 1
            if not shared.waiting:
                shared.task.cancel()
                self._busy.pop(key, None)
        self._known[key] = value
        return cast("V", value)

    def keep(self, asking: Coroutine[None, None, object]) -> None:
        """Let something go on beside the others until `close`, for whoever will want it later."""
        self._kept.add(asyncio.ensure_future(asking))

    async def close(self) -> None:
        """Stop what is kept."""
        for task in self._kept:
            task.cancel()
        if self._kept:
            await asyncio.wait(self._kept, timeout=1.0)
        for task in self._kept:
            if task.done() and not task.cancelled():
                task.exception()  # whoever wanted its value has met it there
        self._kept.clear()
