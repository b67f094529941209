"""Calls to web addresses over real sockets: strangers' through the guard, operators' through Apprise."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from messages import OutgoingEmail
from notify.channel import ChannelError
from notify.channels.apprise import Apprise
from notify.channels.guarded_post import post
from observe.network import Network

HEADERS = {"Content-Type": "application/json", "Jasno-Delivery": "d1"}


@pytest.fixture
def server():
    """A web server that keeps what it gets and answers as told."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            new_server.calls.append((self.path, dict(self.headers), body))
            self.send_response(new_server.status)
            for name, value in new_server.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(new_server.body)))
            self.end_headers()
            self.wfile.write(new_server.body)

        def log_message(self, *_):
            pass

    new_server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    new_server.calls, new_server.status, new_server.body, new_server.headers = [], 200, b"ok", {}
    thread = threading.Thread(target=new_server.serve_forever, daemon=True)
    thread.start()
    yield new_server
    new_server.shutdown()
    new_server.server_close()


def network(server, address="192.0.2.7", **more):
    place = f"127.0.0.1:{server.server_port}"
    hosts = {"hooks.else.example": place, address: place}
    return Network(closed=True, hosts=hosts, **more)


def test_a_strangers_address_gets_the_body_as_signed(server):
    send = post(network(server, "8.8.4.4"))
    taken = send("http://8.8.4.4/status", b'{"a": 1}', HEADERS)
    assert (taken.is_accepted, taken.body) == (True, "ok")
    ((path, headers, body),) = server.calls
    assert (path, body) == ("/status", b'{"a": 1}')
    assert headers["Jasno-Delivery"] == "d1"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "http://127.0.0.1:{port}/x",
        "http://10.0.0.5/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/x",
        "http://[::ffff:127.0.0.1]/x",
        "http://localhost:{port}/x",
        "http://0x7f000001/x",
        "ftp://8.8.4.4/x",
        "http://8.8.4.4:25/x",
        "no address at all",
    ],
)
def test_our_own_network_is_never_called(server, url):
    taken = post(Network())(url.format(port=server.server_port), b"{}", HEADERS)
    assert not taken.is_accepted
    assert taken.trouble
    assert server.calls == []


def test_a_redirect_is_not_followed(server):
    server.status, server.headers = 302, {"Location": f"http://127.0.0.1:{server.server_port}/in"}
    taken = post(network(server, "8.8.4.4"))("http://8.8.4.4/x", b"{}", HEADERS)
    assert (taken.is_accepted, taken.reason) == (False, "HTTP 302")
    assert len(server.calls) == 1


def test_a_huge_answer_is_cut(server):
    server.body = b"x" * 200_000
    taken = post(network(server, "8.8.4.4"))("http://8.8.4.4/x", b"{}", HEADERS)
    assert not taken.is_accepted
    assert taken.trouble


def test_apprise_reaches_an_operators_own_service(server):
    channel = Apprise(f"json://127.0.0.1:{server.server_port}/hook")
    channel.ping()
    channel.send(OutgoingEmail("k", "oncall", "Incident: Disk", "Databases: Outage"))
    ((path, _, body),) = server.calls
    document = json.loads(body)
    assert path.startswith("/hook")
    assert (document["title"], document["message"]) == ("Incident: Disk", "Databases: Outage")
    server.status = 503
    with pytest.raises(ChannelError) as refused:
        channel.send(OutgoingEmail("k", "oncall", "Subject", "Text"))
    assert not refused.value.permanent


def test_an_address_that_apprise_does_not_know_is_refused_for_good():
    channel = Apprise("nonsense://x")
    for act in (channel.ping, lambda: channel.send(OutgoingEmail("k", "oncall", "S", "T"))):
        with pytest.raises(ChannelError) as refused:
            act()
        assert refused.value.permanent
