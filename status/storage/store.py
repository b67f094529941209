"""Observations, days and transitions as rows, on SQLite and PostgreSQL.

Every write may be repeated without harm: observations are keyed by probe and time, days hold
absolute seconds. Raises DatabaseAway, nothing else, when the database cannot be used.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import Row, func, select, text

from db.engine import repeat_on_conflict
from db.row_mapper import RowMapper
from db.tables import status as t
from db.upsert import upsert
from jobs.model import Job
from jobs.queue import enqueue_all
from render.characters import printable
from status import events
from status.model import (
    Component,
    Condition,
    Grade,
    KnownComponent,
    Observation,
    Signal,
    Transition,
    UptimeDay,
)
from status.storage.incident_store import PUBLISH, IncidentRepository
from status.storage.known_components import read_known_components, write_known_components

__all__ = ("PUBLISH", "ObservationBatch", "StatusStore")
# SQLite would walk over a fortnight of successes rather than use the index of failures.
_FAILED = text(
    "SELECT * FROM status_observations INDEXED BY ix_status_observations_failed"
    " WHERE probe = :probe AND grade != 'up' ORDER BY at DESC LIMIT :limit"
).columns(*t.observations.c)
_CONDITIONS = tuple(c.value for c in Condition)
TRANSITIONS = RowMapper(Transition, t.transitions)
OBSERVATIONS = RowMapper(
    Observation,
    t.observations,
    columns={"elapsed": "elapsed_us"},
    elsewhere=("signal",),
    others=("grade", "reason"),
)


@dataclass(frozen=True, slots=True)
class ObservationBatch:
    """What one flush writes: raw rows, the days they belong to, and what changed."""

    observations: tuple[Observation, ...] = ()
    days: Mapping[str, tuple[UptimeDay, ...]] = field(default_factory=dict)
    transitions: tuple[Transition, ...] = ()


class StatusStore(IncidentRepository):
    """All rows of status/: observations here, incidents and maintenance in incident_store.py."""

    # ------------------------------------------------------------------ the series

    @repeat_on_conflict
    def write(self, batch: ObservationBatch) -> None:
        """Raw rows and their days in one transaction."""
        rows = [_observation_row(o) for o in batch.observations]
        days = [day_row(c, d) for c, component_days in batch.days.items() for d in component_days]
        transitions = [
            TRANSITIONS.to_row(replace(x, reason=_storable(x.reason))) for x in batch.transitions
        ]
        with self._db.write() as conn:
            upsert(conn, t.observations, rows, overwrite=False)
            upsert(conn, t.days, days, overwrite=True)
            upsert(conn, t.transitions, transitions, overwrite=True)
            for pending in events.component_change_jobs(batch.transitions, self._clock.now()):
                self._jobs.enqueue(conn, pending)

    def days(self, since: date) -> dict[str, tuple[UptimeDay, ...]]:
        """Component → its days from `since` on, ascending."""
        query = select(t.days).where(t.days.c.day >= since).order_by(t.days.c.day)
        by_component: dict[str, list[UptimeDay]] = {}
        with self._db.read() as conn:
            for row in conn.execute(query).mappings():
                seconds = {Condition(c): row[c] for c in _CONDITIONS if row[c]}
                by_component.setdefault(row["component"], []).append(UptimeDay(row["day"], seconds))
        return {component: tuple(list_) for component, list_ in by_component.items()}

    def imported_days(self, first: date, after: date) -> dict[str, int]:
        """Component → how many of its days another status page told, from `first` up to, not
        including, `after`."""
        query = (
            select(t.days.c.component, func.count())
            .where(t.days.c.imported, t.days.c.day >= first, t.days.c.day < after)
            .group_by(t.days.c.component)
        )
        with self._db.read() as conn:
            return dict(map(tuple, conn.execute(query)))

    def observations(
        self, probe: str, *, limit: int = 50, failed: bool = False
    ) -> tuple[Observation, ...]:
        """The newest observations of a probe, newest first; only those that were not good."""
        with self._db.read() as conn:
            if failed and conn.dialect.name == "sqlite":
                rows = conn.execute(_FAILED, {"probe": probe, "limit": limit})
                return tuple(_read_observation(row) for row in rows)
            query = select(t.observations).where(t.observations.c.probe == probe)
            if failed:
                query = query.where(text("grade != 'up'"))  # as its own index says it
            query = query.order_by(t.observations.c.at.desc()).limit(limit)
            return tuple(_read_observation(row) for row in conn.execute(query))

    def observations_since(
        self, probes: tuple[str, ...], at: datetime, limit: int = 50_000
    ) -> tuple[Observation, ...]:
        """All looks of some probes after a moment, oldest first; at most so many."""
        query = (
            select(t.observations)
            .where(t.observations.c.probe.in_(probes), t.observations.c.at > at)
            .order_by(t.observations.c.at)
            .limit(limit)
        )
        with self._db.read() as conn:
            return tuple(_read_observation(row) for row in conn.execute(query))

    def known_components(self) -> tuple[KnownComponent, ...]:
        """What components are and were called, the newest last."""
        with self._db.read() as conn:
            return read_known_components(conn)

    @repeat_on_conflict
    def remember_components(self, components: Iterable[Component]) -> None:
        """Write down what components are called, for when they are configured no longer."""
        with self._db.write() as conn:
            write_known_components(conn, components, self._clock.now())

    def transitions(self, component: str, limit: int = 20) -> tuple[Transition, ...]:
        """What a component went through, newest first."""
        query = (
            select(t.transitions)
            .where(t.transitions.c.component == component)
            .order_by(t.transitions.c.since.desc())
            .limit(limit)
        )
        with self._db.read() as conn:
            return TRANSITIONS.all(conn.execute(query))

    # ------------------------------------------------------------------ jobs

    def enqueue_all(self, jobs: Collection[Job]) -> int:
        """Put jobs in that nobody has put in yet; how many were new."""
        return enqueue_all(self._db, self._jobs, jobs)


def _observation_row(observation: Observation) -> dict[str, object]:
    storable = replace(observation, fact=observation.fact.replace("\0", " "))
    return OBSERVATIONS.to_row(
        storable, grade=observation.signal.grade.value, reason=_storable(observation.signal.reason)
    )


def _storable(text: str) -> str:
    """What a server said may hold characters that no database takes."""
    return printable(text[:500].replace("\0", " ").encode("utf-8", "replace").decode())


def _read_observation(row: Row[tuple[object, ...]]) -> Observation:
    return OBSERVATIONS.from_row(row, signal=Signal(Grade(row.grade), row.reason))


def day_row(component: str, day: UptimeDay) -> dict[str, object]:
    seconds = {c.value: day.seconds.get(c, 0) for c in Condition}
    return {"component": component, "day": day.on, **seconds}
