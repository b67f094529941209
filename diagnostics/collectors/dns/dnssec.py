"""The zone's keys and signatures as its own servers give them, and the chain from the root."""

from __future__ import annotations

import asyncio

from diagnostics.collectors.dns.zone_servers import reached, servable
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import DNSSEC, DnssecKeys
from diagnostics.model import Missing
from facts import Delegated
from observe.dns import zone as zones
from render.i18n import N_
from standards.dns_types import Lookup

KINDS = ("DNSKEY", "SOA", "NSEC3PARAM", "CDS", "CDNSKEY")


def questions(zone: str) -> tuple[tuple[str, str], ...]:
    """What each server is asked, signatures included."""
    return tuple((zone, kind) for kind in KINDS)


async def collect(ask: Collection) -> DnssecKeys | NotCollected:
    """Keys and signatures (RFC 4035) from every server address and every zone above, all asked at
    once; judged by checks."""
    walked = await reached(ask)
    if walked.outcome is not Delegated.YES:
        absent = await servable(ask)
        return (
            absent
            if isinstance(absent, NotCollected)
            else NotCollected(Missing.SKIPPED, "not_delegated")
        )
    chain = zones.dnssec_chain(ask.network, ask.budget, walked.above, walked.zone)
    answers, (above, ds) = await asyncio.gather(_answers(ask), chain)
    if isinstance(answers, NotCollected):
        return answers
    of = {kind: tuple(x for x in answers if x.type == kind) for kind in KINDS}
    return DnssecKeys(
        dnskey=of["DNSKEY"],
        soa=of["SOA"],
        signed=any(x.values("DNSKEY") for x in of["DNSKEY"]),
        further=of["NSEC3PARAM"] + of["CDS"] + of["CDNSKEY"],
        above=above,
        ds=ds,
        anchor=ask.network.anchor,
    )


async def _answers(ask: Collection) -> tuple[Lookup, ...] | NotCollected:
    delegation = await servable(ask)
    if isinstance(delegation, NotCollected):
        return delegation
    asked = questions(delegation.domain)
    return await zones.ask_everywhere(ask.network, ask.budget, delegation, asked)


COLLECTOR = Collector(DNSSEC, N_("Checking the signatures of the zone"), collect)
