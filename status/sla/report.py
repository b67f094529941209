"""Uptime of components and groups over a month, a quarter or a year, with the method named. Pure.

Frozen months keep the method they were counted by; days that belong to none are counted by
today's. What a month came to is counted in frozen_months.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from status.model import Component, Condition, UptimeDay
from status.sla.frozen_months import Month, next_month, seconds_of_month
from status.state.uptime import (
    DEFAULT_METHOD,
    UptimeMethod,
    UptimeTotals,
    midnight,
    weigh_seconds,
)

NOTHING_IMPORTED: Mapping[str, int] = {}


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
class SlaLine:
    """One component, or a group: the mean of its components, for uptime of those that have it."""

    kind: str  # component | group
    id: str
    name: str
    group: str
    uptime: Fraction | None
    coverage: float
    seconds: Mapping[Condition, int]
    months: tuple[tuple[date, Fraction | None], ...]
    imported_days: int = 0  # told by another status page; nobody measured them here


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


def build_report(
    requested: Period,
    components: Iterable[Component],
    days: Mapping[str, tuple[UptimeDay, ...]],
    frozen: Iterable[Month],
    *,
    at: datetime,
    method: UptimeMethod = DEFAULT_METHOD,
    imported: Mapping[str, int] = NOTHING_IMPORTED,
) -> SlaReport:
    """Everything of a period. `days` must reach from its first day on; `imported` is how many days
    of each component were told by another status page."""
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
                else seconds_of_month(days.get(component.id, ()), month, at)
            )
            if any(month_seconds.values()):
                used.append(used_method)
            month_totals = weigh_seconds(month_seconds, used_method)
            total += month_totals
            months.append((month, month_totals.exact))
            for condition, n in month_seconds.items():
                seconds[condition] += n
        lines.append(
            SlaLine(
                "component", component.id, component.name, component.group,
                total.exact, total.coverage, seconds, tuple(months), imported.get(component.id, 0),
            )
        )  # fmt: skip
    methods = tuple(dict.fromkeys([method, *used])) if used else (method,)
    methods = tuple(m for m in methods if not used or m in used)
    ended = at >= midnight(requested.after)
    return SlaReport(requested, at, methods, (*lines, *_groups(lines)), ended, ended and final)


def _groups(lines: list[SlaLine]) -> tuple[SlaLine, ...]:
    names = list(dict.fromkeys(line.group for line in lines if line.group))
    return tuple(_group(n, [x for x in lines if x.group == n]) for n in names)


def _group(name: str, components: list[SlaLine]) -> SlaLine:
    seconds = {c: round(sum(p.seconds[c] for p in components) / len(components)) for c in Condition}
    months = tuple(
        (components[0].months[n][0], _mean([p.months[n][1] for p in components]))
        for n in range(len(components[0].months))
    )
    coverage = sum(p.coverage for p in components) / len(components)
    uptime = _mean([p.uptime for p in components])
    imported = sum(p.imported_days for p in components)
    imported = max(round(imported / len(components)), 1) if imported else 0  # a mean as the rest
    return SlaLine("group", "", name, name, uptime, coverage, seconds, months, imported)


def _mean(values: list[Fraction | None]) -> Fraction | None:
    present = [v for v in values if v is not None]
    return sum(present, Fraction(0)) / len(present) if present else None
