"""Every kind of probe looks at a real server on loopback: what is kept, and what it amounts to."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import msgspec
import pytest

import lab
from clock import SystemClock
from lab.world import Domain, LabNameserver, MailServer
from observe.network import Network
from observe.transport.ping import (
    build_echo_request,
    internet_checksum,
    parse_echo_reply,
)
from status.model import Grade, Signal
from status.probing.observe import run_probe
from tests.observe_servers import answer, http, issue, net, redirect, server_context, tcp
from tests.status_fixtures import probe

LONG_AGO = SystemClock().now() - timedelta(days=10)
PASSWORD = "s3cret-Heslo"


@pytest.fixture
def pki(tmp_path):
    """A trust root, and the context of a server at localhost."""
    root = issue("root", ca=True, start=LONG_AGO, days=300)
    leaf = issue("localhost", by=root, names=("localhost",), start=LONG_AGO, days=100)
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(root.pem)
    return str(bundle), server_context(tmp_path, leaf)


def mailbox(tls, *, imap, first=b""):
    """An IMAP or POP3 server that knows one password, and repeats a wrong one."""
    ok = (lambda tag: f"{tag} OK done") if imap else (lambda _: "+OK done")
    refusal = f"{'NO' if imap else '-ERR'} [AUTHENTICATIONFAILED]"

    async def talk(reader, writer):
        writer.write(first or (b"* OK Dovecot ready.\r\n" if imap else b"+OK Dovecot ready.\r\n"))
        while line := (await reader.readline()).decode().strip():
            tag, _, rest = line.partition(" ") if imap else ("", "", line)
            verb = rest.split()[0].upper()
            if verb in ("CAPABILITY", "CAPA"):
                capabilities = (
                    "* CAPABILITY IMAP4rev1 STARTTLS" if imap else "+OK\r\nSTLS\r\nUSER\r\n."
                )
                reply = f"{capabilities}\r\n{ok(tag)}" if imap else capabilities
            elif verb in ("LOGIN", "PASS"):
                reply = ok(tag) if PASSWORD in rest else f"{tag} {refusal} {rest}".strip()
            else:
                reply = ok(tag)
            writer.write(f"{reply}\r\n".encode())
            await writer.drain()
            if verb in ("STARTTLS", "STLS"):
                await writer.start_tls(tls)
            if verb in ("LOGOUT", "QUIT"):
                return

    return talk


async def seen(network, kind, target, **settings):
    at = network.clock.now()
    live_probe = probe(
        "p", kind=kind, target=target, settings=settings, timeout=timedelta(seconds=3)
    )
    observation = await run_probe(network, live_probe, at, keep_fact=True)
    return observation.observation, {f.name for f in observation.metrics}


@pytest.mark.parametrize("kind", ["imap", "pop3"])
@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_mailboxes(pki, kind, security):
    bundle, tls = pki
    network = net(ca_bundle=bundle)
    server = mailbox(tls, imap=kind == "imap")
    async with tcp(server, tls=tls if security == "tls" else None) as port:
        target = f"localhost:{port}"
        plain, figures = await seen(network, kind, target, security=security)
        right, _ = await seen(
            network, kind, target, security=security, user="probe", password=PASSWORD
        )
        wrong, _ = await seen(
            network, kind, target, security=security, user="probe", password="other"
        )
    assert plain.signal.grade is Grade.UP, plain.signal
    assert "Dovecot ready" in plain.signal.reason
    assert "probe_ssl_earliest_cert_expiry" in figures
    assert right.signal.grade is Grade.UP, right.signal
    refused = Signal(Grade.DOWN, "the sign-in was refused: AUTHENTICATIONFAILED")
    assert wrong.signal == refused
    assert PASSWORD not in right.fact
    assert "other" not in wrong.fact
    for kept in ('"sent":true', "STARTTLS" if kind == "imap" else "STLS", "AUTHENTICATIONFAILED"):
        assert kept in wrong.fact


@pytest.mark.parametrize("kind", ["imap", "pop3"])
async def test_a_password_never_leaves_over_a_plain_line(kind):
    heard = []

    async def talk(reader, writer):
        ok = b"* OK hi\r\n" if kind == "imap" else b"+OK hi\r\n"
        writer.write(ok)
        while line := await reader.readline():
            heard.append(line)
            tag = line.split()[0].decode()
            writer.write(f"{tag} OK\r\n".encode() if kind == "imap" else b"-ERR\r\n")

    async with tcp(talk) as port:
        observation, _ = await seen(
            net(), kind, f"127.0.0.1:{port}", security="none", user="u", password=PASSWORD
        )
    assert observation.signal.grade is Grade.UNKNOWN
    assert PASSWORD not in b"".join(heard).decode()


@pytest.mark.parametrize(
    "noise", [b"\0\xff" * 4000, b"HTTP/1.1 400 Bad Request\r\n\r\n", b"* OK" * 3]
)
@pytest.mark.parametrize("kind", ["imap", "pop3"])
async def test_what_is_no_mailbox_is_down_and_never_hangs(kind, noise):
    async with tcp(mailbox(None, imap=True, first=noise)) as port:
        observation, _ = await seen(net(), kind, f"127.0.0.1:{port}", security="none")
    assert observation.signal.grade is Grade.DOWN


async def test_a_dialogue_with_tls_in_the_middle(pki):
    bundle, tls = pki

    async def talk(reader, writer):
        writer.write(b"220-welcome\r\n220 mx7 ready\r\n")
        await reader.readline()
        writer.write(b"250-x\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go\r\n")
        await writer.start_tls(tls)
        name = (await reader.readline()).decode().split()[1]
        writer.write(f"250 hello {name}\r\n".encode())

    steps = [
        {"expect": r"^220 (\w+)", "send": "EHLO probe.test"},
        {"expect": "^250 STARTTLS", "send": "STARTTLS"},
        {"expect": "^220", "starttls": True},
        {"send": "EHLO inside"},
        {"expect": "^250 hello inside"},
    ]
    async with tcp(talk) as port:
        network = net(ca_bundle=bundle)
        good, figures = await seen(network, "tcp", f"localhost:{port}", dialogue=steps)
        steps[-1] = {"expect": "^250 hello outside"}
        bad, _ = await seen(network, "tcp", f"localhost:{port}", dialogue=steps)
    assert good.signal.grade is Grade.UP, good.signal
    assert "probe_failed_due_to_regex" in figures
    assert bad.signal.grade is Grade.DOWN
    assert "the last line was '250 hello inside'" in bad.signal.reason
    lines = msgspec.json.decode(bad.fact)["lines"]
    assert {"sent": True, "text": "EHLO probe.test"} in lines


async def test_tls_and_smtp_over_tls(pki):
    bundle, tls = pki

    async def talk(reader, writer):
        writer.write(b"220 mx ready\r\n")
        await reader.readline()
        writer.write(b"250 ok\r\n")
        await reader.readline()

    network = net(ca_bundle=bundle)
    async with tcp(talk, tls=tls) as port:
        observations = [
            await seen(network, "tls", f"localhost:{port}"),
            await seen(network, "tls", f"127.0.0.1:{port}", name="localhost"),
            await seen(network, "smtp", f"localhost:{port}", security="tls"),
        ]
        other, _ = await seen(network, "tls", f"127.0.0.1:{port}", name="elsewhere.example")
    assert [observation.signal.grade for observation, _ in observations] == [Grade.UP] * 3, (
        observations
    )
    assert "another name" in other.signal.reason


async def test_pages_behind_redirects_with_json_and_a_body():
    bodies = []

    async def talk(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        size = re.search(r"(?i)content-length: (\d+)", head)
        bodies.append((await reader.readexactly(int(size[1]))).decode() if size else head)
        writer.write(answer('{"up": true}', content_type="application/json"))

    def pages(path, _):
        return redirect("/b") if path == "/a" else answer("Moved here")

    async with tcp(http(pages)) as port, tcp(talk) as other:
        start = f"http://127.0.0.1:{port}/a"
        moved, _ = await seen(net(), "http", start, status=[301, 302], lands_on="^/b")
        followed, _ = await seen(
            net(), "http", start, follow=True, contains="Moved", lands_on="/b$"
        )
        posted, figures = await seen(
            net(), "http", f"http://127.0.0.1:{other}/", method="POST", body="ping=1",
            json=["up == true"], headers={"x-probe": "1"},
        )  # fmt: skip
    assert [o.signal.grade for o in (moved, followed, posted)] == [Grade.UP] * 3
    assert len(msgspec.json.decode(followed.fact)["hops"]) == 2
    assert bodies == ["ping=1"]
    assert "probe_http_duration_seconds" in figures


async def test_the_servers_of_a_zone_agree_or_not(clock):
    world = lab.World(
        domains=(Domain(name="sklep.example", records=("@ A 31.60.1.1", "www A 31.60.1.1")),),
        nameservers=(
            LabNameserver(name="ns1.dns-lab.example", addresses=("31.50.0.1",)),
            LabNameserver(name="ns2.dns-lab.example", addresses=("31.50.0.2",)),
        ),
        mail_servers=(MailServer(name="mx1.sklep.example", addresses=("31.70.1.1",)),),
    )
    async with lab.start(world, clock=clock) as running:
        network = Network.from_table(running.network, clock=clock)
        agree, _ = await seen(network, "dns", "sklep.example", authoritative=True)
        missing, _ = await seen(network, "dns", "gone.example", authoritative=True)
        running.fault("ns2.dns-lab.example", "down")
        alone, _ = await seen(network, "dns", "sklep.example", authoritative=True)
        posted, _ = await seen(network, "smtp", "31.70.1.1:25", trust=False)
        registered, _ = await seen(network, "domain", "sklep.example")
    assert agree.signal.grade is Grade.UP, agree.signal
    assert "not delegated" in missing.signal.reason
    assert alone.signal.grade is Grade.DOWN
    assert "31.50.0.2" in alone.signal.reason
    assert posted.signal.grade is Grade.UP, posted.signal
    assert registered.signal.grade in (Grade.UP, Grade.UNKNOWN)


async def test_what_may_not_be_pinged_is_unknown():
    blocked, _ = await seen(Network(), "ping", "127.0.0.1")
    assert (blocked.signal.grade, blocked.reliable) == (Grade.UNKNOWN, False)


def test_an_echo_is_ours_only_with_our_payload():
    payload = b"p" * 32
    packet = build_echo_request(7, payload, v6=False)
    assert internet_checksum(packet) == 0
    reply = b"\0" + packet[1:]
    assert parse_echo_reply(reply, payload, v6=False) == 7
    assert parse_echo_reply(reply, b"q" * 32, v6=False) is None
    assert parse_echo_reply(packet, payload, v6=False) is None
    assert parse_echo_reply(b"", payload, v6=False) is None


async def test_many_looks_at_a_silent_server_end_together():
    async def silent(reader, writer):
        await asyncio.sleep(30)

    async with tcp(silent) as port:
        live_probes = [
            probe("p", kind=kind, target=f"127.0.0.1:{port}", timeout=timedelta(seconds=0.4),
                  settings=settings)
            for kind, settings in (
                ("imap", {"security": "none"}), ("pop3", {}), ("smtp", {}), ("tls", {}),
                ("tcp", {"dialogue": [{"expect": "x"}]}),
            )
        ]  # fmt: skip
        network = net()
        async with asyncio.timeout(5):
            observations = await asyncio.gather(
                *(run_probe(network, p, network.clock.now()) for p in live_probes)
            )
    assert {f.observation.signal.grade for f in observations} == {Grade.DOWN}
