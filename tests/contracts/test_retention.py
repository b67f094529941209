"""Every table is forgotten with time, or its room says why it is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from context import context
from db.metadata import metadata
from room import all_chores, all_retention
from settings import load
from tests.table_filler import fill, keys
from tests.web.test_ops_api import CONFIG
from wiring.rooms import build

# Asks the internet and forgets nothing.
ELSEWHERE = {"refreshing the list of registries"}


@pytest.fixture
def rooms(database_url, database, clock, tmp_path):
    (tmp_path / "jasno.toml").write_text(CONFIG)
    env = {"JASNO_VAR": str(tmp_path / "var"), "JASNO_DATABASE_URL": database_url}
    built = build(context(load(env=env, cwd=tmp_path), clock))
    yield built
    built.close()
    built.ctx.db.close()


def tidy(rooms):
    for name, chore in all_chores(rooms).items():
        if name not in ELSEWHERE:
            chore()


def test_every_table_is_forgotten_or_excused(rooms, database, clock):
    with database.write() as conn:
        fill(conn, lambda n: clock.now())
        old = {t.name: keys(conn, t) for t in metadata.sorted_tables}
    assert all(old.values())
    clock.advance(timedelta(days=40 * 365))
    rooms.wizard.credentials.renew()  # what the engine does every few seconds
    tidy(rooms)
    with database.read() as conn:
        left = {t.name for t in metadata.sorted_tables if keys(conn, t) & old[t.name]}
    assert left == {t for kept in all_retention(rooms) if not kept.ends for t in kept.tables}


def test_nothing_is_forgotten_within_a_minute(rooms, database, clock):
    with database.write() as conn:
        fill(conn, lambda n: clock.now())
        fresh = {t.name: keys(conn, t) for t in metadata.sorted_tables}
    clock.advance(timedelta(seconds=50))
    tidy(rooms)
    with database.read() as conn:
        lost = {t.name for t in metadata.sorted_tables if fresh[t.name] - keys(conn, t)}
    assert lost == set()
