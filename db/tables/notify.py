"""Tables of notify/: subscribers, and the messages that went out or were refused, so that no retry sends twice."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Table, Text, UniqueConstraint

from db.metadata import NAMES, Moment, PlainJson, at_least_zero, metadata, one_of

sent = Table(
    "notify_sent",
    metadata,
    Column("key", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    # a messages.RefusalReason
    one_of(
        "refused",
        ("", "address", "recipient", "message", "given_up"),
        default="",
        server_default="",
    ),
    Column("reply", Text, nullable=False, default="", server_default=""),  # the server's code
)

subscribers = Table(
    "notify_subscribers",
    metadata,
    Column("id", Text, primary_key=True),
    one_of("kind", ("email", "webhook")),
    Column("address", Text, nullable=False),  # mailbox or URL
    Column("owner", Text, nullable=False),  # the mailbox that confirmed it
    Column("lang", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    one_of("state", ("pending", "checking", "active", "disabled")),
    Column("components", PlainJson(NAMES), nullable=False),
    Column("groups", PlainJson(NAMES), nullable=False),
    Column("maintenance", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("confirmed_at", Moment),
    at_least_zero("failures", default=0, server_default="0"),  # in a row
    Column("failed_at", Moment),
    Column("trouble", Text, nullable=False, default="", server_default=""),
    # the one incident they hear of until it is over; "" hears by the choice above
    Column("incident", Text, nullable=False, default="", server_default="", index=True),
    Column("choice_gone_at", Moment),  # when they were told that nothing chosen is left
    # nobody is written to whose yes is not on record
    CheckConstraint("state = 'pending' OR confirmed_at IS NOT NULL", name="confirmed_at"),
    # by the last failure it is forgotten when it stays silent
    CheckConstraint(
        "(failures = 0 AND state <> 'disabled') OR failed_at IS NOT NULL", name="failed_at"
    ),
    UniqueConstraint("kind", "address", "owner", "incident"),
)
Index(None, subscribers.c.state, subscribers.c.id)
