"""Strangers guess at Olu's password: she signs in all the same, and nobody learns more for it."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from accounts.hashing_queue import HashingQueue, HashingQueueFull
from accounts.sign_in_limits import (
    PAUSE,
    PER_ACCOUNT,
    PER_PAIR,
    SLOW_AT_ONCE,
    SLOW_WAITING,
    SignInLimits,
    SignInTry,
    SlowedDownTooMany,
    slow_sign_in_queue,
)
from db.engine import connect
from tests.desk_fixtures import SECRET, House

OLU = "olu@people.example"


@pytest.fixture
def house(sqlite_url, clock):
    database = connect(sqlite_url, clock=clock)
    yield House(database, clock)
    database.close()


def sign_in(browser, password=SECRET, address="198.51.100.9", email=OLU):
    form = {"email": email, "password": password}
    return browser.post("/sign-in", form, environ_base={"REMOTE_ADDR": address})


def attack(house, tries=PER_ACCOUNT.count + 40):
    """Each from an address of its own."""
    zed = house.browser()
    return [sign_in(zed, f"guess {n}", f"203.0.{n}.1").status_code for n in range(tries)]


def test_a_browser_that_has_signed_in_before_is_not_held_up(house):
    olu = house.browser()
    sign_in(olu)
    olu.post("/sign-out")
    assert set(attack(house)) == {422}
    house.slowed.clear()
    assert sign_in(olu, address="192.0.2.200").status_code == 303, "from wherever she is"
    assert house.slowed == []


def test_an_address_she_has_signed_in_from_is_not_held_up(house):
    sign_in(house.browser(), address="2001:db8:1:2::9")
    attack(house)
    house.slowed.clear()
    assert sign_in(house.browser(), address="2001:db8:1:2::77").status_code == 303
    assert house.slowed == []


def test_an_address_is_known_however_much_she_has_done_since(house):
    sign_in(house.browser(), address="192.0.2.44")
    olu, _ = house.accounts.credentials(OLU)
    for n in range(300):
        house.accounts.audit(olu.id, "ticket.answered", f"ticket:{n}")
    assert house.accounts.signed_in_from(olu.id) == {"192.0.2.44"}


def test_from_elsewhere_she_is_slowed_down_and_comes_in(house):
    attack(house)
    house.slowed.clear()
    assert sign_in(house.browser()).status_code == 303
    assert house.slowed == [PAUSE.total_seconds()]


def test_another_account_is_not_slowed_down(house):
    attack(house)
    house.slowed.clear()
    assert sign_in(house.browser(), email="ben@people.example").status_code == 303
    assert house.slowed == []


def test_right_passwords_do_not_count(house):
    codes = {sign_in(house.browser()).status_code for _ in range(PER_PAIR.count * 2)}
    assert codes == {303}
    for n in range(PER_PAIR.count):
        assert sign_in(house.browser(), f"guess {n}").status_code == 422
    assert sign_in(house.browser(), "a guess too many").status_code == 429


def test_what_a_neighbour_guesses_at_is_not_counted_against_her_browser(house):
    olu = house.browser()
    sign_in(olu)
    olu.post("/sign-out")
    for n in range(PER_PAIR.count + 5):
        sign_in(house.browser(), f"guess {n}")
    assert sign_in(house.browser()).status_code == 429, "her address is used up"
    assert sign_in(olu).status_code == 303, "her browser is not"


def test_a_browser_is_known_for_its_own_account_only(house):
    """Zed, who can sign in, does not guess at others' passwords the better for it."""
    zed = house.browser()
    sign_in(zed, email="zed@people.example", address="203.0.113.1")
    zed.post("/sign-out")
    codes = [sign_in(zed, f"guess {n}").status_code for n in range(PER_PAIR.count + 2)]
    assert codes == [422] * PER_PAIR.count + [429] * 2
    attack(house)
    house.slowed.clear()
    sign_in(zed, "one more guess", "192.0.2.1")
    assert len(house.slowed) == 1


@pytest.mark.parametrize("value", ["", ".", "x.y", "x" * 500, "háček.ž", "a.b.c"])
def test_a_planted_cookie_makes_no_browser_known(house, value):
    attack(house)
    house.slowed.clear()
    browser = house.browser()
    browser.client.set_cookie("jasno_browser", value)
    assert sign_in(browser).status_code == 303
    assert len(house.slowed) == 1


def test_guesses_come_back_with_time(house, clock):
    browser = house.browser()
    for n in range(PER_PAIR.count + 1):
        answer = sign_in(browser, f"guess {n}")
    assert answer.status_code == 429
    clock.advance(timedelta(seconds=int(answer.headers["Retry-After"])))
    assert sign_in(browser).status_code == 303


class SlowLine:
    """Tries at Olu's account that are slowed down until `gate` lets them go, one by one."""

    def __init__(self, house):
        self.house, self.gate = house, threading.Semaphore(0)
        self.asleep, self.order, self.slept = threading.Semaphore(0), [], []
        self.threads = []
        self.line = slow_sign_in_queue()
        self.limits = SignInLimits(house.accounts, b"s" * 32, self._sleep, self.line)

    def _sleep(self, _seconds):
        self.slept.append(threading.current_thread().name)
        self.asleep.release()
        assert self.gate.acquire(timeout=20)

    def attempt(self, address):
        try:
            with self.limits.counted(self.house.limiter, SignInTry(OLU, None, address)):
                self.order.append(address)
        except SlowedDownTooMany:
            self.order.append("refused")

    def begin(self, address):
        """A try in a thread of its own, until it sleeps, waits or is over."""
        waiting = self.line.waiting()
        thread = threading.Thread(target=self.attempt, args=(address,), name=address)
        thread.start()
        while thread.is_alive() and self.line.waiting() == waiting:
            if self.asleep.acquire(timeout=0.01):
                break
        self.threads.append(thread)

    def end(self):
        for _ in self.threads:
            self.gate.release()
        for thread in self.threads:
            thread.join(20)


def test_who_guesses_at_an_account_without_a_pause_keeps_no_newcomer_out(house):
    attack(house)
    line, busy = SlowLine(house), [f"203.0.{n}.1" for n in range(SLOW_AT_ONCE + SLOW_WAITING + 2)]
    for address in busy:
        line.begin(address)
    assert line.order == ["refused"] * 2, "the line has no place for more guessers"
    line.begin("198.51.100.9")
    line.begin("198.51.100.9")
    assert line.order == ["refused"] * 3, "nor for the same newcomer twice"
    line.gate.release()
    assert line.asleep.acquire(timeout=20)
    assert line.slept == [*busy[:SLOW_AT_ONCE], "198.51.100.9"], "before those who have waited"
    line.end()
    assert {*busy[: SLOW_AT_ONCE + SLOW_WAITING], "198.51.100.9"} < {*line.order}


def test_whoever_the_line_has_no_place_for_is_told_why(house):
    attack(house)
    for _ in range(SLOW_AT_ONCE):
        house.slow_line.enter(first=True)
    waiting = [wait_in(house.slow_line, n, [], first=True) for n in range(SLOW_WAITING)]
    page = house.browser().post(
        "/sign-in", {"email": OLU, "password": SECRET}, headers={"Accept-Language": "cs"}
    )
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "S touto adresou se právě zkouší přihlásit mnoho lidí" in page.text
    for _ in range(SLOW_AT_ONCE):
        house.slow_line.leave()
    for thread in waiting:
        thread.join(10)
    assert sign_in(house.browser()).status_code == 303


# ------------------------------------------------------------------ turns at the hashing
def test_whoever_finds_no_turn_is_told_so_and_what_was_typed_stays(sqlite_url, clock):
    house = House(connect(sqlite_url, clock=clock), clock, turns=HashingQueue(parallel=1, others=0))
    house.turns.enter(first=False)
    page = house.browser().post(
        "/sign-in", {"email": OLU, "password": SECRET}, headers={"Accept-Language": "cs"}
    )
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "Právě teď se přihlašuje hodně lidí" in page.text
    assert f'value="{OLU}"' in page.text
    house.turns.leave()
    for n in range(PER_PAIR.count):
        assert sign_in(house.browser(), f"guess {n}").status_code == 422, "and nothing counted"
    house.db.close()


def wait_in(queue, name, order, *, first):
    def work():
        with suppress(HashingQueueFull):
            queue.enter(first=first)
            order.append(name)
            queue.leave()

    before = queue.waiting()
    thread = threading.Thread(target=work)
    thread.start()
    while queue.waiting() == before and thread.is_alive():
        pass
    return thread


def test_whom_we_know_goes_first():
    queue, order = HashingQueue(parallel=1), []
    queue.enter(first=False)
    threads = [wait_in(queue, f"zed {n}", order, first=False) for n in range(3)]
    threads += [wait_in(queue, f"olu {n}", order, first=True) for n in range(2)]
    queue.leave()
    for thread in threads:
        thread.join(10)
    assert order == ["olu 0", "olu 1", "zed 0", "zed 1", "zed 2"]


def test_no_more_wait_than_there_are_places():
    queue, order = HashingQueue(parallel=1, first=2, others=3), []
    queue.enter(first=False)
    threads = [wait_in(queue, n, order, first=False) for n in range(3)]
    with pytest.raises(HashingQueueFull):
        queue.enter(first=False)
    threads.append(wait_in(queue, "olu", order, first=True))
    queue.leave()
    for thread in threads:
        thread.join(10)
    assert order == ["olu", 0, 1, 2]


def test_who_has_waited_too_long_leaves_the_line_to_the_others():
    queue = HashingQueue(parallel=1)
    queue.enter(first=False)
    with pytest.raises(HashingQueueFull):
        queue.enter(first=True, patience=0.01)
    queue.leave()
    queue.enter(first=False, patience=0.01)
