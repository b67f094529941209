"""HTTP steps whose server sends secrets, values and cookies back: nothing of them is kept."""

from __future__ import annotations

import json

import pytest

from status.model import Grade
from tests.observe_servers import answer
from tests.unit.test_status_http_steps import SESSION, TOKEN, hides, look, recorded_text, serving


async def test_a_token_that_comes_back_spelled_otherwise_leaves_no_tail():
    token = "AbCdEfGhIj/KlMnOpQrStUvWxYzSECRETREST"

    def php(method, path, headers, body):
        """As PHP writes JSON, and an address with small digits."""
        page = json.dumps({"token": token}).replace("/", "\\/")
        location = "/cb?x=" + token.replace("/", "%2f")
        return answer(page, status="302 Found" if path == "/next" else "200 OK", location=location)

    steps = [
        {"url": "/t", "save": {"token": "json token"}},
        {"url": "/next", "headers": {"X-T": "{token}"}, "lands_on": "/ok"},
    ]
    async with serving(php) as (net, _, _):
        result = await look(net, steps)
    assert result.observation.signal.reason == (
        "step 2 of 2: leads to another address, wanted '/ok'"
    )
    assert "SECRETREST" not in recorded_text(result)


@pytest.mark.parametrize(
    "lines",
    [
        [f"sid={SESSION}", "sid=new-new-new-new"],
        [f"sid={SESSION}", "sid=; Max-Age=0"],
        [f'sid="{SESSION}"', "sid=0"],
        [f"s[i]d={SESSION}; Path=/", "a=b"],  # what a jar refuses
        [f"sid={SESSION}\xe9; Domain=other.example", "a=b"],
        [*[f"c{i}=v" for i in range(20)], f"sid={SESSION}", "a=b"],
    ],
)
async def test_no_cookie_is_kept_that_was_ever_set(lines):
    def setting(method, path, headers, body):
        more = "".join(f"Set-Cookie: {line}\r\n" for line in lines[:-1]) if path == "/a" else ""
        page = answer(f"it was {SESSION}", status="200 OK", set_cookie=lines[-1])
        return page.replace(b"\r\n", f"\r\n{more}".encode("latin-1"), 1)

    async with serving(setting) as (net, _, _):
        result = await look(net, [{"url": "/a"}, {"url": "/b", "contains": "welcome"}])
    assert result.observation.signal.grade is Grade.DOWN
    hides(result, SESSION)


async def test_a_cookie_of_settings_is_not_kept():
    echo = lambda method, path, headers, body: answer(headers["cookie"], status="500 Oops")  # noqa: E731
    async with serving(echo) as (net, _, _):
        result = await look(net, [{"headers": {"Cookie": f"sid={SESSION}; a=b"}}])
    assert result.observation.signal.reason == "step 1 of 1: answered 500"
    hides(result, SESSION)


@pytest.mark.parametrize("last", [{}, {"status": [200]}, {"follow": True, "contains": "welcome"}])
async def test_nothing_is_kept_of_what_a_server_wrote_however_short(last):
    """A code of three digits, the end of a token, a cookie of one letter: no mask finds those."""

    def echo(method, path, headers, body):
        page = f"pin 739, token …{TOKEN[-9:]}"
        code = "302 Found" if path == "/" else "404 739"
        return answer(page, status=code, location="/739?t=739", x_pin="739", set_cookie="p=7")

    steps = [{"headers": {"X-Pin": "{pin}", "X-Token": TOKEN}, "save": {"p": "cookie p"}, **last}]
    async with serving(echo) as (net, server, _):
        result = await look(net, steps, secrets={"pin": "739"})
    assert server.requests[0][2]["x-pin"] == "739"
    (*_, hop) = json.loads(result.observation.fact)["hops"]
    texts = ("url", "reason", "excerpt", "detail", "headers", "handshake")
    assert [hop[name] for name in texts] == ["", "", "", "", [], None]
    assert (hop["status"], hop["body_bytes"]) == (404 if "follow" in last else 302, 27)
    assert result.observation.signal.grade is (Grade.DOWN if last else Grade.UP)
    fields = {k: v for k, v in hop.items() if k not in ("at", "phases", "port")}
    assert "739" not in repr(fields) + result.observation.signal.reason
    assert TOKEN[-9:] not in recorded_text(result)


@pytest.mark.parametrize(
    "sent",
    [
        {"headers": {"Authorization": f"Bearer {TOKEN}"}},
        {"headers": {"X-Api-Key": TOKEN}, "follow": True, "lands_on": "/home"},
        {"method": "POST", "body": f"token={TOKEN}", "contains": "welcome"},
        {"headers": {"X-Api-Key": TOKEN}, "header": {"X-Seen": "nobody"}},
    ],
)
async def test_one_request_with_a_secret_keeps_nothing_either(sent):
    def echo(method, path, headers, body):
        seen = headers.get("authorization") or headers.get("x-api-key") or body.decode()
        code = "302 Found" if path == "/" and "follow" in sent else f"403 {seen}"
        return answer(f"not for {seen}", status=code, location=f"/in?{seen}", x_seen=seen)

    async with serving(echo) as (net, server, _):
        result = await look(net, steps=[], secrets={}, **sent)
    assert TOKEN in repr(server.requests[0])
    assert result.observation.signal.grade is Grade.DOWN
    hides(result, TOKEN)
    assert json.loads(result.observation.fact)["hops"][0]["excerpt"] == ""


async def test_a_request_without_secrets_keeps_what_came_back():
    def page(method, path, headers, body):
        return answer("no such page", status="404 Not Here")

    async with serving(page) as (net, _, _):
        result = await look(net, steps=[], secrets={}, headers={"Accept-Language": "cs"})
    assert result.observation.signal.reason == "answered 404 Not Here"
    assert json.loads(result.observation.fact)["hops"][0]["excerpt"] == "no such page"
