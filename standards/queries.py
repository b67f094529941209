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


def answered(walk: Walk[T], tell: Callable[[Query], QueryReply]) -> T:
    """The walk's value, every question answered by a function: for whatever is already known."""
    try:
        batch = next(walk)
        while True:
            batch = walk.send(tuple(tell(ask) for ask in batch))
    except StopIteration as end:
        value: T = end.value
        return value


def reply(lookup: Lookup, ask: Query) -> QueryReply:
    """What a look-up means to a walk: NOERROR and NXDOMAIN are answers, the rest is not."""
    if lookup.rcode == "NXDOMAIN" or lookup.trouble is Trouble.NXDOMAIN:
        return QueryReply(exists=False)
    if lookup.trouble is not None or lookup.rcode != "NOERROR":
        return QueryReply(failed=True)
    values = lookup.values(ask.type)
    if ask.type == "MX":
        values = tuple(v.partition(" ")[2].rstrip(".") for v in sorted(values, key=_preference))
    elif ask.type in ("TXT", "SPF"):
        values = tuple(joined(v) for v in values)
    elif ask.type == "PTR":
        values = tuple(v.rstrip(".") for v in values)
    return QueryReply(values)


def _preference(value: str) -> int:
    head = value.partition(" ")[0]
    return int(head) if head.isdigit() else 65536


def joined(text: str) -> str:
    """The character-strings of a TXT value in presentation form, put together (RFC 7208, 3.3)."""
    return "".join(strings(text))


def strings(text: str) -> tuple[str, ...]:
    """The character-strings of a TXT value in presentation form (RFC 1035, 5.1), each as it is."""
    parts: list[list[str]] = []
    inside, at = False, 0
    while at < len(text):
        char = text[at]
        if char == '"':
            inside = not inside
            if inside:
                parts.append([])
        elif char == " " and not inside:
            pass
        else:
            if not inside and (not parts or text[at - 1] == " " or text[at - 1] == '"'):
                parts.append([])  # a bare word
            plain, at = _character(text, at)
            parts[-1].append(plain)
        at += 1
    return tuple("".join(part) for part in parts)


def _character(text: str, at: int) -> tuple[str, int]:
    """One character with its escape undone, and where it ends."""
    if text[at] != "\\":
        return text[at], at
    if text[at + 1 : at + 4].isdigit():
        return chr(min(int(text[at + 1 : at + 4]), 255)), at + 3
    if at + 1 < len(text):
        return text[at + 1], at + 1
    return "", at
