"""Cases: how redirects are made, and by whom."""

from __future__ import annotations

from dataclasses import replace

from tests.checks_fixtures import Expected, Scene
from tests.checks_parts import hop

HOME, PLAIN = "https://cafe.example/", "http://cafe.example/"
RAY = (("cf-ray", "8f0c1d2e3a4b5c6d-PRG"),)


def flexible(**more: object):
    """https sends to itself, as a CDN's “Flexible” mode makes it."""

    def walk(url: str):
        safe = url.replace("http:", "https:")
        first = (hop(url, 301, to=safe, **more),) if url != safe else ()
        return (*first, hop(safe, 301, to=safe, **more))

    return lambda s: s.every_walk(walk, "loop")


def stays_plain(scene: Scene) -> None:
    scene.walks[PLAIN] = (hop(PLAIN),)


def stays_plain_beside_a_bad_certificate(scene: Scene) -> None:
    bad = replace(scene._sound_shake("cafe.example"), verified=False)
    scene.walks[PLAIN] = (hop(PLAIN),)
    scene.walks[HOME] = (replace(hop(HOME), handshake=bad),)


def refreshes(content: str, beside: str = "", **more: object):
    body = f'<meta http-equiv="refresh" content="{content}">{beside}'
    return lambda s: s.every_walk(lambda url: (hop(url, body=body, **more),))


def refreshed(header: str):
    return lambda s: s.every_walk(lambda url: (hop(url, headers=(("refresh", header),)),))


def for_now(status: int, to: str = HOME, **more: object):
    def change(scene: Scene) -> None:
        scene.walks[PLAIN] = (hop(PLAIN, status, to=to, **more), hop(to))

    return change


META, NOW = "web.redirect.meta_refresh", "web.redirect.temporary"
AGAIN = "web.redirect.reloads"
CASES = (
    Expected("a CDN's flexible circle", flexible(headers=RAY), ("web.redirect.cdn_flexible",),
             ("web.redirect.loop",), None),
    Expected("the same circle without a CDN", flexible(), ("web.redirect.loop",), (), None),
    Expected("plain stays plain", stays_plain, ("web.redirect.no_https",)),
    Expected("plain stays plain, for https is not trusted", stays_plain_beside_a_bad_certificate),
    Expected("a page sends on at once", refreshes("0; url=https://cafe.example/shop/"), (META,)),
    Expected("a page sends on, loosely written", refreshes("3;URL='/shop/'"), (META,)),
    Expected("a header sends on at once", refreshed("0; url=https://cafe.example/shop/"), (META,)),
    Expected("a header sends on, in quotation marks", refreshed("1;url='/shop/'"), (META,)),
    Expected("a header sends on after a minute", refreshed("60;url=/shop/")),
    Expected("a header loads the page again at once", refreshed("1"), (AGAIN,)),
    Expected("a page sends on after a minute", refreshes("60; url=/shop/")),
    Expected("a page reloads without a target", refreshes("5")),
    Expected("a page leads to itself at once", refreshes("0; url=/"), (AGAIN,)),
    Expected("a page loads itself again at once", refreshes("1"), (AGAIN,)),
    Expected("a page loads itself again after two seconds", refreshes("2; url=/")),
    Expected("a page sets a cookie and loads itself again",
             refreshes("0; url=/", headers=(("set-cookie", "seen=1"),))),
    Expected("a page loads itself again where scripts are off",
             refreshes("0", "<script>start()</script>")),
    Expected("302 to https, by a program", for_now(302, headers=(("x-redirect-by", "WordPress"),)),
             (NOW,)),
    Expected("307 to https, by a web server", for_now(307, headers=(("server", "nginx"),)), (NOW,)),
    Expected("308 to https", for_now(308)),
    Expected("302 to a language, which may change", for_now(302, "https://cafe.example/cs/")),
)  # fmt: skip
