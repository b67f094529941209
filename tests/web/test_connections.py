"""A connection that keeps us waiting is found by its address and ended; its neighbours live."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack

import pytest

from web.middleware.connections import cut_unanswered


@pytest.fixture
def pair():
    """Makes connections from an address of this machine: theirs and ours."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

        def connect(address):
            theirs = stack.enter_context(socket.socket())
            theirs.bind((address, 0))
            theirs.connect(server.getsockname())
            theirs.settimeout(5)
            ours, _ = server.accept()
            return theirs, stack.enter_context(ours)

        yield connect


def is_open(theirs):
    theirs.settimeout(0.05)
    try:
        return theirs.recv(1) != b""
    except TimeoutError:
        return True


def test_the_one_that_waits_the_longest_for_an_answer_is_ended(pair):
    slow, at_us = pair("127.9.0.1")
    slow.sendall(b"POST")
    assert at_us.recv(4) == b"POST"
    neighbour, _ = pair("127.9.0.2")
    neighbour.sendall(b"POST")
    idle, answering = pair("127.9.0.1")
    idle.sendall(b"GET")
    assert answering.recv(3) == b"GET"
    time.sleep(0.02)
    answering.sendall(b"200")
    assert idle.recv(3) == b"200"
    silent, _ = pair("127.9.0.1")
    time.sleep(0.1)
    assert cut_unanswered("127.9.0.1", 0.1, most=9) == 1
    assert at_us.recv(1) == b""
    assert [is_open(line) for line in (slow, neighbour, idle, silent)] == [False, True, True, True]


def test_who_has_not_waited_so_long_is_left_alone(pair):
    slow, _ = pair("127.9.0.1")
    slow.sendall(b"POST")
    assert cut_unanswered("127.9.0.1", 30.0) == 0
    assert is_open(slow)


def test_connections_of_our_own_to_others_are_left_alone(pair):
    """A database on this machine has the address of a late neighbour."""
    with ExitStack() as stack:
        database = stack.enter_context(socket.create_server(("127.9.0.1", 0)))
        query = stack.enter_context(socket.create_connection(database.getsockname()))
        at_database = stack.enter_context(database.accept()[0])
        at_database.sendall(b"rows")
        assert query.recv(4) == b"rows"
        time.sleep(0.1)
        assert cut_unanswered("127.9.0.1", 0.1, most=9) == 0
        assert is_open(at_database)


def test_of_several_the_one_that_has_waited_just_so_long_is_ended(pair):
    """A page that takes long to compute was asked for before the late body."""
    page, _ = pair("127.9.0.1")
    page.sendall(b"GET")
    time.sleep(0.4)
    body, _ = pair("127.9.0.1")
    body.sendall(b"POST")
    time.sleep(0.2)
    assert cut_unanswered("127.9.0.1", 0.2) == 1
    assert [is_open(line) for line in (page, body)] == [True, False]


def test_one_that_was_ended_is_not_counted_again(pair):
    slow, _ = pair("127.9.0.1")
    slow.sendall(b"POST")
    time.sleep(0.1)
    assert [cut_unanswered("::ffff:127.9.0.1", 0.1) for _ in range(2)] == [1, 0]
