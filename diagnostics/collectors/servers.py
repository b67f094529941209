"""What more the name servers tell of themselves: over TCP, by the reverse DNS, of their own names."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

from diagnostics.collector import Absent, Ask, Collector
from diagnostics.collectors.records import servable
from diagnostics.evidence import DELEGATION, SERVERS, Servers
from facts import Delegation, Lookup
from observe import dns
from render.i18n import N_

NAMED = 8  # addresses whose reverse name is asked for


async def collect(ask: Ask) -> Servers | Absent:
    """The SOA over TCP from each address (RFC 7766), PTR records, and addresses inside the zone."""
    delegation = servable(ask, await ask.gather(DELEGATION))
    if isinstance(delegation, Absent):
        return delegation
    servers = [s for s in delegation.addresses if dns.reachable(ask.network.vantage, s[1])]
    tcp, ptr, hosts = await asyncio.gather(
        asyncio.gather(*(_streamed(ask, delegation.domain, *server) for server in servers)),
        asyncio.gather(*(_named(ask, address) for address in _all(delegation)[:NAMED])),
        dns.everywhere(ask.network, ask.budget, delegation, inside(delegation)),
    )
    return Servers(tuple(tcp), tuple(ptr), hosts)


def inside(delegation: Delegation) -> tuple[tuple[str, str], ...]:
    """The questions for the addresses of the name servers whose names lie in the zone."""
    own = [s.name for s in delegation.servers if s.name.endswith(f".{delegation.domain}")]
    return tuple((name, kind) for name in own for kind in ("A", "AAAA"))


def _all(delegation: Delegation) -> list[str]:
    return list(dict.fromkeys(address for _, address in delegation.addresses))


async def _streamed(ask: Ask, domain: str, name: str, address: str) -> Lookup:
    return await dns.ask(
        ask.network, ask.budget, domain, "SOA", address, server_name=name, stream=True
    )


async def _named(ask: Ask, address: str) -> Lookup:
    return await dns.resolve(
        ask.network, ask.budget, ip_address(address).reverse_pointer, "PTR", fresh=ask.fresh
    )


COLLECTOR = Collector(SERVERS, N_("Getting to know the name servers"), collect, after=(DELEGATION,))
