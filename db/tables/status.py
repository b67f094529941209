"""Tables of status/: observations, days, incidents with their updates, planned work, overrides."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    false,
)

from db.metadata import NAMES, TEXTS, JsonType, Moment, PlainJson, at_least_zero, metadata, one_of

CONDITIONS = (
    "operational",
    "degraded_performance",
    "partial_outage",
    "major_outage",
    "under_maintenance",
    "no_data",
)
INCIDENT_STATES = ("investigating", "identified", "monitoring", "resolved", "postmortem")


def _seconds_of_a_day(condition: str) -> Column[int]:
    within = CheckConstraint(f"{condition} BETWEEN 0 AND 86400", name=condition)
    return Column(condition, Integer, within, nullable=False, default=0)


# The series is clustered by probe and time: 28 bytes a row on SQLite, a range delete is one cut.
observations = Table(
    "status_observations",
    metadata,
    Column("probe", Text, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("vantage", Text, primary_key=True),
    at_least_zero("elapsed_us", BigInteger),
    one_of("grade", ("up", "degraded", "down", "unknown")),
    Column("reliable", Boolean, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("fact", Text, nullable=False, default=""),  # evidence, only when it is not plainly good
    sqlite_with_rowid=False,
)

days = Table(
    "status_days",
    metadata,
    Column("component", Text, primary_key=True),
    Column("day", Date, primary_key=True, index=True),
    *(_seconds_of_a_day(condition) for condition in CONDITIONS),
    # another status page told it; never measured here
    Column("imported", Boolean, nullable=False, default=False, server_default=false()),
    sqlite_with_rowid=False,
)

transitions = Table(
    "status_transitions",
    metadata,
    Column("component", Text, primary_key=True),
    Column("since", Moment, primary_key=True),
    one_of("before", CONDITIONS),
    one_of("after", CONDITIONS),
    Column("reason", Text, nullable=False, default=""),
    sqlite_with_rowid=False,
)

incidents = Table(
    "status_incidents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", PlainJson(TEXTS), nullable=False),  # language → text
    one_of("state", INCIDENT_STATES),
    one_of("impact", ("none", "minor", "major", "critical", "maintenance")),
    Column("started_at", Moment, nullable=False),
    Column("resolved_at", Moment),
    Column("components", PlainJson(NAMES), nullable=False),
    Column("draft", Boolean, nullable=False, default=False),
    Column("cause", Text, unique=True),  # only while probes tell it, so never two for one cause
    Column("publish_at", Moment),
    Column("discarded", Boolean, nullable=False, default=False, server_default=false()),
    Column("probes_until", Moment),
    at_least_zero("version", default=1, server_default="1"),  # grows with each change
    Column("corrected_at", Moment),
    CheckConstraint(
        "(state IN ('resolved', 'postmortem')) = (resolved_at IS NOT NULL)", name="resolved_at"
    ),
    # one that is over must not keep the next of the same cause from being told
    CheckConstraint("cause IS NULL OR NOT (state IN ('resolved', 'postmortem'))", name="cause"),
    CheckConstraint("NOT discarded OR draft", name="discarded"),
)
Index(None, incidents.c.started_at)
Index(None, incidents.c.state)
Index(None, incidents.c.resolved_at)

updates = Table(
    "status_updates",
    metadata,
    Column("id", Text, primary_key=True),
    Column(
        "incident",
        Text,
        ForeignKey("status_incidents.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    one_of("state", INCIDENT_STATES),
    Column("at", Moment, nullable=False),
    Column("text", PlainJson(TEXTS), nullable=False),
    Column("components", PlainJson(TEXTS), nullable=False),  # component → condition
    Column("told_at", Moment),  # when it was written down; not known of old rows
    Column("corrected_at", Moment),
)

# What components were called and where they stood, also of those that are configured no longer.
known_components = Table(
    "status_known_components",
    metadata,
    Column("component", Text, primary_key=True),
    Column("group", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    CheckConstraint("last_seen >= first_seen", name="last_seen"),
    sqlite_with_rowid=False,
)

maintenances = Table(
    "status_maintenances",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", PlainJson(TEXTS), nullable=False),
    Column("text", PlainJson(TEXTS), nullable=False),
    Column("starts_at", Moment, nullable=False, index=True),
    Column("ends_at", Moment, nullable=False),
    Column("components", PlainJson(NAMES), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("cancelled", Boolean, nullable=False, default=False),
    at_least_zero("sequence", default=0),
    Column("rrule", Text, nullable=False, default="", server_default=""),
    Column("zone", Text, nullable=False, default="UTC", server_default="UTC"),
    Column("shifts", JsonType, nullable=False, default=dict, server_default="{}"),  # by occurrence
    Column("changed_at", Moment),
    Column("notes", JsonType, nullable=False, default=dict, server_default="{}"),  # by occurrence
    at_least_zero("version", default=1, server_default="1"),
    CheckConstraint("ends_at > starts_at", name="ends_at"),
    CheckConstraint("NOT cancelled OR changed_at IS NOT NULL", name="changed_at"),
)

announcements = Table(
    "status_announcements",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", PlainJson(TEXTS), nullable=False),
    Column("text", PlainJson(TEXTS), nullable=False),
    Column("starts_at", Moment, nullable=False, index=True),
    Column("ends_at", Moment),
    at_least_zero("version", default=1, server_default="1"),
    Column("corrected_at", Moment),
    CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="ends_at"),
)

# What a month came to, with the method it was counted by: written once, never again.
months = Table(
    "status_months",
    metadata,
    Column("component", Text, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("seconds", PlainJson(dict[str, int]), nullable=False),  # condition → seconds
    Column("method", JsonType, nullable=False),
    Column("frozen_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

overrides = Table(
    "status_overrides",
    metadata,
    Column("component", Text, primary_key=True),
    Column("since", Moment, primary_key=True),
    one_of("condition", CONDITIONS),
    Column("until", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    at_least_zero("version", default=1, server_default="1"),
    CheckConstraint("until >= since", name="until"),
)
