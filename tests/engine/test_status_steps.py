"""The machine's clock is set forward and back: looking, publishing and counting go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clock import ClockStepDetector
from db.tables.jobs import jobs
from jobs.database_queue import DatabaseQueue
from jobs.model import ClaimLimit, Job
from status.model import Condition
from tests.engine.test_status_watch import engine, running
from web.middleware.published import PublishedMiddleware

__all__ = ("engine", "running")  # fixtures
HOUR = timedelta(hours=1)


class Stepping:
    """An engine that notices a set clock at its next second, as the real one does."""

    def __init__(self, engine):
        self.engine, self.steps = engine, ClockStepDetector(engine.clock)

    async def minutes(self, count):
        for _ in range(count):
            await self.engine.minutes()
            self.steps.step()

    async def set_clock(self, by):
        self.engine.clock.at += by
        assert self.steps.step() == by
        self.engine.watch.clock_stepped(by)
        await self.engine.watch.run_cycle()

    def seconds(self):
        seconds_by_name = {}
        for day in self.engine.watch.snapshot().states[0].days:
            for condition, seconds in day.seconds.items():
                seconds_by_name[condition] = seconds_by_name.get(condition, 0) + seconds
        return seconds_by_name


@pytest.fixture
def house(engine):
    return Stepping(engine)


@pytest.mark.parametrize("by", [HOUR, -HOUR, 30 * HOUR, -30 * HOUR])
async def test_an_outage_after_a_step_is_told_as_soon_as_ever(house, by):
    await house.minutes(5)
    await house.set_clock(by)
    assert "All services work" in house.engine.seen()  # no gap, no "no data"
    now = house.engine.clock.now()
    assert f"Checked {now.day} {now:%b %Y, %H:%M}" in house.engine.seen()
    house.engine.running.fault("web1.sklep.example", "error")
    await house.minutes(3)
    assert "All services are down" in house.engine.seen()
    house.engine.running.clear_fault("web1.sklep.example")
    await house.minutes(2)
    assert "All services work" in house.engine.seen()


@pytest.mark.parametrize("by", [HOUR, -HOUR])
async def test_a_look_between_the_step_and_its_notice_is_no_trap(house, by):
    await house.minutes(5)
    clock = house.engine.clock
    clock.at += by
    clock.at += timedelta(seconds=1)
    await house.engine.watch.tick("web-http", clock.now())
    house.engine.watch.clock_stepped(by)
    house.steps.step()
    house.engine.running.fault("web1.sklep.example", "error")
    await house.minutes(3)
    assert "All services are down" in house.engine.seen()


async def test_no_second_is_invented_and_none_is_counted_twice(house):
    await house.minutes(10)
    before = house.seconds()
    assert before[Condition.OPERATIONAL] == 9 * 60
    for by in (HOUR, -HOUR, -HOUR, 2 * HOUR):
        await house.set_clock(by)
        await house.minutes(2)
    after = house.seconds()
    assert set(after) - {Condition.NO_DATA} == {Condition.OPERATIONAL}
    assert after[Condition.OPERATIONAL] <= (9 + 4 * 2) * 60


async def test_the_page_tells_its_age_when_the_clock_goes_back_and_the_engine_is_dead(house):
    await house.minutes(3)
    clock = house.engine.clock
    web = PublishedMiddleware(lambda *_: [b""], house.engine.publisher.folder, clock)
    assert web.ready() == "fresh"
    clock.at -= HOUR  # what is published seems to come from the future
    assert web.ready() == "aged"
    clock.at += HOUR - timedelta(seconds=100)  # a little behind; and time passes
    clock._elapsed += 140
    assert web.ready() == "fresh"
    clock._elapsed += 20  # nobody has published for 160 seconds, whatever the wall says
    assert web.ready() == "aged"


def test_what_is_due_stays_due_when_the_clock_goes_back(database, clock):
    queue = DatabaseQueue(database)
    with database.write() as conn:
        conn.execute(jobs.delete())
        queue.enqueue(conn, Job("test.step", "{}", "a", clock.now()))
        queue.enqueue(conn, Job("test.step", "{}", "later", clock.now() + timedelta(minutes=10)))
    clock.at -= HOUR
    assert queue.shift(-HOUR) == 2
    due = queue.claim({"test.step": ClaimLimit(timedelta(seconds=30), 9)}, "x")
    assert [c.job.key for c in due] == ["a"]
    with database.write() as conn:
        conn.execute(jobs.delete())


def test_small_drift_is_no_step(clock):
    steps = ClockStepDetector(clock)
    clock.advance(timedelta(days=3))
    assert steps.step() == timedelta(0)
    clock.at += timedelta(seconds=1)
    assert steps.step() == timedelta(seconds=1)
    assert steps.step() == timedelta(0)
