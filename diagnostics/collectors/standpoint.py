"""Collects what works of our own connection: IPv4, IPv6, resolvers, outgoing port 25."""

from __future__ import annotations

from diagnostics.collectors.model import CollectionContext, Collector, Sources
from diagnostics.evidence.keys import STANDPOINT
from facts import Standpoint
from observe.standpoint import observe_standpoint
from render.i18n import N_


async def current_standpoint(sources: Sources) -> Standpoint:
    """As last seen, or a look of its own."""
    measure = sources.standpoint
    return await (measure() if measure is not None else observe_standpoint(sources.network))


async def collect(context: CollectionContext) -> Standpoint:
    """The same look that the run began with, when it did."""
    return await current_standpoint(context.sources)


COLLECTOR = Collector(STANDPOINT, N_("Checking our own connection"), collect)
