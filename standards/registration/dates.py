"""Reads dates of WHOIS and RDAP as registries write them (31.12.2026, 31-dec-2026); an ambiguous one is None.
Which line of an answer holds a date is in registry_dialects.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from standards.registration.registry_time_zones import date_at_midnight

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
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?!\d)")


def parse_date(text: str, *, day_first: bool = False, tld: str = "") -> date | None:
    """The date in a text, or None when there is none or it could be two different days.

    `day_first` says that this registry writes day/month/year; dots always mean that. An instant
    that is midnight in the zone of the registry of `tld` means the day that begins then.
    """
    lowered = text.strip().lower()[:80]
    if lowered.startswith(("before", "after", "prior")):
        return None
    if local_day := date_at_midnight(lowered, tld):
        return local_day if _valid_date(local_day.year, local_day.month, local_day.day) else None
    for reader in (_year_first, _with_month_name, _day_first_with_dots):
        day = reader(lowered)
        if day is not None:
            return day
    return _with_slashes(lowered, day_first=day_first)


def _valid_date(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        candidate = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return candidate if 1980 <= candidate.year <= 2200 else None


def _only_date(days: Iterable[date | None]) -> date | None:
    """The only date of several; two different ones are a range, and give None."""
    distinct = {day for day in days if day}
    return distinct.pop() if len(distinct) == 1 else None


def _year_first(lowered: str) -> date | None:
    matches = (m for pattern in (_ISO, _COMPACT) for m in pattern.finditer(lowered))
    return _only_date(_valid_date(*m.groups()) for m in matches)


def _with_month_name(lowered: str) -> date | None:
    for pattern, order in (
        (_YEAR_MONTH_NAME, (1, 2, 3)),
        (_DAY_MONTH_NAME, (3, 2, 1)),
        (_MONTH_NAME_DAY, (3, 1, 2)),
    ):
        if matches := list(pattern.finditer(lowered)):
            parts = ([m[i] for i in order] for m in matches)
            return _only_date(_valid_date(year, _MONTHS[month], day) for year, month, day in parts)
    return None


def _day_first_with_dots(lowered: str) -> date | None:
    return _only_date(_valid_date(m[3], m[2], m[1]) for m in _DOTTED.finditer(lowered))


def _with_slashes(lowered: str, *, day_first: bool) -> date | None:
    distinct = {_day_and_month(m, day_first=day_first) for m in _SLASHED.finditer(lowered)}
    return distinct.pop() if len(distinct) == 1 else None


def _day_and_month(match: re.Match[str], *, day_first: bool) -> date | None:
    first, second, year = int(match[1]), int(match[2]), match[3]
    if day_first or first > 12 or first == second:
        return _valid_date(year, second, first)
    return _valid_date(year, first, second) if second > 12 else None
