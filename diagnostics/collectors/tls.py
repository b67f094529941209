"""Which certificate each web name of the subject presents."""

from __future__ import annotations

import asyncio

from diagnostics.collector import Absent, Ask, Collector
from diagnostics.collectors import addresses
from diagnostics.evidence import DELEGATION, TLS, Tls
from diagnostics.model import Missing
from facts import Handshake
from observe import tls
from render.i18n import N_


async def collect(ask: Ask) -> Tls | Absent:
    """One handshake for each name that has an address: apex, www, the typed host."""
    domain = ask.subject.domain
    hosts = tuple(dict.fromkeys((domain, f"www.{domain}", ask.subject.host)))
    found = await asyncio.gather(*(_handshake(ask, host) for host in hosts))
    shakes = tuple(shake for shake in found if shake is not None)
    return Tls(shakes) if shakes else Absent(Missing.SKIPPED, "no_address")


async def _handshake(ask: Ask, host: str) -> Handshake | None:
    found = (await addresses.of(ask, host)).usable
    return await tls.handshake(ask.network, ask.budget, host, 443, ip=found[0]) if found else None


COLLECTOR = Collector(TLS, N_("Looking at the certificates"), collect, after=(DELEGATION,))
