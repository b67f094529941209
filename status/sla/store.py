"""Frozen months as rows: written once, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from clock import Clock
from db.engine import Database
from db.row_mapper import RowMapper
from db.tables import status as t
from db.upsert import upsert
from status.model import Component
from status.sla.report import Month, Period, SlaReport, due, report
from status.state.uptime import METHOD, UptimeMethod
from status.storage.store import StatusStore

_EVER = date(2000, 1, 1)
MONTHS = RowMapper(Month, t.months)


class SlaStore:
    """Months, and the report over them. Raises DatabaseAway."""

    def __init__(
        self,
        series: StatusStore,
        db: Database,
        clock: Clock,
        components: tuple[Component, ...],
        method: UptimeMethod = METHOD,
    ) -> None:
        self._db = db
        self._clock = clock
        self._series = series
        self._parts = components
        self.method = method

    def months(self, first: date, after: date) -> tuple[Month, ...]:
        """Frozen months from `first` up to, not including, `after`."""
        query = select(t.months).where(t.months.c.month >= first, t.months.c.month < after)
        with self._db.read() as conn:
            return MONTHS.all(conn.execute(query))

    def now(self) -> datetime:
        """The moment up to which a report reaches."""
        return self._clock.now()

    def freeze(self) -> int:
        """Write down every month that has ended and is not written yet; how many there were."""
        now = self._clock.now()
        known = self.months(_EVER, now.date())
        fresh = due(self._series.days(_EVER), known, now, self.method)
        self._write(fresh)
        return len(fresh)

    def report(self, over: Period) -> SlaReport:
        """The report of a period, for all components that are configured."""
        days = self._series.days(over.first)
        frozen = self.months(over.first, over.after)
        return report(over, self._parts, days, frozen, at=self._clock.now(), method=self.method)

    def _write(self, months: Iterable[Month]) -> None:
        rows = [
            MONTHS.to_row(replace(m, seconds={c: n for c, n in m.seconds.items() if n}))
            for m in months
        ]
        with self._db.write() as conn:
            upsert(conn, t.months, rows, overwrite=False)
