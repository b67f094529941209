"""Inserting a row once: the same statement on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(conn: Connection, table: Table, row: Mapping[str, object]) -> bool:
    """Insert the row unless a unique key of it stands already; False when it does."""
    if conn.dialect.name == "postgresql":
        done = conn.execute(postgresql.insert(table).values(**row).on_conflict_do_nothing())
    else:
        done = conn.execute(sqlite.insert(table).values(**row).on_conflict_do_nothing())
    return done.rowcount == 1
