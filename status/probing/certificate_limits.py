"""When a certificate makes a probe (http, tls, smtp, imap, pop3) down or degraded: ended, untrusted, ends soon. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

import msgspec

from facts import Handshake
from observe.transport.tls import NO_TRUST_ROOTS
from standards.certificate_lifetime import warning_period
from status.model import Grade, Signal
from status.probing.probe_kind import ProbeMetric, trouble_signal

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
VERSIONS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


class CertificateLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`trust`: the certificate must hold for the name. Degraded when it ends within
    `certificate_days` (None: the kind's own number, less for short-lived ones), down within
    `certificate_days_down` (0: only once it has ended)."""

    default_days: ClassVar[int] = 7
    trust: bool = True
    certificate_days: int | None = None
    certificate_days_down: int = 0


def certificate_signal(
    handshake: Handshake | None, limits: CertificateLimits, at: datetime
) -> Signal | None:
    """What speaks against a certificate, or None."""
    if handshake is None or not limits.trust:
        return None
    if handshake.trouble is not None:
        return trouble_signal(handshake.trouble, handshake.detail)
    return _trust_signal(handshake, at) or _expiry_signal(handshake, limits, at)


def _trust_signal(handshake: Handshake, at: datetime) -> Signal | None:
    """What browsers would warn of; unknown when we have nothing to judge trust by."""
    leaf = handshake.chain[0] if handshake.chain else None
    if leaf and handshake.has_ended(at):
        return Signal(Grade.DOWN, f"the certificate ended {leaf.not_after:%Y-%m-%d}")
    if leaf and handshake.begins_after(at):
        reason = f"the certificate is not valid before {leaf.not_before:%Y-%m-%d %H:%M} UTC"
        return Signal(Grade.DOWN, reason)
    if not handshake.name_matches:
        return Signal(Grade.DOWN, "the certificate is for another name")
    if not handshake.trust_checked:
        return Signal(Grade.UNKNOWN, f"{NO_TRUST_ROOTS}: [network] ca_bundle")
    if handshake.is_distrusted:
        return Signal(Grade.DOWN, f"the certificate is not trusted: {handshake.verify_error}")
    return None


def _expiry_signal(handshake: Handshake, limits: CertificateLimits, at: datetime) -> Signal | None:
    valid_until = _valid_until(handshake)
    if valid_until is None:
        return None
    left = valid_until - at
    if left <= timedelta(0):
        return Signal(Grade.DOWN, f"the certificate ended {valid_until:%Y-%m-%d}")
    reason = f"the certificate ends in {time_left(left)}"
    if left < timedelta(days=limits.certificate_days_down):
        return Signal(Grade.DOWN, reason)
    return Signal(Grade.DEGRADED, reason) if left < _warning_period(handshake, limits) else None


def _warning_period(handshake: Handshake, limits: CertificateLimits) -> timedelta:
    """How long before the end its renewal is late: what is configured, else by the kind's days."""
    if limits.certificate_days is not None:
        return timedelta(days=limits.certificate_days)
    usual = timedelta(days=limits.default_days)
    leaf = handshake.chain[0] if handshake.chain else None
    return warning_period(leaf.not_before, leaf.not_after, usual) if leaf else usual


def time_left(left: timedelta) -> str:
    """A span in days, the last two days in hours, the last two hours in minutes; never "0 minutes"."""
    if left >= 2 * _DAY:
        return f"{left // _DAY} days"
    if left >= 2 * _HOUR:
        return f"{left // _HOUR} hours"
    if left >= 2 * _MINUTE:
        return f"{left // _MINUTE} minutes"
    return (
        "a minute"
        if left >= _MINUTE
        else "less than a minute"
        if left > timedelta(0)
        else "no time"
    )


def _valid_until(handshake: Handshake) -> datetime | None:
    """When the chain in use ends; the served one where the verified one was not recorded."""
    return handshake.valid_until or min((c.not_after for c in handshake.chain), default=None)


def handshake_metrics(handshake: Handshake | None) -> tuple[ProbeMetric, ...]:
    """The numbers of a handshake, as blackbox_exporter names them."""
    if handshake is None or not handshake.version:
        return ()
    metrics = [
        ProbeMetric(
            "probe_tls_version_info", 1, (("version", handshake.version.replace("TLSv", "TLS ")),)
        ),
        ProbeMetric("probe_tls_cipher_info", 1, (("cipher", handshake.cipher),)),
    ]
    if handshake.chain:
        leaf = handshake.chain[0]
        earliest = min(c.not_after for c in handshake.chain).timestamp()
        metrics.append(ProbeMetric("probe_ssl_earliest_cert_expiry", earliest))
        labels = (
            ("fingerprint_sha256", leaf.fingerprint),
            ("issuer", leaf.issuer),
            ("subject", leaf.subject),
            ("subjectalternative", ",".join(leaf.names)),
        )
        metrics.append(ProbeMetric("probe_ssl_last_chain_info", 1, labels))
        valid_until = _valid_until(handshake)
        if handshake.verified and valid_until is not None:
            expiry = valid_until.timestamp()
            metrics.append(ProbeMetric("probe_ssl_last_chain_expiry_timestamp_seconds", expiry))
    return tuple(metrics)
