"""A step that an act takes along, on both databases: kept with the act, or neither is."""

from __future__ import annotations

import pytest

from db.act_step import set_step, take_step


class AlreadyTaken(Exception):
    pass


@pytest.fixture
def kept(database):
    """What is kept of the step; the step refuses to be taken twice, as its rows say."""
    with database.write() as conn:
        conn.exec_driver_sql("CREATE TABLE taken_steps (n INTEGER)")

    def step(conn):
        if conn.exec_driver_sql("SELECT count(*) FROM taken_steps").scalar():
            raise AlreadyTaken
        conn.exec_driver_sql("INSERT INTO taken_steps VALUES (1)")

    def kept():
        with database.read() as conn:
            return conn.exec_driver_sql("SELECT count(*) FROM taken_steps").scalar()

    set_step(step)
    yield kept
    set_step(None)
    with database.write() as conn:
        conn.exec_driver_sql("DROP TABLE taken_steps")


def test_a_step_is_taken_with_the_first_act_and_of_further_ones_nothing_is_asked(database, kept):
    assert kept() == 0
    with database.write() as conn:
        take_step(conn)
        take_step(conn)  # the same transaction writes two audit rows
    with database.write() as conn:
        take_step(conn)
    assert kept() == 1


def test_a_step_of_an_act_that_was_taken_back_is_taken_again(database, kept):
    def broken_act():
        with database.write() as conn:
            take_step(conn)
            raise KeyError

    with pytest.raises(KeyError):
        broken_act()
    assert kept() == 0
    with database.write() as conn:
        take_step(conn)
    assert kept() == 1


def test_a_step_that_another_took_between_two_tries_is_refused(database, kept):
    def broken_act():
        with database.write() as conn:
            take_step(conn)
            raise KeyError

    with pytest.raises(KeyError):
        broken_act()
    with database.write() as conn:
        conn.exec_driver_sql("INSERT INTO taken_steps VALUES (1)")
    with pytest.raises(AlreadyTaken), database.write() as conn:
        take_step(conn)


def test_after_a_request_nothing_is_taken_along(database, kept):
    set_step(None)
    with database.write() as conn:
        take_step(conn)
    assert kept() == 0
