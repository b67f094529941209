"""Cases: what the customer answered beside what was seen."""

from __future__ import annotations

from itertools import pairwise

from standards.dns_types import Trouble
from tests.checks_fixtures import NS1, NS2, Expected, Scene
from tests.checks_parts import OTHER, OURS, hop

DOMAIN = "cafe.example"


def with_answers(**answers: str):
    return lambda s: s.answers.update(answers)


def cached_with_answers(**answers: str):
    def change(scene: Scene) -> None:
        scene.remembered[(DOMAIN, "A")] = (OTHER,)
        scene.answers.update(answers)

    return change


def silent(scene: Scene) -> None:
    scene.answers["value"] = OURS
    for server in (NS1, NS2):
        scene.soa[server] = {"trouble": Trouble.TIMEOUT}


def walk(*stops: str, wanted: str):
    def change(scene: Scene) -> None:
        def hops(url: str):
            path = (url, *stops)
            return (*(hop(a, 301, to=b) for a, b in pairwise(path)), hop(path[-1]))

        scene.every_walk(hops)
        scene.answers["wanted"] = wanted

    return change


CASES = (
    Expected("changed to what is nowhere", with_answers(value=f"A {OTHER}", changed_at="days"),
             ("dns.change.not_published",)),
    Expected("changed a moment ago", with_answers(value=OTHER, changed_at="hour"),
             ("dns.change.too_soon",)),
    Expected("new name servers that the parent lacks", with_answers(value="ns1.new-host.example"),
             ("dns.change.not_published",)),
    Expected("published, and still remembered", cached_with_answers(value=OURS, changed_at="day"),
             ("dns.change.remembered",), ("dns.cache.old_record",)),
    Expected("published and seen by all", with_answers(value=f"{OURS}.", changed_at="days"),
             ("dns.change.published",)),
    Expected("the name servers are as wanted", with_answers(value=f"{NS1}, {NS2}"),
             ("dns.change.published",)),
    Expected("a remark instead of a value", with_answers(value="the new one", changed_at="long"),
             unknown=("dns.change.unknown",)),
    Expected("changed lately, without a value", with_answers(changed_at="hour"),
             ("dns.change.may_be_remembered",)),
    Expected("changed long ago, without a value", with_answers(changed_at="long"),
             unknown=("dns.change.unknown",)),
    Expected("nobody answers, so nothing is said of the change", silent,
             ("dns.ns.none_working",), ("dns.ns.no_response",), None),
    Expected("arrives elsewhere than wanted",
             walk("https://tower.example/", wanted="https://orchard.example/"),
             ("web.redirect.observed_not_set", "web.wanted.elsewhere"),
             ("web.redirect.foreign_host",)),
    Expected("stays although it should go", with_answers(wanted="orchard.example"),
             ("web.wanted.elsewhere",)),
    Expected("should be at www, and stays without", with_answers(wanted="www.cafe.example"),
             ("web.wanted.elsewhere",)),
    Expected("arrives as wanted", with_answers(wanted="cafe.example"), ("web.wanted.right",)),
    Expected("arrives at its twin as wanted",
             walk("https://www.cafe.example/", wanted="https://cafe.example/"),
             ("web.wanted.right",)),
    Expected("a wish that names no address", with_answers(wanted="as before"), unknown=("web.wanted.unknown",)),
)  # fmt: skip
