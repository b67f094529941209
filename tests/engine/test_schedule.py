"""The engine's clock: evenly spread, never twice at once, honest about being late."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from clock import ManualClock, SystemClock
from engine.scheduler import Scheduler
from engine.timer_wheel import EPOCH, SOON, Slot, TimerWheel, last_occurrence, offset

MINUTE = timedelta(minutes=1)


def due_at(slot, now):
    """When the look that runs now should have begun."""
    return last_occurrence(slot.interval, EPOCH + offset(slot), now)


def test_probes_are_spread_over_their_interval_and_keep_their_place():
    places = [offset(Slot(f"probe{n}", MINUTE)) for n in range(600)]
    per_second = Counter(int(p.total_seconds()) for p in places)
    assert len(per_second) == 60
    assert max(per_second.values()) < 30
    assert places == [offset(Slot(f"probe{n}", MINUTE)) for n in range(600)]


@given(
    st.text(min_size=1, max_size=20),
    st.integers(1, 86_400),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_a_look_is_due_within_the_last_interval(name, seconds, now):
    turn = Slot(name, timedelta(seconds=seconds))
    at = due_at(turn, now)
    assert timedelta(0) <= now - at < turn.interval
    assert (at - EPOCH - offset(turn)) % turn.interval == timedelta(0)


SPANS = st.lists(st.integers(1, 400), min_size=1, max_size=8)
AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


def turns_due_after(turns, pauses):
    """(turn, when it was due, when it was told) of a wheel that is asked after these pauses."""
    wheel, now = TimerWheel(turns), AT
    wheel.start(now)
    for pause in pauses:
        now += timedelta(milliseconds=pause)
        yield from ((turn, at, now) for turn, at in wheel.due_before(now, now))


@given(SPANS, st.lists(st.integers(1, 999), min_size=1, max_size=60))
def test_asked_in_time_each_turn_is_told_at_each_of_its_places(spans, pauses):
    turns = [Slot(f"p{n}", timedelta(seconds=s)) for n, s in enumerate(spans)]
    end = AT + timedelta(milliseconds=sum(pauses))
    turns_due = list(turns_due_after(turns, pauses))
    for turn in turns:
        at = due_at(turn, AT) + turn.interval
        first = min(AT + SOON * (offset(turn) / turn.interval), at)
        places = {first} if first < end else set()
        while at < end:
            places.add(at)
            at += turn.interval
        assert [at for t, at, _ in turns_due if t is turn] == sorted(places)


@given(SPANS, st.lists(st.integers(1, 300_000), min_size=1, max_size=40))
def test_asked_late_a_turn_is_told_once_for_all_that_it_missed(spans, pauses):
    turns = [Slot(f"p{n}", timedelta(seconds=s)) for n, s in enumerate(spans)]
    turns_due = list(turns_due_after(turns, pauses))
    assert all(timedelta(0) < now - at <= turn.interval for turn, at, now in turns_due)
    for turn in turns:
        mine = [at for t, at, _ in turns_due if t is turn]
        assert mine == sorted(set(mine))


@given(SPANS, st.integers(0, 100_000), st.integers(-100_000, 100_000))
def test_after_the_clock_was_set_each_turn_has_its_place_by_the_new_time(spans, past, step):
    turns = [Slot(f"p{n}", timedelta(seconds=s)) for n, s in enumerate(spans)]
    wheel, now = TimerWheel(turns), AT + timedelta(seconds=past)
    wheel.start(AT)
    list(wheel.due_before(now, now))
    now += timedelta(seconds=step)
    wheel.restart(now)
    longest = max(t.interval for t in turns)
    coming = list(wheel.due_before(now + longest, now))
    assert {t.name for t, _ in coming} == {t.name for t in turns}
    assert all(now < at < now + longest and at == due_at(t, at) for t, at in coming)


async def test_each_probe_looks_soon_after_the_start_and_then_in_its_turn():
    looks = []

    async def look(name, at):
        looks.append((name, at))

    schedule = Scheduler(
        [Slot(f"p{n}", timedelta(seconds=1)) for n in range(5)], look, SystemClock()
    )
    schedule.start()
    await asyncio.sleep(3.2)
    schedule.stop()
    count = Counter(name for name, _ in looks)
    assert set(count) == {f"p{n}" for n in range(5)}
    assert all(2 <= n <= 4 for n in count.values())
    assert schedule.take_lateness() < timedelta(seconds=1)
    assert schedule.take_lateness() == timedelta(0)


@pytest.mark.parametrize("factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_clock_that_was_set_neither_doubles_nor_stops_the_looks(factory):
    clock, looks = ManualClock(AT), []

    async def look(name, at):
        looks.append((name, at))

    async def run():
        schedule = Scheduler(
            [Slot(f"p{n}", 2 * timedelta(hours=1)) for n in range(50)], look, clock
        )
        schedule.start()
        clock.advance(timedelta(hours=3))  # asleep: every look is late, and there is one of each
        schedule._plan()
        await asyncio.sleep(0.2)
        assert len({name for name, _ in looks}) == 50
        assert max(Counter(name for name, _ in looks).values()) <= 2
        looks.clear()
        clock.at -= timedelta(days=1)
        schedule.restart()
        clock.advance(timedelta(hours=2))
        schedule._plan()
        await asyncio.sleep(0.2)
        assert Counter(name for name, _ in looks) == {f"p{n}": 1 for n in range(50)}
        schedule.stop()

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(run())


async def test_a_hanging_look_is_not_started_again_and_stops_nobody():
    hanging, others = [], []

    async def look(name, at):
        if name == "hangs":
            hanging.append(at)
            await asyncio.sleep(30)
        others.append(name)
        if name == "breaks":
            raise ValueError("a defect")

    second = timedelta(seconds=1)
    turns = [Slot("hangs", second), Slot("breaks", second), Slot("fine", second)]
    schedule = Scheduler(turns, look, SystemClock())
    schedule.start()
    await asyncio.sleep(4.2)
    schedule.stop()
    assert len(hanging) <= 2  # the first look and its regular turn
    assert others.count("fine") >= 3
    assert others.count("breaks") >= 3
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
