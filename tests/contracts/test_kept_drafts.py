"""Forms kept over signing in, on both databases: each is taken by one act."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from tickets.kept_drafts.store import KeptDrafts
from web.problems import Problem


@pytest.fixture
def store(database, clock):
    return KeptDrafts(database, clock)


def test_a_kept_form_comes_back_once_a_day_long(store, database, clock):
    token = store.save_draft({"text": "šílený ‹b›", "run": "abc"})
    assert store.saved_draft(token) == {"text": "šílený ‹b›", "run": "abc"}
    for wrong in ("", "x", token + "x", "x" * 10_000):
        assert store.saved_draft(wrong) == {}
    with database.read() as conn:
        assert token not in str(conn.execute(text("SELECT * FROM tickets_drafts")).all())
    clock.advance(timedelta(hours=25))
    assert store.saved_draft(token) == {}
    assert store.forget_drafts() == 1
    again = store.save_draft({})
    assert store.forget_drafts() == 0
    step = store.draft_step(again)
    with database.write() as conn:
        step(conn)
        step(conn)  # another act of the same request
    with database.write() as conn:
        step(conn)
    with database.read() as conn:
        assert conn.execute(text("SELECT count(*) FROM tickets_drafts")).scalar() == 0
    with pytest.raises(Problem), database.write() as conn:
        store.draft_step(again)(conn)


def test_a_kept_form_that_another_sending_took_between_two_tries_is_refused(store, database):
    """The first try was rolled back, and with it that the form was taken."""
    token = store.save_draft({"text": "x"})
    step, other = store.draft_step(token), store.draft_step(token)

    def broken_act():
        with database.write() as conn:
            step(conn)
            raise KeyError

    with pytest.raises(KeyError):
        broken_act()
    with database.write() as conn:
        other(conn)
    with pytest.raises(Problem), database.write() as conn:
        step(conn)


def test_of_two_sendings_at_one_moment_one_takes_the_kept_form(store, database):
    token, ended = store.save_draft({"text": "x"}), []
    both_begun = threading.Barrier(2)

    def send():
        step = store.draft_step(token)
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
