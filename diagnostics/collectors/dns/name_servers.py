"""What more the name servers tell of themselves: over TCP, by the reverse DNS, of their own names."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

from diagnostics.collectors.dns.zone_servers import servable
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION, SERVERS, NameServerFacts
from facts import Delegation
from observe.dns import dns_client
from observe.dns import zone as zones
from render.i18n import N_
from standards.dns_types import Lookup

NAMED = 8  # addresses whose reverse name is asked for


async def collect(ask: Collection) -> NameServerFacts | NotCollected:
    """The SOA over TCP from each address (RFC 7766), PTR records, and addresses inside the zone."""
    first = (await ask.gather(DELEGATION)).value
    delegation, ptr = await asyncio.gather(servable(ask), _named(ask, first))
    if isinstance(delegation, NotCollected):
        return delegation
    servers = [s for s in delegation.addresses if dns_client.can_reach(ask.network.vantage, s[1])]
    tcp, hosts = await asyncio.gather(
        asyncio.gather(
            *(zones.soa_over_tcp(ask.network, ask.budget, delegation.domain, *s) for s in servers)
        ),
        zones.ask_everywhere(ask.network, ask.budget, delegation, inside(delegation)),
    )
    whole = delegation if delegation != first else None
    return NameServerFacts(tuple(tcp), ptr, hosts, whole)


def inside(delegation: Delegation) -> tuple[tuple[str, str], ...]:
    """The questions for the addresses of the name servers whose names lie in the zone."""
    own = [s.name for s in delegation.servers if s.name.endswith(f".{delegation.domain}")]
    return tuple((name, kind) for name in own for kind in ("A", "AAAA"))


async def _named(ask: Collection, delegation: Delegation | None) -> tuple[Lookup, ...]:
    """The name behind each address, by the reverse DNS."""
    found = dict.fromkeys(a for _, a in delegation.addresses) if delegation else ()
    looks = (
        dns_client.resolve(ask.network, ask.budget, ip_address(a).reverse_pointer, "PTR")
        for a in list(found)[:NAMED]
    )
    return tuple(await asyncio.gather(*looks))


COLLECTOR = Collector(SERVERS, N_("Getting to know the name servers"), collect, after=(DELEGATION,))
