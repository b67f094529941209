"""X.509 certificates: decoding, chain verification apart from names and dates.

No sockets; reads the trust roots from disk once per bundle.
"""

from __future__ import annotations

import hashlib
import ssl
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import verification

from facts import Certificate
from observe.session import SHIPPED_ROOTS
from standards.certificate_names import dns_names

_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)


def parse_der(der: bytes) -> x509.Certificate | None:
    """Decode a certificate; None when the bytes are none.

    Warnings about old roots with the serial number zero, which every system has, are suppressed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            return x509.load_der_x509_certificate(der)
    except _UNREADABLE:
        return None


@lru_cache(maxsize=256)
def to_facts(cert: x509.Certificate) -> Certificate | None:
    """A certificate as a fact; None when parts cannot be decoded. Cached."""
    try:
        kind, bits = _key_kind_and_bits(cert)
        algorithm = cert.signature_hash_algorithm
        spki = cert.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return Certificate(
            subject=cert.subject.rfc4514_string(),
            issuer=cert.issuer.rfc4514_string(),
            names=dns_names(cert),
            not_before=cert.not_valid_before_utc,
            not_after=cert.not_valid_after_utc,
            serial=f"{cert.serial_number:x}",
            fingerprint=cert.fingerprint(hashes.SHA256()).hex(),
            key=kind,
            bits=bits,
            signature=algorithm.name if algorithm else kind,
            self_signed=is_self_signed(cert),
            sha512=cert.fingerprint(hashes.SHA512()).hex(),
            key_sha256=hashlib.sha256(spki).hexdigest(),
            key_sha512=hashlib.sha512(spki).hexdigest(),
        )
    except _UNREADABLE:
        return None


def _key_kind_and_bits(cert: x509.Certificate) -> tuple[str, int]:
    key = cert.public_key()
    match key:
        case rsa.RSAPublicKey():
            return "rsa", key.key_size
        case ec.EllipticCurvePublicKey():
            return "ec", key.key_size
        case dsa.DSAPublicKey():
            return "dsa", key.key_size
        case ed25519.Ed25519PublicKey():
            return "ed25519", 256
        case ed448.Ed448PublicKey():
            return "ed448", 456
        case _:
            return "other", 0


def is_self_signed(cert: x509.Certificate) -> bool:
    """Whether a certificate is issued by itself, with its own key."""
    if cert.issuer != cert.subject:
        return False
    try:
        cert.verify_directly_issued_by(cert)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def trust_roots(ca_bundle: str) -> tuple[x509.Certificate, ...]:
    """The trust roots: of `ca_bundle` alone when given, else the machine's. Raises OSError."""
    path = Path(ca_bundle) if ca_bundle else None
    return _roots(path, path.stat().st_mtime_ns if path else 0)


@lru_cache(maxsize=8)
def _roots(path: Path | None, _changed: int) -> tuple[x509.Certificate, ...]:
    if path is not None:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    system = ssl.create_default_context().get_ca_certs(binary_form=True)
    parsed = tuple(cert for cert in map(parse_der, system) if cert is not None)
    return parsed or tuple(x509.load_pem_x509_certificates(Path(SHIPPED_ROOTS).read_bytes()))


@dataclass(frozen=True, slots=True)
class Verification:
    """The chain that leads to a trusted root, leaf and root included; or why there is none."""

    chain: tuple[x509.Certificate, ...] = ()
    error: str = ""


def verify_chain(
    served: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate], now: datetime
) -> Verification:
    """The way from the leaf, served first, to a trusted root. Of several, the longest valid one.

    Names and the leaf's own dates are separate facts and not verified here. The issuers' dates are
    verified at `now`, or at the leaf's nearest valid moment when it is out of date itself.
    """
    leaf, *intermediates = served
    roots = list(trusted)
    best = other = _find_path(leaf, intermediates, roots, now)
    while not other.error:
        best = other
        ends_at = min(cert.not_valid_after_utc for cert in best.chain)
        if ends_at == leaf.not_valid_after_utc:
            break
        intermediates = [cert for cert in intermediates if cert.not_valid_after_utc > ends_at]
        roots = [cert for cert in roots if cert.not_valid_after_utc > ends_at]
        other = _find_path(leaf, intermediates, roots, now)
    return best


def _find_path(
    leaf: x509.Certificate,
    intermediates: list[x509.Certificate],
    roots: list[x509.Certificate],
    now: datetime,
) -> Verification:
    if not roots:
        return Verification(error="unable to get local issuer certificate")
    policy = verification.ExtensionPolicy.permit_all()
    issuers = policy.require_present(
        x509.BasicConstraints, verification.Criticality.AGNOSTIC, _require_ca
    )
    try:
        at = min(max(now, leaf.not_valid_before_utc), leaf.not_valid_after_utc)
        verifier = (
            verification.PolicyBuilder()
            .store(verification.Store(roots))
            .time(at)
            .extension_policies(ca_policy=issuers, ee_policy=policy)
            .build_client_verifier()
        )
        return Verification(tuple(verifier.verify(leaf, intermediates).chain))
    except (verification.VerificationError, *_UNREADABLE) as error:
        return Verification(error=_error_text(leaf, str(error)))


def _require_ca(
    _policy: verification.Policy, _cert: x509.Certificate, constraints: x509.BasicConstraints
) -> None:
    if not constraints.ca:
        raise ValueError("the issuer is no certificate authority")


def _error_text(leaf: x509.Certificate, text: str) -> str:
    if is_self_signed(leaf):
        return "self-signed certificate"
    if "no interior errors" in text:
        return "unable to get local issuer certificate"
    if "not valid at validation time" in text:
        return "an issuer's certificate is out of date"
    return text.removeprefix("validation failed: ").removeprefix("candidates exhausted: ")[:200]
