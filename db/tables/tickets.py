"""Tables of tickets/: tickets, their threads, agents' check links, forms kept over sign-in."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from db.metadata import Id, Json, Moment, metadata

tickets = Table(
    "tickets_tickets",
    metadata,
    Column("number", Id, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("draft", Json, nullable=False),  # the whole Draft, with its schema number
    Column("person", Text, nullable=False, index=True),
    Column("account", Text, nullable=False, index=True),
    Column("service", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("priority", Integer, nullable=False),  # 0 is the most urgent
    Column("subject", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("answer_by", Moment),
    Column("answered_at", Moment),
    Column("closed_at", Moment),
    Column("outcome", Text, nullable=False, default=""),
    Column("agent", Text, nullable=False, default=""),
    Column("desk", Text, nullable=False, default=""),  # "" until a desk has taken it
    Column("desk_id", Text, nullable=False, default=""),
    Column("desk_number", Text, nullable=False, default=""),
    Column("desk_url", Text, nullable=False, default=""),
)

Index(None, tickets.c.state, tickets.c.number)

notes = Table(
    "tickets_notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket", Text, ForeignKey("tickets_tickets.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("run", Text, nullable=False, default=""),
    Column("statement", Json),
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
    Column("expires_at", Moment, nullable=False),
    Column("runs_left", Integer, nullable=False),
    Column("message", Text, nullable=False, default=""),
)

claims = Table(
    "tickets_claims",
    metadata,
    Column("id", Text, primary_key=True),  # what the run carries as its invite
    Column("invite", Text, ForeignKey("tickets_invites.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("statement", Json, nullable=False),
)

kept = Table(
    "tickets_kept",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("form", Json, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
