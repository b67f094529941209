"""Check that all name servers give the same MX records, and that a null MX is well formed.

RFC 5321, 5.1 and RFC 7505. Where the mail then goes is in mx.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.checks.readings import SILENT_TROUBLES, answering_server, normalise_name
from diagnostics.evidence.keys import DELEGATION, MAIL
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Lookup

NULL_WITH_OTHER = FindingMessage(
    id="mail.mx.null_with_other",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("{domain} says both that it takes mail and that it takes none"),
    seen=N_("Beside the MX record “0 .” (no mail here) there are others: {hosts:list}."),
    why=N_("Some senders believe the one, some the other; a part of the mail comes back."),
    steps=(
        N_("If you use mail at {domain}, delete the MX record “0 .” in the DNS settings."),
        N_("If you do not, delete the others."),
    ),
)
NULL_PREF = FindingMessage(
    id="mail.mx.null_pref",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The record that switches mail off for {domain} is not written right"),
    seen=N_("The MX record is “{value}”; to say “no mail here” it must be “0 .”."),
    why=N_("Some senders do not recognise it, and try in vain for days."),
    steps=(N_("In the DNS settings, change the priority of this MX record to 0."),),
)
INCONSISTENT = FindingMessage(
    id="mail.mx.inconsistent",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("The name servers of {domain} do not agree on where its mail goes"),
    seen=N_("The MX records from {servers:list} differ from those of the rest."),
    why=N_("A part of the mail is delivered to the wrong place or comes back."),
    steps=(
        N_("If you changed the DNS within the last hour, wait and check again."),
        N_("Ask the operator of {servers:list} to update the copy of the zone {domain}."),
    ),
)
NO_ANSWER = FindingMessage(
    id="mail.mx.no_answer",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server does not answer when asked for the mail of {domain}"),
    seen=N_("Asked for the MX records, {servers:list} stayed silent."),
    why=N_("Mail is delayed, and sometimes comes back to the sender."),
    steps=(N_("Ask the operator of {servers:list} why MX questions are left unanswered."),),
)
RCODE = FindingMessage(
    id="mail.mx.rcode",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server answers with an error when asked for the mail of {domain}"),
    seen=N_("Asked for the MX records, {servers:list} answered {errors:list}."),
    why=N_("Senders that ask this server keep the mail waiting or send it back."),
    steps=(N_("Ask the operator of {servers:list} to repair the zone {domain}."),),
)
NON_AUTH = FindingMessage(
    id="mail.mx.non_auth",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server does not speak for the mail of {domain} with authority"),
    seen=N_("The answer for the MX records is only second-hand from {servers:list}."),
    why=N_("Resolvers pass over such answers, so mail may be delayed."),
    steps=(N_("Ask the operator of {servers:list} to serve the zone {domain} itself."),),
)


def judge(case: Case) -> Iterable[Finding]:
    mail = case.evidence[MAIL]
    values = list(dict.fromkeys(v for x in mail.mx for v in x.values("MX")))
    null = [v for v in values if not normalise_name(v.partition(" ")[2])]
    others = sorted(normalise_name(v.partition(" ")[2]) for v in values if v not in null)
    if null and others:
        yield NULL_WITH_OTHER(evidence=("mail",), domain=mail.domain, hosts=others)
    if null and not null[0].startswith("0 "):
        yield NULL_PREF(evidence=("mail",), domain=mail.domain, value=null[0])
    if any(x.server_name for x in mail.mx):  # by the name servers themselves, not by a resolver
        yield from _server_findings(case)


def _server_findings(case: Case) -> Iterator[Finding]:
    mail, delegation = case.evidence[MAIL], case.evidence.get(DELEGATION)
    responsive = {x.server for x in (delegation.soa if delegation else ()) if not x.trouble}
    silent = [x for x in mail.mx if x.trouble in SILENT_TROUBLES and x.server in responsive]
    answers = [x for x in mail.mx if not x.trouble]
    failed = [x for x in answers if x.rcode not in ("NOERROR", "NXDOMAIN")]
    non_authoritative = [x for x in answers if x.rcode == "NOERROR" and "aa" not in x.flags]
    if silent:
        yield NO_ANSWER(evidence=("mail",), domain=mail.domain, servers=_server_names(silent))
    if failed:
        errors = sorted({x.rcode for x in failed})
        yield RCODE(
            evidence=("mail",), domain=mail.domain, servers=_server_names(failed), errors=errors
        )
    if non_authoritative and any("aa" in x.flags for x in answers):
        yield NON_AUTH(
            evidence=("mail",), domain=mail.domain, servers=_server_names(non_authoritative)
        )
    deviating = _deviating_servers([x for x in answers if "aa" in x.flags and x.rcode == "NOERROR"])
    if deviating:
        yield INCONSISTENT(evidence=("mail",), domain=mail.domain, servers=deviating)


def _deviating_servers(answers: list[Lookup]) -> list[str]:
    """The servers whose MX set differs from the one that most give."""
    values_by_server = {answering_server(x): frozenset(x.values("MX")) for x in answers}
    value_sets = list(values_by_server.values())
    if len(set(value_sets)) < 2:
        return []
    majority = max(value_sets, key=lambda camp: (value_sets.count(camp), len(camp), sorted(camp)))
    return sorted(name for name, camp in values_by_server.items() if camp != majority)


def _server_names(answers: list[Lookup]) -> list[str]:
    return sorted({answering_server(x) for x in answers})


CHECK = Check(
    id="mail.zone",
    title=N_("All name servers tell the same of the mail"),
    needs=(MAIL,),
    tolerates=(DELEGATION,),
    messages=(NULL_WITH_OTHER, NULL_PREF, INCONSISTENT, NO_ANSWER, RCODE, NON_AUTH),
    judge=judge,
    refuted_by=("mail.spf.differs_between_ns",),
)
