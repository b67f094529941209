"""Frozen months that hold less trouble or planned work than was published in them. Pure.

Before 0.1.0 what people said stopped counting the moment it ended, and months were frozen so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from status.model import Component, Condition
from status.sla.frozen_months import Month, next_month
from status.state.composition import SEVERITY, published_condition
from status.state.operator_conditions import Claims
from status.state.uptime import midnight

TOLERANCE = 60  # seconds a month that an engine may have learned late
_CLAIMED = (
    Condition.UNDER_MAINTENANCE,
    Condition.MAJOR_OUTAGE,
    Condition.PARTIAL_OUTAGE,
    Condition.DEGRADED_PERFORMANCE,
)


@dataclass(frozen=True, slots=True)
class DoubtfulMonth:
    """Seconds that were published as a condition or a graver one, and those that were counted when
    the month was frozen."""

    component: str
    month: date
    condition: Condition
    claimed: int
    written: int
    frozen_at: datetime


def contradictions(
    components: Iterable[Component], months: Iterable[Month], claims: Mapping[str, Claims]
) -> Iterator[DoubtfulMonth]:
    """The months whose seconds contradict what people claimed of them."""
    by_id = {c.id: c for c in components}
    for month in months:
        component = by_id.get(month.component)
        if component is None:
            continue
        claimed = claimed_seconds(component, claims.get(component.id, ()), month.month)
        for condition in _CLAIMED:
            expected, written = (_as_grave(condition, s) for s in (claimed, month.seconds))
            if written < expected - TOLERANCE:
                yield DoubtfulMonth(
                    component.id, month.month, condition, expected, written, month.frozen_at
                )
                break


def claimed_seconds(component: Component, claims: Claims, month: date) -> dict[Condition, int]:
    """Seconds of a month that people claimed for each condition, as if all probes were content."""
    told_by_hand = replace(component, policy="manual")
    first, after = midnight(month), midnight(next_month(month))
    moments = {m for c in claims for m in (c.starts_at, c.ends_at) if m and first < m < after}
    edges = [first, *sorted(moments), after]
    seconds: dict[Condition, int] = {}
    for start, end in pairwise(edges):
        condition, claim = published_condition(told_by_hand, Condition.OPERATIONAL, claims, start)
        if claim is not None:
            seconds[condition] = seconds.get(condition, 0) + int((end - start).total_seconds())
    return seconds


def _as_grave(condition: Condition, seconds: Mapping[Condition, int]) -> int:
    """Seconds of a condition and, of trouble, of those that are graver."""
    if condition is Condition.UNDER_MAINTENANCE:
        return seconds.get(condition, 0)
    return sum(seconds.get(c, 0) for c in SEVERITY[SEVERITY.index(condition) :])
