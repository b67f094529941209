"""Queries within a transaction: incidents with their updates, maintenance, overrides, announcements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from db.tables import status as t
from status.model import Incident, IncidentState, Maintenance, Override, Update
from status.state.statements import CLOSED, PUBLISHED_HISTORY
from status.storage.rows import INCIDENTS, MAINTENANCES, OVERRIDES, UPDATES

MAX_CLOSED = 500  # incidents; open ones are all handed over, for their time counts


def overrides_since(conn: Connection, since: datetime) -> tuple[Override, ...]:
    """Operators' words that held after a moment."""
    query = select(t.overrides).where(t.overrides.c.until > since)
    return OVERRIDES.all(conn.execute(query.order_by(t.overrides.c.since)))


def current_announcements(now: datetime) -> Select[Any]:
    """The query of what is shown or will be, newest first."""
    current = t.announcements.c.ends_at.is_(None) | (t.announcements.c.ends_at > now)
    query = select(t.announcements).where(current)
    return query.order_by(t.announcements.c.starts_at.desc()).limit(50)


def maintenances_lately(conn: Connection, now: datetime) -> tuple[Maintenance, ...]:
    """Planned work as it was entered, latest start first."""
    rows = conn.execute(
        select(t.maintenances)
        .where(
            (t.maintenances.c.ends_at > now - PUBLISHED_HISTORY) | (t.maintenances.c.rrule != "")
        )
        .order_by(t.maintenances.c.starts_at.desc())
        .limit(500)
    )
    return MAINTENANCES.readable(rows)


def incidents_lately(conn: Connection, since: datetime) -> tuple[Incident, ...]:
    """Incidents that are open or were until lately, latest start first."""
    is_open = t.incidents.c.state.in_([s.value for s in IncidentState if s not in CLOSED])
    is_recent = ~is_open & (t.incidents.c.resolved_at > since)
    incidents = incidents_where(conn, is_open) + incidents_where(conn, is_recent, limit=MAX_CLOSED)
    return tuple(sorted(incidents, key=lambda i: i.started_at, reverse=True))


def incidents_where(
    conn: Connection,
    *conditions: ColumnElement[bool],
    limit: int | None = None,
    strict: bool = False,
) -> tuple[Incident, ...]:
    """Incidents that meet conditions, latest start first; without those that cannot be read, for
    which `strict` raises UnreadableDocument."""
    query = select(t.incidents).where(*conditions).order_by(t.incidents.c.started_at.desc())
    rows = conn.execute(query.limit(limit)).all()
    updates = updates_of(conn, [r.id for r in rows], strict=strict)
    read = INCIDENTS.from_row if strict else INCIDENTS.from_row_or_none
    incidents = (read(r, updates=updates.get(r.id, ())) for r in rows)
    return tuple(incident for incident in incidents if incident is not None)


def updates_of(
    conn: Connection, ids: Iterable[str], *, strict: bool = False
) -> dict[str, tuple[Update, ...]]:
    """The updates of some incidents, newest first; without those that cannot be read, for which
    `strict` raises UnreadableDocument."""
    read = UPDATES.from_row if strict else UPDATES.from_row_or_none
    query = select(t.updates).where(t.updates.c.incident.in_(list(ids)))
    by_incident: dict[str, list[Update]] = {}
    for row in conn.execute(query.order_by(t.updates.c.at.desc())):
        if (entry := read(row)) is not None:
            by_incident.setdefault(row.incident, []).append(entry)
    return {incident: tuple(list_) for incident, list_ in by_incident.items()}
