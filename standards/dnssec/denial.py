"""Does a signed zone prove that something does not exist (RFC 4035, 5.4; RFC 5155, 8)? Pure.

Takes an answer that holds nothing, with its NSEC or NSEC3 records, and tells what is wrong with the
proof. Proofs that resolvers do not compute either (RFC 9276) are held against nobody.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from datetime import datetime

import dns.dnssec
import dns.exception
import dns.name
import dns.rdatatype
from dns.name import Name
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.NSEC3 import NSEC3

from standards.dns_types import Lookup, Record
from standards.dnssec.validation import FailureKind, ValidationFailure, rdata, verified

MAX_ROUNDS = 150  # above, resolvers treat the zone as unsigned
MAX_PROOFS = 8  # records of one proof; three are enough
_HEX32 = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHIJKLMNOPQRSTUV")
Spans = list[tuple[Name, NSEC]]
Hashed = list[tuple[str, NSEC3]]


def start_of(lookup: Lookup) -> str:
    """The zone that an answer without data comes from: whose SOA it shows; "" when it shows none."""
    return next((r.name for r in lookup.authority if r.type == "SOA"), "")


def disproved(
    lookup: Lookup, zone: str, held: Iterable[DNSKEY], at: datetime
) -> ValidationFailure | None:
    """What is wrong with the proof that an answer is right to be empty; None when it holds."""
    found = [r for r in lookup.authority if r.type in ("NSEC", "NSEC3")][:MAX_PROOFS]
    if not found:
        return ValidationFailure(lookup.name, lookup.type, FailureKind.NO_PROOF)
    keys = tuple(held)
    for name, proof in dict.fromkeys((r.name, r.type) for r in found):
        flaw = verified(lookup.authority, name, proof, zone, keys, at)
        if flaw is not None:
            return flaw
    try:
        holds = _proven(lookup, found, zone)
    except (dns.exception.DNSException, ValueError, UnicodeError):
        return None  # names that nobody can read; what they prove is not told either
    return None if holds else ValidationFailure(lookup.name, lookup.type, FailureKind.WRONG_PROOF)


def _proven(lookup: Lookup, found: list[Record], zone: str) -> bool:
    data = [(r.name, rdata(r)) for r in found]
    spans = [(dns.name.from_text(n), d) for n, d in data if isinstance(d, NSEC)]
    hashed = [(n.partition(".")[0].upper(), d) for n, d in data if isinstance(d, NSEC3)]
    asked, top = dns.name.from_text(lookup.name), dns.name.from_text(zone)
    kind = dns.rdatatype.from_text(lookup.type)
    gone = lookup.rcode == "NXDOMAIN"
    return _by_name(spans, asked, kind, gone=gone) or _by_hash(hashed, asked, top, kind, gone=gone)


def _lacks(data: NSEC | NSEC3, kind: int) -> bool:
    """Does a name's own list of types leave this one out, and is the name no alias?"""
    held = set(_types(data))
    return kind not in held and dns.rdatatype.CNAME not in held


def _types(data: NSEC | NSEC3) -> Iterator[int]:
    for window, bitmap in data.windows:
        for at, byte in enumerate(bitmap):
            yield from (window * 256 + at * 8 + bit for bit in range(8) if byte & (0x80 >> bit))


# ------------------------------------------------------------------ NSEC
def _by_name(spans: Spans, asked: Name, kind: int, *, gone: bool) -> bool:
    own = next((data for owner, data in spans if owner == asked), None)
    if own is not None:
        return not gone and _lacks(own, kind)
    around = [(o, d) for o, d in spans if _between(o, asked, d.next)]
    if not around:
        return False
    owner, data = around[0]
    if not gone and data.next.is_subdomain(asked):
        return True  # nothing at the name itself, but something below it
    wildcard = _wildcard(asked, owner, data.next)
    if gone:
        return any(_between(o, wildcard, d.next) for o, d in spans)
    return any(o == wildcard and _lacks(d, kind) for o, d in spans)


def _between(owner: Name, name: Name, following: Name) -> bool:
    """Canonical order (RFC 4034, 6.1); the last name of a zone leads back to the first."""
    if owner < following:
        return bool(owner < name < following)
    return bool(name > owner or name < following)


def _wildcard(asked: Name, *beside: Name) -> Name:
    """The wildcard that would have answered: below the closest name that exists."""
    closest = max((asked.fullcompare(name)[2], name) for name in beside)[0]
    return dns.name.Name((b"*", *asked.labels[len(asked.labels) - closest :]))


# ------------------------------------------------------------------ NSEC3
def _by_hash(hashed: Hashed, asked: Name, top: Name, kind: int, *, gone: bool) -> bool:
    if not hashed:
        return False
    first = hashed[0][1]
    if first.algorithm != 1 or first.iterations > MAX_ROUNDS:
        return True
    if (exact := _own(hashed, asked)) is not None:
        return not gone and _lacks(exact, kind)
    nearer, closest = asked, asked
    while _own(hashed, closest) is None:
        if closest == top or len(closest) <= len(top):
            return False
        nearer, closest = closest, closest.parent()
    span, wildcard = _around(hashed, nearer), dns.name.Name((b"*", *closest.labels))
    if span is None or gone:
        return span is not None and _around(hashed, wildcard) is not None
    starred = _own(hashed, wildcard)
    return bool(span.flags & 1) or (starred is not None and _lacks(starred, kind))


def _number(hashed: Hashed, name: Name) -> str:
    first = hashed[0][1]
    return dns.dnssec.nsec3_hash(name, first.salt, first.iterations, 1).upper()


def _own(hashed: Hashed, name: Name) -> NSEC3 | None:
    wanted = _number(hashed, name)
    return next((data for owner, data in hashed if owner == wanted), None)


def _around(hashed: Hashed, name: Name) -> NSEC3 | None:
    wanted = _number(hashed, name)
    return next((d for o, d in hashed if _hash_between(o, wanted, _next(d))), None)


def _next(data: NSEC3) -> str:
    return base64.b32encode(data.next).decode().rstrip("=").translate(_HEX32)


def _hash_between(owner: str, wanted: str, following: str) -> bool:
    if owner < following:
        return owner < wanted < following
    return wanted > owner or wanted < following
