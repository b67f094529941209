"""Deleting many rows without holding the write lock for long: a bounded number a transaction."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Table, delete, select, tuple_

from db.engine import Database

SLICE = 500  # rows in one transaction


def delete_slice(db: Database, table: Table, where: ColumnElement[bool], limit: int = SLICE) -> int:
    """Delete up to `limit` rows; how many. Fewer than `limit` means that none is left."""
    keys = list(table.primary_key.columns)
    with db.write() as conn:
        rows = conn.execute(select(*keys).where(where).limit(limit)).all()
        if not rows:
            return 0
        chosen = (
            keys[0].in_([row[0] for row in rows])
            if len(keys) == 1
            else tuple_(*keys).in_([tuple(row) for row in rows])
        )
        return conn.execute(delete(table).where(chosen, where)).rowcount


def repeat(step: Callable[[], int], most: int = 2_000) -> int:
    """Call a deleting step until it finds less than a whole slice, or has run `most` times; how
    many rows are gone. Others may write between the steps."""
    total = 0
    for _ in range(most):
        gone = step()
        total += gone
        if gone < SLICE:
            break
    return total


def delete_in_slices(db: Database, table: Table, where: ColumnElement[bool]) -> int:
    """Delete every such row, slice by slice; how many."""
    return repeat(lambda: delete_slice(db, table, where))
