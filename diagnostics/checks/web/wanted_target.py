"""Check whether visitors arrive at the address that the customer named."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.readings import has_response, is_within, unknown_finding
from diagnostics.checks.web.redirects import url_host, url_path
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import RedirectChain
from kb.owners import Owner
from render.i18n import N_
from subject import Subject, parse_subject

ELSEWHERE = FindingMessage(
    id="web.wanted.elsewhere",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("Visitors do not arrive where you want them"),
    seen=N_("You want them at {wanted}; starting at {url}, we arrived at {end}."),
    why=N_("They see another site or page than the one you mean."),
    steps=(
        N_("In your hosting panel, open Redirects and set the target of the domain to {wanted}."),
        N_("If no redirect is set there, look into the .htaccess file and the site's settings."),
        N_("If {wanted} should show this very site, check the name's DNS and its folder."),
    ),
    hides=("web.redirect.foreign_host",),
)
RIGHT = FindingMessage(
    id="web.wanted.right",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("Visitors do arrive where you want them"),
    seen=N_("Starting at {url}, we arrived at {end}, as you want."),
    why=N_("If you see something else, your browser still remembers an older redirect."),
    steps=(
        N_("Open the address in a private window, or on a phone with Wi-Fi off."),
        N_("If it is right there, clear your browser's cache; lasting redirects stay in it."),
    ),
    hides=("web.redirect.foreign_host",),
)


def judge(case: Case) -> Iterable[Finding]:
    wanted_subject = parse_subject(case.answers.get("wanted", ""))
    walks = [c for c in case.evidence[WEB].chains if c.hops and c.outcome == "arrived"]
    own_walks = [c for c in walks if has_response(c.last) and _is_intended_start(case.subject, c)]
    if not isinstance(wanted_subject, Subject) or not own_walks:
        yield unknown_finding(CHECK.id, what="web")
        return
    goal = wanted_subject.url or f"http://{wanted_subject.host}/"
    astray = [c for c in own_walks if not _reaches_goal(c.last.url, goal)]
    shown_walk = astray[0] if astray else own_walks[0]
    message = ELSEWHERE if astray else RIGHT
    yield message(
        evidence=("web",),
        wanted=wanted_subject.url or wanted_subject.host,
        url=shown_walk.start,
        end=shown_walk.last.url,
    )


def _is_intended_start(subject: Subject, chain: RedirectChain) -> bool:
    """The walks that the customer means: from the typed address, else from the typed name."""
    if subject.url:
        return chain.start == subject.url
    return is_within(url_host(chain.start), subject.host) and url_path(chain.start) == ""


def _reaches_goal(url: str, goal: str) -> bool:
    """Whether a walk ended at the goal or below it. A leading www does not count as another place
    unless the goal has one, nor does https instead of http."""
    is_same_host = url_host(url) == url_host(goal) or url_host(url) == f"www.{url_host(goal)}"
    return is_same_host and url_path(url).startswith(url_path(goal))


CHECK = Check(
    id="web.wanted",
    title=N_("Visitors arrive at the address you named"),
    needs=(WEB,),
    messages=(ELSEWHERE, RIGHT),
    judge=judge,
    asks=("wanted",),
)
