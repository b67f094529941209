"""Do all name servers tell the same of the domain's mail, and is the null MX written as it must be?

RFC 5321, 5.1 and RFC 7505. Where the mail then goes is mail_mx.py's matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.checks.readings import SILENT, bare, said_by
from diagnostics.evidence.keys import DELEGATION, MAIL
from diagnostics.model import Case, Check, Finding, Message, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Lookup

NULL_WITH_OTHER = Message(
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
NULL_PREF = Message(
    id="mail.mx.null_pref",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The record that switches mail off for {domain} is not written right"),
    seen=N_("The MX record is “{value}”; to say “no mail here” it must be “0 .”."),
    why=N_("Some senders do not recognise it, and try in vain for days."),
    steps=(N_("In the DNS settings, change the priority of this MX record to 0."),),
)
INCONSISTENT = Message(
    id="mail.mx.inconsistent",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("The name servers of {domain} do not agree on where its mail goes"),
    seen=N_("{servers:list} gives other MX records than the rest."),
    why=N_("A part of the mail is delivered to the wrong place or comes back."),
    steps=(
        N_("If you changed the DNS within the last hour, wait and check again."),
        N_("Ask the operator of {servers:list} to update its copy of the zone {domain}."),
    ),
)
NO_ANSWER = Message(
    id="mail.mx.no_answer",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server does not answer when asked for the mail of {domain}"),
    seen=N_("Asked for the MX records, {servers:list} stayed silent."),
    why=N_("Mail is delayed, and sometimes comes back to the sender."),
    steps=(N_("Ask the operator of {servers:list} why it leaves MX questions unanswered."),),
)
RCODE = Message(
    id="mail.mx.rcode",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server answers with an error when asked for the mail of {domain}"),
    seen=N_("Asked for the MX records, {servers:list} answered {errors:list}."),
    why=N_("Senders that ask this server keep the mail waiting or send it back."),
    steps=(N_("Ask the operator of {servers:list} to repair the zone {domain}."),),
)
NON_AUTH = Message(
    id="mail.mx.non_auth",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server does not speak for the mail of {domain} with authority"),
    seen=N_("Its answer for the MX records is only second-hand: {servers:list}."),
    why=N_("Resolvers pass over such answers, so mail may be delayed."),
    steps=(N_("Ask the operator of {servers:list} to serve the zone {domain} itself."),),
)


def judge(case: Case) -> Iterable[Finding]:
    mail = case.evidence[MAIL]
    values = list(dict.fromkeys(v for x in mail.mx for v in x.values("MX")))
    null = [v for v in values if not bare(v.partition(" ")[2])]
    others = sorted(bare(v.partition(" ")[2]) for v in values if v not in null)
    if null and others:
        yield NULL_WITH_OTHER(evidence=("mail",), domain=mail.domain, hosts=others)
    if null and not null[0].startswith("0 "):
        yield NULL_PREF(evidence=("mail",), domain=mail.domain, value=null[0])
    if any(x.server_name for x in mail.mx):  # by the name servers themselves, not by a resolver
        yield from _servers(case)


def _servers(case: Case) -> Iterator[Finding]:
    mail, delegation = case.evidence[MAIL], case.evidence.get(DELEGATION)
    spoke = {x.server for x in (delegation.soa if delegation else ()) if not x.trouble}
    silent = [x for x in mail.mx if x.trouble in SILENT and x.server in spoke]
    told = [x for x in mail.mx if not x.trouble]
    failed = [x for x in told if x.rcode not in ("NOERROR", "NXDOMAIN")]
    lesser = [x for x in told if x.rcode == "NOERROR" and "aa" not in x.flags]
    if silent:
        yield NO_ANSWER(evidence=("mail",), domain=mail.domain, servers=_names(silent))
    if failed:
        errors = sorted({x.rcode for x in failed})
        yield RCODE(evidence=("mail",), domain=mail.domain, servers=_names(failed), errors=errors)
    if lesser and any("aa" in x.flags for x in told):
        yield NON_AUTH(evidence=("mail",), domain=mail.domain, servers=_names(lesser))
    odd = _odd([x for x in told if "aa" in x.flags and x.rcode == "NOERROR"])
    if odd:
        yield INCONSISTENT(evidence=("mail",), domain=mail.domain, servers=odd)


def _odd(answers: list[Lookup]) -> list[str]:
    """The servers whose MX set differs from the one that most give."""
    sets = {said_by(x): frozenset(x.values("MX")) for x in answers}
    camps = list(sets.values())
    if len(set(camps)) < 2:
        return []
    usual = max(camps, key=lambda camp: (camps.count(camp), len(camp), sorted(camp)))
    return sorted(name for name, camp in sets.items() if camp != usual)


def _names(answers: list[Lookup]) -> list[str]:
    return sorted({said_by(x) for x in answers})


CHECK = Check(
    id="mail.zone",
    title=N_("All name servers tell the same of the mail"),
    needs=(MAIL,),
    tolerates=(DELEGATION,),
    messages=(NULL_WITH_OTHER, NULL_PREF, INCONSISTENT, NO_ANSWER, RCODE, NON_AUTH),
    judge=judge,
)
