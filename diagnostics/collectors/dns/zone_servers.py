"""Finds the zone that holds the subject and its servers, for the collectors that query them.

Those that only need one good answer go by the walk (`located_subject`); those that compare every server wait
for the slow ones too (`askable_delegation`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from diagnostics.collectors.model import CollectionContext, NotCollected
from diagnostics.evidence.keys import DELEGATION, subject_in_zone
from diagnostics.model import Missing
from facts import Delegated, Delegation
from observe.dns import zone as zones
from observe.dns.delegation_walk import WalkResult
from observe.dns.dns_client import can_reach
from standards.dns_types import Trouble
from subject import Subject

EarlyQuestions = Callable[[str], Iterable[tuple[str, str]]]


def _no_questions(_zone: str) -> Iterable[tuple[str, str]]:
    return ()


async def walk_to_zone(context: CollectionContext) -> WalkResult:
    """Where the walk from the root to the subject ends."""
    subject = context.subject
    return await zones.walk_once(context.network, context.budget, subject.registrable, subject.host)


async def located_subject(context: CollectionContext) -> Subject:
    """The subject by the zone that holds it, as soon as the walk has found it."""
    walk = await walk_to_zone(context)
    zone = walk.zone if walk.outcome is Delegated.YES else ""
    return subject_in_zone(context.subject, zone)


async def full_delegation(
    context: CollectionContext, early_questions: EarlyQuestions = _no_questions
) -> Delegation:
    """The delegation with everything that its servers say, the slowest included; once in a run."""
    subject = context.subject

    async def look() -> Delegation:
        return await zones.delegation(
            context.network, context.budget, subject.registrable, early_questions, host=subject.host
        )

    return await context.budget.shared(("whole", subject.registrable, subject.host), look)


async def askable_delegation(context: CollectionContext) -> Delegation | NotCollected:
    """A delegation whose servers can be asked, or why nobody can be."""
    delegation_item = await context.gather(DELEGATION)
    if delegation_item.value is None:
        return NotCollected(
            delegation_item.missing or Missing.TROUBLE,
            "delegation_unknown",
            delegation_item.trouble,
        )
    if delegation_item.value.outcome is not Delegated.YES:
        return NotCollected(Missing.SKIPPED, "not_delegated")
    delegation = await full_delegation(context)
    if not delegation.addresses:
        return NotCollected(Missing.SKIPPED, "no_server_address")
    if not any(can_reach(context.network.vantage, a) for _, a in delegation.addresses):
        return NotCollected(Missing.TROUBLE, "no_ipv6_here", Trouble.UNREACHABLE)
    return delegation
