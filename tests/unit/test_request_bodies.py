"""Who sends a body slowly holds a thread: for so long, a few of one address, and never all."""

from __future__ import annotations

import io
import threading
from datetime import timedelta

import pytest

from clock import ManualClock
from web.middleware.request_bodies import (
    AGAIN,
    DEADLINE,
    EACH,
    EACH_WAITING,
    GRACE,
    LONG_DEADLINE,
    REMEMBERED,
    BodySlots,
    RequestBodyLimit,
)
from web.security import BODY_REFUSED, MAX_BODY

MOST = 10


class Door:
    """The places, a clock moved by hand, and the addresses whose connections were cut."""

    def __init__(self, most=MOST, proxies=()):
        self.clock, self.cut = ManualClock(), []
        self.places = BodySlots(
            most, lambda address: address in proxies, self._cut, self.clock.monotonic
        )

    def _cut(self, address, waited):
        self.cut.append((address, round(waited, 3)))

    def enter(self, *addresses):
        self.places.patience = 0
        return [self.places.enter(address) for address in addresses]

    def pass_(self, span):
        self.clock.advance(timedelta(seconds=span))
        self.places.cut_late()

    def wait(self, address):
        """Somebody waits for a place; their thread, and what they get."""
        results, before = [], self.places.waiting()
        self.places.patience = 20
        thread = threading.Thread(target=lambda: results.append(self.places.enter(address)))
        thread.start()
        while self.places.waiting() == before and thread.is_alive():
            pass
        return thread, results


def senders(count):
    return [f"192.0.2.{n}" for n in range(count)]


def test_all_together_hold_only_so_many_places():
    """Each from an address of its own: the limit of one address does not help."""
    door = Door()
    assert all(door.enter(*senders(MOST)))
    assert door.enter("198.51.100.1") == [None]


def test_one_address_holds_only_a_few():
    door = Door()
    assert all(door.enter(*["192.0.2.1"] * EACH))
    assert door.enter("192.0.2.1") == [None]
    assert all(door.enter("192.0.2.2"))


def test_a_proxy_stands_for_many_people_but_not_for_all_there_is():
    door = Door(proxies=("10.0.0.1",))
    assert all(door.enter(*["10.0.0.1"] * MOST))
    assert door.enter("10.0.0.1") == [None]


def test_a_whole_body_has_one_deadline_however_it_drips():
    door = Door()
    (slow,) = door.enter("192.0.2.1")
    door.pass_(DEADLINE - 0.1)
    assert door.cut == []
    door.pass_(0.1)
    assert door.cut == [("192.0.2.1", DEADLINE)]
    assert slow.was_cut


def test_while_nobody_wants_the_place_a_slow_line_may_take_its_time():
    door = Door(most=2)
    door.enter("192.0.2.1", "192.0.2.2")
    door.pass_(DEADLINE / 2)
    assert door.cut == []


def test_the_slowest_of_the_greediest_address_makes_room_for_who_waits():
    door = Door(most=4)
    (slowest,) = door.enter("192.0.2.9")
    door.clock.advance(timedelta(seconds=GRACE))
    bodies = door.enter("192.0.2.1", "192.0.2.1", "192.0.2.2")
    thread, results = door.wait("198.51.100.1")
    door.pass_(GRACE / 2)
    assert [address for address, _ in door.cut] == ["192.0.2.9"], "only it is beyond its grace"
    door.places.leave(slowest)  # what follows from the cut
    thread.join(10)
    assert results[0].address == "198.51.100.1"
    door.cut.clear()
    thread, results = door.wait("198.51.100.2")
    door.pass_(GRACE / 2)
    assert door.cut == [("192.0.2.1", GRACE)]
    door.places.leave(bodies[0])
    thread.join(10)
    assert results[0].address == "198.51.100.2"


def test_who_was_late_lately_finds_half_of_the_places_only():
    """So that those who begin anew each time they are cut leave room for everybody else."""
    door = Door(most=4, proxies=("10.0.0.1",))
    for body in door.enter("192.0.2.1", "192.0.2.2", "10.0.0.1"):
        door.pass_(DEADLINE)
        door.places.leave(body)
    first, _ = door.enter("192.0.2.1", "192.0.2.2")
    assert door.enter("192.0.2.1") == [None]
    assert all(door.enter("10.0.0.1", "198.51.100.1")), "a proxy is many people"
    door.clock.advance(timedelta(seconds=REMEMBERED))
    door.places.leave(first)
    assert all(door.enter("192.0.2.1"))


def test_a_whole_network_of_ipv6_is_one_sender():
    door = Door()
    assert all(door.enter(*[f"2001:db8:1:2::{n}" for n in range(EACH)]))
    assert door.enter("2001:db8:1:2::ffff") == [None]
    assert all(door.enter("2001:db8:1:3::1"))


def test_slow_ones_of_an_address_make_room_for_its_others():
    """Its neighbours at home or behind one provider's address may post all the same."""
    door = Door()
    door.enter("192.0.2.9")
    bodies = door.enter(*["192.0.2.1"] * EACH)
    thread, results = door.wait("192.0.2.1")
    door.pass_(GRACE)
    assert door.cut == [("192.0.2.1", GRACE)], "nobody of elsewhere, who is as slow"
    other, _ = door.wait("198.51.100.1")
    other.join(10)
    assert not other.is_alive(), "and places are free for others meanwhile"
    door.places.leave(bodies[0])
    thread.join(10)
    assert results[0].address == "192.0.2.1"


def test_one_address_does_not_fill_the_line():
    door = Door(most=EACH)
    bodies = door.enter(*["192.0.2.1"] * EACH)
    waiting = [door.wait("192.0.2.1") for _ in range(EACH_WAITING)]
    door.places.patience = 20
    assert door.places.enter("192.0.2.1") is None, "in a moment"
    waiting.append(door.wait("198.51.100.1"))
    door.pass_(DEADLINE)
    for body in bodies:
        door.places.leave(body)
    for thread, results in waiting:
        thread.join(10)
        assert results[0] is not None


def test_who_is_cut_is_not_cut_again_at_once():
    """Else the next of the same address would be cut in its place."""
    door = Door(most=2)
    body, _ = door.enter("192.0.2.1", "192.0.2.2")
    thread, _ = door.wait("198.51.100.1")
    door.pass_(GRACE)
    door.pass_(GRACE)
    assert door.cut == [("192.0.2.1", GRACE)]
    door.pass_(AGAIN)
    assert len(door.cut) == 2, "it did not leave"
    door.places.leave(body)
    thread.join(10)


# ------------------------------------------------------------------ as a part of the application
def ask(limit, body=b"a=1", *, length=None, path="/check", chunked=False):
    """What the application behind the limit is given."""
    environ = {"REMOTE_ADDR": "192.0.2.1", "PATH_INFO": path, "wsgi.input": io.BytesIO(body)}
    if chunked:
        environ["HTTP_TRANSFER_ENCODING"] = "chunked"
    else:
        environ["CONTENT_LENGTH"] = str(len(body) if length is None else length)
    limit(environ, lambda status, headers: None)
    return environ


@pytest.fixture
def door():
    return Door()


@pytest.fixture
def limit(door):
    def inner(environ, start):
        environ["places free"] = MOST - len(door.places)
        if environ["PATH_INFO"] == "/broken":
            raise RuntimeError("broken")
        return [b""]

    return RequestBodyLimit(inner, door.places)


@pytest.mark.parametrize("chunked", [False, True])
def test_the_place_is_free_before_the_work_begins(limit, chunked):
    """Sixteen forms that take a while are no reason to refuse the seventeenth."""
    environ = ask(limit, chunked=chunked)
    assert environ["places free"] == MOST
    assert environ["wsgi.input"].read() == b"a=1"
    assert environ["CONTENT_LENGTH"] == "3"
    assert BODY_REFUSED not in environ


def test_pages_and_empty_forms_need_no_place(limit, door):
    door.enter(*senders(MOST))
    assert BODY_REFUSED not in ask(limit, b"")


def test_what_did_not_come_whole_is_not_taken_for_the_whole(limit):
    environ = ask(limit, b"a=1", length=99)
    assert environ[BODY_REFUSED] == "late"
    assert environ["wsgi.input"].read() == b""


def test_who_finds_no_place_is_told_so_by_the_application(limit, door):
    door.enter(*["192.0.2.1"] * EACH)
    door.places.patience = 0
    assert ask(limit)[BODY_REFUSED] == "busy"


def test_a_jobs_output_is_handed_on_as_it_comes_and_has_longer(limit, door):
    environ = ask(limit, b"log", path="/heartbeat/token")
    assert environ["places free"] == MOST - 1
    door.places.enter("192.0.2.1", LONG_DEADLINE)
    door.pass_(DEADLINE)
    assert door.cut == []


def test_what_is_refused_for_its_size_is_not_read(limit):
    environ = ask(limit, b"x", length=MAX_BODY + 1)
    assert environ["wsgi.input"].read() == b"x"


def test_a_place_is_free_again_whatever_happened(limit, door):
    with pytest.raises(RuntimeError):
        ask(limit, path="/broken")
    assert len(door.places) == 0
