"""Ninety days as a picture: one SVG path per condition, and the same days as runs and letters.

Pure. The picture's height tells the condition as well as its colour does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby

from status.labels import CONDITION_CODES
from status.model import Condition, UptimeDay
from status.state.composition import SEVERITY

STEP = 3  # units of width a day takes; one of them is the gap
HEIGHT = 32
_HEIGHTS = {
    Condition.OPERATIONAL: 20,
    Condition.UNDER_MAINTENANCE: 14,
    Condition.DEGRADED_PERFORMANCE: 24,
    Condition.PARTIAL_OUTAGE: 28,
    Condition.MAJOR_OUTAGE: 32,
    Condition.NO_DATA: 10,
}
_CONDITIONS = {letter: condition for condition, letter in CONDITION_CODES.items()}
_GRAVITY = {CONDITION_CODES[condition]: n for n, condition in enumerate(SEVERITY)}


@dataclass(frozen=True, slots=True)
class BarRun:
    """Days in a row that look the same."""

    first: date
    last: date
    condition: Condition


@dataclass(frozen=True, slots=True)
class UptimeBars:
    """`paths` are (condition, path data); `letters` one letter a day for the keyboard walk."""

    first: date
    width: int
    letters: str
    paths: tuple[tuple[Condition, str], ...]
    runs: tuple[BarRun, ...]

    @property
    def troubled(self) -> tuple[BarRun, ...]:
        """The runs that are not plainly good, newest first: the table beside the picture."""
        return tuple(r for r in reversed(self.runs) if r.condition is not Condition.OPERATIONAL)


def letters_of(days: Iterable[UptimeDay]) -> str:
    """The worst of each day, a letter a day."""
    return "".join([CONDITION_CODES[day.worst] for day in days])


@lru_cache(maxsize=8192)  # between two publications hardly a picture changes
def bars(first: date, letters: str) -> UptimeBars:
    """The picture of some consecutive days (at least one), a letter a day."""
    drawn = [c for c in Condition if CONDITION_CODES[c] in letters]
    return UptimeBars(
        first=first,
        width=STEP * len(letters),
        letters=letters,
        paths=tuple((c, _path(letters, c)) for c in drawn),
        runs=_runs(first, letters),
    )


@lru_cache(maxsize=1024)
def worst_of_each_day(rows: tuple[str, ...]) -> str:
    """Several components' days as one row: each day is as bad as the worst of them."""
    return "".join([max(day, key=_GRAVITY.__getitem__) for day in zip(*rows, strict=True)])


def _path(letters: str, drawn: Condition) -> str:
    height, code = _HEIGHTS[drawn], CONDITION_CODES[drawn]
    parts: list[str] = []
    last = 0
    for day, letter in enumerate(letters):
        if letter == code:
            step = (
                f"m{STEP * (day - last)}-{height}"
                if parts
                else f"M{STEP * day + 1.5} {HEIGHT - height}"
            )
            parts.append(f"{step}v{height}")
            last = day
    return "".join(parts)


def _runs(first: date, letters: str) -> tuple[BarRun, ...]:
    runs: list[BarRun] = []
    after = 0
    for letter, days in groupby(letters):
        begin, after = after, after + len(list(days))
        begins_on, ends_on = (first + timedelta(days=n) for n in (begin, after - 1))
        runs.append(BarRun(begins_on, ends_on, _CONDITIONS[letter]))
    return tuple(runs)
