"""Checks of the panel's settings against what visitors get: redirects, and the document root."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.readings import (
    BROKEN_REDIRECTS,
    has_response,
    is_site_seen,
    is_within,
    normalise_name,
)
from diagnostics.checks.web.redirects import url_host, url_path
from diagnostics.evidence.keys import EXPECTED, HOSTING
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import RedirectChain
from hosting.model import Redirect
from kb.owners import Owner
from render.i18n import N_

SET_NOT_OBSERVED = FindingMessage(
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
OBSERVED_NOT_SET = FindingMessage(
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
ELSEWHERE = FindingMessage(
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
WRONG_FOLDER = FindingMessage(
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
    reported: set[tuple[str, str]] = set()
    for chain in chains:
        if not has_response(chain.hops[0]) or chain.outcome != "arrived":
            continue
        rules = [r for r in hosting.redirects if _applies_to(r, chain.start)]
        finding = (
            _compare_with_rule(chain, rules[0]) if rules else _unset_redirect_finding(case, chain)
        )
        # Apex, www and both schemes mostly share one fault: it is told once for each end.
        if finding and (key := (finding.id, chain.last.url)) not in reported:
            reported.add(key)
            yield finding


def _applies_to(rule: Redirect, url: str) -> bool:
    """Whether a rule applies to the very address a walk started from."""
    source = rule.source.partition("://")[2] or rule.source
    name, _, source_path = source.partition("/")
    return normalise_name(name) == url_host(url) and source_path.strip("/") == url_path(url)


def _compare_with_rule(chain: RedirectChain, rule: Redirect) -> Finding | None:
    passed = [hop.url for hop in chain.hops[1:]]
    if any(_reaches_target(url, rule.target) for url in passed):
        return None
    has_left_host = url_host(chain.last.url) != url_host(chain.start)
    # Only the scheme or the path was asked to change, and the walk began where it should end.
    if not has_left_host and _reaches_target(chain.start, rule.target):
        return None
    message = (
        ELSEWHERE
        if has_left_host and not _is_www_variant(chain.start, chain.last.url)
        else SET_NOT_OBSERVED
    )
    return message(
        evidence=("web", "hosting"),
        source=rule.source,
        target=rule.target,
        url=chain.start,
        end=chain.last.url,
    )


def _reaches_target(url: str, target: str) -> bool:
    """Whether a URL is a rule's target, or lies below it; the scheme may have become https."""
    if target.lower().startswith("https:") and not url.lower().startswith("https:"):
        return False
    return url_host(url) == url_host(target) and url_path(url).startswith(url_path(target))


def _is_www_variant(first: str, second: str) -> bool:
    """Whether two URLs differ in nothing but a leading www."""
    return url_host(first).removeprefix("www.") == url_host(second).removeprefix("www.")


def _unset_redirect_finding(case: Case, chain: RedirectChain) -> Finding | None:
    """A walk that leaves the customer's own domain although no rule in the panel says so."""
    domain, expected = case.subject.domain, case.evidence.get(EXPECTED)
    if is_within(url_host(chain.last.url), domain) or not is_within(url_host(chain.start), domain):
        return None
    # A site that is served elsewhere owes nothing to our panel.
    own_addresses = expected.addresses if expected else ()
    if own_addresses and chain.hops[0].ip not in own_addresses:
        return None
    # It joins a name for which the panel does know this destination.
    target_hosts = {url_host(r.target) for r in case.evidence[HOSTING].redirects}
    if url_host(chain.last.url) in target_hosts:
        return None
    return OBSERVED_NOT_SET(evidence=("web", "hosting"), url=chain.start, end=chain.last.url)


def judge_root(case: Case) -> Iterable[Finding]:
    hosts_by_folders: dict[tuple[str, str], list[str]] = {}
    for site in case.evidence[HOSTING].sites:
        if not site.expected_root or not is_within(normalise_name(site.host), case.subject.domain):
            continue
        if _normalise_folder(site.document_root) != _normalise_folder(site.expected_root):
            pair = (site.document_root, site.expected_root)
            hosts_by_folders.setdefault(pair, []).append(site.host)
    for (folder, expected), hosts in hosts_by_folders.items():
        yield WRONG_FOLDER(evidence=("hosting",), hosts=hosts, folder=folder, expected=expected)


def _normalise_folder(path: str) -> str:
    return "/".join(part for part in path.split("/") if part and part != ".")


REDIRECTS = Check(
    id="web.redirects_set",
    title=N_("Redirects work as they are set in the panel"),
    needs=(WEB, HOSTING),
    tolerates=(EXPECTED,),
    messages=(ELSEWHERE, SET_NOT_OBSERVED, OBSERVED_NOT_SET),
    judge=judge_redirects,
    seen=is_site_seen,
    refuted_by=BROKEN_REDIRECTS,
)
ROOT = Check(
    id="web.root",
    title=N_("The website's name leads to the right folder"),
    needs=(HOSTING,),
    messages=(WRONG_FOLDER,),
    judge=judge_root,
)
