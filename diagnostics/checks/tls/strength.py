"""Check of the encryption itself: protocol version, key size, signature algorithm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.checks.tls.certificate import is_certificate_seen
from diagnostics.evidence.web import TLS
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Certificate, Handshake
from kb.owners import Owner
from render.i18n import N_

OLD_PROTOCOLS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1")
BROKEN_HASHES = ("md2", "md4", "md5", "sha1")
RSA_BITS, EC_BITS = 2048, 224

OUTDATED = FindingMessage(
    id="tls.protocol.outdated",
    severity=Severity.ERROR,
    owner=Owner.PROVIDER,
    title=N_("The server of {hosts:list} knows only outdated encryption ({version})"),
    seen=N_("It refused TLS 1.2 and newer, and agreed to {version}."),
    why=N_("Today's browsers refuse that and show an error instead of the site."),
    steps=(
        N_("If you run the server yourself, switch on TLS 1.2 and 1.3 and update its software."),
        N_("Otherwise send this report to support."),
    ),
    hides=("tls.service.not_offered", "web.site.", "web.www.", "tls.certificate."),
)
TOLERATED = FindingMessage(
    id="tls.protocol.old_too",
    severity=Severity.INFO,
    owner=Owner.PROVIDER,
    title=N_("The server of {hosts:list} still agrees to outdated encryption ({version}) as well"),
    seen=N_("Browsers get newer encryption; offered {version} only, the server took that too."),
    why=N_(
        "Visitors notice nothing. Security audits, such as those for card payments, object to it."
    ),
    steps=(
        N_("If you run the server yourself, allow TLS 1.2 and 1.3 only."),
        N_(
            "Otherwise there is nothing for you to do, unless an audit asks for it: then write to us."
        ),
    ),
)
WEAK = FindingMessage(
    id="tls.certificate.weak",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The certificate of {hosts:list} is too weak for browsers"),
    seen=N_("{problem:said}"),
    why=N_("Such a certificate could be forged, so browsers refuse it or show a warning."),
    steps=(
        N_("In your hosting panel, open SSL/TLS certificates and order a new free certificate."),
        N_("If you upload your own, make a new key (RSA with 2048 bits, or ECDSA) for it."),
    ),
    hides=("tls.certificate.untrusted", "tls.certificate.expiring", "tls.renewal.late"),
)
SMALL_KEY = N_("Its key has only {bits:number} bits; 2048 is the least for RSA.")
BROKEN_HASH = N_("It is signed with {signature:code}, which can be forged.")


def judge(case: Case) -> Iterable[Finding]:
    handshakes = case.evidence[TLS].handshakes
    if outdated := _outdated_handshakes(handshakes):
        hosts = [s.host for s in outdated]
        yield OUTDATED(evidence=("tls",), hosts=hosts, version=_protocol_name(outdated[0].version))
    outdated_addresses = {s.ip for s in outdated}
    if tolerated := [
        s for s in _outdated_handshakes(case.evidence[TLS].old) if s.ip not in outdated_addresses
    ]:
        tolerant_addresses = {s.ip for s in tolerated}
        hosts = [s.host for s in handshakes if s.ip in tolerant_addresses]
        yield TOLERATED(
            evidence=("tls",), hosts=hosts, version=_protocol_name(tolerated[0].version)
        )
    by_certificate: dict[str, list[Handshake]] = {}
    for handshake in handshakes:
        if handshake.chain and _certificate_weakness(handshake.chain[0]):
            by_certificate.setdefault(handshake.chain[0].fingerprint, []).append(handshake)
    yield from _weakness_findings(by_certificate.values())


def _outdated_handshakes(handshakes: Iterable[Handshake]) -> list[Handshake]:
    """Those that ended with a protocol which browsers gave up."""
    return [s for s in handshakes if s.chain and s.version in OLD_PROTOCOLS]


def _weakness_findings(groups: Iterable[list[Handshake]]) -> Iterator[Finding]:
    for handshakes in groups:
        leaf = handshakes[0].chain[0]
        yield WEAK(
            evidence=("tls",),
            hosts=[s.host for s in handshakes],
            problem=_certificate_weakness(leaf),
            bits=leaf.bits,
            signature=leaf.signature.upper(),
        )


def _certificate_weakness(leaf: Certificate) -> str:
    """What is weak about a certificate, as a sentence; "" when it is strong enough."""
    least = {"rsa": RSA_BITS, "dsa": RSA_BITS, "ec": EC_BITS}.get(leaf.key, 0)
    if 0 < leaf.bits < least:
        return SMALL_KEY
    return BROKEN_HASH if leaf.signature.lower() in BROKEN_HASHES else ""


def _protocol_name(version: str) -> str:
    """A protocol as people write it: TLS 1.0."""
    return {"TLSv1": "TLS 1.0"}.get(version, version.replace("v", " "))


CHECK = Check(
    id="tls.strength",
    title=N_("The encryption is strong enough"),
    needs=(TLS,),
    messages=(OUTDATED, TOLERATED, WEAK),
    judge=judge,
    seen=is_certificate_seen,
)
