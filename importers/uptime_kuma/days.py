"""Days of uptime from the heartbeats of an Uptime Kuma: time, and not answers, is counted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from status.model import Condition, UptimeDay
from status.state.timeline import truncate_to_second
from status.state.uptime import seconds_by_day

DOWN, UP, PENDING, MAINTENANCE = range(4)
CONDITIONS = {
    DOWN: Condition.MAJOR_OUTAGE,
    UP: Condition.OPERATIONAL,
    MAINTENANCE: Condition.UNDER_MAINTENANCE,
}
COVERED = 0.9  # of its looks must be counted for a day to be looked at throughout
LEAST_SHARE = 0.5  # of a day must be known; the rest of it stays without data
DAY = 86_400
_LEAST_PATIENCE = timedelta(minutes=2)
Heartbeat = tuple[object, object]  # time, status
KnownSpan = tuple[datetime, datetime, Condition]


def days_of(
    looks: Iterable[Heartbeat], counts: Mapping[date, int], interval: timedelta, before: date
) -> tuple[tuple[UptimeDay, ...], int]:
    """The days of a monitor before a day, from its looks, oldest first, and how many of them were
    left out because too little of them is known.

    A look tells of the time up to the next one, if that follows soon. Version 2 keeps only looks
    that changed something, and counts all others by day (`counts`): where it counted enough of
    them, a look tells of the whole time up to the next one.
    """
    enough = COVERED * DAY / interval.total_seconds()
    counted = frozenset(day for day, number in counts.items() if number >= enough)
    patience = max(3 * interval, _LEAST_PATIENCE)
    seconds: dict[date, dict[Condition, int]] = {}
    for start, end, condition in _joined(_spans(_outcomes(looks), patience, counted)):
        for day, spent in seconds_by_day(start, end):
            of_day = seconds.setdefault(day, {})
            of_day[condition] = of_day.get(condition, 0) + spent
    past = [day for day in sorted(seconds) if day < before]
    true = [day for day in past if sum(seconds[day].values()) >= LEAST_SHARE * DAY]
    return tuple(UptimeDay(day, seconds[day]) for day in true), len(past) - len(true)


def interval_of(value: object) -> timedelta:
    """How often a monitor looks, by its row."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return timedelta(seconds=float(value) if is_number and 1 <= value < 10**7 else 60)  # type: ignore[operator,arg-type]


def _outcomes(looks: Iterable[Heartbeat]) -> Iterator[tuple[datetime, Condition]]:
    """Looks with what they came to: what failed and was tried again was down from the first failure
    on, if the monitor was then called down."""
    waiting: list[datetime] = []
    for time, status in looks:
        at = _moment(time)
        if at is None or not isinstance(status, int):
            continue
        if status == PENDING:
            waiting.append(at)
        elif condition := CONDITIONS.get(status):
            outcome = CONDITIONS[DOWN if status == DOWN else UP]
            yield from ((tried_at, outcome) for tried_at in waiting)
            waiting.clear()
            yield at, condition


def _spans(
    settled: Iterable[tuple[datetime, Condition]], patience: timedelta, counted: frozenset[date]
) -> Iterator[KnownSpan]:
    """What is known, from when to when."""
    since: datetime | None = None
    condition = Condition.NO_DATA
    for at, after in settled:
        if since is not None and at > since:
            heard_until = min(at, since + patience)
            yield since, heard_until, condition
            for day, _ in seconds_by_day(heard_until, at):
                start = max(heard_until, datetime(day.year, day.month, day.day, tzinfo=UTC))
                if day in counted:
                    yield (
                        start,
                        min(at, start.replace(hour=0, minute=0, second=0) + timedelta(days=1)),
                        condition,
                    )
        since, condition = at, after
    if since is not None:
        yield since, since + patience, condition


def _joined(spans: Iterable[KnownSpan]) -> Iterator[KnownSpan]:
    """The same with as few spans as there can be."""
    held: KnownSpan | None = None
    for span in spans:
        if held is not None and held[1] == span[0] and held[2] is span[2]:
            held = held[0], span[1], held[2]
            continue
        if held is not None:
            yield held
        held = span
    if held is not None:
        yield held


def _moment(value: object) -> datetime | None:
    """Its times are in UTC, without saying so."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None or not 1990 <= moment.year < 2200:
        return None
    return truncate_to_second(
        moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    )
