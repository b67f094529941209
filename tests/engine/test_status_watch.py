"""From a look at a real server to the published page, through outages, lost databases, restarts."""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

import lab
from db.engine import connect
from db.stored import health_message
from jobs.database_queue import DatabaseSender
from lab.answer import page as lab_page
from lab.world import Domain, LabSite, WebServer
from observe.network import Network
from status.incidents.incident_editing import AnnouncementText, IncidentEditor
from status.model import Component, Condition, Grade
from status.monitoring.monitor import Monitor
from status.publishing.publisher import Publisher
from status.storage.store import StatusStore
from tests.status_fixtures import MAIL, SITE, WEB, pages, probe
from tests.web.test_status_published import plain

MINUTE = timedelta(minutes=1)
WORLD = lab.World(
    domains=(
        Domain(name="sklep.example", records=("@ A 31.60.1.1", "www A 31.60.1.1")),
        Domain(name="far.example", records=("@ A 31.61.1.1",)),
    ),
    nameservers=(
        lab.world.LabNameserver(name="ns1.dns-lab.example", addresses=("31.50.0.1",)),
        lab.world.LabNameserver(name="ns2.dns-lab.example", addresses=("31.50.0.2",)),
    ),
    web_servers=(
        WebServer(name="web1.sklep.example", addresses=("31.60.1.1",)),
        WebServer(name="far.example", addresses=("31.61.1.1",)),
    ),
    sites=(
        LabSite(
            names=("www.sklep.example",),
            server="web1.sklep.example",
            http=lab_page("Welcome", "We are here."),
        ),
    ),
)
PROBE = probe("web-http", target="http://www.sklep.example/")


class Engine:
    """A Watch with its surroundings, driven minute by minute."""

    def __init__(self, running, clock, url, folder, **more):
        self.running, self.clock, self.url = running, clock, url
        self.net = Network.from_table(running.network, clock=clock)
        self.publisher = Publisher(folder, SITE, pages())
        self.db = connect(url, clock=clock)
        self.store = StatusStore(self.db, clock, DatabaseSender())
        components = more.pop("components", (WEB,))
        self.watch = Monitor(components, (PROBE,), self.net, self.store, self.publisher, **more)
        self.incidents = IncidentEditor(self.store, clock, components)

    async def minutes(self, count=1):
        for _ in range(count):
            self.clock.advance(MINUTE)
            await self.watch.tick(PROBE.name, self.clock.now())
            await self.watch.run_cycle()

    def seen(self, path="en/index.html"):
        return plain((self.publisher.folder / "public" / path).read_bytes())


@pytest.fixture
async def running(clock):
    async with lab.start(WORLD, clock=clock) as up:
        yield up


@pytest.fixture
async def engine(running, clock, sqlite_url, tmp_path):
    new_engine = Engine(running, clock, sqlite_url, tmp_path / "published")
    await new_engine.watch.start()
    yield new_engine
    new_engine.db.close()


def restarted(engine, url=None):
    return Engine(engine.running, engine.clock, url or engine.url, engine.publisher.folder)


async def test_one_component_published(engine):
    assert "We have only begun to look" in engine.seen()
    await engine.minutes()
    seen = engine.seen()
    assert "All services work" in seen
    assert "Since 15 Jan 2026, 12:01 UTC" in seen
    assert "Checked 15 Jan 2026, 12:01 UTC" in seen


async def test_an_outage_is_told_after_three_bad_looks_and_dated_from_the_first(engine):
    await engine.minutes(5)
    engine.running.fault("web1.sklep.example", "error")
    await engine.minutes(2)
    assert "All services work" in engine.seen()
    await engine.minutes()
    seen = engine.seen()
    assert "All services are down Since 15 Jan 2026, 12:06 UTC" in seen
    engine.running.clear_fault("web1.sklep.example")
    await engine.minutes(2)
    assert "All services work Since 15 Jan 2026, 12:09 UTC" in engine.seen()
    day = engine.watch.snapshot().states[0].days[-1]
    assert day.seconds[Condition.MAJOR_OUTAGE] == 180
    stored = engine.store.days(engine.clock.now().date())["web"][0]
    assert dict(stored.seconds) == dict(day.seconds)
    moved = engine.store.transitions("web")
    assert [m.after for m in moved][:2] == [Condition.OPERATIONAL, Condition.MAJOR_OUTAGE]
    failed = engine.store.observations(PROBE.name, failed=True)
    assert len(failed) == 3
    assert '"status":5' in failed[0].fact  # the evidence is kept


async def test_the_page_goes_on_without_the_database_and_nothing_is_lost(engine):
    await engine.minutes(3)
    path = Path(engine.url.removeprefix("sqlite:///"))
    kept = path.with_suffix(".kept")
    with contextlib.closing(sqlite3.connect(path)) as backup:
        backup.execute(f"VACUUM INTO '{kept}'")
    for left in path.parent.glob("jasno.db*"):
        left.unlink()
    engine.running.fault("web1.sklep.example", "down")
    await engine.minutes(4)
    assert "All services are down" in engine.seen()
    assert "observations wait" in engine.watch.health_message()
    shutil.copy(kept, path)
    await engine.minutes(1)
    assert engine.watch.health_message() == ""
    assert len(engine.store.observations(PROBE.name)) == 8
    stored = engine.store.days(engine.clock.now().date())["web"][0]
    assert stored.seconds[Condition.MAJOR_OUTAGE] == 240


async def test_a_restart_without_a_database_takes_up_the_published_state(engine, tmp_path):
    await engine.minutes(3)
    opened = engine.incidents.open(
        {"en": "Mail is slow"}, AnnouncementText({"en": "We look."}), "olu"
    )
    engine.running.fault("web1.sklep.example", "down")
    await engine.minutes(4)
    again = restarted(engine, f"sqlite:///{tmp_path}/nowhere.db")
    await again.watch.start()
    seen = again.seen()
    assert "All services are down Since 15 Jan 2026, 12:04 UTC" in seen
    assert "Mail is slow" in seen
    assert again.seen(f"en/incidents/{opened.id}/index.html")
    engine.running.clear_fault("web1.sklep.example")
    await again.minutes(2)
    assert "Some services" not in again.seen()
    again.db.close()


async def test_the_time_of_a_dead_engine_is_no_data(engine):
    await engine.minutes(10)
    engine.clock.advance(timedelta(hours=1))
    again = restarted(engine)
    await again.watch.start()
    assert "All services work" not in again.seen()
    await again.minutes(1)
    assert "All services work Since 15 Jan 2026, 13:11 UTC" in again.seen()
    day = again.watch.snapshot().states[0].days[-1]
    assert day.seconds[Condition.NO_DATA] == 61 * 60 + 60  # before the first look, and the pause
    assert day.seconds[Condition.OPERATIONAL] == 9 * 60
    again.db.close()


async def test_a_short_restart_leaves_no_trace(engine):
    await engine.minutes(10)
    again = restarted(engine)
    await again.watch.start()
    await again.minutes(1)
    assert "All services work Since 15 Jan 2026, 12:01 UTC" in again.seen()
    again.db.close()


async def test_a_killed_engine_loses_no_look_and_counts_no_second_twice(engine):
    """The file is written with each publication, the looks within a second."""
    await engine.minutes(5)
    engine.running.fault("web1.sklep.example", "error")
    file = engine.publisher.folder / "states.json"
    written = file.read_bytes()
    await engine.minutes(2)
    file.write_bytes(written)  # as if it had been killed before it was written again
    engine.clock.advance(MINUTE)
    after = restarted(engine)
    await after.watch.start()
    (day,) = after.watch.snapshot().states[0].days[-1:]
    assert sum(day.seconds.values()) == 8 * 60
    await after.watch.tick(PROBE.name, engine.clock.now())
    await after.watch.run_cycle()
    assert "All services are down Since 15 Jan 2026, 12:06 UTC" in after.seen()
    (day,) = after.watch.snapshot().states[0].days[-1:]
    assert day.seconds == {
        Condition.NO_DATA: 60,
        Condition.OPERATIONAL: 5 * 60,
        Condition.MAJOR_OUTAGE: 2 * 60,
    }
    after.db.close()


async def test_an_engine_that_was_away_while_another_went_on_believes_the_database(engine):
    await engine.minutes(2)
    file = engine.publisher.folder / "states.json"
    written = file.read_bytes()
    await engine.minutes(30)
    file.write_bytes(written)
    after = restarted(engine)
    await after.watch.start()
    (day,) = after.watch.snapshot().states[0].days[-1:]
    assert day.seconds == {Condition.NO_DATA: 60, Condition.OPERATIONAL: 31 * 60}
    await after.watch.tick(PROBE.name, engine.clock.now())
    after.db.close()


async def test_maintenance_goes_on_to_count_after_its_end(engine):
    await engine.minutes(2)
    now = engine.clock.now()
    window = (now + MINUTE, now + 4 * MINUTE)
    engine.incidents.plan({"en": "Work"}, {"en": "We work."}, window, ("web",), "olu")
    await engine.minutes(6)
    (day,) = engine.watch.snapshot().states[0].days[-1:]
    expected = {
        Condition.NO_DATA: 60,
        Condition.OPERATIONAL: 4 * 60,
        Condition.UNDER_MAINTENANCE: 3 * 60,
    }
    assert day.seconds == expected
    stored = engine.store.days(now.date())["web"][-1]
    assert stored.seconds == expected
    after = restarted(engine)
    await after.watch.start()
    (day,) = after.watch.snapshot().states[0].days[-1:]
    assert day.seconds == expected
    after.db.close()


async def test_a_component_told_by_hand_has_its_days_stored(running, clock, sqlite_url, tmp_path):
    manual = Component("desk", "Help desk", policy="manual")
    engine = Engine(running, clock, sqlite_url, tmp_path / "published", components=(WEB, manual))
    await engine.watch.start()
    await engine.minutes(5)
    (day,) = engine.store.days(clock.now().date())["desk"]
    assert day.seconds == {Condition.OPERATIONAL: 5 * 60}
    engine.db.close()


async def test_a_sleeping_engine_does_not_claim_the_hour_it_slept(engine):
    await engine.minutes(3)
    engine.clock.advance(timedelta(hours=1))
    await engine.minutes(1)
    day = engine.watch.snapshot().states[0].days[-1]
    assert day.seconds[Condition.NO_DATA] >= 3600


async def test_when_we_are_cut_off_nobody_else_is_blamed(running, clock, sqlite_url, tmp_path):
    engine = Engine(running, clock, sqlite_url, tmp_path / "p", references=("http://far.example/",))
    await engine.watch.start()
    await engine.minutes(2)
    running.fault("web1.sklep.example", "down")
    running.fault("far.example", "down")
    await engine.minutes(3)
    seen = engine.seen()
    assert "our own connection is down" in seen
    assert "All services are down" not in seen
    running.clear_fault("far.example")
    await engine.minutes(4)
    assert "All services are down" in engine.seen()
    engine.db.close()


async def test_what_an_operator_says_is_published_by_the_job(engine):
    await engine.minutes(1)
    engine.incidents.open(
        {"en": "Fibre cut"},
        AnnouncementText({"en": "Diggers."}, components={"web": Condition.PARTIAL_OUTAGE}),
        "olu",
    )
    (handler,) = engine.watch.handlers().values()
    await handler.run(None)
    seen = engine.seen()
    assert "Fibre cut" in seen
    assert "All services are partly down" in seen


async def test_what_an_operator_says_is_heard_even_without_a_knock(engine):
    await engine.minutes(1)
    engine.incidents.open({"en": "Fibre cut"}, AnnouncementText({"en": "Diggers."}), "cli")
    await engine.minutes(1)
    assert "Fibre cut" in engine.seen()


async def test_a_late_look_blames_nobody(engine):
    await engine.minutes(1)
    engine.running.fault("web1.sklep.example", "down")
    for _ in range(5):
        engine.clock.advance(MINUTE)
        due = engine.clock.now() - timedelta(seconds=40)
        seen = await engine.watch.tick(PROBE.name, due)
        assert not seen.reliable
    await engine.watch.run_cycle()
    assert "All services are down" not in engine.seen()


async def test_the_buffer_is_bounded(engine, tmp_path):
    again = restarted(engine, f"sqlite:///{tmp_path}/nowhere.db")
    await again.watch.start()
    seen = await again.watch.tick(PROBE.name, engine.clock.now())
    for _ in range(20_050):
        again.watch._record_observation(PROBE, seen)
    assert again.watch.dropped == 51
    assert "20000 observations wait" in again.watch.health_message()
    again.db.close()


async def test_a_component_that_nobody_probes_and_one_told_by_hand(
    running, clock, sqlite_url, tmp_path
):
    by_hand = Component("phone", "Hotline", policy="manual")
    engine = Engine(running, clock, sqlite_url, tmp_path / "p", components=(WEB, MAIL, by_hand))
    await engine.watch.start()
    await engine.minutes(1)
    conditions = {s.component.id: s.condition for s in engine.watch.snapshot().states}
    assert conditions == {
        "web": Condition.OPERATIONAL,
        "mail": Condition.NO_DATA,
        "phone": Condition.OPERATIONAL,
    }
    engine.db.close()


async def test_a_look_never_raises(engine):
    broken = Engine(engine.running, engine.clock, engine.url, engine.publisher.folder)
    broken.watch._probes_by_name[PROBE.name] = probe("web-http", target="not a url at all")
    await broken.watch.start()
    seen = await broken.watch.tick(PROBE.name, engine.clock.now())
    assert seen.signal.grade in (Grade.DOWN, Grade.UNKNOWN)
    assert re.search(r"\w", seen.signal.reason)
    broken.db.close()


async def test_a_cautious_component_gets_one_draft_and_readers_see_nothing(
    running, clock, sqlite_url, tmp_path
):
    careful = Component("web", "Web servers", policy="draft")
    engine = Engine(running, clock, sqlite_url, tmp_path / "p", components=(careful,))
    await engine.watch.start()
    await engine.minutes(2)
    running.fault("web1.sklep.example", "down")
    await engine.minutes(6)
    (draft,) = engine.incidents.all()
    assert draft.draft
    assert draft.title["en"] == "Trouble with Web servers"
    assert "All services work" in engine.seen()
    engine.incidents.approve(draft.id, "olu")
    await engine.minutes(1)
    assert "Trouble with Web servers" in engine.seen()
    assert "All services are down" in engine.seen()
    assert len(engine.incidents.all()) == 1
    engine.db.close()


async def test_an_incident_that_cannot_be_read_stops_neither_publishing_nor_the_start(engine):
    bad = engine.incidents.open({"en": "Disk"}, AnnouncementText({"en": "x"}), "olu").id
    engine.incidents.open({"en": "Switch"}, AnnouncementText({"en": "x"}), "olu")
    with engine.db.write() as conn:
        conn.execute(text("UPDATE status_incidents SET title = '5' WHERE id = :id"), {"id": bad})
    await engine.minutes()
    assert "Switch" in engine.seen()
    again = restarted(engine)
    await again.watch.start()
    await again.minutes()
    assert "Checked 15 Jan 2026, 12:02 UTC" in again.seen()
    assert f"status_incidents {bad}" in health_message()
    again.db.close()
