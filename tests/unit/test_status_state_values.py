"""What the state of components is kept by, whole: its basis, uptime called back, work by the clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from status.model import Condition, Grade, MaintenanceState, UptimeDay
from status.state import maintenance_windows, recurrence, uptime
from status.state.component_states import HERE, ComponentStates
from status.state.damping import DampingSample, DebouncedState
from status.state.statements import PublicStatements
from status.state.uptime import KEPT_WITHIN, UptimeAccumulator
from tests.status_fixtures import AT, WEB, probe, work

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
UP = Condition.OPERATIONAL


def test_what_a_condition_follows_from() -> None:
    probes = [probe("b"), replace(probe("a"), vantages=("here", "there"), agree=2)]
    states = ComponentStates((WEB,), {WEB.id: probes})
    p = probes[0]
    assert states.basis(WEB) == (
        f"{WEB.policy} a(here,there;2) b({','.join(p.vantages)};{p.agree})"
    )
    assert ComponentStates((WEB,), {}).basis(WEB) == WEB.policy


def test_a_look_that_changes_nothing_is_noted_and_nothing_else() -> None:
    states = ComponentStates((WEB,), {WEB.id: [probe("p")]})
    states.accumulators = {WEB.id: uptime.new_accumulator(AT - HOUR)}
    statements, verdicts = PublicStatements(), []
    for at in (AT, AT + MINUTE):
        sample = DampingSample(at, Grade.UP)
        seen = DebouncedState(Grade.UP, AT - HOUR, (sample,), reason="fine")
        states.observe(probe("p"), HERE, DebouncedState(), seen)
        states.evaluate(statements, at)
        verdicts.append(states.verdicts[WEB.id])
    first, second = verdicts
    assert first.condition is UP
    assert second == replace(first, checked_at=AT + MINUTE)


NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
TODAY, YESTERDAY = date(2026, 1, 15), date(2026, 1, 14)
KEPT = UptimeAccumulator(UP, NOON - HOUR, NOON, (UptimeDay(TODAY, {UP: 600}),))
LIMIT = int(KEPT_WITHIN.total_seconds())


@pytest.mark.parametrize(
    ("stored", "seconds", "gives_way"),
    [
        ({}, {TODAY: 600}, False),
        ({YESTERDAY: 50}, {YESTERDAY: 50, TODAY: 600}, False),
        ({TODAY: 600 + LIMIT}, {TODAY: 600}, False),
        ({TODAY: 601 + LIMIT}, {TODAY: 601 + LIMIT}, True),
        ({TODAY + DAY: LIMIT, TODAY: 10}, {TODAY: 600}, False),
        ({TODAY + DAY: LIMIT + 1, TODAY: 10}, {TODAY: 600, TODAY + DAY: LIMIT + 1}, True),
        ({YESTERDAY: 9000}, {YESTERDAY: 9000, TODAY: 600}, False),
    ],
)
def test_uptime_called_back_from_the_database(
    stored: dict[date, int],
    seconds: dict[date, int],
    gives_way: bool,  # noqa: FBT001
) -> None:
    days = tuple(UptimeDay(on, {UP: count}) for on, count in sorted(stored.items()))
    now = NOON + timedelta(minutes=9, microseconds=5)
    recalled = uptime.recall(KEPT, days, now)
    assert {day.on: sum(day.seconds.values()) for day in recalled.days} == seconds
    whole = now.replace(microsecond=0)
    expected = (whole, whole, (), whole) if gives_way else (NOON, NOON - HOUR, (), None)
    assert (*(recalled.until, recalled.since, recalled.history, recalled.fixed_until),) == expected


def test_the_first_dates_of_recurring_work() -> None:
    begin = datetime(2026, 1, 15, 12, 0, 0, 7, tzinfo=UTC)
    weekly = recurrence.first_starts("FREQ=WEEKLY", "Europe/Prague", begin)
    assert weekly == (NOON, NOON + 7 * DAY)
    thrice = recurrence.first_starts("FREQ=DAILY;COUNT=3", "UTC", begin, 9)
    assert thrice == (NOON, NOON + DAY, NOON + 2 * DAY)


def test_the_listing_of_work() -> None:
    running = work(id="running", starts_at=AT - HOUR, ends_at=AT + HOUR)
    over = work(id="over", starts_at=AT - 2 * HOUR, ends_at=AT - HOUR)
    listing = maintenance_windows.maintenance_listing((over, running), AT)
    assert listing.past == (over,)
    assert [*listing.states.items()] == [
        ("running", MaintenanceState.IN_PROGRESS),
        ("over", MaintenanceState.COMPLETED),
    ]
    assert listing.timelines == {w.id: maintenance_windows.timeline(w, AT) for w in (running, over)}


@pytest.mark.parametrize(
    ("rule", "hours", "overlaps"),
    [
        ("FREQ=DAILY", 24, False),
        ("FREQ=DAILY", 25, True),
        ("FREQ=WEEKLY", 25, False),
        ("FREQ=DAILY;COUNT=1", 25, False),
    ],
)
def test_recurring_work_that_reaches_its_next_date(
    rule: str,
    hours: int,
    overlaps: bool,  # noqa: FBT001
) -> None:
    window = (NOON, NOON + hours * HOUR)
    assert recurrence.has_overlaps(rule, "Europe/Prague", window) is overlaps
