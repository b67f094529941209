"""Check whether the website answers, and with which status, at the end of each walk.

A site counts as unreachable only when our own line has proved to work in the same run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from diagnostics.checks.readings import (
    NO_ORDINARY_PAGE,
    SILENT_TROUBLES,
    has_any_response,
    has_dns_answer,
    has_response,
    is_site_seen,
    unknown_finding,
    web_names,
)
from diagnostics.checks.web.http_statuses import MESSAGES, status_message
from diagnostics.checks.web.redirects import url_host
from diagnostics.evidence.keys import DELEGATION
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Exchange, RedirectChain
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble

SLOW_AFTER = timedelta(seconds=3)
PAGE_FINDINGS = ("web.pages.", "web.redirect.", "web.www.")  # nothing to see where nobody answers

REFUSED = FindingMessage(
    id="web.site.refused",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The server of {host} is there, but no website runs on it"),
    seen=N_("The server at {address} refused the connection at once."),
    why=N_(
        "Nobody can open the site. The web service is off, or the name leads to a wrong server."
    ),
    steps=(
        N_("Look at the status page for an open incident."),
        N_("If you run the server yourself, check that the web server program is started."),
        N_("Otherwise send this report to support."),
    ),
    hides=PAGE_FINDINGS,
)
UNREACHABLE = FindingMessage(
    id="web.site.unreachable",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The server of {host} does not answer"),
    seen=N_("We tried {address} and got no answer, although our own connection works."),
    why=N_("Visitors wait for a long time and then see an error."),
    steps=(
        N_("Look at the status page for an open incident."),
        N_(
            "If you run the server yourself, check that it is switched on and its firewall is open."
        ),
        N_("Otherwise send this report to support."),
    ),
    hides=PAGE_FINDINGS,
)
NOT_HTTP = N_("What came back cannot be read as the answer of a web server.")
CUT_OFF = N_("The answer broke off before its end.")
REST_BROKEN = N_("The answer began, but its rest is missing or cannot be read.")
NEVER_ENDS = N_("The answer began, but did not come to its end in time.")
BROKEN = FindingMessage(
    id="web.site.broken_answer",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The server of {host} sends a broken answer"),
    seen=N_("We asked for {url}. {problem:said}"),
    why=N_("Browsers show an error or half a page instead of the site."),
    steps=(
        N_("Check again in a few minutes; the server may just have been starting."),
        N_("If you run the server yourself, check which program listens there, and its error log."),
        N_("Otherwise send this report to support."),
    ),
    hides=("web.pages.", "web.www."),
)
SLOW = FindingMessage(
    id="web.site.slow",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The website is slow to answer"),
    seen=N_("{url} took {waited:duration} before the first sign of an answer."),
    why=N_("Many visitors leave a page that has not appeared within three seconds."),
    steps=(
        N_("Check again in a few minutes; a single slow answer may be chance."),
        N_("Turn on a page cache, and turn off plugins that are not needed."),
        N_("In your hosting panel, see whether a processor or disk limit is hit."),
    ),
)


def judge(case: Case) -> Iterable[Finding]:
    chains = [c for c in case.evidence[WEB].chains if c.hops and c.outcome != "loop"]
    names = web_names(case.subject)
    own_chains = [c for c in chains if url_host(c.start) in (*names, case.subject.host)]
    findings: dict[str, Finding] = {}
    for finding in (
        *_broken_answer_findings(own_chains),
        *_unreachable_findings(case, own_chains),
        *_status_findings(own_chains),
        *_slow_findings(own_chains),
    ):
        findings.setdefault(finding.id, finding)
    yield from findings.values()
    if own_chains and not findings and not has_any_response(own_chains):
        trouble = next((c.last.trouble for c in own_chains if c.last.trouble), Trouble.TIMEOUT)
        yield unknown_finding(CHECK.id, what="web", trouble=trouble.value)


def _broken_answer_findings(chains: list[RedirectChain]) -> Iterator[Finding]:
    """Answers that came and are none: no HTTP, or an end before the end. One that is merely late
    counts only where no other was whole."""
    tolerated_troubles = () if has_any_response(chains) else (Trouble.TIMEOUT,)
    for chain in chains:
        response = chain.last
        if (
            response.trouble is Trouble.PROTOCOL
            and response.ip
            and not _is_handshake_failed(response)
        ):
            problem = REST_BROKEN if response.status else NOT_HTTP
        elif response.status and response.trouble is Trouble.RESET:
            problem = CUT_OFF
        elif response.status and response.trouble in tolerated_troubles:
            problem = NEVER_ENDS
        else:
            continue
        yield BROKEN(
            evidence=("web",), host=url_host(response.url), url=response.url, problem=problem
        )


def _is_handshake_failed(response: Exchange) -> bool:
    """Whether the trouble was in the handshake, which is for the TLS check."""
    return response.handshake is not None and response.handshake.trouble is not None


def _unreachable_findings(case: Case, chains: list[RedirectChain]) -> Iterator[Finding]:
    """Sites where nothing answers at all. An https that cannot be spoken to beside a living http is
    for the TLS check, and one dead name beside its living twin for the www check."""
    last_responses = [c.last for c in chains if url_host(c.last.url) == url_host(c.start)]
    silent_responses = [
        x for x in last_responses if x.trouble in SILENT_TROUBLES and x.ip and not x.status
    ]
    if has_any_response(chains):
        silent_responses = _hanging_responses(chains, silent_responses)
    if not silent_responses or any(_broken_answer_findings(chains)):
        return
    first, delegation = silent_responses[0], case.evidence.get(DELEGATION)
    if all(x.trouble is Trouble.REFUSED for x in silent_responses):
        yield REFUSED(evidence=("web",), host=url_host(first.url), address=first.ip)
    elif delegation is not None and has_dns_answer(delegation):
        yield UNREACHABLE(evidence=("web",), host=url_host(first.url), address=first.ip)
    else:
        yield unknown_finding(CHECK.id, what="web", trouble=Trouble.TIMEOUT.value)


def _hanging_responses(
    chains: list[RedirectChain], silent_responses: list[Exchange]
) -> list[Exchange]:
    """Who shook hands and then stayed silent, where no secure address of the site answers: the
    plain ones only sent us there, and the certificate is sound."""
    if any(has_response(c.last) and c.last.url.startswith("https:") for c in chains):
        return []
    return [x for x in silent_responses if x.handshake is not None and not _is_handshake_failed(x)]


def _status_findings(chains: list[RedirectChain]) -> Iterator[Finding]:
    for response in (c.last for c in chains if has_response(c.last)):
        if status_finding := status_message(response, url_host(response.url)):
            message, args = status_finding
            yield Finding(message.id, args, ("web",))


def _slow_findings(chains: list[RedirectChain]) -> Iterator[Finding]:
    """Slow only when every answer of the site was: one slow answer may be chance."""
    last_responses = [c.last for c in chains if has_response(c.last) and c.last.status < 400]
    if last_responses and all(x.phases.first_byte >= SLOW_AFTER for x in last_responses):
        fastest = min(last_responses, key=lambda x: x.phases.first_byte)
        seconds = round(fastest.phases.first_byte.total_seconds(), 1)
        yield SLOW(evidence=("web",), url=fastest.url, waited=seconds)


CHECK = Check(
    id="web.site",
    title=N_("The website answers"),
    needs=(WEB,),
    tolerates=(DELEGATION,),
    messages=(REFUSED, UNREACHABLE, BROKEN, *MESSAGES, SLOW),
    judge=judge,
    seen=is_site_seen,
    refuted_by=NO_ORDINARY_PAGE,
)
