"""Collects what DNS should contain if the domain is served here: provider-wide, or for this account."""

from __future__ import annotations

from dataclasses import replace

from diagnostics.collectors.model import CollectionContext, Collector, NotCollected
from diagnostics.evidence.keys import EXPECTED, HOSTING
from diagnostics.model import Missing, Scope
from hosting.model import Expectations, HostingFacts
from render.i18n import N_


async def collect(context: CollectionContext) -> Expectations | NotCollected:
    """Provider-wide in public scope; with an account's own addresses for those who may see it."""
    common = context.sources.expected
    if context.account and context.scope.covers(Scope.CONTACT):
        facts = (await context.gather(HOSTING)).value
        if facts is not None:
            return account_expectations(common, facts, context.subject.domain)
    if not (common.nameservers or common.addresses or common.mail_hosts):
        return NotCollected(Missing.SKIPPED, "not_configured")
    return common


def account_expectations(common: Expectations, facts: HostingFacts, domain: str) -> Expectations:
    """The account's own addresses for this domain's sites; the rest is as for everybody."""
    sites = (s for s in facts.sites if s.host == domain or s.host.endswith(f".{domain}"))
    addresses = tuple(dict.fromkeys(a for site in sites for a in site.addresses))
    return replace(common, addresses=addresses or common.addresses, own=True)


COLLECTOR = Collector(EXPECTED, N_("Comparing with what your domain should say"), collect)
