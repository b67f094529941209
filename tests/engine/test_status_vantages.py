"""Two places look at one server: the portal's engine and a vantage that knows no database."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.serving import make_server

from clock import SystemClock
from db.engine import connect
from engine.vantage import run_agent
from facts import Vantage
from jobs.database_queue import DatabaseSender
from observe.session import JsonService
from status.model import Condition, Grade
from status.monitoring.monitor import Monitor
from status.probing.vantages import api
from status.probing.vantages.agent import PortalRefused, VantageAgent
from status.probing.vantages.store import VantageStore
from status.publishing.publisher import Publisher
from status.storage.store import StatusStore
from tests.desk_fixtures import House
from tests.observe_servers import answer, http, net, tcp
from tests.status_fixtures import SITE, WEB, pages, probe


class Portal:
    """A portal's web process, as far as vantages care."""

    def __init__(self, app: Flask):
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def world(sqlite_url):
    clock = SystemClock()
    database = connect(sqlite_url, clock=clock)
    house = House(database, clock)
    house.places = VantageStore(database, clock)
    yield house
    database.close()


def network(name):
    return replace(net(root_hints=["127.0.0.1:1"]), vantage=Vantage(name))


async def until(seen, seconds=10):
    async with asyncio.timeout(seconds):
        while not seen():  # noqa: ASYNC110 - what is waited for happens in another room
            await asyncio.sleep(0.05)


async def test_an_outage_needs_two_places(world, tmp_path):
    healthy = {"now": True}

    def page(path, _):
        return answer("fine") if healthy["now"] or path == "/well" else answer("no", "500 Broken")

    async with tcp(http(page)) as port:
        web_probe = probe(
            "web-http",
            target=f"http://127.0.0.1:{port}/",
            vantages=("local", "praha"),
            interval=timedelta(seconds=1),
            fail_after=1,
            recover_after=1,
        )
        world.app.register_blueprint(api.blueprint(world.places, (web_probe,)))
        portal = Portal(world.app)
        token = world.places.make_token("praha")
        agent = VantageAgent(JsonService(network("praha"), portal.url), token, network("praha"))
        engine = Monitor(
            (WEB,), (web_probe,), network("local"), StatusStore(world.db, world.clock, DatabaseSender()),
            Publisher(tmp_path / "published", SITE, pages()), pushed_observations=world.places.pushed_observations(),
        )  # fmt: skip
        await engine.start()
        stop = asyncio.Event()
        running = asyncio.create_task(run_agent(agent, stop, push=0.1))
        try:
            now = engine.net.clock.now

            async def beat():
                await engine.run_cycle()
                return engine.snapshot().states[0].condition

            await engine.tick("web-http", now())
            async with asyncio.timeout(10):
                while ("web-http", "praha") not in engine._metrics:
                    await engine.run_cycle()
                    await asyncio.sleep(0.1)
            assert await beat() is Condition.OPERATIONAL
            # broken for us alone: a bad look of our own, a good one of the vantage's
            healthy["now"] = False
            await asyncio.wait_for(engine.tick("web-http", now()), 5)
            healthy["now"] = True
            assert await beat() is Condition.OPERATIONAL
            # broken for everyone
            healthy["now"] = False
            async with asyncio.timeout(10):
                while await beat() is not Condition.MAJOR_OUTAGE:
                    await engine.tick("web-http", now())
                    await asyncio.sleep(0.1)
            (state,) = engine.snapshot().states
            assert "praha" in engine._debounced["web-http"].reason
            # each look of the vantage is stored, with its evidence
            stored = {o.vantage for o in engine.store.observations("web-http", failed=True)}
            assert stored == {"local", "praha"}
            assert state.condition is Condition.MAJOR_OUTAGE
            # the portal falls away: looks wait, and are brought when it returns
            portal.stop()
            await until(lambda: agent.portal_error and agent.waiting)
            (place,) = world.places.list_vantages()
            assert place.seen_at is not None
        finally:
            stop.set()
            await running
        again = Portal(world.app)
        agent.portal = JsonService(network("praha"), again.url)
        await agent.push()
        assert (agent.portal_error, agent.waiting) == ("", 0)
        world.places.drop("praha")
        await agent.tick("web-http", now())
        with pytest.raises(PortalRefused, match="does not know this token"):
            await agent.push()
        again.stop()


async def test_a_vantage_that_is_cut_off_blames_nobody():
    async with tcp(http(lambda *_: answer())) as port:
        closed = f"http://127.0.0.1:{port}/"
    agent = VantageAgent(JsonService(net(), closed), "t", net(), references=(closed,))
    agent.probes = {"p": probe("p", target=closed)}
    seen = await agent.tick("p", agent.net.clock.now())
    assert (seen.signal.grade, seen.reliable) == (Grade.UNKNOWN, False)


async def test_words_told_reach_the_verdict(world, tmp_path):
    beat = probe("nightly", kind="heartbeat", target="", fail_after=1, recover_after=1)
    pushed = {}
    engine = Monitor(
        (WEB,), (beat,), network("local"), StatusStore(world.db, world.clock, DatabaseSender()),
        Publisher(tmp_path / "published", SITE, pages()), pushed=lambda: pushed,
    )  # fmt: skip
    await engine.start()
    seen = await engine.tick("nightly", engine.net.clock.now())
    assert seen.signal.grade is Grade.UNKNOWN
    assert "no heartbeat has come yet" in seen.signal.reason
