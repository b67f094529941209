"""DMARC of the domain: the tree walk, consent for reports, and records where nobody looks."""

from __future__ import annotations

import asyncio

from diagnostics.collectors.dns.query_walks import WalkDriver, nobody
from diagnostics.collectors.mail_authentication.spf import mail_name
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION, DMARC
from diagnostics.evidence.mail_authentication import Dmarc, StrayRecord
from diagnostics.model import Missing
from render.i18n import N_
from standards.dmarc import report_destinations, tree_walk
from standards.dmarc.record import is_dmarc, is_meant_as_dmarc
from standards.dns_types import Trouble
from standards.queries import Query as Question
from standards.queries import join_strings


async def collect(ask: Collection) -> Dmarc | NotCollected:
    """One batch for the tree and the wrong places, one more when reports go to others."""
    if (absent := await nobody(ask)) is not None:
        return absent
    domain, driver = mail_name(ask), WalkDriver(ask)
    seen, strays = await asyncio.gather(
        driver.walk(tree_walk.walk(domain)), _strays(driver, domain)
    )
    if seen.policy is None and seen.unsure:
        first = driver.lookups[Question(f"_dmarc.{domain}", "TXT")]
        return NotCollected(Missing.TROUBLE, f"_dmarc.{domain}", first.trouble or Trouble.SERVFAIL)
    destinations = await driver.walk(report_destinations.walk(seen))
    return Dmarc(domain, seen, destinations, strays, driver.kept(_matters))


async def _strays(driver: WalkDriver, domain: str) -> tuple[StrayRecord, ...]:
    """At the domain itself, with the zone's name twice, and without the underscore."""
    names = (domain, f"_dmarc.{domain}.{domain}", f"dmarc.{domain}")
    asked = [Question(n, "TXT") for n in names if len(n) <= 253]
    looked = await asyncio.gather(*map(driver.look, asked))
    pairs = zip(asked, looked, strict=True)
    found = ((q.name, join_strings(v[:4096])) for q, x in pairs for v in x.values("TXT"))
    return tuple(StrayRecord(name, text[:1000]) for name, text in found if is_dmarc(text))[:4]


def _matters(value: str) -> bool:
    plain = join_strings(value[:1000])
    return is_dmarc(plain) or is_meant_as_dmarc(plain)


COLLECTOR = Collector(DMARC, N_("Reading the DMARC policy"), collect, after=(DELEGATION,))
