"""Timeline: what held from which moment on, piece by piece. Pure.

A timeline is an ascending tuple of segments; a segment holds until the next one begins.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

V = TypeVar("V")


def truncate_to_second(at: datetime) -> datetime:
    """The moment without its fraction of a second."""
    return at.replace(microsecond=0)


def overwrite(
    timeline: tuple[tuple[datetime, V], ...], since: datetime, value: V
) -> tuple[tuple[datetime, V], ...]:
    """The timeline with this value from a moment on, whatever it held there before."""
    before = timeline
    while before and before[-1][0] >= since:
        before = before[:-1]
    return before if before and before[-1][1] == value else (*before, (since, value))


def value_at(timeline: tuple[tuple[datetime, V], ...], at: datetime) -> V | None:
    """What held at a moment; None before the first segment."""
    index = bisect_right(timeline, at, key=_begin)
    return timeline[index - 1][1] if index else None


def starts_between(
    timeline: tuple[tuple[datetime, V], ...], after: datetime, until: datetime
) -> Iterator[datetime]:
    """The beginnings later than one moment and not later than another, latest first."""
    for since, _ in reversed(timeline):
        if since <= after:
            return
        if since <= until:
            yield since


def kept_since(
    timeline: tuple[tuple[datetime, V], ...], first: datetime, limit: int
) -> tuple[tuple[datetime, V], ...]:
    """Without the segments that ended before a moment; at most so many, the newest."""
    index = max(bisect_right(timeline, first, key=_begin) - 1, len(timeline) - limit, 0)
    return timeline[index:]


def _begin(segment: tuple[datetime, object]) -> datetime:
    return segment[0]
