"""Collects TLSA records of every MX target through a validating resolver (RFC 7672)."""

from __future__ import annotations

import asyncio

from diagnostics.collectors.dns.query_walks import trimmed
from diagnostics.collectors.mail_authentication.spf import mail_domain
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import DANE, RECORDS
from diagnostics.evidence.mail_authentication import Dane, Tlsa
from diagnostics.model import Missing
from observe.dns import dns_client
from render.i18n import N_
from standards.dns_types import Lookup, Trouble
from standards.queries import mail_exchanges

MAX_HOSTS, MAX_VALUES, MAX_VALUE = 6, 8, 1200


async def collect(context: CollectionContext) -> Dane | NotCollected:
    """Begins as soon as the MX records are known, beside the look at their addresses."""
    name = mail_domain(context)
    records = (await context.gather(RECORDS)).value
    answers = records.answered(name, "MX") if records is not None else ()
    if not answers:
        answers = (await dns_client.resolve(context.network, context.budget, name, "MX"),)
    if all(x.trouble for x in answers):
        return NotCollected(Missing.TROUBLE, f"MX {name}", answers[0].trouble)
    hosts = dict.fromkeys(host for _, host in mail_exchanges(answers))
    host_names = [h for h in hosts if any(c.isalpha() for c in h)][:MAX_HOSTS]
    lookups = await asyncio.gather(*(_query_tlsa(context, host) for host in host_names))
    tlsa_by_host = (_read_lookup(host, x) for host, x in zip(host_names, lookups, strict=True))
    return Dane(name, tuple(tlsa_by_host), tuple(trimmed(x) for x in lookups))


async def _query_tlsa(context: CollectionContext, host: str) -> Lookup:
    """With the DO bit, so that the resolver says whether it could validate (AD)."""
    name = f"_25._tcp.{host}"
    last = Lookup(name, "TLSA", "", context.network.clock.now(), trouble=Trouble.UNREACHABLE)
    for server in dns_client.resolvers(context.network)[:2]:
        last = await dns_client.ask(
            context.network,
            context.budget,
            name,
            "TLSA",
            server,
            dnssec=True,
            recurse=True,
            operator=True,
        )
        if last.trouble is None and last.rcode in ("NOERROR", "NXDOMAIN"):
            break
    return last


def _read_lookup(host: str, lookup: Lookup) -> Tlsa:
    secure = "ad" in lookup.flags
    if lookup.rcode == "NXDOMAIN":
        return Tlsa(host, (), secure)
    if lookup.trouble or lookup.rcode != "NOERROR":
        return Tlsa(host, None, secure=False)
    return Tlsa(host, tuple(v[:MAX_VALUE] for v in lookup.values("TLSA"))[:MAX_VALUES], secure)


COLLECTOR = Collector(
    DANE, N_("Asking for certificates named in the DNS (DANE)"), collect, after=(RECORDS,)
)
