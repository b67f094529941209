"""Names of components, those taken out too, as rows: what old incidents call them.
Written while they are configured, read when they no longer are. Needs an open connection.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, select

from db.tables import status as t
from db.upsert import upsert
from status.model import Component, KnownComponent
from status.state.uptime import midnight
from status.storage.rows import KNOWN_COMPONENTS

_TABLE = t.known_components


def read_known_components(conn: Connection) -> tuple[KnownComponent, ...]:
    """All of them, the newest last."""
    query = select(_TABLE).order_by(_TABLE.c.last_seen, _TABLE.c.component, _TABLE.c.group)
    return KNOWN_COMPONENTS.all(conn.execute(query))


def write_known_components(
    conn: Connection, components: Iterable[Component], now: datetime
) -> None:
    """Those of the configuration, seen now. What is new has been there since its first day."""
    beginnings = {(k.component, k.group): k.first_seen for k in read_known_components(conn)}
    ids = {component_id for component_id, _ in beginnings}
    rows: list[dict[str, object]] = []
    for component in components:
        first_seen = (
            beginnings.get((component.id, component.group))
            or (now if component.id in ids else None)
            or _first_day(conn, component.id)
            or now
        )
        last_seen = max(first_seen, now)  # the clock may have been set back
        row = KnownComponent(component.id, component.group, component.name, first_seen, last_seen)
        rows.append(KNOWN_COMPONENTS.to_row(row))
    upsert(conn, _TABLE, rows, overwrite=True)


def _first_day(conn: Connection, component: str) -> datetime | None:
    """When a component was first accounted for."""
    query = select(func.min(t.days.c.day)).where(t.days.c.component == component)
    day = conn.execute(query).scalar()
    return midnight(day) if day else None
