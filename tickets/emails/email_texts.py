"""Letters about a ticket, in the customer's language, as plain text. Pure.

A letter carries no message of a third person and no facts from the hosting account: mailboxes are
read by others too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from messages import OutgoingEmail
from render.i18n import N_
from render.message_format import sentence


@dataclass(frozen=True, slots=True)
class EmailReader:
    """To whom, in which language, and by whose clock."""

    email: str
    name: str
    lang: str
    zone: str


def reply(
    reader: EmailReader, *, key: str, number: str, subject: str, agent: str, text: str, url: str
) -> OutgoingEmail:
    """An agent's answer."""
    return _compose(
        reader,
        key,
        N_("Answer to your request {number}: {subject}"),
        (
            N_("Hello {name},"),
            N_("{agent} has answered your request {number}, “{subject}”:"),
            "{text}",
            N_("To answer, or to see the whole conversation, please open:"),
            "{url}",
        ),
        {
            "name": reader.name,
            "agent": agent,
            "number": number,
            "subject": subject,
            "text": text,
            "url": url,
        },
    )


def receipt(reader: EmailReader, *, key: str, number: str, subject: str, url: str) -> OutgoingEmail:
    """Word that the request is here."""
    return _compose(
        reader,
        key,
        N_("We have your request {number}: {subject}"),
        (
            N_("Hello {name},"),
            N_("your request {number}, “{subject}”, is with us, and the answer comes by mail."),
            N_("To add something, or to see how it stands, please open:"),
            "{url}",
        ),
        {"name": reader.name, "number": number, "subject": subject, "url": url},
    )


def arrival(reader: EmailReader, *, key: str, number: str, subject: str, url: str) -> OutgoingEmail:
    """Word to those who answer that there is a new request."""
    return _compose(
        reader,
        key,
        N_("New request {number}: {subject}"),
        (N_("A new request waits for an answer: “{subject}”."), "{url}"),
        {"number": number, "subject": subject, "url": url},
    )


def check_link(
    reader: EmailReader,
    *,
    key: str,
    number: str,
    subject: str,
    agent: str,
    message: str,
    target: str,
    url: str,
    expires: datetime,
) -> OutgoingEmail:
    """An agent's check link."""
    return _compose(
        reader,
        key,
        N_("Please check {target} for your request {number}"),
        (
            N_("Hello {name},"),
            N_("{agent} asks you to run a check of {target} for your request {number}:"),
            "{message}",
            N_(
                "The page shows first what will be looked at. Nothing is changed, and the result goes to your request:"
            ),
            "{url}",
            N_("The link works until {expires:datetime}."),
        ),
        {
            "name": reader.name,
            "agent": agent,
            "number": number,
            "subject": subject,
            "message": message,
            "target": target,
            "url": url,
            "expires": expires,
        },
    )


def _compose(
    reader: EmailReader, key: str, subject: str, parts: tuple[str, ...], args: dict[str, object]
) -> OutgoingEmail:
    paragraphs = [sentence(reader.lang, part, args, reader.zone) for part in parts]
    heading = " ".join(sentence(reader.lang, subject, args, reader.zone).split())
    return OutgoingEmail(
        key, reader.email, heading[:200], "\n\n".join(s for s in paragraphs if s) + "\n"
    )
