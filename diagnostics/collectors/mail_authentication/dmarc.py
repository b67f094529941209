"""Collects DMARC: the tree walk, consent of report destinations, and misplaced records."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from diagnostics.collectors.dns.query_walks import WalkDriver, undelegated_reason
from diagnostics.collectors.mail_authentication.spf import mail_domain
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION, DMARC
from diagnostics.evidence.mail_authentication import Dmarc, StrayRecord
from diagnostics.model import Missing
from observe.reading_threads import in_reading_thread
from render.i18n import N_
from standards.dmarc import external_destinations, tree_walk
from standards.dmarc.record import is_dmarc, is_meant_as_dmarc
from standards.dns_types import Lookup, Trouble
from standards.queries import Query, join_strings, likely_policies


async def collect(context: CollectionContext) -> Dmarc | NotCollected:
    """One batch for the tree and the wrong places, one more when reports go to others."""
    if (reason := await undelegated_reason(context)) is not None:
        return reason
    domain, driver = mail_domain(context), WalkDriver(context)
    tree, strays = await asyncio.gather(
        driver.walk(tree_walk.walk(domain)), _find_strays(driver, domain)
    )
    if tree.policy is None and tree.unsure:
        first = driver.lookups[Query(f"_dmarc.{domain}", "TXT")]
        return NotCollected(Missing.TROUBLE, f"_dmarc.{domain}", first.trouble or Trouble.SERVFAIL)
    destinations = await driver.walk(external_destinations.walk(tree))
    recorded = await in_reading_thread(driver.recorded, _is_relevant)
    return Dmarc(domain, tree, destinations, strays, recorded)


async def _find_strays(driver: WalkDriver, domain: str) -> tuple[StrayRecord, ...]:
    """At the domain itself, with the zone's name twice, and without the underscore."""
    names = (domain, f"_dmarc.{domain}.{domain}", f"dmarc.{domain}")
    questions = [Query(n, "TXT") for n in names if len(n) <= 253]
    lookups = await asyncio.gather(*map(driver.look_up, questions))
    return await in_reading_thread(_strays, questions, lookups)


def _strays(questions: Sequence[Query], lookups: Sequence[Lookup]) -> tuple[StrayRecord, ...]:
    texts = (
        (question.name, join_strings(value[:4096]))
        for question, lookup in zip(questions, lookups, strict=True)
        for value in likely_policies(lookup.values("TXT"))
    )
    return tuple(StrayRecord(name, text[:1000]) for name, text in texts if is_dmarc(text))[:4]


def _is_relevant(value: str) -> bool:
    plain = join_strings(value[:1000])
    return is_dmarc(plain) or is_meant_as_dmarc(plain)


COLLECTOR = Collector(DMARC, N_("Reading the DMARC policy"), collect, after=(DELEGATION,))
