"""/readyz tells when background work stands: no engine, a silent one, jobs that nobody does."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from clock import ManualClock
from context import context
from engine import heartbeat_file
from engine.disk_space import disk_message
from engine.heartbeat_file import EngineHeartbeat
from jobs.model import ClaimLimit, Job
from portal.ops import PARTS
from room import all_handlers
from settings import load
from wiring.rooms import build
from wiring.web import create_app

MINUTE = timedelta(minutes=1)


class Site:
    """The web of one machine, with a database and a clock to turn; `beat` stands for an engine."""

    def __init__(self, tmp_path, database_url):
        env = {"JASNO_VAR": str(tmp_path), "JASNO_DATABASE_URL": database_url}
        self.ctx = context(load(env=env, cwd=tmp_path), ManualClock())
        self.rooms = build(self.ctx)
        self.client = create_app(self.rooms).test_client()

    def beat(self, troubles=None):
        now = self.ctx.clock.now()
        kinds = tuple(all_handlers(self.rooms))
        beat = EngineHeartbeat(now, 1, now, troubles=troubles or {}, job_kinds=kinds)
        heartbeat_file.write(self.ctx.var, beat)

    def enqueue(self, key, kind="mail.send"):
        with self.ctx.db.write() as conn:
            self.ctx.jobs.enqueue(conn, Job(kind, "{}", key, self.ctx.clock.now()))

    def pass_time(self, by):
        """The engine goes on beating."""
        self.ctx.clock.advance(by)
        self.beat()

    def unknown_jobs(self):
        """What /readyz says of leftovers."""
        answer = self.client.get("/readyz", base_url="http://127.0.0.1:8000")
        return answer.json["parts"]["unknown_jobs"]["detail"]

    def unwell(self):
        """Why /readyz is not ready for the sake of background work; the code is 503 then."""
        answer = self.client.get("/readyz", base_url="http://127.0.0.1:8000")
        parts = answer.json["parts"]
        messages = {p: parts[p]["detail"] for p in ("engine", "jobs") if not parts[p]["ok"]}
        assert not messages or (answer.status_code, answer.json["ready"]) == (503, False)
        return messages


@pytest.fixture
def site(tmp_path, sqlite_url):
    site = Site(tmp_path, sqlite_url)
    yield site
    site.rooms.close()
    site.ctx.db.close()


def test_an_engine_that_is_not_there_or_silent_is_told(site):
    assert site.unwell() == {"engine": "the engine has never beaten"}
    site.beat()
    assert site.unwell() == {}
    site.ctx.clock.advance(timedelta(seconds=10))
    assert site.unwell() == {}
    site.ctx.clock.advance(timedelta(seconds=1))
    assert site.unwell() == {"engine": "the engine has been silent for 11 s"}


def test_a_loop_of_the_engine_that_is_gone_is_told(site):
    site.beat({"jobs": "has ended and does not begin again"})
    assert site.unwell() == {"engine": "jobs: has ended and does not begin again"}


def test_a_job_that_was_due_long_ago_is_told_though_the_engine_beats(site):
    site.enqueue("one")
    site.pass_time(10 * MINUTE)
    assert site.unwell() == {}
    site.pass_time(MINUTE)
    message = "mail.send is due for 11 min and nothing of it gets done"
    assert site.unwell() == {"jobs": message}
    limits = {"mail.send": ClaimLimit(2 * MINUTE)}
    site.ctx.jobs.claim(limits, "an engine that falls")
    site.pass_time(MINUTE)
    assert site.unwell() == {}
    site.pass_time(2 * MINUTE)
    assert site.unwell() == {"jobs": message.replace("11", "14")}
    (claimed,) = site.ctx.jobs.claim(limits, "the next engine")
    site.ctx.jobs.complete(claimed)
    assert site.unwell() == {}


def test_what_another_release_left_is_told_and_no_reason_to_be_unready(site):
    site.enqueue("left", kind="fax.send")
    site.pass_time(11 * MINUTE)
    assert site.unwell() == {}
    assert site.unknown_jobs() == "fax.send is due for 11 min and nothing of it gets done"
    site.enqueue("ours")
    site.pass_time(11 * MINUTE)
    assert site.unwell() == {"jobs": "mail.send is due for 11 min and nothing of it gets done"}
    assert "mail.send" not in site.unknown_jobs()


def test_where_no_engine_tells_what_it_knows_every_job_is_expected_to_be_done(site):
    site.enqueue("one", kind="fax.send")
    site.ctx.clock.advance(11 * MINUTE)
    assert set(site.unwell()) == {"engine", "jobs"}
    assert site.unknown_jobs() == ""


def test_a_crowd_that_is_worked_on_is_well(site):
    """Letters to thousands take longer than ten minutes: no reason to send readers away."""
    for number in range(5):
        site.enqueue(str(number))
    for _ in range(3):
        site.pass_time(9 * MINUTE)
        (claimed,) = site.ctx.jobs.claim({"mail.send": ClaimLimit(MINUTE)}, "engine")
        site.ctx.jobs.complete(claimed)
        assert site.unwell() == {}
    site.pass_time(11 * MINUTE)
    assert "jobs" in site.unwell()


def test_a_disk_without_room_is_told_and_one_with_room_is_not(site, tmp_path):
    answer = site.client.get("/readyz", base_url="http://127.0.0.1:8000")
    assert answer.json["parts"]["disk"] == {"ok": True, "detail": ""}
    assert disk_message([tmp_path, tmp_path / "not-there-yet"]) == ""
    message = disk_message([tmp_path], least=2**80)
    assert re.fullmatch(rf"only \d+ MB are left for {re.escape(str(tmp_path))}", message)


def test_every_part_has_a_name_for_operators(site):
    assert set(site.rooms.portal.health()) == set(PARTS)


def test_a_part_that_cannot_be_asked_hides_no_other(site, monkeypatch):
    def broken():
        raise OSError("the words of a system")

    monkeypatch.setattr(type(site.rooms.kb), "checks", lambda _: {"broken": broken}, raising=False)
    parts = site.rooms.portal.health()
    assert parts["broken"] == "cannot be asked: OSError"
    assert set(parts) == {*PARTS, "broken"}
