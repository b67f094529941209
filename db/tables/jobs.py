"""The tables of jobs, and of the effects that were asked for."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Table, Text, UniqueConstraint

from db.metadata import Moment, RowId, at_least_zero, metadata, one_of

jobs = Table(
    "jobs",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("payload", Text, nullable=False),
    one_of("state", ("waiting", "running", "done", "failed"), server_default="waiting"),
    Column("run_after", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("owner", Text, nullable=False, server_default=""),
    at_least_zero("fence", server_default="0"),
    at_least_zero("attempts", server_default="0"),
    Column("finished_at", Moment),
    Column("error", Text, nullable=False, server_default=""),
    # without a time it would never be forgotten
    CheckConstraint(
        "state NOT IN ('done', 'failed') OR finished_at IS NOT NULL", name="finished_at"
    ),
    CheckConstraint("finished_at IS NULL OR state IN ('done', 'failed')", name="unfinished"),
    # without a lease nobody would ever take it again
    CheckConstraint("state <> 'running' OR lease_until IS NOT NULL", name="lease_until"),
    UniqueConstraint("kind", "key"),
    Index(None, "kind", "state", "run_after"),
    Index(None, "state", "finished_at"),
)

# Remembered apart from the queue and for longer than any job: the same key is one effect.
effects = Table(
    "jobs_effects",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
)
