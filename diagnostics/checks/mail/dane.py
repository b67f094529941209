"""Check of TLSA records of mail servers (DANE, RFC 7672), where there are any."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from diagnostics.checks.readings import unknown_finding
from diagnostics.evidence.keys import DANE, MAIL
from diagnostics.evidence.mail_authentication import Dane, Tlsa
from diagnostics.model import Case, Check, Finding, FindingMessage, Missing, Severity
from facts import Certificate, SmtpDialogue
from kb.owners import Owner
from render.i18n import N_
from standards.mail_policies import TlsaRecord, parse_tlsa

UNSIGNED = FindingMessage(
    id="mail.dane.unsigned",
    severity=Severity.NOTICE,
    owner=Owner.MAIL_OPERATOR,
    title=N_("The TLSA records of {host} have no effect"),
    seen=N_("They are there, but the zone is not signed (DNSSEC), so nobody may trust them."),
    why=N_("Senders pass over them, and the mail server is not protected as intended."),
    steps=(N_("Sign the zone of {host} with DNSSEC, or delete the records at {name}."),),
)
UNUSABLE = FindingMessage(
    id="mail.dane.unusable",
    severity=Severity.WARNING,
    owner=Owner.MAIL_OPERATOR,
    title=N_("A TLSA record of {host} cannot be used"),
    seen=N_("At {name} there is “{record}”. {reason:said}"),
    why=N_("Senders pass over it; if there is no other, DANE protects nothing."),
    steps=(N_("Make it anew from the server's key; the usual form is “3 1 1 …”."),),
)
MISMATCH = FindingMessage(
    id="mail.dane.mismatch",
    severity=Severity.ERROR,
    owner=Owner.MAIL_OPERATOR,
    title=N_("The certificate of {host} is not the one named in the DNS"),
    seen=N_("None of the TLSA records at {name} fits the certificate that the server shows."),
    why=N_("Senders that check DANE do not deliver; mail from them comes back."),
    steps=(
        N_("Set a TLSA record for the present key at {name}, and keep the old one for a day."),
        N_("When certificates are renewed, keep the key, or change the record before."),
    ),
)
NO_TLS = FindingMessage(
    id="mail.dane.no_starttls",
    severity=Severity.ERROR,
    owner=Owner.MAIL_OPERATOR,
    title=N_("The certificate of {host} is named in the DNS, but it offers no encryption"),
    seen=N_("There are TLSA records at {name}, but the server does not offer STARTTLS."),
    why=N_("Senders that check DANE do not deliver; mail from them comes back."),
    steps=(N_("Switch STARTTLS on, or delete the records at {name}."),),
    hides=("mail.greeting.no_starttls",),
)
REASONS: Mapping[str, str] = {
    "form": N_("It does not have the form of a TLSA record."),
    "usage": N_("Its first number must be 3 or 2; the others mean nothing for mail."),
    "selector": N_("Its second number must be 0 or 1."),
    "matching": N_("Its third number must be 0, 1 or 2."),
    "length": N_("The fingerprint does not have the length of its kind."),
}


def judge(case: Case) -> Iterable[Finding]:
    dane, mail = case.evidence[DANE], case.evidence.get(MAIL)
    dialogues = {h.name: h.dialogue for h in mail.hosts if h.dialogue} if mail else {}
    is_uncertain = False
    for host in dane.hosts:
        is_uncertain = is_uncertain or host.values is None
        if host.values:
            yield from _host_findings(dane, host, host.values, dialogues.get(host.host))
    if is_uncertain:
        yield unknown_finding(CHECK.id, what="dane")


def _host_findings(
    dane: Dane, host: Tlsa, values: tuple[str, ...], dialogue: SmtpDialogue | None
) -> Iterator[Finding]:
    name = f"_25._tcp.{host.host}"
    records = [parse_tlsa(v) for v in values]
    if not host.secure:
        yield UNSIGNED(evidence=("dane",), domain=dane.domain, host=host.host, name=name)
        return
    for value, record in zip(values, records, strict=True):
        if record.problem:
            yield UNUSABLE(
                evidence=("dane",),
                domain=dane.domain,
                host=host.host,
                name=name,
                record=value[:120],
                reason=REASONS[record.problem],
            )
            break
    usable = [r for r in records if not r.problem]
    if usable and dialogue is None:
        yield unknown_finding(CHECK.id, what="mail", missing=Missing.WITHHELD.value)
    elif usable and dialogue is not None and not dialogue.trouble and dialogue.code == 220:
        yield from _certificate_findings(dane, host.host, name, usable, dialogue)


def _certificate_findings(
    dane: Dane, host: str, name: str, records: list[TlsaRecord], dialogue: SmtpDialogue
) -> Iterator[Finding]:
    """What the server itself shows; asked only in the account's own scope."""
    handshake = dialogue.handshake
    if not dialogue.starttls:
        yield NO_TLS(evidence=("dane", "mail"), domain=dane.domain, host=host, name=name)
    elif (
        handshake is not None
        and handshake.chain
        and not any(is_match(r, handshake.chain) for r in records)
    ):
        yield MISMATCH(evidence=("dane", "mail"), domain=dane.domain, host=host, name=name)


def is_match(record: TlsaRecord, chain: tuple[Certificate, ...]) -> bool:
    """Does a record name a certificate of the chain: the leaf (3), or any that is served (2)?

    A certificate whose digests were not kept is given the benefit of the doubt.
    """
    served = chain[:1] if record.usage == 3 else chain
    expected_digest = record.data
    if record.matching == 0:  # the thing itself instead of its digest
        expected_digest = hashlib.sha256(bytes.fromhex(record.data)).hexdigest()
    return any(_digest(record, cert) in ("", expected_digest) for cert in served)


def _digest(record: TlsaRecord, cert: Certificate) -> str:
    """The digest of the certificate (selector 0) or of its key (1), of the record's kind."""
    if record.selector == 1:
        return cert.key_sha512 if record.matching == 2 else cert.key_sha256
    return cert.sha512 if record.matching == 2 else cert.fingerprint


CHECK = Check(
    id="mail.dane",
    title=N_("Certificates named in the DNS (DANE), if there are any, fit"),
    needs=(DANE,),
    tolerates=(MAIL,),
    messages=(UNSIGNED, UNUSABLE, MISMATCH, NO_TLS),
    judge=judge,
)
