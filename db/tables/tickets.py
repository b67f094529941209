"""Tables of tickets/: tickets, their threads, agents' check links, forms kept over sign-in."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from db.metadata import JsonType, Moment, RowId, at_least_zero, metadata, one_of

tickets = Table(
    "tickets_tickets",
    metadata,
    Column("number", RowId, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("draft", JsonType, nullable=False),  # the whole Draft, with its schema number
    Column("person", Text, ForeignKey("accounts_people.id", ondelete="SET NULL"), index=True),
    Column("account", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("department", Text, nullable=False),
    # 0 is the most urgent
    Column(
        "priority",
        Integer,
        CheckConstraint("priority BETWEEN 0 AND 3", name="priority"),
        nullable=False,
    ),
    Column("subject", Text, nullable=False),
    one_of("state", ("new", "open", "waiting", "technicians", "closed")),
    Column("opened_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("answer_by", Moment),
    Column("answered_at", Moment),
    Column("closed_at", Moment),
    one_of("outcome", ("", "first_contact", "later", "unsolved"), default=""),
    Column("agent", Text, nullable=False, default=""),
    Column("desk", Text, nullable=False, default=""),  # "" until a desk has taken it
    Column("desk_id", Text, nullable=False, default=""),
    Column("desk_number", Text, nullable=False, default=""),
    Column("desk_url", Text, nullable=False, default=""),
    at_least_zero("version", default=1, server_default="1"),  # grows with each act
    # without a time it would never be forgotten
    CheckConstraint("state <> 'closed' OR closed_at IS NOT NULL", name="closed_at"),
    CheckConstraint("closed_at IS NULL OR state = 'closed'", name="open_closed_at"),
    CheckConstraint("outcome = '' OR state = 'closed'", name="open_outcome"),
)

Index(None, tickets.c.state, tickets.c.number)
Index(None, tickets.c.state, tickets.c.priority, tickets.c.number)
Index(None, tickets.c.state, tickets.c.closed_at)
Index(None, tickets.c.account, tickets.c.state)
Index(
    "uq_tickets_tickets_desk_desk_id",
    tickets.c.desk,
    tickets.c.desk_id,
    unique=True,
    sqlite_where=text("desk <> ''"),
    postgresql_where=text("desk <> ''"),
)

notes = Table(
    "tickets_notes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ticket", Text, ForeignKey("tickets_tickets.id"), nullable=False),
    Column("key", Text, nullable=False),
    one_of("kind", ("customer", "reply", "internal", "event")),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column(
        "run",
        Text,
        ForeignKey("diagnostics_runs.id", ondelete="SET NULL", deferrable=True),
        index=True,
    ),
    Column("statement", JsonType),
    UniqueConstraint("ticket", "key"),
)

invites = Table(
    "tickets_invites",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("ticket", Text, ForeignKey("tickets_tickets.id"), nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("symptom", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    at_least_zero("runs_left"),
    Column("message", Text, nullable=False, default=""),
    CheckConstraint("expires_at > created_at", name="expires_at"),
)

claims = Table(
    "tickets_claims",
    metadata,
    Column("id", Text, primary_key=True),  # what the run carries as its invite
    Column("invite", Text, ForeignKey("tickets_invites.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("statement", JsonType, nullable=False),
)

drafts = Table(
    "tickets_drafts",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("form", JsonType, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)
