"""Is it us? When our resolvers or our whole connection are gone, nobody else is blamed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

import lab
from db.engine import connect
from jobs.database_queue import DatabaseSender
from lab.answer import page as lab_page
from lab.world import Domain, LabNameserver, LabSite, WebServer
from observe.network import Network
from status.model import Condition, Grade
from status.monitoring.monitor import Monitor
from status.publishing.publisher import Publisher
from status.storage.store import StatusStore
from tests.status_fixtures import SITE, WEB, pages, probe
from tests.web.test_status_published import plain

SECONDS = timedelta(seconds=20)
WORLD = lab.World(
    domains=(Domain(name="sklep.example", records=("www A 31.60.1.1", "mx A 31.60.1.1")),),
    nameservers=(
        LabNameserver(name="ns1.dns-lab.example", addresses=("31.50.0.1",)),
        LabNameserver(name="ns2.dns-lab.example", addresses=("31.50.0.2",)),
    ),
    web_servers=(WebServer(name="web1.sklep.example", addresses=("31.60.1.1",)),),
    sites=(
        LabSite(names=("www.sklep.example", "31.60.1.1"), server="web1.sklep.example",
             http=lab_page("Welcome", "We are here.")),
    ),
)  # fmt: skip
EVERY = {"interval": timedelta(seconds=10), "timeout": timedelta(seconds=1), "fail_after": 2}
NAMED = (
    probe("http", target="http://www.sklep.example/", **EVERY),
    probe("tcp", kind="tcp", target="www.sklep.example:80", **EVERY),
    probe("dns", kind="dns", target="www.sklep.example", **EVERY),
)
BY_ADDRESS = probe("address", target="http://31.60.1.1/", **EVERY)
ROOTS = ("a.root-lab.test", "b.root-lab.test")


class Engine:
    """A Watch of some probes, driven by hand."""

    def __init__(self, running, clock, url, folder):
        self.running, self.clock, self.folder = running, clock, folder
        self.db = connect(url, clock=clock)
        self.store = StatusStore(self.db, clock, DatabaseSender())
        self.net = Network.from_table(running.network, clock=clock)
        self.publisher = Publisher(folder, SITE, pages())

    async def watch(self, *probes, **more):
        parts = ((WEB,), probes, self.net, self.store, self.publisher)
        self.monitor, self.probes = Monitor(*parts, **more), probes
        await self.monitor.start()
        return self

    async def turns(self, count):
        seen = []
        for _ in range(count):
            self.clock.advance(SECONDS)
            now = self.clock.now()
            seen += await asyncio.gather(*(self.monitor.tick(p.name, now) for p in self.probes))
            await self.monitor.run_cycle()
        return seen

    @property
    def condition(self):
        return self.monitor.snapshot().states[0].condition

    def page(self):
        return plain((self.folder / "public/en/index.html").read_bytes())


@pytest.fixture
async def engine(clock, sqlite_url, tmp_path):
    async with lab.start(WORLD, clock=clock) as up:
        new_engine = Engine(up, clock, sqlite_url, tmp_path / "published")
        yield new_engine
        new_engine.db.close()


@pytest.mark.parametrize("fault", ["hang", "error"])
async def test_without_resolvers_what_has_a_name_cannot_be_seen(engine, fault):
    await engine.watch(*NAMED)
    assert {s.signal.grade for s in await engine.turns(2)} == {Grade.UP}
    engine.running.fault("resolver", fault)
    seen = await engine.turns(3)
    assert {(s.signal.grade, s.reliable) for s in seen} == {(Grade.UNKNOWN, False)}
    assert "our own resolvers do not answer" in seen[0].signal.reason
    assert engine.condition is Condition.NO_DATA
    assert "We cannot see our services right now" in engine.page()
    assert "our own resolvers" in engine.monitor.health_message()
    engine.running.clear_fault("resolver")
    await engine.turns(3)
    assert engine.condition is Condition.OPERATIONAL
    assert "We cannot see" not in engine.page()
    assert engine.monitor.health_message() == ""
    day = engine.monitor.snapshot().states[0].days[-1]
    assert day.seconds.keys() <= {Condition.OPERATIONAL, Condition.NO_DATA}


async def test_without_resolvers_who_is_known_by_address_is_still_judged(engine):
    await engine.watch(NAMED[0], BY_ADDRESS)
    await engine.turns(2)
    engine.running.fault("resolver", "down")
    engine.running.fault("web1.sklep.example", "down")
    await engine.turns(3)
    states = {s.probe: (s.signal.grade, s.reliable) for s in await engine.turns(1)}
    assert states == {"http": (Grade.UNKNOWN, False), "address": (Grade.DOWN, True)}
    assert engine.condition is Condition.MAJOR_OUTAGE
    assert "All services are down" in engine.page()


async def test_a_name_that_nobody_answers_for_is_their_fault_while_our_resolvers_work(engine):
    await engine.watch(NAMED[0])
    await engine.turns(2)
    for server in ("ns1.dns-lab.example", "ns2.dns-lab.example"):
        engine.running.fault(server, "hang")
    engine.clock.advance(timedelta(days=1))  # what the resolver remembered is over
    await engine.turns(3)
    assert engine.condition is Condition.MAJOR_OUTAGE


async def test_a_name_that_is_gone_is_their_fault(engine):
    await engine.watch(probe("http", target="http://nobody.sklep.example/", **EVERY))
    seen = await engine.turns(3)
    assert {(s.signal.grade, s.reliable) for s in seen} == {(Grade.DOWN, True)}


async def test_with_nothing_configured_the_root_servers_tell_that_we_are_cut_off(engine):
    await engine.watch(BY_ADDRESS)
    await engine.turns(2)
    for machine in ROOTS:
        engine.running.fault(machine, "hang")
    engine.running.fault("web1.sklep.example", "down")
    seen = await engine.turns(3)
    assert {(s.signal.grade, s.reliable) for s in seen} == {(Grade.UNKNOWN, False)}
    assert "our own connection is down" in engine.page()
    engine.running.clear_fault(ROOTS[1])  # the world is back, and the service is indeed down
    await engine.turns(3)
    assert "All services are down" in engine.page()


async def test_where_root_servers_never_answered_they_tell_nothing(engine):
    for machine in ROOTS:
        engine.running.fault(machine, "hang")  # a firewall that lets no DNS out
    await engine.watch(BY_ADDRESS)
    await engine.turns(2)
    engine.running.fault("web1.sklep.example", "down")
    await engine.turns(3)
    assert engine.condition is Condition.MAJOR_OUTAGE


async def test_a_neighbour_in_our_own_network_does_not_prove_that_we_are_connected(engine):
    """One target still answers; the others are not blamed in between."""
    near = probe("near", kind="dns", target="www.sklep.example", **EVERY)
    await engine.watch(near, BY_ADDRESS)
    await engine.turns(2)
    for machine in ROOTS:
        engine.running.fault(machine, "hang")
    engine.running.fault("web1.sklep.example", "down")
    seen = [s for s in await engine.turns(3) if s.probe == "address"]
    assert {(s.signal.grade, s.reliable) for s in seen} == {(Grade.UNKNOWN, False)}
