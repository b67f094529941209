"""The table of roles that only one engine may have at a time."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from db.metadata import metadata

roles = Table(
    "engine_roles",
    metadata,
    Column("role", Text, primary_key=True),
    Column("owner", Text, nullable=False),  # "" when it was laid down
    Column("fence", Integer, nullable=False),  # grows with each new owner
    Column("beats", BigInteger, nullable=False),  # grows while the owner lives
)
