"""The way of a redirect as readers see it: each stop, its answer, and who sent the visitor on."""

from __future__ import annotations

from hosting.model import Redirect
from tests.checks_fixtures import Scene
from tests.checks_parts import hop
from wizard.reports.redirect_walks import redirect_walks

CAFE, SHOP = "https://cafe.example/", "https://shop.example/"


def led(*hops, outcome="arrived", redirects=()):
    scene = Scene(redirects=redirects)
    scene.every_walk(lambda url: (hop(url, 200),), plain=True)
    scene.walks[CAFE] = hops
    scene.outcomes[CAFE] = outcome
    return redirect_walks(scene.evidence())


def senders(walk):
    return [stop.sender.format(name=stop.name) for stop in walk.stops]


def test_each_stop_names_who_sent_the_visitor_on() -> None:
    (walk,) = led(
        hop(CAFE, 301, to=CAFE + "a", headers=(("server", "nginx/1.22"),)),
        hop(CAFE + "a", 302, to=CAFE + "b", headers=(("x-redirect-by", "WordPress"),)),
        hop(CAFE + "b", 301, to=SHOP, headers=(("cf-ray", "1"), ("server", "cloudflare"))),
        hop(SHOP),
    )
    assert [s.answer for s in walk.stops] == ["301", "302", "301", "200"]
    assert "web server (nginx" in senders(walk)[0]
    assert "own program (WordPress)" in senders(walk)[1]
    assert "CDN (Cloudflare)" in senders(walk)[2]
    assert senders(walk)[3] == ""


def test_a_redirect_that_the_panel_made_is_named_so() -> None:
    rule = Redirect("cafe.example", SHOP)
    (walk,) = led(hop(CAFE, 301, to=SHOP), hop(SHOP), redirects=(rule,))
    assert "hosting panel" in senders(walk)[0]
    (other,) = led(hop(CAFE, 301, to=SHOP + "x"), hop(SHOP + "x"), redirects=(rule,))
    assert "hosting panel" not in senders(other)[0]


def test_a_circle_says_so_and_plain_pages_are_no_walks() -> None:
    (walk,) = led(hop(CAFE, 301, to=CAFE + "a"), hop(CAFE + "a", 301, to=CAFE), outcome="loop")
    assert walk.end == "It goes round in a circle."
    assert led(hop(CAFE)) == ()
