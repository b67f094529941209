"""Our own place: what works from here. What does not is nobody else's fault."""

from __future__ import annotations

from diagnostics.collectors.model import Collection, Collector, Sources
from diagnostics.evidence.keys import STANDPOINT
from facts import Standpoint
from observe.standpoint import observe_standpoint
from render.i18n import N_


async def of(sources: Sources) -> Standpoint:
    """As last seen, or a look of its own."""
    ask = sources.standpoint
    return await (ask() if ask is not None else observe_standpoint(sources.network))


async def collect(ask: Collection) -> Standpoint:
    """The same look that the run began with, when it did."""
    return await of(ask.sources)


COLLECTOR = Collector(STANDPOINT, N_("Checking our own connection"), collect)
