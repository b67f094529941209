"""Questions that a walk puts to DNS, and the answers it receives: how walks stay free of sockets.

A walk is a generator that yields batches of questions, each batch asked side by side. In life it is
driven over the network by collectors, in tests by a plain function.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from standards.dns_types import Lookup, Trouble

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query:
    """A DNS question; `type` is TXT, A, AAAA, MX or PTR."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class QueryReply:
    """Its answer: values (TXT joined, MX as host names by preference), or why there are none."""

    values: tuple[str, ...] = ()
    exists: bool = True  # False on NXDOMAIN
    failed: bool = False  # time-out, SERVFAIL: nothing is known


Batch = tuple[Query, ...]
Replies = tuple[QueryReply, ...]
Walk = Generator[Batch, Replies, T]


def run_walk(walk: Walk[T], answer: Callable[[Query], QueryReply]) -> T:
    """The walk's value, every question answered by a function: for whatever is already known."""
    try:
        batch = next(walk)
        while True:
            batch = walk.send(tuple(answer(query) for query in batch))
    except StopIteration as end:
        value: T = end.value
        return value


def reply_from_lookup(lookup: Lookup, query: Query) -> QueryReply:
    """What a look-up means to a walk: NOERROR and NXDOMAIN are answers, the rest is not."""
    if lookup.rcode == "NXDOMAIN" or lookup.trouble is Trouble.NXDOMAIN:
        return QueryReply(exists=False)
    if lookup.trouble is not None or lookup.rcode != "NOERROR":
        return QueryReply(failed=True)
    values = lookup.values(query.type)
    if query.type == "MX":
        values = tuple(v.partition(" ")[2].rstrip(".") for v in sorted(values, key=_preference))
    elif query.type in ("TXT", "SPF"):
        values = tuple(join_strings(v) for v in values)
    elif query.type == "PTR":
        values = tuple(v.rstrip(".") for v in values)
    return QueryReply(values)


def _preference(value: str) -> int:
    head = value.partition(" ")[0]
    return int(head) if head.isdigit() else 65536


def join_strings(text: str) -> str:
    """The character-strings of a TXT value in presentation form, put together (RFC 7208, 3.3)."""
    return "".join(character_strings(text))


def character_strings(text: str) -> tuple[str, ...]:
    """The character-strings of a TXT value in presentation form (RFC 1035, 5.1), each as it is."""
    parts: list[list[str]] = []
    inside, position = False, 0
    while position < len(text):
        char = text[position]
        if char == '"':
            inside = not inside
            if inside:
                parts.append([])
        elif char == " " and not inside:
            pass
        else:
            if not inside and (not parts or text[position - 1] == " " or text[position - 1] == '"'):
                parts.append([])  # a bare word
            unescaped, position = _unescape_at(text, position)
            parts[-1].append(unescaped)
        position += 1
    return tuple("".join(part) for part in parts)


def _unescape_at(text: str, position: int) -> tuple[str, int]:
    """One character with its escape undone, and where it ends."""
    if text[position] != "\\":
        return text[position], position
    if text[position + 1 : position + 4].isdigit():
        return chr(min(int(text[position + 1 : position + 4]), 255)), position + 3
    if position + 1 < len(text):
        return text[position + 1], position + 1
    return "", position
