"""Dates as registries write them. An ambiguous one is None: unknown is better than wrong. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from standards.registration.time_zones import midnight

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january", "ene"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april", "abr"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august", "ago"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december", "dic"),
        ),
        start=1,
    )
    for name in names
}
_ISO = re.compile(r"\b(\d{4})[-./]\s?(\d{1,2})[-./]\s?(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?:\d{6})?(?!\d)")
_NAME = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR_MONTH_NAME = re.compile(rf"\b(\d{{4}})[-. ]{_NAME}[-. ](\d{{1,2}})(?!\d)")
_DAY_MONTH_NAME = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?[-. /]+{_NAME}[-. /,]+(\d{{4}})\b"
)
_MONTH_NAME_DAY = re.compile(rf"\b{_NAME} +(\d{{1,2}})(?:st|nd|rd|th)?\b,?(?: .*)? (\d{{4}})\b")
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d)")
_EITHER = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?!\d)")


def parse(text: str, *, day_first: bool = False, tld: str = "") -> date | None:
    """The first date in a text, or None when there is none or it could be two different days.

    `day_first` says that this registry writes day/month/year; dots always mean that. An instant
    that is midnight in the zone of the registry of `tld` means the day that begins then.
    """
    low = text.strip().lower()[:80]
    if low.startswith(("before", "after", "prior")):
        return None
    if begun := midnight(low, tld):
        return begun if _made(begun.year, begun.month, begun.day) else None
    for read in (_iso, _named, _dotted):
        found = read(low)
        if found is not None:
            return found
    return _either(low, day_first=day_first)


def _made(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if 1980 <= found.year <= 2200 else None


def _sure(days: Iterable[date | None]) -> date | None:
    """The only date of a text: two different ones are a range, and neither is meant for sure."""
    found = {day for day in days if day}
    return found.pop() if len(found) == 1 else None


def _iso(low: str) -> date | None:
    matches = (m for pattern in (_ISO, _COMPACT) for m in pattern.finditer(low))
    return _sure(_made(*m.groups()) for m in matches)


def _named(low: str) -> date | None:
    for pattern, order in (
        (_YEAR_MONTH_NAME, (1, 2, 3)),
        (_DAY_MONTH_NAME, (3, 2, 1)),
        (_MONTH_NAME_DAY, (3, 1, 2)),
    ):
        if found := list(pattern.finditer(low)):
            parts = ([m[i] for i in order] for m in found)
            return _sure(_made(year, _MONTHS[month], day) for year, month, day in parts)
    return None


def _dotted(low: str) -> date | None:
    return _sure(_made(m[3], m[2], m[1]) for m in _DOTTED.finditer(low))


def _either(low: str, *, day_first: bool) -> date | None:
    found = {_ordered(m, day_first=day_first) for m in _EITHER.finditer(low)}
    return found.pop() if len(found) == 1 else None


def _ordered(match: re.Match[str], *, day_first: bool) -> date | None:
    first, second, year = int(match[1]), int(match[2]), match[3]
    if day_first or first > 12 or first == second:
        return _made(year, second, first)
    return _made(year, first, second) if second > 12 else None
