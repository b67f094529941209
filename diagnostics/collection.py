"""One run's look around: every collector once, side by side, under one budget and a hard end.

Must not judge, store or render; each landed item is handed to a callback.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar, cast

from diagnostics.collectors.model import Collection, Collector, NotCollected, Sources
from diagnostics.disclosure import Audience
from diagnostics.evidence.keys import DELEGATION, located
from diagnostics.model import Evidence, Item, Key, Missing, Scope
from observe.budget import Budget
from standards.dns_types import Trouble
from subject import Subject

log = logging.getLogger(__name__)

HARD_END = timedelta(seconds=25)
STANDPOINT_WAIT = timedelta(seconds=4)
# What lies on the longest way goes out first, so that its questions are not queued behind others.
FIRST = ("web", "tls", "delegation", "registration")
T = TypeVar("T")
AnyItem = Item[object]
Landed = Callable[[AnyItem], Awaitable[None]]
AnyCollector = Collector[Any]


async def examine(
    subject: Subject,
    scope: Scope,
    *,
    sources: Sources,
    collectors: Sequence[AnyCollector],
    wanted: Sequence[Key[object]] | None = None,
    account: str = "",
    fresh: bool = False,
    landed: Landed | None = None,
    hard_end: timedelta = HARD_END,
    answers: Mapping[str, str] | None = None,
) -> Evidence:
    """Gather the wanted evidence (all of it by default). Never raises for what it meets outside.

    In public scope the panel is not even within reach of a collector.
    """
    if not scope.covers(Scope.CONTACT):
        sources, account = replace(sources, panel=None, trial=None), ""
    sources = await _from_here(sources)
    look = _Look(subject, scope, sources, collectors, account, fresh=fresh, limit=hard_end)
    look.ask = replace(look.ask, answers=answers or {})
    names = [key.name for key in wanted] if wanted is not None else list(look.collectors)
    return await look.run(names, landed, hard_end)


async def _from_here(sources: Sources) -> Sources:
    """Only what works from here is used. Without a claim that may prove wrong nobody waits."""
    claimed = sources.network.vantage
    if sources.standpoint is None or not (claimed.ipv6 or claimed.port25):
        return sources
    try:
        async with asyncio.timeout(STANDPOINT_WAIT.total_seconds()):
            seen = await sources.standpoint()
    except TimeoutError:
        return sources
    return replace(sources, network=replace(sources.network, vantage=seen.vantage))


class _Look:
    """The memo of one run: a task per collector and per host name."""

    def __init__(
        self,
        subject: Subject,
        scope: Scope,
        sources: Sources,
        collectors: Sequence[AnyCollector],
        account: str,
        *,
        fresh: bool,
        limit: timedelta,
    ) -> None:
        self.collectors = {c.key.name: c for c in collectors}
        self.clock = sources.network.clock
        self.scope = scope
        self.tasks: dict[str, asyncio.Task[AnyItem]] = {}
        self.landing: asyncio.Queue[AnyItem] = asyncio.Queue()
        budget = Budget(self.clock, seconds=limit.total_seconds())
        self.ask = Collection(subject, scope, account, fresh, sources, budget, self.gather)
        # What everybody will see is gathered as for a stranger, whoever asked.
        self.public_ask = replace(
            self.ask,
            scope=Scope.PUBLIC,
            account="",
            sources=replace(sources, panel=None, trial=None),
            gather=self._gather_public,
        )

    async def run(self, names: list[str], landed: Landed | None, hard_end: timedelta) -> Evidence:
        loop = asyncio.get_running_loop()
        end = loop.time() + hard_end.total_seconds()
        for name in sorted(names, key=lambda n: FIRST.index(n) if n in FIRST else len(FIRST)):
            self._want(name)
        items: dict[str, AnyItem] = {}
        try:
            await self._wait(items, landed, end)
        finally:
            left = await self._stop(items)
            await self.ask.budget.close()
        for name in left:
            item: AnyItem = Item(name, None, self.clock.now(), missing=Missing.LATE)
            items[name] = item
            if landed is not None:
                await landed(item)
        return Evidence(items)

    async def _wait(self, items: dict[str, AnyItem], landed: Landed | None, end: float) -> None:
        """Take in what lands until all of it has, or the hard end."""
        while len(items) < len(self.tasks):
            try:
                async with asyncio.timeout_at(end):
                    item = await self.landing.get()
            except TimeoutError:
                return
            items[item.key] = item
            if landed is not None:
                await landed(item)

    async def _stop(self, items: dict[str, AnyItem]) -> list[str]:
        """Stop what is still under way and name it."""
        left = [name for name in self.tasks if name not in items]
        unfinished = [self.tasks[name] for name in left]
        for task in unfinished:
            task.cancel()
        if unfinished:
            await asyncio.wait(unfinished, timeout=1.0)
        return left

    def _want(self, name: str) -> asyncio.Task[AnyItem]:
        if name not in self.tasks:
            self.tasks[name] = asyncio.create_task(self._gather_one(name), name=name)
        return self.tasks[name]

    async def gather(self, key: Key[T]) -> Item[T]:
        """What a collector found; asked for by another one, gathered once."""
        task = self._want(key.name)
        await asyncio.wait([task])
        return cast("Item[T]", task.result())

    async def _gather_one(self, name: str) -> AnyItem:
        item = await self._collect(name)
        self.landing.put_nowait(item)
        return item

    async def _collect(self, name: str) -> AnyItem:
        """One collector under its deadline; whatever happens to it becomes an item."""
        collector = self.collectors.get(name)
        at, started = self.clock.now(), self.clock.monotonic()
        if collector is None:
            return Item(name, None, at, missing=Missing.SKIPPED, detail="no_collector")
        if not self.scope.covers(collector.scope):
            return Item(name, None, at, missing=Missing.WITHHELD)
        for key in collector.after:
            await self.gather(key)
        at, started = self.clock.now(), self.clock.monotonic()
        answer = await self._answer(collector, self._ask(collector))
        elapsed = timedelta(seconds=self.clock.monotonic() - started)
        if isinstance(answer, NotCollected):
            return Item(name, None, at, elapsed, answer.missing, answer.trouble, answer.detail)
        return Item(name, answer, at, elapsed)

    def _ask(self, collector: AnyCollector) -> Collection:
        """What a collector is given: those that come after the walk look at the zone it found."""
        ask = self.public_ask if collector.key.seen_by is Audience.EVERYONE else self.ask
        walk = self.tasks.get(DELEGATION.name)
        if not collector.after or walk is None or not walk.done() or walk.cancelled():
            return ask
        found = Evidence({DELEGATION.name: walk.result()}).get(DELEGATION)
        return replace(ask, subject=located(ask.subject, found))

    async def _gather_public(self, key: Key[T]) -> Item[T]:
        """As `gather`, for collectors whose own evidence everybody sees."""
        if key.seen_by is not Audience.EVERYONE:
            raise LookupError(f"{key.name} is not for everyone, and this evidence is")
        return await self.gather(key)

    async def _answer(self, collector: AnyCollector, ask: Collection) -> object:
        try:
            async with asyncio.timeout(collector.deadline.total_seconds()):
                return await collector.collect(ask)
        except TimeoutError:
            return NotCollected(Missing.TROUBLE, trouble=Trouble.TIMEOUT, detail="deadline")
        except Exception:
            log.exception("collector %s failed", collector.key.name)
            return NotCollected(Missing.TROUBLE, trouble=Trouble.PROTOCOL, detail="broken")
