"""Clients that dawdle on purpose starve nobody: the real server on a real port."""

from __future__ import annotations

import contextlib
import http.client
import json
import resource
import socket
import time

import pytest

from tests.process_fixtures import fetch, free_port, process, until

CROWD = 500
CONFIG = '[[component]]\nid = "web1"\nname = "Web hosting 1"\npolicy = "manual"\n'


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    place = tmp_path_factory.mktemp("slow")
    (place / "jasno.toml").write_text(CONFIG)
    port = free_port()
    with process("run", var=place / "var", log=place / "log", JASNO_PORT=str(port)):
        until(lambda: fetch(f"http://127.0.0.1:{port}/")[0] == 200, seconds=90, what="the page")
        yield port


@pytest.fixture(autouse=True)
def _many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))


def crowd(stack, port, begin: bytes, *, buffer: int = 0):
    """Five hundred connections that have sent the beginning of a request."""
    clients = []
    for _ in range(CROWD):
        client = stack.enter_context(socket.socket())
        if buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.connect(("127.0.0.1", port))
        client.sendall(begin)
        clients.append(client)
    return clients


def all_served(port, paths=("/", "/check", "/kb", "/api/v2/summary.json")) -> float:
    """Ask forty times; the longest wait. Every answer must be there."""
    longest = 0.0
    for number in range(40):
        began = time.monotonic()
        status, text = fetch(f"http://127.0.0.1:{port}{paths[number % len(paths)]}")
        longest = max(longest, time.monotonic() - began)
        assert status == 200
        assert text
    return longest


def test_five_hundred_who_never_finish_their_headers(port):
    with contextlib.ExitStack() as stack:
        crowd(stack, port, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert all_served(port) < 3


def test_five_hundred_who_never_read(port):
    many = b"GET /en/ HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20
    with contextlib.ExitStack() as stack:
        crowd(stack, port, many, buffer=2048)
        assert all_served(port) < 3


def test_five_hundred_who_never_send_the_body_they_promised(port):
    begin = (
        b"POST /check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded"
        b"\r\nContent-Length: 100000\r\n\r\ntarget="
    )
    with contextlib.ExitStack() as stack:
        crowd(stack, port, begin)
        assert all_served(port) < 5


def explain(port, address):
    """Somebody at an address of their own pastes an error; the status of the answer."""
    source = (address, 0)
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=source)
    with contextlib.closing(line) as connection:
        body = json.dumps({"text": "550 5.1.1 no such user"})
        connection.request("POST", "/api/explain", body, {"Content-Type": "application/json"})
        return connection.getresponse().status


def test_twelve_who_send_a_form_slowly_keep_nobody_from_sending_theirs(port):
    """No proxy stands before us, and each of the twelve has an address of their own."""
    begin = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\na"
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(socket.socket()) for _ in range(12)]
        for number, client in enumerate(slow):
            client.bind((f"127.2.{number}.1", 0))
            client.connect(("127.0.0.1", port))
            client.sendall(begin)
        time.sleep(1.5)  # eight hold a place, and four have waited for one long enough
        statuses = []
        for number in range(20):
            for client in slow:
                with contextlib.suppress(OSError):
                    client.sendall(b"x")
            statuses.append(explain(port, f"127.1.0.{1 + number}"))
    assert statuses == [200] * 20


def test_slow_headers_are_cut_off_in_time(port):
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        slow.settimeout(30)
        began = time.monotonic()
        slow.recv(1000)
        assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
        b"\0" * 1000,
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /%00%ff%fe/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /check HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /check HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
    ],
    ids=["tls", "long", "header", "nul", "version", "path", "length", "chunks"],
)
def test_rubbish_hurts_nobody(port, sent):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(5)
        with contextlib.suppress(OSError):
            client.sendall(sent)
            answer = client.recv(4000)
            assert b"Traceback" not in answer
            assert b"root:" not in answer
    assert fetch(f"http://127.0.0.1:{port}/")[0] == 200


def test_another_name_is_not_answered(port):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        answer = client.recv(4000)
    assert b" 421 " in answer.split(b"\r\n")[0]
    assert b"Web hosting" not in answer
