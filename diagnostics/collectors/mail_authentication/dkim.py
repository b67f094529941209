"""Collects DKIM keys at known selectors: the provider's, the panel's, and usual ones.

DNS cannot list selectors, so a key that is not found here may still be there under another name.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from diagnostics.collectors.dns.query_walks import WalkDriver, undelegated_reason
from diagnostics.collectors.mail_authentication.dkim_selectors import (
    PROBE_SELECTOR,
    USUAL_SELECTORS,
)
from diagnostics.collectors.mail_authentication.spf import mail_domain
from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION, HOSTING
from diagnostics.evidence.mail_authentication import DKIM, Dkim, Selector
from diagnostics.model import Missing, Scope
from render.i18n import N_
from standards.dns_types import Lookup, Trouble
from standards.queries import Query

MAX_SELECTORS, MAX_VALUES, MAX_TEXT = 8, 4, 4096


async def collect(context: CollectionContext) -> Dkim | NotCollected:
    """Every selector side by side; the panel's own follow once the panel has answered."""
    if (reason := await undelegated_reason(context)) is not None:
        return reason
    domain, driver = mail_domain(context), WalkDriver(context)
    source_by_name = dict.fromkeys(USUAL_SELECTORS, "usual")
    source_by_name |= dict.fromkeys(
        context.sources.expected.dkim_selectors[:MAX_SELECTORS], "provider"
    )
    usual_selectors, panel_names = await asyncio.gather(
        _look_up_selectors(driver, domain, source_by_name | {PROBE_SELECTOR: "probe"}),
        _panel_selector_names(context, domain),
    )
    known_selectors = {s.name: s for s in usual_selectors}
    panel_selectors = await _look_up_selectors(
        driver, domain, {n: "panel" for n in panel_names if n not in known_selectors}
    )
    selectors = tuple(
        replace(s, panel=s.name in panel_names) for s in (*usual_selectors, *panel_selectors)
    )
    if all(s.failed for s in selectors):
        lookup = next(iter(driver.lookups.values()))
        return NotCollected(
            Missing.TROUBLE, f"_domainkey.{domain}", lookup.trouble or Trouble.SERVFAIL
        )
    relevant = tuple(
        s for s in selectors if s.values or s.alias or s.failed or s.panel or s.source != "usual"
    )
    names = {f"{s.name}._domainkey.{domain}" for s in relevant}
    return Dkim(domain, relevant, tuple(x for x in driver.recorded() if x.name in names))


async def _panel_selector_names(context: CollectionContext, domain: str) -> tuple[str, ...]:
    """The selectors that the panel signs this domain with; only where it may be asked."""
    if not context.account or not context.scope.covers(Scope.CONTACT):
        return ()
    facts = (await context.gather(HOSTING)).value
    keys = facts.dkim if facts is not None and domain == context.subject.domain else ()
    return tuple(k.selector.lower() for k in keys)[:MAX_SELECTORS]


async def _look_up_selectors(
    driver: WalkDriver, domain: str, source_by_name: dict[str, str]
) -> list[Selector]:
    questions = [Query(f"{name}._domainkey.{domain}", "TXT") for name in source_by_name]
    lookups = await asyncio.gather(*map(driver.look_up, questions))
    pairs = zip(source_by_name.items(), lookups, strict=True)
    return [_read_selector(name, source, lookup) for (name, source), lookup in pairs]


def _read_selector(name: str, source: str, lookup: Lookup) -> Selector:
    alias = next((r.value.rstrip(".").lower() for r in lookup.answers if r.type == "CNAME"), "")
    absent = lookup.rcode == "NXDOMAIN" or lookup.trouble is Trouble.NXDOMAIN
    failed = not absent and (lookup.trouble is not None or lookup.rcode != "NOERROR")
    values = tuple(v[:MAX_TEXT] for v in lookup.values("TXT")[:MAX_VALUES])
    return Selector(name, source, values, alias, not absent, failed)


COLLECTOR = Collector(DKIM, N_("Looking for DKIM keys"), collect, after=(DELEGATION,))
