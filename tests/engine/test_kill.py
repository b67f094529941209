"""kill -9 at any moment loses nothing and doubles nothing."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from clock import SystemClock
from context import context
from db.engine import connect
from db.schema_status import first_start
from db.tables.jobs import jobs
from diagnostics.model import RunState, Scope
from jobs.database_queue import DatabaseSender
from jobs.model import Job
from jobs.wakeup import SocketWakeup, socket_path
from settings import load
from subject import parse_subject
from tests import kill_engine
from tests.kill_engine import tickets
from tests.people_rows import add_people
from tests.process_fixtures import process, until
from tests.run_places import FIRST
from tickets.model import AuthenticationSnapshot, Draft, TicketState
from wiring.rooms import build

FORK = multiprocessing.get_context("fork")


@pytest.mark.parametrize("kills", [pytest.param(20, id="twenty")])
def test_killing_the_worker_at_any_moment(database_url, tmp_path, kills):
    """Twenty random kills while jobs keep coming: each job is done, each effect is there once."""
    db = connect(database_url, clock=SystemClock())
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    with db.write() as conn:
        tickets.drop(conn, checkfirst=True)
        tickets.create(conn)
    knock, enqueued, done = SocketWakeup(tmp_path), 0, 0
    kills = kills if db.is_sqlite else 6
    while done < kills:
        engine = started(database_url, tmp_path)
        until(socket_path(tmp_path).exists, what="the engine")
        for _ in range(6):
            with db.write() as conn:
                DatabaseSender().enqueue(
                    conn, Job("kill.ticket", "{}", f"t{enqueued}", db.clock.now())
                )
            enqueued += 1
            knock()
        time.sleep(chance.uniform(0, 0.25))
        engine.kill()
        engine.join(10)
        socket_path(tmp_path).unlink(missing_ok=True)
        done += 1
    engine = started(database_url, tmp_path)
    try:
        until(lambda: left(db) == 0, what=f"the end of all jobs (seed {seed})")
    finally:
        engine.kill()
        engine.join(10)
    with db.read() as conn:
        rows = Counter(conn.execute(select(tickets.c.key)).scalars())
        states = Counter(conn.execute(select(jobs.c.state)).scalars())
        failed = conn.execute(select(func.max(jobs.c.attempts))).scalar()
    wanted = {f"t{n}" for n in range(enqueued)} | {f"note:t{n}" for n in range(enqueued)}
    assert set(rows) == wanted, f"seed {seed}"
    assert set(rows.values()) == {1}
    assert states == {"done": 2 * enqueued}, f"seed {seed}"
    assert failed >= 1
    with db.write() as conn:
        tickets.drop(conn)
        conn.execute(jobs.delete())
    db.close()


def started(url: str, var: Path):
    """The small engine, forked: it needs no second loading of everything."""
    worker = FORK.Process(target=kill_engine.main, args=(url, var), daemon=True)
    worker.start()
    return worker


def left(db) -> int:
    with db.read() as conn:
        query = select(func.count()).where(jobs.c.state.not_in(["done", "failed"]))
        return conn.execute(query).scalar_one()


CONFIG = """
[provider]
nameservers = ["ns1.skyhost.example"]
[network]
closed = true
resolvers = ["127.0.0.1:1"]
root_hints = ["127.0.0.1:1"]
"""


def draft(number: int) -> Draft:
    snapshot = AuthenticationSnapshot(
        "Mara", "mara@shop.example", "owner", "password", 2, datetime.now(UTC)
    )
    return Draft(
        fingerprint=f"f{number}",
        person="mara",
        account="A-1",
        service="shop.example",
        category="web",
        department="support",
        priority="normal",
        subject=f"Ticket {number}",
        text="It does not open.",
        statement=snapshot,
        lang="en",
    )


def test_killing_the_whole_engine_loses_no_run_and_no_ticket(tmp_path):
    """The engine as it is, with diagnoses and tickets under way, killed three times."""
    (tmp_path / "jasno.toml").write_text(CONFIG)
    rooms = build(context(load(env={"JASNO_VAR": str(tmp_path / "var")}, cwd=tmp_path)))
    first_start(rooms.ctx.loaded.database_url, rooms.ctx.var, rooms.ctx.clock)
    rooms.accounts.store.add_person("mara@shop.example", "Mara", id="mara")
    add_people(rooms.ctx.db, "mara")
    runs, number = [], 0
    for kill in (True, True, True, False):
        with process("engine", var=rooms.ctx.var, log=tmp_path / "log") as engine:
            until(socket_path(rooms.ctx.var).exists, what="the engine")
            for _ in range(3):
                number += 1
                rooms.tickets.store.submit(draft(number), priority=2, answer_by=None)
                parsed, _ = rooms.wizard.runs.create(
                    parse_subject(f"shop{number}.example"), Scope.PUBLIC, "site_down", place=FIRST
                )
                runs.append(parsed.id)
            if kill:
                time.sleep(random.uniform(0, 0.4))
                engine.kill()
                engine.wait(10)
                socket_path(rooms.ctx.var).unlink(missing_ok=True)
            else:
                until(lambda: left(rooms.ctx.db) == 0, 60, "the end of all jobs")
    with rooms.ctx.db.read() as conn:
        rows = conn.execute(
            select(jobs.c.kind, jobs.c.state, func.count()).group_by(jobs.c.kind, jobs.c.state)
        ).all()
    assert {tuple(row) for row in rows} == {
        ("diagnosis.run", "done", number),
        ("diagnosis.finished", "done", number),
        ("ticket.open", "done", number),
        ("mail.send", "done", number),  # that it has arrived
    }
    assert {rooms.wizard.runs.by_id(run).state for run in runs} == {RunState.DONE}
    queue = rooms.tickets.store.queue(TicketState)
    assert sorted(t.draft.subject for t in queue) == sorted(
        f"Ticket {n + 1}" for n in range(number)
    )
    assert all(t.ref is not None for t in queue)
    assert "Traceback" not in (tmp_path / "log").read_text()
