"""When a department is there, and by when an answer may be expected. Pure.

Two tables of hours: what is guaranteed and what is usually true. Promises are counted in
guaranteed hours only.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Protocol, cast
from zoneinfo import ZoneInfo

HORIZON = 60  # days looked ahead; a department closed for longer promises nothing
MIDNIGHT = time(0, 0)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class OpeningSpan:
    """From and until, in local time. Until midnight is written 00:00."""

    start: time
    end: time


Week = Mapping[int, tuple[OpeningSpan, ...]]  # 0 is Monday
ALWAYS: Week = {day: (OpeningSpan(MIDNIGHT, MIDNIGHT),) for day in range(7)}


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """A department's hours. `country` (ISO 3166) closes it on that country's public holidays,
    unless `holidays_too`."""

    zone: str = "UTC"
    guaranteed: Week = field(default_factory=lambda: ALWAYS)
    available: Week = field(default_factory=lambda: ALWAYS)
    country: str = ""
    holidays_too: bool = False


def parse_week(text: str) -> Week:
    """Hours as settings write them: "Mon-Fri 08:00-16:30, Sat 9-12", or "24/7", or "" for never.

    Raises ValueError with the part that could not be read.
    """
    if text.strip() in ("24/7", "always"):
        return ALWAYS
    spans: dict[int, tuple[OpeningSpan, ...]] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        days, _, clock = part.partition(" ")
        try:
            first, _, last = days.lower().partition("-")
            opening, _, closing = clock.strip().partition("-")
            span = OpeningSpan(_time(opening), _time(closing))
            numbers = _days(_day(first), _day(last or first))
        except ValueError as error:
            raise ValueError(
                f"hours {part!r} are not like 'Mon-Fri 08:00-16:30' or '24/7'"
            ) from error
        for number in numbers:
            spans[number] = (*spans.get(number, ()), span)
    return spans


def _day(text: str) -> int:
    """The number of a day by its name, whole or from three letters on: Mon, Thurs, Friday."""
    (number,) = (n for n, day in enumerate(DAYS) if len(text) > 2 and day.startswith(text))
    return number


def _days(first: int, last: int) -> list[int]:
    """From one day to another, over the end of the week where the last comes before: Sat-Mon."""
    return [(first + n) % 7 for n in range((last - first) % 7 + 1)]


def _time(text: str) -> time:
    hour, _, minute = text.strip().partition(":")
    numbers = int(hour), int(minute or 0)
    return MIDNIGHT if numbers == (24, 0) else time(*numbers)


def is_holiday(hours: OpeningHours, on: date) -> bool:
    """Whether the department rests on this public holiday."""
    if not hours.country or hours.holidays_too:
        return False
    return on in _holidays(hours.country, on.year)


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(_library().country_holidays(country, years=year))


def open_spans(
    hours: OpeningHours, week: Week, after: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The open spans from a moment on, in UTC, within the horizon; the first may be running."""
    zone = ZoneInfo(hours.zone)
    today = after.astimezone(zone).date()
    for ahead in range(-1, HORIZON):
        on = today + timedelta(days=ahead)
        if is_holiday(hours, on):
            continue
        for span in sorted(week.get(on.weekday(), ()), key=lambda s: s.start):
            closes = on if span.end > span.start else on + timedelta(days=1)
            start = datetime.combine(on, span.start, zone).astimezone(UTC)
            end = datetime.combine(closes, span.end, zone).astimezone(UTC)
            if end > after:
                yield max(start, after), end


def answer_expected(hours: OpeningHours, within: timedelta | None, at: datetime) -> datetime | None:
    """By when an answer is promised: `within` counted in guaranteed hours. None: no promise."""
    if within is None:
        return None
    left = within
    for start, end in open_spans(hours, hours.guaranteed, at):
        if end - start >= left:
            return start + left
        left -= end - start
    return None


def check_country(country: str) -> None:
    """Raises ValueError for one whose public holidays are not known."""
    try:
        _library().country_holidays(country)
    except (KeyError, NotImplementedError) as error:  # by release of the library
        raise ValueError(f"no public holidays are known of {country!r}") from error


class _HolidayLibrary(Protocol):
    def country_holidays(self, country: str, *, years: int | None = None) -> Iterable[date]: ...


def _library() -> _HolidayLibrary:
    """Loaded once a department names a country; it makes every start slower otherwise."""
    return cast("_HolidayLibrary", importlib.import_module("holidays"))
