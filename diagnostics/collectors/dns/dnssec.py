"""Collects the zone's keys and signatures from its servers, and the chain from the root."""

from __future__ import annotations

import asyncio

from diagnostics.collectors.dns.zone_servers import askable_delegation, walk_to_zone
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import DNSSEC, DnssecKeys
from diagnostics.model import Missing
from facts import Delegated
from observe.dns import zone as zones
from render.i18n import N_
from standards.dns_types import Lookup

TYPES = ("DNSKEY", "SOA", "NSEC3PARAM", "CDS", "CDNSKEY")


def questions(zone: str) -> tuple[tuple[str, str], ...]:
    """What each server is asked, signatures included."""
    return tuple((zone, kind) for kind in TYPES)


async def collect(context: CollectionContext) -> DnssecKeys | NotCollected:
    """Keys and signatures (RFC 4035) from every server address and every zone above, all asked at
    once; judged by checks."""
    walk = await walk_to_zone(context)
    if walk.outcome is not Delegated.YES:
        reason = await askable_delegation(context)
        return (
            reason
            if isinstance(reason, NotCollected)
            else NotCollected(Missing.SKIPPED, "not_delegated")
        )
    chain = zones.dnssec_chain(context.network, context.budget, walk.above, walk.zone)
    answers, (keys_above, ds) = await asyncio.gather(_answers(context), chain)
    if isinstance(answers, NotCollected):
        return answers
    by_type = {kind: tuple(x for x in answers if x.type == kind) for kind in TYPES}
    return DnssecKeys(
        dnskey=by_type["DNSKEY"],
        soa=by_type["SOA"],
        signed=any(x.values("DNSKEY") for x in by_type["DNSKEY"]),
        further=by_type["NSEC3PARAM"] + by_type["CDS"] + by_type["CDNSKEY"],
        above=keys_above,
        ds=ds,
        anchor=context.network.anchor,
    )


async def _answers(context: CollectionContext) -> tuple[Lookup, ...] | NotCollected:
    delegation = await askable_delegation(context)
    if isinstance(delegation, NotCollected):
        return delegation
    queries = questions(delegation.domain)
    return await zones.ask_everywhere(context.network, context.budget, delegation, queries)


COLLECTOR = Collector(DNSSEC, N_("Checking the signatures of the zone"), collect)
