"""BIMI: the default record, and whether its logo and certificate can be had."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from diagnostics.collectors.dns.query_walks import WalkDriver, nobody
from diagnostics.collectors.mail_authentication.spf import mail_name, nowhere
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import BIMI, DELEGATION
from diagnostics.evidence.mail_authentication import Bimi
from diagnostics.model import Missing
from facts import Exchange
from observe.http import http_client
from render.i18n import N_
from standards.dns_types import Trouble
from standards.mail_policies import parse_bimi_record
from standards.queries import Query as Question
from standards.queries import join_strings

MAX_LOGO, KEPT = 65536, 1024


async def collect(ask: Collection) -> Bimi | NotCollected:
    """One question for most domains; two fetches where a logo is published."""
    if (absent := await nobody(ask)) is not None:
        return absent
    domain, driver = mail_name(ask), WalkDriver(ask)
    lookup = await driver.look(Question(f"default._bimi.{domain}", "TXT"))
    if nowhere(lookup):
        return Bimi(domain, (), lookups=driver.kept())
    if lookup.trouble or lookup.rcode != "NOERROR":
        return NotCollected(
            Missing.TROUBLE, f"default._bimi.{domain}", lookup.trouble or Trouble.SERVFAIL
        )
    texts = tuple(join_strings(v[:2000]) for v in lookup.values("TXT"))[:8]
    tags = parse_bimi_record(texts[0]) if len(texts) == 1 else {}
    logo, proof = await asyncio.gather(*(_fetch(ask, tags.get(tag, "")) for tag in ("l", "a")))
    return Bimi(domain, texts, logo, proof, driver.kept())


async def _fetch(ask: Collection, url: str) -> Exchange | None:
    if not url.lower().startswith("https://"):
        return None
    seen = await http_client.fetch(ask.network, ask.budget, url, max_body=MAX_LOGO, timeout=8.0)
    return replace(seen, excerpt=seen.excerpt[:KEPT])


COLLECTOR = Collector(BIMI, N_("Looking for a logo (BIMI)"), collect, after=(DELEGATION,))
