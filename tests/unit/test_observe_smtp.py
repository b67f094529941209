"""The opening of SMTP conversations, polite and otherwise."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clock import ManualClock, SystemClock
from facts import Vantage
from observe.budget import Budget
from observe.mail.smtp import NotSmtp, greet, parse_reply
from observe.network import Network
from observe.transport.tcp import probe_port
from standards.dns_types import Trouble
from tests.observe_servers import issue, net, server_context, tcp


def budget():
    return Budget(SystemClock())


def dialogue(*script, heard=None):
    """Says the first part, then one part for each line that comes in."""

    async def talk(reader, writer):
        for part in script:
            await asyncio.sleep(0)
            writer.write(part)
            await writer.drain()
            line = await reader.readline()
            if heard is not None:
                heard.append(line.decode().strip())
            if not line:
                return

    return talk


async def test_a_polite_server_is_heard_out_and_left():
    heard = []
    script = dialogue(
        b"220-mx.example hello\r\n220 ESMTP\r\n",
        b"250-mx.example\r\n250-SIZE 1000\r\n250 pipelining\r\n",
        heard=heard,
    )
    async with tcp(script) as port:
        seen = await greet(net(), budget(), "127.0.0.1", port)
        await asyncio.sleep(0.05)
    assert (seen.code, seen.greeting, seen.trouble) == (220, "mx.example hello ESMTP", None)
    assert (seen.extensions, seen.starttls) == (("SIZE 1000", "PIPELINING"), False)
    assert [line.split()[0] for line in heard] == ["EHLO", "QUIT"]


async def test_starttls_shows_the_certificate(tmp_path):
    start = ManualClock().now()
    own = issue("mx", names=["127.0.0.1"], start=start)
    context = server_context(tmp_path, own)

    async def talk(reader, writer):
        writer.write(b"220 mx\r\n")
        await reader.readline()
        writer.write(b"250-mx\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go\r\n250 injected in plain text\r\n")
        await writer.drain()
        await writer.start_tls(context)
        await asyncio.sleep(0.2)

    async with tcp(talk) as port:
        seen = await greet(net(), budget(), "127.0.0.1", port)
    assert seen.starttls
    assert seen.handshake


async def test_starttls_that_is_refused_is_no_handshake():
    script = dialogue(b"220 mx\r\n", b"250-mx\r\n250 STARTTLS\r\n", b"454 not now\r\n")
    async with tcp(script) as port:
        seen = await greet(net(), budget(), "127.0.0.1", port)
    assert (seen.starttls, seen.handshake, seen.trouble) == (True, None, None)


async def test_a_refusing_greeting_is_a_fact_not_trouble():
    async with tcp(dialogue(b"554 no service for you\r\n")) as port:
        seen = await greet(net(), budget(), "127.0.0.1", port)
    assert (seen.code, seen.greeting, seen.trouble) == (554, "no service for you", None)


@pytest.mark.parametrize(
    ("sent", "trouble"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", Trouble.PROTOCOL),
        (b"\xff\xfe\x00\r\n", Trouble.PROTOCOL),
        (b"220-" + b"x" * 10_000, Trouble.PROTOCOL),
        (b"220-more\r\n" * 500, Trouble.PROTOCOL),
    ],
)
async def test_what_is_no_smtp_is_told(sent, trouble):
    async with tcp(dialogue(sent)) as port:
        seen = await greet(net(), budget(), "127.0.0.1", port, timeout=2)
    assert seen.trouble is trouble


async def test_a_server_that_hangs_up_is_a_reset():
    async def talk(reader, writer):
        writer.write_eof()

    async with tcp(talk) as port:
        assert (await greet(net(), budget(), "127.0.0.1", port)).trouble is Trouble.RESET


async def test_patience_is_bounded_and_what_was_heard_stays():
    async def slow(reader, writer):
        writer.write(b"220 mx\r\n")
        await reader.readline()
        await asyncio.sleep(5)

    async with tcp(slow) as port:
        seen = await greet(net(), budget(), "127.0.0.1", port, timeout=0.3)
    assert (seen.code, seen.trouble) == (220, Trouble.TIMEOUT)


async def test_our_own_closed_port_25_is_not_the_servers_fault():
    here = Network(vantage=Vantage("home", port25=False))
    seen = await greet(here, budget(), "mx.example")
    assert (seen.trouble, seen.detail) == (Trouble.UNREACHABLE, "port 25 is closed to us here")


async def test_a_port_is_touched():
    async with tcp(dialogue(b"")) as port:
        assert (await probe_port(net(), budget(), "127.0.0.1", port)).trouble is None
        assert (await probe_port(Network(), budget(), "127.0.0.1", port)).trouble is Trouble.BLOCKED
    assert (await probe_port(net(), budget(), "127.0.0.1", port)).trouble is Trouble.REFUSED


@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_lines_are_a_reply_or_not_smtp(lines):
    try:
        reply = parse_reply(lines)
    except NotSmtp:
        return
    assert reply is None or 0 <= reply.code <= 999
