"""Roll-ups of observations: five minutes, an hour, a day. Raises DatabaseAway.

Five minutes and hours also say how the times of good looks were spread (distribution.py).

A roll-up is counted anew from what is below it and overwritten, so counting twice does no harm.
What is forgotten below has been counted above before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Update,
    case,
    cast,
    delete,
    extract,
    func,
    select,
    update,
)

from clock import Clock
from db.engine import Database, repeat_on_conflict
from db.tables.status import observations as raw
from db.tables.status_probing import rollups as t
from db.upsert import upsert
from status.timeseries import distribution

FIVE, HOUR, DAY = 300, 3600, 86400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RECOUNT = timedelta(hours=2)  # looks of vantages and of a database that was away come late
LAG = timedelta(minutes=90)  # counting takes place once an hour, one probe after the other
TIMES_KEPT = timedelta(days=92)  # how long hours keep how their times were spread
BATCH = timedelta(days=2)  # how much is counted in one transaction
_GOOD = raw.c.reliable & raw.c.grade.in_(("up", "degraded"))


@dataclass(frozen=True, slots=True)
class RetentionPeriods:
    """How long each is kept."""

    raw: timedelta = timedelta(days=14)
    five_minutes: timedelta = timedelta(days=90)
    hours: timedelta = timedelta(days=3 * 365)
    days: timedelta = timedelta(days=20 * 365)

    def of(self, span: int) -> timedelta:
        """How long roll-ups of a span are kept."""
        return {FIVE: self.five_minutes, HOUR: self.hours, DAY: self.days}[span]


@dataclass(frozen=True, slots=True)
class TimesRow:
    """What a roll-up says of times: good looks and failed ones, the quickest and the slowest good
    one in microseconds, and how many good ones took how long."""

    at: datetime
    answers: int
    failures: int
    fastest_us: int
    slowest_us: int
    times: distribution.Counts


class TimeseriesStore:
    """Roll-ups and forgetting."""

    def __init__(self, db: Database, clock: Clock, keep: RetentionPeriods | None = None) -> None:
        self._db = db
        self._clock = clock
        self._keep = keep or RetentionPeriods()

    def response_times(self, probe: str, span: int, since: datetime) -> Iterator[TimesRow]:
        """How long a probe's good looks took, by FIVE minutes or by the HOUR, oldest first."""
        query = (
            select(
                t.c.at, t.c.up + t.c.degraded, t.c.down, t.c.fastest_us, t.c.slowest_us, t.c.times
            )
            .where(t.c.probe == probe, t.c.span == span, t.c.at >= since)
            .order_by(t.c.at)
        )
        with self._db.read() as conn:
            rows = conn.execute(query).all()
        for at, answers, failures, fastest, slowest, times in rows:
            counts = distribution.decode(times or "")
            yield TimesRow(at, answers, failures, fastest, slowest, counts)

    def counted_until(self, probes: Iterable[str]) -> datetime | None:
        """Up to when all of these probes are counted, but for those that fell silent; None when
        there is nothing, or the count is of a version that kept no times."""
        ends: list[datetime] = []
        with self._db.read() as conn:
            for probe in probes:
                newest = conn.execute(_newest(probe)).first()
                if newest is not None and newest.times is not None:
                    ends.append(newest.at + timedelta(seconds=FIVE))
        return min((end for end in ends if max(ends) - end <= LAG), default=None)

    def roll_up_and_prune(self, probes: Iterable[str]) -> int:
        """Count what has come since the last time, then forget what is old, also of probes that
        were taken out of the configuration; rows forgotten."""
        dropped = 0
        for probe in sorted({*probes, *self._stored_probes()}):
            self.roll_up(probe)
            dropped += self._prune(probe)
        return dropped

    def _stored_probes(self) -> frozenset[str]:
        """Every probe that has rows; one step into the index for each, however many rows."""
        names: set[str] = set()
        with self._db.read() as conn:
            for column in (raw.c.probe, t.c.probe):
                name = conn.execute(select(func.min(column))).scalar()
                while name is not None:
                    names.add(name)
                    name = conn.execute(select(func.min(column)).where(column > name)).scalar()
        return frozenset(names)

    def roll_up(self, probe: str) -> None:
        """Bring a probe's roll-ups up to now."""
        now = self._clock.now()
        since = self._roll_up_start(probe, now)
        while since < now:
            until = min(since + BATCH, now)
            with self._db.write() as conn:
                for span in (FIVE, HOUR, DAY):
                    first = _floor(since, span)
                    rows = _roll_up_raw(conn, probe, first, until) if span == FIVE else None
                    below = FIVE if span == HOUR else HOUR
                    rollups = (
                        rows if rows is not None else _roll_up_from(conn, probe, below, span, first)
                    )
                    upsert(conn, t, rollups, overwrite=True)
            since = self._next_observed(probe, until) if until < now else now

    def _roll_up_start(self, probe: str, now: datetime) -> datetime:
        """From where counting goes on: a little before the last count, or the first raw row, also
        when the last count is of a version that kept no times."""
        with self._db.read() as conn:
            newest = conn.execute(_newest(probe)).first()
            first: datetime | None = conn.execute(
                select(func.min(raw.c.at)).where(raw.c.probe == probe)
            ).scalar()
        if first is None:
            return now
        if newest is None:
            return first
        if newest.times is None:  # of the first five minutes a part is forgotten already
            return _floor(first, FIVE) + timedelta(seconds=FIVE)
        last: datetime = newest.at
        return max(first, last - RECOUNT)

    def _next_observed(self, probe: str, at: datetime) -> datetime:
        """The moment of the first raw row from then on; now when there is none. A probe may have
        been silent for years, which would be thousands of empty batches."""
        with self._db.read() as conn:
            first: datetime | None = conn.execute(
                select(func.min(raw.c.at)).where(raw.c.probe == probe, raw.c.at >= at)
            ).scalar()
        return self._clock.now() if first is None else first

    @repeat_on_conflict
    def _prune(self, probe: str) -> int:
        now = self._clock.now()
        with self._db.write() as conn:
            dropped = conn.execute(
                delete(raw).where(raw.c.probe == probe, raw.c.at < now - self._keep.raw)
            ).rowcount
            for span in (FIVE, HOUR, DAY):
                before = now - self._keep.of(span)
                dropped += conn.execute(
                    delete(t).where(t.c.probe == probe, t.c.span == span, t.c.at < before)
                ).rowcount
            conn.execute(_forget_times(probe, now - TIMES_KEPT))
        return dropped


def _forget_times(probe: str, before: datetime) -> Update:
    """Hours whose times no chart needs any more; of a few days, so that few rows are looked at."""
    return (
        update(t)
        .where(t.c.probe == probe, t.c.span == HOUR, t.c.times.is_not(None))
        .where(t.c.at >= before - timedelta(days=4), t.c.at < before)
        .values(times=None)
    )


def _newest(probe: str) -> Select[tuple[datetime, str | None]]:
    """When the newest five minutes of a probe began, and how their times were spread."""
    return (
        select(t.c.at, t.c.times)
        .where(t.c.probe == probe, t.c.span == FIVE)
        .order_by(t.c.at.desc())
        .limit(1)
    )


def _floor(at: datetime, span: int) -> datetime:
    seconds = int((at - EPOCH).total_seconds())
    return EPOCH + timedelta(seconds=seconds - seconds % span)


def _bucket(conn: Connection, column: ColumnElement[datetime], span: int) -> ColumnElement[int]:
    """The number of the span a moment lies in."""
    if conn.dialect.name == "postgresql":
        return cast(func.floor(extract("epoch", column) / span), BigInteger)
    return cast(column, BigInteger).op("/")(span * 1_000_000)


def _count_of_grade(grade: str) -> ColumnElement[int]:
    counted = raw.c.reliable & (raw.c.grade == grade)
    return func.sum(cast(case((counted, 1), else_=0), Integer)).label(grade)


def _roll_up_raw(
    conn: Connection, probe: str, since: datetime, until: datetime
) -> list[dict[str, object]]:
    """Five minutes each, from raw rows. What was not reliable is unknown."""
    bucket = _bucket(conn, raw.c.at, FIVE).label("bucket")
    took = case((_GOOD, raw.c.elapsed_us))
    times = _spread_of_raw(conn, probe, since, until)
    query = (
        select(
            bucket,
            func.count().label("looks"),
            _count_of_grade("up"),
            _count_of_grade("degraded"),
            _count_of_grade("down"),
            func.min(took).label("fastest_us"),
            func.max(took).label("slowest_us"),
            func.sum(took).label("total_us"),
        )
        .where(raw.c.probe == probe, raw.c.at >= since, raw.c.at < until)
        .group_by(bucket)
    )
    return [
        {
            "probe": probe,
            "span": FIVE,
            "at": EPOCH + timedelta(seconds=int(r.bucket) * FIVE),
            "up": int(r.up),
            "degraded": int(r.degraded),
            "down": int(r.down),
            "unknown": r.looks - int(r.up) - int(r.degraded) - int(r.down),
            "fastest_us": int(r.fastest_us or 0),
            "slowest_us": int(r.slowest_us or 0),
            "total_us": int(r.total_us or 0),
            "times": times.get(int(r.bucket), ""),
        }
        for r in conn.execute(query)
    ]


def _spread_of_raw(
    conn: Connection, probe: str, since: datetime, until: datetime
) -> dict[int, str]:
    """Five minutes, by their number → how the times of their good looks were spread."""
    bucket = _bucket(conn, raw.c.at, FIVE).label("bucket")
    query = select(bucket, raw.c.elapsed_us).where(
        raw.c.probe == probe, raw.c.at >= since, raw.c.at < until, _GOOD
    )
    times: dict[int, list[int]] = {}
    for number, took in conn.execute(query):
        times.setdefault(int(number), []).append(took)
    return {n: distribution.encode(distribution.count(each)) for n, each in times.items()}


def _spread_from(
    conn: Connection, probe: str, below: int, span: int, since: datetime
) -> dict[int, str]:
    """The same of a longer span, from the shorter one below it."""
    bucket = _bucket(conn, t.c.at, span).label("bucket")
    query = select(bucket, t.c.times).where(
        t.c.probe == probe, t.c.span == below, t.c.at >= since, t.c.times != ""
    )
    counts: dict[int, distribution.Counts] = {}
    for number, times in conn.execute(query):
        distribution.add(counts.setdefault(int(number), {}), distribution.decode(times))
    return {number: distribution.encode(each) for number, each in counts.items()}


def _roll_up_from(
    conn: Connection, probe: str, below: int, span: int, since: datetime
) -> list[dict[str, object]]:
    """A longer span from the shorter one below it."""
    bucket = _bucket(conn, t.c.at, span).label("bucket")
    good = (t.c.up + t.c.degraded) > 0
    sums = [func.sum(t.c[name]).label(name) for name in _COUNTS]
    times = _spread_from(conn, probe, below, span, since) if span == HOUR else {}
    query = (
        select(
            bucket,
            *sums,
            func.min(case((good, t.c.fastest_us))).label("fastest_us"),
            func.max(t.c.slowest_us).label("slowest_us"),
        )
        .where(t.c.probe == probe, t.c.span == below, t.c.at >= since)
        .group_by(bucket)
    )
    return [
        {
            "probe": probe,
            "span": span,
            "at": EPOCH + timedelta(seconds=int(r.bucket) * span),
            **{name: int(getattr(r, name)) for name in _COUNTS},
            "fastest_us": int(r.fastest_us or 0),
            "slowest_us": int(r.slowest_us),
            "times": times.get(int(r.bucket), "") if span == HOUR else None,
        }
        for r in conn.execute(query)
    ]


_COUNTS = ("up", "degraded", "down", "unknown", "total_us")
