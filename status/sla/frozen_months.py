"""Seconds that a component spent in each condition in a month, and the months that are frozen. Pure.

A month is frozen some days after its end, with the method it is counted by. Time that nobody
recorded is time without data. The seconds of a day are counted in status/state/uptime.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from status.model import Condition, UptimeDay
from status.state.uptime import UptimeMethod, midnight, seconds_between

FREEZE_AFTER = timedelta(days=3)  # after its end a month is frozen


@dataclass(frozen=True, slots=True)
class Month:
    """What a component's month came to, written once."""

    component: str
    month: date
    seconds: Mapping[Condition, int]
    method: UptimeMethod
    frozen_at: datetime


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def seconds_of_month(days: Iterable[UptimeDay], month: date, at: datetime) -> dict[Condition, int]:
    """Seconds of each condition in a month up to a moment; what nobody recorded is no data."""
    return seconds_between(days, month, next_month(month), at)


def due_months(
    days: Mapping[str, tuple[UptimeDay, ...]],
    frozen: Iterable[Month],
    at: datetime,
    method: UptimeMethod,
) -> tuple[Month, ...]:
    """Months that have ended, are not frozen yet, and of which anything is known."""
    frozen_months = {(m.component, m.month) for m in frozen}
    months: list[Month] = []
    for component, component_days in days.items():
        for month in sorted({d.on.replace(day=1) for d in component_days}):
            ended = at >= midnight(next_month(month)) + FREEZE_AFTER
            if ended and (component, month) not in frozen_months:
                spent = seconds_of_month(component_days, month, at)
                months.append(Month(component, month, spent, method, at))
    return tuple(months)
