"""Dates of recurring maintenance by a rule (RFC 5545), by the clock of its zone, also over changes of clocks. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from status.model import Maintenance

BEHIND = timedelta(days=90)  # occurrences that are shown, back and ahead
AHEAD = timedelta(days=90)
FORESEEN = timedelta(days=5 * 366)  # within which a rule must have a date
A_YEAR = 367  # dates of daily work
MAX_AHEAD = 12  # occurrences of one series that are told ahead
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
LAST_YEAR = 2100
_UNTIL = re.compile(r"UNTIL=(\d{8})(T\d{6})?(Z?)(?=;|$)", re.IGNORECASE)
_RULE_CHARS = 300


def validate_rule(rule: str, zone: str) -> None:
    """Raise ValueError when a rule or its zone cannot be used."""
    try:
        a_day = datetime(2026, 1, 1)  # noqa: DTZ001 - a wall clock has no zone
        _parse_rule(rule, a_day, ZoneInfo(zone))
    except (ValueError, KeyError, OSError, AttributeError, TypeError, OverflowError) as error:
        raise ValueError(str(error)) from error
    frequency = re.search(r"FREQ=(\w+)", rule.upper())
    if frequency is None or frequency[1] not in _FREQUENCIES:
        raise ValueError("only DAILY, WEEKLY, MONTHLY and YEARLY")
    last = re.search(r"UNTIL=(\d{4})", rule.upper())
    if last and int(last[1]) > LAST_YEAR:
        raise ValueError("UNTIL lies too far away")


def first_starts(rule: str, zone: str, begin: datetime, count: int = 2) -> tuple[datetime, ...]:
    """The first beginnings of a rule in the five years after its own; fewer when there are
    fewer."""
    tz = ZoneInfo(zone)
    local = begin.astimezone(tz).replace(tzinfo=None, microsecond=0)
    starts = _starts_between(rule, local, local, local + FORESEEN, tz)
    return tuple(islice(starts, count))


def has_overlaps(rule: str, zone: str, window: tuple[datetime, datetime]) -> bool:
    """Whether one of the first dates of a rule would begin before the one before has ended."""
    starts = first_starts(rule, zone, window[0], A_YEAR)
    return any(_end_of(window, zone, start) > after for start, after in pairwise(starts))


def expand_occurrences(
    maintenances: Iterable[Maintenance], now: datetime
) -> tuple[Maintenance, ...]:
    """Single windows: one-off work as it is, recurring work as its occurrences around now."""
    windows: list[Maintenance] = []
    for maintenance in maintenances:
        windows += occurrences(maintenance, now) if maintenance.rrule else (maintenance,)
    return tuple(sorted(windows, key=lambda w: w.starts_at, reverse=True))


def occurrences(maintenance: Maintenance, now: datetime) -> tuple[Maintenance, ...]:
    """What a series comes to, ninety days back and up to twelve occurrences ahead, ascending."""
    first = now.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = _occurrence_starts(maintenance.rrule, maintenance.zone, maintenance.starts_at, first)
    windows: list[Maintenance] = []
    ahead = 0
    for starts_at in starts:
        window = _build_occurrence(maintenance, starts_at)
        ahead += window.starts_at > now
        if ahead > MAX_AHEAD:
            break
        windows.append(window)
    return tuple(windows)


def next_occurrence(maintenance: Maintenance, now: datetime) -> Maintenance | None:
    """The date of a series that runs or comes next; None when there is none any more."""
    around = occurrences(maintenance, max(now, maintenance.starts_at))
    return next((w for w in around if w.ends_at > now and not w.cancelled), None)


def occurrence(maintenance: Maintenance, id: str, now: datetime) -> Maintenance | None:
    """One occurrence of a series by its id."""
    return next((w for w in occurrences(maintenance, now) if w.id == id), None)


def series_of(id: str) -> str:
    """The series that an occurrence belongs to; the id itself for one-off work."""
    return id.partition("-")[0]


def _build_occurrence(maintenance: Maintenance, starts_at: datetime) -> Maintenance:
    name = f"{maintenance.id}-{starts_at:%Y%m%dt%H%M}"
    shift = maintenance.shifts.get(name)
    window = maintenance.starts_at, maintenance.ends_at
    ended = (
        maintenance.cancelled and (maintenance.changed_at or maintenance.created_at) <= starts_at
    )
    return replace(
        maintenance,
        id=name,
        starts_at=shift.starts_at if shift else starts_at,
        ends_at=shift.ends_at if shift else _end_of(window, maintenance.zone, starts_at),
        cancelled=ended or bool(shift and shift.cancelled),
        sequence=maintenance.sequence + (shift.sequence if shift else 0),
        rrule="",
        shifts={},
        series=maintenance.id,
        notes={name: maintenance.notes[name]} if name in maintenance.notes else {},
    )


def _end_of(window: tuple[datetime, datetime], zone: str, starts_at: datetime) -> datetime:
    """When an occurrence ends: as late by the wall clock as the first (`window`), also where clocks
    change within one of them, and as much later as it had to begin because its hour is skipped; as
    long as the first where that would be no time at all."""
    tz = ZoneInfo(zone)
    first, last, local = (
        moment.astimezone(tz).replace(tzinfo=None) for moment in (*window, starts_at)
    )
    ends_at = (local + (last - first)).replace(tzinfo=tz).astimezone(UTC)
    if last <= first or ends_at <= starts_at:
        return starts_at + (window[1] - window[0])
    return ends_at


@lru_cache(maxsize=256)
def _occurrence_starts(
    rule: str, zone: str, begin: datetime, day: datetime
) -> tuple[datetime, ...]:
    """When occurrences begin, around a day, in UTC; the wall clock of the zone rules."""
    tz = ZoneInfo(zone)
    local = begin.astimezone(tz).replace(tzinfo=None)
    after = (day - BEHIND).astimezone(tz).replace(tzinfo=None)
    until = (day + AHEAD).astimezone(tz).replace(tzinfo=None)
    return tuple(_starts_between(rule, local, after, until, tz))


def _starts_between(
    rule: str, local: datetime, after: datetime, until: datetime, tz: ZoneInfo
) -> Iterator[datetime]:
    recurrence = _parse_rule(rule, local, tz)
    count = re.search(r"COUNT=(\d{1,9})", rule.upper())
    if "UNTIL" not in rule.upper():
        # without an end, a rule that never happens would be searched until the year 9999
        recurrence = recurrence.replace(count=None, until=until)
    for local_start in islice(recurrence, int(count[1]) if count else None):
        if local_start > until:
            return
        if local_start >= after:
            yield local_start.replace(tzinfo=tz).astimezone(UTC)


def _parse_rule(rule: str, local: datetime, tz: tzinfo = UTC) -> rrule:
    text = _UNTIL.sub(lambda match: _local_until(match, tz), rule.strip())
    if "UNTIL=" in text.upper() and "COUNT=" in text.upper():
        raise ValueError("UNTIL or COUNT, not both")
    if re.search(r"INTERVAL=[+]?0+(?!\d)", text.upper()):
        raise ValueError("INTERVAL is at least 1")  # 0 would never get any further
    if len(text.splitlines()) != 1 or len(text) > _RULE_CHARS:
        raise ValueError("one line such as FREQ=WEEKLY;BYDAY=SU")
    recurrence = rrulestr(text, dtstart=local)
    if not isinstance(recurrence, rrule):
        raise ValueError("one rule only")  # noqa: TRY004 - the text is wrong, not its type
    return recurrence


def _local_until(match: re.Match[str], tz: tzinfo) -> str:
    """The end of a rule by the wall clock: "…Z" is UTC (RFC 5545, 3.3.10), and a date alone names
    the last day as a whole."""
    on, at, is_utc = match.groups()
    until = datetime.strptime(on + (at or "T235959").upper(), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    if is_utc and at:
        until = until.replace(tzinfo=UTC).astimezone(tz).replace(tzinfo=None)
    return f"UNTIL={until:%Y%m%dT%H%M%S}"
