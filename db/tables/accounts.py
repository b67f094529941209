"""Tables of accounts/: people, their roles, sessions, API tokens and the audit log."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from db.metadata import TEXTS, Moment, PlainJson, RowId, metadata, one_of

people = Table(
    "accounts_people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False, unique=True),  # folded to lower case
    Column("name", Text, nullable=False),
    Column("lang", Text, nullable=False, default=""),
    one_of("staff", ("", "agent", "operator"), default=""),
    Column("password", Text, nullable=False, default=""),  # Argon2id, or "" for none
    Column("created_at", Moment, nullable=False),
)

contacts = Table(
    "accounts_contacts",
    metadata,
    Column("person", Text, ForeignKey("accounts_people.id"), primary_key=True),
    Column("account", Text, primary_key=True, index=True),
    one_of("role", ("owner", "technical", "billing")),
)

sessions = Table(
    "accounts_sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("person", Text, ForeignKey("accounts_people.id"), nullable=False, index=True),
    one_of("method", ("password", "link", "oidc")),
    Column(
        "assurance",
        Integer,
        CheckConstraint("assurance BETWEEN 0 AND 3", name="assurance"),
        nullable=False,
    ),
    Column("created_at", Moment, nullable=False, index=True),
    Column("seen_at", Moment, nullable=False, index=True),
    Column("address", Text, nullable=False, default=""),
    Column("agent", Text, nullable=False, default=""),
)

keys = Table(
    "accounts_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    one_of("role", ("read", "write", "operator")),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
)

audit = Table(
    "accounts_audit",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("actor", Text, nullable=False),  # person id, or "" for nobody
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", PlainJson(TEXTS), nullable=False),
)

Index(None, audit.c.subject, audit.c.id)
Index(None, audit.c.actor, audit.c.id)
Index(None, audit.c.actor, audit.c.action, audit.c.id)
