"""News under stress: killed engines, two engines, a storm of five hundred components."""

from __future__ import annotations

import asyncio
import email
import email.policy
import random
import re
import time
from collections import Counter

from sqlalchemy import func, select

from clock import SystemClock
from context import context
from db.engine import connect
from db.schema_status import first_start
from db.tables.jobs import jobs
from jobs.database_queue import DatabaseQueue
from jobs.wakeup import socket_path
from jobs.worker import Worker
from notify.model import Preferences, SubscriberKind
from settings import load
from status.incidents.incident_editing import AnnouncementText
from status.model import Condition
from tests.notify_fixtures import NotifyHouse
from tests.process_fixtures import process, until
from tests.ticket_fixtures import Remembering
from wiring.rooms import build

CONFIG = """
[[component]]
id = "web"
name = "Web hosting"
[network]
closed = true
resolvers = ["127.0.0.1:1"]
root_hints = ["127.0.0.1:1"]
"""
READERS = 40


def left(db) -> int:
    with db.read() as conn:
        query = select(func.count()).where(
            jobs.c.state.not_in(["done", "failed"]), jobs.c.kind != "status.publish"
        )
        return conn.execute(query).scalar_one()


def joined(store, number: int) -> None:
    for n in range(number):
        address = f"reader{n}@people.example"
        store.subscribe(SubscriberKind.EMAIL, address, address, Preferences())
    for item in store.all():
        store.confirm(item.id)


def test_a_killed_engine_tells_everybody_once(tmp_path):
    """SIGKILL in the middle of the fan-out and of the sending, twice."""
    (tmp_path / "jasno.toml").write_text(CONFIG)
    rooms = build(context(load(env={"JASNO_VAR": str(tmp_path / "var")}, cwd=tmp_path)))
    first_start(rooms.ctx.loaded.database_url, rooms.ctx.var, rooms.ctx.clock)
    joined(rooms.notify.subscribers, READERS)
    for number in range(3):
        with process("engine", var=rooms.ctx.var, log=tmp_path / "log") as engine:
            until(socket_path(rooms.ctx.var).exists, what="the engine")
            announcement_text = AnnouncementText(
                {"en": "a"}, components={"web": Condition.MAJOR_OUTAGE}
            )
            rooms.status.incidents.open({"en": f"Incident {number}"}, announcement_text, "olu")
            if number < 2:
                time.sleep(random.uniform(0.05, 0.6))
                engine.kill()
                engine.wait(10)
                socket_path(rooms.ctx.var).unlink(missing_ok=True)
            else:
                until(lambda: left(rooms.ctx.db) == 0, 60, "the end of all jobs")
    letters = [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in (rooms.ctx.var / "outbox").glob("*.eml")
    ]
    news = Counter(
        (m["To"], re.search(r"Incident \d", m["Subject"])[0])
        for m in letters
        if "Incident:" in m["Subject"]
    )
    assert len(news) == READERS * 3
    assert set(news.values()) == {1}
    assert len({m["Message-ID"] for m in letters}) == len(letters)
    assert "Traceback" not in (tmp_path / "log").read_text()
    rooms.close()
    rooms.ctx.db.close()


class Slow(Remembering):
    """A channel that takes its time, so that two engines meet over the same letters."""

    def send(self, letter):
        time.sleep(random.uniform(0, 0.003))
        super().send(letter)


async def test_two_engines_tell_everybody_once(database_url, tmp_path):
    clock = SystemClock()
    db = connect(database_url, clock=clock)
    house = NotifyHouse(db, clock, folder=tmp_path)
    joined(house.store, READERS)
    hook = "https://hooks.else.example/status"
    house.store.subscribe(SubscriberKind.WEBHOOK, hook, "mara@people.example", Preferences())
    (incident,) = (s for s in house.store.all() if s.kind is SubscriberKind.WEBHOOK)
    house.store.confirm(incident.id)
    house.mailbox = Slow()
    house.started(house.parts)
    workers = [Worker(DatabaseQueue(db), house.handlers, clock, f"engine-{n}") for n in range(2)]
    stop = asyncio.Event()
    running = [asyncio.create_task(w.run(stop)) for w in workers]
    await _until(lambda: left(db) == 0)
    opened = house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "a"}), "olu")
    house.incidents.resolve(opened.id, {"en": "b"}, "olu")
    await _until(lambda: left(db) == 0)
    stop.set()
    await asyncio.gather(*running)
    letters_by_key = Counter(x.key for x in house.mailbox.letters if "Disk" in x.subject)
    assert len(letters_by_key) == READERS * 2
    assert set(letters_by_key.values()) == {1}
    deliveries = Counter(h["Jasno-Delivery"] for _, _, h in house.endpoint.calls)
    assert len(deliveries) == 3  # the challenge, opened, resolved
    assert set(deliveries.values()) == {1}
    assert len(house.chat.letters) == 2
    if not db.is_sqlite:
        with db.write() as conn:
            conn.execute(jobs.delete())
    db.close()


async def _until(condition) -> None:
    end = time.monotonic() + 30
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < end, "it took too long"
        await asyncio.sleep(0.05)


async def test_hanging_endpoints_do_not_keep_others_waiting(sqlite_url, tmp_path):
    clock = SystemClock()
    db = connect(sqlite_url, clock=clock)
    house = NotifyHouse(db, clock, folder=tmp_path)
    for n in range(12):
        house.store.subscribe(
            SubscriberKind.WEBHOOK, f"https://h{n}.example/x", "mara@people.example", Preferences()
        )
    for incident in house.store.all():
        house.store.confirm(incident.id)
    house.run_jobs()
    began: dict[str, float] = {}

    def post(url, body, headers):
        began[url] = time.monotonic()
        time.sleep(0 if url == "https://h11.example/x" else 0.8)
        return quick(url, body, headers)

    quick, house.endpoint = house.endpoint, post
    house.started(house.parts)
    worker, stop = Worker(DatabaseQueue(db), house.handlers, clock, "engine"), asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "a"}), "olu")
    await _until(lambda: left(db) == 0)
    stop.set()
    await running
    assert len(began) == 12
    assert max(began.values()) - min(began.values()) < 0.7
    db.close()
