"""Who waits where, and who is asked to come back: the rules alone, without rows."""

from __future__ import annotations

from itertools import cycle, islice

import pytest

from web.problems import Problem
from web.visitor import network_of
from wizard.runs.limits import Lane, LiveRun, RequesterKeys, RunCapacity, admit

PLACES = RunCapacity()


class Queue:
    """Runs that live, admitted one by one."""

    def __init__(self):
        self.live = []

    def ask(self, key, domain="", *, is_known=False, network=""):
        """The lane, or why not."""
        asker = RequesterKeys(key, network or key, is_known)
        try:
            lane = admit(PLACES, self.live, asker, domain or f"{len(self.live)}.example")
        except Problem as problem:
            return problem.id
        self.live.append(
            LiveRun(lane, key, asker.network, domain or f"{len(self.live)}.example", True)
        )
        return lane

    def flood(self, askers, times, **more):
        return [self.ask(f"zed{n}", **more) for n in islice(cycle(range(askers)), askers * times)]


@pytest.mark.parametrize("askers", [1, 2, 13, 30])
def test_however_much_some_want_others_find_a_place(askers):
    queue = Queue()
    queue.flood(askers, 60)
    assert queue.ask("mara") is Lane.FIRST
    places = [sum(run.asker == f"zed{n}" for run in queue.live) for n in range(askers)]
    assert max(places) - min(places) <= 1, "all of them alike"


@pytest.mark.parametrize("askers", [13, 300])
def test_whoever_floods_keeps_nobody_out_whom_we_know(askers):
    queue = Queue()
    queue.flood(askers, 60)
    assert queue.ask("mara", is_known=True) is Lane.KNOWN
    contacts = [queue.ask(f"contact{n}", is_known=True) for n in range(30)]
    assert set(contacts) == {Lane.KNOWN}


def test_one_whom_we_know_does_not_keep_out_the_others():
    queue = Queue()
    answers = [queue.ask("mara", is_known=True) for _ in range(60)]
    assert set(answers) == {Lane.KNOWN, "too_many"}
    assert queue.ask("ben", is_known=True) is Lane.KNOWN
    assert queue.ask("zed") is Lane.FIRST, "nor any stranger"


def test_a_network_full_of_addresses_is_not_many_people():
    queue = Queue()
    queue.flood(300, 2, network="2001:db8:1")
    assert len(queue.live) < PLACES.of_strangers * 2 / 3
    assert queue.ask("mara") is Lane.FIRST


def test_each_refusal_says_what_is_taken():
    def title(live, asker, domain="shop.example"):
        with pytest.raises(Problem) as refused:
            admit(PLACES, live, asker, domain)
        return refused.value.title

    def waiting(number, network="", domain=""):
        requester = (f"zed{number}", network or f"n{number}", domain or f"{number}.example")
        return LiveRun(Lane.FIRST, *requester, waiting=True)

    mara = RequesterKeys("mara", "home")
    everybody = [waiting(n) for n in range(PLACES.of_strangers)]
    assert title(everybody, mara) == "Many people are checking just now"
    network = [waiting(n, "home") for n in range(PLACES.of_strangers // 2)]
    assert title(network, mara) == "Many checks come from your network just now"
    domain = [waiting(n, domain="shop.example") for n in range(PLACES.of_domain)]
    assert title(domain, mara) == "This domain is being checked already"


def test_strangers_want_a_few_runs_of_one_domain_at_a_time():
    queue = Queue()
    answers = queue.flood(30, 1, domain="shop.example")
    assert answers == [Lane.FIRST] * PLACES.of_domain + ["busy"] * 27
    assert queue.ask("mara", "shop.example", is_known=True) is Lane.KNOWN


def test_the_first_of_each_goes_before_the_further_ones():
    queue = Queue()
    assert [queue.ask("zed") for _ in range(3)] == [Lane.FIRST, Lane.FURTHER, Lane.FURTHER]
    assert queue.ask("mara") is Lane.FIRST


def test_a_full_house_says_so():
    queue = Queue()
    assert set(queue.flood(200, 1)) == {Lane.FIRST, "busy"}
    assert len(queue.live) == PLACES.of_strangers


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("203.0.113.5", "203.0.113.77"),
        ("2001:0db8:0001:0002::/64", "2001:0db8:0001:ffff::/64"),
        ("2001:db8:1::7", "2001:0db8:0001:0002:0000:0000:0000:0001"),
    ],
)
def test_neighbours_are_one_network(address, other):
    assert network_of(address) == network_of(other)
    assert network_of(address) != network_of("203.0.114.5")
    assert network_of("2001:0db8:0001:0002::/64") != network_of("2001:0db8:0002:0002::/64")
