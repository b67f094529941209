"""The zone's keys and signatures as its own servers give them, and the chain from the root."""

from __future__ import annotations

import asyncio

from diagnostics.collector import Absent, Ask, Collector
from diagnostics.collectors.records import servable
from diagnostics.evidence import DELEGATION, DNSSEC, Keys
from observe import dns
from render.i18n import N_

KINDS = ("DNSKEY", "SOA", "NSEC3PARAM", "CDS", "CDNSKEY")


def questions(zone: str) -> tuple[tuple[str, str], ...]:
    """What each server is asked, signatures included."""
    return tuple((zone, kind) for kind in KINDS)


async def collect(ask: Ask) -> Keys | Absent:
    """Keys and signatures (RFC 4035) from every server address and every zone above, all asked at
    once; judged by checks."""
    delegation = servable(ask, await ask.gather(DELEGATION))
    if isinstance(delegation, Absent):
        return delegation

    asked = dns.everywhere(ask.network, ask.budget, delegation, questions(delegation.domain))
    chain = dns.chain(ask.network, ask.budget, delegation.above, delegation.domain)
    answers, (above, ds) = await asyncio.gather(asked, chain)
    of = {kind: tuple(x for x in answers if x.type == kind) for kind in KINDS}
    return Keys(
        dnskey=of["DNSKEY"],
        soa=of["SOA"],
        signed=any(x.values("DNSKEY") for x in of["DNSKEY"]),
        further=of["NSEC3PARAM"] + of["CDS"] + of["CDNSKEY"],
        above=above,
        ds=ds,
        anchor=ask.network.anchor,
    )


COLLECTOR = Collector(
    DNSSEC, N_("Checking the signatures of the zone"), collect, after=(DELEGATION,)
)
