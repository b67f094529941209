"""Which condition of a component is published: grades of probes and claims of operators, combined. Pure.

Everything is told of one moment: what is true now and what was true on Tuesday are one question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from status.model import Component, ComponentStatus, Condition, Grade, Interruption, Snapshot
from status.state import uptime
from status.state.dependencies import root_causes
from status.state.operator_conditions import Authority, Claim
from status.state.statements import (
    PublicStatements,
    current_announcements,
    recent_incidents,
    recent_maintenances,
)
from status.state.uptime import UptimeAccumulator

SEVERITY = (  # ascending
    Condition.NO_DATA,
    Condition.OPERATIONAL,
    Condition.UNDER_MAINTENANCE,
    Condition.DEGRADED_PERFORMANCE,
    Condition.PARTIAL_OUTAGE,
    Condition.MAJOR_OUTAGE,
)
_SEVERITIES = {condition: n for n, condition in enumerate(SEVERITY)}

INTERRUPTING = (Condition.UNDER_MAINTENANCE, Condition.PARTIAL_OUTAGE, Condition.MAJOR_OUTAGE)


def worst(conditions: Iterable[Condition]) -> Condition:
    """The gravest of some conditions; nothing at all is no data."""
    return max(conditions, key=_SEVERITIES.__getitem__, default=Condition.NO_DATA)


@dataclass(frozen=True, slots=True)
class ComponentVerdict:
    """What is true of a component: a condition, the moment it began, and why."""

    condition: Condition
    since: datetime
    reason: str = ""
    checked_at: datetime | None = None


def measured_condition(component: Component, grades: Sequence[Grade | None]) -> Condition:
    """What the probes of a component say together.

    All down is a major outage, some down a partial one. Silent probes (None) do not vote; when
    all are silent there is no data. A component that is told by hand, without probes, is up.
    """
    if not grades:
        return Condition.OPERATIONAL if component.policy == "manual" else Condition.NO_DATA
    votes = [grade for grade in grades if grade is not None]
    if not votes:
        return Condition.NO_DATA
    down = votes.count(Grade.DOWN)
    if down == len(votes):
        return Condition.MAJOR_OUTAGE
    if down:
        return Condition.PARTIAL_OUTAGE
    if Grade.DEGRADED in votes:
        return Condition.DEGRADED_PERFORMANCE
    return Condition.OPERATIONAL


def published_condition(
    component: Component, measured: Condition, claims: Iterable[Claim], at: datetime
) -> tuple[Condition, Claim | None]:
    """What readers are told at a moment, and the claim that says so; None when it is the probes.

    An override, else maintenance, else the worse of incident and probes. Where probes are not
    believed (`policy`), they only tell whether there is data.
    """
    active_claims = [claim for claim in claims if claim.holds_at(at)]
    highest = max(active_claims, key=_weight, default=None)
    if highest is not None and highest.authority is not Authority.INCIDENT:
        return highest.condition, highest
    if component.policy != "auto" and measured is not Condition.NO_DATA:
        measured = Condition.OPERATIONAL
    if highest and worst((highest.condition, measured)) is not measured:
        return highest.condition, highest
    return measured, None


def _weight(claim: Claim) -> tuple[Authority, int, datetime]:
    """Of overrides the newest counts, of incidents the gravest."""
    gravity = SEVERITY.index(claim.condition) if claim.authority is Authority.INCIDENT else 0
    return claim.authority, gravity, claim.starts_at


def interruptions(accumulator: UptimeAccumulator) -> tuple[Interruption, ...]:
    """When a component was in an outage or in maintenance, as far back as its past is known."""
    ends = [since for since, _ in accumulator.segments[1:]]
    return tuple(
        Interruption(begins, until, condition)
        for (begins, condition), until in zip_longest(accumulator.segments, ends)
        if condition in INTERRUPTING
    )


def snapshot(
    components: tuple[Component, ...],
    verdicts: Mapping[str, ComponentVerdict],
    accumulators: Mapping[str, UptimeAccumulator],
    statements: PublicStatements,
    at: datetime,
    *,
    cut_off: bool = False,
) -> Snapshot:
    """Everything that is published, as one value."""
    causes = root_causes(components, {c: v.condition for c, v in verdicts.items()})
    states = tuple(
        ComponentStatus(
            component=c,
            condition=accumulators[c.id].condition,
            since=min(accumulators[c.id].since, at),
            days=uptime.window(accumulators[c.id].days, at.date()),
            caused_by=causes.get(c.id, ""),
            checked_at=verdicts[c.id].checked_at,
            interruptions=interruptions(accumulators[c.id]) if c.charts else (),
        )
        for c in components
    )
    checked_at = max((s.checked_at for s in states if s.checked_at), default=None)
    return Snapshot(
        at=at,
        checked_at=checked_at or at,
        states=states,
        incidents=recent_incidents(statements.incidents, at),
        maintenances=recent_maintenances(statements.maintenances, at),
        cut_off=cut_off,
        announcements=current_announcements(statements.announcements, at),
        known_components=statements.known_components,
    )
