"""DNS queries and replies of sans-I/O walks, and TXT character-strings in presentation form.

A walk is a generator that yields batches of queries, to be asked in parallel, and receives their
replies; its return value is the result. The caller drives it over the network, a test with a
function.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from standards.dns_types import Lookup, Trouble

T = TypeVar("T")
_POLICY_WORDS = re.compile(r"spf|dmarc", re.IGNORECASE)
NO_PREFERENCE = 65536  # above any of MX
MAX_POLICIES = 16  # TXT values of one name that are looked at where one policy is expected


@dataclass(frozen=True, slots=True)
class Query:
    """A DNS query; `type` is TXT, A, AAAA, MX or PTR."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class QueryReply:
    """The reply to a query: values (TXT joined, MX as exchange names by preference), or why none."""

    values: tuple[str, ...] = ()
    exists: bool = True  # False on NXDOMAIN
    failed: bool = False  # time-out or SERVFAIL: the answer is unknown


Batch = tuple[Query, ...]
Replies = tuple[QueryReply, ...]
Walk = Generator[Batch, Replies, T]


def reply_from_lookup(lookup: Lookup, query: Query) -> QueryReply:
    """A look-up as a reply: NOERROR and NXDOMAIN are answers, every other outcome has `failed`."""
    if lookup.rcode == "NXDOMAIN" or lookup.trouble is Trouble.NXDOMAIN:
        return QueryReply(exists=False)
    if lookup.trouble is not None or lookup.rcode != "NOERROR":
        return QueryReply(failed=True)
    values = lookup.values(query.type)
    if query.type == "MX":
        values = tuple(v.partition(" ")[2].rstrip(".") for v in sorted(values, key=_preference))
    elif query.type in ("TXT", "SPF"):
        values = tuple(map(join_strings, likely_policies(values)))
    elif query.type == "PTR":
        values = tuple(v.rstrip(".") for v in values)
    return QueryReply(values)


def likely_policies(values: Sequence[str]) -> tuple[str, ...]:
    """The TXT values to look at for a policy, MAX_POLICIES at most. Of more, those that begin like
    SPF or DMARC go first, then the alphabet decides: servers give hundreds of tokens in any order,
    and the same ones are to be looked at whoever answered."""
    if len(values) <= MAX_POLICIES:
        return tuple(values)
    by_likelihood = sorted(values, key=lambda v: (not _POLICY_WORDS.search(v[:64]), v))
    return tuple(by_likelihood[:MAX_POLICIES])


def _preference(value: str) -> int:
    head = value.partition(" ")[0]
    return int(head) if head.isdecimal() else NO_PREFERENCE


def mail_exchanges(answers: Iterable[Lookup]) -> list[tuple[int, str]]:
    """Distinct (preference, host) of MX records in all answers, best first; a null MX is none (RFC 7505)."""
    exchanges: set[tuple[int, str]] = set()
    for value in (value for answer in answers for value in answer.values("MX")):
        host = value.partition(" ")[2].strip().rstrip(".").lower()
        if host and (preference := _preference(value)) < NO_PREFERENCE:
            exchanges.add((preference, host))
    return sorted(exchanges)


def join_strings(text: str) -> str:
    """TXT rdata in presentation form as one string, joined without spaces (RFC 7208, 3.3)."""
    return "".join(character_strings(text))


def character_strings(text: str) -> tuple[str, ...]:
    """The character-strings of TXT rdata in presentation form (RFC 1035, 5.1), escapes undone."""
    parts: list[list[str]] = []
    inside, apart, position = False, True, 0  # apart: a bare word begins with what comes next
    while position < len(text):
        char = text[position]
        if char == '"':
            inside, apart = not inside, True
            if inside:
                parts.append([])
        elif char == " " and not inside:
            apart = True
        else:
            if apart and not inside:
                parts.append([])
                apart = False
            unescaped, position = _unescape_at(text, position)
            parts[-1].append(unescaped)
        position += 1
    return tuple("".join(part) for part in parts)


def _unescape_at(text: str, position: int) -> tuple[str, int]:
    """The character at a position with its escape (\\DDD or \\X) undone, and its last position."""
    if text[position] != "\\":
        return text[position], position
    digits = text[position + 1 : position + 4]
    if len(digits) == 3 and digits.isdecimal():
        return chr(min(int(digits), 255)), position + 3
    if position + 1 < len(text):
        return text[position + 1], position + 1
    return "", position
