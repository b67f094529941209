"""TLS handshakes as facts: the chain is recorded whether or not it is trusted.

Verification is done after the handshake, so that name, dates and trust are separate facts and the
injected clock decides.
"""

from __future__ import annotations

import asyncio
import ssl
import warnings
from dataclasses import replace
from enum import Enum
from functools import lru_cache
from typing import Protocol, cast

from cryptography import x509

from facts import Handshake
from observe import failures
from observe.budget import Budget
from observe.dns.exchange import duration
from observe.network import Network
from observe.transport import certificates
from observe.transport.dial import DialFailure, GuardedConnection, connect, is_address
from standards.certificate_names import covers_host

MAX_CHAIN = 12
NO_TRUST_ROOTS = "our own trust roots cannot be read"


class TlsOffer(Enum):
    """What our side of a handshake offers."""

    BROWSER = "browser"  # TLS 1.2 and newer, HTTP/1.1 by ALPN
    MAIL = "mail"  # the same without ALPN, which mail servers need not know
    OLD = "old"  # only what browsers gave up (RFC 8996): TLS 1.0 and 1.1


@lru_cache
def _context(offer: TlsOffer) -> ssl.SSLContext:
    """A client context that accepts any certificate; trust is verified afterwards."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if offer is TlsOffer.OLD:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
    else:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    if offer is TlsOffer.BROWSER:
        context.set_alpn_protocols(["http/1.1"])
    return context


class _HasUnverifiedChain(Protocol):
    """The SSL object that holds the peer's chain, private before Python 3.13."""

    def get_unverified_chain(self) -> list[_DerCertificate] | None: ...


class _DerCertificate(Protocol):
    def public_bytes(self, format: int) -> bytes: ...


_DER = 2  # _ssl.ENCODING_DER


def _served_chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """The certificates as served, leaf first, DER."""
    public_method = getattr(tls, "get_unverified_chain", None)
    if public_method is not None:
        return tuple(public_method() or ())[:MAX_CHAIN]
    ssl_object = cast("_HasUnverifiedChain", tls._sslobj)  # type: ignore[attr-defined]  # noqa: SLF001 - public in 3.13
    return tuple(cert.public_bytes(_DER) for cert in ssl_object.get_unverified_chain() or ())[
        :MAX_CHAIN
    ]


async def handshake(
    net: Network,
    budget: Budget,
    host: str,
    port: int = 443,
    *,
    ip: str = "",
    timeout: float = 5.0,  # noqa: ASYNC109 - bounds connecting and the handshake each
    offer: TlsOffer = TlsOffer.BROWSER,
) -> Handshake:
    """Connect, do the handshake and record the certificates; no application data is sent."""
    host = host.lower().rstrip(".")
    opened = await connect(net, budget, host, port, ip=ip, timeout=timeout)
    if isinstance(opened, DialFailure):
        at = net.clock.now()
        return Handshake(host, opened.ip, port, at, trouble=opened.trouble, detail=opened.detail)
    try:
        return await start_tls(
            net,
            budget,
            opened.connection,
            host=host,
            ip=opened.ip,
            port=port,
            wait=timeout,
            offer=offer,
        )
    finally:
        opened.connection.close()


async def start_tls(
    net: Network,
    budget: Budget,
    connection: GuardedConnection,
    *,
    host: str,
    ip: str,
    port: int,
    wait: float,
    offer: TlsOffer = TlsOffer.BROWSER,
) -> Handshake:
    """Start TLS on an open connection and record the handshake."""
    observed = Handshake(host, ip, port, net.clock.now())
    start = net.clock.monotonic()
    name = None if is_address(host) else host
    try:
        async with asyncio.timeout(budget.within(wait)):
            tls = await connection.secure(_context(offer), name)
    except (OSError, ValueError, EOFError) as error:  # ssl.SSLError and TimeoutError are OSErrors
        elapsed = duration(start, net.clock.monotonic())
        trouble = budget.classify_timeout(failures.trouble(error))
        return replace(observed, elapsed=elapsed, trouble=trouble, detail=failures.reason(error))
    cipher = tls.cipher()
    observed = replace(
        observed,
        version=tls.version() or "",
        cipher=cipher[0] if cipher else "",
        elapsed=duration(start, net.clock.monotonic()),
    )
    return _with_verification(net, observed, _served_chain(tls))


def _with_verification(net: Network, observed: Handshake, chain: tuple[bytes, ...]) -> Handshake:
    """Add the certificates, whether they match the host, and whether they are trusted."""
    parsed = tuple(cert for cert in map(certificates.parse_der, chain) if cert is not None)
    facts_of_chain = tuple(d for d in map(certificates.to_facts, parsed) if d is not None)
    if not chain or len(parsed) != len(chain) or len(facts_of_chain) != len(parsed):
        return replace(observed, chain=facts_of_chain, verify_error="malformed certificate")
    trusted = _trust_roots(net)
    if trusted:
        result = certificates.verify_chain(parsed, trusted, observed.at)
    else:
        result = certificates.Verification(error=NO_TRUST_ROOTS)
    return replace(
        observed,
        chain=facts_of_chain,
        verified=not result.error,
        verify_error=result.error,
        valid_until=min((c.not_valid_after_utc for c in result.chain), default=None),
        name_matches=covers_host(parsed[0], observed.host),
        trust_checked=bool(trusted),
    )


def _trust_roots(net: Network) -> tuple[x509.Certificate, ...]:
    """What we trust certificates by; () when it cannot be read, as it may have gone since the start."""
    try:
        return certificates.trust_roots(net.ca_bundle)
    except (OSError, ValueError):
        return ()
