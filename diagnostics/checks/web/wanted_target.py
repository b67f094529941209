"""Do visitors arrive where the customer wants them? Judged only when the customer said where."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.readings import arrived, inside, unknown
from diagnostics.checks.web.redirects import host, path
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, Message, Severity
from facts import RedirectChain
from kb.owners import Owner
from render.i18n import N_
from subject import Subject, parse_subject

ELSEWHERE = Message(
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
RIGHT = Message(
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
    wanted = parse_subject(case.answers.get("wanted", ""))
    walks = [c for c in case.evidence[WEB].chains if c.hops and c.outcome == "arrived"]
    own = [c for c in walks if arrived(c.last) and _starts(case.subject, c)]
    if not isinstance(wanted, Subject) or not own:
        yield unknown(CHECK.id, what="web")
        return
    goal = wanted.url or f"http://{wanted.host}/"
    wrong = [c for c in own if not _reaches(c.last.url, goal)]
    told = wrong[0] if wrong else own[0]
    message = ELSEWHERE if wrong else RIGHT
    yield message(
        evidence=("web",),
        wanted=wanted.url or wanted.host,
        url=told.start,
        end=told.last.url,
    )


def _starts(subject: Subject, chain: RedirectChain) -> bool:
    """The walks that the customer means: from the typed address, else from the typed name."""
    if subject.url:
        return chain.start == subject.url
    return inside(host(chain.start), subject.host) and path(chain.start) == ""


def _reaches(url: str, goal: str) -> bool:
    """Whether a walk ended at the goal or below it. A leading www does not count as another place
    unless the goal has one, nor does https instead of http."""
    same = host(url) == host(goal) or host(url) == f"www.{host(goal)}"
    return same and path(url).startswith(path(goal))


CHECK = Check(
    id="web.wanted",
    title=N_("Visitors arrive at the address you named"),
    needs=(WEB,),
    messages=(ELSEWHERE, RIGHT),
    judge=judge,
    asks=("wanted",),
)
