"""Check that the destinations of DMARC reports accept them (RFC 9990, 4)."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.evidence.keys import DMARC
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Record

UNAUTHORISED = FindingMessage(
    id="mail.dmarc.reports_not_accepted",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("DMARC reports about {domain} are not sent to where you want them"),
    seen=N_("They are to go to {targets:list}, where nobody says that they are accepted."),
    why=N_("Without that consent no receiver sends reports, and you do not see forgeries."),
    steps=(
        N_("Ask whoever runs {targets:list} to set the record below in the DNS there."),
        N_("Or take an address at {domain} itself for the reports."),
    ),
)
UNSURE = FindingMessage(
    id="mail.dmarc.reports_unsure",
    severity=Severity.INFO,
    owner=Owner.NOBODY,
    title=N_("Not all who are to get DMARC reports about {domain} are known to accept them"),
    seen=N_(
        "They are to go to {targets:list} too; whether they are accepted there could not be seen."
    ),
    why=N_("Receivers send reports only to those who accept them."),
    steps=(
        N_("Check again later."),
        N_("Of very many addresses take out those that nobody reads; not all are looked up."),
    ),
)
NONE_WANTED = FindingMessage(
    id="mail.dmarc.no_reports",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("Nobody receives DMARC reports about {domain}"),
    seen=N_("Its DMARC record says “p=none” and names no address for reports (rua)."),
    why=N_("So it neither protects nor informs; it only meets the demands of large services."),
    steps=(
        N_("Add “rua=mailto:…” with an address that you, or a service, read."),
        N_("Or go on to “p=quarantine” once all your senders pass."),
    ),
)


def judge(case: Case) -> Iterable[Finding]:
    dmarc = case.evidence[DMARC]
    policy = dmarc.tree.policy
    if policy is None:
        return
    refused = [d for d in dmarc.destinations if d.allowed is False]
    if refused:
        names = tuple(dict.fromkeys(d.name for d in refused))
        yield UNAUTHORISED(
            evidence=("dmarc",),
            records=tuple(Record(n, "TXT", 3600, '"v=DMARC1;"') for n in names),
            domain=dmarc.domain,
            targets=list(dict.fromkeys(d.host for d in refused)),
        )
    unsure = list(dict.fromkeys(d.host for d in dmarc.destinations if d.allowed is None))
    if unsure:
        yield UNSURE(evidence=("dmarc",), domain=dmarc.domain, targets=unsure)
    if dmarc.tree.wanted == "none" and not policy.rua:
        yield NONE_WANTED(evidence=("dmarc",), domain=dmarc.domain)


def _are_reports_wanted(case: Case) -> bool:
    policy = case.evidence[DMARC].tree.policy
    return policy is not None and bool(policy.rua)


CHECK = Check(
    id="mail.dmarc_reports",
    title=N_("DMARC reports arrive where they are wanted"),
    needs=(DMARC,),
    messages=(UNAUTHORISED, UNSURE, NONE_WANTED),
    judge=judge,
    seen=_are_reports_wanted,
)
