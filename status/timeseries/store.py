"""Roll-ups of observations: five minutes, an hour, a day. Raises DatabaseAway.

A roll-up is counted anew from what is below it and overwritten, so counting twice does no harm.
What is forgotten below has been counted above before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    case,
    cast,
    delete,
    extract,
    func,
    select,
)

from clock import Clock
from db.engine import Database
from db.tables.status import observations as raw
from db.tables.status_probing import rollups as t
from db.upsert import upsert

FIVE, HOUR, DAY = 300, 3600, 86400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AGAIN = timedelta(hours=2)  # looks of vantages and of a database that was away come late
BATCH = timedelta(days=2)  # how much is counted in one transaction


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
class Rollup:
    """What a probe saw within a span: looks by grade, and how long the good ones took."""

    at: datetime
    span: timedelta
    up: int
    degraded: int
    down: int
    unknown: int
    fastest: timedelta
    slowest: timedelta
    mean: timedelta

    @property
    def looks(self) -> int:
        """All of them."""
        return self.up + self.degraded + self.down + self.unknown


class TimeseriesStore:
    """Roll-ups and forgetting."""

    def __init__(self, db: Database, clock: Clock, keep: RetentionPeriods | None = None) -> None:
        self._db = db
        self._clock = clock
        self._keep = keep or RetentionPeriods()

    def rollups(self, probe: str, span: int, since: datetime) -> tuple[Rollup, ...]:
        """A probe's roll-ups of a span (FIVE, HOUR, DAY) from a moment on, oldest first."""
        query = (
            select(t).where(t.c.probe == probe, t.c.span == span, t.c.at >= since).order_by(t.c.at)
        )
        with self._db.read() as conn:
            rows = conn.execute(query).all()
        return tuple(
            Rollup(
                r.at, timedelta(seconds=span), r.up, r.degraded, r.down, r.unknown,
                timedelta(microseconds=r.fastest_us), timedelta(microseconds=r.slowest_us),
                timedelta(microseconds=r.total_us // max(1, r.up + r.degraded)),
            )
            for r in rows
        )  # fmt: skip

    def hourly(self, since: datetime) -> dict[str, dict[datetime, tuple[int, int]]]:
        """Probe → hour → microseconds of all good answers, and how many there were."""
        query = select(t.c.probe, t.c.at, t.c.total_us, t.c.up, t.c.degraded).where(
            t.c.span == HOUR, t.c.at >= since
        )
        found: dict[str, dict[datetime, tuple[int, int]]] = {}
        with self._db.read() as conn:
            for r in conn.execute(query):
                found.setdefault(r.probe, {})[r.at] = (r.total_us, r.up + r.degraded)
        return found

    def tidy(self, probes: Iterable[str]) -> int:
        """Count what has come since the last time, then forget what is old; rows forgotten."""
        gone = 0
        for probe in probes:
            self.count(probe)
            gone += self._forget(probe)
        return gone

    def count(self, probe: str) -> None:
        """Bring a probe's roll-ups up to now."""
        now = self._clock.now()
        since = self._counted(probe, now)
        while since < now:
            until = min(since + BATCH, now)
            with self._db.write() as conn:
                for span in (FIVE, HOUR, DAY):
                    first = _floor(since, span)
                    rows = _raw(conn, probe, first, until) if span == FIVE else None
                    below = FIVE if span == HOUR else HOUR
                    found = rows if rows is not None else _from(conn, probe, below, span, first)
                    upsert(conn, t, found, overwrite=True)
            since = until

    def _counted(self, probe: str, now: datetime) -> datetime:
        """From where counting goes on: a little before the last count, or the first raw row."""
        with self._db.read() as conn:
            last: datetime | None = conn.execute(
                select(func.max(t.c.at)).where(t.c.probe == probe, t.c.span == FIVE)
            ).scalar()
            first: datetime | None = conn.execute(
                select(func.min(raw.c.at)).where(raw.c.probe == probe)
            ).scalar()
        if first is None:
            return now
        return first if last is None else max(first, last - AGAIN)

    def _forget(self, probe: str) -> int:
        now = self._clock.now()
        with self._db.write() as conn:
            gone = conn.execute(
                delete(raw).where(raw.c.probe == probe, raw.c.at < now - self._keep.raw)
            ).rowcount
            for span in (FIVE, HOUR, DAY):
                old = now - self._keep.of(span)
                gone += conn.execute(
                    delete(t).where(t.c.probe == probe, t.c.span == span, t.c.at < old)
                ).rowcount
        return gone


def _floor(at: datetime, span: int) -> datetime:
    seconds = int((at - EPOCH).total_seconds())
    return EPOCH + timedelta(seconds=seconds - seconds % span)


def _bucket(conn: Connection, column: ColumnElement[datetime], span: int) -> ColumnElement[int]:
    """The number of the span a moment lies in."""
    if conn.dialect.name == "postgresql":
        return cast(func.floor(extract("epoch", column) / span), BigInteger)
    return cast(column, BigInteger).op("/")(span * 1_000_000)


def _graded(grade: str) -> ColumnElement[int]:
    counted = raw.c.reliable & (raw.c.grade == grade)
    return func.sum(cast(case((counted, 1), else_=0), Integer)).label(grade)


def _raw(conn: Connection, probe: str, since: datetime, until: datetime) -> list[dict[str, object]]:
    """Five minutes each, from raw rows. What was not reliable is unknown."""
    bucket = _bucket(conn, raw.c.at, FIVE).label("bucket")
    good = raw.c.reliable & raw.c.grade.in_(("up", "degraded"))
    took = case((good, raw.c.elapsed_us))
    query = (
        select(
            bucket,
            func.count().label("looks"),
            _graded("up"),
            _graded("degraded"),
            _graded("down"),
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
        }
        for r in conn.execute(query)
    ]


def _from(
    conn: Connection, probe: str, below: int, span: int, since: datetime
) -> list[dict[str, object]]:
    """A longer span from the shorter one below it."""
    bucket = _bucket(conn, t.c.at, span).label("bucket")
    good = (t.c.up + t.c.degraded) > 0
    sums = [func.sum(t.c[name]).label(name) for name in _COUNTS]
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
        }
        for r in conn.execute(query)
    ]


_COUNTS = ("up", "degraded", "down", "unknown", "total_us")
