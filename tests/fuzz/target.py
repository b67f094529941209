"""What a fuzz target is: a parser, what it may raise, and what its results never are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from enum import Enum

SECONDS = 2.0  # one input of a few kilobytes, on a busy machine
DEPTH = 40


@dataclass(frozen=True, slots=True)
class Target:
    """One parser. `check` takes any bytes, raises nothing (typed errors are caught inside), and
    asserts what holds of every result. `reads` names the modules it goes through."""

    name: str
    check: Callable[[bytes], object]
    reads: tuple[str, ...]
    seeds: tuple[bytes, ...]


def text(data: bytes) -> str:
    """Bytes as the doors hand them on: UTF-8, broken ones replaced."""
    return data.decode("utf-8", "replace")


def sound(value: object, most: int = 2_000_000) -> None:
    """A result can be kept and shown: plain values that encode, of a bounded size."""
    text = json.dumps(_plain(value), ensure_ascii=False)
    text.encode("utf-8")  # no half of a surrogate pair
    assert len(text) < most, len(text)


def _plain(value: object, depth: int = 0) -> object:  # noqa: PLR0911 - one line for each kind
    assert depth < DEPTH, "nested without end"
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name), depth + 1) for f in fields(value)}
    if isinstance(value, dict):
        return {str(k): _plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v, depth + 1) for v in value]
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, date | timedelta):
        return str(value)
    if isinstance(value, bytes | bytearray):
        return value.hex()
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)


def mixed(*texts: str | bytes | Iterable[str]) -> tuple[bytes, ...]:
    """Seeds from texts, bytes and lists of texts."""
    out: list[bytes] = []
    for item in texts:
        if isinstance(item, bytes):
            out.append(item)
        elif isinstance(item, str):
            out.append(item.encode())
        else:
            out += [t.encode() for t in item]
    return tuple(out)
