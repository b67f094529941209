"""Observations, days, incidents, planned work and overrides as rows, on SQLite and PostgreSQL.

Every write may be repeated without harm: observations are keyed by probe and time, days hold
absolute seconds. Raises DatabaseAway, nothing else, when the database cannot be used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import Connection, Row, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from accounts.model import AuditEntry
from accounts.store import write_audit
from clock import Clock
from db.engine import Database
from db.tables import status as t
from jobs.model import Job
from jobs.queue import enqueue
from status.compose import CLOSED, HISTORY, Words
from status.model import (
    Condition,
    Day,
    Grade,
    Impact,
    Incident,
    IncidentState,
    Maintenance,
    Observation,
    Override,
    Signal,
    Transition,
    Update,
)

PUBLISH = "status.publish"  # the kind of the job that asks for a publication; its payload is {}
KEEP = timedelta(days=30)  # raw rows; their days stay
_CONDITIONS = tuple(c.value for c in Condition)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one flush writes: raw rows, the days they belong to, and what changed."""

    observations: tuple[Observation, ...] = ()
    days: Mapping[str, tuple[Day, ...]] = field(default_factory=dict)
    transitions: tuple[Transition, ...] = ()


class StatusStore:
    """All rows of status/. `wake` tells the engine that a job is waiting."""

    def __init__(self, db: Database, clock: Clock, wake: Callable[[], None] = lambda: None) -> None:
        self._db = db
        self._clock = clock
        self._wake = wake

    # ------------------------------------------------------------------ the series

    def write(self, batch: Batch) -> None:
        """Raw rows and their days in one transaction."""
        rows = [_observed(o) for o in batch.observations]
        days = [_day(c, d) for c, found in batch.days.items() for d in found]
        moved = [_moved(x) for x in batch.transitions]
        with self._db.write() as conn:
            _upsert(conn, t.observations, rows, overwrite=False)
            _upsert(conn, t.days, days, overwrite=True)
            _upsert(conn, t.transitions, moved, overwrite=True)

    def days(self, since: date) -> dict[str, tuple[Day, ...]]:
        """Component → its days from `since` on, ascending."""
        query = select(t.days).where(t.days.c.day >= since).order_by(t.days.c.day)
        found: dict[str, list[Day]] = {}
        with self._db.read() as conn:
            for row in conn.execute(query).mappings():
                seconds = {Condition(c): row[c] for c in _CONDITIONS if row[c]}
                found.setdefault(row["component"], []).append(Day(row["day"], seconds))
        return {component: tuple(list_) for component, list_ in found.items()}

    def observations(
        self, probe: str, *, limit: int = 50, failed: bool = False
    ) -> tuple[Observation, ...]:
        """The newest observations of a probe, newest first; only those that were not good."""
        query = select(t.observations).where(t.observations.c.probe == probe)
        if failed:
            query = query.where(t.observations.c.grade != Grade.UP.value)
        query = query.order_by(t.observations.c.at.desc()).limit(limit)
        with self._db.read() as conn:
            return tuple(_observation(row) for row in conn.execute(query))

    def transitions(self, component: str, limit: int = 20) -> tuple[Transition, ...]:
        """What a component went through, newest first."""
        query = (
            select(t.transitions)
            .where(t.transitions.c.component == component)
            .order_by(t.transitions.c.since.desc())
            .limit(limit)
        )
        with self._db.read() as conn:
            return tuple(
                Transition(r.component, Condition(r.before), Condition(r.after), r.since, r.reason)
                for r in conn.execute(query)
            )

    def prune(self, probe: str, before: datetime) -> int:
        """Drop a probe's raw rows older than a moment; their days stay for years."""
        with self._db.write() as conn:
            gone = conn.execute(
                delete(t.observations).where(
                    t.observations.c.probe == probe, t.observations.c.at < before
                )
            )
            return gone.rowcount

    def tidy(self, probes: Iterable[str], keep: timedelta = KEEP) -> int:
        """Drop the raw rows of all these probes that are older than `keep`."""
        before = self._clock.now() - keep
        return sum(self.prune(probe, before) for probe in probes)

    # ------------------------------------------------------------------ what people said

    def words(self, at: datetime | None = None) -> Words:
        """Everything that publishing needs: open and recent incidents, planned work, overrides."""
        now = at or self._clock.now()
        with self._db.read() as conn:
            return Words(
                _incidents(conn, now - HISTORY),
                tuple(
                    _maintenance(r)
                    for r in conn.execute(
                        select(t.maintenances)
                        .where(t.maintenances.c.ends_at > now - HISTORY)
                        .order_by(t.maintenances.c.starts_at.desc())
                    )
                ),
                tuple(
                    _override(r)
                    for r in conn.execute(select(t.overrides).where(t.overrides.c.until > now))
                ),
            )

    def incident(self, id: str) -> Incident | None:
        """One incident, however old."""
        with self._db.read() as conn:
            row = conn.execute(select(t.incidents).where(t.incidents.c.id == id)).first()
            return None if row is None else _incident(row, _updates(conn, [id]).get(id, ()))

    def maintenance(self, id: str) -> Maintenance | None:
        """One piece of planned work."""
        with self._db.read() as conn:
            row = conn.execute(select(t.maintenances).where(t.maintenances.c.id == id)).first()
            return None if row is None else _maintenance(row)

    def add_incident(self, incident: Incident, audit: AuditEntry) -> None:
        """A new incident with its first update, its audit row and the wish to publish it."""
        with self._db.write() as conn:
            conn.execute(insert(t.incidents).values(**_incident_row(incident), id=incident.id))
            for entry in incident.updates:
                conn.execute(insert(t.updates).values(**_update_row(incident.id, entry)))
            self._publish(conn, audit, f"incident:{incident.id}")
        self._wake()

    def add_update(self, incident: Incident, entry: Update, audit: AuditEntry) -> None:
        """The incident as it now stands, with one more update."""
        with self._db.write() as conn:
            conn.execute(
                update(t.incidents)
                .where(t.incidents.c.id == incident.id)
                .values(**_incident_row(incident))
            )
            conn.execute(insert(t.updates).values(**_update_row(incident.id, entry)))
            self._publish(conn, audit, f"update:{entry.id}")
        self._wake()

    def approve(self, incident: str, audit: AuditEntry) -> bool:
        """Publish a draft. False when it was none (any more)."""
        with self._db.write() as conn:
            done = conn.execute(
                update(t.incidents)
                .where(t.incidents.c.id == incident, t.incidents.c.draft.is_(True))
                .values(draft=False)
            )
            if done.rowcount != 1:
                return False
            self._publish(conn, audit, f"approve:{incident}")
        self._wake()
        return True

    def save_maintenance(self, work: Maintenance, audit: AuditEntry) -> None:
        """New or changed planned work."""
        with self._db.write() as conn:
            _upsert(conn, t.maintenances, [_work_row(work)], overwrite=True)
            self._publish(conn, audit, f"work:{work.id}:{work.sequence}")
        self._wake()

    def save_override(self, override: Override, audit: AuditEntry) -> None:
        """An operator's word on a component; one that has ended takes it back."""
        with self._db.write() as conn:
            row = msgspec.to_builtins(override, builtin_types=(datetime,))
            _upsert(conn, t.overrides, [row], overwrite=True)
            self._publish(
                conn, audit, f"override:{override.component}:{override.until.timestamp()}"
            )
        self._wake()

    def _publish(self, conn: Connection, audit: AuditEntry, key: str) -> None:
        write_audit(conn, audit)
        enqueue(conn, Job(PUBLISH, "{}", f"{key}:{audit.at.timestamp()}", self._clock.now()))


def _upsert(
    conn: Connection, table: Table, rows: list[dict[str, object]], *, overwrite: bool
) -> None:
    if not rows:
        return
    make = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    statement = make(table)
    keys = [c.name for c in table.primary_key.columns]
    if overwrite:
        others = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
        conn.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), rows)
    else:
        conn.execute(statement.on_conflict_do_nothing(), rows)


def _observed(o: Observation) -> dict[str, object]:
    return {
        "probe": o.probe,
        "at": o.at,
        "vantage": o.vantage,
        "elapsed_us": o.elapsed // timedelta(microseconds=1),
        "grade": o.signal.grade.value,
        "reliable": o.reliable,
        "reason": _storable(o.signal.reason),
        "fact": o.fact.replace("\0", " "),
    }


def _storable(text: str) -> str:
    """What a server said may hold characters that no database takes."""
    return text[:500].replace("\0", " ").encode("utf-8", "replace").decode()


def _observation(row: Row[tuple[object, ...]]) -> Observation:
    return Observation(
        probe=row.probe,
        at=row.at,
        elapsed=timedelta(microseconds=row.elapsed_us),
        signal=Signal(Grade(row.grade), row.reason),
        reliable=row.reliable,
        vantage=row.vantage,
        fact=row.fact,
    )


def _day(component: str, day: Day) -> dict[str, object]:
    seconds = {c.value: day.seconds.get(c, 0) for c in Condition}
    return {"component": component, "day": day.on, **seconds}


def _moved(x: Transition) -> dict[str, object]:
    return {
        "component": x.component,
        "since": x.since,
        "before": x.before.value,
        "after": x.after.value,
        "reason": _storable(x.reason),
    }


def _incidents(conn: Connection, since: datetime) -> tuple[Incident, ...]:
    closed = t.incidents.c.state.in_([s.value for s in CLOSED])
    rows = conn.execute(
        select(t.incidents)
        .where(~closed | (t.incidents.c.resolved_at > since))
        .order_by(t.incidents.c.started_at.desc())
        .limit(500)
    ).all()
    said = _updates(conn, [r.id for r in rows])
    return tuple(_incident(r, said.get(r.id, ())) for r in rows)


def _updates(conn: Connection, ids: Iterable[str]) -> dict[str, tuple[Update, ...]]:
    rows = conn.execute(
        select(t.updates).where(t.updates.c.incident.in_(list(ids))).order_by(t.updates.c.at.desc())
    )
    found: dict[str, list[Update]] = {}
    for r in rows:
        told = {c: Condition(v) for c, v in r.components.items()}
        found.setdefault(r.incident, []).append(Update(r.id, r.state, r.at, r.text, told))
    return {incident: tuple(list_) for incident, list_ in found.items()}


def _incident(row: Row[tuple[object, ...]], updates: tuple[Update, ...]) -> Incident:
    return Incident(
        id=row.id,
        title=row.title,
        state=IncidentState(row.state),
        impact=Impact(row.impact),
        started_at=row.started_at,
        updates=updates,
        components=tuple(row.components),
        resolved_at=row.resolved_at,
        draft=row.draft,
    )


def _incident_row(incident: Incident) -> dict[str, object]:
    return {
        "title": dict(incident.title),
        "state": incident.state.value,
        "impact": incident.impact.value,
        "started_at": incident.started_at,
        "resolved_at": incident.resolved_at,
        "components": list(incident.components),
        "draft": incident.draft,
    }


def _update_row(incident: str, entry: Update) -> dict[str, object]:
    return {
        "id": entry.id,
        "incident": incident,
        "state": str(entry.state),
        "at": entry.at,
        "text": dict(entry.text),
        "components": {c: v.value for c, v in entry.components.items()},
    }


def _maintenance(row: Row[tuple[object, ...]]) -> Maintenance:
    return Maintenance(
        id=row.id,
        title=row.title,
        text=row.text,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        components=tuple(row.components),
        created_at=row.created_at,
        cancelled=row.cancelled,
        sequence=row.sequence,
    )


def _work_row(work: Maintenance) -> dict[str, object]:
    return {
        "id": work.id,
        "title": dict(work.title),
        "text": dict(work.text),
        "starts_at": work.starts_at,
        "ends_at": work.ends_at,
        "components": list(work.components),
        "created_at": work.created_at,
        "cancelled": work.cancelled,
        "sequence": work.sequence,
    }


def _override(row: Row[tuple[object, ...]]) -> Override:
    return Override(row.component, Condition(row.condition), row.until, row.by, row.reason)
