"""The windows that response times are drawn over, and where their parts begin and end. Pure.

Days and hours are those of the site's zone; where clocks change, a part is shorter or longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """So many days with today, in parts of so many hours of the clock; one day is the last 24
    hours in halves of an hour."""

    name: str
    days: int
    hours: int = 0


DAY_WINDOW = TimeWindow("24h", 1)
WINDOWS = (DAY_WINDOW, TimeWindow("7d", 7, 2), TimeWindow("30d", 30, 6), TimeWindow("90d", 90, 24))


def edges(window: TimeWindow, until: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Where the parts of a window begin, in UTC and ascending, and `until`, where the last ends."""
    if not window.hours:
        return (*_half_hours(until, zone), until)
    today = (until - timedelta(microseconds=1)).astimezone(zone).date()
    moments: list[datetime] = []
    for at in _clock_hours(today - timedelta(days=window.days - 1), window, zone):
        if at < until and (not moments or at > moments[-1]):  # a skipped hour begins nothing
            moments.append(at)
    return (*moments, until)


def _half_hours(until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    local = (until - timedelta(days=1)).astimezone(zone)
    past = timedelta(minutes=local.minute % 30, seconds=local.second)
    at = (local - past).astimezone(UTC).replace(microsecond=0)
    if at < until - timedelta(days=1):
        at += HALF_HOUR
    while at < until:
        yield at
        at += HALF_HOUR


def _clock_hours(first: date, window: TimeWindow, zone: ZoneInfo) -> Iterator[datetime]:
    for day in range(window.days):
        for hour in range(0, 24, window.hours):
            local = datetime.combine(first + timedelta(days=day), time(hour), zone)
            yield local.astimezone(UTC)
