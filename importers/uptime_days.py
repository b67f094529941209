"""Imported uptime of days before our own first look; time the other page told nothing of counts as up. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from importers.history import ImportedHistory
from status.model import Component, Condition, UptimeDay
from status.state.composition import published_condition
from status.state.operator_conditions import Claims, claims_by_component
from status.state.statements import PublicStatements
from status.state.uptime import midnight, seconds_by_day

FARTHEST = timedelta(days=3 * 366)  # what a page told before is of no contract any more


def uptime_days(
    history: ImportedHistory, components: tuple[Component, ...], now: datetime
) -> Mapping[str, tuple[UptimeDay, ...]]:
    """Component → its days from when the other page began to tell of it up to yesterday; what the
    source measured itself, where it did."""
    if history.days:
        return history.days
    by_hand = tuple(replace(c, policy="manual") for c in components)
    statements = PublicStatements(history.incidents, history.maintenances)
    claims = claims_by_component(by_hand, statements, now)
    return {
        component.id: _days(
            component, claims.get(component.id, ()), max(since, now - FARTHEST), now.date()
        )
        for component in by_hand
        if (since := history.since.get(component.id)) is not None
    }


def _days(
    component: Component, claims: Claims, since: datetime, after: date
) -> tuple[UptimeDay, ...]:
    first, last = since.astimezone(UTC), midnight(after)
    moments = {m for c in claims for m in (c.starts_at, c.ends_at) if m and first < m < last}
    seconds: dict[date, dict[Condition, int]] = {}
    for start, end in pairwise([first.replace(microsecond=0), *sorted(moments), last]):
        condition, _ = published_condition(component, Condition.OPERATIONAL, claims, start)
        for day, spent in seconds_by_day(start, end):
            of_day = seconds.setdefault(day, {})
            of_day[condition] = of_day.get(condition, 0) + spent
    return tuple(UptimeDay(day, seconds[day]) for day in sorted(seconds))
