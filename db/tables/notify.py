"""Tables of notify/: which letters have gone out, so that a retry does not send twice."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from db.metadata import Moment, metadata

sent = Table(
    "notify_sent",
    metadata,
    Column("key", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
