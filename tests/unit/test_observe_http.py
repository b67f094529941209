"""HTTP over real sockets: what is told, and what a hostile server cannot make us do."""

import asyncio
import gzip
import socket
import time
import zlib
from contextlib import ExitStack, contextmanager, suppress

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clock import SystemClock
from observe.budget import Budget
from observe.dns.dns_client import addresses
from observe.http.content_coding import Inflater
from observe.http.http_client import fetch, follow_redirects
from observe.network import Network
from standards import urls
from standards.dns_types import Trouble
from status.probing.kinds.http import HttpProbeFact, HttpProbeSettings, judge
from tests.observe_servers import (
    Dns,
    answer,
    http,
    net,
    redirect,
    serve_dns,
    tcp,
)


def budget(**limits):
    return Budget(SystemClock(), **limits)


async def test_an_exchange_tells_status_headers_body_and_phases():
    async with tcp(http(lambda path, headers: answer("<h1>Dobrý den</h1>", x_seen=path))) as port:
        seen = await fetch(net(), budget(), f"http://127.0.0.1:{port}/a?b=č")
    assert (seen.status, seen.reason, seen.excerpt) == (200, "OK", "<h1>Dobrý den</h1>")
    assert seen.header("X-Seen") == "/a?b=%C4%8D"
    assert (seen.ip, seen.port, seen.trouble, seen.truncated) == ("127.0.0.1", port, None, False)
    assert seen.phases.connect.total_seconds() > 0 < seen.phases.first_byte.total_seconds()


async def test_a_name_is_resolved_pinned_and_sent_as_host():
    zone = Dns({("shop.example", "A"): ["127.0.0.1"]})
    pages = http(lambda path, headers: answer(headers["host"]))
    async with tcp(pages) as port, serve_dns(zone) as server:
        network = net(resolvers=[server.address])
        seen = await fetch(network, budget(), f"http://shop.example:{port}/")
    assert seen.excerpt == f"shop.example:{port}"


@contextmanager
def blackhole(address, port):
    """A port at which connections neither open nor fail: its queue is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((address, port))
        listener.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((address, port))
        yield


async def test_a_dead_address_costs_a_moment_and_is_named():
    zone = Dns({("shop.example", "A"): ["127.0.0.2", "127.0.0.3", "127.0.0.4"]})
    here = http(lambda path, headers: answer("here"))
    async with serve_dns(zone) as server:
        network = net(resolvers=[server.address])
        limits = budget()  # which remembers the order of the answer
        (hung, refusing, alive), _ = await addresses(network, limits, "shop.example")
        async with tcp(here, host=alive) as port:
            with blackhole(hung, port):
                began = time.monotonic()
                seen = await fetch(network, limits, f"http://shop.example:{port}/")
                took = time.monotonic() - began
    assert (seen.status, seen.ip, took < 2) == (200, alive, True)
    assert seen.passed_over == ((hung, None), (refusing, Trouble.REFUSED))
    assert seen.phases.connect.total_seconds() >= 0.2
    reason = judge(HttpProbeFact(seen.url, (seen,)), HttpProbeSettings()).reason
    assert reason.endswith(f"; {hung} had not answered yet; {refusing} refused")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw-deflate", "br"])
async def test_content_codings_are_undone(coding):
    text = b"otevreno " * 50
    packed = {
        "gzip": gzip.compress(text),
        "deflate": zlib.compress(text),
        "raw-deflate": zlib.compress(text)[2:-4],
        "br": brotli.compress(text),
    }[coding]
    name = coding.removeprefix("raw-")
    async with tcp(http(lambda path, headers: answer(packed, content_encoding=name))) as port:
        seen = await fetch(net(), budget(), f"http://127.0.0.1:{port}/")
    assert seen.excerpt == text.decode()


@pytest.mark.parametrize("coding", ["gzip", "br"])
async def test_a_compression_bomb_stays_small(coding):
    zeros = b"\0" * 30_000_000
    packed = gzip.compress(zeros) if coding == "gzip" else brotli.compress(zeros, quality=4)
    async with tcp(http(lambda path, headers: answer(packed, content_encoding=coding))) as port:
        started = time.monotonic()
        seen = await fetch(net(), budget(), f"http://127.0.0.1:{port}/", max_body=10_000)
    assert (seen.body_bytes, seen.truncated, seen.trouble) == (10_000, True, None)
    assert time.monotonic() - started < 2


@given(st.sampled_from(["gzip", "deflate", "br", "identity", ""]), st.binary(max_size=300))
def test_any_body_decodes_within_its_room(coding, raw):
    assert len(Inflater(coding).feed(raw, 100)) <= 100


async def endless(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def trickling(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"y")
        await writer.drain()
        await asyncio.sleep(0.05)


async def trickling_headers(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 1000:
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(0.02)


async def test_an_endless_body_is_cut():
    async with tcp(endless) as port:
        seen = await fetch(net(), budget(), f"http://127.0.0.1:{port}/", max_body=5000)
    assert (seen.status, seen.body_bytes, seen.truncated, seen.trouble) == (200, 5000, True, None)


async def test_a_trickle_ends_with_the_time_and_keeps_what_came():
    async with tcp(trickling) as port:
        started = time.monotonic()
        seen = await fetch(net(), budget(), f"http://127.0.0.1:{port}/", timeout=0.5)
    assert time.monotonic() - started < 1.5
    assert (seen.status, seen.trouble, seen.truncated) == (200, Trouble.TIMEOUT, True)
    assert set(seen.excerpt) == {"y"}


async def test_headers_that_trickle_end_with_the_time():
    async with tcp(trickling_headers) as port:
        seen = await fetch(net(), budget(), f"http://127.0.0.1:{port}/", timeout=0.4)
    assert (seen.status, seen.trouble) == (0, Trouble.TIMEOUT)


@pytest.mark.parametrize(
    ("sent", "trouble"),
    [
        (b"", Trouble.RESET),
        (b"SSH-2.0-OpenSSH_9\r\n", Trouble.PROTOCOL),
        (b"\x16\x03\x01\x02\x00garbage\r\n\r\n", Trouble.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"a" * 200_000, Trouble.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n", Trouble.PROTOCOL),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 40, Trouble.PROTOCOL),
    ],
)
async def test_what_is_no_http_is_told(sent, trouble):
    async def talk(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sent)
        await writer.drain()
        writer.write_eof()
        await asyncio.sleep(0.1)

    async with tcp(talk) as port:
        seen = await fetch(net(), budget(), f"http://127.0.0.1:{port}/", timeout=3)
    assert (seen.status, seen.trouble) == (0, trouble)


async def test_a_body_cut_short_keeps_the_status():
    raw = answer("half", content_length=100)
    async with tcp(http(lambda path, headers: raw)) as port:
        seen = await fetch(net(), budget(), f"http://127.0.0.1:{port}/")
    assert (seen.status, seen.excerpt, seen.trouble) == (200, "half", Trouble.PROTOCOL)


async def test_bytes_of_a_run_are_bounded():
    async with tcp(endless) as port:
        run = budget(bytes=100_000)
        seen = await fetch(net(), run, f"http://127.0.0.1:{port}/", max_body=10_000_000)
        assert seen.trouble is Trouble.OVERBUDGET
        none = await fetch(net(), budget(connections=0), f"http://127.0.0.1:{port}/")
        assert none.trouble is Trouble.OVERBUDGET


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://169.254.169.254/latest",
        "http://10.0.0.1:8080/",
    ],
)
async def test_private_addresses_are_blocked(url):
    assert (await fetch(Network(), budget(), url)).trouble is Trouble.BLOCKED


@pytest.mark.parametrize("port", [22, 25, 6000])
async def test_ports_of_other_services_are_blocked(port):
    assert (await fetch(net(), budget(), f"http://127.0.0.1:{port}/")).trouble is Trouble.BLOCKED


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "ftp://a.example/",
        "http://",
        "http://a.example:99999/",
        "http://a..b/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://[::1/",
        "http://a b/",
        "x" * 9000,
    ],
)
async def test_what_is_no_web_address_is_told(url):
    seen = await fetch(Network(), budget(), url)
    assert (seen.trouble, seen.status) == (Trouble.PROTOCOL, 0)


async def test_a_redirect_into_the_private_network_is_not_followed_there():
    touched = []

    async def inner(reader, writer):
        touched.append(1)

    async with tcp(inner) as secret:
        pages = http(lambda path, headers: redirect(f"http://127.0.0.1:{secret}/"))
        async with tcp(pages) as port:
            hosts = {"31.0.0.1": f"127.0.0.1:{port}"}
            seen = await follow_redirects(
                Network.from_table({"hosts": hosts}), budget(), "http://31.0.0.1/"
            )
    assert [(h.status, h.trouble) for h in seen.hops] == [(302, None), (0, Trouble.BLOCKED)]
    assert (seen.outcome, touched) == ("trouble", [])


async def test_an_answer_that_changes_after_the_check_changes_nothing():
    """DNS rebinding: the name is looked up once, and the address judged is the one dialled."""
    server = Dns()

    def rebinding(query, transport):
        address_queries = [kind for _, kind, _ in server.queries].count("A")
        server.zone = {("evil.example", "A"): ["31.0.0.1" if address_queries < 2 else "127.0.0.1"]}
        return server.reply(query).to_wire()

    server.respond = rebinding
    touched = []

    async def inner(reader, writer):
        touched.append(1)

    async with serve_dns(server), tcp(inner) as port:
        public = tcp(http(lambda path, headers: redirect(f"http://evil.example:{port}/secret")))
        async with public as outside:
            network = Network.from_table(
                {
                    "resolvers": [server.address],
                    "hosts": {f"31.0.0.1:{port}": f"127.0.0.1:{outside}"},
                }
            )
            run = budget()
            first = await fetch(network, run, f"http://evil.example:{port}/")
            again = await fetch(network, budget(), f"http://evil.example:{port}/")
    assert (first.status, first.ip) == (302, "31.0.0.1")
    assert (again.trouble, again.ip) == (Trouble.BLOCKED, "127.0.0.1")
    assert touched == []


async def walk(pages, path="/", **kwargs):
    async with tcp(http(pages)) as port:
        chain = await follow_redirects(net(), budget(), f"http://127.0.0.1:{port}{path}", **kwargs)
        return chain, port


async def test_redirects_are_walked_to_their_end():
    steps = {"/": redirect("/a"), "/a": redirect("b?x=1#top"), "/b?x=1": answer("here")}
    chain, port = await walk(lambda path, headers: steps[path])
    assert chain.outcome == "arrived"
    assert [h.url.removeprefix(f"http://127.0.0.1:{port}") for h in chain.hops] == [
        "/",
        "/a",
        "/b?x=1",
    ]


async def test_a_loop_is_told_from_a_long_way():
    chain, _ = await walk(lambda path, headers: redirect("/b" if path == "/a" else "/a"), "/a")
    assert (chain.outcome, len(chain.hops)) == ("loop", 2)
    itself, _ = await walk(lambda path, headers: redirect("/"))
    assert (itself.outcome, len(itself.hops)) == ("loop", 1)
    long, _ = await walk(lambda path, headers: redirect(f"{path}x"), max_hops=5)
    assert (long.outcome, len(long.hops)) == ("too_many", 6)


async def test_a_page_that_sets_a_cookie_and_sends_back_to_itself_is_no_loop():
    def wall(path, headers):
        if "seen=1" in headers.get("cookie", ""):
            return answer("in")
        return redirect("/", set_cookie="seen=1; Path=/; HttpOnly")

    chain, _ = await walk(wall)
    assert (chain.outcome, chain.last.excerpt) == ("arrived", "in")
    stubborn, _ = await walk(lambda path, headers: redirect("/", set_cookie="seen=1"))
    assert stubborn.outcome == "loop"


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "gopher://a.example/",
        "javascript:alert(1)",
        "https://:0/",
        "//a..b/",
    ],
)
async def test_a_redirect_to_what_is_no_web_address_is_a_bad_target(target):
    chain, _ = await walk(lambda path, headers: redirect(target))
    assert (chain.outcome, len(chain.hops)) == ("bad_target", 1)


async def test_cookies_stay_with_their_host():
    seen = []

    def other(path, headers):
        seen.append(headers.get("cookie", ""))
        return answer("other")

    async with tcp(http(other)) as second:
        pages = http(
            lambda path, headers: redirect(f"http://two.example:{second}/", set_cookie="a=1")
        )
        async with tcp(pages) as first:
            hosts = {"31.0.0.1": f"127.0.0.1:{first}", "31.0.0.2": f"127.0.0.1:{second}"}
            zone = {("one.example", "A"): ["31.0.0.1"], ("two.example", "A"): ["31.0.0.2"]}
            async with serve_dns(Dns(zone)) as server:
                network = Network.from_table({"hosts": hosts, "resolvers": [server.address]})
                chain = await follow_redirects(network, budget(), "http://one.example/")
    assert (chain.outcome, seen) == ("arrived", [""])


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("http://Shop.EXAMPLE", "http://shop.example/"),
        ("https://shop.example:443/x", "https://shop.example/x"),
        ("http://shop.example:8080/ž?q=ř#z", "http://shop.example:8080/%C5%BE?q=%C5%99"),
        ("http://user:secret@shop.example/", "http://shop.example/"),
        ("http://žluťoučký.example/", "http://xn--luouk-uva4it5a4g.example/"),
        ("http://[2A00::1]:81/", "http://[2a00::1]:81/"),
        ("http://my_shop.example./%20a%zz", "http://my_shop.example/%20a%zz"),
    ],
)
def test_addresses_are_read_as_browsers_do(text, meant):
    assert str(urls.parse_url(text)) == meant


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_an_address_or_told_not_to_be(base, location):
    for text in (base, "http://" + base):
        try:
            url = urls.parse_url(text)
        except urls.BadUrl:
            continue
        assert str(urls.parse_url(str(url))) == str(url)
        assert str(url).isascii()
        assert not set(str(url)) & set(" \r\n\t")
    with suppress(urls.BadUrl):
        assert str(
            urls.resolve_location(urls.parse_url("http://shop.example/a"), location)
        ).isascii()
