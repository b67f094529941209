"""Check for an open incident or maintenance on the customer's server; reported before all else."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.evidence.keys import KNOWN
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_

OPEN = FindingMessage(
    id="incident.known.open",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("We know about a problem on our side and are working on it"),
    seen=N_("Open now: {title}. {since:said}"),
    why=N_("It may be the cause of what you see. You do not need to change anything."),
    steps=(
        N_("Follow the progress on our status page: {url}."),
        N_("Check again when it is closed. If your problem stays, write to us from this report."),
    ),
    hides=(
        "web.site.unreachable",
        "web.site.refused",
        "web.site.server_error",
        "web.site.unavailable",
        "web.site.gateway_error",
        "web.site.slow",
        "mail.greeting.unreachable",
    ),
)
SINCE = N_("It began at {began:datetime}.")
STATUS_PAGE = N_("see the link at the top of the page")


def judge(case: Case) -> Iterable[Finding]:
    incident = case.evidence[KNOWN]
    if incident.id:
        yield OPEN(
            evidence=("known",),
            title=incident.title,
            url=incident.url or STATUS_PAGE,
            since=SINCE if incident.since else "",
            began=incident.since.isoformat() if incident.since else None,
        )


CHECK = Check(
    id="incident.known",
    title=N_("No known incident on our side"),
    needs=(KNOWN,),
    messages=(OPEN,),
    judge=judge,
)
