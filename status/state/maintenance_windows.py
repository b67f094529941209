"""Planned work: its state follows the clock; recurring work becomes single occurrences. Pure.

Storing is in spoken/store.py.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from status.model import Condition, Maintenance, MaintenanceState, Update

BEHIND = timedelta(days=90)  # occurrences that are shown, back and ahead
AHEAD = timedelta(days=90)
NEXT = 12  # occurrences of one series that are told ahead
_STEPS = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
_LAST_YEAR = 2100
RUNNING = (MaintenanceState.IN_PROGRESS, MaintenanceState.VERIFYING)
_MEANS = {
    MaintenanceState.IN_PROGRESS: Condition.UNDER_MAINTENANCE,
    MaintenanceState.COMPLETED: Condition.OPERATIONAL,
}


def state(work: Maintenance, at: datetime) -> MaintenanceState:
    """Where planned work stands at a moment."""
    if work.cancelled:
        return MaintenanceState.CANCELLED
    if at < work.starts_at:
        return MaintenanceState.SCHEDULED
    if at >= work.ends_at:
        return MaintenanceState.COMPLETED
    said = [n for n in notes(work) if n.state in RUNNING and n.at <= at]
    return MaintenanceState(said[-1].state) if said else MaintenanceState.IN_PROGRESS


def over(work: Maintenance, at: datetime) -> bool:
    """Whether it is finished, or was cancelled before its time came or would have come."""
    now = state(work, at)
    if now is MaintenanceState.CANCELLED:
        return not work.series or work.starts_at <= at
    return now is MaintenanceState.COMPLETED


def notes(work: Maintenance) -> tuple[Update, ...]:
    """What was said of one-off work or of one occurrence since it was announced, oldest first."""
    return work.notes.get(work.id, ())


def timeline(work: Maintenance, at: datetime) -> tuple[Update, ...]:
    """All that happened to one-off work or one occurrence up to a moment, newest first: what was
    announced and said by people, and, without words, what the clock brought."""
    now = state(work, at)
    past = work.ends_at <= work.created_at  # written down afterwards
    announced = work.starts_at if past else work.created_at
    known: list[tuple[MaintenanceState, datetime]] = [(MaintenanceState.SCHEDULED, announced)]
    if now is MaintenanceState.CANCELLED:
        known.append((now, work.changed_at or work.created_at))
    elif now is not MaintenanceState.SCHEDULED:
        known.append((MaintenanceState.IN_PROGRESS, max(work.starts_at, announced)))
    if now is MaintenanceState.COMPLETED:
        known.append((now, work.ends_at))
    turns = [
        Update(
            f"{work.id}:{name}",
            name,
            moment,
            work.text if name is MaintenanceState.SCHEDULED else {},
            dict.fromkeys(work.components, _MEANS[name]) if name in _MEANS else {},
        )
        for name, moment in known
    ]
    order = list(MaintenanceState)
    said = sorted(
        (*turns, *notes(work)), key=lambda u: (u.at, order.index(MaintenanceState(u.state)))
    )
    return tuple(u for u in said[::-1] if u.at <= at)


def running(works: Iterable[Maintenance], component: str, at: datetime) -> Maintenance | None:
    """The work that is under way on a component, if any."""
    return next(
        (w for w in works if component in w.components and state(w, at) in RUNNING),
        None,
    )


def planned(works: Iterable[Maintenance], at: datetime) -> tuple[Maintenance, ...]:
    """What is under way or still to come, soonest first; of recurring work the next two."""
    return _ahead(works, at)[0]


def further(works: Iterable[Maintenance], at: datetime) -> tuple[Maintenance, ...]:
    """The dates of recurring work after the next two, soonest first."""
    return _ahead(works, at)[1]


def _ahead(
    works: Iterable[Maintenance], at: datetime
) -> tuple[tuple[Maintenance, ...], tuple[Maintenance, ...]]:
    """What is under way or still to come: (told at length, dates only)."""
    live = (MaintenanceState.SCHEDULED, *RUNNING)
    found = sorted((w for w in works if state(w, at) in live), key=lambda w: w.starts_at)
    taken: Counter[str] = Counter()
    near: list[Maintenance] = []
    far: list[Maintenance] = []
    for work in found:
        taken[work.series] += 1
        (near if not work.series or taken[work.series] <= 2 else far).append(work)
    return tuple(near), tuple(far)


# ------------------------------------------------------------------ recurring work
def checked(rule: str, zone: str) -> None:
    """Raise ValueError when a rule or its zone cannot be used."""
    try:
        _parsed(rule, datetime(2026, 1, 1))  # noqa: DTZ001 - a wall clock has no zone
        ZoneInfo(zone)
    except (ValueError, KeyError, OSError, AttributeError, TypeError, OverflowError) as error:
        raise ValueError(str(error)) from error
    step = re.search(r"FREQ=(\w+)", rule.upper())
    if step is None or step[1] not in _STEPS:
        raise ValueError("only DAILY, WEEKLY, MONTHLY and YEARLY")
    last = re.search(r"UNTIL=(\d{4})", rule.upper())
    if last and int(last[1]) > _LAST_YEAR:
        raise ValueError("UNTIL lies too far away")


def unrolled(works: Iterable[Maintenance], now: datetime) -> tuple[Maintenance, ...]:
    """Single windows: one-off work as it is, recurring work as its occurrences around now."""
    found: list[Maintenance] = []
    for work in works:
        found += occurrences(work, now) if work.rrule else (work,)
    return tuple(sorted(found, key=lambda w: w.starts_at, reverse=True))


def occurrences(work: Maintenance, now: datetime) -> tuple[Maintenance, ...]:
    """What a series comes to, ninety days back and up to twelve occurrences ahead, ascending."""
    first = now.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = _starts(work.rrule, work.zone, work.starts_at, first)
    out: list[Maintenance] = []
    ahead = 0
    for starts_at in starts:
        one = _occurrence(work, starts_at)
        ahead += one.starts_at > now
        if ahead > NEXT:
            break
        out.append(one)
    return tuple(out)


def occurrence(work: Maintenance, id: str, now: datetime) -> Maintenance | None:
    """One occurrence of a series by its id."""
    return next((w for w in occurrences(work, now) if w.id == id), None)


def series_of(id: str) -> str:
    """The series that an occurrence belongs to; the id itself for one-off work."""
    return id.partition("-")[0]


def _occurrence(work: Maintenance, starts_at: datetime) -> Maintenance:
    name = f"{work.id}-{starts_at:%Y%m%dt%H%M}"
    shift = work.shifts.get(name)
    ended = work.cancelled and (work.changed_at or work.created_at) <= starts_at
    return replace(
        work,
        id=name,
        starts_at=shift.starts_at if shift else starts_at,
        ends_at=shift.ends_at if shift else starts_at + (work.ends_at - work.starts_at),
        cancelled=ended or bool(shift and shift.cancelled),
        sequence=work.sequence + (shift.sequence if shift else 0),
        rrule="",
        shifts={},
        series=work.id,
        notes={name: work.notes[name]} if name in work.notes else {},
    )


@lru_cache(maxsize=256)
def _starts(rule: str, zone: str, begin: datetime, day: datetime) -> tuple[datetime, ...]:
    """When occurrences begin, around a day, in UTC; the wall clock of the zone rules."""
    place = ZoneInfo(zone)
    local = begin.astimezone(place).replace(tzinfo=None)
    after = (day - BEHIND).astimezone(place).replace(tzinfo=None)
    until = (day + AHEAD).astimezone(place).replace(tzinfo=None)
    return tuple(_within(rule, local, after, until, place))


def _within(
    rule: str, local: datetime, after: datetime, until: datetime, place: ZoneInfo
) -> Iterator[datetime]:
    made = _parsed(rule, local)
    count = re.search(r"COUNT=(\d{1,9})", rule.upper())
    if "UNTIL" not in rule.upper():
        # without an end, a rule that never happens would be searched until the year 9999
        made = made.replace(count=None, until=until)
    for wall in islice(made, int(count[1]) if count else None):
        if wall > until:
            return
        if wall >= after:
            yield wall.replace(tzinfo=place).astimezone(UTC)


def _parsed(rule: str, local: datetime) -> rrule:
    text = rule.strip().removeprefix("RRULE:")
    if "UNTIL=" in text.upper() and "COUNT=" in text.upper():
        raise ValueError("UNTIL or COUNT, not both")
    if re.search(r"INTERVAL=[+]?0+(?!\d)", text.upper()):
        raise ValueError("INTERVAL is at least 1")  # 0 would never get any further
    if not text or "\n" in text or "\r" in text or len(text) > 300:
        raise ValueError("one line such as FREQ=WEEKLY;BYDAY=SU")
    made = rrulestr(text, dtstart=local, ignoretz=True)
    if not isinstance(made, rrule):
        raise ValueError("one rule only")  # noqa: TRY004 - the text is wrong, not its type
    return made
