"""Dates as registries write them. An ambiguous one is None: unknown is better than wrong. Pure."""

from __future__ import annotations

import re
from datetime import date

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
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_NAME = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR_MONTH_NAME = re.compile(rf"\b(\d{{4}})[-. ]{_NAME}[-. ](\d{{1,2}})(?!\d)")
_DAY_MONTH_NAME = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?[-. /]+{_NAME}[-. /,]+(\d{{4}})\b"
)
_MONTH_NAME_DAY = re.compile(rf"\b{_NAME} +(\d{{1,2}})(?:st|nd|rd|th)?\b,?(?: .*)? (\d{{4}})\b")
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d)")
_EITHER = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?!\d)")


def parse(text: str, *, day_first: bool = False) -> date | None:
    """The first date in a text, or None when there is none or it could be two different days.

    `day_first` says that this registry writes day/month/year; dots always mean that.
    """
    low = text.strip().lower()[:80]
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


def _iso(low: str) -> date | None:
    match = _ISO.search(low) or _COMPACT.search(low)
    return _made(*match.groups()) if match else None


def _named(low: str) -> date | None:
    if match := _YEAR_MONTH_NAME.search(low):
        year, month, day = match.groups()
    elif match := _DAY_MONTH_NAME.search(low):
        day, month, year = match.groups()
    elif match := _MONTH_NAME_DAY.search(low):
        month, day, year = match.groups()
    else:
        return None
    return _made(year, _MONTHS[month], day)


def _dotted(low: str) -> date | None:
    match = _DOTTED.search(low)
    return _made(match[3], match[2], match[1]) if match else None


def _either(low: str, *, day_first: bool) -> date | None:
    match = _EITHER.search(low)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[2]), match[3]
    if day_first or first > 12 or first == second:
        return _made(year, second, first)
    return _made(year, first, second) if second > 12 else None
