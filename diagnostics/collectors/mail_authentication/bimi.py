"""Collects the default BIMI record, its logo and its certificate."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from diagnostics.collectors.dns.query_walks import WalkDriver, undelegated_reason
from diagnostics.collectors.mail_authentication.spf import is_nonexistent, mail_domain
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import BIMI, DELEGATION
from diagnostics.evidence.mail_authentication import Bimi
from diagnostics.model import Missing
from facts import Exchange
from observe.http import http_client
from render.i18n import N_
from standards.dns_types import Trouble
from standards.mail_policies import parse_bimi_record
from standards.queries import Query, join_strings

MAX_FILE = 65536
MAX_LOGO, MAX_PROOF = 32768, 1024  # kept; a logo is no larger, and is judged to its end


async def collect(context: CollectionContext) -> Bimi | NotCollected:
    """One question for most domains; two fetches where a logo is published."""
    if (reason := await undelegated_reason(context)) is not None:
        return reason
    domain, driver = mail_domain(context), WalkDriver(context)
    lookup = await driver.look_up(Query(f"default._bimi.{domain}", "TXT"))
    if is_nonexistent(lookup):
        return Bimi(domain, (), lookups=driver.recorded())
    if lookup.trouble or lookup.rcode != "NOERROR":
        return NotCollected(
            Missing.TROUBLE, f"default._bimi.{domain}", lookup.trouble or Trouble.SERVFAIL
        )
    texts = tuple(join_strings(v[:2000]) for v in lookup.values("TXT"))[:8]
    tags = parse_bimi_record(texts[0]) if len(texts) == 1 else {}
    logo, proof = await asyncio.gather(
        _fetch(context, tags.get("l", ""), MAX_LOGO), _fetch(context, tags.get("a", ""), MAX_PROOF)
    )
    return Bimi(domain, texts, logo, proof, driver.recorded())


async def _fetch(context: CollectionContext, url: str, kept: int) -> Exchange | None:
    if not url.lower().startswith("https://"):
        return None
    response = await http_client.fetch(
        context.network, context.budget, url, max_body=MAX_FILE, timeout=8.0
    )
    return replace(response, excerpt=response.excerpt[:kept])


COLLECTOR = Collector(BIMI, N_("Looking for a logo (BIMI)"), collect, after=(DELEGATION,))
