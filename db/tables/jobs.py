"""The table of jobs."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint

from db.metadata import Id, Moment, metadata

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),  # running, done, failed
    Column("run_after", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("owner", Text, nullable=False, server_default=""),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("finished_at", Moment),
    Column("error", Text, nullable=False, server_default=""),
    UniqueConstraint("kind", "key"),
    Index(None, "kind", "state", "run_after"),
)
