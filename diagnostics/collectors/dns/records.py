"""Collects the zone's records of interest from every authoritative server."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.collectors.dns.zone_servers import askable_delegation
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import (
    DELEGATION,
    RECORDS,
    Records,
    doubled_name,
    referred_zone,
    unused_name,
)
from observe.dns import zone as zones
from render.i18n import N_
from standards.dns_types import Lookup
from subject import Subject

APEX_TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "CAA", "NS")
HOST_TYPES = ("A", "AAAA", "CNAME")


def questions(subject: Subject) -> tuple[tuple[str, str], ...]:
    """Each (name, type) once: apex, www, the typed host, DMARC, and the names a missing dot makes."""
    return tuple(dict.fromkeys(_questions(subject)))


def _questions(subject: Subject) -> Iterator[tuple[str, str]]:
    zone, www = subject.domain, f"www.{subject.domain}"
    yield from ((zone, kind) for kind in APEX_TYPES)
    yield f"_dmarc.{zone}", "TXT"
    yield from ((www, kind) for kind in HOST_TYPES)
    yield from ((subject.host, kind) for kind in HOST_TYPES)
    if subject.mailbox:
        yield subject.host, "MX"
    yield from ((doubled_name(name, zone), "A") for name in (zone, www, subject.host))
    yield unused_name(zone), "A"


async def collect(context: CollectionContext) -> Records | NotCollected:
    """Every question to every address of every name server, in parallel."""
    delegation = await askable_delegation(context)
    if isinstance(delegation, NotCollected):
        return delegation
    queries = questions(context.subject)
    lookups = await zones.ask_everywhere(context.network, context.budget, delegation, queries)
    return await _with_delegated_records(context, Records(delegation.domain, lookups))


async def _with_delegated_records(context: CollectionContext, records: Records) -> Records:
    """Names below a further cut, such as a delegated subdomain, asked at that zone's servers."""
    cuts: dict[str, list[tuple[str, str]]] = {}
    for lookup in records.lookups:
        cut = referred_zone(lookup)
        is_cut_inside = cut.endswith(f".{records.zone}") and f".{lookup.name}".endswith(f".{cut}")
        if is_cut_inside and not records.answered(lookup.name, lookup.type):
            cuts.setdefault(cut, []).append((lookup.name, lookup.type))
    further_lookups: list[Lookup] = []
    for cut, questions_below in cuts.items():
        child = await zones.delegation(context.network, context.budget, cut)
        further_lookups += await zones.ask_everywhere(
            context.network, context.budget, child, questions_below
        )
    asked_again = {(x.name, x.type) for x in further_lookups}
    kept_lookups = [x for x in records.lookups if (x.name, x.type) not in asked_again]
    return Records(records.zone, (*kept_lookups, *further_lookups))


COLLECTOR = Collector(
    RECORDS, N_("Reading the DNS records at every name server"), collect, after=(DELEGATION,)
)
