"""Is it us? Asked only when something looks bad: our own way out, and our own resolvers.

The way out is known by reference pages, or, where none is configured, by the root servers, which
a dozen operators run all over the world. They count only where they have answered before, for many
a firewall lets no DNS out.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from observe.budget import Budget
from observe.dns import dns_client
from observe.http.http_client import fetch
from observe.network import Network
from status.model import Grade
from status.probing.observe import ProbeResult, unseen
from status.state.damping import OwnConnectivity

KEPT = timedelta(seconds=5)  # strangers are not asked more often
NAMES_KEPT = timedelta(seconds=2)  # our own resolvers are
AGAIN = timedelta(hours=1)  # until we try anew whether root servers answer here
ROOTS = 3
PATIENCE = 1.5  # seconds for DNS that anybody has at hand
BLIND_AFTER = timedelta(seconds=15)  # without resolvers, and with nothing else seen
CUT_OFF = "our own connection is down"
NAMELESS = "our own resolvers do not answer"


@dataclass(slots=True)
class OwnConnection:
    """Our own way out. `cut_off` and `nameless` are the last thing known."""

    net: Network
    references: tuple[str, ...] = ()
    cut_off: bool = False
    nameless: bool = False
    _asked_at: datetime | None = None
    _named_at: datetime | None = None
    _learnt_at: datetime | None = None
    _roots_answer: bool = False
    _nameless_since: datetime | None = None
    _seen_at: datetime | None = None  # the last look that told us something
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def trouble(self) -> str:
        """ "" when we see well, else why not."""
        if self.cut_off:
            return CUT_OFF
        return NAMELESS if self.nameless else ""

    def blind(self, now: datetime) -> bool:
        """Can we tell nothing of anybody? Without resolvers we may still see who has an address."""
        if self.cut_off or not self.nameless or self._nameless_since is None:
            return self.cut_off
        seen = self._seen_at is not None and self._seen_at > self._nameless_since
        return not seen and now - self._nameless_since >= BLIND_AFTER

    def forget(self) -> None:
        """Ask anew when next asked; the clock was set."""
        self._asked_at = self._named_at = self._learnt_at = self._seen_at = None
        self._nameless_since = self.net.clock.now() if self.nameless else None

    async def judged(self, seen: ProbeResult) -> ProbeResult:
        """A look as it may count: what we could not see is said to be that, and blames nobody."""
        grade = seen.observation.signal.grade
        if grade is Grade.DOWN:
            if await self.lost():
                return unseen(seen, CUT_OFF)
            if seen.at_the_name and await self._lost_names():
                return unseen(seen, NAMELESS)
        elif grade in (Grade.UP, Grade.DEGRADED):
            await self._well()
        if grade is not Grade.UNKNOWN:
            self._seen_at = self.net.clock.now()
        return seen

    async def lost(self) -> bool:
        """Are we cut off? Asked every few seconds at most, and never where nothing could tell."""
        if not self.references and not self._roots_answer:
            return False
        async with self._lock:
            if self._old(self._asked_at, KEPT):
                self.cut_off = not await self._anybody()
                self._asked_at = self.net.clock.now()
        return self.cut_off

    async def _anybody(self) -> bool:
        """Does anybody outside answer?"""
        if not self.references:
            return await self._root_answers()
        answers = await asyncio.gather(*(self._answers(url) for url in self.references))
        return not OwnConnectivity(dict(zip(self.references, answers, strict=True))).cut_off

    async def _well(self) -> None:
        """Something answers: learn what does so when all is well, or whether all is well again."""
        if self.cut_off:
            await self.lost()
        if self.nameless:
            await self._lost_names()
        if not self.references and self._old(self._learnt_at, AGAIN) and not self.cut_off:
            self._learnt_at = self.net.clock.now()
            self._roots_answer = await self._root_answers()

    async def _lost_names(self) -> bool:
        async with self._lock:
            if self._old(self._named_at, NAMES_KEPT):
                before, self.nameless = self.nameless, not await self._resolver_answers()
                self._named_at = now = self.net.clock.now()
                if self.nameless is not before:
                    self._nameless_since = now if self.nameless else None
        return self.nameless

    def _old(self, at: datetime | None, kept: timedelta) -> bool:
        return at is None or self.net.clock.now() - at > kept

    async def _answers(self, url: str) -> bool:
        budget = Budget(self.net.clock, seconds=4.0)
        return bool((await fetch(self.net, budget, url, method="HEAD", timeout=3.0)).status)

    async def _root_answers(self) -> bool:
        """Does one of some root servers answer? Those of an operator's own are dialled as told."""
        budget = Budget(self.net.clock, seconds=PATIENCE)
        usable = [a for _, a in self.net.root_hints if dns_client.can_reach(self.net.vantage, a)]
        step = max(1, len(usable) // ROOTS)

        own = self.net.has_own_root
        found = await asyncio.gather(
            *(
                dns_client.ask(self.net, budget, ".", "SOA", server, operator=own)
                for server in usable[::step][:ROOTS]
            )
        )
        return any(one.rcode == "NOERROR" for one in found)

    async def _resolver_answers(self) -> bool:
        """Do our resolvers know the root? Any that works has it at hand."""
        budget = Budget(self.net.clock, seconds=PATIENCE)
        return (await dns_client.resolve(self.net, budget, ".", "NS")).rcode == "NOERROR"
