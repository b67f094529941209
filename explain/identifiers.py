"""What a postmaster looks a message up by, lifted out of pasted text: identifiers, queues, dates,
servers, sender and recipients. Pure; bounded; repeats nothing of the message itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from explain.bounces.delivery_report import ADDRESS, mailbox_in
from explain.headers import received
from explain.plain_text import MAX_TEXT, lines_of, unquoted

MOST = 12
_NAME = re.compile(r"^\s{0,4}([A-Za-z][A-Za-z-]{1,40})\s?:\s?(.{1,2000})$")
# White space is bounded: two runs side by side are tried in every way they can be cut.
_MESSAGE_ID = re.compile(
    r"message-id\s{0,9}:?\s{0,99}<?([^\s<>@]{1,200}@[^\s<>\"']{2,200})>", re.IGNORECASE
)
# Where mail systems name their queue: Postfix, Sendmail and others in Received and in logs, Exim by shape.
_QUEUES = (
    re.compile(r"x-postfix-queue-id\s*:\s*(\w{6,40})", re.IGNORECASE),
    re.compile(r"\b(?:e?smtps?a?|lmtps?a?)\b[^;\n]{0,120}?\s+id\s+<?([\w.-]{5,80})", re.IGNORECASE),
    re.compile(r"\(postfix[^)\n]{0,60}\)[^;\n]{0,60}?\s+id\s+(\w{6,40})", re.IGNORECASE),
    re.compile(r"queued as\s+<?([\w.-]{5,60})", re.IGNORECASE),
    re.compile(r"postfix/[\w/-]{3,30}\[\d+\]:\s+(\w{6,40}):", re.IGNORECASE),
    re.compile(r"(?<![\w-])((?=[\w-]*\d)[0-9A-Za-z]{6}-(?:[0-9A-Za-z]{6}|[0-9A-Za-z]{11})-(?:[0-9A-Za-z]{2}|[0-9A-Za-z]{4}))(?![\w-])"),
    re.compile(r"\bqp\s+(\d{2,10})\b"),
)  # fmt: skip
_VERSION = re.compile(r"^\d{1,3}(?:\.\d{1,5}){2,3}$")
_DATES = ("date", "arrival-date", "last-attempt-date", "sent", "datum", "odesláno", "odesláno dne",
          "odoslané", "data", "wysłano", "poslano", "gesendet", "envoyé")  # fmt: skip
_RECEIVED = re.compile(r"original message was received (?:at|on)\s+(.{10,60})", re.IGNORECASE)
_FROM = ("from", "sender", "return-path", "x-envelope-from", "od", "von")
_TO = (
    "final-recipient",
    "original-recipient",
    "x-failed-recipients",
    "to",
    "komu",
    "do",
    "za",
    "an",
)
_MACHINES = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?reply|noreply|bounce[\w+-]*)@", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class MessageIdentifiers:
    """Each in the order of the text, once. Dates are aware and UTC."""

    message_ids: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    dates: tuple[datetime, ...] = ()
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.message_ids or self.queues or self.dates)


def lift(text: str) -> MessageIdentifiers:
    """The identifiers of a pasted report, header or log."""
    plain = unquoted(text[:MAX_TEXT])
    unfolded = re.sub(r"\n[ \t]+", " ", plain.replace("\r\n", "\n"))
    fields = list(_fields(unfolded))
    return MessageIdentifiers(
        _once(m[1] for m in _MESSAGE_ID.finditer(unfolded)),
        _once(q for q in _queues(unfolded)),
        _dates(fields, unfolded),
        _people(fields, _FROM),
        _people(fields, _TO),
    )


def _fields(text: str) -> Iterator[tuple[str, str]]:
    for line in lines_of(text):
        if match := _NAME.match(line):
            yield match[1].lower(), match[2]


def _queues(text: str) -> Iterator[str]:
    for pattern in _QUEUES:
        for match in pattern.finditer(text):
            found = match[1].strip(".-")
            if any(c.isdigit() for c in found) and not _VERSION.match(found):
                yield found


def _dates(fields: list[tuple[str, str]], text: str) -> tuple[datetime, ...]:
    written = [value for name, value in fields if name in _DATES]
    written += [m[1] for m in _RECEIVED.finditer(text)]
    found = (received.moment(value) for value in written[:50])
    return tuple(dict.fromkeys(at for at in found if at is not None))[:MOST]


def _people(fields: list[tuple[str, str]], names: tuple[str, ...]) -> tuple[str, ...]:
    found = (mailbox_in(value) for name, value in fields if name in names)
    return _once(a for a in found if ADDRESS.fullmatch(a) and not _MACHINES.match(a))


def _once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:MOST]
