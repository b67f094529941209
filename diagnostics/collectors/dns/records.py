"""What every authoritative server says for the names and types of interest."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.collectors.dns.zone_servers import servable
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import (
    DELEGATION,
    RECORDS,
    Records,
    double_label,
    referral,
    unused_name,
)
from observe.dns import zone as zones
from render.i18n import N_
from standards.dns_types import Lookup
from subject import Subject

APEX = ("A", "AAAA", "CNAME", "MX", "TXT", "CAA", "NS")
HOST = ("A", "AAAA", "CNAME")


def questions(subject: Subject) -> tuple[tuple[str, str], ...]:
    """Each (name, type) once: apex, www, the typed host, and the names a missing dot makes."""
    return tuple(dict.fromkeys(_questions(subject)))


def _questions(subject: Subject) -> Iterator[tuple[str, str]]:
    zone, www = subject.domain, f"www.{subject.domain}"
    yield from ((zone, kind) for kind in APEX)
    yield from ((www, kind) for kind in HOST)
    yield from ((subject.host, kind) for kind in HOST)
    if subject.mailbox:
        yield subject.host, "MX"
    yield from ((double_label(name, zone), "A") for name in (zone, www, subject.host))
    yield unused_name(zone), "A"


async def collect(ask: Collection) -> Records | NotCollected:
    """Every question to every address of every name server, in parallel."""
    delegation = await servable(ask)
    if isinstance(delegation, NotCollected):
        return delegation
    asked = questions(ask.subject)
    lookups = await zones.ask_everywhere(ask.network, ask.budget, delegation, asked)
    return await _beyond_cuts(ask, Records(delegation.domain, lookups))


async def _beyond_cuts(ask: Collection, records: Records) -> Records:
    """Names below a further cut, such as a delegated subdomain, asked at that zone's servers."""
    cuts: dict[str, list[tuple[str, str]]] = {}
    for lookup in records.lookups:
        cut = referral(lookup)
        below = cut.endswith(f".{records.zone}") and f".{lookup.name}".endswith(f".{cut}")
        if below and not records.answered(lookup.name, lookup.type):
            cuts.setdefault(cut, []).append((lookup.name, lookup.type))
    further: list[Lookup] = []
    for cut, asked in cuts.items():
        child = await zones.delegation(ask.network, ask.budget, cut)
        further += await zones.ask_everywhere(ask.network, ask.budget, child, asked)
    told = {(x.name, x.type) for x in further}
    kept = [x for x in records.lookups if (x.name, x.type) not in told]
    return Records(records.zone, (*kept, *further))


COLLECTOR = Collector(
    RECORDS, N_("Reading the DNS records at every name server"), collect, after=(DELEGATION,)
)
