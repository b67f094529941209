"""MTA-STS and TLS-RPT: the records, and the policy file when a record announces one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from diagnostics.collectors.dns.query_walks import WalkDriver, nobody
from diagnostics.collectors.mail_authentication.spf import mail_name
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION, STS
from diagnostics.evidence.mail_authentication import Sts
from diagnostics.model import Missing
from facts import Exchange
from observe.http import http_client
from render.i18n import N_
from standards.dns_types import Lookup, Trouble
from standards.queries import Query as Question
from standards.queries import join_strings

MAX_POLICY = 65536  # RFC 8461, 3.2
KEPT = 8192  # characters of the policy that are stored


async def collect(ask: Collection) -> Sts | NotCollected:
    """Both records side by side; the policy is fetched without following redirects (3.3)."""
    if (absent := await nobody(ask)) is not None:
        return absent
    domain, driver = mail_name(ask), WalkDriver(ask)
    sts, tls = await asyncio.gather(
        driver.look(Question(f"_mta-sts.{domain}", "TXT")),
        driver.look(Question(f"_smtp._tls.{domain}", "TXT")),
    )
    texts, reports = _texts(sts), _texts(tls)
    if texts is None and reports is None:
        return NotCollected(Missing.TROUBLE, f"_mta-sts.{domain}", sts.trouble or Trouble.SERVFAIL)
    policy = await _policy(ask, domain) if any(map(_announces, texts or ())) else None
    return Sts(domain, texts, reports, policy, driver.kept())


def _texts(lookup: Lookup) -> tuple[str, ...] | None:
    """TXT values, joined; None when the question failed."""
    if lookup.rcode == "NXDOMAIN" or lookup.trouble is Trouble.NXDOMAIN:
        return ()
    if lookup.trouble or lookup.rcode != "NOERROR":
        return None
    return tuple(join_strings(v[:2000]) for v in lookup.values("TXT"))[:8]


def _announces(text: str) -> bool:
    return text.lower().replace(" ", "").startswith("v=sts")


async def _policy(ask: Collection, domain: str) -> Exchange:
    url = f"https://mta-sts.{domain}/.well-known/mta-sts.txt"
    seen = await http_client.fetch(ask.network, ask.budget, url, max_body=MAX_POLICY, timeout=8.0)
    return replace(seen, excerpt=_whole_lines(seen.excerpt))


def _whole_lines(text: str) -> str:
    return text if len(text) <= KEPT else text[: text.rfind("\n", 0, KEPT) + 1] or text[:KEPT]


COLLECTOR = Collector(
    STS, N_("Asking how strictly mail is encrypted on its way"), collect, after=(DELEGATION,)
)
