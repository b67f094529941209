"""Check of where redirects lead: each start address followed hop by hop, the walk judged whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from diagnostics.checks.readings import (
    SILENT_TROUBLES,
    has_any_response,
    has_response,
    hsts_policy,
    is_site_seen,
    is_within,
    normalise_name,
    unknown_finding,
)
from diagnostics.evidence.keys import HOSTING
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from explain.responders import Layer, identify_responder
from facts import Exchange, RedirectChain
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble
from standards.urls import is_address

LOOP = FindingMessage(
    id="web.redirect.loop",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The website sends visitors round in a circle"),
    seen=N_("{url} redirects to {via:list} and back again, without end. {by:said}"),
    why=N_("Browsers give up and show “too many redirects”; nobody sees your site."),
    steps=(
        N_(
            "In your hosting panel, open Redirects and look for two rules that point at each other."
        ),
        N_(
            "If a CDN stands before the site (Cloudflare, for example), set its encryption mode "
            "to “Full”; “Flexible” makes such circles."
        ),
        N_("In WordPress, check that both addresses under Settings → General are the same."),
        N_("Clear the cookies of the site in your browser and check again."),
    ),
    hides=(
        "web.site.",
        "web.www.",
        "web.redirect.too_many",
        "web.redirect.downgrade",
        "web.redirect.set_not_observed",
    ),
)
TOO_MANY = FindingMessage(
    id="web.redirect.too_many",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The website redirects too many times"),
    seen=N_("Starting at {url}, we were sent on {count:number} times and still had not arrived."),
    why=N_("Browsers stop after a number of redirects, and each one makes the site slower."),
    steps=(
        N_("Look at the list of hops below and find the ones that are not needed."),
        N_(
            "In your hosting panel, under Redirects, point the first rule straight at the last address."
        ),
    ),
    hides=("web.site.", "web.www."),
)
WRONG_HOST = FindingMessage(
    id="web.redirect.wrong_host",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The website redirects to an address that does not work"),
    seen=N_("{url} sends visitors to {target}. {problem:said} {by:said}"),
    why=N_("Visitors end on an error page although your own site may be fine."),
    steps=(
        N_("In your hosting panel, open Redirects and find the rule that leads to {target}."),
        N_("Correct its target, or delete the rule if it is left from an old site."),
        N_("If there is no such rule, look into the site's own settings and its .htaccess file."),
    ),
    hides=(
        "web.site.",
        "web.www.",
        "web.redirect.foreign_host",
        "web.redirect.observed_not_set",
    ),
)
DOWNGRADE = FindingMessage(
    id="web.redirect.downgrade",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The website leads from a secure address to an insecure one"),
    seen=N_("{url} is secure, but it redirects to {target}, which is not encrypted. {by:said}"),
    why=N_("Browsers warn visitors, and what they type can be read on the way."),
    steps=(
        N_("In your hosting panel, open Redirects and change the target from http:// to https://."),
        N_("In WordPress, write https:// into both addresses under Settings → General."),
    ),
    hides=("web.redirect.no_https",),
)
FOREIGN = FindingMessage(
    id="web.redirect.foreign_host",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("Visitors of {domain} end at another domain"),
    seen=N_("{url} redirects to {target}. {by:said}"),
    why=N_("That is right if you set it so. If you did not, somebody else may have."),
    steps=(
        N_("If the redirect is yours, there is nothing to do."),
        N_(
            "If it is not, look into Redirects in your hosting panel and into the .htaccess file, "
            "change your passwords, and tell support."
        ),
    ),
)

SENDER_SENTENCES = {
    Layer.APPLICATION: N_("The site's own program sent it ({sender})."),
    Layer.CDN: N_("The CDN sent it ({sender})."),
    Layer.SERVER: N_(
        "The web server sent it ({sender}), by a rule in the hosting panel or in the .htaccess file."
    ),
}
TURNS_BACK = N_(
    "It also tells browsers to use https only (HSTS), so that they turn back by themselves."
)
NO_SUCH_NAME = N_("That name does not exist.")
NO_ANSWER = N_("Nothing answers there.")
NUMERIC = N_("That is a bare number address, not the name of a site.")
BAD_PORT = N_("Browsers refuse to open that port.")
INTERNAL = N_("That address works only inside a network.")
NO_WEB = N_("That is no address of a website, for it begins with “{scheme}:”.")
# Bounded, for a target may be as long as a header; real schemes are short (RFC 3986, 3.1).
_SCHEME = re.compile(r"\A([a-z][a-z0-9+.-]{0,60}):", re.IGNORECASE)


def judge(case: Case) -> Iterable[Finding]:
    chains = case.evidence[WEB].chains
    reported: set[str] = set()
    for chain in chains:
        for finding in _judge_chain(case, chain):
            # Each kind once: the four starting points mostly share one fault.
            if finding.id not in reported:
                reported.add(finding.id)
                yield finding
    if not reported and not has_any_response(chains):
        yield unknown_finding(CHECK.id, what="web")


def _judge_chain(case: Case, chain: RedirectChain) -> Iterator[Finding]:
    urls = [hop.url for hop in chain.hops]
    if chain.outcome == "loop":
        addresses_between = list(dict.fromkeys(u for u in urls if u != chain.start))[:5] or [
            chain.start
        ]
        yield LOOP(
            evidence=("web",),
            url=chain.start,
            via=addresses_between,
            by=_sender_sentence(chain.last),
            sender=identify_responder(chain.last).name,
        )
    elif chain.outcome == "too_many":
        yield TOO_MANY(evidence=("web",), url=chain.start, count=len(urls) - 1)
    elif problem := _non_web_target(chain) or _dead_end(chain):
        end = _destination(chain)
        yield WRONG_HOST(
            evidence=("web",),
            url=chain.start,
            target=end,
            problem=problem,
            scheme=_url_scheme(end),
            by=_sender_sentence(_departing_hop(chain)),
            sender=identify_responder(_departing_hop(chain)).name,
        )
    elif (
        len(urls) > 1 and has_response(chain.last) and not _is_expected_target(case, chain.last.url)
    ):
        yield FOREIGN(
            evidence=("web",),
            domain=case.subject.domain,
            url=chain.start,
            target=chain.last.url,
            by=_sender_sentence(_departing_hop(chain)),
            sender=identify_responder(_departing_hop(chain)).name,
        )
    for hop, (before, after) in zip(chain.hops, pairwise(urls), strict=False):
        if before.startswith("https:") and after.startswith("http:") and has_response(chain.last):
            yield DOWNGRADE(
                evidence=("web",),
                url=before,
                target=after,
                by=_sender_sentence(hop),
                sender=identify_responder(hop).name,
            )
            if url_host(before) == url_host(after) and _enforces_https(hop):
                yield LOOP(evidence=("web",), url=before, via=[after], by=TURNS_BACK)


def _enforces_https(hop: Exchange) -> bool:
    """Whether browsers will insist on https from now on (RFC 6797, 8.1): over sound TLS only."""
    handshake = hop.handshake
    is_valid = handshake is None or handshake.is_accepted(hop.at)
    policy = hsts_policy(hop)
    return is_valid and policy is not None and policy[0] > 0


def _sender_sentence(hop: Exchange) -> str:
    """Who sent a redirect, as a sentence; "" when it does not show."""
    responder = identify_responder(hop)
    return SENDER_SENTENCES.get(responder.by, "") if responder.name else ""


def _departing_hop(chain: RedirectChain) -> Exchange:
    """The hop that leads away from the name a walk began at, or the last one that redirects."""
    for hop, following in pairwise(chain.hops):
        if url_host(following.url) != url_host(chain.start):
            return hop
    return (
        chain.hops[-1] if chain.outcome == "bad_target" else chain.hops[max(0, len(chain.hops) - 2)]
    )


def _non_web_target(chain: RedirectChain) -> str:
    """That the redirect leads to no website at all, as a sentence; "" when it leads to one."""
    is_foreign = _url_scheme(_destination(chain)) not in ("", "http", "https")
    return NO_WEB if chain.outcome == "bad_target" and is_foreign else ""


def _dead_end(chain: RedirectChain) -> str:
    """Why the redirect's destination cannot be right, as a sentence; "" when it is fine."""
    end, last = _destination(chain), chain.last
    if url_host(end) == url_host(chain.start) and is_address(url_host(end)) is False:
        return ""
    if chain.outcome == "bad_target" or last.trouble is Trouble.BLOCKED:
        return _blocked_reason(end, last)
    if len(chain.hops) < 2:
        return ""
    if is_address(url_host(end)):
        return NUMERIC
    if last.trouble is Trouble.NXDOMAIN:
        return NO_SUCH_NAME
    # Without an address we were not there: our resolver, not their server, was silent.
    return NO_ANSWER if last.trouble in SILENT_TROUBLES and last.ip else ""


def _blocked_reason(target: str, last: Exchange) -> str:
    """Why nobody may go there. No address was met where the port alone forbids it."""
    refused = last.trouble is Trouble.BLOCKED
    if _is_internal(target) or (refused and last.ip):
        return INTERNAL
    return BAD_PORT if refused else NO_SUCH_NAME


def _is_internal(url: str) -> bool:
    return is_address(url_host(url)) or url_host(url) == "localhost"


def _url_scheme(url: str) -> str:
    """What an address begins with, lower case; "" when it names only a place at the same site."""
    match = _SCHEME.match(url.strip())
    return match[1].lower() if match else ""


def _destination(chain: RedirectChain) -> str:
    """Where the walk was sent last, also when that could not be asked."""
    last = chain.last
    if chain.outcome == "bad_target" and last.header("location"):
        return last.header("location")
    return last.url


def url_host(url: str) -> str:
    """The host of a URL, lower case; "" when it has none."""
    try:
        return normalise_name(urlsplit(url).hostname or "")
    except ValueError:
        return ""


def url_path(url: str) -> str:
    """The path of a URL without its outer slashes; "" when it has none."""
    try:
        return urlsplit(url).path.strip("/")
    except ValueError:
        return ""


def _is_expected_target(case: Case, url: str) -> bool:
    """Whether a URL is still the customer's own, or a target that the panel has been told of."""
    if is_within(url_host(url), case.subject.domain):
        return True
    hosting = case.evidence.get(HOSTING)
    return hosting is not None and url_host(url) in {url_host(r.target) for r in hosting.redirects}


CHECK = Check(
    id="web.redirect",
    title=N_("Redirects lead to the right place"),
    needs=(WEB,),
    tolerates=(HOSTING,),
    messages=(LOOP, TOO_MANY, WRONG_HOST, DOWNGRADE, FOREIGN),
    judge=judge,
    seen=is_site_seen,
    refuted_by=(
        "web.site.leads_nowhere",
        "web.site.parked",
        "web.site.suspended_page",
        "web.redirect.leads_elsewhere",
        "web.redirect.reloads",
        "web.wanted.elsewhere",
    ),
)
