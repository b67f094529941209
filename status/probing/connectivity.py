"""Own connectivity: our way out and our resolvers, asked only when a target looks down.

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
from status.probing.observe import ProbeResult, as_unobserved

REFERENCES_CACHED = timedelta(seconds=5)  # strangers are not asked more often
RESOLVER_CACHED = timedelta(seconds=2)  # our own resolvers are
ROOTS_CACHED = timedelta(hours=1)  # until we try anew whether root servers answer here
ROOTS = 3
DNS_TIMEOUT = 1.5  # seconds for DNS that anybody has at hand
BLIND_AFTER = timedelta(seconds=15)  # without resolvers, and with nothing else seen
CUT_OFF = "our own connection is down"
NO_RESOLVER = "our own resolvers do not answer"


@dataclass(slots=True)
class OwnConnection:
    """Our own way out. `cut_off` and `no_resolver` are the last thing known."""

    net: Network
    references: tuple[str, ...] = ()
    cut_off: bool = False
    no_resolver: bool = False
    _asked_at: datetime | None = None
    _resolver_asked_at: datetime | None = None
    _roots_asked_at: datetime | None = None
    _roots_answer: bool = False
    _no_resolver_since: datetime | None = None
    _seen_at: datetime | None = None  # the last look that told us something
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def trouble(self) -> str:
        """ "" when we see well, else why not."""
        if self.cut_off:
            return CUT_OFF
        return NO_RESOLVER if self.no_resolver else ""

    def is_blind(self, now: datetime) -> bool:
        """Can we tell nothing of anybody? Without resolvers we may still see who has an address."""
        if self.cut_off or not self.no_resolver or self._no_resolver_since is None:
            return self.cut_off
        seen = self._seen_at is not None and self._seen_at > self._no_resolver_since
        return not seen and now - self._no_resolver_since >= BLIND_AFTER

    def reset(self) -> None:
        """Ask anew when next asked; the clock was set."""
        self._asked_at = self._resolver_asked_at = self._roots_asked_at = self._seen_at = None
        self._no_resolver_since = self.net.clock.now() if self.no_resolver else None

    async def without_own_faults(self, result: ProbeResult) -> ProbeResult:
        """A look as it may count: what we could not see is said to be that, and blames nobody."""
        grade = result.observation.signal.grade
        if grade is Grade.DOWN:
            if await self.is_cut_off():
                return as_unobserved(result, CUT_OFF)
            if result.name_lookup_failed and await self._has_no_resolver():
                return as_unobserved(result, NO_RESOLVER)
        elif grade in (Grade.UP, Grade.DEGRADED):
            await self._note_answer()
        if grade is not Grade.UNKNOWN:
            self._seen_at = self.net.clock.now()
        return result

    async def is_cut_off(self) -> bool:
        """Are we cut off? Asked every few seconds at most, and never where nothing could tell."""
        if not self.references and not self._roots_answer:
            return False
        async with self._lock:
            if self._is_stale(self._asked_at, REFERENCES_CACHED):
                self.cut_off = not await self._any_reference_answers()
                self._asked_at = self.net.clock.now()
        return self.cut_off

    async def _any_reference_answers(self) -> bool:
        """Does anybody outside answer?"""
        if not self.references:
            return await self._root_answers()
        answers = await asyncio.gather(*(self._answers(url) for url in self.references))
        return any(answers)

    async def _note_answer(self) -> None:
        """Something answers: learn what does so when all is well, or whether all is well again."""
        if self.cut_off:
            await self.is_cut_off()
        if self.no_resolver:
            await self._has_no_resolver()
        if (
            not self.references
            and self._is_stale(self._roots_asked_at, ROOTS_CACHED)
            and not self.cut_off
        ):
            self._roots_asked_at = self.net.clock.now()
            self._roots_answer = await self._root_answers()

    async def _has_no_resolver(self) -> bool:
        async with self._lock:
            if self._is_stale(self._resolver_asked_at, RESOLVER_CACHED):
                before, self.no_resolver = self.no_resolver, not await self._resolver_answers()
                self._resolver_asked_at = now = self.net.clock.now()
                if self.no_resolver is not before:
                    self._no_resolver_since = now if self.no_resolver else None
        return self.no_resolver

    def _is_stale(self, at: datetime | None, max_age: timedelta) -> bool:
        return at is None or self.net.clock.now() - at > max_age

    async def _answers(self, url: str) -> bool:
        budget = Budget(self.net.clock, seconds=4.0)
        return bool((await fetch(self.net, budget, url, method="HEAD", timeout=3.0)).status)

    async def _root_answers(self) -> bool:
        """Does one of some root servers answer? Those of an operator's own are dialled as told."""
        budget = Budget(self.net.clock, seconds=DNS_TIMEOUT)
        usable = [a for _, a in self.net.root_hints if dns_client.can_reach(self.net.vantage, a)]
        step = max(1, len(usable) // ROOTS)

        own = self.net.has_own_root
        lookups = await asyncio.gather(
            *(
                dns_client.ask(self.net, budget, ".", "SOA", server, operator=own)
                for server in usable[::step][:ROOTS]
            )
        )
        return any(lookup.rcode == "NOERROR" for lookup in lookups)

    async def _resolver_answers(self) -> bool:
        """Do our resolvers know the root? Any that works has it at hand."""
        budget = Budget(self.net.clock, seconds=DNS_TIMEOUT)
        return (await dns_client.resolve(self.net, budget, ".", "NS")).rcode == "NOERROR"
