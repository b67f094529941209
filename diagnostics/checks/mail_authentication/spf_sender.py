"""Check whether the provider's own servers pass SPF for a domain whose mail they send.

A domain that says that nobody sends in its name is well protected, and is told so.
"""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.mail.mx import has_null_mx
from diagnostics.checks.mail.readings import (
    NO_MAIL,
    provider_terms,
    sends_through_provider,
    txt_records,
)
from diagnostics.checks.readings import unknown_finding
from diagnostics.evidence.keys import DMARC, EXPECTED, HOSTING, MAIL, SPF
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.spf.correction import add_senders

STEPS = (
    N_("In the DNS settings, replace the TXT record with the text below."),
    N_("It keeps all your other senders. Check again in an hour."),
)
REFUSED = FindingMessage(
    id="mail.spf.ours_refused",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} forbids our servers to send your mail"),
    seen=N_(
        "Mail of {domain} leaves from {addresses:list}. “{term}” in its SPF record refuses them."
    ),
    why=N_("Receivers refuse your messages or put them into spam."),
    steps=STEPS,
)
DOUBTFUL = FindingMessage(
    id="mail.spf.ours_doubtful",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} does not name our servers"),
    seen=N_("Mail of {domain} leaves from {addresses:list}, which its SPF record does not allow."),
    why=N_("Receivers trust your messages less, and some put them into spam."),
    steps=STEPS,
)
SILENT = FindingMessage(
    id="mail.spf.sends_nothing",
    severity=Severity.INFO,
    owner=Owner.NOBODY,
    title=N_("{domain} sends no mail, and says so: well done"),
    seen=N_("Its SPF record is “v=spf1 -all”: nobody may send in its name. {dmarc:said}"),
    why=N_("Forged mail in its name is recognised at once."),
    steps=(),
)
REJECTS = N_("Its DMARC record asks receivers to refuse forgeries.")
NO_REJECT = N_("With a DMARC record “v=DMARC1; p=reject” the protection would be complete.")
DMARC_UNSEEN = N_("Its DMARC record could not be seen.")


def judge(case: Case) -> Iterable[Finding]:
    spf, mail = case.evidence[SPF], case.evidence[MAIL]
    if not spf.tree.is_readable:
        return
    sends_here = sends_through_provider(case.evidence)
    if spf.tree.record.lower().split() == NO_MAIL.split() and not sends_here:
        hosting = case.evidence.get(HOSTING)
        has_mailboxes = hosting is not None and hosting.mail_local is True
        if (has_null_mx(mail) or not mail.hosts) and not has_mailboxes:
            yield SILENT(evidence=("spf",), domain=spf.domain, dmarc=_dmarc_sentence(case))
        return
    if not sends_here:
        return
    refused = [s for s in spf.sent if s.result == "fail"]
    doubtful = [s for s in spf.sent if s.result in ("softfail", "neutral")]
    for message, verdicts in ((REFUSED, refused), (DOUBTFUL, doubtful)):
        if verdicts:
            terms = provider_terms(case)
            corrected = add_senders(spf.tree.record, terms) if terms else ""
            yield message(
                evidence=("spf", "expected"),
                records=txt_records(spf.domain, corrected),
                domain=spf.domain,
                addresses=[s.ip for s in verdicts],
                term=verdicts[0].mechanism[:100] or "all",
            )
            return
    if any(s.result == "temperror" for s in spf.sent):
        yield unknown_finding(CHECK.id, what="spf")


def _dmarc_sentence(case: Case) -> str:
    dmarc = case.evidence.get(DMARC)
    if dmarc is None:
        return DMARC_UNSEEN
    return REJECTS if dmarc.tree.effective_policy == "reject" else NO_REJECT


def _are_ours_allowed(case: Case) -> bool:
    """Whether our servers send the domain's mail, and receivers let each of them."""
    verdicts = case.evidence[SPF].sent
    is_sender = sends_through_provider(case.evidence) and bool(verdicts)
    return is_sender and all(s.result == "pass" for s in verdicts)


CHECK = Check(
    id="mail.spf_sender",
    title=N_("The servers that send the domain's mail are allowed to"),
    needs=(SPF, MAIL),
    tolerates=(EXPECTED, HOSTING, DMARC),
    messages=(REFUSED, DOUBTFUL, SILENT),
    judge=judge,
    seen=_are_ours_allowed,
    refuted_by=(
        *("mail.spf.too_many_lookups", "mail.spf.too_many_void", "mail.spf.too_many_mx"),
        *("mail.spf.include_nothing", "mail.spf.include_broken", "mail.spf.include_loop"),
        "mail.spf.redirect_nothing",
    ),
)
