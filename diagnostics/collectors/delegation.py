"""Where the domain hangs in the DNS tree, by walking from the root."""

from __future__ import annotations

from diagnostics.collector import Absent, Ask, Collector
from diagnostics.collectors import dnssec, records
from diagnostics.evidence import DELEGATION
from diagnostics.model import Missing
from facts import Delegated, Delegation, Trouble
from observe import dns
from render.i18n import N_


async def collect(ask: Ask) -> Delegation | Absent:
    """The walk to the registrable domain. When nobody above answers, nothing is known."""
    early = (*records.questions(ask.subject), *dnssec.questions(ask.subject.domain))
    found = await dns.delegation(ask.network, ask.budget, ask.subject.domain, early)
    if found.outcome is Delegated.UNREACHABLE:
        return Absent(Missing.TROUBLE, "nobody above the domain answered", Trouble.UNREACHABLE)
    return found


COLLECTOR = Collector(DELEGATION, N_("Finding who answers for the domain"), collect)
