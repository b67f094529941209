"""What redirects carry: nothing that was configured leaves the first origin."""

import pytest

from clock import SystemClock
from observe.budget import Budget
from observe.http.http_client import follow_redirects
from tests.observe_servers import answer, http, issue, net, redirect, server_context, tcp


def budget():
    return Budget(SystemClock())


async def walk(pages, path="/", **kwargs):
    async with tcp(http(pages)) as port:
        chain = await follow_redirects(net(), budget(), f"http://127.0.0.1:{port}{path}", **kwargs)
        return chain, port


SECRETS = (("Authorization", "Bearer s3"), ("X-Api-Key", "s3"), ("COOKIE", "sid=s3; b=s3"))
HEADERS = (("User-Agent", "probe"), ("Accept-Language", "cs"), ("Host", "shop.example"), *SECRETS)


def witness(routes):
    """Pages by path, and what was sent to each, in order."""
    seen = []

    def pages(path, headers):
        seen.append((path, headers))
        return routes.get(path, answer("end"))

    return pages, seen


async def test_within_an_origin_a_redirect_keeps_what_was_configured():
    pages, seen = witness({"/": redirect("/a"), "/a": redirect("b")})
    chain, _ = await walk(pages, headers=HEADERS)
    assert chain.outcome == "arrived"
    for _, headers in seen:
        assert (headers["authorization"], headers["x-api-key"]) == ("Bearer s3", "s3")
        assert (headers["cookie"], headers["host"]) == ("sid=s3; b=s3", "shop.example")


async def test_another_port_hears_no_secret_and_the_way_back_neither():
    routes, back = {}, {}
    home, away = witness(routes), witness(back)
    async with tcp(http(home[0])) as first, tcp(http(away[0])) as second:
        routes["/"] = redirect(f"http://127.0.0.1:{second}/x")
        back["/x"] = redirect(f"http://127.0.0.1:{first}/end")
        start = f"http://127.0.0.1:{first}/"
        chain = await follow_redirects(net(), budget(), start, headers=HEADERS)
    assert [h.status for h in chain.hops] == [302, 302, 200]
    requests = [headers for _, headers in (*away[1], *home[1][1:])]
    assert len(requests) == 2
    for headers in requests:
        assert "s3" not in str(headers)
        assert "shop.example" not in str(headers)
        assert (headers["user-agent"], headers["accept-language"]) == ("probe", "cs")


@pytest.mark.parametrize(
    ("start", "location"),
    [
        ("http://31.0.0.1/", "http://31.0.0.2/x"),
        ("http://31.0.0.1/", "https://31.0.0.1/x"),
        ("https://31.0.0.1/", "http://31.0.0.1/x"),
        ("https://31.0.0.1/", "//31.0.0.2/x"),
    ],
)
async def test_another_host_or_scheme_hears_no_secret(start, location, tmp_path):
    pages, seen = witness({"/": redirect(location)})
    own = issue("shop", start=SystemClock().now(), names=["shop.example"])
    context = server_context(tmp_path, own)
    async with tcp(http(pages)) as plain, tcp(http(pages), tls=context) as secure:
        hosts = {f"31.0.0.{n}:80": f"127.0.0.1:{plain}" for n in (1, 2)}
        hosts |= {f"31.0.0.{n}:443": f"127.0.0.1:{secure}" for n in (1, 2)}
        await follow_redirects(net(hosts=hosts), budget(), start, headers=SECRETS)
    (_, first), (_, second) = seen
    assert "s3" in str(first)
    assert "s3" not in str(second)


async def test_a_configured_cookie_stays_beside_those_that_servers_set():
    pages, seen = witness({"/": redirect("/a", set_cookie="b=new; Path=/")})
    await walk(pages, headers=SECRETS)
    assert [headers["cookie"] for _, headers in seen] == ["sid=s3; b=s3", "sid=s3; b=new"]


async def test_a_cookie_for_https_alone_is_not_sent_in_the_clear():
    pages, seen = witness({"/": redirect("/a", set_cookie="b=new; Secure")})
    await walk(pages)
    assert "cookie" not in seen[1][1]
