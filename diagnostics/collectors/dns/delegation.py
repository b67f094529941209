"""Where the domain hangs in the DNS tree, by walking from the root."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_address

from diagnostics.collectors.dns import dnssec, records, zone_servers
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION
from diagnostics.model import Missing
from facts import Delegated, Delegation
from observe.dns import dns_client
from observe.dns import zone as zones
from render.i18n import N_
from standards.dns_types import Trouble

AHEAD = 4  # mail servers


async def _ahead(ask: Collection) -> None:
    """What hangs on a first answer, asked as soon as that is there: the mail servers."""
    walked = await zone_servers.reached(ask)
    mx = await zones.ask_first_answering(ask.network, ask.budget, walked, ((walked.zone, "MX"),))
    targets = {v.split()[-1].rstrip(".") for x in mx for v in x.values("MX")} - {""}
    await asyncio.gather(*(_known(ask, host) for host in sorted(targets)[:AHEAD]))


async def _known(ask: Collection, host: str) -> None:
    """A mail server's addresses, and their names backwards."""
    found, _ = await dns_client.addresses(ask.network, ask.budget, host)
    pointers = (ip_address(a).reverse_pointer for a in found[:AHEAD])
    await asyncio.gather(*(dns_client.resolve(ask.network, ask.budget, p, "PTR") for p in pointers))


async def collect(ask: Collection) -> Delegation | NotCollected:
    """The walk to the zone that holds the host: the registrable domain, or a zone of its own below
    it. When nobody above answers, nothing is known. Servers that let us wait are left to `servers`:
    what the others say is told meanwhile."""
    subject = ask.subject

    def early(zone: str) -> Iterable[tuple[str, str]]:
        yield from records.questions(replace(subject, domain=zone))
        yield from dnssec.questions(zone)

    ask.budget.run_in_background(zone_servers.whole(ask, early))
    ask.budget.run_in_background(_ahead(ask))
    found = await zones.delegation(
        ask.network, ask.budget, subject.domain, host=subject.host, patient=False
    )
    if found.outcome is Delegated.UNREACHABLE:
        return NotCollected(
            Missing.TROUBLE, "nobody above the domain answered", Trouble.UNREACHABLE
        )
    return found


COLLECTOR = Collector(DELEGATION, N_("Finding who answers for the domain"), collect)
