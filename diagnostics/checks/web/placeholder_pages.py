"""Pages that are not the customer's site: a server's own page, a suspension notice; and www."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from diagnostics.checks.readings import SILENT, answered, arrived, headings, unknown
from diagnostics.checks.web.redirects import host
from diagnostics.evidence.web import WEB, WebWalks
from diagnostics.model import Case, Check, Finding, Message, Severity
from facts import Exchange, RedirectChain
from kb.owners import Owner
from render.i18n import N_

DEFAULT_PAGE = Message(
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
SUSPENDED_PAGE = Message(
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
TWO_SITES = Message(
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
NO_CANONICAL = Message(
    id="web.www.no_canonical",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("The site opens with and without www, and neither leads to the other"),
    seen=N_("{one} and {other} show the same page, each under its own address."),
    why=N_("Search engines may count them as two sites, and sign-ins hold for one of them only."),
    steps=(N_("In your hosting panel, under Redirects, lead one form to the other (301)."),),
)
WWW_DIFFERS = Message(
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

# What servers show when they have no site for a name; matched in the title or first heading.
DEFAULT_TITLES = re.compile(
    r"welcome to nginx|apache2? (?:\w+ )*default page|^it works!?$|apache is functioning normally"
    r"|test page for the (?:apache|nginx|http)|^test page\b|iis windows server|^iis\d?$"
    r"|^index of /|default web ?site page|web server'?s default page|domain default page"
    r"|^default (?:web )?page\b|^plesk|hosting is ready|web hosting ready|^future home of"
    r"|openresty.*welcome|welcome to (?:caddy|openresty|litespeed)|caddy works"
    r"|directadmin.*default|hestia.*default|ispconfig.*welcome|^welcome to \S+!?$.*ispconfig",
    re.IGNORECASE,
)
SUSPENDED_TITLES = re.compile(
    r"(?:account|site|website|web ?site|hosting|webhosting|domain|service) (?:has been |is )?"
    r"(?:temporarily )?suspended|suspended (?:account|site|domain)"
    r"|(?:hosting|webhosting|web|služba|sluzba) (?:\w+ )?pozastaven|konto zawieszone"
    r"|strona zawieszona|račun je suspendiran|blokada (?:konta|serwisu)",
    re.IGNORECASE,
)
SUSPENDED_PATHS = ("/cgi-sys/suspendedpage.cgi", "/suspended.page/")


def judge(case: Case) -> Iterable[Finding]:
    if not answered(case.evidence[WEB].chains):
        yield unknown(PAGES.id, what="web")  # no page came, so none was looked at
    said: set[str] = set()
    for chain in case.evidence[WEB].chains:
        finding = _page(chain) if chain.hops and arrived(chain.last) else None
        if finding and finding.id not in said:
            said.add(finding.id)
            yield finding


def _page(chain: RedirectChain) -> Finding | None:
    end = chain.last
    found = headings(end.excerpt)
    passed = any(path in hop.url for hop in chain.hops for path in SUSPENDED_PATHS)
    notice = next((h for h in found if SUSPENDED_TITLES.search(h)), "")
    if passed or notice:
        return _shown(SUSPENDED_PAGE, end, notice or next(iter(found), end.url))
    server = next((h for h in found if DEFAULT_TITLES.search(h)), "")
    return _shown(DEFAULT_PAGE, end, server) if server else None


def default_hosts(web: WebWalks) -> frozenset[str]:
    """The hosts that show a server's own page."""
    pages = (_page(chain) for chain in web.chains if chain.hops and arrived(chain.last))
    return frozenset(str(p.args["host"]) for p in pages if p and p.id == DEFAULT_PAGE.id)


def _shown(message: Message, end: Exchange, heading: str) -> Finding:
    return message(evidence=("web",), host=host(end.url), url=end.url, heading=heading)


def judge_www(case: Case) -> Iterable[Finding]:
    apex, chains = case.subject.domain, case.evidence[WEB].chains
    pair = (apex, f"www.{apex}")
    fine = {name: _opens(chains, name) for name in pair}
    for works, fails in (pair, pair[::-1]):
        if fine[works] and not fine[fails] and (bad := next(_failures(chains, fails), None)):
            yield WWW_DIFFERS(
                evidence=("web",),
                works=works,
                fails=fails,
                problem=ERROR if arrived(bad) else NO_ANSWER,
                status=str(bad.status),
            )
    if all(fine.values()):
        yield from _both(chains, pair)


def _both(chains: tuple[RedirectChain, ...], pair: tuple[str, str]) -> Iterator[Finding]:
    """Both forms open and stay as they are: one site under two addresses, or two sites."""
    ends = [c.last for name in pair for c in chains if c.start == f"https://{name}/" and c.hops]
    stay = [x for x in ends if arrived(x) and x.status == 200]
    if len(stay) != 2 or {host(x.url) for x in stay} != set(pair):
        return
    titles = [next(iter(headings(x.excerpt)), "") for x in stay]
    one, other = pair
    if all(titles) and titles[0] != titles[1]:
        here, there = titles
        yield TWO_SITES(evidence=("web",), one=one, other=other, here=here, there=there)
    else:
        yield NO_CANONICAL(evidence=("web",), one=one, other=other)


def _opens(chains: tuple[RedirectChain, ...], name: str) -> bool:
    mine = [c for c in chains if host(c.start) == name]
    return any(c.outcome == "arrived" and arrived(c.last) and c.last.status < 400 for c in mine)


def _failures(chains: tuple[RedirectChain, ...], name: str) -> Iterator[Exchange]:
    """Failures that are certain: an error answer, or silence at an address that exists."""
    for chain in chains:
        end = chain.last
        if host(chain.start) != name or host(end.url) != name:
            continue
        silent = end.ip and end.trouble in SILENT and not end.status
        if (arrived(end) and end.status >= 400) or silent:
            yield end


PAGES = Check(
    id="web.pages",
    title=N_("The page shown is your site"),
    needs=(WEB,),
    messages=(SUSPENDED_PAGE, DEFAULT_PAGE),
    judge=judge,
)
WWW = Check(
    id="web.www",
    title=N_("The site opens with and without www"),
    needs=(WEB,),
    messages=(WWW_DIFFERS, TWO_SITES, NO_CANONICAL),
    judge=judge_www,
)
