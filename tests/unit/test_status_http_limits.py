"""Where an HTTP probe meets a limit of ours: we have not seen, and say which limit it was."""

from __future__ import annotations

import zlib

import dns.message
import dns.rrset
import pytest

from observe.network import Network
from status.model import Grade, Signal
from tests.observe_servers import Dns, answer, serve_dns
from tests.unit.test_status_http_steps import SHOP, look, serving


@pytest.mark.parametrize("end", ["/2", "/3"])  # the limit is met in its page, or before its head
async def test_a_limit_of_our_own_is_no_outage(end):
    nothing = zlib.compress(b"")[:2] + b"\0\0\0\xff\xff" * 1_700_000  # empty blocks

    def circling(method, path, headers, body):
        further = f"/{int(path.strip('/') or 0) + 1}"
        status = "200 OK" if path == end else "302 Found"
        return answer(nothing, status, location=further, content_encoding="deflate")

    async with serving(circling) as (net, server, _):
        result = await look(net, [{"name": "a", "follow": True}], seconds=30.0)
    signal = result.observation.signal
    assert server.requests[-1][1] == end
    assert (signal.grade, result.observation.reliable) == (Grade.UNKNOWN, False)
    assert signal.reason == ("our own limit: more was sent than one look reads, step 1 of 1 (a)")


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (
            [{"name": "a", "follow": True, "max_redirects": 50}],
            "our own limit: it takes more connections than one look makes, step 1 of 1 (a)",
        ),
        (
            [{}, {"follow": True, "max_redirects": 50}],
            "our own limit: it takes more connections than one look makes, step 2 of 2",
        ),
    ],
)
async def test_redirects_beyond_our_own_connections_are_no_outage(steps, reason):
    def further(method, path, headers, body):
        return answer(status="302 Found", location=f"/{int(path.strip('/') or 0) + 1}")

    async with serving(further) as (net, server, _):
        result = await look(net, steps, seconds=30.0)
    signal = result.observation.signal
    assert (signal.grade, signal.reason) == (Grade.UNKNOWN, reason)
    assert len(server.requests) == 10 * len(steps)
    assert not result.observation.reliable


async def test_redirects_beyond_our_own_lookups_are_no_outage():
    def further(method, path, headers, body):
        number = int(path.strip("/") or 0) + 1
        return answer(status="302 Found", location=f"http://n{number}.example/{number}")

    def alias(query, transport):
        """Whatever is asked for is another name."""
        name = query.question[0].name
        message = dns.message.make_response(query)
        is_last = len(name.labels) >= 9
        kind, value = ("A", "192.0.9.9") if is_last else ("CNAME", f"x.{name.to_text().lower()}")
        message.answer.append(dns.rrset.from_text(name, 60, "IN", kind, value))
        return message.to_wire()

    async with serving(further) as (net, _, _), serve_dns(Dns(respond=alias)) as resolver:
        hosts = {**net.hosts, "192.0.9.9:80": net.hosts[f"{SHOP}:80"]}
        named = Network(closed=True, resolvers=(resolver.address,), hosts=hosts)
        steps = [{"name": "a", "follow": True, "max_redirects": 50}]
        result = await look(named, steps, seconds=30.0)
    assert result.observation.signal == Signal(
        Grade.UNKNOWN, "our own limit: it takes more look-ups than one look makes, step 1 of 1 (a)"
    )
    assert not result.observation.reliable
