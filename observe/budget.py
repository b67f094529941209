"""The resource limits of one run (time, look-ups, bytes, connections) and its shared results.

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
BYTES_SPENT = "more was sent than one look reads"
LOOKUPS_SPENT = "it takes more look-ups than one look makes"
CONNECTIONS_SPENT = "it takes more connections than one look makes"
LIMITS_SPENT = (BYTES_SPENT, LOOKUPS_SPENT, CONNECTIONS_SPENT)


@dataclass(slots=True)
class _InFlight:
    """A request in flight, and how many callers wait for it."""

    task: asyncio.Task[object]
    waiting: int = 0


class OverBudget(Exception):
    """Raised inside observe when an answer would take more bytes than are left."""

    def __init__(self) -> None:
        super().__init__(BYTES_SPENT)


class Budget:
    """The limits of one run. Every observe function spends from it and stops when it is used up.

    `spent` says which limit besides the time has been met last, one of LIMITS_SPENT; "" for none.
    It is the detail of facts whose trouble is OVERBUDGET.
    """

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
        self._deadline = clock.monotonic() + seconds
        self._lookups = lookups
        self._bytes = bytes
        self._connections = connections
        self._answers = answers
        self.spent = ""
        self._silent_servers: set[str] = set()
        self._results: dict[Hashable, object] = {}
        self._in_flight: dict[Hashable, _InFlight] = {}
        self._background: set[asyncio.Task[object]] = set()

    def left(self) -> float:
        """Seconds until the run must end; never below zero."""
        return max(0.0, self._deadline - self._clock.monotonic())

    def within(self, seconds: float) -> float:
        """A time-out in seconds, cut to what is left."""
        return min(seconds, self.left())

    def classify_timeout(self, trouble: Trouble | None) -> Trouble | None:
        """OVERBUDGET for a time-out that our own deadline caused; any other trouble unchanged."""
        own_limit = trouble is Trouble.TIMEOUT and self.left() <= 0
        return Trouble.OVERBUDGET if own_limit else trouble

    def spend_lookup(self) -> bool:
        """Spend one look-up; False when none is left or the time is over."""
        self._lookups -= 1
        return self._within_limit(self._lookups, LOOKUPS_SPENT) and self.left() > 0

    def spend_connection(self) -> bool:
        """Spend one connection; False when none is left or the time is over."""
        self._connections -= 1
        return self._within_limit(self._connections, CONNECTIONS_SPENT) and self.left() > 0

    def spend_bytes(self, count: int) -> bool:
        """Spend bytes of an answer; False once they are used up."""
        self._bytes -= count
        return self._within_limit(self._bytes, BYTES_SPENT)

    def spend_answer(self, count: int) -> bool:
        """Spend bytes of DNS answers, which have a limit of their own besides."""
        self._answers -= count
        return self.spend_bytes(count) and self._within_limit(self._answers, BYTES_SPENT)

    def _within_limit(self, left: int, limit: str) -> bool:
        if left < 0:
            self.spent = limit
        return left >= 0

    def is_silent(self, server: str) -> bool:
        """Whether this server has timed out before in this run."""
        return server in self._silent_servers

    def note_silence(self, server: str) -> None:
        self._silent_servers.add(server)

    def note_answer(self, server: str) -> None:
        self._silent_servers.discard(server)

    async def shared(self, key: Hashable, ask: Callable[[], Coroutine[None, None, V]]) -> V:
        """The result of `ask`, computed once for a key and shared with later callers.

        A cancelled caller does not disturb the others; when nobody waits any more, the task is
        cancelled too.
        """
        if key in self._results:
            return cast("V", self._results[key])
        shared = self._in_flight.get(key)
        if shared is None:
            shared = self._in_flight[key] = _InFlight(asyncio.ensure_future(ask()))
        shared.waiting += 1
        try:
            value = await asyncio.shield(shared.task)
        finally:
            shared.waiting -= 1
            if not shared.waiting:
                shared.task.cancel()
                self._in_flight.pop(key, None)
        self._results[key] = value
        return cast("V", value)

    def run_in_background(self, asking: Coroutine[None, None, object]) -> None:
        """Run a coroutine in the background until `close`; its result is available by `shared`."""
        self._background.add(asyncio.ensure_future(asking))

    async def close(self) -> None:
        """Cancel the background tasks."""
        for task in self._background:
            task.cancel()
        if self._background:
            await asyncio.wait(self._background, timeout=1.0)
        for task in self._background:
            if task.done() and not task.cancelled():
                task.exception()  # whoever wanted its value has met it there
        self._background.clear()
