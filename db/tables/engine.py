"""The table of roles that only one engine may have at a time."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text

from db.metadata import at_least_zero, metadata

roles = Table(
    "engine_roles",
    metadata,
    Column("role", Text, primary_key=True),
    Column("owner", Text, nullable=False),  # "" when it was laid down
    at_least_zero("fence"),  # grows with each new owner
    at_least_zero("beats", BigInteger),  # grows while the owner lives
)
