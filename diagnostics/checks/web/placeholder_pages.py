"""Checks for default and suspension pages in the site's place, and of www beside the apex."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from diagnostics.checks.readings import (
    NO_ORDINARY_PAGE,
    SILENT_TROUBLES,
    has_any_response,
    has_response,
    headings,
    is_page_shown,
    unknown_finding,
)
from diagnostics.checks.web.redirects import url_host
from diagnostics.evidence.web import WEB, WebWalks
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Exchange, RedirectChain
from kb.owners import Owner
from render.i18n import N_

DEFAULT_PAGE = FindingMessage(
    id="web.site.default_page",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("{host} shows the server's own page instead of your site"),
    seen=N_("{url} shows a page titled “{heading}”, which servers show when they know no site."),
    why=N_("Visitors think that the site does not exist yet, or no longer."),
    steps=(
        N_("In your hosting panel, open Domains and check that {host} is listed there."),
        N_("Check that its folder is the one that contains your files, with an index file in it."),
        N_("If you have just set it up, wait a few minutes and check again."),
    ),
)
SUSPENDED_PAGE = FindingMessage(
    id="web.site.suspended_page",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("{host} shows a notice that the site is suspended"),
    seen=N_("{url} shows a page titled “{heading}”."),
    why=N_("Visitors cannot see your pages until the host switches the site on again."),
    steps=(
        N_("Look into your e-mail for an unpaid invoice or a message about abuse."),
        N_("Sign in here, so that we can see the state of your service and its reason."),
        N_("If the site is hosted elsewhere, ask that company."),
    ),
    hides=("web.site.unavailable", "web.site.forbidden", "web.site.refuses_request"),
)
TWO_SITES = FindingMessage(
    id="web.www.two_sites",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("{one} and {other} show two different sites"),
    seen=N_("At {one} we got “{here}”, at {other} we got “{there}”."),
    why=N_("Visitors see one or the other, depending on whether they type www."),
    steps=(
        N_("Decide which form of the address is the right one."),
        N_("In your hosting panel, under Redirects, lead the other form to it."),
        N_("If both should show the same site, give both names the same folder."),
    ),
)
NO_CANONICAL = FindingMessage(
    id="web.www.no_canonical",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("The site opens with and without www, and neither leads to the other"),
    seen=N_("{one} and {other} show the same page, each under its own address."),
    why=N_("Search engines may count them as two sites, and sign-ins hold for one of them only."),
    steps=(N_("In your hosting panel, under Redirects, lead one form to the other (301)."),),
)
WWW_DIFFERS = FindingMessage(
    id="web.www.differs",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The site opens as {works}, but not as {fails}"),
    seen=N_("{works} shows a page. {problem:said}"),
    why=N_("Visitors who type the other form of your address believe that the site is down."),
    steps=(
        N_("In your hosting panel, open Domains and add {fails} to the same site as {works}."),
        N_("Check in the DNS that both names lead to the same server."),
        N_("Or set a redirect from {fails} to {works}."),
    ),
    hides=("web.site.page_missing", "web.site.forbidden"),
)
NO_ANSWER = N_("Nothing answers at {fails}.")
ERROR = N_("{fails} answers with error {status:code}.")

# What servers show when they have no site for a name; matched in the title or first heading, in
# small letters.
DEFAULT_TITLES = re.compile(
    r"welcome to nginx|apache2? (?:\w+ ){0,9}default page|^it works!?$|apache is functioning normally"
    r"|test page for the (?:apache|nginx|http)|^test page\b|iis windows server|^iis\d?$"
    r"|^index of /|default web ?site page|web server'?s default page|domain default page"
    r"|^default (?:web )?page\b|^plesk|hosting is ready|web hosting ready|^future home of"
    r"|openresty.*welcome|welcome to (?:caddy|openresty|litespeed)|caddy works"
    r"|directadmin.*default|hestia.*default|ispconfig.*welcome|^welcome to \S+!?$.*ispconfig"
)
SUSPENDED_TITLES = re.compile(
    r"(?:account|site|website|web ?site|hosting|webhosting|domain|service) (?:has been |is )?"
    r"(?:temporarily )?suspended|suspended (?:account|site|domain)"
    r"|(?:hosting|webhosting|web|služba|sluzba) (?:\w+ )?pozastaven|konto zawieszone"
    r"|strona zawieszona|račun je suspendiran|blokada (?:konta|serwisu)"
)
SUSPENDED_PATHS = ("/cgi-sys/suspendedpage.cgi", "/suspended.page/")


def judge(case: Case) -> Iterable[Finding]:
    if not has_any_response(case.evidence[WEB].chains):
        yield unknown_finding(PAGES.id, what="web")  # no page came, so none was looked at
    reported: set[str] = set()
    for chain in case.evidence[WEB].chains:
        finding = _placeholder_finding(chain) if chain.hops and has_response(chain.last) else None
        if finding and finding.id not in reported:
            reported.add(finding.id)
            yield finding


def _placeholder_finding(chain: RedirectChain) -> Finding | None:
    response = chain.last
    page_headings = headings(response.excerpt)
    is_suspended_path = any(path in hop.url for hop in chain.hops for path in SUSPENDED_PATHS)
    notice = next((h for h in page_headings if SUSPENDED_TITLES.search(h.lower())), "")
    if is_suspended_path or notice:
        return _page_finding(
            SUSPENDED_PAGE, response, notice or next(iter(page_headings), response.url)
        )
    default_heading = next((h for h in page_headings if DEFAULT_TITLES.search(h.lower())), "")
    return _page_finding(DEFAULT_PAGE, response, default_heading) if default_heading else None


def hosts_with_default_page(web: WebWalks) -> frozenset[str]:
    """The hosts that show a server's own page."""
    pages = (
        _placeholder_finding(chain)
        for chain in web.chains
        if chain.hops and has_response(chain.last)
    )
    return frozenset(str(p.args["host"]) for p in pages if p and p.id == DEFAULT_PAGE.id)


def _page_finding(message: FindingMessage, response: Exchange, heading: str) -> Finding:
    return message(
        evidence=("web",), host=url_host(response.url), url=response.url, heading=heading
    )


def judge_www(case: Case) -> Iterable[Finding]:
    apex, chains = case.subject.domain, case.evidence[WEB].chains
    pair = (apex, f"www.{apex}")
    opens_by_host = {name: _is_host_open(chains, name) for name in pair}
    for works, fails in (pair, pair[::-1]):
        if (
            opens_by_host[works]
            and not opens_by_host[fails]
            and (failure := next(_certain_failures(chains, fails), None))
        ):
            yield WWW_DIFFERS(
                evidence=("web",),
                works=works,
                fails=fails,
                problem=ERROR if has_response(failure) else NO_ANSWER,
                status=str(failure.status),
            )
    if all(opens_by_host.values()):
        yield from _www_findings(chains, pair)


def _www_findings(chains: tuple[RedirectChain, ...], pair: tuple[str, str]) -> Iterator[Finding]:
    """Both forms open and stay as they are: one site under two addresses, or two sites."""
    last_responses = [
        c.last for name in pair for c in chains if c.start == f"https://{name}/" and c.hops
    ]
    kept_pages = [x for x in last_responses if has_response(x) and x.status == 200]
    if len(kept_pages) != 2 or {url_host(x.url) for x in kept_pages} != set(pair):
        return
    titles = [next(iter(headings(x.excerpt)), "") for x in kept_pages]
    first, second = pair
    if all(titles) and titles[0] != titles[1]:
        first_title, second_title = titles
        yield TWO_SITES(
            evidence=("web",), one=first, other=second, here=first_title, there=second_title
        )
    else:
        yield NO_CANONICAL(evidence=("web",), one=first, other=second)


def _is_host_open(chains: tuple[RedirectChain, ...], name: str) -> bool:
    own_walks = [c for c in chains if url_host(c.start) == name]
    return any(
        c.outcome == "arrived" and has_response(c.last) and c.last.status < 400 for c in own_walks
    )


def _certain_failures(chains: tuple[RedirectChain, ...], name: str) -> Iterator[Exchange]:
    """Failures that are certain: an error answer, or silence at an address that exists."""
    for chain in chains:
        response = chain.last
        if url_host(chain.start) != name or url_host(response.url) != name:
            continue
        is_silent = response.ip and response.trouble in SILENT_TROUBLES and not response.status
        if (has_response(response) and response.status >= 400) or is_silent:
            yield response


def _is_pair_open(case: Case) -> bool:
    apex, chains = case.subject.domain, case.evidence[WEB].chains
    return all(_is_host_open(chains, name) for name in (apex, f"www.{apex}"))


PAGES = Check(
    id="web.pages",
    title=N_("The page shown is your site"),
    needs=(WEB,),
    messages=(SUSPENDED_PAGE, DEFAULT_PAGE),
    judge=judge,
    seen=is_page_shown,
    refuted_by=(
        *NO_ORDINARY_PAGE,
        "web.family.differs",
        "web.redirect.foreign_host",
        "web.redirect.leads_elsewhere",
        "web.root.wrong_folder",
        "web.wanted.elsewhere",
        "web.www.two_sites",
        "tls.certificate.wrong_name",
        "dns.address.elsewhere",
        "dns.address.partly_elsewhere",
        "hosting.service.suspended",
    ),
)
WWW = Check(
    id="web.www",
    title=N_("The site opens with and without www"),
    needs=(WEB,),
    messages=(WWW_DIFFERS, TWO_SITES, NO_CANONICAL),
    judge=judge_www,
    seen=_is_pair_open,
    refuted_by=(
        *NO_ORDINARY_PAGE,
        "dns.address.missing",
        "tls.certificate.name_missing",
        "tls.certificate.wrong_name",
    ),
)
