"""Collects the delegation by walking from the root."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_address

from diagnostics.collectors.dns import dnssec, records, zone_servers
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION
from diagnostics.model import Missing
from facts import Delegated, Delegation
from observe.dns import dns_client
from observe.dns import zone as zones
from render.i18n import N_
from standards.dns_types import Trouble

MAX_PREFETCHED = 4  # mail servers


async def _prefetch_mail_servers(context: CollectionContext) -> None:
    """What hangs on a first answer, asked as soon as that is there: the mail servers."""
    walk = await zone_servers.walk_to_zone(context)
    mx = await zones.ask_first_answering(
        context.network, context.budget, walk, ((walk.zone, "MX"),)
    )
    targets = {v.split()[-1].rstrip(".") for x in mx for v in x.values("MX")} - {""}
    await asyncio.gather(
        *(_prefetch_host(context, host) for host in sorted(targets)[:MAX_PREFETCHED])
    )


async def _prefetch_host(context: CollectionContext, host: str) -> None:
    """A mail server's addresses, and their names backwards."""
    addresses, _ = await dns_client.addresses(context.network, context.budget, host)
    pointers = (ip_address(a).reverse_pointer for a in addresses[:MAX_PREFETCHED])
    await asyncio.gather(
        *(dns_client.resolve(context.network, context.budget, p, "PTR") for p in pointers)
    )


async def collect(context: CollectionContext) -> Delegation | NotCollected:
    """The walk to the zone that holds the host: the registrable domain, or a zone of its own below
    it. When nobody above answers, nothing is known. Servers that let us wait are left to `servers`:
    what the others say is told meanwhile."""
    subject = context.subject

    def early_questions(zone: str) -> Iterable[tuple[str, str]]:
        yield from records.questions(replace(subject, domain=zone))
        yield from dnssec.questions(zone)

    context.budget.run_in_background(zone_servers.full_delegation(context, early_questions))
    context.budget.run_in_background(_prefetch_mail_servers(context))
    delegation = await zones.delegation(
        context.network, context.budget, subject.domain, host=subject.host, patient=False
    )
    if delegation.outcome is Delegated.UNREACHABLE:
        return NotCollected(
            Missing.TROUBLE, "nobody above the domain answered", Trouble.UNREACHABLE
        )
    return delegation


COLLECTOR = Collector(DELEGATION, N_("Finding who answers for the domain"), collect)
