"""Rows for any table, made from what its columns say: for tests that go over all tables."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Boolean, Date, UniqueConstraint, insert, select

import db.tables
from db.metadata import JsonType, Moment, metadata

assert db.tables
HOUR = timedelta(hours=1)
# What the rules between columns want, or a state in which a row can be forgotten.
SPECIAL = {
    ("accounts_people", "email"): lambda n, at: f"p{n}@people.example",
    ("diagnostics_runs", "state"): lambda n, at: "done",
    ("diagnostics_runs", "finished_at"): lambda n, at: at,
    ("diagnostics_runs", "previous"): lambda n, at: None,
    ("diagnostics_sealed", "expires_at"): lambda n, at: at + HOUR,
    ("diagnostics_shares", "expires_at"): lambda n, at: at + HOUR,
    ("diagnostics_watches", "state"): lambda n, at: "stopped",
    ("diagnostics_watches", "ended_at"): lambda n, at: at,
    ("diagnostics_watches", "slot"): lambda n, at: None,
    ("jobs", "state"): lambda n, at: "done",
    ("jobs", "finished_at"): lambda n, at: at,
    ("status_announcements", "ends_at"): lambda n, at: at + HOUR,
    ("status_days", "day"): lambda n, at: date(2000, 1, 1) + timedelta(days=n),
    ("status_maintenances", "ends_at"): lambda n, at: at + HOUR,
    ("status_months", "month"): lambda n, at: date(2000, 1, 1) + timedelta(days=n),
    ("status_heartbeats", "made_at"): lambda n, at: at,
    ("status_incidents", "cause"): lambda n, at: None,
    ("status_incidents", "state"): lambda n, at: "resolved",
    ("status_incidents", "resolved_at"): lambda n, at: at + HOUR,
    ("status_incidents", "components"): lambda n, at: [],
    ("status_maintenances", "components"): lambda n, at: [],
    ("status_pushes", "observations"): lambda n, at: [],
    ("notify_subscribers", "components"): lambda n, at: [],
    ("notify_subscribers", "confirmed_at"): lambda n, at: at,
    ("notify_subscribers", "failed_at"): lambda n, at: at,
    ("notify_subscribers", "groups"): lambda n, at: [],
    ("notify_subscribers", "incident"): lambda n, at: "",
    ("notify_subscribers", "state"): lambda n, at: "active",
    ("status_rollups", "span"): lambda n, at: 300,
    ("tickets_invites", "expires_at"): lambda n, at: at + HOUR,
    ("tickets_drafts", "expires_at"): lambda n, at: at + HOUR,
    ("tickets_tickets", "state"): lambda n, at: "closed",
    ("tickets_tickets", "closed_at"): lambda n, at: at,
}


def _value(column):
    """A column's value, or what makes it of a row's number and moment."""
    special = SPECIAL.get((column.table.name, column.name))
    if special is not None:
        return special
    if column.info.get("values"):
        return column.info["values"][0]
    kind = column.type
    if isinstance(kind, Moment):
        return None if column.nullable else lambda n, at: at
    for type_, value in ((Date, lambda n, at: at.date()), (JsonType, {}), (Boolean, False)):
        if isinstance(kind, type_):
            return value
    is_text = kind.python_type is str
    if _tells_rows_apart(column):  # numbers are beyond what the database counts
        return (lambda n, at: f"{n}") if is_text else (lambda n, at: n + 1_000_001)
    return "" if is_text else 1


def _tells_rows_apart(column):
    uniques = (c for c in column.table.constraints if isinstance(c, UniqueConstraint))
    in_a_key = column.primary_key or column.unique or any(column.name in u.columns for u in uniques)
    return bool(in_a_key or column.foreign_keys)


def fill(conn, at, count=1):
    """`count` rows in every table, each referring to the row of its number; `at` tells the moment
    of a number. Parents come before what refers to them."""
    moments = [at(n) for n in range(count)]
    for table in metadata.sorted_tables:
        values = {c.name: _value(c) for c in table.columns}
        makers = {name: value for name, value in values.items() if callable(value)}
        rows = [
            {**values, **{name: make(n, moment) for name, make in makers.items()}}
            for n, moment in enumerate(moments)
        ]
        conn.execute(insert(table), rows)


def keys(conn, table):
    """The primary keys of a table's rows."""
    return {tuple(row) for row in conn.execute(select(*table.primary_key.columns))}
