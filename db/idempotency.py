"""Inserting a row once: the same statement on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(conn: Connection, table: Table, row: Mapping[str, object]) -> bool:
    """Insert the row unless a unique key of it stands already; False when it does.

    It looks at the row that comes back: drivers do not agree on rowcount here.
    """
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    first = next(iter(table.primary_key.columns))
    done = conn.execute(insert(table).values(**row).on_conflict_do_nothing().returning(first))
    return done.first() is not None
