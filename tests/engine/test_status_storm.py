"""Five hundred components fall at once and return: one incident a cause, one word a change."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

import lab
from db.engine import connect
from db.tables.jobs import jobs
from jobs.database_queue import DatabaseSender
from notify.model import Preferences, SubscriberKind
from observe.network import Network
from status.events import CHANGED, ChangeKind, StatusChanged
from status.incidents.incident_editing import IncidentEditor
from status.model import Component, Condition
from status.monitoring.monitor import Monitor
from status.publishing.publisher import Publisher
from status.state.statements import open_incidents
from status.storage.store import StatusStore
from tests.engine.test_status_watch import WORLD
from tests.notify_fixtures import NotifyHouse
from tests.status_fixtures import SITE, pages, probe
from tests.web.test_status_published import plain

MINUTE = timedelta(minutes=1)
RACKS = tuple(Component(f"rack{n}", f"Rack {n}", "Data centres") for n in range(5))
SERVICES = tuple(
    Component(f"web{n}", f"Web {n}", f"Group {n % 20}", depends_on=(f"rack{n % 5}",))
    for n in range(495)
)
FLEET = (*RACKS, *SERVICES)
TARGET = "http://www.sklep.example/"
PROBES = tuple(
    probe(f"{c.id}-http", c.id, target=TARGET, fail_after=1, recover_after=1) for c in FLEET
)


class Storm:
    """An engine that watches the fleet, a tick a minute."""

    def __init__(self, running, clock, url, folder):
        self.running, self.clock = running, clock
        net = Network.from_table(running.network, clock=clock)
        self.db = connect(url, clock=clock)
        self.store = StatusStore(self.db, clock, DatabaseSender())
        self.publisher = Publisher(folder, SITE, pages())
        self.watch = Monitor(FLEET, PROBES, net, self.store, self.publisher)
        self.incidents = IncidentEditor(self.store, clock, FLEET)

    async def tick(self):
        """Everything looks once; one beat follows."""
        self.clock.advance(MINUTE)
        due = self.clock.now()
        for start in range(0, len(PROBES), 50):
            some = PROBES[start : start + 50]
            await asyncio.gather(*(self.watch.tick(p.name, due) for p in some))
        await self.watch.run_cycle()

    def changes(self):
        with self.db.read() as conn:
            rows = conn.execute(select(jobs).where(jobs.c.kind == CHANGED)).all()
        document = [msgspec.json.decode(r.payload, type=StatusChanged) for r in rows]
        return [c for c in document if c.what is not ChangeKind.COMPONENT_CHANGED]

    def page(self, path="en/index.html"):
        return plain((self.publisher.folder / "public" / path).read_bytes())


@pytest.fixture
async def storm(clock, sqlite_url, tmp_path):
    async with lab.start(WORLD, clock=clock) as running:
        new_storm = Storm(running, clock, sqlite_url, tmp_path / "published")
        await new_storm.watch.start()
        yield new_storm
        new_storm.db.close()


def heard(storm, readers):
    """A house whose readers have asked for all news."""
    house = NotifyHouse(storm.db, storm.clock, folder=storm.publisher.folder, parts=FLEET)
    for n in range(readers):
        address = f"reader{n}@people.example"
        house.store.subscribe(SubscriberKind.EMAIL, address, address, Preferences())
    for incident in house.store.all():
        house.store.confirm(incident.id)
    house.run_jobs()
    house.letters()
    return house


async def test_a_storm_is_one_incident_for_each_cause_and_soon_published(storm):
    house = heard(storm, 5)
    await storm.tick()
    assert "All services work" in storm.page()
    storm.running.fault("web1.sklep.example", "error")
    await storm.tick()  # the bad look settles it, and the same beat publishes
    assert "All services are down" in storm.page()
    causes = {i.cause: i for i in open_incidents(storm.incidents.all())}
    assert sorted(causes) == [r.id for r in RACKS]
    named = [c for i in causes.values() for c in i.components]
    assert sorted(named) == sorted(c.id for c in FLEET)
    assert "Trouble with Rack 3" in storm.page()
    assert len(storm.changes()) == len(RACKS)
    await storm.tick()
    assert len(storm.changes()) == len(RACKS)
    storm.running.clear_fault("web1.sklep.example")
    await storm.tick()
    assert "All services work" in storm.page()
    assert open_incidents(storm.incidents.all()) == ()
    changes = storm.changes()
    assert sorted(e.what for e in changes) == (
        ["incident.opened"] * len(RACKS) + ["incident.resolved"] * len(RACKS)
    )
    lost = storm.watch.snapshot().states[0].days[-1].seconds[Condition.MAJOR_OUTAGE]
    assert lost == 120
    house.run_jobs()
    letters = house.letters()
    assert len(letters) == 5 * 2 * len(RACKS)
    assert len({x.key for x in letters}) == len(letters)
    assert len(house.chat.letters) == 2 * len(RACKS)
    mine = sorted(x.subject for x in letters if x.to == "reader3@people.example")
    assert mine[:1] == ["Sunny Hosting: Incident: Trouble with Rack 0"]
    assert mine[-1:] == ["Sunny Hosting: Resolved: Trouble with Rack 4"]
