"""DKIM keys at the selectors we know to ask for: the provider's, the panel's, and usual ones.

DNS cannot list selectors, so a key that is not found here may still be there under another name.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from diagnostics.collectors.dns.query_walks import WalkDriver, nobody
from diagnostics.collectors.mail_authentication.spf import mail_name
from diagnostics.collectors.model import Collection, Collector, NotCollected
from diagnostics.evidence.keys import DELEGATION, HOSTING
from diagnostics.evidence.mail_authentication import DKIM, Dkim, Selector
from diagnostics.model import Missing, Scope
from render.i18n import N_
from standards.dns_types import Lookup, Trouble
from standards.queries import Query as Question

# Panels (default, x, dkim, mail), Google, Microsoft, Amazon and mailers of newsletters.
USUAL = (
    *("default", "dkim", "mail", "x", "google", "selector1", "selector2"),
    *("s1", "s2", "k1", "k2", "k3", "fm1", "protonmail"),
)
PROBE = "jasno-unused-selector"
MOST, MAX_VALUES, MAX_TEXT = 8, 4, 4096


async def collect(ask: Collection) -> Dkim | NotCollected:
    """Every selector side by side; the panel's own follow once the panel has answered."""
    if (absent := await nobody(ask)) is not None:
        return absent
    domain, driver = mail_name(ask), WalkDriver(ask)
    wanted = dict.fromkeys(USUAL, "usual")
    wanted |= dict.fromkeys(ask.sources.expected.dkim_selectors[:MOST], "provider")
    first, panel = await asyncio.gather(
        _all(driver, domain, wanted | {PROBE: "probe"}), _panel(ask, domain)
    )
    known = {s.name: s for s in first}
    late = await _all(driver, domain, {n: "panel" for n in panel if n not in known})
    found = tuple(replace(s, panel=s.name in panel) for s in (*first, *late))
    if all(s.failed for s in found):
        lookup = next(iter(driver.lookups.values()))
        return NotCollected(
            Missing.TROUBLE, f"_domainkey.{domain}", lookup.trouble or Trouble.SERVFAIL
        )
    told = tuple(
        s for s in found if s.values or s.alias or s.failed or s.panel or s.source != "usual"
    )
    names = {f"{s.name}._domainkey.{domain}" for s in told}
    return Dkim(domain, told, tuple(x for x in driver.kept() if x.name in names))


async def _panel(ask: Collection, domain: str) -> tuple[str, ...]:
    """The selectors that the panel signs this domain with; only where it may be asked."""
    if not ask.account or not ask.scope.covers(Scope.CONTACT):
        return ()
    facts = (await ask.gather(HOSTING)).value
    keys = facts.dkim if facts is not None and domain == ask.subject.domain else ()
    return tuple(k.selector.lower() for k in keys)[:MOST]


async def _all(driver: WalkDriver, domain: str, wanted: dict[str, str]) -> list[Selector]:
    questions = [Question(f"{name}._domainkey.{domain}", "TXT") for name in wanted]
    looked = await asyncio.gather(*map(driver.look, questions))
    pairs = zip(wanted.items(), looked, strict=True)
    return [_selector(name, source, lookup) for (name, source), lookup in pairs]


def _selector(name: str, source: str, lookup: Lookup) -> Selector:
    alias = next((r.value.rstrip(".").lower() for r in lookup.answers if r.type == "CNAME"), "")
    absent = lookup.rcode == "NXDOMAIN" or lookup.trouble is Trouble.NXDOMAIN
    failed = not absent and (lookup.trouble is not None or lookup.rcode != "NOERROR")
    values = tuple(v[:MAX_TEXT] for v in lookup.values("TXT")[:MAX_VALUES])
    return Selector(name, source, values, alias, not absent, failed)


COLLECTOR = Collector(DKIM, N_("Looking for DKIM keys"), collect, after=(DELEGATION,))
