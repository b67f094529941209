"""Check of the SPF record itself: present, single, valid, recognised (RFC 7208).

The record itself only; what its terms lead to is in spf_limits.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from diagnostics.checks.mail.mx import has_null_mx
from diagnostics.checks.mail.readings import (
    NO_MAIL,
    provider_terms,
    sends_through_provider,
    txt_records,
)
from diagnostics.checks.readings import (
    answering_server,
    authoritative_answers,
    majority_values,
    unknown_finding,
)
from diagnostics.evidence.keys import EXPECTED, HOSTING, MAIL, RECORDS, SPF, Records
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.queries import character_strings, join_strings, likely_policies
from standards.spf.correction import VERSION, is_meant_as_spf, repair_records, repair_split_strings
from standards.spf.record import SyntaxFault, is_spf, parse_spf

FOLLOWERS = ("mail.spf_tree.", "mail.spf_style.", "mail.spf_sender.")
IGNORED = N_("Receivers then ignore the whole record, and your mail may land in spam or come back.")
MISSING = FindingMessage(
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
    hides=FOLLOWERS,
)
MULTIPLE = FindingMessage(
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
    hides=FOLLOWERS,
)
SYNTAX = FindingMessage(
    id="mail.spf.syntax",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} cannot be read"),
    seen=N_("The part “{term}” is not valid. {reason:said}"),
    why=IGNORED,
    steps=(
        N_("Compare the record with your mail provider's instructions, letter by letter."),
        N_("Correct the part “{term}” in the TXT record of {domain}."),
    ),
    hides=FOLLOWERS,
)
SPLIT = FindingMessage(
    id="mail.spf.badly_split",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} is cut into pieces at the wrong place"),
    seen=N_("Where two of its pieces meet there is no space, so “{term}” becomes one word."),
    why=N_("Receivers join the pieces as they are, and then cannot read that part."),
    steps=(
        N_("In the DNS settings, replace the TXT record with the text below."),
        N_("If it must be cut, leave a space at the end of a piece, inside the quotes."),
    ),
    hides=(*FOLLOWERS, "mail.spf.syntax"),
)
NOT_RECOGNISED = FindingMessage(
    id="mail.spf.not_recognised",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} is not recognised as one"),
    seen=N_("The TXT record “{record}” does not begin with “v=spf1” and a space."),
    why=N_("For receivers {domain} has no SPF at all, and your mail may land in spam."),
    steps=(
        N_("In the DNS settings, correct the beginning of this TXT record."),
        N_("Check again in an hour."),
    ),
    hides=FOLLOWERS,
)
WRONG_TYPE = FindingMessage(
    id="mail.spf.wrong_type",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} has a type that nobody reads any more"),
    seen=N_("There is a record of the type SPF, and none of the type TXT."),
    why=N_("Receivers look for TXT only (RFC 7208), so for them {domain} has no SPF."),
    steps=(N_("In the DNS settings, add the same text as a TXT record, and delete the old one."),),
    hides=FOLLOWERS,
)
TOO_LONG = FindingMessage(
    id="mail.spf.too_long",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("The TXT records of {domain} are very long"),
    seen=N_(
        "The SPF record has {length:number} characters, all TXT records together {size:number}."
    ),
    why=N_("Some receivers cannot fetch long answers, and then treat SPF as missing."),
    steps=(
        N_("Keep the SPF record below 450 characters: leave out services you no longer use."),
        N_("Delete TXT records that served only for a verification in the past."),
    ),
)
DIFFERS = FindingMessage(
    id="mail.spf.differs_between_ns",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("The name servers of {domain} have different SPF records"),
    seen=N_("The SPF record from {servers:list} differs from that of the rest."),
    why=N_("The same message is accepted at one moment and refused at another."),
    steps=(
        N_("If you changed the DNS within the last hour, wait and check again."),
        N_("Ask the operator of {servers:list} to update the copy of the zone {domain}."),
    ),
    hides=(*FOLLOWERS, "mail.spf.ours_refused", "mail.spf.ours_doubtful"),
)
NON_MAIL = FindingMessage(
    id="mail.spf.non_mail_domain",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("{domain} takes no mail, yet lets servers send in its name"),
    seen=N_("Its MX record says “no mail here”, while its SPF record is “{record}”."),
    why=N_("Nobody needs that permission, and a stranger could make use of it."),
    steps=(N_("Set the SPF record to “v=spf1 -all”, unless some system does send from there."),),
    hides=("mail.spf.soft_all", "mail.spf.neutral_all", "mail.spf.no_ending"),
)
REASONS: Mapping[str, str] = {
    "unknown mechanism": N_("There is no such word in SPF."),
    "takes no argument": N_("“all” stands alone, without anything after it."),
    "needs a domain name": N_("A colon and a domain name must follow."),
    "no domain name": N_("What follows is no complete domain name."),
    "malformed argument": N_("Only a colon or a slash may follow the name."),
    "malformed prefix length": N_("The length of the network after the slash is no number."),
    "prefix length out of range": N_("The length of the network after the slash is too large."),
    "needs an address": N_("A colon and an address must follow."),
    "not an address": N_("What follows is no address of this kind."),
    "given twice": N_("It may stand only once."),
}
MACRO = N_("The part with the percent sign cannot be read.")
LONG_RECORD, LONG_SET = 450, 1200  # RFC 7208, 3.4; what fits a UDP answer today


def judge(case: Case) -> Iterable[Finding]:
    mail, records = case.evidence[MAIL], case.evidence[RECORDS]
    name = mail.domain
    values = majority_values(records, name, "TXT")
    if values is None:
        yield unknown_finding(CHECK.id, what="records")
        return
    texts = likely_policies(values)
    if not any(x.rcode == "NOERROR" for x in authoritative_answers(records, name, "TXT")):
        return  # a name that does not exist sends no mail
    spf_texts = [t for t in texts if is_spf(join_strings(t))]
    deviating = _deviating_servers(records, name)
    if deviating:
        yield DIFFERS(evidence=("records",), domain=name, servers=deviating)
    elif not spf_texts:
        yield _missing_record_finding(case, name, texts)
    if len(spf_texts) > 1 and not deviating:
        merged = repair_records([join_strings(t) for t in spf_texts])
        yield MULTIPLE(
            evidence=("records",),
            records=txt_records(name, merged),
            domain=name,
            count=len(spf_texts),
        )
    if len(spf_texts) == 1:
        yield from _record_findings(case, name, spf_texts[0])


def _missing_record_finding(case: Case, name: str, texts: Iterable[str]) -> Finding:
    """No record, a misspelt one, or one of a type that nobody reads."""
    spf = case.evidence.get(SPF)
    old_type_texts = [t for t in map(join_strings, spf.typed if spf else ()) if is_spf(t)]
    candidates = [t for t in map(join_strings, texts) if is_meant_as_spf(t)]
    if old_type_texts:
        return WRONG_TYPE(
            evidence=("spf", "records"),
            records=txt_records(name, repair_records(old_type_texts)),
            domain=name,
        )
    if candidates:
        corrected = txt_records(name, repair_records(candidates))
        return NOT_RECOGNISED(
            evidence=("records",), records=corrected, domain=name, record=candidates[0][:200]
        )
    suggested = NO_MAIL if has_null_mx(case.evidence[MAIL]) else ""
    expected = case.evidence.get(EXPECTED)
    if (
        not suggested
        and expected
        and expected.own
        and sends_through_provider(case.evidence)
        and provider_terms(case)
    ):
        suggested = " ".join((VERSION, *provider_terms(case), "~all"))
    return MISSING(evidence=("records",), records=txt_records(name, suggested), domain=name)


def _record_findings(case: Case, name: str, value: str) -> Iterator[Finding]:
    """What the one record suffers from."""
    text, parts = join_strings(value), character_strings(value)
    rejoined = repair_split_strings(parts)
    if rejoined:
        yield SPLIT(
            evidence=("records",),
            records=txt_records(name, rejoined),
            domain=name,
            term=_joined_word(parts),
        )
    try:
        parse_spf(text)
    except SyntaxFault as fault:
        yield SYNTAX(
            evidence=("records",),
            records=txt_records(name, repair_records([text])),
            domain=name,
            term=fault.term[:100],
            reason=REASONS.get(fault.reason, MACRO),
        )
    spf = case.evidence.get(SPF)
    size = spf.size if spf else 0
    if len(text) > LONG_RECORD or size > LONG_SET:
        yield TOO_LONG(
            evidence=("records",), domain=name, length=len(text), size=max(size, len(text))
        )
    if has_null_mx(case.evidence[MAIL]) and text.split() != NO_MAIL.split():
        yield NON_MAIL(
            evidence=("records",),
            records=txt_records(name, NO_MAIL),
            domain=name,
            record=text[:200],
        )


def _joined_word(parts: tuple[str, ...]) -> str:
    """The first word that came to be where two strings meet."""
    for left, right in pairwise(parts):
        if left[-1:] != " " and right[:1] != " ":
            return (left.rsplit(" ", 1)[-1] + right.split(" ", 1)[0])[:100]
    return ""


def _deviating_servers(records: Records, name: str) -> list[str]:
    """The servers whose SPF record differs from the one that most give."""
    texts_by_server = {
        answering_server(x): frozenset(
            t for t in map(join_strings, likely_policies(x.values("TXT"))) if is_spf(t)
        )
        for x in authoritative_answers(records, name, "TXT")
    }
    text_sets = list(texts_by_server.values())
    if len(set(text_sets)) < 2:
        return []
    majority = max(text_sets, key=lambda camp: (text_sets.count(camp), len(camp), sorted(camp)))
    return sorted(server for server, camp in texts_by_server.items() if camp != majority)


CHECK = Check(
    id="mail.spf",
    title=N_("The domain says who may send its mail"),
    needs=(MAIL, RECORDS),
    tolerates=(SPF, EXPECTED, HOSTING),
    messages=(
        *(MISSING, MULTIPLE, SYNTAX, SPLIT, NOT_RECOGNISED, WRONG_TYPE),
        *(TOO_LONG, DIFFERS, NON_MAIL),
    ),
    judge=judge,
)
