"""Tables of diagnostics/: runs, the evidence each collector brought, share links, watches."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text

from db.metadata import Id, Json, Moment, metadata

runs = Table(
    "diagnostics_runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("subject", Json, nullable=False),
    Column("domain", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("symptom", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("account", Text, nullable=False, default=""),
    Column("person", Text, nullable=False, default=""),
    Column("invite", Text, nullable=False, default=""),
    Column("session", Text, nullable=False, default=""),
    Column("previous", Text, nullable=False, default=""),
    Column("fresh", Boolean, nullable=False, default=False),
    Column("answers", Json, nullable=False),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("version", Integer, nullable=False, default=0),  # grows with each landed item
)

Index(None, runs.c.state, runs.c.created_at)
Index(None, runs.c.domain, runs.c.created_at)
Index(None, runs.c.person, runs.c.created_at)

evidence = Table(
    "diagnostics_evidence",
    metadata,
    Column("run", Text, ForeignKey("diagnostics_runs.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column(
        "body", Text, nullable=False
    ),  # wizard.reports.stored_evidence.encode, with its schema number
)

shares = Table(
    "diagnostics_shares",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("run", Text, ForeignKey("diagnostics_runs.id"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

watches = Table(
    "diagnostics_watches",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("first", Text, nullable=False, index=True),  # the run whose problems are watched
    Column("domain", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("standing", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("next_at", Moment),
    Column("run", Text, nullable=False, index=True),  # the last run made for it
    Column("looks", Integer, nullable=False),
    Column("judged", Integer, nullable=False),
    Column("good", Integer, nullable=False),
    Column("ended_at", Moment),
    Column("slot", Text, unique=True),  # one at a time for a domain and a person; null when over
)

Index(None, watches.c.person, watches.c.standing)

registrations = Table(
    "diagnostics_registrations",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("asked_at", Moment, nullable=False, index=True),
    Column("body", Text, nullable=False),  # facts.Registration as JSON
)
