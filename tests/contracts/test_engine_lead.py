"""Of several engines one leads, on SQLite and on PostgreSQL, whatever its clock and its disk do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete

from clock import ManualClock
from db.engine import DatabaseAway, UnavailableReason
from db.tables.engine import roles
from engine.leader import SILENCE, LeaderElection
from engine.store import RoleStore

ELSEWHERE = "other/1234abcd"


class Engines:
    """Two engines on two machines and one database; each has a clock of its own."""

    def __init__(self, database, tmp_path):
        self.db, self.dead = database, set()
        self.clocks = ManualClock(), ManualClock()
        for name in "ab":
            (tmp_path / name).mkdir()
        self.a, self.b = (
            LeaderElection(
                RoleStore(database), tmp_path / n, clock, f"{ELSEWHERE}{n}/7/1", self.is_dead
            )
            for n, clock in zip("ab", self.clocks, strict=True)
        )

    def is_dead(self, owner):
        return owner in self.dead

    def pass_time(self, seconds):
        for clock in self.clocks:
            clock.advance(timedelta(seconds=seconds))


@pytest.fixture
def engines(database, tmp_path):
    with database.write() as conn:
        conn.execute(delete(roles))
    return Engines(database, tmp_path)


def write(db, lead):
    with lead.guarded(db).write() as conn:
        conn.execute(delete(roles).where(roles.c.role == "nothing"))


def test_only_the_first_leads_while_it_lives(engines):
    assert engines.a.acquire()
    for _ in range(30):
        engines.pass_time(1)
        assert engines.a.acquire()
        assert not engines.b.acquire()
    assert engines.b.holder == engines.a.name


def test_a_silent_one_is_followed_and_can_write_no_more(engines):
    assert engines.a.acquire()
    write(engines.db, engines.a)
    assert not engines.b.acquire()
    engines.pass_time(SILENCE - 1)
    assert not engines.b.acquire()
    engines.pass_time(1)
    assert engines.b.acquire()
    with pytest.raises(DatabaseAway) as refused:
        write(engines.db, engines.a)
    assert refused.value.reason is UnavailableReason.SUPERSEDED
    write(engines.db, engines.b)
    assert not engines.a.acquire()  # it wakes, sees, and stands by
    assert engines.b.acquire()


def test_a_dead_one_is_followed_at_once(engines):
    assert engines.a.acquire()
    assert not engines.b.acquire()
    engines.dead.add(engines.a.name)
    assert engines.b.acquire()


def test_one_that_leaves_is_followed_at_once(engines):
    assert engines.a.acquire()
    engines.a.release()
    assert engines.b.acquire()


def test_stepping_wall_clocks_change_nothing(engines):
    assert engines.a.acquire()
    for step in (timedelta(hours=5), timedelta(days=-2)):
        engines.clocks[1].at += step
        assert not engines.b.acquire()
        assert engines.a.acquire()


def test_two_that_see_it_free_do_not_both_take_it(engines):
    store = RoleStore(engines.db)
    assert store.take("a", None) == 1
    assert store.take("b", None) is None
    seen = store.holder()
    assert store.take("b", seen) == 2
    assert store.take("c", seen) is None


class Gone(RoleStore):
    """A database that is away."""

    def holder(self):
        raise DatabaseAway(UnavailableReason.UNREACHABLE)


def test_without_a_database_the_folder_decides(tmp_path):
    clock = ManualClock()
    first, second = (LeaderElection(Gone(None), tmp_path, clock, name) for name in "ab")
    assert first.acquire()
    assert not second.acquire()
    first.release()  # as when it is killed: the kernel lets go of the lock
    assert second.acquire()


def test_one_that_led_without_a_database_gives_way_when_it_is_back(engines):
    assert engines.a.acquire()
    real, engines.b.store = engines.b.store, Gone(engines.db)
    assert engines.b.acquire()  # on a machine that has just started and reaches no database
    engines.b.store = real
    assert not engines.b.acquire()
    assert engines.a.acquire()
