"""Drives walks over the network: questions of the zone go to its own servers, the rest to resolvers.

So a record changed a minute ago is seen at once, and nothing is asked twice in a run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TypeVar

from diagnostics.collectors.model import Collection as Run
from diagnostics.collectors.model import NotCollected
from diagnostics.evidence.keys import DELEGATION, referral
from diagnostics.model import Missing
from facts import Delegated, Delegation, NameServer
from observe.dns import dns_client
from observe.dns import zone as zones
from standards.dns_types import Lookup
from standards.queries import Query, QueryReply, Walk, reply_from_lookup

T = TypeVar("T")
KEPT, MAX_VALUES, MAX_VALUE = 60, 12, 1000


class WalkDriver:
    """Puts a walk's questions for one run, and remembers the look-ups in the order they came."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.lookups: dict[Query, Lookup] = {}

    async def walk(self, steps: Walk[T]) -> T:
        """A walk's value; each batch side by side."""
        try:
            batch = next(steps)
            while True:
                batch = steps.send(tuple(await asyncio.gather(*map(self.reply, batch))))
        except StopIteration as end:
            value: T = end.value
            return value

    async def one_by_one(self, steps: Generator[Query, QueryReply, T]) -> T:
        """The value of a walk that asks a single question at a time."""
        try:
            question = next(steps)
            while True:
                question = steps.send(await self.reply(question))
        except StopIteration as end:
            value: T = end.value
            return value

    async def reply(self, question: Query) -> QueryReply:
        return reply_from_lookup(await self.look(question), question)

    async def look(self, question: Query) -> Lookup:
        """One question as a fact, by the zone's own server where there is one that answers."""
        run = self.run
        lookup = await self._own(question)
        if lookup is None:
            lookup = await dns_client.resolve(run.network, run.budget, question.name, question.type)
        self.lookups.setdefault(question, lookup)
        return lookup

    async def _own(self, question: Query) -> Lookup | None:
        delegation = (await self.run.gather(DELEGATION)).value
        if delegation is None or not _inside(question.name, delegation.domain):
            return None
        server = _spokesman(self.run, delegation)
        if server is None:
            return None
        alone = replace(delegation, servers=(server,))
        asked = ((question.name, question.type),)
        found = await zones.ask_everywhere(self.run.network, self.run.budget, alone, asked)
        return found[0] if found and _settles(found[0], question) else None

    def kept(self, matters: Callable[[str], bool] = bool) -> tuple[Lookup, ...]:
        """The look-ups for the record, without what does not matter; bounded."""
        return tuple(trimmed(x, matters) for x in list(self.lookups.values())[:KEPT])


async def nobody(run: Run) -> NotCollected | None:
    """Why there is nobody to ask: the parent says that the name leads to no servers."""
    delegation = (await run.gather(DELEGATION)).value
    known = delegation is not None and delegation.outcome in (Delegated.NXDOMAIN, Delegated.NO)
    return NotCollected(Missing.SKIPPED, "not_delegated") if known else None


def trimmed(lookup: Lookup, matters: Callable[[str], bool] = bool) -> Lookup:
    """A look-up with the answers that matter, each cut to a readable length."""
    kept = (r for r in lookup.answers if r.type != "RRSIG")
    told = [r for r in kept if r.type != "TXT" or matters(r.value)][:MAX_VALUES]
    answers = tuple(replace(r, value=r.value[:MAX_VALUE]) for r in told)
    return replace(lookup, answers=answers, authority=(), additional=())


def _inside(name: str, zone: str) -> bool:
    return name == zone or name.lower().rstrip(".").endswith(f".{zone}")


def _spokesman(run: Run, delegation: Delegation) -> NameServer | None:
    """The first server that has answered with authority in this run."""
    for soa in delegation.soa:
        good = not soa.trouble and soa.rcode == "NOERROR" and "aa" in soa.flags
        if good and dns_client.can_reach(run.network.vantage, soa.server):
            return NameServer(soa.server_name, (), (soa.server,))
    return None


def _settles(lookup: Lookup, question: Query) -> bool:
    """A real answer: no alias left to follow, no reference to other servers."""
    if lookup.trouble or lookup.rcode not in ("NOERROR", "NXDOMAIN") or referral(lookup):
        return False
    aliased = any(r.type == "CNAME" for r in lookup.answers)
    return "aa" in lookup.flags and not (aliased and not lookup.values(question.type))
