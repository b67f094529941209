"""DANE for mail servers: TLSA of every MX target through a resolver that validates (RFC 7672)."""

from __future__ import annotations

import asyncio

from diagnostics.collectors.dns.query_walks import trimmed
from diagnostics.collectors.mail_authentication.spf import mail_name
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import DANE, RECORDS
from diagnostics.evidence.mail_authentication import Dane, Tlsa
from diagnostics.model import Missing
from observe.dns import dns_client
from render.i18n import N_
from standards.dns_types import Lookup, Trouble

HOSTS, MAX_VALUES, MAX_VALUE = 6, 8, 1200


async def collect(ask: Collection) -> Dane | NotCollected:
    """Begins as soon as the MX records are known, beside the look at their addresses."""
    name = mail_name(ask)
    records = (await ask.gather(RECORDS)).value
    answers = records.answered(name, "MX") if records is not None else ()
    if not answers:
        answers = (await dns_client.resolve(ask.network, ask.budget, name, "MX"),)
    if all(x.trouble for x in answers):
        return NotCollected(Missing.TROUBLE, f"MX {name}", answers[0].trouble)
    values = {v for x in answers for v in x.values("MX")}
    ranked = sorted((int(r), h) for r, _, h in (v.partition(" ") for v in values) if r.isdigit())
    hosts = tuple(dict.fromkeys(h.strip().rstrip(".").lower() for _, h in ranked))
    named = [h for h in hosts if h and any(c.isalpha() for c in h)][:HOSTS]
    looked = await asyncio.gather(*(_tlsa(ask, host) for host in named))
    found = (_told(host, x) for host, x in zip(named, looked, strict=True))
    return Dane(name, tuple(found), tuple(trimmed(x) for x in looked))


async def _tlsa(ask: Collection, host: str) -> Lookup:
    """With the DO bit, so that the resolver says whether it could validate (AD)."""
    name = f"_25._tcp.{host}"
    last = Lookup(name, "TLSA", "", ask.network.clock.now(), trouble=Trouble.UNREACHABLE)
    for server in dns_client.resolvers(ask.network)[:2]:
        last = await dns_client.ask(
            ask.network,
            ask.budget,
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


def _told(host: str, lookup: Lookup) -> Tlsa:
    secure = "ad" in lookup.flags
    if lookup.rcode == "NXDOMAIN":
        return Tlsa(host, (), secure)
    if lookup.trouble or lookup.rcode != "NOERROR":
        return Tlsa(host, None, secure=False)
    return Tlsa(host, tuple(v[:MAX_VALUE] for v in lookup.values("TLSA"))[:MAX_VALUES], secure)


COLLECTOR = Collector(
    DANE, N_("Asking for certificates named in the DNS (DANE)"), collect, after=(RECORDS,)
)
