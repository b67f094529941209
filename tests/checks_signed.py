"""Really signed records for the cases: one key, any validity, in presentation form."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import dns.dnssec
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rrset
from cryptography.hazmat.primitives.asymmetric import ec

from standards.dns_types import Record

TTL = 300
SINCE, UNTIL = datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
# Made from a number, so that every run sees the same keys.
PRIVATE = {n: ec.derive_private_key(1_000_003 + n, ec.SECP256R1()) for n in (1, 2)}


def dnskey(number: int = 1, algorithm: str = "ECDSAP256SHA256") -> str:
    """A key of the zone as DNSKEY text."""
    public = PRIVATE[number].public_key()
    return dns.dnssec.make_dnskey(public, algorithm, flags=257).to_text()


def ds(domain: str, number: int = 1, digest: str = "SHA256") -> str:
    """The DS record of a key."""
    key = dns.rdata.from_text("IN", "DNSKEY", dnskey(number))
    policy = dns.dnssec.allow_all_policy
    return dns.dnssec.make_ds(dns.name.from_text(domain), key, digest, policy=policy).to_text()


def key_tag(number: int = 1) -> int:
    return dns.dnssec.key_id(dns.rdata.from_text("IN", "DNSKEY", dnskey(number)))


@cache
def rrsig(
    zone: str,
    name: str,
    type: str,
    values: tuple[str, ...],
    *,
    until: datetime = UNTIL,
    since: datetime = SINCE,
    number: int = 1,
) -> Record:
    """The signature over a set, by a key of the zone."""
    rrset = dns.rrset.RRset(
        dns.name.from_text(name), dns.rdataclass.IN, dns.rdatatype.from_text(type)
    )
    for value in values:
        rrset.add(dns.rdata.from_text("IN", type, value, dns.name.root, relativize=False), TTL)
    signature = dns.dnssec.sign(
        rrset,
        PRIVATE[number],
        dns.name.from_text(zone),
        dns.rdata.from_text("IN", "DNSKEY", dnskey(number)),
        inception=since,
        expiration=until,
    )
    return Record(name, "RRSIG", TTL, signature.to_text())
