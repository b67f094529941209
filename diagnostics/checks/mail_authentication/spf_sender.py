"""Do the provider's own servers pass SPF for a domain whose mail they send? And praise for silence.

A domain that says that nobody sends in its name is well protected, and is told so.
"""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.mail.mx import is_null
from diagnostics.checks.mail.readings import NO_MAIL, our_senders, sends_with_us, txt
from diagnostics.checks.readings import unknown
from diagnostics.evidence.keys import DMARC, EXPECTED, HOSTING, MAIL, SPF
from diagnostics.model import Case, Check, Finding, Message, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.spf.correction import add_senders

STEPS = (
    N_("In the DNS settings, replace the TXT record with the text below."),
    N_("It keeps all your other senders. Check again in an hour."),
)
REFUSED = Message(
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
DOUBTFUL = Message(
    id="mail.spf.ours_doubtful",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} does not name our servers"),
    seen=N_("Mail of {domain} leaves from {addresses:list}, which its SPF record does not allow."),
    why=N_("Receivers trust your messages less, and some put them into spam."),
    steps=STEPS,
)
SILENT = Message(
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
    if not spf.tree.record or spf.tree.problem:
        return
    sends = sends_with_us(case)
    if spf.tree.record.lower().split() == NO_MAIL.split() and not sends:
        hosting = case.evidence.get(HOSTING)
        mailboxes = hosting is not None and hosting.mail_local is True
        if (is_null(mail) or not mail.hosts) and not mailboxes:
            yield SILENT(evidence=("spf",), domain=spf.domain, dmarc=_dmarc(case))
        return
    if not sends:
        return
    refused = [s for s in spf.sent if s.result == "fail"]
    doubtful = [s for s in spf.sent if s.result in ("softfail", "neutral")]
    for message, found in ((REFUSED, refused), (DOUBTFUL, doubtful)):
        if found:
            extra = our_senders(case)
            whole = add_senders(spf.tree.record, extra) if extra else ""
            yield message(
                evidence=("spf", "expected"),
                records=txt(spf.domain, whole),
                domain=spf.domain,
                addresses=[s.ip for s in found],
                term=found[0].mechanism[:100] or "all",
            )
            return
    if any(s.result == "temperror" for s in spf.sent):
        yield unknown(CHECK.id, what="spf")


def _dmarc(case: Case) -> str:
    seen = case.evidence.get(DMARC)
    if seen is None:
        return DMARC_UNSEEN
    return REJECTS if seen.tree.effective_policy == "reject" else NO_REJECT


CHECK = Check(
    id="mail.spf_sender",
    title=N_("The servers that send the domain's mail are allowed to"),
    needs=(SPF, MAIL),
    tolerates=(EXPECTED, HOSTING, DMARC),
    messages=(REFUSED, DOUBTFUL, SILENT),
    judge=judge,
)
