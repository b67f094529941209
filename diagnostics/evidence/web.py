"""Evidence about websites: redirect walks and TLS handshakes, and who may see of them.

Pure values.
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.disclosure import Audience, PartialDisclosure
from diagnostics.model import Key
from facts import Exchange, Handshake, RedirectChain
from standards.dns_types import Lookup
from subject import Subject


@dataclass(frozen=True, slots=True)
class WebWalks:
    """The redirect walks from each starting URL, in the order: typed URL, http and https of the
    apex, http and https of www.

    `families` are single looks at the typed host's front page, first over IPv4, then over IPv6;
    only where it has both and we can use both. `contact` is the domain's security.txt (RFC 9116).
    """

    chains: tuple[RedirectChain, ...]
    families: tuple[Exchange, ...] = ()
    contact: Exchange | None = None


@dataclass(frozen=True, slots=True)
class TlsHandshakes:
    """One handshake for each name that should have a certificate: apex, www, the typed host.

    `challenges` are walks to where a certificate authority would look for its proof over port 80
    (ACME http-01, RFC 8555); a healthy site answers 404 there. `asked` is what it would ask of the
    DNS: CAA of each name, and TXT where the proof by DNS stands (dns-01), followed to where an alias
    leads. `old` is one handshake for each address, offering only TLS 1.0 and 1.1.
    """

    handshakes: tuple[Handshake, ...]
    challenges: tuple[RedirectChain, ...] = ()
    asked: tuple[Lookup, ...] = ()
    old: tuple[Handshake, ...] = ()


def _untyped_chains(web: WebWalks, subject: Subject) -> tuple[object, ...]:
    """Without the walk from the very address that was typed: its path or query may be a secret."""
    return tuple(c for c in web.chains if not subject.url or c.start != subject.url)


WEB = Key(
    "web",
    WebWalks,
    PartialDisclosure(WebWalks, (), {"families": (), "contact": None}, {"chains": _untyped_chains}),
)
TLS = Key("tls", TlsHandshakes, Audience.EVERYONE)
