"""Uptime by time, not by counting answers: seconds of each condition on each day.

Pure. Whole seconds, UTC days. Time nobody looked at is no_data and never counts as up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from status.model import Condition, UptimeDay
from status.state.timeline import kept_since, overwrite, truncate_to_second

PARTIAL_WEIGHT = 0.3  # a partial outage counts as this share of an outage
DAYS = 90
KEPT_WITHIN = timedelta(minutes=2)  # a running engine keeps its accumulators at least so often
MAX_HISTORY = 1000  # segments that may still be rewritten
_OBSERVED = (
    Condition.OPERATIONAL,
    Condition.DEGRADED_PERFORMANCE,
    Condition.PARTIAL_OUTAGE,
    Condition.MAJOR_OUTAGE,
)


@dataclass(frozen=True, slots=True)
class UptimeShare:
    """Uptime between 0 and 1 (None when nothing counts), and the share of all time that was
    observed."""

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

    lost: Fraction | int = 0
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
        return 1 - Fraction(self.lost) / self.counted if self.counted else None

    @property
    def coverage(self) -> float:
        """The share of all time that was observed."""
        return self.seen / self.every if self.every else 0.0

    def rounded(self, later: UptimeTotals | None = None, elapsed: int = 0) -> UptimeShare:
        """Uptime and coverage of these and some later seconds, as the nearest floating numbers;
        what nobody recorded of `elapsed` seconds is no data."""
        lost, counted, seen, every = self.lost, self.counted, self.seen, self.every
        if later is not None:
            lost = lost + later.lost if later.lost else lost
            counted, seen = counted + later.counted, seen + later.seen
            every += later.every
        every = max(every, elapsed)
        coverage = seen / every if every else 0.0
        if not counted:
            return UptimeShare(None, coverage)
        weighed = counted * lost.denominator
        return UptimeShare((weighed - lost.numerator) / weighed, coverage)


@dataclass(frozen=True, slots=True)
class UptimeAccumulator:
    """One component's time: in `condition` since `since`, written into `days` until `until`.

    `days` are ascending and hold only days that have any seconds. `history` are the segments
    before `since` that may still be rewritten; nothing before the first of them, or before
    `fixed_until`, ever is.
    """

    condition: Condition
    since: datetime
    until: datetime
    days: tuple[UptimeDay, ...] = ()
    history: tuple[tuple[datetime, Condition], ...] = ()
    fixed_until: datetime | None = None

    @property
    def segments(self) -> tuple[tuple[datetime, Condition], ...]:
        """What it held from when on, as far back as it may be rewritten."""
        return (*self.history, (self.since, self.condition))

    @property
    def rewritable_from(self) -> datetime:
        """The earliest moment from which on it can be rewritten."""
        first = self.history[0][0] if self.history else self.since
        return max(first, self.fixed_until or first, _first_midnight(self.until, DAYS))


def new_accumulator(at: datetime) -> UptimeAccumulator:
    """An accumulator without any time."""
    at = truncate_to_second(at)
    return UptimeAccumulator(Condition.NO_DATA, at, at)


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
    return replace(accumulator, until=to, days=days)


def skip_clock_step(accumulator: UptimeAccumulator, by: timedelta) -> UptimeAccumulator:
    """The accumulator after the wall clock was set: what it leapt over is written to nobody, what it
    went back over is not written twice, and nothing before it is rewritten any more."""
    if by <= timedelta(0):
        return replace(accumulator, fixed_until=accumulator.until)
    until = truncate_to_second(accumulator.until + by)
    since = max(accumulator.since, until)
    return replace(accumulator, until=until, since=since, history=(), fixed_until=until)


def rewrite(
    accumulator: UptimeAccumulator,
    segments: tuple[tuple[datetime, Condition], ...],
    to: datetime,
) -> UptimeAccumulator:
    """The accumulator with these segments in place of all it held since the first of them, written
    up to `to`; what can no longer be rewritten stays."""
    begin = max(truncate_to_second(segments[0][0]), accumulator.rewritable_from)
    accumulator = advance(accumulator, begin)
    to = max(truncate_to_second(to), accumulator.until)
    replaced = list(_spans(accumulator.segments, begin, accumulator.until))
    written = list(_spans(segments, begin, to))
    days = accumulator.days
    if replaced != written:
        entries = [(*span, -1) for span in replaced] + [(*span, 1) for span in written]
        days = _apply_entries(days, entries)
    timeline = tuple(s for s in accumulator.segments if s[0] < begin)
    for since, condition in segments:
        timeline = overwrite(timeline, max(since, begin), condition)
    since, condition = timeline[-1]
    return replace(
        accumulator, condition=condition, since=since, until=to, days=days, history=timeline[:-1]
    )


def _spans(
    segments: tuple[tuple[datetime, Condition], ...], begin: datetime, end: datetime
) -> Iterator[tuple[Condition, datetime, datetime]]:
    """The condition of each span between two moments."""
    ends = [since for since, _ in segments[1:]] + [end]
    for (since, condition), until in zip(segments, ends, strict=True):
        start, stop = max(since, begin), min(until, end)
        if start < stop:
            yield condition, start, stop


def trim(accumulator: UptimeAccumulator, keep: int = DAYS) -> UptimeAccumulator:
    """The accumulator without days older than `keep` days before its end."""
    first = _first_midnight(accumulator.until, keep)
    history = accumulator.history
    if history and (history[0][0] < first or len(history) > MAX_HISTORY):
        history_kept = kept_since(accumulator.segments, first, MAX_HISTORY)[:-1]
        accumulator = replace(accumulator, history=history_kept)
    if not accumulator.days or accumulator.days[0].on >= first.date():
        return accumulator
    return replace(accumulator, days=tuple(d for d in accumulator.days if d.on >= first.date()))


def _first_midnight(until: datetime, days: int) -> datetime:
    """The beginning of the first of so many days that end with a moment's."""
    first = until.date() - timedelta(days=days - 1)
    return midnight(first)


@lru_cache(maxsize=1024)
def midnight(on: date) -> datetime:
    """The beginning of a day in UTC."""
    return datetime(on.year, on.month, on.day, tzinfo=UTC)


def recall(
    accumulator: UptimeAccumulator, stored: tuple[UptimeDay, ...], now: datetime
) -> UptimeAccumulator:
    """The accumulator with the days that only the database has. What was stored after the
    accumulator was last kept is weighed anew from the looks; but an accumulator that is much
    older than what is stored gives way to it, and goes on from now."""
    ours = {day.on: sum(day.seconds.values()) for day in accumulator.days}
    beyond = sum(
        max(0, sum(day.seconds.values()) - ours.get(day.on, 0))
        for day in stored
        if day.on >= accumulator.until.date()
    )
    if beyond > KEPT_WITHIN.total_seconds():
        now = truncate_to_second(now)
        days = merge_days(accumulator.days, stored)
        return replace(accumulator, until=now, since=now, days=days, history=(), fixed_until=now)
    missing = tuple(d for d in stored if d.on not in ours and d.on < accumulator.until.date())
    return replace(accumulator, days=merge_days(accumulator.days, missing))


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
    first = until - timedelta(days=count - 1)
    missing = count - len(days)
    if missing >= 0 and days and (days[0].on, days[-1].on) == (first + timedelta(missing), until):
        return _empty_days(first, missing) + days  # as most of the time: no day is left out
    by_date = {day.on: day for day in days}
    dates = (first + timedelta(days=n) for n in range(count))
    return tuple(by_date.get(on) or _empty_day(on) for on in dates)


@lru_cache(maxsize=2 * DAYS)
def _empty_days(first: date, count: int) -> tuple[UptimeDay, ...]:
    return tuple(_empty_day(first + timedelta(days=n)) for n in range(count))


@lru_cache(maxsize=2 * DAYS)
def _empty_day(on: date) -> UptimeDay:
    return UptimeDay(on, {})


def seconds_between(
    days: Iterable[UptimeDay], first: date, after: date, at: datetime
) -> dict[Condition, int]:
    """Seconds of each condition from one day up to, not including, another, as far as they have
    passed at a moment; what nobody recorded is no data."""
    seconds = seconds_by_condition(d for d in days if first <= d.on < after)
    last = after - timedelta(days=1)
    missing = elapsed_seconds(first, last, at) - sum(seconds.values())
    if missing > 0:
        seconds[Condition.NO_DATA] = seconds.get(Condition.NO_DATA, 0) + missing
    return seconds


@lru_cache(maxsize=64)
def elapsed_seconds(first: date, last: date, at: datetime) -> int:
    """How much of some days has passed at a moment."""
    after = midnight(last + timedelta(days=1))
    return int((min(after, at) - midnight(first)).total_seconds())


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
    lost: Fraction | int = seconds.get(Condition.MAJOR_OUTAGE, 0)
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
        stop = min(midnight(start.date() + timedelta(days=1)), end)
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
