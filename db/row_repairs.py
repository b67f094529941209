"""Repairs rows that break a rule of the new tables during an upgrade, or moves them into quarantine.
Used by migrations. Nothing vanishes: what was is kept in db_quarantine and reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, inspect, select, text

from db.row_mapper import RowMapper
from db.tables.quarantine import quarantine

PART = 1000  # rows recorded in one statement


@dataclass(frozen=True, slots=True)
class RowRule:
    """Rows of `table` for which the SQL `broken` holds cannot stay as they are.

    `repair` maps columns to SQL expressions, where the right value is certain; without one the
    whole row is set aside, and before it every row that refers to it.
    """

    table: str
    broken: str
    reason: str
    repair: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """One row that was repaired or set aside. `body` are the columns as they were."""

    id: int
    at: datetime
    revision: str
    table_name: str
    row_id: str
    reason: str
    action: str
    body: dict[str, Any]

    def __str__(self) -> str:
        fate = "repaired" if self.action == "repaired" else "set aside"
        return f"{self.table_name} {self.row_id}: {self.reason}; {fate}"


QUARANTINED = RowMapper(QuarantinedRow, quarantine)


def apply(
    conn: Connection,
    rules: Sequence[RowRule],
    revision: str,
    now: Callable[[], datetime],
) -> int:
    """Repair or set aside, in order; how many rows. The quarantine table must be there."""
    return sum(_apply(conn, rule, revision, now()) for rule in rules)


def _apply(conn: Connection, rule: RowRule, revision: str, at: datetime) -> int:
    if rule.repair is None:
        for child in _children(conn, rule):
            _apply(conn, child, revision, at)
    keys = inspect(conn).get_pk_constraint(rule.table)["constrained_columns"]
    quote = conn.dialect.identifier_preparer.quote
    saved_columns = "*" if rule.repair is None else ", ".join(map(quote, (*keys, *rule.repair)))
    rows = conn.execute(text(f"SELECT {saved_columns} FROM {rule.table} WHERE {rule.broken}"))  # noqa: S608
    count = 0
    for part in rows.mappings().partitions(PART):
        records = [
            {
                "at": at,
                "revision": revision,
                "table_name": rule.table,
                "row_id": " ".join(str(row[key]) for key in keys),
                "reason": rule.reason,
                "action": "set_aside" if rule.repair is None else "repaired",
                "body": dict(row),
            }
            for row in part
        ]
        conn.execute(insert(quarantine), records)
        count += len(records)
    if count:
        conn.execute(text(_change(rule)))
    return count


def _change(rule: RowRule) -> str:
    if rule.repair is None:
        return f"DELETE FROM {rule.table} WHERE {rule.broken}"  # noqa: S608 - written by us
    values = ", ".join(f"{column} = {value}" for column, value in rule.repair.items())
    return f"UPDATE {rule.table} SET {values} WHERE {rule.broken}"  # noqa: S608 - written by us


def _children(conn: Connection, rule: RowRule) -> list[RowRule]:
    """The same for rows that refer to those of a rule."""
    inspector = inspect(conn)
    return [
        RowRule(
            name,
            f"{key['constrained_columns'][0]} IN (SELECT {key['referred_columns'][0]}"  # noqa: S608
            f" FROM {rule.table} WHERE {rule.broken})",
            f"its row in {rule.table} was set aside",
        )
        for name in inspector.get_table_names()
        for key in inspector.get_foreign_keys(name)
        if key["referred_table"] == rule.table and name != rule.table
    ]


def report(conn: Connection, after: int = 0) -> tuple[QuarantinedRow, ...]:
    """What upgrades could not take over as it was, beyond a number, oldest first."""
    if not inspect(conn).has_table(quarantine.name):
        return ()
    query = select(quarantine).where(quarantine.c.id > after).order_by(quarantine.c.id)
    return QUARANTINED.all(conn.execute(query))
