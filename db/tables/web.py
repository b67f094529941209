"""The table of rate limits that several web processes share."""

from __future__ import annotations

from sqlalchemy import Column, Float, Table, Text

from db.metadata import Moment, metadata

buckets = Table(
    "web_buckets",
    metadata,
    Column("key", Text, primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)
