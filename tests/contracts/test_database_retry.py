"""Two writers who wait for each other, and a connection lost midway: the loser does it anew."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import exc, select, text, update

from db.engine import TRIES, DatabaseAway, UnavailableReason, connect, libpq_url, repeat_on_conflict
from db.metadata import metadata
from db.tables.web import buckets
from jobs.database_queue import DatabaseSender
from status.model import Condition, Grade, Observation, Signal, UptimeDay
from status.storage.store import ObservationBatch, StatusStore
from tests.process_fixtures import until


@pytest.fixture
def db(_postgres_tables, clock):
    opened = connect(_postgres_tables, clock=clock)
    with opened.write() as conn:
        for key in ("a", "b"):
            conn.execute(buckets.insert().values(key=key, tokens=0, at=clock.now()))
    yield opened
    with opened.write() as conn:
        names = ", ".join(f'"{t.name}"' for t in metadata.sorted_tables)
        conn.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    opened.close()


def tokens(db):
    with db.read() as conn:
        return {row.key: row.tokens for row in conn.execute(select(buckets))}


def crossing(db, tries, act=repeat_on_conflict):
    """Two threads that add to both rows, each in the other's order; what they ended with."""
    both_hold_one, ended = threading.Barrier(2), []

    @act
    def add(first, second):
        tries.append(first)
        with db.write() as conn:
            grow = update(buckets).values(tokens=buckets.c.tokens + 1)
            conn.execute(grow.where(buckets.c.key == first))
            if tries.count(first) == 1:
                both_hold_one.wait(10)
            conn.execute(grow.where(buckets.c.key == second))

    def run(*order):
        try:
            ended.append(add(*order))
        except Exception as error:  # noqa: BLE001 - looked at below
            ended.append(error)

    threads = [threading.Thread(target=run, args=order) for order in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return ended


def test_of_two_who_wait_for_each_other_the_loser_does_it_anew(db):
    tries = []
    assert crossing(db, tries) == [None, None]
    assert len(tries) == 3
    assert tokens(db) == {"a": 2, "b": 2}, "each once"


def test_without_that_the_loser_is_told_that_it_may(db):
    (lost,) = [e for e in crossing(db, [], act=lambda f: f) if e is not None]
    assert isinstance(lost, DatabaseAway)
    assert (lost.reason, lost.may_repeat) == (UnavailableReason.CONFLICT, True)
    assert tokens(db) == {"a": 1, "b": 1}


def test_a_deadlock_drops_no_observation(db, clock):
    """A foreign session holds the day and then asks for the observation: the server ends us."""
    now = clock.now()
    seen = Observation("web-http", now, timedelta(milliseconds=5), Signal(Grade.UP, "200"))
    day = UptimeDay(now.date(), {Condition.OPERATIONAL: 60})
    store, ended = StatusStore(db, clock, DatabaseSender()), []

    def write():
        try:
            store.write(ObservationBatch((seen,), {"web": (day,)}))
            ended.append("written")
        except (DatabaseAway, exc.DBAPIError) as error:
            ended.append(error)

    with psycopg.connect(libpq_url(str(db.engine.url.render_as_string(False)))) as rival:
        rival.execute("INSERT INTO status_days VALUES ('web', %s, 1, 0, 0, 0, 0, 0)", (now.date(),))
        ours = threading.Thread(target=write)
        ours.start()
        waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        with db.engine.connect() as conn:
            until(lambda: conn.execute(text(waits)).first())
        rival.execute(
            "INSERT INTO status_observations VALUES ('web-http', %s, %s, 1, 'up', true, '', '')"
            " ON CONFLICT DO NOTHING", (now, seen.vantage),
        )  # fmt: skip
        rival.rollback()
    ours.join(20)
    assert ended == ["written"]
    assert [o.at for o in store.observations("web-http")] == [now]
    assert store.days(now.date())["web"] == (day,)


def test_a_connection_lost_midway_is_taken_anew(db, clock):
    tries = []

    @repeat_on_conflict
    def add():
        with db.write() as conn:
            tries.append(conn.execute(text("SELECT pg_backend_pid()")).scalar_one())
            conn.execute(update(buckets).values(tokens=buckets.c.tokens + 1))
            if len(tries) == 1:
                killer = psycopg.connect(libpq_url(db.engine.url.render_as_string(False)))
                killer.execute("SELECT pg_terminate_backend(%s)", tries)
                killer.close()
                time.sleep(0.1)
            conn.execute(text("SELECT 1"))

    add()
    assert len(set(tries)) == 2
    assert tokens(db) == {"a": 1, "b": 1}


def test_it_ends_after_some_tries():
    tries = []

    @repeat_on_conflict
    def never():
        tries.append(1)
        raise DatabaseAway(UnavailableReason.CONFLICT, may_repeat=True)

    with pytest.raises(DatabaseAway, match="try again"):
        never()
    assert len(tries) == TRIES


@pytest.mark.parametrize(
    "reason",
    [
        UnavailableReason.LOCKED,
        UnavailableReason.SCHEMA,
        UnavailableReason.UNREACHABLE,
        UnavailableReason.FULL,
    ],
)
def test_what_would_fail_again_is_tried_once(reason):
    tries = []

    @repeat_on_conflict
    def away():
        tries.append(1)
        raise DatabaseAway(reason)

    with pytest.raises(DatabaseAway):
        away()
    assert len(tries) == 1


def test_a_commit_that_broke_off_is_not_repeated(db):
    """It may have been kept: who asked must look."""
    with pytest.raises(DatabaseAway) as lost, db.write() as conn:  # noqa: PT012
        conn.execute(update(buckets).values(tokens=1))
        pid = conn.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg.connect(libpq_url(db.engine.url.render_as_string(False))) as killer:
            killer.execute("SELECT pg_terminate_backend(%s)", (pid,))
        time.sleep(0.1)
    assert (lost.value.reason, lost.value.may_repeat) == (UnavailableReason.UNREACHABLE, False)
