"""The lab's certificate authority: a root, an intermediate and leaves of every sort (RFC 5280).

Keys are made at the lab's start and live in its temporary folder only.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
SHA256_RSA = bytes.fromhex("2a864886f70d01010b")  # object identifiers in DER
SHA1_RSA = bytes.fromhex("2a864886f70d010105")


class Cert(StrEnum):
    """Which certificate a TLS server shows."""

    GOOD = "good"
    WRONG_NAME = "wrong_name"  # the server's own name
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    SOON = "soon"  # good for five more days
    SELF_SIGNED = "self_signed"
    INCOMPLETE = "incomplete"  # the leaf without its intermediate
    UNTRUSTED = "untrusted"  # from an authority nobody knows
    LATE = "late"  # good for eighteen more days, and not renewed
    FIRST_NAME = "first_name"  # covers the first of the names only
    WEAK_KEY = "weak_key"  # RSA with 1024 bits
    WEAK_SIGNATURE = "weak_signature"  # signed with SHA-1


PEM = serialization.Encoding.PEM
VALIDITY: dict[Cert, tuple[timedelta, timedelta]] = {
    Cert.EXPIRED: (timedelta(days=-100), timedelta(days=-10)),
    Cert.NOT_YET: (timedelta(days=3), timedelta(days=93)),
    Cert.SOON: (timedelta(days=-85), timedelta(days=5)),
    Cert.LATE: (timedelta(days=-72), timedelta(days=18)),
}
USUAL = (timedelta(days=-20), timedelta(days=70))
LONG = (timedelta(days=-400), timedelta(days=3650))


@dataclass(frozen=True, slots=True)
class Issuer:
    """Somebody who signs certificates."""

    name: str
    key: PrivateKey
    certificate: x509.Certificate


class CertificateAuthority:
    """Makes certificates and the server contexts that show them."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.folder = folder
        self.now = now
        self.root = self._issuer("Lab Root CA", None)
        self.intermediate = self._issuer("Lab Issuing CA", self.root)
        self.untrusted = self._issuer("Nobody's CA", None)
        self.bundle = folder / "ca.pem"
        self.bundle.write_bytes(self.root.certificate.public_bytes(PEM))
        self._count = 0
        self._contexts: dict[tuple[tuple[str, ...], Cert], ssl.SSLContext] = {}

    def context(
        self, names: tuple[str, ...], sort: Cert = Cert.GOOD, *, shared: bool = True
    ) -> ssl.SSLContext:
        """A server context that shows a certificate of one sort for these names."""
        cached = self._contexts.get((names, sort)) if shared else None
        if cached is not None:
            return cached
        self._count += 1
        path = self.folder / f"leaf-{self._count}.pem"
        path.write_bytes(self._leaf(names, sort))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # weak certificates are shown too
        context.load_cert_chain(path)
        if shared:
            self._contexts[(names, sort)] = context
        return context

    def _leaf(self, names: tuple[str, ...], sort: Cert) -> bytes:
        """Private key and chain in PEM."""
        key: PrivateKey = ec.generate_private_key(ec.SECP256R1())
        if sort is Cert.WEAK_KEY:
            key = rsa.generate_private_key(65537, 1024)
        covered = names[:1] if sort is Cert.FIRST_NAME else names
        since, until = VALIDITY.get(sort, USUAL)
        issuer = self._issuer_for(sort)
        self_signed = sort is Cert.SELF_SIGNED
        builder = (
            self._builder(names[0], names[0] if self_signed else issuer.name, key, (since, until))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(n) for n in covered]), critical=False
            )
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        )
        signer = key if self_signed else issuer.key
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        leaf = builder.sign(signer, hashes.SHA256())
        if sort is Cert.WEAK_SIGNATURE:
            leaf = _resign_with_sha1(leaf, signer)
        chain = [leaf]
        if not self_signed and sort is not Cert.INCOMPLETE:
            chain.append(issuer.certificate)
        private = key.private_bytes(
            PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return private + b"".join(c.public_bytes(PEM) for c in chain)

    def _issuer_for(self, sort: Cert) -> Issuer:
        """Who signs; the old authority with its RSA key is made when it is wanted."""
        if sort is Cert.WEAK_SIGNATURE:
            key = rsa.generate_private_key(65537, 2048)
            return self._issuer("Lab Old CA", self.root, key)
        return self.untrusted if sort is Cert.UNTRUSTED else self.intermediate

    def _issuer(self, name: str, parent: Issuer | None, key: PrivateKey | None = None) -> Issuer:
        key = key or ec.generate_private_key(ec.SECP256R1())
        signer = parent.key if parent else key
        builder = (
            self._builder(name, parent.name if parent else name, key, LONG)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(SIGNING, critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
                critical=False,
            )
        )
        return Issuer(name, key, builder.sign(signer, hashes.SHA256()))

    def _builder(
        self,
        subject: str,
        issuer: str,
        key: PrivateKey,
        valid: tuple[timedelta, timedelta],
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + valid[0])
            .not_valid_after(self.now + valid[1])
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )


SIGNING = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _resign_with_sha1(leaf: x509.Certificate, signer: PrivateKey) -> x509.Certificate:
    """The certificate signed with SHA-1 (RFC 3279), which the library itself refuses to do."""
    if not isinstance(signer, rsa.RSAPrivateKey):
        raise TypeError("only RSA")
    rest = leaf.public_bytes(serialization.Encoding.DER).replace(SHA256_RSA, SHA1_RSA)
    signed = leaf.tbs_certificate_bytes.replace(SHA256_RSA, SHA1_RSA)
    signature = signer.sign(signed, padding.PKCS1v15(), hashes.SHA1())
    return x509.load_der_x509_certificate(rest[: -len(signature)] + signature)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])
