"""The table of rate limits that several web processes share."""

from __future__ import annotations

from sqlalchemy import Column, Float, Table, Text

from db.metadata import Moment, at_least_zero, metadata

buckets = Table(
    "web_buckets",
    metadata,
    Column("key", Text, primary_key=True),
    at_least_zero("tokens", Float),
    Column("at", Moment, nullable=False, index=True),
)
