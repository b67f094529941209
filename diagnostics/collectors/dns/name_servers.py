"""Collects facts about the name servers: answers over TCP, reverse names, addresses in the zone."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

from diagnostics.collectors.dns.zone_servers import askable_delegation
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION, SERVERS, NameServerFacts
from facts import Delegation
from observe.dns import dns_client
from observe.dns import zone as zones
from render.i18n import N_
from standards.dns_types import Lookup

MAX_REVERSE = 8  # addresses whose reverse name is asked for


async def collect(context: CollectionContext) -> NameServerFacts | NotCollected:
    """The SOA over TCP from each address (RFC 7766), PTR records, and addresses inside the zone."""
    first = (await context.gather(DELEGATION)).value
    delegation, ptr = await asyncio.gather(
        askable_delegation(context), _reverse_lookups(context, first)
    )
    if isinstance(delegation, NotCollected):
        return delegation
    servers = [
        s for s in delegation.addresses if dns_client.can_reach(context.network.vantage, s[1])
    ]
    tcp, hosts = await asyncio.gather(
        asyncio.gather(
            *(
                zones.soa_over_tcp(context.network, context.budget, delegation.domain, *s)
                for s in servers
            )
        ),
        zones.ask_everywhere(
            context.network, context.budget, delegation, in_zone_questions(delegation)
        ),
    )
    full = delegation if delegation != first else None
    return NameServerFacts(tuple(tcp), ptr, hosts, full)


def in_zone_questions(delegation: Delegation) -> tuple[tuple[str, str], ...]:
    """The questions for the addresses of the name servers whose names lie in the zone."""
    names_in_zone = [s.name for s in delegation.servers if s.name.endswith(f".{delegation.domain}")]
    return tuple((name, kind) for name in names_in_zone for kind in ("A", "AAAA"))


async def _reverse_lookups(
    context: CollectionContext, delegation: Delegation | None
) -> tuple[Lookup, ...]:
    """The name behind each address, by the reverse DNS."""
    addresses = dict.fromkeys(a for _, a in delegation.addresses) if delegation else ()
    queries = (
        dns_client.resolve(context.network, context.budget, ip_address(a).reverse_pointer, "PTR")
        for a in list(addresses)[:MAX_REVERSE]
    )
    return tuple(await asyncio.gather(*queries))


COLLECTOR = Collector(SERVERS, N_("Getting to know the name servers"), collect, after=(DELEGATION,))
