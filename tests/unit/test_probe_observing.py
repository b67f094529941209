"""What each active probe kind asks of the network: where it goes, and what it hands on."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from facts import Exchange, Handshake, MailboxDialogue, SmtpDialogue
from observe.guard import REFUSAL_DETAIL
from observe.mail.mailbox import Security, SignIn
from observe.network import Network
from observe.transport.ping import UNAVAILABLE, PingResult
from observe.transport.tcp import PortProbe
from standards.dns_types import Lookup, Trouble
from status.probing.kinds import dns, http, mailbox, ping, smtp, tcp, tls
from tests.observe_servers import net
from tests.observe_servers import tcp as listening
from tests.status_fixtures import AT, probe

BAD = "mail.example:0"
WHY = "'mail.example:0': the port is a number from 1 to 65535"
REFUSED = {"trouble": Trouble.BLOCKED, "detail": REFUSAL_DETAIL[Trouble.BLOCKED]}


@dataclass
class Mailbox:
    """A mailbox client that only writes down what it is asked for."""

    calls: list[tuple[str, int, float, dict[str, object]]] = field(default_factory=list)

    async def greet(self, net, budget, host, port, **handed_on) -> MailboxDialogue:
        self.calls.append((host, port, budget.left(), handed_on))
        return MailboxDialogue("imap", host, "", port, net.clock.now())


KINDS = {
    "imap": (mailbox.observer("imap", Mailbox().greet, 143, 993), mailbox.MailboxProbeSettings),
    "smtp": (smtp.observe, smtp.SmtpProbeSettings),
    "tls": (tls.observe, tls.TlsProbeSettings),
    "tcp": (tcp.observe, tcp.TcpProbeSettings),
    "dns": (dns.observe, dns.DnsProbeSettings),
    "http": (http.observe, http.HttpProbeSettings),
    "ping": (ping.observe, ping.PingProbeSettings),
}


async def observed(clock, kind, target, **settings):
    """What a kind keeps of a look from a network that may not dial loopback."""
    observe, parse = KINDS[kind]
    return await observe(
        Network(clock=clock), probe("p", kind=kind, target=target), parse(**settings)
    )


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("imap", MailboxDialogue("imap", BAD, "", 0, AT)),
        ("smtp", SmtpDialogue(BAD, "", 0, AT)),
        ("tls", Handshake(BAD, "", 0, AT)),
        ("tcp", PortProbe(BAD, 0, AT)),
    ],
)
async def test_a_target_without_a_usable_port_is_kept_with_the_reason(clock, kind, kept) -> None:
    assert await observed(clock, kind, BAD) == replace(kept, trouble=Trouble.BLOCKED, detail=WHY)


HOST = "127.0.0.1"


@pytest.mark.parametrize(
    ("kind", "target", "settings", "kept"),
    [
        ("smtp", HOST, {}, SmtpDialogue(HOST, HOST, 25, AT)),
        ("smtp", HOST, {"security": "tls"}, SmtpDialogue(HOST, HOST, 465, AT)),
        ("smtp", f"{HOST}:587", {}, SmtpDialogue(HOST, HOST, 587, AT)),
        ("tls", HOST, {}, Handshake(HOST, HOST, 443, AT)),
        ("tls", f"{HOST}:8443", {"name": "a.example"}, Handshake("a.example", HOST, 8443, AT)),
        ("tcp", f"{HOST}:22", {}, PortProbe(HOST, 22, AT, HOST)),
        ("ping", HOST, {}, PingResult(HOST, AT, HOST)),
    ],
)  # fmt: skip
async def test_where_a_look_goes(clock, kind, target, settings, kept) -> None:
    assert await observed(clock, kind, target, **settings) == replace(kept, **REFUSED)


async def test_a_question_goes_to_every_server_named(clock) -> None:
    servers = {"server": "127.0.0.3", "servers": ("127.0.0.1", "127.0.0.2:5353")}
    fact = await observed(clock, "dns", "a.example", type="mx", **servers)
    lookups = tuple(
        Lookup("a.example", "MX", server, AT, **REFUSED)
        for server in ("127.0.0.1", "127.0.0.2:5353", "127.0.0.3")
    )
    assert fact == dns.DnsProbeFact("a.example", "MX", lookups)


async def test_without_a_server_our_resolvers_are_asked() -> None:
    network = net(resolvers=["127.0.0.1:1"])
    dns_probe = probe("p", kind="dns", target="a.example", timeout=timedelta(seconds=1))
    fact = await dns.observe(network, dns_probe, dns.DnsProbeSettings(type="mx"))
    (lookup,) = fact.lookups
    assert (fact.name, fact.type, fact.why, fact.resolved) == ("a.example", "MX", "", True)
    assert (lookup.name, lookup.type, lookup.server) == ("a.example", "MX", "127.0.0.1:1")
    assert lookup.trouble in (Trouble.REFUSED, Trouble.TIMEOUT)


@pytest.mark.parametrize("follow", [False, True])
async def test_a_page_that_may_not_be_asked_for(clock, follow) -> None:
    url = f"http://{HOST}:8080/"
    fact = await observed(clock, "http", url, follow=follow)
    assert (fact.sent, fact.outcome) == (f"GET {url}", "trouble" if follow else "arrived")
    assert fact.hops == (Exchange(url, AT, ip=HOST, port=8080, **REFUSED),)


@pytest.mark.parametrize(
    ("settings", "port", "sign_in"),
    [
        ({}, 993, None),
        ({"security": Security.STARTTLS}, 143, None),
        ({"security": Security.NONE, "user": "u", "password": "p", "in_clear": True}, 143,
         SignIn("u", "p", allow_cleartext=True)),
        ({"user": "u", "password": "p"}, 993, SignIn("u", "p", allow_cleartext=False)),
    ],
)  # fmt: skip
async def test_a_mailbox_is_asked_as_configured(clock, settings, port, sign_in) -> None:
    client = Mailbox()
    observe = mailbox.observer("imap", client.greet, 143, 993)
    imap_probe = probe("p", kind="imap", target="mail.example")
    await observe(Network(clock=clock), imap_probe, mailbox.MailboxProbeSettings(**settings))
    security = settings.get("security", Security.TLS)
    handed_on = {"security": security, "sign_in": sign_in, "timeout": 10.0}
    assert client.calls == [("mail.example", port, 10.0, handed_on)]


async def test_a_request_says_what_is_configured() -> None:
    heard = []

    async def talk(reader, writer):
        heard.append(await reader.readuntil(b"ping=1"))
        writer.write(b"HTTP/1.1 204 Done\r\n\r\n")

    async with listening(talk) as port:
        target = f"http://127.0.0.1:{port}/a"
        settings = http.HttpProbeSettings(method="POST", body="ping=1", headers={"x-a": "1"})
        fact = await http.observe(net(), probe("p", target=target), settings)
    assert (fact.sent, [hop.status for hop in fact.hops]) == (f"POST {target}", [204])
    lines = heard[0].decode().split("\r\n")
    assert lines[0] == "POST /a HTTP/1.1"
    assert {"user-agent: Jasno-probe", "x-a: 1", "content-length: 6"} <= {
        line.lower().replace("jasno", "Jasno") for line in lines
    }


class EchoSocket(socket.socket):
    """What stands in for an ICMP socket: it is connected to nobody but the test."""

    def connect(self, address: object) -> None:
        assert address == ("127.0.0.1", 0)


@contextmanager
def echoing(reply):
    """A socket opener; each request that is sent through it is answered by `reply(request)`."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    echo_socket = EchoSocket(fileno=ours.detach())
    echo_socket.setblocking(False)
    theirs.setblocking(False)
    loop = asyncio.get_running_loop()

    def answer():
        for packet in reply(theirs.recv(2048)):
            theirs.send(packet)

    loop.add_reader(theirs, answer)
    try:
        yield lambda *, v6: echo_socket
    finally:
        loop.remove_reader(theirs)
        theirs.close()


def pinged(open_socket, *, seconds, count):
    ping_probe = probe("p", kind="ping", target="127.0.0.1", timeout=timedelta(seconds=seconds))
    return ping.observe(
        net(), ping_probe, ping.PingProbeSettings(count=count), open_socket=open_socket
    )


def echo_of(request):
    """An echo reply with the sequence number and the payload of a request (RFC 792)."""
    assert request[0] == 8
    return b"\0" + request[1:]


async def test_as_many_echoes_as_configured_are_sent_and_timed() -> None:
    with echoing(lambda request: [echo_of(request)]) as open_socket:
        result = await pinged(open_socket, seconds=10, count=2)
    assert (result.sent, len(result.times), result.lost, result.trouble) == (2, 2, 0, None)


async def test_echoes_that_stay_away_share_the_time_and_strangers_do_not_count() -> None:
    stranger = b"\0" * 8 + b"x" * 32
    with echoing(lambda request: [request, stranger, echo_of(request)[:20]]) as open_socket:
        start = time.monotonic()
        result = await pinged(open_socket, seconds=0.4, count=4)
    assert time.monotonic() - start < 2
    assert (result.sent, result.times, result.trouble) == (4, (), Trouble.TIMEOUT)


async def test_where_nobody_may_ping_that_is_the_result() -> None:
    def refuse(*, v6):
        raise PermissionError

    result = await pinged(refuse, seconds=1, count=3)
    assert (result.available, result.sent, result.detail) == (False, 0, UNAVAILABLE)
