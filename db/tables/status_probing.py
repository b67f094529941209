"""Tables of status/ that probing fills: signals of heartbeats, vantages and what they push, roll-ups."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from db.metadata import JsonType, Moment, RowId, at_least_zero, metadata, one_of
from db.tables.status import observations

# The last failures of a probe must not cost a walk over a month of successes.
Index(
    "ix_status_observations_failed",
    observations.c.probe,
    observations.c.at,
    sqlite_where=text("grade != 'up'"),
    postgresql_where=text("grade != 'up'"),
)

# One row a probe: its token (hashed) and the last word that was sent in with it.
heartbeats = Table(
    "status_heartbeats",
    metadata,
    Column("probe", Text, primary_key=True),
    Column("token", Text, unique=True),
    Column("made_at", Moment),
    Column("at", Moment),
    one_of("state", ("", "up", "degraded", "down", "start"), default=""),
    Column("message", Text, nullable=False, default=""),
    at_least_zero("ping_us", BigInteger, nullable=True),
    Column("good_at", Moment),
    CheckConstraint("state = '' OR at IS NOT NULL", name="at"),
    CheckConstraint("state <> 'up' OR good_at IS NOT NULL", name="good_at"),
    CheckConstraint("token IS NULL OR made_at IS NOT NULL", name="made_at"),
)

# What jobs sent in, the newest of each probe. A start whose run has not ended is open.
heartbeat_signals = Table(
    "status_heartbeat_signals",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column(
        "probe",
        Text,
        ForeignKey("status_heartbeats.probe", ondelete="CASCADE", deferrable=True),
        nullable=False,
    ),
    Column("at", Moment, nullable=False, index=True),
    one_of("state", ("up", "degraded", "down", "start", "log"), default="up"),
    Column("run", Text, nullable=False, default=""),
    Column(
        "exit_status", Integer, CheckConstraint("exit_status BETWEEN 0 AND 255", name="exit_status")
    ),
    at_least_zero("duration_us", BigInteger, nullable=True),
    Column("message", Text, nullable=False, default=""),
    Column("snippet", Text, nullable=False, default=""),
    Column("is_open", Boolean, nullable=False, default=False),
    CheckConstraint("NOT is_open OR state = 'start'", name="is_open"),
    Index("ix_status_heartbeat_signals_newest", "probe", "id"),
    Index("ix_status_heartbeat_signals_open", "is_open", "id"),
)

vantages = Table(
    "status_vantages",
    metadata,
    Column("name", Text, primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("made_at", Moment, nullable=False),
    Column("seen_at", Moment),
)

# What vantages pushed, for every engine to read; forgotten after an hour.
pushes = Table(
    "status_pushes",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),
    Column(
        "vantage",
        Text,
        ForeignKey("status_vantages.name", ondelete="CASCADE", deferrable=True),
        nullable=False,
        index=True,
    ),
    Column("observations", JsonType, nullable=False),
)

# Counted from the raw rows and kept when these are gone. `span` is 300, 3600 or 86400 seconds.
rollups = Table(
    "status_rollups",
    metadata,
    Column("probe", Text, primary_key=True),
    Column(
        "span",
        Integer,
        CheckConstraint("span IN (300, 3600, 86400)", name="span"),
        primary_key=True,
    ),
    Column("at", Moment, primary_key=True),
    at_least_zero("up", default=0),
    at_least_zero("degraded", default=0),
    at_least_zero("down", default=0),
    at_least_zero("unknown", default=0),
    at_least_zero("fastest_us", BigInteger, default=0),
    at_least_zero("slowest_us", BigInteger, default=0),
    at_least_zero("total_us", BigInteger, default=0),
    Column("times", Text),  # good looks by class of time; not of days, nor for ever of hours
    CheckConstraint("slowest_us >= fastest_us", name="slowest_fastest"),
    CheckConstraint("total_us >= slowest_us", name="total_slowest"),
    sqlite_with_rowid=False,
)
