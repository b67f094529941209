"""Collects MTA-STS and TLS-RPT records, and the policy file when a record announces one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from diagnostics.collectors.dns.query_walks import WalkDriver, undelegated_reason
from diagnostics.collectors.mail_authentication.spf import mail_domain
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION, STS
from diagnostics.evidence.mail_authentication import Sts
from diagnostics.model import Missing
from facts import Exchange
from observe.http import http_client
from render.i18n import N_
from standards.dns_types import Lookup, Trouble
from standards.queries import Query, join_strings

MAX_POLICY = 65536  # RFC 8461, 3.2
MAX_EXCERPT = 8192  # characters of the policy that are stored


async def collect(context: CollectionContext) -> Sts | NotCollected:
    """Both records side by side; the policy is fetched without following redirects (3.3)."""
    if (reason := await undelegated_reason(context)) is not None:
        return reason
    domain, driver = mail_domain(context), WalkDriver(context)
    sts_lookup, reports_lookup = await asyncio.gather(
        driver.look_up(Query(f"_mta-sts.{domain}", "TXT")),
        driver.look_up(Query(f"_smtp._tls.{domain}", "TXT")),
    )
    texts, reports = _txt_values(sts_lookup), _txt_values(reports_lookup)
    if texts is None and reports is None:
        return NotCollected(
            Missing.TROUBLE, f"_mta-sts.{domain}", sts_lookup.trouble or Trouble.SERVFAIL
        )
    policy = (
        await _fetch_policy(context, domain) if any(map(_is_announcement, texts or ())) else None
    )
    return Sts(domain, texts, reports, policy, driver.recorded())


def _txt_values(lookup: Lookup) -> tuple[str, ...] | None:
    """TXT values, joined; None when the question failed."""
    if lookup.rcode == "NXDOMAIN" or lookup.trouble is Trouble.NXDOMAIN:
        return ()
    if lookup.trouble or lookup.rcode != "NOERROR":
        return None
    return tuple(join_strings(v[:2000]) for v in lookup.values("TXT"))[:8]


def _is_announcement(text: str) -> bool:
    return text.lower().replace(" ", "").startswith("v=sts")


async def _fetch_policy(context: CollectionContext, domain: str) -> Exchange:
    url = f"https://mta-sts.{domain}/.well-known/mta-sts.txt"
    response = await http_client.fetch(
        context.network, context.budget, url, max_body=MAX_POLICY, timeout=8.0
    )
    return replace(response, excerpt=_whole_lines(response.excerpt))


def _whole_lines(text: str) -> str:
    return (
        text
        if len(text) <= MAX_EXCERPT
        else text[: text.rfind("\n", 0, MAX_EXCERPT) + 1] or text[:MAX_EXCERPT]
    )


COLLECTOR = Collector(
    STS, N_("Asking how strictly mail is encrypted on its way"), collect, after=(DELEGATION,)
)
