"""Registries in every state and in every bad mood, over the wire: the answer comes soon, takes
little memory, and says what was seen."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
import tracemalloc

import pytest

import lab
from clock import ManualClock, SystemClock
from lab.world import Domain, Manner, Registered, World
from observe.budget import Budget
from observe.network import Network
from observe.registry.registry_client import registration
from standards.dns_types import Trouble
from standards.registration.model import RegistryState

R, M = RegistryState, Manner
NOW = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)
SECONDS = 15.0  # RDAP and WHOIS each have their own time limit
ENDS = (NOW + dt.timedelta(days=200)).date()


def domain(name: str, manner: Manner = M.NORMAL, **values: object) -> Domain:
    return Domain(
        name=name, registered=Registered(expires=dt.timedelta(days=200), manner=manner, **values)
    )


# name → (state, source, is there a date, trouble)
CASES = {
    "good.com": (domain("good.com"), R.REGISTERED, "rdap", True, None),
    "good.sk": (domain("good.sk"), R.REGISTERED, "whois", True, None),
    "held.com": (domain("held.com", epp=("clientHold",)), R.REGISTERED, "rdap", True, None),
    "reserved.com": (domain("reserved.com", M.RESERVED), R.RESERVED, "rdap", False, None),
    "reserved.sk": (domain("reserved.sk", M.RESERVED), R.RESERVED, "whois", False, None),
    "free.com": (None, R.AVAILABLE, "rdap", False, None),
    "free.sk": (None, R.AVAILABLE, "whois", False, None),
    "busy.hr": (domain("busy.hr", M.BUSY), R.THROTTLED, "whois", False, None),
    "loops.com": (domain("loops.com", M.LOOPS), R.REGISTERED, "whois", True, None),
    "huge.com": (domain("huge.com", M.HUGE), R.REGISTERED, "whois", True, None),
    "noise.sk": (domain("noise.sk", M.GARBAGE), R.UNKNOWN, "whois", False, Trouble.PROTOCOL),
    "endless.sk": (domain("endless.sk", M.ENDLESS), R.UNKNOWN, "whois", False, Trouble.PROTOCOL),
    "endless.pl": (domain("endless.pl", M.ENDLESS), R.UNKNOWN, None, False, None),
    "trickle.sk": (domain("trickle.sk", M.TRICKLE), R.UNKNOWN, "whois", False, Trouble.TIMEOUT),
    "trickle.pl": (domain("trickle.pl", M.TRICKLE), R.UNKNOWN, None, False, Trouble.TIMEOUT),
    "silent.sk": (domain("silent.sk", M.SILENT), R.UNKNOWN, "whois", False, Trouble.TIMEOUT),
    "reset.sk": (domain("reset.sk", M.REFUSES), R.UNKNOWN, "whois", False, Trouble.RESET),
}
WORLD = World(domains=tuple(row[0] for row in CASES.values() if row[0]))


@pytest.fixture(scope="module")
def seen():
    """Every name asked at once, each with a budget of its own: name → (answer, seconds)."""

    async def ask(net: Network, name: str):
        began = time.monotonic()
        registration_fact = await registration(net, Budget(SystemClock()), name)
        return name, (registration_fact, time.monotonic() - began)

    async def everybody(net: Network):
        return dict(await asyncio.gather(*(ask(net, name) for name in CASES)))

    with lab.running(WORLD, clock=ManualClock(NOW)) as up:
        net = Network.from_table(up.network, clock=ManualClock(NOW))
        tracemalloc.start()
        answers = asyncio.run(everybody(net))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return answers, peak


@pytest.mark.parametrize("name", CASES)
def test_what_is_told(seen, name) -> None:
    registration_fact, took = seen[0][name]
    _, state, source, dated, trouble = CASES[name]
    assert registration_fact.state is state
    assert registration_fact.expires == (ENDS if dated else None)
    assert source in (None, registration_fact.source)
    assert trouble in (None, registration_fact.trouble)
    assert (registration_fact.state is R.UNKNOWN) is (registration_fact.trouble is not None)
    assert took < SECONDS * 2, took  # twice: the machine may be busy
    assert len(registration_fact.raw) <= 3000


def test_it_takes_little_memory(seen) -> None:
    assert seen[1] < 60_000_000  # the lab's own 4 MB answer, in the same process, included
