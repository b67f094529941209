"""Which names a certificate is for (RFC 5280, 4.2.1.6; matching by RFC 9525). Pure."""

from __future__ import annotations

import ipaddress

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)


def dns_names(cert: x509.Certificate) -> tuple[str, ...]:
    """The DNS names of the SAN, lower case."""
    san = _subject_alternative_name(cert)
    return tuple(n.lower() for n in san.get_values_for_type(x509.DNSName)) if san else ()


def _subject_alternative_name(cert: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, *_UNREADABLE):
        return None


def covers_host(cert: x509.Certificate, host: str) -> bool:
    """Whether the SAN matches a host (RFC 9525: a wildcard is one whole leftmost label)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return any(_matches(pattern, host.lower().rstrip(".")) for pattern in dns_names(cert))
    san = _subject_alternative_name(cert)
    return address in san.get_values_for_type(x509.IPAddress) if san else False


def _matches(pattern: str, host: str) -> bool:
    if not pattern.startswith("*."):
        return pattern == host
    label, _, parent = host.partition(".")
    return bool(label) and parent == pattern[2:] and parent.count(".") >= 1
