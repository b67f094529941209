"""Does the domain say who may send mail in its name, once and so that it can be read (RFC 7208)?

The record itself only; which servers it lets through is looked up elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.mail_mx import is_null
from diagnostics.checks.reading import agreed, authoritative, said_by, unknown
from diagnostics.evidence import MAIL, RECORDS, Records
from diagnostics.model import Case, Check, Finding, Message, Owner, Severity
from diagnostics.spf.record import SyntaxFault, is_spf, parse
from facts import Record
from render.i18n import N_

MISSING = Message(
    id="mail.spf.missing",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("{domain} does not say who may send mail in its name"),
    seen=N_("Among the TXT records of {domain} none begins with “v=spf1”."),
    why=N_("Large mail services put such mail into spam or refuse it; others can forge it easily."),
    steps=(
        N_("Ask your mail provider for the SPF record to set; it depends on where you send from."),
        N_("Add it in the DNS settings as a TXT record at {domain}."),
        N_("If nobody sends mail from {domain}, set “v=spf1 -all”."),
    ),
)
MULTIPLE = Message(
    id="mail.spf.multiple",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("{domain} has more than one SPF record"),
    seen=N_("There are {count:number} TXT records that begin with “v=spf1”; only one may exist."),
    why=N_("Receivers then ignore all of them, and your mail may land in spam or come back."),
    steps=(
        N_("In the DNS settings, write everything into one record: one “v=spf1”, one ending."),
        N_("Delete the other SPF records and check again in an hour."),
    ),
)
SYNTAX = Message(
    id="mail.spf.syntax",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} cannot be read"),
    seen=N_("The part “{term}” is not valid ({reason})."),
    why=N_("Receivers then ignore the whole record, and your mail may land in spam or come back."),
    steps=(
        N_("Compare the record with your mail provider's instructions, letter by letter."),
        N_("Correct the part “{term}” in the TXT record of {domain}."),
    ),
)
DIFFERS = Message(
    id="mail.spf.differs_between_ns",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("The name servers of {domain} have different SPF records"),
    seen=N_("{servers:list} gives another SPF record than the rest."),
    why=N_("The same message is accepted at one moment and refused at another."),
    steps=(
        N_("If you changed the DNS within the last hour, wait and check again."),
        N_("Ask the operator of {servers:list} to update its copy of the zone {domain}."),
    ),
)
NON_MAIL = Message(
    id="mail.spf.non_mail_domain",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("{domain} takes no mail, yet lets servers send in its name"),
    seen=N_("Its MX record says “no mail here”, while its SPF record is “{record}”."),
    why=N_("Nobody needs that permission, and a stranger could make use of it."),
    steps=(N_("Set the SPF record to “v=spf1 -all”, unless some system does send from there."),),
)
NO_MAIL = "v=spf1 -all"


def judge(case: Case) -> Iterable[Finding]:
    mail, records = case.evidence[MAIL], case.evidence[RECORDS]
    name = mail.domain
    texts = agreed(records, name, "TXT")
    if texts is None:
        yield unknown(CHECK.id, what="records")
        return
    if not any(x.rcode == "NOERROR" for x in authoritative(records, name, "TXT")):
        return  # a name that does not exist sends no mail
    found = [t for t in map(joined, texts) if is_spf(t)]
    silent = is_null(mail)
    odd = _odd(records, name)
    if odd:
        yield DIFFERS(evidence=("records",), domain=name, servers=odd)
    elif not found:
        quiet = (Record(name, "TXT", 3600, f'"{NO_MAIL}"'),) if silent else ()
        yield MISSING(evidence=("records",), records=quiet, domain=name)
    if len(found) > 1 and not odd:
        yield MULTIPLE(evidence=("records",), domain=name, count=len(found))
    for text in found[:1] if len(found) == 1 else ():
        try:
            parse(text)
        except SyntaxFault as fault:
            yield SYNTAX(
                evidence=("records",), domain=name, term=fault.term[:100], reason=fault.reason
            )
        if silent and text.split() != NO_MAIL.split():
            yield NON_MAIL(evidence=("records",), domain=name, record=text[:200])


def joined(value: str) -> str:
    """A TXT value as one text: its quoted strings without gaps (RFC 7208, 3.3)."""
    return value.replace('" "', "").strip('"')


def _odd(records: Records, name: str) -> list[str]:
    """The servers whose SPF record differs from the one that most give."""
    sets = {
        said_by(x): frozenset(t for t in map(joined, x.values("TXT")) if is_spf(t))
        for x in authoritative(records, name, "TXT")
    }
    camps = list(sets.values())
    if len(set(camps)) < 2:
        return []
    usual = max(camps, key=lambda camp: (camps.count(camp), len(camp), sorted(camp)))
    return sorted(server for server, camp in sets.items() if camp != usual)


CHECK = Check(
    id="mail.spf",
    title=N_("The domain says who may send its mail"),
    needs=(MAIL, RECORDS),
    messages=(MISSING, MULTIPLE, SYNTAX, DIFFERS, NON_MAIL),
    judge=judge,
)
