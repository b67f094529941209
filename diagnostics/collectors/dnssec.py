"""The zone's keys and signatures as its own servers give them."""

from __future__ import annotations

import asyncio

from diagnostics.collector import Absent, Ask, Collector
from diagnostics.collectors.records import servable
from diagnostics.evidence import DELEGATION, DNSSEC, Keys
from facts import Lookup
from observe import dns
from render.i18n import N_


async def collect(ask: Ask) -> Keys | Absent:
    """DNSKEY and SOA with the DO bit (RFC 4035) from every server address; judged by checks."""
    delegation = servable(ask, await ask.gather(DELEGATION))
    if isinstance(delegation, Absent):
        return delegation

    async def one(type: str, name: str, address: str) -> Lookup:
        return await dns.ask(
            ask.network,
            ask.budget,
            delegation.domain,
            type,
            address,
            server_name=name,
            dnssec=True,
        )

    servers = [s for s in delegation.addresses if dns.reachable(ask.network.vantage, s[1])]
    asked = [one(kind, *server) for kind in ("DNSKEY", "SOA") for server in servers]
    answers = await asyncio.gather(*asked)
    keys, soa = answers[: len(servers)], answers[len(servers) :]
    return Keys(tuple(keys), tuple(soa), any(x.values("DNSKEY") for x in keys))


COLLECTOR = Collector(
    DNSSEC, N_("Checking the signatures of the zone"), collect, after=(DELEGATION,)
)
