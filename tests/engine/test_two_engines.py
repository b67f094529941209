"""Two engines on one database, started by mistake or for safety: everything happens once."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import defaultdict
from contextlib import ExitStack
from itertools import pairwise
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from clock import SystemClock
from db.engine import connect
from db.schema_status import first_start
from db.tables.engine import roles
from db.tables.jobs import jobs
from db.tables.status import incidents, observations
from status.events import CHANGED
from tests.process_fixtures import STRICT, open_port, process, single_probe_config, until


class House:
    """One database, a configuration, and as many engines as one starts."""

    def __init__(self, place, url, port, stack):
        self.place, self.url, self.stack = place, url, stack
        (place / "jasno.toml").write_text(single_probe_config(port, probe=STRICT))
        self.var = place / "var"
        first_start(url, self.var, SystemClock())
        self.db = connect(url, clock=SystemClock())
        stack.callback(self.db.close)
        self.engines = []

    def engine(self, var="var"):
        log = self.place / f"log{len(self.engines)}"
        new_engine = process(
            "engine", "--config", str(self.place / "jasno.toml"),
            var=self.place / var, log=log, JASNO_DATABASE_URL=self.url,
        )  # fmt: skip
        self.engines.append((self.stack.enter_context(new_engine), log))
        return self.engines[-1]

    def wait_for_log(self, log, words):
        until(lambda: words in log.read_text(), what=words)

    def looks(self):
        query = select(observations.c.probe, observations.c.vantage, observations.c.at)
        with self.db.read() as conn:
            return conn.execute(query.order_by(observations.c.at)).all()

    def count(self, table, *where):
        with self.db.read() as conn:
            return conn.execute(select(func.count()).select_from(table).where(*where)).scalar()

    def words(self):
        """What was said to other rooms, each time it was said."""
        with self.db.read() as conn:
            rows = conn.execute(select(jobs.c.payload).where(jobs.c.kind == CHANGED)).scalars()
            return sorted(json.loads(payload)["what"] for payload in rows)

    def looked(self, more=2):
        before = len(self.looks())
        until(lambda: len(self.looks()) >= before + more, what="further observations")

    def nothing_is_doubled(self):
        """A probe of one second is never looked at twice in one."""
        at = defaultdict(list)
        for row in self.looks():
            at[row.probe].append(row.at)
        for times in at.values():
            turns = [t for t in times if abs(t.timestamp() % 1 - times[-1].timestamp() % 1) < 0.4]
            near = [b - a for a, b in pairwise(turns) if (b - a).total_seconds() < 0.5]
            assert near == []


@pytest.fixture
def target():
    with open_port() as port:
        yield port


@pytest.fixture
def stack():
    with ExitStack() as exit_stack:
        yield exit_stack


def test_the_second_stands_by_and_follows_a_killed_one(tmp_path, target, stack):
    url = f"sqlite:///{tmp_path}/var/jasno.db"
    house = House(tmp_path, url, target.getsockname()[1], stack)
    house.stack.enter_context(target)
    first, log = house.engine()
    house.wait_for_log(log, "the engine runs")
    second, log2 = house.engine()
    house.wait_for_log(log2, "standing by")
    house.looked(4)
    target.close()  # the service falls; both engines live
    until(lambda: house.count(incidents) == 1, what="the incident")
    house.looked(1)
    first.kill()
    began = time.monotonic()
    house.wait_for_log(log2, "the engine runs")
    assert time.monotonic() - began < 4
    house.looked(4)
    third, log3 = house.engine()
    house.wait_for_log(log3, "standing by")
    second.send_signal(signal.SIGTERM)  # one that ends in order is followed too
    house.wait_for_log(log3, "the engine runs")
    house.looked(2)
    house.nothing_is_doubled()
    assert house.count(incidents) == 1
    assert house.words() == ["component.changed", "incident.opened"]
    assert "Traceback" not in log2.read_text() + log3.read_text()
    assert third.poll() is None


def test_one_that_was_frozen_finds_itself_superseded(tmp_path, target, stack, postgres_url):
    """On PostgreSQL with two data folders, as two machines have them: the first stops, wakes
    again, and what it still wants to write is refused."""
    admin = connect(postgres_url, clock=SystemClock())
    stack.callback(admin.close)
    name = f"two_{uuid4().hex}"
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text(f"CREATE DATABASE {name}"))
    url = postgres_url.replace("/jasno?", f"/{name}?")
    house = House(tmp_path, url, target.getsockname()[1], stack)
    first, log = house.engine()
    house.wait_for_log(log, "the engine runs")
    _, log2 = house.engine("var2")
    house.wait_for_log(log2, "standing by")
    house.looked(2)
    os.kill(first.pid, signal.SIGSTOP)
    house.wait_for_log(log2, "the engine runs")
    house.looked(2)
    os.kill(first.pid, signal.SIGCONT)
    until(lambda: log.read_text().count("standing by") == 2, what="stepping down")
    house.looked(3)
    house.nothing_is_doubled()
    with house.db.read() as conn:
        assert conn.execute(select(roles.c.fence)).scalar() == 2
    assert "Traceback" not in log.read_text() + log2.read_text()
