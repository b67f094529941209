"""Tables of status/ that observing needs: words sent in, vantages and what they push, roll-ups."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from db.metadata import Id, Json, Moment, metadata
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
    Column("state", Text, nullable=False, default=""),
    Column("message", Text, nullable=False, default=""),
    Column("ping_us", BigInteger),
    Column("good_at", Moment),
    Column("started_at", Moment),
)

vantages = Table(
    "status_vantages",
    metadata,
    Column("name", Text, primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("made_at", Moment, nullable=False),
    Column("seen_at", Moment),
    Column("said", Json),  # what it told of itself when it last asked
)

# What vantages pushed, for every engine to read; forgotten after an hour.
pushes = Table(
    "status_pushes",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),
    Column("vantage", Text, nullable=False),
    Column("observations", Json, nullable=False),
)

# Counted from the raw rows and kept when these are gone. `span` is 300, 3600 or 86400 seconds.
rollups = Table(
    "status_rollups",
    metadata,
    Column("probe", Text, primary_key=True),
    Column("span", Integer, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("up", Integer, nullable=False, default=0),
    Column("degraded", Integer, nullable=False, default=0),
    Column("down", Integer, nullable=False, default=0),
    Column("unknown", Integer, nullable=False, default=0),
    Column("fastest_us", BigInteger, nullable=False, default=0),
    Column("slowest_us", BigInteger, nullable=False, default=0),
    Column("total_us", BigInteger, nullable=False, default=0),
    sqlite_with_rowid=False,
)
