"""The engine's clock: evenly spread, never twice at once, honest about being late."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clock import SystemClock
from engine.schedule import EPOCH, Schedule, Turn, due, offset

MINUTE = timedelta(minutes=1)


def test_probes_are_spread_over_their_interval_and_keep_their_place():
    places = [offset(Turn(f"probe{n}", MINUTE)) for n in range(600)]
    per_second = Counter(int(p.total_seconds()) for p in places)
    assert len(per_second) == 60
    assert max(per_second.values()) < 30
    assert places == [offset(Turn(f"probe{n}", MINUTE)) for n in range(600)]


@given(
    st.text(min_size=1, max_size=20),
    st.integers(1, 86_400),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_a_look_is_due_within_the_last_interval(name, seconds, now):
    turn = Turn(name, timedelta(seconds=seconds))
    at = due(turn, now)
    assert timedelta(0) <= now - at < turn.interval
    assert (at - EPOCH - offset(turn)) % turn.interval == timedelta(0)


async def test_each_probe_looks_soon_after_the_start_and_then_in_its_turn():
    looks = []

    async def look(name, at):
        looks.append((name, at))

    schedule = Schedule(
        [Turn(f"p{n}", timedelta(seconds=1)) for n in range(5)], look, SystemClock()
    )
    schedule.start()
    await asyncio.sleep(3.2)
    schedule.stop()
    count = Counter(name for name, _ in looks)
    assert set(count) == {f"p{n}" for n in range(5)}
    assert all(2 <= n <= 4 for n in count.values())
    assert schedule.worst() < timedelta(seconds=1)
    assert schedule.worst() == timedelta(0)


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
    turns = [Turn("hangs", second), Turn("breaks", second), Turn("fine", second)]
    schedule = Schedule(turns, look, SystemClock())
    schedule.start()
    await asyncio.sleep(4.2)
    schedule.stop()
    assert len(hanging) <= 2  # the first look and its regular turn
    assert others.count("fine") >= 3
    assert others.count("breaks") >= 3
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
