"""HTTP probes of several steps over real sockets: a sign-in carried on, and servers that mean harm."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from observe.network import Network
from status.model import Grade
from status.monitoring.metrics import MetricsExposition
from status.probing.evidence import describe_observation
from status.probing.kinds import check
from status.probing.observe import run_probe
from tests.observe_servers import answer, tcp
from tests.status_fixtures import probe

SHOP, OTHER = "192.0.9.4", "192.0.9.5"
PASSWORD = "correct+horse/battery=staple"
TOKEN = "eyJhbGciOiJub25lIn0.c2VjcmV0LXRva2Vu"
SESSION = "s3ss10n-0123456789"
SECRETS = {"password": PASSWORD}
LOGIN = {
    "name": "sign in",
    "url": "/login",
    "form": {"user": "probe", "password": "{password}", "csrf": "{csrf}"},
    "status": [302],
    "save": {"session": "cookie sid"},
}
STEPS = [
    {"url": "/login", "save": {"csrf": 'regex name="csrf" value="([^"]+)"'}},
    LOGIN,
    {"url": "/api/token", "json_body": {"for": ["{csrf}"]}, "save": {"token": "json data.token"}},
    {
        "name": "orders",
        "url": "/api/orders?of={csrf}",
        "headers": {"Authorization": "Bearer {token}"},
        "json": ["len(orders) == 1"],
        "contains": "{csrf}",
    },
]
CSRF = "a&b=c/č?"


class Server:
    """Records what it is asked; `pages(method, path, headers, body)` answers."""

    def __init__(self, pages):
        self.pages = pages
        self.requests = []

    async def talk(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append((method, path, headers, body))
        reply = self.pages(method, path, headers, body)
        writer.write(await reply if asyncio.iscoroutine(reply) else reply)
        await writer.drain()
        writer.write_eof()
        await asyncio.sleep(0.02)


def shop(method, path, headers, body):
    """A shop in which a customer signs in and asks for orders."""
    if path == "/login" and method == "GET":
        return answer(f'<input name="csrf" value="{CSRF}">', set_cookie="pre=1; Path=/")
    form = parse_qs(body.decode())
    if path == "/login" and form.get("password") == [PASSWORD] and form["csrf"] == [CSRF]:
        return answer(status="302 Found", location="/home", set_cookie=f"sid={SESSION}; Path=/")
    if f"sid={SESSION}" not in headers.get("cookie", ""):
        return answer("who are you?", status="403 Forbidden")
    if path == "/api/token" and json.loads(body) == {"for": [CSRF]}:
        return answer(json.dumps({"data": {"token": TOKEN}}))
    if path.startswith("/api/orders?of=a%26b%3Dc%2F%C4%8D%3F"):
        assert headers["authorization"] == f"Bearer {TOKEN}"
        return answer(json.dumps({"orders": [1], "csrf": CSRF}, ensure_ascii=False))
    return answer("nothing", status="404 Not Found")


@asynccontextmanager
async def serving(pages=shop, other=shop):
    first, second = Server(pages), Server(other)
    async with tcp(first.talk) as port, tcp(second.talk) as other_port:
        hosts = {f"{SHOP}:80": f"127.0.0.1:{port}", f"{OTHER}:80": f"127.0.0.1:{other_port}"}
        yield Network(closed=True, hosts=hosts), first, second


async def look(net, steps=STEPS, seconds=5.0, **settings):
    settings = {"steps": steps, "secrets": SECRETS, **settings}
    check("http", settings)
    walked = probe(
        "shop", target=f"http://{SHOP}/", timeout=timedelta(seconds=seconds), settings=settings
    )
    return await run_probe(net, walked, net.clock.now(), keep_fact=True)


def recorded_text(result):
    """Everything that is stored or told of a look, as one text."""
    observation = result.observation
    return "\n".join((observation.signal.reason, observation.fact, repr(result.metrics)))


def hides(result, *values):
    text = recorded_text(result)
    for value in values:
        assert value not in text
        assert base64.b64encode(value.encode()).decode().rstrip("=") not in text


async def test_a_sign_in_is_carried_from_step_to_step():
    async with serving() as (net, server, other):
        result = await look(net)
    observation = result.observation
    assert (observation.signal.grade, len(server.requests)) == (Grade.UP, 4)
    assert observation.signal.reason.startswith("4 steps in 0.")
    assert observation.signal.reason.count(" + ") == 3
    assert not other.requests
    fact = json.loads(observation.fact)
    assert [s["sent"] for s in fact["steps"]] == [
        "GET /login",
        "POST /login",
        "POST /api/token",
        "GET /api/orders?of={csrf}",
    ]
    assert [s["saved"] for s in fact["steps"]] == [["csrf"], ["session"], ["token"], []]
    hides(result, PASSWORD, TOKEN, SESSION, CSRF)
    rows = dict(describe_observation(observation).rows)
    assert len(rows["How long"]) == 4
    assert rows["How long"][1].startswith("step 2 of 4 (sign in): ")
    took = [m for m in result.metrics if m.name == "probe_http_step_duration_seconds"]
    assert [dict(m.labels)["step"] for m in took] == ["1", "2", "3", "4"]
    assert observation.elapsed.total_seconds() == pytest.approx(
        sum(m.value for m in took), abs=1e-4
    )
    assert result.took >= observation.elapsed
    exposition = MetricsExposition({"shop": probe("shop")})
    exposition.record_result(result)


async def test_a_step_that_fails_ends_the_walk_and_is_named():
    wrong = {"password": "not the right one"}
    async with serving() as (net, server, _):
        result = await look(net, secrets=wrong)
    signal = result.observation.signal
    assert signal.grade is Grade.DOWN
    assert signal.reason == "step 2 of 4 (sign in): answered 403, wanted 302"
    assert len(server.requests) == 2
    hides(result, wrong["password"])
    assert result.observation.fact.startswith('{"sent":"POST /login",')
    rows = dict(describe_observation(result.observation).rows)
    assert rows["Sent"] == ("step 1 of 4: GET /login", "step 2 of 4 (sign in): POST /login")
    assert rows["Came back"] == ("403",)


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ({"contains": "welcome {csrf}"}, "the page does not contain 'welcome {csrf}'"),
        ({"json": ["len(orders) == 2"]}, "JSON: len(orders) == 2 does not hold"),
        ({"json": ['csrf == "x"']}, 'JSON: csrf == "x" does not hold'),
        ({"header": {"x-more": "a"}}, "the header x-more is absent, wanted 'a'"),
        ({"header": {"content-length": "a"}}, "the header content-length is another, wanted 'a'"),
        (
            {"save": {"more": "json orders"}},
            "save more: json orders: the value is neither text nor number",
        ),
        ({"save": {"more": "json nothing"}}, "save more: json nothing: there is no such value"),
        ({"save": {"more": "header X-More"}}, "save more: header X-More: there is no such value"),
        ({"save": {"more": "cookie more"}}, "save more: cookie more: there is no such value"),
        ({"save": {"more": "regex (x+)y"}}, "save more: regex (x+)y: there is no such value"),
    ],
)
async def test_what_was_wanted_and_seen_is_told_without_the_values(last, reason):
    steps = [*STEPS[:3], {**STEPS[3], "contains": "", **last}]
    async with serving() as (net, _, _):
        result = await look(net, steps)
    assert result.observation.signal.grade is Grade.DOWN
    assert result.observation.signal.reason.startswith("step 4 of 4 (orders): ")
    assert result.observation.signal.reason.endswith(reason)
    hides(result, PASSWORD, TOKEN, SESSION, CSRF)


# ------------------------------------------------------------------ servers that mean harm
async def test_what_a_server_sends_back_of_a_secret_is_not_kept():
    def echo(method, path, headers, body):
        """Sends back whatever it was sent, in every spelling, and refuses."""
        page = body.decode() + repr(headers) + PASSWORD + json.dumps(PASSWORD)
        reflected = {"location": f"/?p={PASSWORD}", "x_echo": headers.get("authorization", "")}
        return answer(page, status=f"500 {PASSWORD}", set_cookie=f"id={SESSION}", **reflected)

    steps = [
        {"form": {"p": "{password}"}, "headers": {"Authorization": "Bearer {password}"},
         "status": [200]},
    ]  # fmt: skip
    records = []
    handler = logging.Handler()
    handler.emit = records.append
    logging.getLogger().addHandler(handler)
    try:
        async with serving(echo) as (net, _, _):
            result = await look(net, steps)
    finally:
        logging.getLogger().removeHandler(handler)
    assert result.observation.signal.reason == "step 1 of 1: answered 500, wanted 200"
    hides(result, PASSWORD, SESSION, "correct%2Bhorse", "correct+horse")
    assert PASSWORD not in "".join(str(record.__dict__) for record in records)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("x" * 16_385, "the value is longer than 16384 characters"),
        ("x\r\nX-Injected: 1", "the value holds control characters"),
        ("x\n", "the value holds control characters"),
        ("\x00", "the value holds control characters"),
    ],
)
async def test_a_hostile_value_is_not_carried_on(value, reason):
    def hostile(method, path, headers, body):
        return answer(json.dumps({"token": value}))

    steps = [
        {"save": {"token": "json token"}},
        {"url": "/next", "headers": {"X-Token": "{token}"}},
    ]
    async with serving(hostile) as (net, server, _):
        result = await look(net, steps)
    signal = result.observation.signal
    assert (signal.grade, len(server.requests)) == (Grade.DOWN, 1)
    assert signal.reason == f"step 1 of 2: save token: json token: {reason}"


async def test_a_value_that_no_header_can_hold_is_told():
    def odd(method, path, headers, body):
        return answer(json.dumps({"token": "žluť"}))

    steps = [{"save": {"token": "json token"}}, {"headers": {"X-Token": "a {token}"}}]
    async with serving(odd) as (net, server, _):
        result = await look(net, steps)
    assert len(server.requests) == 1
    assert result.observation.signal.reason == (
        "step 2 of 2: {token} holds characters that no header can hold"
    )


@pytest.mark.parametrize("status", ["302 Found", "307 Temporary Redirect"])
async def test_a_redirect_to_another_host_takes_no_secret_along(status):
    def away(method, path, headers, body):
        if path == "/login":
            return answer("", set_cookie=f"sid={SESSION}")
        return answer(status=status, location=f"http://{OTHER}/steal")

    steps = [
        {"url": "/login", "save": {"session": "cookie sid"}},
        {"url": "/api", "headers": {"Authorization": "Bearer {password}", "X-Key": "{session}"},
         "follow": True},
    ]  # fmt: skip
    async with serving(away, lambda *_: answer("thanks")) as (net, server, other):
        result = await look(net, steps)
    assert result.observation.signal.grade is Grade.UP
    assert server.requests[1][2]["authorization"] == f"Bearer {PASSWORD}"
    ((_, path, headers, body),) = other.requests
    assert path == "/steal"
    assert not {"authorization", "x-key", "cookie"} & set(headers)
    assert PASSWORD not in repr(headers) + repr(body)


@pytest.mark.parametrize(("status", "arrives"), [("303 See Other", True), ("308 Moved", False)])
async def test_what_was_posted_is_not_posted_to_another_host(status, arrives):
    def away(method, path, headers, body):
        return answer(status=status, location=f"http://{OTHER}/steal")

    steps = [{"form": {"password": "{password}"}, "follow": True}]
    async with serving(away, lambda *_: answer("thanks")) as (net, _, other):
        result = await look(net, steps)
    assert [(r[0], r[3]) for r in other.requests] == ([("GET", b"")] if arrives else [])
    if not arrives:
        assert result.observation.signal.reason == (
            "step 1 of 1: redirects what was sent to another host"
        )


async def test_the_name_of_a_field_may_be_a_value():
    pages = lambda *_: answer(json.dumps({"field": "csrf_é7", "token": TOKEN}))  # noqa: E731
    steps = [
        {"save": {"field": "json field", "token": "json token"}},
        {"form": {"{field}": "{token}", "{{field}}": "a"}},
    ]
    async with serving(pages) as (net, server, _):
        result = await look(net, steps)
    assert result.observation.signal.grade is Grade.UP
    assert server.requests[1][3] == f"csrf_%C3%A97={TOKEN}&%7Bfield%7D=a".encode()


@pytest.mark.parametrize(
    ("method", "length"),
    [("POST", "0"), ("PUT", "0"), ("PATCH", "0"), ("GET", None), ("DELETE", None), ("HEAD", None)],
)
async def test_what_is_posted_without_a_body_tells_its_length(method, length):
    async with serving(lambda *_: answer("")) as (net, server, _):
        await look(net, [{"method": method}])
    assert server.requests[0][0] == method
    assert server.requests[0][2].get("content-length") == length


async def test_headers_of_all_steps_stay_with_the_targets_own_host():
    steps = [{}, {"url": f"http://{OTHER}/"}]
    pages = (lambda *_: answer("a"), lambda *_: answer("b"))
    async with serving(*pages) as (net, server, other):
        result = await look(net, steps, headers={"X-Key": "{password}"})
    assert result.observation.signal.grade is Grade.UP
    assert server.requests[0][2]["x-key"] == PASSWORD
    assert "x-key" not in other.requests[0][2]


async def test_each_step_asks_the_guard():
    steps = [{}, {"name": "inside", "url": "http://10.0.0.1/"}]
    async with serving(lambda *_: answer("a")) as (net, _, _):
        result = await look(net, steps)
    signal = result.observation.signal
    assert (signal.grade, result.observation.reliable) == (Grade.UNKNOWN, False)
    assert signal.reason.startswith("blocked")
    assert "step 2 of 2 (inside)" in signal.reason


async def test_one_time_limit_bounds_all_steps():
    async def slow(method, path, headers, body):
        await asyncio.sleep(0.3)
        return answer("a")

    async with serving(slow) as (net, server, _):
        result = await look(net, [{}] * 5, seconds=0.7)
    signal = result.observation.signal
    assert signal.grade is Grade.DOWN
    assert signal.reason in {
        "step 3 of 5: no answer in time",
        "step 3 of 5: no time was left of 0.7 s",
    }
    assert result.took < timedelta(seconds=2)
    assert len(server.requests) <= 3


async def test_all_steps_together_may_be_too_slow():
    async def slow(method, path, headers, body):
        await asyncio.sleep(0.1)
        return answer("a")

    async with serving(slow) as (net, _, _):
        result = await look(net, [{}] * 3, slow_after=0.2)
        fast = await look(net, [{}], slow_after=0.2)
    assert result.observation.signal.grade is Grade.DEGRADED
    assert "all steps together took 0.3" in result.observation.signal.reason
    assert fast.observation.signal.grade is Grade.UP


async def test_a_page_that_is_larger_than_what_is_read_cannot_fill_the_memory():
    huge = b'{"token": "' + b"x" * 3_000_000 + b'"}'
    async with serving(lambda *_: answer(huge)) as (net, _, _):
        result = await look(net, [{"save": {"token": "json token"}}])
    assert "longer than 2 MB" in result.observation.signal.reason
    assert len(result.observation.fact) < 9000


async def test_many_steps_may_read_long_pages():
    page = b"x" * 1_990_000
    async with serving(lambda *_: answer(page)) as (net, _, _):
        result = await look(net, [{"url": f"/{number}"} for number in range(12)], seconds=30.0)
    assert result.observation.signal.grade is Grade.UP
