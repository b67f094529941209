"""Tables of diagnoses (wizard/): runs, the evidence each collector brought, share links, watches."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Table, Text

from db.metadata import TEXTS, JsonType, Moment, PlainJson, RowId, at_least_zero, metadata, one_of

SCOPES = ("public", "contact", "staff")

runs = Table(
    "diagnostics_runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("subject", JsonType, nullable=False),
    Column("domain", Text, nullable=False),
    one_of("scope", SCOPES),
    Column("symptom", Text, nullable=False),
    one_of("state", ("queued", "running", "done", "failed")),
    Column("created_at", Moment, nullable=False, index=True),
    Column("account", Text, nullable=False, default=""),
    Column("person", Text, ForeignKey("accounts_people.id", ondelete="SET NULL")),
    # the claim on a check link that it was run with; deferrable: a backup comes back in any order
    Column(
        "invite",
        Text,
        ForeignKey("tickets_claims.id", ondelete="SET NULL", deferrable=True),
        index=True,
    ),
    Column("session", Text, nullable=False, default=""),
    Column(
        "previous",
        Text,
        ForeignKey("diagnostics_runs.id", ondelete="SET NULL", deferrable=True),
        index=True,
    ),
    Column("fresh", Boolean, nullable=False, default=False),
    Column("answers", PlainJson(TEXTS), nullable=False),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    at_least_zero("version", default=0),  # grows with each landed item
    at_least_zero("evidence_size", default=0, server_default="0"),  # characters that have landed
    CheckConstraint("state <> 'running' OR started_at IS NOT NULL", name="started_at"),
    CheckConstraint(
        "(state IN ('done', 'failed')) = (finished_at IS NOT NULL)", name="finished_at"
    ),
)

Index(None, runs.c.state, runs.c.created_at)
Index(None, runs.c.domain, runs.c.created_at)
Index(None, runs.c.person, runs.c.created_at)
Index(None, runs.c.account, runs.c.created_at)

# the places of runs that have not ended: who holds them, as keys that tell nothing
places = Table(
    "diagnostics_places",
    metadata,
    Column("run", Text, ForeignKey("diagnostics_runs.id", ondelete="CASCADE"), primary_key=True),
    one_of("lane", ("known", "first", "further")),
    Column("asker", Text, nullable=False),
    Column("network", Text, nullable=False),
)

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
    Column("id", RowId, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("run", Text, ForeignKey("diagnostics_runs.id"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    CheckConstraint("expires_at > created_at", name="expires_at"),
)

watches = Table(
    "diagnostics_watches",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    # the run whose problems are watched
    Column(
        "first",
        Text,
        ForeignKey("diagnostics_runs.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("domain", Text, nullable=False),
    one_of("scope", SCOPES),
    Column("account", Text, nullable=False),
    Column("person", Text, ForeignKey("accounts_people.id", ondelete="CASCADE", deferrable=True)),
    Column("email", Text, nullable=False),
    Column("lang", Text, nullable=False),
    one_of("state", ("pending", "active", "well", "gave_up", "stopped"), former="standing"),
    Column("created_at", Moment, nullable=False, index=True),
    Column("until", Moment, nullable=False),
    Column("next_at", Moment),
    # the last run made for it
    Column("run", Text, ForeignKey("diagnostics_runs.id", ondelete="SET NULL"), index=True),
    at_least_zero("looks"),
    at_least_zero("judged"),
    at_least_zero("good"),
    Column("ended_at", Moment),
    Column("slot", Text, unique=True),  # one at a time for a domain and a person; null when over
    CheckConstraint("judged <= looks", name="judged_looks"),
    CheckConstraint("good <= judged", name="good_judged"),
    CheckConstraint("until >= created_at", name="until"),
    CheckConstraint("state IN ('pending', 'active') OR slot IS NULL", name="slot"),
    CheckConstraint(
        "(state IN ('well', 'gave_up', 'stopped')) = (ended_at IS NOT NULL)", name="ended_at"
    ),
    CheckConstraint("state = 'active' OR next_at IS NULL", name="next_at"),
)

Index(None, watches.c.person, watches.c.state)

registrations = Table(
    "diagnostics_registrations",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("asked_at", Moment, nullable=False, index=True),
    Column("body", Text, nullable=False),  # facts.Registration as JSON
)
