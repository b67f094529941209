"""Check for weak spots in a working SPF record (doubled, needless, too loose terms), with the record to copy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from diagnostics.checks.mail.readings import (
    is_spf_readable,
    provider_terms,
    sends_through_provider,
    txt_records,
)
from diagnostics.evidence.keys import EXPECTED, HOSTING, MAIL, SPF
from diagnostics.evidence.mail_authentication import Spf
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.spf.correction import add_senders, compose_record
from standards.spf.lint import lint_record
from standards.spf.record import SyntaxFault, parse_spf

COPY = N_("In the DNS settings, replace the TXT record with the text below.")
PASS_ALL = FindingMessage(
    id="mail.spf.pass_all",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} lets everybody send in its name"),
    seen=N_("It ends in “{term}”, which means: whoever sends is right."),
    why=N_("Anybody can forge your addresses, and receivers trust {domain} less for it."),
    steps=(COPY, N_("After some weeks without complaints, change “~all” to “-all”.")),
    hides=("mail.spf.non_mail_domain",),
)
NEUTRAL_ALL = FindingMessage(
    id="mail.spf.neutral_all",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} says nothing about strangers"),
    seen=N_("It ends in “{term}”, which means: no opinion."),
    why=N_("Forged mail is treated as if you had no SPF record."),
    steps=(COPY, N_("After some weeks without complaints, change “~all” to “-all”.")),
)
SOFT_ALL = FindingMessage(
    id="mail.spf.soft_all",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} only doubts strangers"),
    seen=N_("It ends in “~all”: other servers are suspicious, but not forbidden."),
    why=N_("That is right while you try things out, and later too if DMARC asks for more."),
    steps=(N_("When you know all your senders, and DMARC has no policy, change it to “-all”."),),
)
NO_ENDING = FindingMessage(
    id="mail.spf.no_ending",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} has no ending"),
    seen=N_("Neither “all” nor a redirect stands at its end."),
    why=N_("Without an ending receivers have no opinion about strangers, and forging is easy."),
    steps=(COPY,),
)
AFTER_ALL = FindingMessage(
    id="mail.spf.after_all",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("A part of the SPF record of {domain} has no effect"),
    seen=N_("Behind “all”, where nobody reads on: {terms:list}."),
    why=N_("The servers it means are not allowed to send."),
    steps=(COPY,),
)
REDIRECT_IGNORED = FindingMessage(
    id="mail.spf.redirect_ignored",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("The redirect in the SPF record of {domain} has no effect"),
    seen=N_("“{term}” stands beside “all”, and then receivers pass over it."),
    why=N_("If you meant servers named there to send, they are not allowed to."),
    steps=(
        N_("If the redirect is to count, take “all” out; if not, take the redirect out."),
        N_("The text below keeps what holds today."),
    ),
)
PTR = FindingMessage(
    id="mail.spf.ptr",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} uses an outdated part"),
    seen=N_("“{term}” goes by the names of addresses; RFC 7208 asks not to use it."),
    why=N_("It is slow and unreliable, and some receivers pass over it."),
    steps=(N_("Find out which servers are meant, and write their addresses (ip4, ip6) instead."),),
)
REPEATED = FindingMessage(
    id="mail.spf.repeated",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} says something twice"),
    seen=N_("More than once in the record: {terms:list}."),
    why=N_("Each repetition may cost a look-up, and only ten are allowed."),
    steps=(COPY,),
)
WIDE = FindingMessage(
    id="mail.spf.wide_network",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} lets a very large network send"),
    seen=N_(
        "Tens of thousands of addresses, far more than anybody sends from, are covered by {terms:list}."
    ),
    why=N_("Strangers in that network can forge your addresses, and spam filters notice it."),
    steps=(N_("Check the length after the slash, and write only your senders' own network."),),
)
MACRO = FindingMessage(
    id="mail.spf.macro",
    severity=Severity.INFO,
    owner=Owner.NOBODY,
    title=N_("The SPF record of {domain} asks a different question for each message"),
    seen=N_("There are macros (%) in {terms:list}, so the answer depends on who sends."),
    why=N_("That is allowed. We count such a part as one look-up and do not follow it."),
    steps=(),
)
UNTIDY = FindingMessage(
    id="mail.spf.untidy",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} is written in an unusual way"),
    seen=N_("{terms:list}: capital letters or gaps that do not belong there."),
    why=N_("It is valid, yet a few old programs stumble over it."),
    steps=(COPY,),
)
MESSAGES_BY_SMELL: Mapping[str, FindingMessage] = {
    "pass_all": PASS_ALL,
    "neutral_all": NEUTRAL_ALL,
    "soft_all": SOFT_ALL,
    "no_ending": NO_ENDING,
    "after_all": AFTER_ALL,
    "redirect_ignored": REDIRECT_IGNORED,
    "ptr": PTR,
    "repeated": REPEATED,
    "wide": WIDE,
    "macro": MACRO,
    "untidy": UNTIDY,
}
CORRECTED_SMELLS = frozenset(
    ("pass_all", "neutral_all", "no_ending", "after_all", "redirect_ignored", "repeated", "untidy")
)


def judge(case: Case) -> Iterable[Finding]:
    spf = case.evidence[SPF]
    if not spf.tree.is_readable:
        return
    try:
        record = parse_spf(spf.tree.record)
    except SyntaxFault:
        return  # cut for being endless; other checks tell of that
    smells_found = lint_record(record)
    corrected = txt_records(spf.domain, _corrected_record(case, spf))
    for kind, message in MESSAGES_BY_SMELL.items():
        terms = [s.term[:100] for s in smells_found if s.kind == kind][:8]
        if terms:
            yield message(
                evidence=("spf",),
                records=corrected if kind in CORRECTED_SMELLS else (),
                domain=spf.domain,
                terms=terms,
                term=terms[0],
            )


def _corrected_record(case: Case, spf: Spf) -> str:
    """The record as it should be; our servers, if only “+all” let them send, by their name."""
    corrected = compose_record(spf.tree.record.split()[1:], "~")
    is_passed_by_all = any(
        s.result == "pass" and s.mechanism.lower() in ("all", "+all") for s in spf.sent
    )
    if not (is_passed_by_all and sends_through_provider(case.evidence)):
        return corrected
    return add_senders(corrected, provider_terms(case)) or corrected


CHECK = Check(
    id="mail.spf_style",
    title=N_("The SPF record says what it is meant to say"),
    needs=(SPF,),
    tolerates=(MAIL, EXPECTED, HOSTING),
    messages=tuple(MESSAGES_BY_SMELL.values()),
    judge=judge,
    seen=is_spf_readable,
)
