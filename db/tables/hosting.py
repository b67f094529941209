"""Tables of hosting/: what the panel last said of each account and of each of its domains."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from db.metadata import JsonType, Moment, metadata

accounts = Table(
    "hosting_accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", JsonType, nullable=False),  # Account, with its schema number
    Column("services", JsonType, nullable=False),  # its services, with a schema number
    Column("as_of", Moment, nullable=False, index=True),
)

domains = Table(
    "hosting_domains",
    metadata,
    Column("domain", Text, primary_key=True),
    Column(
        "account",
        Text,
        ForeignKey("hosting_accounts.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("facts", JsonType),  # HostingFacts, with its schema number; none when the panel had none
)
