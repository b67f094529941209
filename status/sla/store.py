"""Frozen months as rows: written once, never changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from clock import Clock
from db.engine import Database, repeat_on_conflict
from db.row_mapper import DocumentColumn, RowMapper
from db.stored import Stored
from db.tables import status as t
from db.upsert import upsert
from status.model import Component
from status.sla.doubtful_months import DoubtfulMonth, contradictions
from status.sla.frozen_months import Month, due_months, next_month
from status.sla.report import Period, SlaReport, build_report
from status.state.operator_conditions import claims_by_component
from status.state.uptime import DEFAULT_METHOD, UptimeMethod, midnight
from status.storage.store import StatusStore

_BEGINNING = date(2000, 1, 1)
METHODS: Stored[UptimeMethod] = Stored("status.uptime_method", UptimeMethod)
# A month whose method cannot be read is counted by the usual one; /readyz tells of it.
MONTHS = RowMapper(
    Month, t.months, documents={"method": DocumentColumn(METHODS, lambda _: DEFAULT_METHOD)}
)


class SlaStore:
    """Months, and the report over them. Raises DatabaseAway."""

    def __init__(
        self,
        series: StatusStore,
        db: Database,
        clock: Clock,
        components: tuple[Component, ...],
        method: UptimeMethod = DEFAULT_METHOD,
    ) -> None:
        self._db = db
        self._clock = clock
        self._series = series
        self._components = components
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
        frozen = self.months(_BEGINNING, now.date())
        due = due_months(self._series.days(_BEGINNING), frozen, now, self.method)
        self._write(due)
        return len(due)

    def report(self, period: Period) -> SlaReport:
        """The report of a period, for all components that are configured."""
        days = self._series.days(period.first)
        frozen = self.months(period.first, period.after)
        return build_report(
            period,
            self._components,
            days,
            frozen,
            at=self._clock.now(),
            method=self.method,
            imported=self._series.imported_days(period.first, period.after),
        )

    def doubtful_months(self) -> tuple[DoubtfulMonth, ...]:
        """Frozen months that hold less than what was published in them."""
        now = self._clock.now()
        doubtful: list[DoubtfulMonth] = []
        frozen = self.months(_BEGINNING, now.date())
        for month in sorted({m.month for m in frozen}):
            first, after = midnight(month), midnight(next_month(month))
            statements = self._series.statements_between(first, after)
            claims = claims_by_component(self._components, statements, now)
            of_month = [m for m in frozen if m.month == month]
            doubtful += contradictions(self._components, of_month, claims)
        return tuple(doubtful)

    @repeat_on_conflict
    def _write(self, months: Collection[Month]) -> None:
        rows = [
            MONTHS.to_row(replace(m, seconds={c: n for c, n in m.seconds.items() if n}))
            for m in months
        ]
        with self._db.write() as conn:
            upsert(conn, t.months, rows, overwrite=False)
