"""Blocking sessions: pinned, bounded, and never led astray."""

import gzip
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest
import requests

from observe.network import Network
from observe.session import BodyTooLarge, ExchangeTooSlow, ForbiddenAddress, open_session
from tests.observe_servers import answer, redirect


@contextmanager
def server(talk):
    """A plain threaded TCP server; `talk(socket)` for each connection. Yields the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    over = threading.Event()
    threads = []

    def serve_peer(peer):
        with peer, suppress(OSError):  # the client may leave
            talk(peer)

    def accept():
        while not over.is_set():
            try:
                peer, _ = listener.accept()
            except OSError:
                continue
            threads.append(threading.Thread(target=serve_peer, args=(peer,), daemon=True))
            threads[-1].start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        acceptor.join(2)
        listener.close()
        for thread in threads:
            thread.join(2)


def pages(raw, request_heads=None):
    def talk(peer):
        head = b""
        while b"\r\n\r\n" not in head:
            head += peer.recv(4096)
        if request_heads is not None:
            request_heads.append(head.decode())
        peer.sendall(raw)

    return talk


ALLOWED = Network(allow=("127.0.0.0/8",))


def test_a_configured_service_is_reached_without_the_guard():
    with server(pages(answer("yes"))) as port:
        base = f"http://127.0.0.1:{port}/api/"
        assert open_session(Network(), base_url=base).get(base + "ping").text == "yes"


def test_strangers_addresses_need_the_guard():
    request_heads = []
    with server(pages(answer("secret"), request_heads)) as port:
        with pytest.raises(requests.ConnectionError):
            open_session(Network()).get(f"http://127.0.0.1:{port}/")
        with pytest.raises(requests.ConnectionError):
            open_session(Network()).get(f"http://localhost:{port}/")
        assert open_session(ALLOWED).get(f"http://127.0.0.1:{port}/").text == "secret"
    assert len(request_heads) == 1


def test_a_configured_session_goes_nowhere_else():
    request_heads = []
    with server(pages(answer(), request_heads)) as port:
        own = open_session(ALLOWED, base_url=f"http://127.0.0.1:{port}/api/")
        for other in (
            f"http://127.0.0.1:{port}/",
            f"http://127.0.0.1:{port}/api/../secret",
            f"http://localhost:{port}/api/",
            f"https://127.0.0.1:{port}/api/",
            "file:///etc/passwd",
        ):
            with pytest.raises(requests.RequestException):
                own.get(other)
    assert request_heads == []


def test_web_ports_only_for_strangers():
    with pytest.raises(ForbiddenAddress):
        open_session(ALLOWED).get("http://127.0.0.1:25/")


def test_redirects_are_handed_back_not_followed():
    request_heads = []
    with server(pages(redirect("http://169.254.169.254/"), request_heads)) as port:
        for wish in ({}, {"allow_redirects": True}):
            response = open_session(ALLOWED).get(f"http://127.0.0.1:{port}/", **wish)
            assert (response.status_code, response.headers["location"]) == (
                302,
                "http://169.254.169.254/",
            )
    assert len(request_heads) == 2


def test_the_map_and_the_closed_network_hold_here_too():
    with server(pages(answer("mapped"))) as port:
        hosts = {"31.0.0.1:80": f"127.0.0.1:{port}"}
        closed = Network.from_table({"hosts": hosts, "closed": True})
        assert open_session(closed).get("http://31.0.0.1/").text == "mapped"
        for away in ("http://31.0.0.2/", "http://shop.example/"):
            with pytest.raises(requests.ConnectionError):
                open_session(closed).get(away)


def test_large_and_exploding_bodies_are_refused():

    bomb = answer(gzip.compress(b"\0" * 30_000_000), content_encoding="gzip")
    for raw in (answer("x" * 20_000), bomb):
        with server(pages(raw)) as port, pytest.raises(BodyTooLarge):
            open_session(ALLOWED, max_body=10_000).get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("part", ["headers", "body", "nothing"])
def test_a_trickle_ends_with_the_time(part):
    def talk(peer):
        peer.recv(4096)
        if part == "nothing":
            time.sleep(1.2)
            return
        peer.sendall(b"HTTP/1.1 200 OK\r\n")
        if part == "body":
            peer.sendall(b"\r\n")
        for _ in range(40):
            peer.sendall(b"X: y\r\n")
            time.sleep(0.05)

    with server(talk) as port:
        started = time.monotonic()
        with pytest.raises((ExchangeTooSlow, requests.ReadTimeout)):
            open_session(ALLOWED, seconds=0.5).get(f"http://127.0.0.1:{port}/")
        assert time.monotonic() - started < 1.5


@pytest.mark.parametrize(
    "raw", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"]
)
def test_broken_answers_are_request_errors(raw):
    with server(pages(raw)) as port, pytest.raises(requests.RequestException):
        open_session(ALLOWED).get(f"http://127.0.0.1:{port}/")


def test_the_environment_lends_no_proxy(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with server(pages(answer("direct"))) as port:
        assert open_session(ALLOWED).get(f"http://127.0.0.1:{port}/").text == "direct"
