"""Redirect walks for the report: each stop, its answer, and who sent it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from diagnostics.checks.readings import normalise_name
from diagnostics.checks.web.redirects import url_host, url_path
from diagnostics.evidence.keys import HOSTING
from diagnostics.evidence.web import WEB
from diagnostics.model import Evidence
from explain.responders import Layer, identify_responder
from facts import Exchange, RedirectChain
from hosting.model import Redirect
from render.i18n import N_

MAX_STOPS = 12
PANEL = N_("a redirect set in your hosting panel")
WHO: Mapping[Layer, str] = {
    Layer.APPLICATION: N_("the site's own program ({name})"),
    Layer.CDN: N_("the CDN ({name})"),
    Layer.SERVER: N_("the web server ({name})"),
    Layer.UNKNOWN: N_("it does not say who"),
}
OUTCOMES: Mapping[str, str] = {
    "arrived": N_("Arrived."),
    "loop": N_("It goes round in a circle."),
    "too_many": N_("Too many redirects; we stopped."),
    "trouble": N_("It ends without an answer."),
    "bad_target": N_("It leads to an address that cannot be opened."),
}


@dataclass(frozen=True, slots=True)
class RedirectStop:
    """One address of a walk; `answer` is its status or trouble, `sender` a msgid filled with `name`."""

    url: str
    answer: str
    sender: str
    name: str


@dataclass(frozen=True, slots=True)
class RedirectWalk:
    """One way that visitors are led; `end` is a msgid."""

    stops: tuple[RedirectStop, ...]
    end: str


def redirect_walks(evidence: Evidence) -> tuple[RedirectWalk, ...]:
    """Every different way with at least one redirect, in the order walked."""
    web, hosting = evidence.get(WEB), evidence.get(HOSTING)
    rules = hosting.redirects if hosting else ()
    chains = [c for c in (web.chains if web else ()) if len(c.hops) > 1 or c.outcome != "arrived"]
    chain_by_urls = {tuple(h.url for h in c.hops): c for c in chains if c.hops[0].ip}
    return tuple(
        RedirectWalk(tuple(_walk_stops(c, rules)), OUTCOMES.get(c.outcome, ""))
        for c in chain_by_urls.values()
    )


def _walk_stops(chain: RedirectChain, rules: tuple[Redirect, ...]) -> Iterator[RedirectStop]:
    for hop in chain.hops[:MAX_STOPS]:
        answer = str(hop.status) if hop.status else hop.trouble.value if hop.trouble else ""
        moved = 300 <= hop.status < 400
        if moved and any(_is_made_by(hop, rule) for rule in rules):
            yield RedirectStop(hop.url, answer, PANEL, "")
            continue
        responder = identify_responder(hop)
        yield RedirectStop(hop.url, answer, WHO[responder.by] if moved else "", responder.name)


def _is_made_by(hop: Exchange, rule: Redirect) -> bool:
    """Whether a redirect is the one that the panel was told to make."""
    source = rule.source.partition("://")[2] or rule.source
    name, _, source_path = source.partition("/")
    try:
        target = urljoin(hop.url, hop.header("location"))
    except ValueError:
        return False
    is_source = normalise_name(name) == url_host(hop.url) and source_path.strip("/") == url_path(
        hop.url
    )
    return (
        is_source
        and url_host(target) == url_host(rule.target)
        and url_path(target) == url_path(rule.target)
    )
