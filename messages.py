"""Messages to people, as every room hands them over: the letter, and the job that sends it.

Senders put the job in; notify/ has its handler. Nobody else names the kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from jobs.model import Job

SEND_EMAIL = "mail.send"


@dataclass(frozen=True, slots=True)
class OutgoingEmail:
    """A message to one reader, already in the reader's language. `key` makes sending idempotent.

    `subscriber` is set on news somebody asked for; `leave` is then the address that ends the
    subscription with one POST (RFC 8058), put in just before the letter leaves.
    """

    key: str
    to: str
    subject: str
    text: str
    subscriber: str = ""
    leave: str = ""


def email_job(email: OutgoingEmail, at: datetime) -> Job:
    """The job that sends a letter."""
    return Job(SEND_EMAIL, msgspec.json.encode(email).decode(), email.key, at)
