"""The lab's web servers and certificates, read by http.client and ssl."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import http.client
import socket
import ssl
import time

import brotli
import pytest
from cryptography import x509

import lab
from lab.answer import GREETING, SUSPENDED, Flow, error, flowing, page, redirect
from lab.certificates import Cert
from lab.world import LabSite, Port443, WebServer, World

MAIN = "31.53.12.12"
PORTS = {
    Port443.PLAIN: "31.53.12.13",
    Port443.GARBAGE: "31.53.12.14",
    Port443.CLOSED: "31.53.12.15",
    Port443.ABSENT: "31.53.12.16",
}
FLOWS = {f"{flow.value.replace('_', '-')}.example": flow for flow in Flow if flow is not Flow.PLAIN}
STATUSES = (403, 404, 500, 502, 503, 504, 508, 509)
WORLD = World(
    web_servers=(
        WebServer(name="web.host.example", addresses=(MAIN, "2a0e:5300::12")),
        *(
            WebServer(name=f"{kind}.host.example", addresses=(address,), port443=kind, port80=False)
            for kind, address in PORTS.items()
        ),
    ),
    sites=(
        LabSite(
            names=("shop.example", "www.shop.example"),
            server="web.host.example",
            http=redirect("https://{host}{path}"),
            https=page("Shop", "Open."),
            paths=(("/old", redirect("/new", 302)), ("/old/deep", page("Deep"))),
        ),
        LabSite(
            names=("loop.example",),
            server="web.host.example",
            http=redirect("https://{host}{path}"),
            https=redirect("http://{host}{path}"),
        ),
        LabSite(
            names=("steps.example",),
            server="web.host.example",
            http=redirect("/step/1"),
            paths=(("/step/", redirect("/step/{next}")),),
        ),
        LabSite(
            names=("slow.example",),
            server="web.host.example",
            http=page("Slow", wait=dt.timedelta(seconds=0.3)),
        ),
        LabSite(names=("off.example",), server="web.host.example", http=SUSPENDED),
        *(
            LabSite(names=(f"e{status}.example",), server="web.host.example", http=error(status))
            for status in STATUSES
        ),
        *(
            LabSite(names=(name,), server="web.host.example", http=flowing(flow))
            for name, flow in FLOWS.items()
        ),
        *(
            LabSite(
                names=(f"{cert.value.replace('_', '-')}.example",),
                server="web.host.example",
                http=page(cert.value),
                certificate=cert,
            )
            for cert in Cert
        ),
        *(
            LabSite(names=(f"{kind}.example",), server=f"{kind}.host.example", http=page(kind))
            for kind in PORTS
        ),
    ),
)


@pytest.fixture(scope="module")
def running():
    with lab.running(WORLD) as up:
        yield up


def endpoint(running, port, address=MAIN):
    host, _, there = running.network["hosts"][f"{address}:{port}"].rpartition(":")
    return host, int(there)


@contextlib.contextmanager
def connected(running, port=80, address=MAIN, timeout=3.0):
    with socket.create_connection(endpoint(running, port, address), timeout=timeout) as raw:
        yield raw


def trusting(running):
    return ssl.create_default_context(cafile=running.ca_bundle)


def get(running, host, path="/", port=80, method="GET"):
    """(status, headers, body) as http.client sees it, to the mapped port."""
    connection = http.client.HTTPConnection(host, port)
    with connected(running, port) as raw:
        connection.sock = raw
        if port == 443:
            connection.sock = trusting(running).wrap_socket(raw, server_hostname=host)
        connection.request(method, path, headers={"Host": host})
        answer = connection.getresponse()
        body = answer.read()
        connection.sock.close()
        return answer.status, answer.headers, body.decode("utf-8", "replace")


def test_a_page_over_both_schemes(running):
    status, headers, _ = get(running, "www.shop.example", "/a?b=c")
    assert (status, headers["Location"]) == (301, "https://www.shop.example/a?b=c")
    status, headers, body = get(running, "www.shop.example", port=443)
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Open." in body


def test_the_longest_path_wins(running):
    assert get(running, "shop.example", "/old/x")[0] == 302
    assert "Deep" in get(running, "shop.example", "/old/deep/er")[2]


def test_unknown_names_get_the_default_page(running):
    status, _, body = get(running, "nobody.example")
    assert (status, body) == (200, GREETING.body)


def test_head_has_no_body(running):
    assert get(running, "off.example", method="HEAD")[2] == ""


def test_one_connection_serves_several_requests(running):
    connection = http.client.HTTPConnection("slow.example")
    with connected(running) as raw:
        connection.sock = raw
        for _ in range(3):
            connection.request("GET", "/", headers={"Host": "nobody.example"})
            assert connection.getresponse().read().decode() == GREETING.body


def test_a_loop_between_the_schemes(running):
    assert get(running, "loop.example")[1]["Location"] == "https://loop.example/"
    with connected(running, 443) as raw:
        secure = trusting(running).wrap_socket(raw, server_hostname="loop.example")
        secure.sendall(b"GET / HTTP/1.1\r\nHost: loop.example\r\n\r\n")
        assert b"http://loop.example/" in secure.recv(4096)
        secure.close()


def test_steps_without_end(running):
    path = "/"
    for _ in range(12):
        path = get(running, "steps.example", path)[1]["Location"]
    assert path == "/step/12"


@pytest.mark.parametrize("status", STATUSES)
def test_error_pages(running, status):
    response, _, body = get(running, f"e{status}.example")
    assert response == status
    assert str(status) in body


def test_the_suspended_page_says_so(running):
    status, _, body = get(running, "off.example")
    assert status == 503
    assert "suspended" in body


def test_a_slow_first_byte(running):
    before = time.monotonic()
    get(running, "slow.example")
    assert time.monotonic() - before >= 0.3


# ------------------------------------------------------------------------------ flows
def raw_answer(running, host, limit=300_000, timeout=1.0):
    """What arrives within a limit of bytes, and how it ended: closed, reset, timeout or limit."""
    received = b""
    with connected(running, timeout=timeout) as raw:
        raw.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        try:
            while len(received) < limit:
                piece = raw.recv(65536)
                if not piece:
                    return received, "closed"
                received += piece
        except TimeoutError:
            return received, "timeout"
        except ConnectionResetError:
            return received, "reset"
    return received, "limit"


def test_an_endless_body(running):
    assert raw_answer(running, "endless.example")[1] == "limit"


def test_a_trickle(running):
    before = time.monotonic()
    received, how = raw_answer(running, "trickle.example", limit=66)
    assert how in ("limit", "timeout")
    assert b"200 OK" in received
    assert time.monotonic() - before >= 0.3


def test_hanging_and_resetting(running):
    assert raw_answer(running, "hang.example", timeout=0.3) == (b"", "timeout")
    assert raw_answer(running, "reset.example") == (b"", "reset")


def test_a_body_cut_short_is_noticed(running):
    with pytest.raises(http.client.IncompleteRead):
        get(running, "cut.example")


def test_garbage_is_no_http(running):
    with pytest.raises(http.client.BadStatusLine):
        get(running, "garbage.example")


def test_a_huge_header(running):
    with pytest.raises(http.client.LineTooLong):
        get(running, "huge-header.example")


@pytest.mark.parametrize(
    ("name", "encoding", "open_"),
    [
        ("gzip-bomb.example", "gzip", gzip.decompress),
        ("brotli-bomb.example", "br", brotli.decompress),
    ],
)
def test_bombs_are_small_outside_and_huge_inside(running, name, encoding, open_):
    received, _ = raw_answer(running, name, limit=2_000_000, timeout=10)
    head, _, body = received.partition(b"\r\n\r\n")
    assert f"Content-Encoding: {encoding}".encode() in head
    assert len(body) < 1_500_000
    assert len(open_(body)) == 50_000_000


# ------------------------------------------------------------------------------ TLS
def handshake(running, host):
    """The leaf and how many certificates came, without judging them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        connected(running, 443) as raw,
        context.wrap_socket(raw, server_hostname=host) as secure,
    ):
        return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True))


def verdict(running, host):
    """Why Python's own verification refuses, or "" when it is content."""
    with connected(running, 443) as raw:
        try:
            with trusting(running).wrap_socket(raw, server_hostname=host):
                return ""
        except ssl.SSLCertVerificationError as wrong:
            return wrong.verify_message


@pytest.mark.parametrize(
    ("host", "part"),
    [
        ("good.example", ""),
        ("soon.example", ""),
        ("wrong-name.example", "Hostname mismatch"),
        ("nobody.example", "Hostname mismatch"),
        ("expired.example", "certificate has expired"),
        ("not-yet.example", "certificate is not yet valid"),
        ("self-signed.example", "self-signed certificate"),
        ("incomplete.example", "unable to get local issuer certificate"),
        ("untrusted.example", "self-signed certificate in certificate chain"),
    ],
)
def test_every_sort_of_certificate(running, host, part):
    verdict_seen = verdict(running, host)
    assert verdict_seen.startswith(part)
    assert bool(verdict_seen) == bool(part)


def test_a_certificate_that_ends_soon(running):
    left = handshake(running, "soon.example").not_valid_after_utc - running.clock.now()
    assert dt.timedelta(days=4) < left < dt.timedelta(days=6)


def test_a_name_of_nobody_gets_the_servers_own_certificate(running):
    names = handshake(running, "nobody.example").extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.DNSName) == ["web.host.example"]


def test_http_on_the_tls_port(running):
    with connected(running, 443, PORTS[Port443.PLAIN]) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: plain.example\r\n\r\n")
        assert raw.recv(4096).startswith(b"HTTP/1.1 200")


def test_garbage_on_the_tls_port(running):
    with (
        connected(running, 443, PORTS[Port443.GARBAGE]) as raw,
        pytest.raises(ssl.SSLError),
    ):
        trusting(running).wrap_socket(raw, server_hostname="garbage.example")


@pytest.mark.parametrize("port", [80, 443])
def test_refused_ports(running, port):
    with pytest.raises(ConnectionRefusedError), connected(running, port, PORTS[Port443.CLOSED]):
        pass


def test_an_absent_port_is_not_in_the_map(running):
    assert f"{PORTS[Port443.ABSENT]}:443" not in running.network["hosts"]


# ------------------------------------------------------------------------------ the rest
def test_requests_are_written_down(running):
    running.requests.clear()
    get(running, "shop.example", "/seen")
    seen = running.requests[-1]
    assert (seen.server, seen.scheme, seen.method, seen.host, seen.path) == (
        "web.host.example",
        "http",
        "GET",
        "shop.example",
        "/seen",
    )


def test_switches_by_the_first_label(running):
    running.fault("web", "error")
    assert get(running, "shop.example")[0] == 503
    running.fault("web", "down")
    with pytest.raises(ConnectionResetError):
        get(running, "shop.example")
    running.fault("web", "hang")
    assert raw_answer(running, "shop.example", timeout=0.2) == (b"", "timeout")
    running.clear_fault("web")
    assert get(running, "shop.example")[0] == 301


def test_unknown_machines_and_faults_are_named(running):
    with pytest.raises(KeyError, match="nothing-here"):
        running.fault("nothing-here", "down")
    with pytest.raises(ValueError, match="sideways"):
        running.fault("web", "sideways")


def test_a_lab_ends_at_once_with_open_conversations():
    with lab.running(WORLD) as short:
        raw = socket.create_connection(endpoint(short, 80), timeout=3)
        raw.sendall(b"GET / HTTP/1.1\r\nHost: hang.example\r\n\r\n")
        time.sleep(0.05)
        before = time.monotonic()
    assert time.monotonic() - before < 2
    raw.close()


async def test_a_lab_in_the_tests_own_loop():
    async with lab.start(WORLD) as up:
        assert up.network["closed"] is True


def test_no_published_address_is_dialled_anywhere(running):
    assert all(there.startswith("127.0.0.1:") for there in running.network["hosts"].values())
