"""HTTP probes over real sockets: a page that did not come whole is down, whatever else holds."""

from __future__ import annotations

import asyncio
import gzip
from datetime import timedelta

import pytest

from observe.network import Network
from standards.dns_types import Trouble
from status.model import Grade
from status.probing.kinds import http
from status.probing.observe import run_probe
from tests.observe_servers import answer, tcp
from tests.status_fixtures import probe
from tests.unit.test_status_probe_kinds import judged, visit

PAGE = b"all is well " * 400
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nall i\r\n"


def speak(raw: bytes, end: str):
    """A server that sends these bytes and then closes, resets or hangs."""

    async def talk(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        if end == "close":
            writer.write_eof()
            await asyncio.sleep(0.05)
        elif end == "hang":
            await asyncio.sleep(5)

    return talk


async def looked(raw: bytes, end: str, **settings):
    async with tcp(speak(raw, end)) as port:
        net = Network(closed=True, hosts={"192.0.9.4:80": f"127.0.0.1:{port}"})
        web = probe(
            "web1",
            kind="http",
            target="http://192.0.9.4/",
            timeout=timedelta(seconds=0.5),
            settings=settings,
        )
        return (await run_probe(net, web, net.clock.now())).observation.signal


@pytest.mark.parametrize("settings", [{}, {"lacks": "error"}, {"contains": "all"}])
@pytest.mark.parametrize(
    ("raw", "end"),
    [
        (answer(PAGE, content_length=len(PAGE) + 1), "close"),
        (answer(PAGE, content_length=len(PAGE) + 1), "hang"),
        (answer(PAGE * 30, content_length=len(PAGE) * 30 + 1), "close"),
        (CHUNKED, "close"),
        (CHUNKED + b"0\r\n", "close"),
        (CHUNKED, "hang"),
        (CHUNKED, "reset"),
        (HEAD + b"\r\nall is", "hang"),
        (answer(gzip.compress(PAGE)[:-12], content_encoding="gzip"), "close"),
        (answer(b"all is well", content_encoding="gzip"), "close"),
        (answer(b"all is well", content_encoding="br"), "close"),
    ],
)
async def test_a_page_that_never_came_whole_is_down(raw, end, settings) -> None:
    signal = await looked(raw, end, **settings)
    assert signal.grade is Grade.DOWN
    assert "did not come whole" in signal.reason


@pytest.mark.parametrize(
    ("raw", "end"),
    [
        (answer(PAGE), "hang"),
        (CHUNKED + b"0\r\n\r\n", "hang"),
        (HEAD + b"\r\nall is well", "close"),
        (answer(gzip.compress(PAGE), content_encoding="gzip"), "hang"),
        (answer(b"all" * 1_000_000, content_length=50_000_000), "hang"),
    ],
)
async def test_a_whole_page_and_a_long_one_are_up(raw, end) -> None:
    assert (await looked(raw, end, contains="all")).grade is Grade.UP


@pytest.mark.parametrize(
    ("fact", "settings", "grade", "reason"),
    [
        (visit(trouble=Trouble.PROTOCOL, detail="cut"), {}, Grade.DOWN, "not come whole: cut"),
        (visit(trouble=Trouble.TIMEOUT), {"lacks": "x"}, Grade.DOWN, "whole in time"),
        (
            visit(trouble=Trouble.RESET),
            {"only_degrades": ("text", "json")},
            Grade.DOWN,
            "whole: reset",
        ),
        (visit(503, trouble=Trouble.RESET), {}, Grade.DOWN, "503"),
        (visit(429, trouble=Trouble.RESET), {"status_degraded": (429,)}, Grade.DOWN, "whole"),
        (visit(truncated=True), {"lacks": "x"}, Grade.UP, ""),
    ],
)
def test_what_broke_off_is_told_after_the_status(fact, settings, grade, reason):
    judged(http, fact, settings, grade, reason)
