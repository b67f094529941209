"""Upsert: inserts rows or updates those that exist, by the same statement on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(
    conn: Connection, table: Table, rows: list[dict[str, object]], *, overwrite: bool
) -> None:
    """Insert rows; those whose key stands already are overwritten, in the columns
    that the rows name, or left as they are."""
    if not rows:
        return
    make = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    statement = make(table)
    keys = [c.name for c in table.primary_key.columns]
    if overwrite:
        others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        conn.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), rows)
    else:
        conn.execute(statement.on_conflict_do_nothing(), rows)


def insert_once(conn: Connection, table: Table, row: Mapping[str, object]) -> bool:
    """Insert the row unless a unique key of it stands already; False when it does.

    It looks at the row that comes back: drivers do not agree on rowcount here.
    """
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    first = next(iter(table.primary_key.columns))
    done = conn.execute(insert(table).values(**row).on_conflict_do_nothing().returning(first))
    return done.first() is not None
