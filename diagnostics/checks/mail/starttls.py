"""Check of STARTTLS at the mail servers and of their certificates.

Most senders take any certificate; those that insist (RFC 8461, RFC 7672) do not. So these are
things to know, unless encryption fails outright.
"""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.mail.readings import no_dialogue_finding
from diagnostics.checks.readings import OUR_LIMITS, unknown_finding
from diagnostics.evidence.keys import MAIL
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Handshake, SmtpDialogue
from kb.owners import Owner
from render.i18n import N_

FAILED = FindingMessage(
    id="mail.starttls.failed",
    severity=Severity.WARNING,
    owner=Owner.MAIL_OPERATOR,
    title=N_("Encryption with a mail server of {domain} fails"),
    seen=N_("Encryption (STARTTLS) is offered by {hosts:list}, but could not be set up."),
    why=N_("Some senders then deliver unencrypted, others wait and give the mail back."),
    steps=(N_("Ask whoever runs {hosts:list} to look at the certificate and TLS settings."),),
    hides=(
        *("mail.starttls.name", "mail.starttls.expired", "mail.starttls.not_yet_valid"),
        "mail.starttls.untrusted",
    ),
)
EXPIRED = FindingMessage(
    id="mail.starttls.expired",
    severity=Severity.NOTICE,
    owner=Owner.MAIL_OPERATOR,
    title=N_("The certificate of a mail server of {domain} is out of date"),
    seen=N_("The certificate of {hosts:list} was valid until {until:date}."),
    why=N_("Most senders deliver nonetheless; those that insist on a good one do not."),
    steps=(N_("Ask whoever runs {hosts:list} to renew the certificate."),),
    hides=("mail.starttls.untrusted",),
)
NOT_YET_VALID = FindingMessage(
    id="mail.starttls.not_yet_valid",
    severity=Severity.NOTICE,
    owner=Owner.MAIL_OPERATOR,
    title=N_("The certificate of a mail server of {domain} is not valid yet"),
    seen=N_("The certificate of {hosts:list} becomes valid at {since:datetime}."),
    why=N_("Most senders deliver nonetheless; those that insist on a good one do not."),
    steps=(N_("Ask whoever runs {hosts:list} to put the earlier certificate back."),),
    hides=("mail.starttls.untrusted",),
)
UNTRUSTED = FindingMessage(
    id="mail.starttls.untrusted",
    severity=Severity.NOTICE,
    owner=Owner.MAIL_OPERATOR,
    title=N_("Nobody vouches for the certificate of a mail server of {domain}"),
    seen=N_(
        "The certificate of {hosts:list} leads to no authority that is generally known: it comes "
        "from none, or an intermediate certificate is missing or has expired."
    ),
    why=N_("Most senders deliver nonetheless; those that insist on a good one do not."),
    steps=(
        N_(
            "Ask whoever runs {hosts:list} for a certificate of a public authority, with its "
            "intermediate certificates."
        ),
    ),
)
NAME = FindingMessage(
    id="mail.starttls.name",
    severity=Severity.NOTICE,
    owner=Owner.MAIL_OPERATOR,
    title=N_("The certificate of a mail server of {domain} is for another name"),
    seen=N_("The MX record says {hosts:list}; the certificate is for {names:list}."),
    why=N_("Most senders deliver nonetheless; those that insist on a good one do not."),
    steps=(
        N_(
            "Write one of the names of the certificate into the MX record, if it is the same server."
        ),
        N_("Otherwise ask whoever runs {hosts:list} to add this name to the certificate."),
    ),
)


def judge(case: Case) -> Iterable[Finding]:
    mail = case.evidence[MAIL]
    dialogues = [h.dialogue for h in mail.hosts if h.dialogue is not None]
    if not any(t.code for t in dialogues) and any(h.addresses for h in mail.hosts):
        yield (
            unknown_finding(CHECK.id, what="mail")
            if dialogues
            else no_dialogue_finding(CHECK.id, mail.unasked)
        )
        return
    offered = [t for t in dialogues if t.starttls]
    failed = [t.host for t in offered if _is_tls_failed(t)]
    if failed:
        yield FAILED(evidence=("mail",), domain=mail.domain, hosts=failed)
    handshakes = [t.handshake for t in offered if t.handshake is not None and t.handshake.chain]
    expired = [s for s in handshakes if s.has_ended(case.at)]
    early = [s for s in handshakes if s.begins_after(case.at)]
    untrusted = [s.host for s in handshakes if s.is_distrusted]
    misnamed = [s for s in handshakes if not s.name_matches]
    if expired:
        until = min(s.chain[0].not_after for s in expired)
        yield EXPIRED(
            evidence=("mail",),
            domain=mail.domain,
            hosts=[s.host for s in expired],
            until=until.date().isoformat(),
        )
    if early:
        yield NOT_YET_VALID(
            evidence=("mail",),
            domain=mail.domain,
            hosts=[s.host for s in early],
            since=max(s.chain[0].not_before for s in early).isoformat(),
        )
    if untrusted:
        yield UNTRUSTED(evidence=("mail",), domain=mail.domain, hosts=untrusted)
    if misnamed:
        yield NAME(
            evidence=("mail",),
            domain=mail.domain,
            hosts=[s.host for s in misnamed],
            names=certificate_names(misnamed[0]) or ["?"],
        )


def certificate_names(handshake: Handshake) -> list[str]:
    """What a certificate is for, a few names."""
    leaf = handshake.chain[0]
    return list(leaf.names[:4]) or [leaf.subject.removeprefix("CN=")]


def _is_tls_failed(dialogue: SmtpDialogue) -> bool:
    """STARTTLS was offered and came to nothing, and not because our own limit was reached."""
    if dialogue.trouble in OUR_LIMITS:
        return False
    handshake = dialogue.handshake
    if handshake is None:
        return bool(dialogue.refused)
    return handshake.trouble is not None and handshake.trouble not in OUR_LIMITS


def _is_offered(case: Case) -> bool:
    return any(h.dialogue is not None and h.dialogue.starttls for h in case.evidence[MAIL].hosts)


CHECK = Check(
    id="mail.starttls",
    title=N_("Mail can be handed over encrypted"),
    needs=(MAIL,),
    messages=(FAILED, EXPIRED, NOT_YET_VALID, UNTRUSTED, NAME),
    judge=judge,
    seen=_is_offered,
)
