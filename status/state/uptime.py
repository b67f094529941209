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


METHOD = UptimeMethod()


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


def opened(at: datetime) -> UptimeAccumulator:
    """A book that knows nothing yet."""
    at = whole(at)
    return UptimeAccumulator(Condition.NO_DATA, at, at)


def whole(at: datetime) -> datetime:
    """The moment without its fraction of a second."""
    return at.replace(microsecond=0)


def advanced(book: UptimeAccumulator, to: datetime) -> UptimeAccumulator:
    """The book with the time up to `to` written to the current condition."""
    to = whole(to)
    if to <= book.until:
        return book
    last = book.days[-1] if book.days else None
    if last is not None and last.on == book.until.date() == to.date():  # as most of the time
        seconds = dict(last.seconds)
        spent = int((to - book.until).total_seconds())
        seconds[book.condition] = seconds.get(book.condition, 0) + spent
        days = (*book.days[:-1], UptimeDay(last.on, seconds))
    else:
        days = _moved(book.days, [(book.condition, book.until, to, 1)])
    return UptimeAccumulator(book.condition, book.since, to, days)


def stepped(book: UptimeAccumulator, by: timedelta) -> UptimeAccumulator:
    """The book after the wall clock was set: what it leapt over is written to nobody, what it
    went back over is not written twice."""
    if by <= timedelta(0):
        return book
    until = whole(book.until + by)
    return replace(book, until=until, since=max(book.since, until))


def changed(book: UptimeAccumulator, condition: Condition, since: datetime) -> UptimeAccumulator:
    """The book with another condition since a moment that may lie in the past.

    What was already written after `since` moves over; history before the current condition
    began is never rewritten.
    """
    since = max(whole(since), book.since)
    if condition is book.condition:
        return book
    if since > book.until:
        book = advanced(book, since)
    days = _moved(
        book.days,
        [(book.condition, since, book.until, -1), (condition, since, book.until, 1)],
    )
    return replace(book, condition=condition, since=since, days=days)


def trimmed(book: UptimeAccumulator, keep: int = DAYS) -> UptimeAccumulator:
    """The book without days older than `keep` days before its end."""
    first = book.until.date() - timedelta(days=keep - 1)
    if not book.days or book.days[0].on >= first:
        return book
    return replace(book, days=tuple(d for d in book.days if d.on >= first))


def merged(ours: tuple[UptimeDay, ...], theirs: tuple[UptimeDay, ...]) -> tuple[UptimeDay, ...]:
    """Two accounts of the same component: for each day the one that saw more of it."""
    best: dict[date, UptimeDay] = {day.on: day for day in ours}
    for day in theirs:
        known = best.get(day.on)
        if known is None or sum(day.seconds.values()) > sum(known.seconds.values()):
            best[day.on] = day
    return tuple(best[on] for on in sorted(best))


def window(days: tuple[UptimeDay, ...], until: date, count: int = DAYS) -> tuple[UptimeDay, ...]:
    """Exactly `count` days ending with `until`; days without any seconds are empty (no data)."""
    known = {day.on: day for day in days}
    first = until - timedelta(days=count - 1)
    dates = (first + timedelta(days=n) for n in range(count))
    return tuple(known.get(on) or UptimeDay(on, {}) for on in dates)


def share(days: Iterable[UptimeDay], method: UptimeMethod = METHOD) -> UptimeShare:
    """Uptime over some days. Time without data is left out of the sum."""
    return weighed(totals(days), method).rounded()


def totals(days: Iterable[UptimeDay]) -> dict[Condition, int]:
    """Seconds of each condition over some days."""
    total: dict[Condition, int] = {}
    for day in days:
        for condition, seconds in day.seconds.items():
            total[condition] = total.get(condition, 0) + seconds
    return total


def weighed(seconds: Mapping[Condition, int], method: UptimeMethod = METHOD) -> UptimeTotals:
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


def spread(start: datetime, end: datetime) -> Iterator[tuple[date, int]]:
    """The seconds between two moments, day by day."""
    while start < end:
        midnight = datetime.combine(start.date() + timedelta(days=1), datetime.min.time(), UTC)
        stop = min(midnight, end)
        yield start.date(), int((stop - start).total_seconds())
        start = stop


def _moved(
    days: tuple[UptimeDay, ...], entries: list[tuple[Condition, datetime, datetime, int]]
) -> tuple[UptimeDay, ...]:
    book: dict[date, Mapping[Condition, int]] = {day.on: day.seconds for day in days}
    for condition, start, end, sign in entries:
        for on, seconds in spread(start, end):
            before = dict(book.get(on, {}))
            before[condition] = before.get(condition, 0) + sign * seconds
            book[on] = {c: n for c, n in before.items() if n}
    return tuple(UptimeDay(on, book[on]) for on in sorted(book) if book[on])
