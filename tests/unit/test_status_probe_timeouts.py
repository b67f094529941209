"""Probe timeouts: a silent target is down, our own lateness is not its fault."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest

from observe.network import Network
from status.model import Grade
from status.probing.observe import LOOP_DELAY, SLACK, run_probe
from tests.process_fixtures import open_port
from tests.status_fixtures import probe

TIMEOUT = 0.3


@pytest.fixture
def silent():
    """A network in which one web server takes connections and never answers."""
    with open_port() as port:
        place = f"127.0.0.1:{port.getsockname()[1]}"
        yield Network(closed=True, hosts={"192.0.9.4:80": place})


async def looked(net: Network):
    wait = timedelta(seconds=TIMEOUT)
    web_probe = probe("web1", kind="http", target="http://192.0.9.4/", timeout=wait)
    return await run_probe(net, web_probe, net.clock.now())


async def test_a_silent_server_is_down(silent) -> None:
    seen = (await looked(silent)).observation
    assert (seen.signal.grade, seen.reliable) == (Grade.DOWN, True)


async def test_while_our_own_loop_stands_still_nobody_is_blamed(silent) -> None:
    block = TIMEOUT + SLACK + LOOP_DELAY + 0.3
    asyncio.get_running_loop().call_later(0.1, time.sleep, block)
    seen = (await looked(silent)).observation
    assert not seen.reliable
