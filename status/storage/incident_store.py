"""Incidents, maintenance, overrides and announcements as rows, with the jobs that follow.

Every change is one transaction: the row, its audit entry, the wish to publish, the word to
other rooms. Raises DatabaseAway, nothing else, when the database cannot be used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    delete,
    insert,
    select,
    true,
    update,
)

from accounts.audit_log.store import write_audit
from accounts.model import AuditEntry
from clock import Clock
from db.engine import Database, repeat_on_conflict
from db.tables import status as t
from db.upsert import insert_once
from db.versions import StaleVersion, update_versioned
from jobs.model import Job
from jobs.queue import JobSender
from status.events import StatusChanged, event_job
from status.model import Announcement, Incident, Maintenance, Override, Update
from status.state import recurrence
from status.state.statements import (
    OVERRIDE_HISTORY,
    PUBLISHED_HISTORY,
    PublicStatements,
)
from status.storage.incident_queries import (
    current_announcements,
    incidents_lately,
    incidents_where,
    maintenances_lately,
    overrides_since,
    updates_of,
)
from status.storage.known_components import read_known_components
from status.storage.rows import ANNOUNCEMENTS, INCIDENTS, MAINTENANCES, OVERRIDES, UPDATES

PUBLISH = "status.publish"  # the kind of the job that asks for a publication; its payload is {}

_NEXT = t.incidents.c.version + 1


class IncidentRepository:
    """What was said, in rows."""

    def __init__(self, db: Database, clock: Clock, jobs: JobSender) -> None:
        self._db = db
        self._clock = clock
        self._jobs = jobs

    # ------------------------------------------------------------------ reading

    def statements(self, at: datetime | None = None) -> PublicStatements:
        """Everything that publishing needs: open and recent incidents, planned work as single
        occurrences, overrides, announcements. A row that cannot be read is left out."""
        now = at or self._clock.now()
        with self._db.read() as conn:
            return PublicStatements(
                incidents_lately(conn, now - PUBLISHED_HISTORY),
                recurrence.expand_occurrences(maintenances_lately(conn, now), now),
                overrides_since(conn, now - OVERRIDE_HISTORY),
                ANNOUNCEMENTS.readable(conn.execute(current_announcements(now))),
                read_known_components(conn),
            )

    def statements_between(self, first: datetime, after: datetime) -> PublicStatements:
        """Everything that was ever said of a span of time, however old; work as single
        occurrences. Raises UnreadableDocument: contracts are measured by it."""
        with self._db.read() as conn:
            maintenances = MAINTENANCES.all(conn.execute(select(t.maintenances)))
            overrides = OVERRIDES.all(conn.execute(select(t.overrides)))
            incidents = incidents_where(
                conn,
                t.incidents.c.started_at < after,
                t.incidents.c.resolved_at.is_(None) | (t.incidents.c.resolved_at > first),
                strict=True,
            )
        return PublicStatements(
            incidents, recurrence.expand_occurrences(maintenances, after), overrides
        )

    def incident(self, id: str) -> Incident | None:
        """One incident, however old."""
        with self._db.read() as conn:
            row = conn.execute(select(t.incidents).where(t.incidents.c.id == id)).first()
            if row is None:
                return None
            return INCIDENTS.from_row(row, updates=updates_of(conn, [id]).get(id, ()))

    def maintenance(self, id: str) -> Maintenance | None:
        """One piece of planned work as it was entered; recurring work with its rule."""
        with self._db.read() as conn:
            query = select(t.maintenances).where(t.maintenances.c.id == id)
            return MAINTENANCES.first(conn.execute(query))

    def announcement(self, id: str) -> Announcement | None:
        """One announcement, however old."""
        with self._db.read() as conn:
            query = select(t.announcements).where(t.announcements.c.id == id)
            return ANNOUNCEMENTS.first(conn.execute(query))

    def override(self, component: str) -> Override | None:
        """The last word of an operator on a component, also one that has ended."""
        query = (
            select(t.overrides)
            .where(t.overrides.c.component == component)
            .order_by(t.overrides.c.since.desc())
            .limit(1)
        )
        with self._db.read() as conn:
            return OVERRIDES.first(conn.execute(query))

    def maintenances(self) -> tuple[Maintenance, ...]:
        """Planned work as it was entered: recurring work once, with its rule."""
        with self._db.read() as conn:
            return maintenances_lately(conn, self._clock.now())

    # ------------------------------------------------------------------ incidents

    @repeat_on_conflict
    def add_incident(
        self, incident: Incident, audit: AuditEntry, changed: StatusChanged | None = None
    ) -> bool:
        """A new incident with its updates. False when probes tell one for this cause already."""
        with self._db.write() as conn:
            if not insert_once(conn, t.incidents, INCIDENTS.to_row(incident)):
                return False
            for entry in incident.updates:
                conn.execute(insert(t.updates).values(UPDATES.to_row(entry, incident=incident.id)))
            self._publish(conn, audit, f"incident:{incident.id}")
            self._enqueue_change(conn, changed)
        self._jobs.wake()
        return True

    @repeat_on_conflict
    def add_update(
        self,
        incident: Incident,
        entry: Update,
        audit: AuditEntry,
        changed: StatusChanged | None = None,
    ) -> bool:
        """The incident as it now stands, with one more update. False when it is there already.

        Raises StaleVersion when it has changed since it was read.
        """
        with self._db.write() as conn:
            if not insert_once(conn, t.updates, UPDATES.to_row(entry, incident=incident.id)):
                return False
            row = INCIDENTS.to_row(incident)
            update_versioned(conn, t.incidents, incident.id, incident.version, row)
            self._publish(conn, audit, f"update:{entry.id}")
            self._enqueue_change(conn, changed)
        self._jobs.wake()
        return True

    @repeat_on_conflict
    def continue_incident(
        self,
        before: Incident,
        after: Incident,
        entry: Update,
        audit: AuditEntry,
        changed: StatusChanged | None = None,
    ) -> bool:
        """One more entry by probes. False when somebody else has changed it meanwhile."""
        same = (
            t.incidents.c.id == before.id,
            t.incidents.c.cause == before.cause,
            t.incidents.c.state == before.state.value,
            t.incidents.c.draft.is_(before.draft),
            t.incidents.c.version == before.version,
        )
        row = INCIDENTS.to_row(replace(after, version=before.version + 1))
        with self._db.write() as conn:
            result = conn.execute(update(t.incidents).where(*same).values(row))
            if result.rowcount != 1:
                return False
            if not insert_once(conn, t.updates, UPDATES.to_row(entry, incident=before.id)):
                return False
            self._publish(conn, audit, f"update:{entry.id}")
            self._enqueue_change(conn, changed)
        self._jobs.wake()
        return True

    @repeat_on_conflict
    def correct_incident(self, incident: Incident, entry: Update | None, audit: AuditEntry) -> None:
        """Other words in an incident, or in one of its entries. Raises StaleVersion when it has
        changed since it was read."""
        with self._db.write() as conn:
            row = INCIDENTS.to_row(incident)
            update_versioned(conn, t.incidents, incident.id, incident.version, row)
            if entry is not None:
                row = UPDATES.to_row(entry, incident=incident.id)
                conn.execute(update(t.updates).where(t.updates.c.id == entry.id).values(row))
            self._publish(conn, audit, f"correction:{incident.id}")
        self._jobs.wake()

    @repeat_on_conflict
    def approve(
        self,
        incident: str,
        audit: AuditEntry,
        changed: StatusChanged | None = None,
        version: int | None = None,
    ) -> bool:
        """Publish a draft. False when it was none (any more), or is not of this version."""
        with self._db.write() as conn:
            result = conn.execute(
                update(t.incidents)
                .where(
                    t.incidents.c.id == incident,
                    t.incidents.c.draft.is_(True),
                    t.incidents.c.discarded.is_(False),
                    _is_of(version),
                )
                .values(draft=False, version=_NEXT)
            )
            if result.rowcount != 1:
                return False
            self._mark_as_told(conn, incident)
            self._publish(conn, audit, f"approve:{incident}")
            self._enqueue_change(conn, changed)
        self._jobs.wake()
        return True

    @repeat_on_conflict
    def discard(self, incident: Incident, audit: AuditEntry, version: int | None = None) -> bool:
        """Put a draft away. False when it was none (any more), or is not of this version."""
        with self._db.write() as conn:
            result = conn.execute(
                update(t.incidents)
                .where(
                    t.incidents.c.id == incident.id,
                    t.incidents.c.draft.is_(True),
                    t.incidents.c.discarded.is_(False),
                    _is_of(version),
                )
                .values(
                    discarded=True,
                    state=incident.state.value,
                    resolved_at=incident.resolved_at,
                    publish_at=None,
                    version=_NEXT,
                )
            )
            if result.rowcount != 1:
                return False
            self._publish(conn, audit, f"discard:{incident.id}")
        self._jobs.wake()
        return True

    @repeat_on_conflict
    def release(
        self,
        incident: str,
        until: datetime,
        audit: AuditEntry,
        changed: StatusChanged | None,
        version: int | None = None,
    ) -> bool:
        """Publish what was scheduled up to a moment. False when somebody did so already, or it is
        not of this version."""
        with self._db.write() as conn:
            result = conn.execute(
                update(t.incidents)
                .where(t.incidents.c.id == incident, t.incidents.c.publish_at <= until)
                .where(_is_of(version))
                .values(publish_at=None, version=_NEXT)
            )
            if result.rowcount != 1:
                return False
            self._mark_as_told(conn, incident)
            self._publish(conn, audit, f"release:{incident}")
            self._enqueue_change(conn, changed)
        self._jobs.wake()
        return True

    # ------------------------------------------------------------------ work, overrides, news

    @repeat_on_conflict
    def save_maintenance(
        self, maintenance: Maintenance, audit: AuditEntry, changed: StatusChanged | None = None
    ) -> None:
        """New or changed planned work. Raises StaleVersion when it has changed since it was read."""
        with self._db.write() as conn:
            row = MAINTENANCES.to_row(maintenance)
            _save(conn, t.maintenances, maintenance.id, maintenance.version, row)
            self._publish(conn, audit, f"work:{maintenance.id}:{maintenance.sequence}")
            self._enqueue_change(conn, changed)
        self._jobs.wake()

    @repeat_on_conflict
    def save_override(self, override: Override, last: Override | None, audit: AuditEntry) -> None:
        """An operator's word on a component, which ends the last one; one that has ended itself
        only takes that back. Raises StaleVersion when there is a newer one than `last`."""
        with self._db.write() as conn:
            _end_override(conn, last, override)
            if not insert_once(conn, t.overrides, OVERRIDES.to_row(override)):
                raise StaleVersion(f"there is a newer override of {override.component}")
            self._publish(
                conn, audit, f"override:{override.component}:{override.until.timestamp()}"
            )
        self._jobs.wake()

    @repeat_on_conflict
    def save_announcement(
        self, announcement: Announcement, audit: AuditEntry, changed: StatusChanged | None = None
    ) -> None:
        """A new or changed announcement. Raises StaleVersion when it has changed since it was read."""
        with self._db.write() as conn:
            row = ANNOUNCEMENTS.to_row(announcement)
            _save(conn, t.announcements, announcement.id, announcement.version, row)
            self._publish(conn, audit, f"news:{announcement.id}")
            self._enqueue_change(conn, changed)
        self._jobs.wake()

    def _mark_as_told(self, conn: Connection, incident: str) -> None:
        """Readers have had nothing of it before now."""
        values = {"told_at": self._clock.now()}
        conn.execute(update(t.updates).where(t.updates.c.incident == incident).values(**values))

    def _publish(self, conn: Connection, audit: AuditEntry, key: str) -> None:
        write_audit(conn, audit)
        self._jobs.enqueue(
            conn, Job(PUBLISH, "{}", f"{key}:{audit.at.timestamp()}", self._clock.now())
        )

    def _enqueue_change(self, conn: Connection, changed: StatusChanged | None) -> None:
        if changed is not None:
            key = f"{changed.what}:{changed.id}:{changed.update or changed.at.timestamp()}"
            self._jobs.enqueue(conn, event_job(changed, key, max(changed.at, self._clock.now())))


def _is_of(version: int | None) -> ColumnElement[bool]:
    return true() if version is None else t.incidents.c.version == version


def _save(
    conn: Connection, table: Table, key: str, version: int, row: Mapping[str, object]
) -> None:
    if not insert_once(conn, table, row):
        update_versioned(conn, table, key, version, row)


def _end_override(conn: Connection, last: Override | None, override: Override) -> None:
    """What was said of a component before holds no longer than to the beginning of this; what
    begins no earlier, in the same moment or by a clock that was set back since, never held."""
    of_component = t.overrides.c.component == override.component
    if last is None:
        is_newest = conn.execute(select(t.overrides.c.since).where(of_component)).first() is None
    else:  # of two writers at once the second waits here, and finds another version
        is_last = (t.overrides.c.since == last.since) & (t.overrides.c.version == last.version)
        changed = update(t.overrides).where(of_component, is_last)
        is_newest = conn.execute(changed.values(version=last.version + 1)).rowcount == 1
    if not is_newest:
        raise StaleVersion(f"there is a newer override of {override.component}")
    conn.execute(delete(t.overrides).where(of_component, t.overrides.c.since >= override.since))
    still_held = update(t.overrides).where(of_component, t.overrides.c.until > override.since)
    conn.execute(still_held.values(until=override.since))
