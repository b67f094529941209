"""The panel's settings beside what visitors meet: redirects set and observed, and the folder."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.readings import arrived, bare, inside
from diagnostics.checks.web.redirects import host, path
from diagnostics.evidence.keys import EXPECTED, HOSTING
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, Message, Severity
from facts import RedirectChain
from hosting.model import Redirect
from kb.owners import Owner
from render.i18n import N_

SET_NOT_OBSERVED = Message(
    id="web.redirect.set_not_observed",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("A redirect that you set does not work"),
    seen=N_("In the panel {source} leads to {target}, but visitors of {url} stay at {end}."),
    why=N_("Visitors do not get where you want them, and search engines keep the old address."),
    steps=(
        N_("If you set it within the last minutes, wait a little and check again."),
        N_("Check in the DNS that {source} points to your hosting with us; only then it can work."),
        N_("Look for another rule in the .htaccess file that comes first."),
    ),
)
OBSERVED_NOT_SET = Message(
    id="web.redirect.observed_not_set",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The website sends visitors away, but no such redirect is set"),
    seen=N_("{url} leads to {end}, and your hosting panel knows nothing of it."),
    why=N_("The rule sits in the site itself. If you did not make it, the site may be hacked."),
    steps=(
        N_("Look into the .htaccess file in the site's folder and into plugins for redirects."),
        N_("In WordPress, check both addresses under Settings → General."),
        N_("If you do not know the destination, change your passwords and write to us."),
    ),
    hides=("web.redirect.foreign_host",),
)
ELSEWHERE = Message(
    id="web.redirect.leads_elsewhere",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("A redirect leads to another place than you set"),
    seen=N_("In the panel {source} leads to {target}, but visitors of {url} arrive at {end}."),
    why=N_("Visitors do not reach the site you want them to see."),
    steps=(
        N_("In your hosting panel, open Redirects and check the target of {source}."),
        N_("Look into the .htaccess file and the site's plugins for a second rule, and remove it."),
        N_("Clear your browser's cache before you try; browsers remember redirects."),
    ),
    hides=("web.redirect.foreign_host", "web.redirect.observed_not_set"),
)
WRONG_FOLDER = Message(
    id="web.root.wrong_folder",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("A wrong folder is shown at {hosts:list}"),
    seen=N_("It is set to the folder {folder:code}, but your files are in {expected:code}."),
    why=N_("Visitors see an empty page, an error or an old site, although your files are there."),
    steps=(
        N_("In your hosting panel, open Domains and the settings of {hosts:list}."),
        N_("Change the folder (document root) from {folder:code} to {expected:code} and save."),
        N_("Wait a minute, reload the page, and check again."),
    ),
    hides=(
        "web.site.default_page",
        "web.site.forbidden",
        "web.site.page_missing",
        "web.redirect.set_not_observed",
    ),
)


def judge_redirects(case: Case) -> Iterable[Finding]:
    chains, hosting = case.evidence[WEB].chains, case.evidence[HOSTING]
    told: set[tuple[str, str]] = set()
    for chain in chains:
        if not arrived(chain.hops[0]) or chain.outcome != "arrived":
            continue
        rules = [r for r in hosting.redirects if _starts(r, chain.start)]
        finding = _compare(chain, rules[0]) if rules else _unasked(case, chain)
        # Apex, www and both schemes mostly share one fault: it is told once for each end.
        if finding and (key := (finding.id, chain.last.url)) not in told:
            told.add(key)
            yield finding


def _starts(rule: Redirect, url: str) -> bool:
    """Whether a rule applies to the very address a walk started from."""
    source = rule.source.partition("://")[2] or rule.source
    name, _, below = source.partition("/")
    return bare(name) == host(url) and below.strip("/") == path(url)


def _compare(chain: RedirectChain, rule: Redirect) -> Finding | None:
    passed = [hop.url for hop in chain.hops[1:]]
    if any(_reaches(url, rule.target) for url in passed):
        return None
    moved = host(chain.last.url) != host(chain.start)
    # Only the scheme or the path was asked to change, and the walk began where it should end.
    if not moved and _reaches(chain.start, rule.target):
        return None
    message = ELSEWHERE if moved and not _twins(chain.start, chain.last.url) else SET_NOT_OBSERVED
    return message(
        evidence=("web", "hosting"),
        source=rule.source,
        target=rule.target,
        url=chain.start,
        end=chain.last.url,
    )


def _reaches(url: str, target: str) -> bool:
    """Whether a URL is a rule's target, or lies below it; the scheme may have become https."""
    if target.lower().startswith("https:") and not url.lower().startswith("https:"):
        return False
    return host(url) == host(target) and path(url).startswith(path(target))


def _twins(one: str, other: str) -> bool:
    """Whether two URLs differ in nothing but a leading www."""
    return host(one).removeprefix("www.") == host(other).removeprefix("www.")


def _unasked(case: Case, chain: RedirectChain) -> Finding | None:
    """A walk that leaves the customer's own domain although no rule in the panel says so."""
    domain, expected = case.subject.domain, case.evidence.get(EXPECTED)
    if inside(host(chain.last.url), domain) or not inside(host(chain.start), domain):
        return None
    # A site that is served elsewhere owes nothing to our panel.
    here = expected.addresses if expected else ()
    if here and chain.hops[0].ip not in here:
        return None
    # It joins a name for which the panel does know this destination.
    known = {host(r.target) for r in case.evidence[HOSTING].redirects}
    if host(chain.last.url) in known:
        return None
    return OBSERVED_NOT_SET(evidence=("web", "hosting"), url=chain.start, end=chain.last.url)


def judge_root(case: Case) -> Iterable[Finding]:
    groups: dict[tuple[str, str], list[str]] = {}
    for site in case.evidence[HOSTING].sites:
        if not site.expected_root or not inside(bare(site.host), case.subject.domain):
            continue
        if _folder(site.document_root) != _folder(site.expected_root):
            pair = (site.document_root, site.expected_root)
            groups.setdefault(pair, []).append(site.host)
    for (folder, expected), hosts in groups.items():
        yield WRONG_FOLDER(evidence=("hosting",), hosts=hosts, folder=folder, expected=expected)


def _folder(path: str) -> str:
    return "/".join(part for part in path.split("/") if part and part != ".")


REDIRECTS = Check(
    id="web.redirects_set",
    title=N_("Redirects work as they are set in the panel"),
    needs=(WEB, HOSTING),
    tolerates=(EXPECTED,),
    messages=(ELSEWHERE, SET_NOT_OBSERVED, OBSERVED_NOT_SET),
    judge=judge_redirects,
)
ROOT = Check(
    id="web.root",
    title=N_("The website's name leads to the right folder"),
    needs=(HOSTING,),
    messages=(WRONG_FOLDER,),
    judge=judge_root,
)
