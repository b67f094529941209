"""One TLS handshake as a fact: the chain is recorded whether or not it is trusted.

Verification is our own, after the handshake, so that names, dates and trust stay apart and the
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

from facts import Handshake
from observe import failures
from observe.budget import Budget
from observe.dns.exchange import duration
from observe.network import Network
from observe.transport import certificates
from observe.transport.dial import Connection, DialFailure, connect, is_address

MAX_CHAIN = 12


class TlsOffer(Enum):
    """What our side of a handshake offers."""

    BROWSER = "browser"  # TLS 1.2 and newer, HTTP/1.1 by ALPN
    MAIL = "mail"  # the same without ALPN, which mail servers need not know
    OLD = "old"  # only what browsers gave up (RFC 8996): TLS 1.0 and 1.1


@lru_cache
def _context(offer: TlsOffer) -> ssl.SSLContext:
    """Looks at anything that can be shaken hands with; trust is judged afterwards."""
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


class _Chained(Protocol):
    """What holds the peer's chain before Python 3.13 makes it public."""

    def get_unverified_chain(self) -> list[_Encoded] | None: ...


class _Encoded(Protocol):
    def public_bytes(self, format: int) -> bytes: ...


_DER = 2  # _ssl.ENCODING_DER


def _chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """The certificates as served, leaf first, DER."""
    public = getattr(tls, "get_unverified_chain", None)
    if public is not None:
        return tuple(public() or ())[:MAX_CHAIN]
    inner = cast("_Chained", tls._sslobj)  # type: ignore[attr-defined]  # noqa: SLF001 - public in 3.13
    return tuple(cert.public_bytes(_DER) for cert in inner.get_unverified_chain() or ())[:MAX_CHAIN]


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
    """Connect, shake hands and look at the certificates; nothing is sent."""
    host = host.lower().rstrip(".")
    opened = await connect(net, budget, host, port, ip=ip, timeout=timeout)
    if isinstance(opened, DialFailure):
        at = net.clock.now()
        return Handshake(host, opened.ip, port, at, trouble=opened.trouble, detail=opened.detail)
    try:
        return await secure(
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


async def secure(
    net: Network,
    budget: Budget,
    connection: Connection,
    *,
    host: str,
    ip: str,
    port: int,
    wait: float,
    offer: TlsOffer = TlsOffer.BROWSER,
) -> Handshake:
    """Put TLS over an open connection and tell what was seen."""
    seen = Handshake(host, ip, port, net.clock.now())
    start = net.clock.monotonic()
    name = None if is_address(host) else host
    try:
        async with asyncio.timeout(budget.within(wait)):
            tls = await connection.secure(_context(offer), name)
    except (OSError, ValueError, EOFError) as error:  # ssl.SSLError and TimeoutError are OSErrors
        elapsed = duration(start, net.clock.monotonic())
        trouble = budget.blame(failures.trouble(error))
        return replace(seen, elapsed=elapsed, trouble=trouble, detail=failures.reason(error))
    cipher = tls.cipher()
    seen = replace(
        seen,
        version=tls.version() or "",
        cipher=cipher[0] if cipher else "",
        elapsed=duration(start, net.clock.monotonic()),
    )
    return _judged(net, seen, _chain(tls))


def _judged(net: Network, seen: Handshake, chain: tuple[bytes, ...]) -> Handshake:
    """Add the certificates, whether they name the host, and whether we trust them."""
    parsed = tuple(cert for cert in map(certificates.parse, chain) if cert is not None)
    described = tuple(d for d in map(certificates.described, parsed) if d is not None)
    if not chain or len(parsed) != len(chain) or len(described) != len(parsed):
        return replace(seen, chain=described, verify_error="malformed certificate")
    try:
        trusted = certificates.roots(net.ca_bundle)
    except (OSError, ValueError):
        error = "our own trust roots cannot be read"
    else:
        error = certificates.distrust(parsed, trusted, seen.at)
    return replace(
        seen,
        chain=described,
        verified=not error,
        verify_error=error,
        name_matches=certificates.covers(parsed[0], seen.host),
    )
