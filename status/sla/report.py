"""Uptime of components and groups over a month, a quarter or a year, with the method named. Pure.

Frozen months keep the method they were counted by; days that belong to none are counted by
today's. Time that nobody recorded is time without data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from status.model import Component, Condition, UptimeDay
from status.state.uptime import (
    DEFAULT_METHOD,
    UptimeMethod,
    UptimeTotals,
    seconds_by_condition,
    weigh_seconds,
)

FREEZE_AFTER = timedelta(days=3)  # after its end a month is frozen


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months: from the first day up to, not including, `after`."""

    name: str
    first: date
    after: date

    @property
    def months(self) -> tuple[date, ...]:
        """The first days of its months."""
        months = [self.first]
        while (following := next_month(months[-1])) < self.after:
            months.append(following)
        return tuple(months)


@dataclass(frozen=True, slots=True)
class Month:
    """What a component's month came to, written once."""

    component: str
    month: date
    seconds: Mapping[Condition, int]
    method: UptimeMethod
    frozen_at: datetime


@dataclass(frozen=True, slots=True)
class SlaLine:
    """One component, or a group: the mean of its components that have data."""

    kind: str  # component | group
    id: str
    name: str
    group: str
    uptime: Fraction | None
    coverage: float
    seconds: Mapping[Condition, int]
    months: tuple[tuple[date, Fraction | None], ...]


@dataclass(frozen=True, slots=True)
class SlaReport:
    """The report. `methods` are those that were used, newest first; `over` is False while the
    period still runs; `frozen` when every figure is final."""

    period: Period
    at: datetime
    methods: tuple[UptimeMethod, ...]
    lines: tuple[SlaLine, ...]
    over: bool
    frozen: bool


def parse_period(text: str, today: date) -> Period:
    """ "2026-03", "2026-Q1" or "2026"; "" for the month that ended last. Raises ValueError."""
    if not text:
        last = today.replace(day=1) - timedelta(days=1)
        text = f"{last:%Y-%m}"
    match = re.fullmatch(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", text.strip())
    if match is None or not 2000 <= int(match[1]) <= 2200:
        raise ValueError(text)
    year, quarter, month = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if month:
        first, count = date(year, month, 1), 1
    elif quarter:
        first, count = date(year, 3 * quarter - 2, 1), 3
    else:
        first, count = date(year, 1, 1), 12
    after = first
    for _ in range(count):
        after = next_month(after)
    return Period(text.strip(), first, after)


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def build_report(
    requested: Period,
    components: Iterable[Component],
    days: Mapping[str, tuple[UptimeDay, ...]],
    frozen: Iterable[Month],
    *,
    at: datetime,
    method: UptimeMethod = DEFAULT_METHOD,
) -> SlaReport:
    """Everything of a period. `days` must reach from its first day on."""
    frozen_months = {(m.component, m.month): m for m in frozen}
    used: list[UptimeMethod] = []
    final = True
    lines: list[SlaLine] = []
    for component in components:
        months: list[tuple[date, Fraction | None]] = []
        total, seconds = UptimeTotals(), dict.fromkeys(Condition, 0)
        for month in requested.months:
            frozen_month = frozen_months.get((component.id, month))
            final &= frozen_month is not None
            used_method = frozen_month.method if frozen_month else method
            month_seconds = (
                frozen_month.seconds
                if frozen_month
                else month_of(days.get(component.id, ()), month, at)
            )
            if any(month_seconds.values()):
                used.append(used_method)
            month_totals = weigh_seconds(month_seconds, used_method)
            total += month_totals
            months.append((month, month_totals.exact))
            for condition, n in month_seconds.items():
                seconds[condition] += n
        coverage = total.seen / total.every if total.every else 0.0
        lines.append(
            SlaLine(
                "component", component.id, component.name, component.group,
                total.exact, coverage, seconds, tuple(months),
            )
        )  # fmt: skip
    methods = tuple(dict.fromkeys([method, *used])) if used else (method,)
    methods = tuple(m for m in methods if not used or m in used)
    ended = at >= _midnight(requested.after)
    return SlaReport(requested, at, methods, (*lines, *_groups(lines)), ended, ended and final)


def month_of(days: Iterable[UptimeDay], month: date, at: datetime) -> dict[Condition, int]:
    """Seconds of each condition in a month up to a moment; what nobody recorded is no data."""
    after = next_month(month)
    seconds = seconds_by_condition(d for d in days if month <= d.on < after)
    elapsed = int((min(_midnight(after), at) - _midnight(month)).total_seconds())
    missing = elapsed - sum(seconds.values())
    if missing > 0:
        seconds[Condition.NO_DATA] = seconds.get(Condition.NO_DATA, 0) + missing
    return seconds


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
            ended = at >= _midnight(next_month(month)) + FREEZE_AFTER
            if ended and (component, month) not in frozen_months:
                spent = month_of(component_days, month, at)
                months.append(Month(component, month, spent, method, at))
    return tuple(months)


def _groups(lines: list[SlaLine]) -> tuple[SlaLine, ...]:
    names = list(dict.fromkeys(line.group for line in lines if line.group))
    return tuple(_group(n, [x for x in lines if x.group == n]) for n in names)


def _group(name: str, components: list[SlaLine]) -> SlaLine:
    seconds = {c: sum(p.seconds.get(c, 0) for p in components) for c in Condition}
    months = tuple(
        (components[0].months[n][0], _mean([p.months[n][1] for p in components]))
        for n in range(len(components[0].months))
    )
    coverage = sum(p.coverage for p in components) / len(components)
    uptime = _mean([p.uptime for p in components])
    return SlaLine("group", "", name, name, uptime, coverage, seconds, months)


def _mean(values: list[Fraction | None]) -> Fraction | None:
    present = [v for v in values if v is not None]
    return sum(present, Fraction(0)) / len(present) if present else None


def _midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=UTC)
