"""kill -9 of web, engine and both while a vantage brings looks: what was taken is there, once."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from clock import SystemClock
from db.engine import DatabaseAway, connect
from db.tables.status import observations
from tests.process_fixtures import (
    APP,
    alive,
    command,
    environment,
    fetch,
    free_port,
    offspring,
    until,
)

CONFIG = """
[site]
name = "Skyhost"
[[component]]
id = "web1"
name = "Web hosting 1"
[[probe]]
name = "near"
kind = "tcp"
component = "web1"
target = "192.0.9.4:80"
interval = "1s"
[[probe]]
name = "far"
kind = "tcp"
component = "web1"
target = "192.0.9.4:80"
interval = "1s"
vantages = ["brno"]
[network]
closed = true
hosts = { "192.0.9.4:80" = "127.0.0.1:PORT" }
"""


PATIENCE = 180.0  # seconds until a killed process serves again, on the busiest machine
THOUSAND = int(os.environ.get("JASNO_SOAK_KILLS", "1000"))


class House:
    """A web process and an engine, each started again as soon as it was killed."""

    def __init__(self, place):
        self.place, self.port = place, free_port()
        self.var, self.log = place / "var", place / "log"
        self.running = {}

    def start(self, word):
        with self.log.open("ab") as out:
            self.running[word] = subprocess.Popen(
                [sys.executable, APP, word], stdout=out, stderr=out, cwd=self.place,
                env=environment(self.var, JASNO_PORT=str(self.port)), process_group=0,
            )  # fmt: skip

    def up(self, word):
        if word == "web":
            return fetch(f"http://127.0.0.1:{self.port}/healthz")[0] == 200
        with suppress(OSError, ValueError):
            document = json.loads((self.var / "engine.json").read_bytes())
            return document["pid"] == self.running["engine"].pid
        return False

    def kill(self, word):
        """The whole group at once, as the kernel does when memory ends."""
        victim = self.running.pop(word)
        family = [victim.pid, *offspring(victim.pid)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        victim.wait(10)
        until(lambda: not [pid for pid in family if alive(pid)], what="the end")

    def close(self):
        for word in list(self.running):
            self.kill(word)


class Far(threading.Thread):
    """A vantage that pushes one look after another, each until it is taken."""

    def __init__(self, port, token):
        super().__init__(daemon=True)
        self.url = f"http://127.0.0.1:{port}/api/vantage/observations"
        self.token, self.taken, self.over = token, [], False

    def run(self):
        while not self.over:
            at = datetime.now(UTC)
            while not self.over:
                if self.push(at):
                    self.taken.append(at)
                    break
                time.sleep(0.02)
            time.sleep(0.03)

    def push(self, at):
        look = {"probe": "far", "at": at.isoformat(), "elapsed": 0.01, "grade": "up"}
        request = urllib.request.Request(
            self.url,
            json.dumps({"observations": [look], "schema": 1}).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=3) as answer:
                return json.load(answer)["taken"] == 1
        except (OSError, ValueError, http.client.HTTPException):
            return False


@pytest.fixture
def house(tmp_path):
    with socket.socket() as target:
        target.bind(("127.0.0.1", 0))
        target.listen(500)
        port = target.getsockname()[1]
        (tmp_path / "jasno.toml").write_text(CONFIG.replace("PORT", str(port)))
        new_house = House(tmp_path)
        assert command("db", "upgrade", var=new_house.var).returncode == 0
        yield new_house
        new_house.close()


@pytest.mark.parametrize(
    "kills",
    [
        pytest.param(20, id="twenty", marks=pytest.mark.timeout(240)),
        pytest.param(THOUSAND, id="thousand", marks=[pytest.mark.soak, pytest.mark.timeout(0)]),
    ],
)
def test_what_was_taken_is_there_once(house, kills):
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    token = command("vantage", "token", "brno", var=house.var).stdout.split()[-1]
    far = Far(house.port, token)
    house.start("engine")
    house.start("web")
    until(lambda: house.up("web") and house.up("engine"), what="the start")
    far.start()
    killed = 0
    while killed < kills:
        victims = chance.choice((("web",), ("engine",), ("web", "engine")))
        rise = f"the rise of {victims} after {killed} kills (seed {seed})"
        until(lambda who=victims: all(house.up(word) for word in who), PATIENCE, rise)
        time.sleep(chance.uniform(0, 0.2))
        for word in victims:
            house.kill(word)
            killed += 1
        for word in victims:
            house.start(word)
        page = house.var / "published" / "public" / "index.html"
        assert b"Web hosting 1" in page.read_bytes()  # at every moment there is a whole page
    before = len(far.taken)
    until(lambda: len(far.taken) > before, what="a last look")
    far.over = True
    far.join(10)
    db = connect(f"sqlite:///{house.var}/jasno.db", clock=SystemClock())

    def missing():
        with suppress(DatabaseAway), db.read() as conn:
            query = select(observations.c.at).where(observations.c.probe == "far")
            return set(far.taken) - set(conn.execute(query).scalars())
        return True

    until(lambda: not missing(), what=f"every look that was taken (seed {seed})")
    with db.read() as conn:
        near = conn.execute(select(observations.c.at).where(observations.c.probe == "near"))
        assert near.first() is not None
    db.close()
    assert len(far.taken) > 10
    text = house.log.read_text()
    assert "Traceback" not in text, f"seed {seed}"
    assert "damaged" not in text
