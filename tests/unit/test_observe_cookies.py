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


MARK = "mark=v; Path=/"


@pytest.mark.parametrize(
    "end",
    [
        "mark=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "mark=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/",
        "mark=; expires=Thursday, 01-Jan-70 00:00:00 GMT",
        "mark=; Expires=Wed, 31 Dec 2025 23:59:59 UTC; Path=/; HttpOnly; SameSite=Lax",
        "mark=; Expires=Thu Jan  1 00:00:00 1970",
        "mark=; Expires=Mon Dec 10 16:32:30 2007 GMT",
        "mark=; Expires=Wed Dec 12 2007 08:44:07 GMT-0500 (EST)",
        "mark=; Expires=Thu, 31 Dec 23:55:55 2009 GMT",
        "mark=; Expires=Sat, 15-Apr-17 21:01:22",
        "mark=; Expires=Wednesday, 01-January-10 0:0:00 GMT",
        "mark=; Max-Age=-1",
        "mark=; Max-Age=00; Expires=Fri, 31 Dec 2027 23:59:59 GMT",
        "mark=; Partitioned; Expires=Thu, 1 Jan 1970 0:00:00 GMT",
    ],
)
def test_a_cookie_whose_end_has_come_is_taken_back(end):
    jar = {}
    store_cookies(jar, HOST, setting(MARK))
    assert cookies_for(jar, HOST, is_secure=True) == {"mark": "v"}
    store_cookies(jar, HOST, setting(end))
    assert cookies_for(jar, HOST, is_secure=True) == {}


@pytest.mark.parametrize(
    "attributes",
    [
        "Expires=Fri, 02 Jan 2026 00:00:00 GMT",
        "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=3600",  # max-age goes before
        "Expires=0",  # no date: a cookie of the session
        "Expires=; Max-Age=",
        "Max-Age=soon",
        "Expires=Thu, 99 Jan 1970 00:00:00 GMT",
        "Expires=Thu, 01 Jan 70",
        "Expires=Thu, 01 Jan 99999999999999999999 00:00:00 GMT",
    ],
)
def test_a_cookie_without_a_past_end_stays(attributes):
    jar = {}
    store_cookies(jar, HOST, setting(f"mark=v; {attributes}"))
    assert cookies_for(jar, HOST, is_secure=True) == {"mark": "v"}


def test_what_was_set_for_a_domain_is_taken_back_for_it():
    jar = {}
    store_cookies(jar, HOST, setting("mark=v; Domain=shop.example"))
    assert cookies_for(jar, "www.shop.example", is_secure=True) == {"mark": "v"}
    store_cookies(jar, "www.shop.example", setting("mark=; Domain=.shop.example; Max-Age=0"))
    assert jar == {}


def test_a_cookie_for_somebody_else_is_not_kept():
    jar = {}
    store_cookies(jar, HOST, setting("a=1; Domain=bank.example", "b=1; Domain=www.shop.example"))
    store_cookies(jar, HOST, setting("c=1; Domain=example", "=1", "d"))
    assert jar == {}


@pytest.mark.parametrize(
    ("host", "domain", "taken"),
    [
        ("shop.co.uk", "co.uk", False),  # an ending of many, and none of theirs
        ("shop.github.io", "github.io", False),
        ("www.shop.co.uk", "shop.co.uk", True),
        ("a.b.shop.example", "b.shop.example", True),
    ],
)
def test_a_cookie_for_an_ending_that_many_share_is_not_kept(host, domain, taken):
    jar = {}
    store_cookies(jar, host, setting(f"a=1; Domain={domain}"))
    assert list(jar) == ([(f".{domain}", "a")] if taken else [])


def test_one_line_sets_one_cookie_whatever_its_name():
    jar = {}
    store_cookies(jar, HOST, setting("wp:seen[1]=a=b; other=2", 'quoted="x y"'))
    assert cookies_for(jar, HOST, is_secure=True) == {"wp:seen[1]": "a=b", "quoted": '"x y"'}
