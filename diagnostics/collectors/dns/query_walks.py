"""Runs query walks over the network: names in the zone go to its own servers, others to resolvers.

So a record changed a minute ago is seen at once, and nothing is asked twice in a run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from diagnostics.collectors.model import CollectionContext, NotCollected
from diagnostics.evidence.keys import DELEGATION, referred_zone
from diagnostics.model import Missing
from facts import Delegated, Delegation, NameServer
from observe.dns import dns_client
from observe.dns import zone as zones
from observe.reading_threads import in_reading_thread
from standards.dns_types import Lookup
from standards.queries import (
    Batch,
    Query,
    QueryReply,
    Walk,
    likely_policies,
    reply_from_lookup,
)

T = TypeVar("T")
MAX_RECORDED, MAX_VALUES, MAX_VALUE = 60, 12, 1000


@dataclass(frozen=True, slots=True)
class _Ended(Generic[T]):
    """A walk is over; a StopIteration cannot leave a thread."""

    value: T


class WalkDriver:
    """Puts a walk's questions for one run, and remembers the look-ups in the order they came."""

    def __init__(self, context: CollectionContext) -> None:
        self.context = context
        self.lookups: dict[Query, Lookup] = {}

    async def walk(self, steps: Walk[T]) -> T:
        """A walk's value; each batch is asked side by side, and read beside the event loop."""
        batch: Batch | None = None
        lookups: list[Lookup] = []
        while True:
            step = await in_reading_thread(_step, steps, batch, lookups)
            if isinstance(step, _Ended):
                return step.value
            batch, lookups = step, await asyncio.gather(*map(self.look_up, step))

    async def walk_singly(self, steps: Generator[Query, QueryReply, T]) -> T:
        """The value of a walk that asks a single question at a time."""
        return await self.walk(_in_batches(steps))

    async def look_up(self, question: Query) -> Lookup:
        """One question as a fact, by the zone's own server where there is one that answers."""
        context = self.context
        lookup = await self._ask_zone(question)
        if lookup is None:
            lookup = await dns_client.resolve(
                context.network, context.budget, question.name, question.type
            )
        self.lookups.setdefault(question, lookup)
        return lookup

    async def _ask_zone(self, question: Query) -> Lookup | None:
        delegation = (await self.context.gather(DELEGATION)).value
        if delegation is None or not _is_within(question.name, delegation.domain):
            return None
        answering = _answering_server(self.context, delegation)
        if answering is None:
            return None
        single_server = replace(delegation, servers=(answering,))
        questions = ((question.name, question.type),)
        lookups = await zones.ask_everywhere(
            self.context.network, self.context.budget, single_server, questions
        )
        return lookups[0] if lookups and _is_final(lookups[0], question) else None

    def recorded(self, matters: Callable[[str], bool] = bool) -> tuple[Lookup, ...]:
        """The look-ups for the record, without what does not matter; bounded."""
        return tuple(trimmed(x, matters) for x in list(self.lookups.values())[:MAX_RECORDED])


def _step(steps: Walk[T], asked: Batch | None, lookups: Sequence[Lookup]) -> Batch | _Ended[T]:
    """The next batch of a walk once what it `asked` is answered; None at its beginning."""
    try:
        if asked is None:
            return next(steps)
        return steps.send(tuple(map(reply_from_lookup, lookups, asked)))
    except StopIteration as end:
        return _Ended(end.value)


def _in_batches(steps: Generator[Query, QueryReply, T]) -> Walk[T]:
    try:
        question = next(steps)
        while True:
            (reply,) = yield (question,)
            question = steps.send(reply)
    except StopIteration as end:
        value: T = end.value
        return value


async def undelegated_reason(context: CollectionContext) -> NotCollected | None:
    """Why there is nobody to ask: the parent says that the name leads to no servers."""
    delegation = (await context.gather(DELEGATION)).value
    is_undelegated = delegation is not None and delegation.outcome in (
        Delegated.NXDOMAIN,
        Delegated.NO,
    )
    return NotCollected(Missing.SKIPPED, "not_delegated") if is_undelegated else None


def trimmed(lookup: Lookup, matters: Callable[[str], bool] = bool) -> Lookup:
    """A look-up with the answers that matter, each cut to a readable length."""
    records = (r for r in lookup.answers if r.type != "RRSIG")
    texts = {v for v in likely_policies(lookup.values("TXT")) if matters(v)}
    relevant = [r for r in records if r.type != "TXT" or r.value in texts][:MAX_VALUES]
    answers = tuple(replace(r, value=r.value[:MAX_VALUE]) for r in relevant)
    return replace(lookup, answers=answers, authority=(), additional=())


def _is_within(name: str, zone: str) -> bool:
    return name == zone or name.lower().rstrip(".").endswith(f".{zone}")


def _answering_server(context: CollectionContext, delegation: Delegation) -> NameServer | None:
    """The first server that has answered with authority in this run."""
    for soa in delegation.soa:
        is_authoritative = not soa.trouble and soa.rcode == "NOERROR" and "aa" in soa.flags
        if is_authoritative and dns_client.can_reach(context.network.vantage, soa.server):
            return NameServer(soa.server_name, (), (soa.server,))
    return None


def _is_final(lookup: Lookup, question: Query) -> bool:
    """A real answer: no alias left to follow, no reference to other servers."""
    if lookup.trouble or lookup.rcode not in ("NOERROR", "NXDOMAIN") or referred_zone(lookup):
        return False
    aliased = any(r.type == "CNAME" for r in lookup.answers)
    return "aa" in lookup.flags and not (aliased and not lookup.values(question.type))
