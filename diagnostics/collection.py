"""Collects a run's evidence: every collector once, in parallel, under one budget and a deadline.

Must not judge, store or render; each landed item is handed to a callback.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar, cast

from diagnostics.collectors.model import CollectionContext, Collector, NotCollected, Sources
from diagnostics.disclosure import Audience
from diagnostics.evidence.keys import DELEGATION, located_subject
from diagnostics.model import Evidence, Item, Key, Missing, Scope
from observe.budget import Budget
from standards.dns_types import Trouble
from subject import Subject

log = logging.getLogger(__name__)

HARD_END = timedelta(seconds=25)
STANDPOINT_WAIT = timedelta(seconds=4)
# What lies on the longest way goes out first, so that its questions are not queued behind others.
START_FIRST = ("web", "tls", "delegation", "registration")
T = TypeVar("T")
AnyItem = Item[object]
OnItem = Callable[[AnyItem], Awaitable[None]]
AnyCollector = Collector[Any]


async def collect_evidence(
    subject: Subject,
    scope: Scope,
    *,
    sources: Sources,
    collectors: Sequence[AnyCollector],
    keys: Sequence[Key[object]] | None = None,
    account: str = "",
    fresh: bool = False,
    on_item: OnItem | None = None,
    hard_end: timedelta = HARD_END,
    answers: Mapping[str, str] | None = None,
) -> Evidence:
    """Gather the wanted evidence (all of it by default). Never raises for what it meets outside.

    In public scope the panel is not even within reach of a collector.
    """
    if not scope.covers(Scope.CONTACT):
        sources, account = replace(sources, panel=None, login_test=None), ""
    sources = await _with_measured_vantage(sources)
    collector_run = _EvidenceRun(
        subject, scope, sources, collectors, account, fresh=fresh, limit=hard_end
    )
    collector_run.context = replace(collector_run.context, answers=answers or {})
    names = [key.name for key in keys] if keys is not None else list(collector_run.collectors)
    return await collector_run.run(names, on_item, hard_end)


async def _with_measured_vantage(sources: Sources) -> Sources:
    """Only what works from here is used. Without a claim that may prove wrong nobody waits."""
    claimed_vantage = sources.network.vantage
    if sources.standpoint is None or not (claimed_vantage.ipv6 or claimed_vantage.port25):
        return sources
    try:
        async with asyncio.timeout(STANDPOINT_WAIT.total_seconds()):
            standpoint = await sources.standpoint()
    except TimeoutError:
        return sources
    return replace(sources, network=replace(sources.network, vantage=standpoint.vantage))


class _EvidenceRun:
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
        self.finished: asyncio.Queue[AnyItem] = asyncio.Queue()
        budget = Budget(self.clock, seconds=limit.total_seconds())
        self.context = CollectionContext(
            subject, scope, account, fresh, sources, budget, self.gather
        )
        # What everybody will see is gathered as for a stranger, whoever asked.
        self.public_context = replace(
            self.context,
            scope=Scope.PUBLIC,
            account="",
            sources=replace(sources, panel=None, login_test=None),
            gather=self._gather_public,
        )

    async def run(self, names: list[str], on_item: OnItem | None, hard_end: timedelta) -> Evidence:
        loop = asyncio.get_running_loop()
        end = loop.time() + hard_end.total_seconds()
        for name in sorted(
            names, key=lambda n: START_FIRST.index(n) if n in START_FIRST else len(START_FIRST)
        ):
            self._start(name)
        items: dict[str, AnyItem] = {}
        try:
            await self._receive(items, on_item, end)
        finally:
            unfinished = await self._cancel_rest(items)
            await self.context.budget.close()
        for name in unfinished:
            item: AnyItem = Item(name, None, self.clock.now(), missing=Missing.LATE)
            items[name] = item
            if on_item is not None:
                await on_item(item)
        return Evidence(items)

    async def _receive(self, items: dict[str, AnyItem], on_item: OnItem | None, end: float) -> None:
        """Take in what lands until all of it has, or the hard end."""
        while len(items) < len(self.tasks):
            try:
                async with asyncio.timeout_at(end):
                    item = await self.finished.get()
            except TimeoutError:
                return
            items[item.key] = item
            if on_item is not None:
                await on_item(item)

    async def _cancel_rest(self, items: dict[str, AnyItem]) -> list[str]:
        """Stop what is still under way and name it."""
        names = [name for name in self.tasks if name not in items]
        tasks = [self.tasks[name] for name in names]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1.0)
        return names

    def _start(self, name: str) -> asyncio.Task[AnyItem]:
        if name not in self.tasks:
            self.tasks[name] = asyncio.create_task(self._gather_one(name), name=name)
        return self.tasks[name]

    async def gather(self, key: Key[T]) -> Item[T]:
        """What a collector found; asked for by another one, gathered once."""
        task = self._start(key.name)
        await asyncio.wait([task])
        return cast("Item[T]", task.result())

    async def _gather_one(self, name: str) -> AnyItem:
        item = await self._collect(name)
        self.finished.put_nowait(item)
        return item

    async def _collect(self, name: str) -> AnyItem:
        """One collector under its deadline; whatever happens to it becomes an item."""
        collector = self.collectors.get(name)
        started_at, started = self.clock.now(), self.clock.monotonic()
        if collector is None:
            return Item(name, None, started_at, missing=Missing.SKIPPED, detail="no_collector")
        if not self.scope.covers(collector.scope):
            return Item(name, None, started_at, missing=Missing.WITHHELD)
        for key in collector.after:
            await self.gather(key)
        started_at, started = self.clock.now(), self.clock.monotonic()
        result = await self._call(collector, self._context_for(collector))
        elapsed = timedelta(seconds=self.clock.monotonic() - started)
        if isinstance(result, NotCollected):
            return Item(
                name, None, started_at, elapsed, result.missing, result.trouble, result.detail
            )
        return Item(name, result, started_at, elapsed)

    def _context_for(self, collector: AnyCollector) -> CollectionContext:
        """What a collector is given: those that come after the walk look at the zone it found."""
        context = (
            self.public_context if collector.key.seen_by is Audience.EVERYONE else self.context
        )
        delegation_task = self.tasks.get(DELEGATION.name)
        if (
            not collector.after
            or delegation_task is None
            or not delegation_task.done()
            or delegation_task.cancelled()
        ):
            return context
        delegation = Evidence({DELEGATION.name: delegation_task.result()}).get(DELEGATION)
        return replace(context, subject=located_subject(context.subject, delegation))

    async def _gather_public(self, key: Key[T]) -> Item[T]:
        """As `gather`, for collectors whose own evidence everybody sees."""
        if key.seen_by is not Audience.EVERYONE:
            raise LookupError(f"{key.name} is not for everyone, and this evidence is")
        return await self.gather(key)

    async def _call(self, collector: AnyCollector, context: CollectionContext) -> object:
        try:
            async with asyncio.timeout(collector.deadline.total_seconds()):
                return await collector.collect(context)
        except TimeoutError:
            return NotCollected(Missing.TROUBLE, trouble=Trouble.TIMEOUT, detail="deadline")
        except Exception:
            log.exception("collector %s failed", collector.key.name)
            return NotCollected(Missing.TROUBLE, trouble=Trouble.PROTOCOL, detail="broken")
