"""Is it us? Asks reference targets outside our own network, and only when something looks bad."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from observe.budget import Budget
from observe.http import fetch
from observe.network import Network
from status.damping import Connection

KEPT = timedelta(seconds=10)


@dataclass(slots=True)
class OwnConnection:
    """Our own way out. `cut_off` is the last thing known."""

    net: Network
    references: tuple[str, ...] = ()
    cut_off: bool = False
    _asked_at: datetime | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def forget(self) -> None:
        """Ask anew when next asked."""
        self._asked_at = None

    async def lost(self) -> bool:
        """Are we cut off? Asked at most every ten seconds; without references never."""
        if not self.references:
            return False
        async with self._lock:
            now = self.net.clock.now()
            if self._asked_at is None or now - self._asked_at > KEPT:
                answers = await asyncio.gather(*(self._answers(url) for url in self.references))
                known = Connection(dict(zip(self.references, answers, strict=True)))
                self._asked_at, self.cut_off = now, known.cut_off
        return self.cut_off

    async def _answers(self, url: str) -> bool:
        budget = Budget(self.net.clock, seconds=4.0)
        return bool((await fetch(self.net, budget, url, method="HEAD", timeout=3.0)).status)
