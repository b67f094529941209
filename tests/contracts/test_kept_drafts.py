"""Forms kept over signing in, on both databases: each is taken by one act."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from tickets.kept_drafts.store import KEPT_FOR, KeptDrafts
from web.problems import Problem


@pytest.fixture
def store(database, clock):
    return KeptDrafts(database, clock)


def test_a_kept_form_comes_back_once_a_day_long(store, database, clock):
    token = store.save({"text": "šílený ‹b›", "run": "abc"})
    assert store.load(token) == {"text": "šílený ‹b›", "run": "abc"}
    for wrong in ("", "x", token + "x", "x" * 10_000):
        assert store.load(wrong) == {}
    with database.read() as conn:
        assert token not in str(conn.execute(text("SELECT * FROM tickets_drafts")).all())
    clock.advance(KEPT_FOR - timedelta(seconds=1))
    assert store.load(token) == {"text": "šílený ‹b›", "run": "abc"}
    clock.advance(timedelta(seconds=1))
    assert store.load(token) == {}
    assert store.forget() == 1
    again = store.save({})
    assert store.forget() == 0
    with database.write() as conn:
        store.drop_step(again)(conn)
    assert store.load(again) == {}
    with pytest.raises(Problem), database.write() as conn:
        store.drop_step(again)(conn)


def test_of_two_sendings_at_one_moment_one_takes_the_kept_form(store, database):
    token, ended = store.save({"text": "x"}), []
    both_begun = threading.Barrier(2)

    def send():
        step = store.drop_step(token)
        both_begun.wait(10)
        try:
            with database.write() as conn:
                step(conn)
            ended.append("sent")
        except Problem as problem:
            ended.append(problem.id)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(ended) == ["kept_no_longer", "sent"]
