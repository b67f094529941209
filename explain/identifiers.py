"""Identifiers of a message in pasted text: Message-IDs, queue ids, dates, senders, recipients.

What a postmaster searches logs by. Bounded; repeats nothing of the message's content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from explain.bounces.delivery_report import ADDRESS, mailbox_in
from explain.headers import received
from explain.pasted_text import MAX_TEXT, clean_lines, strip_quoting

MAX_VALUES = 12
_FIELD_LINE = re.compile(r"^\s{0,4}([^\W\d_](?:[^\W\d_]|[ -]){1,40})(?<! )\s?:\s?(.{1,2000})$")
# White space is bounded: two runs side by side are tried in every way they can be cut.
_MESSAGE_ID = re.compile(
    r"message-id\s{0,9}:?\s{0,99}<?([^\s<>@]{1,200}@[^\s<>\"']{2,200})>", re.IGNORECASE
)
# Where mail systems name their queue: Postfix, Sendmail and others in Received and in logs, Exim by shape.
_QUEUE_ID_PATTERNS = (
    re.compile(r"x-postfix-queue-id\s*:\s*(\w{6,40})", re.IGNORECASE),
    re.compile(r"\b(?:e?smtps?a?|lmtps?a?)\b[^;\n]{0,120}?\s+id\s+<?([\w.-]{5,80})", re.IGNORECASE),
    re.compile(r"\(postfix[^)\n]{0,60}\)[^;\n]{0,60}?\s+id\s+(\w{6,40})", re.IGNORECASE),
    re.compile(r"queued as\s+<?([\w.-]{5,60})", re.IGNORECASE),
    re.compile(r"postfix/[\w/-]{3,30}\[\d+\]:\s+(\w{6,40}):", re.IGNORECASE),
    re.compile(r"(?<![\w-])((?=[\w-]*\d)[0-9A-Za-z]{6}-(?:[0-9A-Za-z]{6}|[0-9A-Za-z]{11})-(?:[0-9A-Za-z]{2}|[0-9A-Za-z]{4}))(?![\w-])"),
    re.compile(r"\bqp\s+(\d{2,10})\b"),
)  # fmt: skip
_VERSION_NUMBER = re.compile(r"^\d{1,3}(?:\.\d{1,5}){2,3}$")
_DATE_FIELDS = ("date", "arrival-date", "last-attempt-date", "sent", "datum", "odesláno", "odesláno dne",
          "odoslané", "data", "wysłano", "poslano", "gesendet", "envoyé")  # fmt: skip
_RECEIVED_AT = re.compile(r"original message was received (?:at|on)\s+(.{10,60})", re.IGNORECASE)
_SENDER_FIELDS = ("from", "sender", "return-path", "x-envelope-from", "od", "von")
_RECIPIENT_FIELDS = (
    "final-recipient",
    "original-recipient",
    "x-failed-recipients",
    "to",
    "komu",
    "do",
    "za",
    "an",
)
_AUTOMATIC_SENDER = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?reply|noreply|bounce[\w+-]*)@", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class MessageIdentifiers:
    """Identifiers in the order of the text, each once. Dates are aware and UTC."""

    message_ids: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    dates: tuple[datetime, ...] = ()
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.message_ids or self.queues or self.dates)


def extract_identifiers(text: str) -> MessageIdentifiers:
    """The identifiers of a pasted report, header or log."""
    unquoted_text = strip_quoting(text[:MAX_TEXT])
    unfolded = re.sub(r"\n[ \t]+", " ", unquoted_text.replace("\r\n", "\n"))
    fields = list(_fields(unfolded))
    return MessageIdentifiers(
        _distinct(m[1] for m in _MESSAGE_ID.finditer(unfolded)),
        _distinct(q for q in _queue_ids(unfolded)),
        _dates(fields, unfolded),
        _addresses_in(fields, _SENDER_FIELDS),
        _addresses_in(fields, _RECIPIENT_FIELDS),
    )


def _fields(text: str) -> Iterator[tuple[str, str]]:
    for line in clean_lines(text):
        if match := _FIELD_LINE.match(line):
            yield match[1].lower(), match[2]


def _queue_ids(text: str) -> Iterator[str]:
    for pattern in _QUEUE_ID_PATTERNS:
        for match in pattern.finditer(text):
            queue_id = match[1].strip(".-")
            if any(c.isdigit() for c in queue_id) and not _VERSION_NUMBER.match(queue_id):
                yield queue_id


def _dates(fields: list[tuple[str, str]], text: str) -> tuple[datetime, ...]:
    texts = [value for name, value in fields if name in _DATE_FIELDS]
    texts += [m[1] for m in _RECEIVED_AT.finditer(text)]
    parsed = (received.parse_date(value) for value in texts[:50])
    return tuple(dict.fromkeys(at for at in parsed if at is not None))[:MAX_VALUES]


def _addresses_in(fields: list[tuple[str, str]], names: tuple[str, ...]) -> tuple[str, ...]:
    addresses = (mailbox_in(value) for name, value in fields if name in names)
    return _distinct(
        a for a in addresses if ADDRESS.fullmatch(a) and not _AUTOMATIC_SENDER.match(a)
    )


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))[:MAX_VALUES]
