"""HTTP steps whose server sends secrets, values and cookies back: nothing of them is kept."""

from __future__ import annotations

import json
import time

import pytest

from status.model import Grade
from tests.observe_servers import answer
from tests.unit.test_status_http_steps import SESSION, hides, look, serving, shown


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
    assert result.observation.signal.reason == ("step 2 of 2: leads to /cb?x={token}, wanted '/ok'")
    assert "SECRETREST" not in shown(result)


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
    assert "sid={cookie sid}; a=b" in result.observation.fact
    hides(result, SESSION)


async def test_a_long_page_of_one_letter_does_not_keep_the_engine_busy():
    page = b"a" * 300_000
    steps = [{"save": {"a_name_of_thirty_letters_or_so": "header x-token"}}, {"lacks": "a"}]
    async with serving(lambda *_: answer(page, x_token="aaaa")) as (net, _, _):
        start = time.thread_time()
        result = await look(net, steps)
    assert result.observation.signal.grade is Grade.DOWN
    assert time.thread_time() - start < 3  # it took 15
