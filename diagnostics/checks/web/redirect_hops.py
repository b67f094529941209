"""How redirects are made: by whom, for good or for now, in the page itself, to https at all."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from urllib.parse import urljoin

from diagnostics.checks.readings import arrived, inside
from diagnostics.checks.web.redirects import SENT, host, path
from diagnostics.evidence.responders import mark, sender
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, Message, Severity
from facts import Exchange, RedirectChain
from kb.owners import Owner
from render.i18n import N_

QUICK = 10  # seconds; a page that reloads itself later than that is no redirect
AT_ONCE = 1  # second; a board that shows news loads itself again later than that

FLEXIBLE = Message(
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
NO_HTTPS = Message(
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
META = Message(
    id="web.redirect.meta_refresh",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("A page sends visitors on by itself"),
    seen=N_("{url} is a page whose code sends the browser to {target}."),
    why=N_("It is slower than a redirect of the server, and search engines may not follow."),
    steps=(
        N_("Remove the “refresh” line from the page."),
        N_("In your hosting panel, open Redirects and set the same target there."),
    ),
)
RELOADS = Message(
    id="web.redirect.reloads",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("A page loads itself again and again"),
    seen=N_("{url} is a page whose code sends the browser to the same page at once, without end."),
    why=N_("Visitors see it flicker and can do nothing there, and the server works in vain."),
    steps=(
        N_("Correct the target in the “refresh” line of the page, or remove the line."),
        N_("If you meant a redirect, open Redirects in your hosting panel and set it there."),
    ),
)
TEMPORARY = Message(
    id="web.redirect.temporary",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("A lasting redirect is marked as temporary ({status:code})"),
    seen=N_("{url} redirects to {target} with {status:code}. {by:said}"),
    why=N_("Browsers ask again each time, and search engines keep the old address longer."),
    steps=(N_("Where the redirect is set, choose “permanent (301)”."),),
)

FIRST_HOP = Message(
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
    said: set[str] = set()
    for chain in chains:
        if not chain.hops:
            continue
        for finding in _of(chain, chains):
            if finding.id not in said:
                said.add(finding.id)
                yield finding


def _of(chain: RedirectChain, chains: tuple[RedirectChain, ...]) -> Iterator[Finding]:
    yield from _flexible(chain)
    yield from _plain(chain, chains)
    yield from _meta(chain)
    yield from _brief(chain)
    yield from _first(chain)


def _first(chain: RedirectChain) -> Iterator[Finding]:
    """From the plain address straight to the secure one of its twin (apex and www)."""
    if len(chain.hops) < 2 or not chain.start.startswith("http:") or chain.outcome != "arrived":
        return
    before, after = chain.hops[0], chain.hops[1]
    name, twin = host(before.url), host(after.url)
    twins = name != twin and name.removeprefix("www.") == twin.removeprefix("www.")
    if twins and after.url.startswith("https:"):
        who = sender(before)
        yield FIRST_HOP(
            evidence=("web",),
            host=name,
            url=before.url,
            target=after.url,
            by=SENT.get(who.by, "") if who.name else "",
            sender=who.name,
        )


def _flexible(chain: RedirectChain) -> Iterator[Finding]:
    """An https address behind a CDN that sends to itself: the server never sees the encryption."""
    if chain.outcome != "loop":
        return
    for hop in chain.hops:
        target = urljoin(hop.url, hop.header("location"))
        if mark(hop) and hop.url.startswith("https:") and target == hop.url:
            yield FLEXIBLE(evidence=("web",), host=host(hop.url), url=hop.url, cdn=mark(hop))
            return


def _plain(chain: RedirectChain, chains: tuple[RedirectChain, ...]) -> Iterator[Finding]:
    """A walk that stays plain, at a name whose secure address shows a page and keeps it secure."""
    name = host(chain.start)
    if not (_shown(chain) and all(hop.url.startswith("http:") for hop in chain.hops)):
        return
    secure = [c for c in chains if c.start == f"https://{name}/" and c.hops and _shown(c)]
    if any(all(hop.url.startswith("https:") and _valid(hop) for hop in c.hops) for c in secure):
        yield NO_HTTPS(evidence=("web",), url=chain.start)


def _shown(chain: RedirectChain) -> bool:
    return chain.outcome == "arrived" and arrived(chain.last) and chain.last.status < 400


def _valid(hop: Exchange) -> bool:
    """Whether browsers would accept the certificate, as far as it was looked at."""
    shake = hop.handshake
    return shake is None or (shake.verified and shake.name_matches)


def _meta(chain: RedirectChain) -> Iterator[Finding]:
    end = chain.last
    target = refresh(end) if _shown(chain) else ""
    if _shown(chain) and _reloads(end):
        yield RELOADS(evidence=("web",), url=end.url)
    if target:
        yield META(evidence=("web",), url=end.url, target=target)


def refresh(page: Exchange) -> str:
    """Where a page sends the browser within seconds (HTML, “refresh”); "" when it does not."""
    _, target = _refresh(page)
    return target if target.rstrip("/") != page.url.rstrip("/") else ""


def _refresh(page: Exchange) -> tuple[int, str]:
    """After how many seconds a page sends the browser on, and where to; "" when it does not."""
    for tag in _META.findall(page.excerpt[:20_000]):
        found = _REFRESH.search(tag) if "refresh" in tag.lower() else None
        if found and int(found[1]) <= QUICK:
            try:
                return int(found[1]), urljoin(page.url, html.unescape(found[2] or ""))
            except ValueError:
                break
    return 0, ""


def _reloads(page: Exchange) -> bool:
    """Whether a page does nothing but load itself again. One that sets a cookie or runs a script
    may show itself at the second time."""
    after, target = _refresh(page)
    same = target == page.url or (not path(target) and target.rstrip("/") == page.url.rstrip("/"))
    changes = page.header("set-cookie") or "script" in page.excerpt.lower()
    return after <= AT_ONCE and same and not changes


def _brief(chain: RedirectChain) -> Iterator[Finding]:
    """302 or 307 between the forms of one address, which are meant for good."""
    for before, after in pairwise(chain.hops):
        forms = host(before.url).removeprefix("www.") == host(after.url).removeprefix("www.")
        same = forms and path(before.url) == path(after.url) and before.url != after.url
        if before.status not in (302, 303, 307) or not same or chain.outcome != "arrived":
            continue
        if not inside(host(before.url), host(chain.start).removeprefix("www.")):
            continue
        who = sender(before)
        yield TEMPORARY(
            evidence=("web",),
            url=before.url,
            target=after.url,
            status=str(before.status),
            by=SENT.get(who.by, "") if who.name else "",
            sender=who.name,
        )


CHECK = Check(
    id="web.hops",
    title=N_("Redirects are made in the right way"),
    needs=(WEB,),
    messages=(FLEXIBLE, NO_HTTPS, META, RELOADS, TEMPORARY, FIRST_HOP),
    judge=judge,
)
