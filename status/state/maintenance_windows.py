"""Maintenance windows: state by the clock; recurring maintenance as occurrences. Pure.

Stored by storage/incident_store.py.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from status.model import Condition, Maintenance, MaintenanceState, Update

BEHIND = timedelta(days=90)  # occurrences that are shown, back and ahead
AHEAD = timedelta(days=90)
FORESEEN = timedelta(days=5 * 366)  # within which a rule must have a date
A_YEAR = 367  # dates of daily work
MAX_AHEAD = 12  # occurrences of one series that are told ahead
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
LAST_YEAR = 2100
_UNTIL = re.compile(r"UNTIL=(\d{8})(T\d{6})?(Z?)(?=;|$)", re.IGNORECASE)
_RULE_CHARS = 300
RUNNING = (MaintenanceState.IN_PROGRESS, MaintenanceState.VERIFYING)
_CONDITION_OF = {
    MaintenanceState.IN_PROGRESS: Condition.UNDER_MAINTENANCE,
    MaintenanceState.COMPLETED: Condition.OPERATIONAL,
}


@dataclass(frozen=True, slots=True)
class MaintenanceListing:
    """Planned work as pages list it at a moment. Nothing else that they show of it follows the
    clock, so that two equal listings make equal pages."""

    planned: tuple[Maintenance, ...]  # told at length, soonest first
    further: tuple[Maintenance, ...]  # dates only
    past: tuple[Maintenance, ...]  # newest first
    states: Mapping[str, MaintenanceState]  # by id, as the timelines
    timelines: Mapping[str, tuple[Update, ...]]


def state(maintenance: Maintenance, at: datetime) -> MaintenanceState:
    """Where planned work stands at a moment."""
    if maintenance.cancelled:
        return MaintenanceState.CANCELLED
    if at < maintenance.starts_at:
        return MaintenanceState.SCHEDULED
    if at >= maintenance.ends_at:
        return MaintenanceState.COMPLETED
    updates = [n for n in updates_of(maintenance) if n.state in RUNNING and n.at <= at]
    return MaintenanceState(updates[-1].state) if updates else MaintenanceState.IN_PROGRESS


def is_over(maintenance: Maintenance, at: datetime) -> bool:
    """Whether it is finished, or was cancelled before its time came or would have come."""
    current = state(maintenance, at)
    if current is MaintenanceState.CANCELLED:
        return not maintenance.series or maintenance.starts_at <= at
    return current is MaintenanceState.COMPLETED


def updates_of(maintenance: Maintenance) -> tuple[Update, ...]:
    """What was said of one-off work or of one occurrence since it was announced, oldest first."""
    return maintenance.notes.get(maintenance.id, ())


def timeline(maintenance: Maintenance, at: datetime) -> tuple[Update, ...]:
    """All that happened to one-off work or one occurrence up to a moment, newest first: what was
    announced and said by people, and, without words, what the clock brought."""
    current = state(maintenance, at)
    past = maintenance.ends_at <= maintenance.created_at  # written down afterwards
    announced = maintenance.starts_at if past else maintenance.created_at
    stages: list[tuple[MaintenanceState, datetime]] = [(MaintenanceState.SCHEDULED, announced)]
    if current is MaintenanceState.CANCELLED:
        stages.append((current, maintenance.changed_at or maintenance.created_at))
    elif current is not MaintenanceState.SCHEDULED:
        stages.append((MaintenanceState.IN_PROGRESS, max(maintenance.starts_at, announced)))
    if current is MaintenanceState.COMPLETED:
        stages.append((current, maintenance.ends_at))
    automatic = [
        Update(
            f"{maintenance.id}:{name}",
            name,
            moment,
            maintenance.text if name is MaintenanceState.SCHEDULED else {},
            dict.fromkeys(maintenance.components, _CONDITION_OF[name])
            if name in _CONDITION_OF
            else {},
        )
        for name, moment in stages
    ]
    order = list(MaintenanceState)
    updates = sorted(
        _with_words_of_people(automatic, updates_of(maintenance)),
        key=lambda u: (u.at, order.index(MaintenanceState(u.state))),
    )
    return tuple(u for u in updates[::-1] if u.at <= at)


def _with_words_of_people(automatic: Iterable[Update], notes: Iterable[Update]) -> Iterator[Update]:
    """All entries; what the clock brought and people told in the same minute is one of theirs."""
    rest = list(notes)
    for stage in automatic:
        note = next((n for n in rest if n.state == stage.state and _is_same_minute(n, stage)), None)
        if note is None or stage.text:
            yield stage
        else:
            rest.remove(note)
            yield replace(note, components=stage.components)
    yield from rest


def _is_same_minute(note: Update, stage: Update) -> bool:
    return abs(note.at - stage.at) < timedelta(minutes=1)


def upcoming(maintenances: Iterable[Maintenance], at: datetime) -> tuple[Maintenance, ...]:
    """What is under way or still to come, soonest first; of recurring work the next two."""
    return _split_upcoming(maintenances, at)[0]


def later_occurrences(maintenances: Iterable[Maintenance], at: datetime) -> tuple[Maintenance, ...]:
    """The dates of recurring work after the next two, soonest first."""
    return _split_upcoming(maintenances, at)[1]


def _split_upcoming(
    maintenances: Iterable[Maintenance], at: datetime
) -> tuple[tuple[Maintenance, ...], tuple[Maintenance, ...]]:
    """What is under way or still to come: (told at length, dates only)."""
    unfinished = (MaintenanceState.SCHEDULED, *RUNNING)
    live = sorted(
        (w for w in maintenances if state(w, at) in unfinished), key=lambda w: w.starts_at
    )
    counts: Counter[str] = Counter()
    near: list[Maintenance] = []
    far: list[Maintenance] = []
    for maintenance in live:
        counts[maintenance.series] += 1
        (near if not maintenance.series or counts[maintenance.series] <= 2 else far).append(
            maintenance
        )
    return tuple(near), tuple(far)


def maintenance_listing(maintenances: Iterable[Maintenance], at: datetime) -> MaintenanceListing:
    """What pages show at a moment."""
    windows = tuple(maintenances)
    planned, further = _split_upcoming(windows, at)
    past = sorted((w for w in windows if is_over(w, at)), key=lambda w: w.starts_at, reverse=True)
    shown_at_length = (*planned, *past)
    return MaintenanceListing(
        planned,
        further,
        tuple(past),
        {w.id: state(w, at) for w in shown_at_length},
        {w.id: timeline(w, at) for w in shown_at_length},
    )


# ------------------------------------------------------------------ recurring work
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
