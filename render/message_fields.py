"""Placeholders in braces in texts: found, compared with a translation's, and described to translators. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

FIELD = re.compile(r"\{(\w+)(?::(\w+))?\}")
KINDS = {
    "": "a name, text or number, as it is",
    "bytes": "a size, such as 1.5 GB",
    "days": "a count of days in words, such as 3 days",
    "duration": "a span of time, such as 20 minutes",
    "date": "a date",
    "month": "a month and its year",
    "datetime": "a date with the time",
    "list": "several names, joined as the language joins them",
    "number": "a number",
    "percent": "a percentage",
    "milliseconds": "a short time, such as 120 ms or 1.5 s",
    "host": "the name of a host or domain",
    "code": "a value to copy, never respelled",
    "said": "a sentence or term that is translated by itself",
}


def fields(text: str) -> set[str]:
    """The names in braces that a text is filled with."""
    return {match[1] for match in FIELD.finditer(text)}


def filled_alike(text: str, forms: Sequence[str]) -> bool:
    """The last form has exactly the fields; the others may leave some out ("once" for {n})."""
    return fields(forms[-1]) == fields(text) and all(fields(f) <= fields(text) for f in forms)


def comments_of(msgid: str | Sequence[str]) -> Iterator[str]:
    """A line for each field in a text (the last form of a counted one) and what its kind is."""
    text = msgid if isinstance(msgid, str) else msgid[-1]
    kinds = {match[0]: match[2] or "" for match in FIELD.finditer(text)}
    yield from (f"{field}: {KINDS[kind]}" for field, kind in kinds.items() if kind in KINDS)
