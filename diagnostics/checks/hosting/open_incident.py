"""Check for an open incident or maintenance on the customer's server.

It says what it may explain; a proven cause of the same goes before it (`tentative`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from diagnostics.checks.readings import normalise_name
from diagnostics.evidence.keys import DELEGATION, EXPECTED, KNOWN_INCIDENT, MatchingIncident
from diagnostics.model import Case, Check, Evidence, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_

# What an outage looks like from outside, by what the customer has on the machines.
OUTAGES = {
    "web": (
        "web.site.unreachable",
        "web.site.refused",
        "web.site.server_error",
        "web.site.unavailable",
        "web.site.gateway_error",
        "web.site.broken_answer",
        "web.site.slow",
    ),
    "mail": (
        "mail.greeting.unreachable",
        "mail.ports.closed",
        "mailbox.sign_in.unreachable",
    ),
}
NO_NAME_SERVER = "dns.ns.none_working"  # where all of them are the provider's
_ALL_OUTAGES = (*OUTAGES["web"], *OUTAGES["mail"], NO_NAME_SERVER)
_MAYBE_THE_CAUSE = N_("It may be the cause of what you see. You do not need to change anything.")
_FOLLOW = N_("Follow the progress on our status page: {url}.")

OPEN = FindingMessage(
    id="incident.known.open",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("We know about a problem on our side and are working on it"),
    seen=N_("Open now: {title}. {since:said}"),
    why=_MAYBE_THE_CAUSE,
    steps=(
        _FOLLOW,
        N_("Check again when it is closed. If your problem stays, write to us from this report."),
    ),
    hides=_ALL_OUTAGES,
    tentative=True,
)
WORK = FindingMessage(
    id="incident.known.work",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("Planned work is under way on our side"),
    seen=N_("Under way now: {title}. {since:said}"),
    why=_MAYBE_THE_CAUSE,
    steps=(
        _FOLLOW,
        N_("Check again when it is over. If your problem stays, write to us from this report."),
    ),
    hides=_ALL_OUTAGES,
    tentative=True,
)
ELSEWHERE = FindingMessage(
    id="incident.known.elsewhere",
    severity=Severity.NOTICE,
    owner=Owner.PROVIDER,
    title=N_("Another of your services is disturbed on our side"),
    seen=N_("Open now: {title}. {since:said}"),
    why=N_("{reason:said}"),
    steps=(_FOLLOW,),
)
ONLY_WEB = N_("It concerns your website, so it hardly explains trouble with e-mail.")
ONLY_MAIL = N_("It concerns your e-mail, so it hardly explains trouble with the website.")
SINCE = N_("It began at {began:datetime}.")
STATUS_PAGE = N_("see the link at the top of the page")


def judge(case: Case) -> Iterable[Finding]:
    incident = case.evidence[KNOWN_INCIDENT]
    if not incident.id:
        return
    message, reason = WORK if incident.planned else OPEN, ""
    if case.category in OUTAGES and incident.areas and case.category not in incident.areas:
        message, reason = ELSEWHERE, ONLY_MAIL if case.category == "web" else ONLY_WEB
    finding = message(
        evidence=("known",),
        title=dict(incident.title),
        url=dict(incident.url) or STATUS_PAGE,
        since=SINCE if incident.since else "",
        began=incident.since.isoformat() if incident.since else None,
        reason=reason,
    )
    if message is OPEN and not incident.is_outage:
        finding = replace(finding, severity=Severity.WARNING)
    yield replace(finding, hides=_explained(incident, case.evidence)) if message.hides else finding


def _explained(incident: MatchingIncident, evidence: Evidence) -> tuple[str, ...]:
    """The findings that it may be the cause of: those of the services that it touches."""
    areas = incident.areas or tuple(OUTAGES)
    outages = tuple(name for area in areas for name in OUTAGES.get(area, ()))
    return (*outages, NO_NAME_SERVER) if _has_our_name_servers(evidence) else outages


def _has_our_name_servers(evidence: Evidence) -> bool:
    """Whether every name server of the domain is the provider's."""
    delegation, expected = evidence.get(DELEGATION), evidence.get(EXPECTED)
    if delegation is None or expected is None:
        return False
    names = {normalise_name(name) for name in delegation.parent_ns}
    return bool(names) and names <= {normalise_name(name) for name in expected.nameservers}


CHECK = Check(
    id="incident.known",
    title=N_("No known incident on our side touches this domain"),
    needs=(KNOWN_INCIDENT,),
    tolerates=(DELEGATION, EXPECTED),
    messages=(OPEN, WORK, ELSEWHERE),
    judge=judge,
)
