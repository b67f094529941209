"""Who sends a body slowly holds a thread: a few of one address, and never all of them."""

from __future__ import annotations

import pytest

from web.middleware.request_bodies import EACH, RequestBodyLimit

MOST = 10


class Door:
    """The limit, around an application that counts who is inside."""

    def __init__(self, most=MOST, proxies=()):
        self.most_inside = self.inside = 0
        self.limit = RequestBodyLimit(self._serve, most, lambda address: address in proxies)

    def _serve(self, environ, start):
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            if then := environ.get("then"):
                then()
            if environ.get("breaks"):
                raise RuntimeError("broken")
            start("200 OK", [])
            return [b"done"]
        finally:
            self.inside -= 1

    def ask(self, address, then=None, *, body="5", **more):
        """One request that stays open while `then` runs; its status."""
        statuses = []
        environ = {"REMOTE_ADDR": address, "CONTENT_LENGTH": body, "then": then, **more}
        self.limit(environ, lambda status, headers: statuses.append(status))
        return statuses[0]

    def while_open(self, addresses, act):
        """Act while one request of each address is still being sent."""
        if not addresses:
            return act()
        results = []
        status = self.ask(addresses[0], lambda: results.append(self.while_open(addresses[1:], act)))
        assert status == "200 OK"
        return results[0]


def senders(count):
    return [f"192.0.2.{n}" for n in range(count)]


def test_all_together_may_hold_only_so_many():
    """Each from an address of its own: the limit of one address does not help."""
    door = Door()
    assert door.while_open(senders(MOST - 1), lambda: door.ask("198.51.100.1")) == "200 OK"
    refused = door.while_open(senders(MOST), lambda: door.ask("198.51.100.1"))
    assert refused.startswith("503")
    assert door.most_inside == MOST


def test_one_address_may_hold_only_a_few():
    door = Door()
    mine = ["192.0.2.1"] * EACH
    assert door.while_open(mine[1:], lambda: door.ask("192.0.2.1")) == "200 OK"
    assert door.while_open(mine, lambda: door.ask("192.0.2.1")).startswith("503")
    assert door.while_open(mine, lambda: door.ask("192.0.2.2")) == "200 OK"


def test_a_proxy_stands_for_many_people_but_not_for_all_there_is():
    door = Door(proxies=("10.0.0.1",))
    some = ["10.0.0.1"] * (MOST - 1)
    assert door.while_open(some, lambda: door.ask("10.0.0.1")) == "200 OK"
    assert door.while_open([*some, "10.0.0.1"], lambda: door.ask("10.0.0.1")).startswith("503")


def test_pages_are_never_refused():
    door = Door()
    assert door.while_open(senders(MOST), lambda: door.ask("192.0.2.9", body="0")) == "200 OK"
    assert door.while_open(senders(MOST), lambda: door.ask("192.0.2.9", body="")) == "200 OK"


def test_a_body_of_unknown_length_counts():
    door = Door(most=1)
    chunked = {"body": "0", "HTTP_TRANSFER_ENCODING": "chunked"}
    refused = door.while_open(senders(1), lambda: door.ask("192.0.2.9", **chunked))
    assert refused.startswith("503")


def test_a_place_is_free_again_whatever_happened():
    door = Door(most=1)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            door.ask("192.0.2.1", breaks=True)
        assert door.ask("192.0.2.1") == "200 OK"
