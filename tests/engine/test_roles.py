"""`engine --roles …`: processes that share one database, each for its own kind of work."""

from __future__ import annotations

import signal
import socket
from contextlib import ExitStack
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from context import context
from db.schema_status import first_start
from db.tables.jobs import jobs
from db.tables.status import incidents, observations
from diagnostics.model import RunState, Scope
from engine import heartbeat_file, readiness
from jobs.wakeup import SocketWait, SocketWakeup, socket_path
from room import Role, all_handlers
from settings import load
from subject import parse_subject
from tests.engine.test_kill import draft
from tests.process_fixtures import (
    NO_ROOT,
    NOBODY,
    STRICT,
    command,
    open_port,
    process,
    single_probe_config,
    until,
)
from tests.run_places import FIRST
from wiring.engine import parse_roles
from wiring.rooms import build


@pytest.fixture
def target():
    with open_port() as port:
        yield port


class House:
    """One database and data folder, and engines of some roles."""

    def __init__(self, place, target, stack):
        (place / "jasno.toml").write_text(
            single_probe_config(
                target.getsockname()[1], probe=STRICT, network=f"{NOBODY}\n{NO_ROOT}"
            )
        )
        self.place, self.stack = place, stack
        self.rooms = build(context(load(env={"JASNO_VAR": str(place / "var")}, cwd=place)))
        first_start(self.rooms.ctx.loaded.database_url, self.rooms.ctx.var, self.rooms.ctx.clock)
        self.rooms.accounts.store.add_person("mara@shop.example", "Mara", id="mara")
        self.runs = []

    def engine(self, named):
        log = self.place / f"log-{named}"
        config = str(self.place / "jasno.toml")
        new_engine = process(
            "engine", "--config", config, "--roles", named, var=self.rooms.ctx.var, log=log
        )
        started = self.stack.enter_context(new_engine)
        until(lambda: "the engine runs" in log.read_text(), what=f"the start of {named}")
        return started

    def submit_work(self, count):
        for _ in range(count):
            number = len(self.runs) + 1
            self.rooms.tickets.store.submit(draft(number), priority=2, answer_by=None)
            parsed, _ = self.rooms.wizard.runs.create(
                parse_subject(f"shop{number}.example"), Scope.PUBLIC, "site_down", place=FIRST
            )
            self.runs.append(parsed.id)

    def looked(self):
        with self.rooms.ctx.db.read() as conn:
            return conn.execute(select(func.count()).select_from(observations)).scalar()

    def states(self):
        """How often each kind of work stands where."""
        query = select(jobs.c.kind, jobs.c.state, func.count()).group_by(jobs.c.kind, jobs.c.state)
        with self.rooms.ctx.db.read() as conn:
            return {(kind, state): count for kind, state, count in conn.execute(query)}


def test_each_does_its_own_and_nothing_is_doubled(tmp_path, target):
    with ExitStack() as stack:
        house = House(tmp_path, target, stack)
        house.engine("watch")
        house.submit_work(3)
        before = house.looked()
        until(lambda: house.looked() > before + 2, what="looks")
        assert house.states() == {("diagnosis.run", "waiting"): 3, ("ticket.open", "waiting"): 3}
        beat = heartbeat_file.read(house.rooms.ctx.var / heartbeat_file.FILE)
        assert set(beat.job_kinds) == set(all_handlers(house.rooms))  # those of other roles too
        diagnosing = house.engine("diagnose")
        until(lambda: house.states().get(("diagnosis.run", "done")) == 3, what="the diagnoses")
        assert house.states()["ticket.open", "waiting"] == 3
        delivering = house.engine("deliver")
        kinds = ("diagnosis.run", "diagnosis.finished", "ticket.open", "mail.send")
        done = dict.fromkeys(kinds, "done")
        until(lambda: house.states() == dict.fromkeys(done.items(), 3), what="the deliveries")

        diagnosing.kill()
        diagnosing.wait(10)
        house.submit_work(2)
        until(lambda: house.states().get(("ticket.open", "done")) == 5, what="deliveries")
        now = house.rooms.ctx.clock.now() + timedelta(seconds=30)
        assert "the engine that shall diagnose has been silent" in readiness.engines_message(
            house.rooms.ctx.var, now
        )
        house.engine("diagnose")
        target.close()  # the service falls: told once, however many processes there are
        until(lambda: house.states().get(("diagnosis.finished", "done")) == 5, what="the rest")
        assert {house.rooms.wizard.runs.by_id(run).state for run in house.runs} == {RunState.DONE}

        def opened():
            with house.rooms.ctx.db.read() as conn:
                return conn.execute(select(func.count()).select_from(incidents)).scalar()

        until(lambda: opened() == 1, what="the incident")
        until(lambda: house.states().get(("status.changed", "done")) == 1, what="the news")
        delivering.send_signal(signal.SIGTERM)
        delivering.wait(10)
        assert "deliver" not in readiness.engines_message(house.rooms.ctx.var, now)
        assert opened() == 1
        house.rooms.ctx.db.close()
    for log in tmp_path.glob("log-*"):
        assert "Traceback" not in log.read_text()


def test_a_wrong_role_stops_the_start_with_the_right_ones(tmp_path):
    assert parse_roles("watch, deliver") == {Role.WATCH, Role.DELIVER}
    refusal = command("engine", "--roles", "watch,delivery", var=tmp_path / "var")
    assert refusal.returncode == 2
    assert "did you mean deliver? Allowed: deliver, diagnose, watch" in refusal.stderr


@pytest.mark.parametrize("deep", ["", "d" * 90])
async def test_a_knock_wakes_every_process_and_a_dead_one_stops_nobody(tmp_path, deep):
    place = tmp_path / deep
    place.mkdir(exist_ok=True)
    dead = socket_path(place, "deliver")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as gone:
        gone.bind(str(dead))
    async with SocketWait(place) as first, SocketWait(place, "diagnose") as two:
        SocketWakeup(place)()
        for wait in (first, two):
            await wait.wait(timedelta(seconds=30))
    dead.unlink()
