"""Check of single redirects: who sent them, permanent or temporary, in the page itself, to https."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from urllib.parse import urljoin

from diagnostics.checks.readings import BROKEN_REDIRECTS, has_response, is_site_seen, is_within
from diagnostics.checks.web.redirects import SENDER_SENTENCES, url_host, url_path
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from explain.responders import identify_cdn, identify_responder
from facts import Exchange, RedirectChain
from kb.owners import Owner
from render.i18n import N_

MAX_DELAY = 10  # seconds; a page that reloads itself later than that is no redirect
RELOAD_DELAY = 1  # second; a board that shows news loads itself again later than that

FLEXIBLE = FindingMessage(
    id="web.redirect.cdn_flexible",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The CDN and the server send visitors of {host} round in a circle"),
    seen=N_("Through {cdn}, {url} redirects to itself, without end."),
    why=N_(
        "The CDN fetches the site without encryption (“Flexible”), and the server answers every "
        "such request with a redirect to https. Browsers give up."
    ),
    steps=(
        N_("At the CDN, set the encryption mode to “Full (strict)”; that ends the circle."),
        N_("Make sure before that the server itself has a valid certificate."),
        N_("Clear the cookies of the site in your browser and check again."),
    ),
    hides=(
        "web.redirect.loop",
        "web.redirect.downgrade",
        "web.redirect.set_not_observed",
        "web.site.",
        "web.www.",
    ),
)
NO_HTTPS = FindingMessage(
    id="web.redirect.no_https",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("The plain address does not lead to the secure one"),
    seen=N_("{url} shows a page without encryption, although https works there."),
    why=N_("Visitors of old links stay on a page that browsers call “not secure”."),
    steps=(
        N_("In your hosting panel, turn on “Redirect http to https” for the domain."),
        N_("In WordPress, write https:// into both addresses under Settings → General."),
    ),
)
META = FindingMessage(
    id="web.redirect.meta_refresh",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("A page sends visitors on by itself"),
    seen=N_("{url} shows a page and sends the browser on to {target}."),
    why=N_("It is slower than a redirect of the server, and search engines may not follow."),
    steps=(
        N_("Remove the “refresh” line from the page, or the header “Refresh” from its answer."),
        N_("In your hosting panel, open Redirects and set the same target there."),
    ),
)
RELOADS = FindingMessage(
    id="web.redirect.reloads",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("A page loads itself again and again"),
    seen=N_("{url} is a page that sends the browser to the same page at once, without end."),
    why=N_("Visitors see it flicker and can do nothing there, and the server works in vain."),
    steps=(
        N_("Correct the target in the “refresh” line or header of the page, or remove it."),
        N_("If you meant a redirect, open Redirects in your hosting panel and set it there."),
    ),
)
TEMPORARY = FindingMessage(
    id="web.redirect.temporary",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("A lasting redirect is marked as temporary ({status:code})"),
    seen=N_("{url} redirects to {target} with {status:code}. {by:said}"),
    why=N_("Browsers ask again each time, and search engines keep the old address longer."),
    steps=(N_("Where the redirect is set, choose “permanent (301)”."),),
)

FIRST_HOP = FindingMessage(
    id="web.redirect.first_hop",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("The plain address changes its name before it becomes secure"),
    seen=N_("{url} leads straight to {target}. {by:said}"),
    why=N_("Browsers then never learn to use https for {host}, so its first visit stays plain."),
    steps=(N_("Lead http://{host} to https://{host} first, and from there to the other name."),),
)

# Bounded, so that a page made to be slow to read is not.
_META = re.compile(r"<meta\s[^<>]{0,400}>", re.IGNORECASE)
_REFRESH = re.compile(
    r"content\s*=\s*[\"']?\s*(\d{1,6})(?:\.\d{0,6})?\s*"
    r"(?:[;,]\s*url\s*=\s*[\"']?([^\"'<>\s]{1,300})|[\"'>])",
    re.IGNORECASE,
)


def judge(case: Case) -> Iterable[Finding]:
    chains = case.evidence[WEB].chains
    reported: set[str] = set()
    for chain in chains:
        if not chain.hops:
            continue
        for finding in _chain_findings(chain, chains):
            if finding.id not in reported:
                reported.add(finding.id)
                yield finding


def _chain_findings(chain: RedirectChain, chains: tuple[RedirectChain, ...]) -> Iterator[Finding]:
    yield from _flexible_loop(chain)
    yield from _missing_https(chain, chains)
    yield from _meta_refresh_findings(chain)
    yield from _temporary_redirects(chain)
    yield from _first_hop_findings(chain)


def _first_hop_findings(chain: RedirectChain) -> Iterator[Finding]:
    """From the plain address straight to the secure one of its twin (apex and www)."""
    if len(chain.hops) < 2 or not chain.start.startswith("http:") or chain.outcome != "arrived":
        return
    before, after = chain.hops[0], chain.hops[1]
    name, twin = url_host(before.url), url_host(after.url)
    twins = name != twin and name.removeprefix("www.") == twin.removeprefix("www.")
    if twins and after.url.startswith("https:"):
        responder = identify_responder(before)
        yield FIRST_HOP(
            evidence=("web",),
            host=name,
            url=before.url,
            target=after.url,
            by=SENDER_SENTENCES.get(responder.by, "") if responder.name else "",
            sender=responder.name,
        )


def _flexible_loop(chain: RedirectChain) -> Iterator[Finding]:
    """An https address behind a CDN that sends to itself: the server never sees the encryption."""
    if chain.outcome != "loop":
        return
    for hop in chain.hops:
        target = urljoin(hop.url, hop.header("location"))
        if identify_cdn(hop) and hop.url.startswith("https:") and target == hop.url:
            yield FLEXIBLE(
                evidence=("web",), host=url_host(hop.url), url=hop.url, cdn=identify_cdn(hop)
            )
            return


def _missing_https(chain: RedirectChain, chains: tuple[RedirectChain, ...]) -> Iterator[Finding]:
    """A walk that stays plain, at a name whose secure address shows a page and keeps it secure."""
    name = url_host(chain.start)
    if not (_shows_page(chain) and all(hop.url.startswith("http:") for hop in chain.hops)):
        return
    secure = [c for c in chains if c.start == f"https://{name}/" and c.hops and _shows_page(c)]
    if any(
        all(hop.url.startswith("https:") and _is_certificate_valid(hop) for hop in c.hops)
        for c in secure
    ):
        yield NO_HTTPS(evidence=("web",), url=chain.start)


def _shows_page(chain: RedirectChain) -> bool:
    return chain.outcome == "arrived" and has_response(chain.last) and chain.last.status < 400


def _is_certificate_valid(hop: Exchange) -> bool:
    """Whether browsers would accept the certificate, as far as it was looked at."""
    handshake = hop.handshake
    return handshake is None or handshake.is_accepted(hop.at)


def _meta_refresh_findings(chain: RedirectChain) -> Iterator[Finding]:
    end = chain.last
    target = refresh_target(end) if _shows_page(chain) else ""
    if _shows_page(chain) and _reloads_itself(end):
        yield RELOADS(evidence=("web",), url=end.url)
    if target:
        yield META(evidence=("web",), url=end.url, target=target)


def refresh_target(page: Exchange) -> str:
    """Where a page sends the browser within seconds (HTML, “refresh”); "" when it does not."""
    _, target = _parse_refresh(page)
    return target if target.rstrip("/") != page.url.rstrip("/") else ""


def _parse_refresh(page: Exchange) -> tuple[int, str]:
    """After how many seconds a page sends the browser on, and where to; "" when it does not."""
    tags = [tag for tag in _META.findall(page.excerpt[:20_000]) if "refresh" in tag.lower()]
    if header := page.header("refresh"):  # not in a standard, and heeded by every browser
        tags.insert(0, f'content="{header[:400]}"')
    for tag in tags:
        match = _REFRESH.search(tag)
        if match and int(match[1]) <= MAX_DELAY:
            try:
                return int(match[1]), urljoin(page.url, html.unescape(match[2] or ""))
            except ValueError:
                break
    return 0, ""


def _reloads_itself(page: Exchange) -> bool:
    """Whether a page does nothing but load itself again. One that sets a cookie or runs a script
    may show itself at the second time."""
    delay, target = _parse_refresh(page)
    is_same_page = target == page.url or (
        not url_path(target) and target.rstrip("/") == page.url.rstrip("/")
    )
    may_change = page.header("set-cookie") or "script" in page.excerpt.lower()
    return delay <= RELOAD_DELAY and is_same_page and not may_change


def _temporary_redirects(chain: RedirectChain) -> Iterator[Finding]:
    """302 or 307 between the forms of one address, which are meant for good."""
    for before, after in pairwise(chain.hops):
        forms = url_host(before.url).removeprefix("www.") == url_host(after.url).removeprefix(
            "www."
        )
        is_same_page = (
            forms and url_path(before.url) == url_path(after.url) and before.url != after.url
        )
        if before.status not in (302, 303, 307) or not is_same_page or chain.outcome != "arrived":
            continue
        if not is_within(url_host(before.url), url_host(chain.start).removeprefix("www.")):
            continue
        responder = identify_responder(before)
        yield TEMPORARY(
            evidence=("web",),
            url=before.url,
            target=after.url,
            status=str(before.status),
            by=SENDER_SENTENCES.get(responder.by, "") if responder.name else "",
            sender=responder.name,
        )


CHECK = Check(
    id="web.hops",
    title=N_("Redirects are made in the right way"),
    needs=(WEB,),
    messages=(FLEXIBLE, NO_HTTPS, META, RELOADS, TEMPORARY, FIRST_HOP),
    judge=judge,
    seen=is_site_seen,
    refuted_by=(*BROKEN_REDIRECTS, "web.redirect.downgrade"),
)
