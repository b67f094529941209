"""Is there an open incident that explains it? Told by a callable that wiring hands over."""

from __future__ import annotations

import asyncio

from diagnostics.collectors.model import Collection, Collector
from diagnostics.evidence.keys import HOSTING, KNOWN, KnownIncidents
from diagnostics.model import Scope
from hosting.model import HostingFacts
from render.i18n import N_


async def collect(ask: Collection) -> KnownIncidents:
    """The customer's own machines in contact or staff scope; what concerns everybody otherwise."""
    asked = ask.sources.incident
    if asked is None:
        return KnownIncidents()
    machines: tuple[str, ...] = ()
    if ask.account and ask.scope.covers(Scope.CONTACT):
        facts = (await ask.gather(HOSTING)).value
        machines = servers(facts) if facts is not None else ()
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(ask.sources.executor, asked, machines, ask.subject.domain)
    if found is None:
        return KnownIncidents()
    return KnownIncidents(found.id, found.title, found.since, found.url)


def servers(facts: HostingFacts) -> tuple[str, ...]:
    """The provider's machines that serve the account."""
    names = [s.server for s in facts.services] + [s.server for s in facts.sites]
    return tuple(dict.fromkeys(name for name in names if name))


COLLECTOR = Collector(KNOWN, N_("Looking for an incident that is already known"), collect)
