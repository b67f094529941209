"""Optimistic locking: a write names the version it was made from, and is refused when the row has a newer one."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Column, Connection, Table, update


class StaleVersion(Exception):
    """Somebody else has written the row since it was read; nothing was written now."""


def update_versioned(
    conn: Connection, table: Table, key: object, version: int, values: Mapping[str, object]
) -> None:
    """Write the row with this primary key if it still has this version, which then grows by one.

    Raises StaleVersion.
    """
    (id_,) = table.primary_key.columns
    written = _row(values, id_) | {"version": version + 1}
    done = conn.execute(update(table).where(id_ == key, table.c.version == version).values(written))
    if done.rowcount != 1:
        raise StaleVersion(f"{table.name} {key} is no longer of version {version}")


def _row(values: Mapping[str, object], id_: Column[object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name != id_.name}
