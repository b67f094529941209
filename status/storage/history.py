"""Stores the imported history of another status page: all of it or nothing, and once.

Nobody is written to: no word of it goes to other rooms. What is there already stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from accounts.audit_log.store import write_audit
from accounts.model import AuditEntry
from clock import Clock
from db.engine import Database, repeat_on_conflict
from db.tables import status as t
from db.upsert import upsert
from jobs.model import Job
from jobs.queue import JobSender
from status.model import Incident, KnownComponent, Maintenance, UptimeDay
from status.storage.incident_store import PUBLISH
from status.storage.rows import INCIDENTS, KNOWN_COMPONENTS, MAINTENANCES, UPDATES
from status.storage.store import day_row

ACTION = "history.imported"


@dataclass(frozen=True, slots=True)
class PastStatements:
    """What is to be kept: statements, services that are configured no longer, and days of uptime
    by component, which never replace what was measured here."""

    incidents: tuple[Incident, ...] = ()
    maintenances: tuple[Maintenance, ...] = ()
    former: tuple[KnownComponent, ...] = ()
    days: Mapping[str, tuple[UptimeDay, ...]] | None = None


@dataclass(frozen=True, slots=True)
class HistoryCounts:
    """How much was new. `unlike` are ids that were there with fewer entries than come now."""

    incidents: int = 0
    updates: int = 0
    maintenances: int = 0
    days: int = 0
    unlike: tuple[str, ...] = ()

    @property
    def is_anything_new(self) -> bool:
        """Whether anything was, or would be, written."""
        return bool(self.incidents or self.maintenances or self.days)


class HistoryStore:
    """Raises DatabaseAway."""

    def __init__(self, db: Database, clock: Clock, jobs: JobSender) -> None:
        self._db = db
        self._clock = clock
        self._jobs = jobs

    def compare(self, past: PastStatements) -> HistoryCounts:
        """What would be new; writes nothing."""
        with self._db.read() as conn:
            return _counts(past, _new(conn, past), conn)

    @repeat_on_conflict
    def write(self, past: PastStatements, by: str, source: str) -> HistoryCounts:
        """Keep what is new, in one transaction with one entry of the audit log."""
        with self._db.write() as conn:
            new = _new(conn, past)
            counts = _counts(past, new, conn)
            if not counts.is_anything_new:
                return counts
            incidents = [INCIDENTS.to_row(incident) for incident in new.incidents]
            upsert(conn, t.incidents, incidents, overwrite=False)
            upsert(conn, t.updates, _update_rows(new.incidents), overwrite=False)
            maintenances = [MAINTENANCES.to_row(maintenance) for maintenance in new.maintenances]
            upsert(conn, t.maintenances, maintenances, overwrite=False)
            former = [KNOWN_COMPONENTS.to_row(service) for service in new.former]
            upsert(conn, t.known_components, former, overwrite=False)
            _write_days(conn, new.days or {})
            now = self._clock.now()
            detail = {
                "incidents": str(counts.incidents),
                "updates": str(counts.updates),
                "maintenances": str(counts.maintenances),
                "days": str(counts.days),
            }
            write_audit(conn, AuditEntry(now, by, ACTION, f"history:{source}", detail))
            self._jobs.enqueue(conn, Job(PUBLISH, "{}", f"history:{now.timestamp()}", now))
        self._jobs.wake()
        return counts


def _update_rows(incidents: Iterable[Incident]) -> list[dict[str, object]]:
    return [UPDATES.to_row(u, incident=i.id) for i in incidents for u in i.updates]


def _new(conn: Connection, past: PastStatements) -> PastStatements:
    """Of all that, what is not there yet."""
    incident_ids = conn.execute(select(t.incidents.c.id)).scalars()
    maintenance_ids = conn.execute(select(t.maintenances.c.id)).scalars()
    ids = frozenset((*incident_ids, *maintenance_ids))  # what was to come may be an incident later
    return PastStatements(
        tuple(i for i in past.incidents if i.id not in ids),
        tuple(m for m in past.maintenances if m.id not in ids),
        past.former,
        _new_days(conn, past.days or {}),
    )


def _new_days(
    conn: Connection, days: Mapping[str, tuple[UptimeDay, ...]]
) -> Mapping[str, tuple[UptimeDay, ...]]:
    """The days before the first that is accounted for here, in months that are not frozen."""
    if not days:
        return {}
    query = select(t.days.c.component, func.min(t.days.c.day)).group_by(t.days.c.component)
    first_days: dict[str, date] = dict(map(tuple, conn.execute(query)))
    months = select(t.months.c.component, t.months.c.month)
    frozen = {(component, month) for component, month in conn.execute(months)}

    def is_new(component: str, day: date) -> bool:
        first = first_days.get(component)
        return (first is None or day < first) and (component, day.replace(day=1)) not in frozen

    return {c: tuple(d for d in listed if is_new(c, d.on)) for c, listed in days.items()}


def _write_days(conn: Connection, days: Mapping[str, tuple[UptimeDay, ...]]) -> None:
    rows = [
        {**day_row(component, day), "imported": True}
        for component, listed in days.items()
        for day in listed
    ]
    upsert(conn, t.days, rows, overwrite=False)


def _counts(past: PastStatements, new: PastStatements, conn: Connection) -> HistoryCounts:
    fresh = {i.id for i in new.incidents}
    incident_ids = frozenset(conn.execute(select(t.incidents.c.id)).scalars())
    old = [i for i in past.incidents if i.id not in fresh and i.id in incident_ids]
    return HistoryCounts(
        len(new.incidents),
        sum(len(i.updates) for i in new.incidents),
        len(new.maintenances),
        sum(len(listed) for listed in (new.days or {}).values()),
        tuple(_with_fewer_entries(conn, old)),
    )


def _with_fewer_entries(conn: Connection, incidents: Iterable[Incident]) -> Iterable[str]:
    """Those that have fewer entries here than in the source: it went on there."""
    query = select(t.updates.c.incident, func.count()).group_by(t.updates.c.incident)
    entries: dict[str, int] = dict(map(tuple, conn.execute(query)))
    return (i.id for i in incidents if entries.get(i.id, 0) < len(i.updates))
