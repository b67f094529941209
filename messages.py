"""Outgoing e-mails as rooms hand them over: which letter about what, the job that sends it, and refusals.

A job names the thing a letter is about and holds no word of it: no address, no text. The room that
put it in writes the letter when it leaves, in the reader's language of then. notify/ has the
handler; nobody else names the kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from jobs.model import Job

SEND_EMAIL = "mail.send"


class EmailRef(msgspec.Struct, frozen=True):
    """The payload of `mail.send`. `key` is unique to the letter; `about` names who writes it, such
    as "ticket.reply"; `ids` are what that one needs to know which."""

    key: str
    about: str
    ids: dict[str, str]


@dataclass(frozen=True, slots=True)
class OutgoingEmail:
    """A message to one reader, already in the reader's language. `key` makes sending idempotent.

    `subscriber` is set on news somebody asked for; `leave` is then the address that ends the
    subscription with one POST (RFC 8058), and `date` when it was due at first; both are put in just
    before it leaves.
    """

    key: str
    to: str
    subject: str
    text: str
    subscriber: str = ""
    leave: str = ""
    date: datetime | None = None


# Writes a letter; None when it is no longer wanted, or what it is about is gone.
EmailRenderer = Callable[[EmailRef], OutgoingEmail | None]
EmailRenderers = Mapping[str, EmailRenderer]


def email_job(email: EmailRef, at: datetime) -> Job:
    """The job that sends a letter."""
    return Job(SEND_EMAIL, msgspec.json.encode(email).decode(), email.key, at)


def read_payload(payload: str) -> EmailRef | OutgoingEmail:
    """What a job asks to be sent. Older jobs hold the whole letter."""
    document = msgspec.json.decode(payload)
    if isinstance(document, dict) and "about" not in document:
        return msgspec.convert(document, OutgoingEmail)
    return msgspec.convert(document, EmailRef)


class RefusalReason(StrEnum):
    """Why a letter will not arrive."""

    ADDRESS = "address"  # no mail can be addressed so
    RECIPIENT = "recipient"  # the server does not take mail for this mailbox
    MESSAGE = "message"  # the server does not take this message, or ours at all
    GIVEN_UP = "given_up"  # every try failed, for hours


@dataclass(frozen=True, slots=True)
class EmailRefusal:
    """A letter that was refused for good. `reply` is the server's code, "550 5.1.1", or ""; for an
    operators' channel it may be the channel's own reason."""

    reason: RefusalReason
    reply: str
    at: datetime
