"""The jar of one walk: a full one takes no more names, and still follows what servers say of those it has."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from facts import Exchange
from observe.http.cookies import MAX_COOKIES, cookies_for, store_cookies

HOST = "shop.example"


def setting(*lines):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Exchange(f"https://{HOST}/", at, headers=tuple(("set-cookie", line) for line in lines))


def full_jar():
    jar = {}
    store_cookies(jar, HOST, setting("sid=anonymous", *[f"c{i}=v{i}" for i in range(MAX_COOKIES)]))
    assert len(jar) == MAX_COOKIES
    return jar


@pytest.mark.parametrize(
    ("lines", "sid", "count"),
    [
        (["sid=signed-in; Path=/; HttpOnly"], "signed-in", MAX_COOKIES),
        (["sid=; Max-Age=0"], None, MAX_COOKIES - 1),
        (["c0=; Max-Age=0", "sid=signed-in"], "signed-in", MAX_COOKIES - 1),
        (["another=x", "sid=signed-in"], "signed-in", MAX_COOKIES),
    ],
)
def test_a_full_jar_replaces_and_ends_what_it_has(lines, sid, count):
    jar = full_jar()
    store_cookies(jar, HOST, setting(*lines))
    sent = cookies_for(jar, HOST, is_secure=True)
    assert (sent.get("sid"), len(sent)) == (sid, count)
    assert "another" not in sent


def test_a_full_jar_has_place_again_for_what_came_after_an_end():
    jar = full_jar()
    store_cookies(jar, HOST, setting("c0=; Max-Age=0", "another=x"))
    assert cookies_for(jar, HOST, is_secure=True)["another"] == "x"
    assert len(jar) == MAX_COOKIES
