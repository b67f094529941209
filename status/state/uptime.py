"""Uptime by time, not by counting answers: seconds of each condition on each day.

Pure. Whole seconds, UTC days. Time nobody looked at is no_data and never counts as up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from status.model import Condition, UptimeDay

PARTIAL_WEIGHT = 0.3  # a partial outage counts as this share of an outage
DAYS = 90
_OBSERVED = (
    Condition.OPERATIONAL,
    Condition.DEGRADED_PERFORMANCE,
    Condition.PARTIAL_OUTAGE,
    Condition.MAJOR_OUTAGE,
)


@dataclass(frozen=True, slots=True)
class UptimeShare:
    """Uptime between 0 and 1 (None when nothing was observed), and how much was observed."""

    uptime: float | None
    coverage: float


class Planned(StrEnum):
    """What announced maintenance counts as."""

    EXCLUDED = "excluded"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class UptimeMethod:
    """How uptime is counted: the shares of an outage that lesser troubles count as, and what
    maintenance is. An outage counts in full; time without data is always left out."""

    partial: float = PARTIAL_WEIGHT
    degraded: float = 0.0
    maintenance: Planned = Planned.EXCLUDED


DEFAULT_METHOD = UptimeMethod()


@dataclass(frozen=True, slots=True)
class UptimeTotals:
    """Seconds: lost by the method, those that count, those not without data, and all."""

    lost: Fraction = Fraction(0)
    counted: int = 0
    seen: int = 0
    every: int = 0

    def __add__(self, other: UptimeTotals) -> UptimeTotals:
        return UptimeTotals(
            self.lost + other.lost,
            self.counted + other.counted,
            self.seen + other.seen,
            self.every + other.every,
        )

    @property
    def exact(self) -> Fraction | None:
        """Uptime as a share of one, exactly."""
        return 1 - self.lost / self.counted if self.counted else None

    def rounded(self) -> UptimeShare:
        """Uptime and coverage as floating numbers."""
        if not self.counted:
            return UptimeShare(None, 0.0)
        return UptimeShare(float(1 - self.lost / self.counted), self.seen / self.every)


@dataclass(frozen=True, slots=True)
class UptimeAccumulator:
    """One component's time: in `condition` since `since`, written into `days` until `until`.

    `days` are ascending and hold only days that have any seconds.
    """

    condition: Condition
    since: datetime
    until: datetime
    days: tuple[UptimeDay, ...] = ()


def new_accumulator(at: datetime) -> UptimeAccumulator:
    """An accumulator without any time."""
    at = truncate_to_second(at)
    return UptimeAccumulator(Condition.NO_DATA, at, at)


def truncate_to_second(at: datetime) -> datetime:
    """The moment without its fraction of a second."""
    return at.replace(microsecond=0)


def advance(accumulator: UptimeAccumulator, to: datetime) -> UptimeAccumulator:
    """The accumulator with the time up to `to` written to the current condition."""
    to = truncate_to_second(to)
    if to <= accumulator.until:
        return accumulator
    last = accumulator.days[-1] if accumulator.days else None
    if last is not None and last.on == accumulator.until.date() == to.date():  # as most of the time
        seconds = dict(last.seconds)
        spent = int((to - accumulator.until).total_seconds())
        seconds[accumulator.condition] = seconds.get(accumulator.condition, 0) + spent
        days = (*accumulator.days[:-1], UptimeDay(last.on, seconds))
    else:
        days = _apply_entries(accumulator.days, [(accumulator.condition, accumulator.until, to, 1)])
    return UptimeAccumulator(accumulator.condition, accumulator.since, to, days)


def skip_clock_step(accumulator: UptimeAccumulator, by: timedelta) -> UptimeAccumulator:
    """The accumulator after the wall clock was set: what it leapt over is written to nobody, what it
    went back over is not written twice."""
    if by <= timedelta(0):
        return accumulator
    until = truncate_to_second(accumulator.until + by)
    return replace(accumulator, until=until, since=max(accumulator.since, until))


def change_condition(
    accumulator: UptimeAccumulator, condition: Condition, since: datetime
) -> UptimeAccumulator:
    """The accumulator with another condition since a moment that may lie in the past.

    What was already written after `since` moves over; history before the current condition
    began is never rewritten.
    """
    since = max(truncate_to_second(since), accumulator.since)
    if condition is accumulator.condition:
        return accumulator
    if since > accumulator.until:
        accumulator = advance(accumulator, since)
    days = _apply_entries(
        accumulator.days,
        [
            (accumulator.condition, since, accumulator.until, -1),
            (condition, since, accumulator.until, 1),
        ],
    )
    return replace(accumulator, condition=condition, since=since, days=days)


def trim(accumulator: UptimeAccumulator, keep: int = DAYS) -> UptimeAccumulator:
    """The accumulator without days older than `keep` days before its end."""
    first = accumulator.until.date() - timedelta(days=keep - 1)
    if not accumulator.days or accumulator.days[0].on >= first:
        return accumulator
    return replace(accumulator, days=tuple(d for d in accumulator.days if d.on >= first))


def merge_days(ours: tuple[UptimeDay, ...], theirs: tuple[UptimeDay, ...]) -> tuple[UptimeDay, ...]:
    """Two accounts of the same component: for each day the one that saw more of it."""
    best: dict[date, UptimeDay] = {day.on: day for day in ours}
    for day in theirs:
        existing = best.get(day.on)
        if existing is None or sum(day.seconds.values()) > sum(existing.seconds.values()):
            best[day.on] = day
    return tuple(best[on] for on in sorted(best))


def window(days: tuple[UptimeDay, ...], until: date, count: int = DAYS) -> tuple[UptimeDay, ...]:
    """Exactly `count` days ending with `until`; days without any seconds are empty (no data)."""
    by_date = {day.on: day for day in days}
    first = until - timedelta(days=count - 1)
    dates = (first + timedelta(days=n) for n in range(count))
    return tuple(by_date.get(on) or UptimeDay(on, {}) for on in dates)


def uptime_share(days: Iterable[UptimeDay], method: UptimeMethod = DEFAULT_METHOD) -> UptimeShare:
    """Uptime over some days. Time without data is left out of the sum."""
    return weigh_seconds(seconds_by_condition(days), method).rounded()


def seconds_by_condition(days: Iterable[UptimeDay]) -> dict[Condition, int]:
    """Seconds of each condition over some days."""
    total: dict[Condition, int] = {}
    for day in days:
        for condition, seconds in day.seconds.items():
            total[condition] = total.get(condition, 0) + seconds
    return total


def weigh_seconds(
    seconds: Mapping[Condition, int], method: UptimeMethod = DEFAULT_METHOD
) -> UptimeTotals:
    """Seconds of each condition, weighed exactly."""
    planned = seconds.get(Condition.UNDER_MAINTENANCE, 0)
    counted = sum(seconds.get(c, 0) for c in _OBSERVED)
    lost = Fraction(seconds.get(Condition.MAJOR_OUTAGE, 0))
    for condition, weight in (
        (Condition.PARTIAL_OUTAGE, method.partial),
        (Condition.DEGRADED_PERFORMANCE, method.degraded),
    ):
        if weight and seconds.get(condition):
            lost += Fraction(str(weight)) * seconds[condition]
    if method.maintenance is not Planned.EXCLUDED:
        counted += planned
    if method.maintenance is Planned.DOWN:
        lost += planned
    every = sum(seconds.values())
    return UptimeTotals(lost, counted, every - seconds.get(Condition.NO_DATA, 0), every)


def seconds_by_day(start: datetime, end: datetime) -> Iterator[tuple[date, int]]:
    """The seconds between two moments, day by day."""
    while start < end:
        midnight = datetime.combine(start.date() + timedelta(days=1), datetime.min.time(), UTC)
        stop = min(midnight, end)
        yield start.date(), int((stop - start).total_seconds())
        start = stop


def _apply_entries(
    days: tuple[UptimeDay, ...], entries: list[tuple[Condition, datetime, datetime, int]]
) -> tuple[UptimeDay, ...]:
    by_date: dict[date, Mapping[Condition, int]] = {day.on: day.seconds for day in days}
    for condition, start, end, sign in entries:
        for on, seconds in seconds_by_day(start, end):
            before = dict(by_date.get(on, {}))
            before[condition] = before.get(condition, 0) + sign * seconds
            by_date[on] = {c: n for c, n in before.items() if n}
    return tuple(UptimeDay(on, by_date[on]) for on in sorted(by_date) if by_date[on])
