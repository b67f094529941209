"""What every kind that meets a certificate asks of it. Pure; shared by http, tls, smtp, imap, pop3."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from facts import Handshake
from status.model import Grade, Signal
from status.probing.probe_kind import Metric, troubled

VERSIONS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


class CertificateLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`trust`: the certificate must hold for the name. Degraded when it ends within
    `certificate_days`, down within `certificate_days_down` (0: only once it has ended)."""

    trust: bool = True
    certificate_days: int = 7
    certificate_days_down: int = 0


def certificate(shake: Handshake | None, asked: CertificateLimits, at: datetime) -> Signal | None:
    """What speaks against a certificate, or None."""
    if shake is None or not asked.trust:
        return None
    if shake.trouble is not None:
        return troubled(shake.trouble, shake.detail)
    if shake.chain and shake.chain[0].not_after <= at:
        return Signal(Grade.DOWN, f"the certificate ended {shake.chain[0].not_after:%Y-%m-%d}")
    if not shake.name_matches:
        return Signal(Grade.DOWN, "the certificate is for another name")
    if not shake.verified:
        return Signal(Grade.DOWN, f"the certificate is not trusted: {shake.verify_error}")
    return _days(shake, asked, at)


def _days(shake: Handshake, asked: CertificateLimits, at: datetime) -> Signal | None:
    if not shake.chain:
        return None
    left = min(c.not_after for c in shake.chain) - at
    said = f"the certificate ends in {left.days} days"
    if left < timedelta(days=asked.certificate_days_down):
        return Signal(Grade.DOWN, said)
    return Signal(Grade.DEGRADED, said) if left < timedelta(days=asked.certificate_days) else None


def figures(shake: Handshake | None) -> tuple[Metric, ...]:
    """The numbers of a handshake, as blackbox_exporter names them."""
    if shake is None or not shake.version:
        return ()
    found = [
        Metric("probe_tls_version_info", 1, (("version", shake.version.replace("TLSv", "TLS ")),)),
        Metric("probe_tls_cipher_info", 1, (("cipher", shake.cipher),)),
    ]
    if shake.chain:
        leaf = shake.chain[0]
        earliest = min(c.not_after for c in shake.chain).timestamp()
        found.append(Metric("probe_ssl_earliest_cert_expiry", earliest))
        labels = (
            ("fingerprint_sha256", leaf.fingerprint),
            ("issuer", leaf.issuer),
            ("subject", leaf.subject),
            ("subjectalternative", ",".join(leaf.names)),
        )
        found.append(Metric("probe_ssl_last_chain_info", 1, labels))
        if shake.verified:
            found.append(Metric("probe_ssl_last_chain_expiry_timestamp_seconds", earliest))
    return tuple(found)
