"""Which zone holds the subject and who serves it: what collectors that ask its servers begin with.

Those that only need one good answer go by the walk (`located`); those that compare every server wait
for the slow ones too (`servable`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from diagnostics.collectors.model import Collection, NotCollected
from diagnostics.evidence.keys import DELEGATION, below
from diagnostics.model import Missing
from facts import Delegated, Delegation
from observe.dns import zone as zones
from observe.dns.delegation_walk import WalkResult
from observe.dns.dns_client import can_reach
from standards.dns_types import Trouble
from subject import Subject

Early = Callable[[str], Iterable[tuple[str, str]]]


def _nothing(_zone: str) -> Iterable[tuple[str, str]]:
    return ()


async def reached(ask: Collection) -> WalkResult:
    """Where the walk from the root to the subject ends."""
    subject = ask.subject
    return await zones.walk_once(ask.network, ask.budget, subject.registrable, subject.host)


async def located(ask: Collection) -> Subject:
    """The subject by the zone that holds it, as soon as the walk has found it."""
    walked = await reached(ask)
    found = walked.zone if walked.outcome is Delegated.YES else ""
    return below(ask.subject, found)


async def whole(ask: Collection, early: Early = _nothing) -> Delegation:
    """The delegation with everything that its servers say, the slowest included; once in a run."""
    subject = ask.subject

    async def look() -> Delegation:
        return await zones.delegation(
            ask.network, ask.budget, subject.registrable, early, host=subject.host
        )

    return await ask.budget.shared(("whole", subject.registrable, subject.host), look)


async def servable(ask: Collection) -> Delegation | NotCollected:
    """A delegation whose servers can be asked, or why nobody can be."""
    item = await ask.gather(DELEGATION)
    if item.value is None:
        return NotCollected(item.missing or Missing.TROUBLE, "delegation_unknown", item.trouble)
    if item.value.outcome is not Delegated.YES:
        return NotCollected(Missing.SKIPPED, "not_delegated")
    delegation = await whole(ask)
    if not delegation.addresses:
        return NotCollected(Missing.SKIPPED, "no_server_address")
    if not any(can_reach(ask.network.vantage, a) for _, a in delegation.addresses):
        return NotCollected(Missing.TROUBLE, "no_ipv6_here", Trouble.UNREACHABLE)
    return delegation
