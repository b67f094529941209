"""Authenticated denial of existence with NSEC and NSEC3 (RFC 4035, 5.4; RFC 5155, 8).

Validates a negative answer. Proofs that resolvers do not compute either (too many NSEC3 iterations,
RFC 9276) count as valid.
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
from standards.dnssec.validation import FailureKind, ValidationFailure, parse_rdata, verify_rrset

MAX_NSEC3_ITERATIONS = 150  # above, resolvers treat the zone as unsigned
MAX_DENIAL_RECORDS = 8  # records of one proof; three are enough
_HEX32 = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHIJKLMNOPQRSTUV")
NsecRecords = list[tuple[Name, NSEC]]
Nsec3Records = list[tuple[str, NSEC3]]


def soa_owner(lookup: Lookup) -> str:
    """The zone of a negative answer: the owner of its SOA; "" without one."""
    return next((r.name for r in lookup.authority if r.type == "SOA"), "")


def denial_failure(
    lookup: Lookup, zone: str, dnskeys: Iterable[DNSKEY], at: datetime
) -> ValidationFailure | None:
    """The fault in a negative answer's proof; None when it holds or cannot be read.

    `dnskeys` are the zone's keys, `at` the moment the signatures must cover.
    """
    denial_records = [r for r in lookup.authority if r.type in ("NSEC", "NSEC3")][
        :MAX_DENIAL_RECORDS
    ]
    if not denial_records:
        return ValidationFailure(lookup.name, lookup.type, FailureKind.NO_PROOF)
    keys = tuple(dnskeys)
    for name, denial_type in dict.fromkeys((r.name, r.type) for r in denial_records):
        failure = verify_rrset(lookup.authority, name, denial_type, zone, keys, at)
        if failure is not None:
            return failure
    try:
        holds = _is_denial_proven(lookup, denial_records, zone)
    except (dns.exception.DNSException, ValueError, UnicodeError):
        return None  # unreadable names prove nothing either way
    return None if holds else ValidationFailure(lookup.name, lookup.type, FailureKind.WRONG_PROOF)


def _is_denial_proven(lookup: Lookup, denial_records: list[Record], zone: str) -> bool:
    parsed = [(r.name, parse_rdata(r)) for r in denial_records]
    nsec = [(dns.name.from_text(n), d) for n, d in parsed if isinstance(d, NSEC)]
    nsec3 = [(n.partition(".")[0].upper(), d) for n, d in parsed if isinstance(d, NSEC3)]
    qname, apex = dns.name.from_text(lookup.name), dns.name.from_text(zone)
    rdtype = dns.rdatatype.from_text(lookup.type)
    nxdomain = lookup.rcode == "NXDOMAIN"
    return _nsec_proves(nsec, qname, rdtype, nxdomain=nxdomain) or _nsec3_proves(
        nsec3, qname, apex, rdtype, nxdomain=nxdomain
    )


def _lacks_type(data: NSEC | NSEC3, rdtype: int) -> bool:
    """Whether a type bitmap has neither this type nor CNAME."""
    present_types = set(_bitmap_types(data))
    return rdtype not in present_types and dns.rdatatype.CNAME not in present_types


def _bitmap_types(data: NSEC | NSEC3) -> Iterator[int]:
    for window, bitmap in data.windows:
        for index, byte in enumerate(bitmap):
            yield from (window * 256 + index * 8 + bit for bit in range(8) if byte & (0x80 >> bit))


# ------------------------------------------------------------------ NSEC
def _nsec_proves(nsec: NsecRecords, qname: Name, rdtype: int, *, nxdomain: bool) -> bool:
    matching = next((data for owner, data in nsec if owner == qname), None)
    if matching is not None:
        return not nxdomain and _lacks_type(matching, rdtype)
    covering = [(o, d) for o, d in nsec if _is_covered_name(o, qname, d.next)]
    if not covering:
        return False
    owner, data = covering[0]
    if not nxdomain and data.next.is_subdomain(qname):
        return True  # an empty non-terminal
    wildcard = _wildcard_at_closest_encloser(qname, owner, data.next)
    if nxdomain:
        return any(_is_covered_name(o, wildcard, d.next) for o, d in nsec)
    return any(o == wildcard and _lacks_type(d, rdtype) for o, d in nsec)


def _is_covered_name(owner: Name, name: Name, following: Name) -> bool:
    """Whether a name lies between two in canonical order (RFC 4034, 6.1); the last NSEC wraps."""
    if owner < following:
        return bool(owner < name < following)
    return bool(name > owner or name < following)


def _wildcard_at_closest_encloser(qname: Name, *neighbours: Name) -> Name:
    """The wildcard at the closest encloser, which would have answered."""
    encloser_labels = max((qname.fullcompare(name)[2], name) for name in neighbours)[0]
    return dns.name.Name((b"*", *qname.labels[len(qname.labels) - encloser_labels :]))


# ------------------------------------------------------------------ NSEC3
def _nsec3_proves(
    nsec3: Nsec3Records, qname: Name, apex: Name, rdtype: int, *, nxdomain: bool
) -> bool:
    if not nsec3:
        return False
    first = nsec3[0][1]
    if first.algorithm != 1 or first.iterations > MAX_NSEC3_ITERATIONS:
        return True
    if (matching := _matching_nsec3(nsec3, qname)) is not None:
        return not nxdomain and _lacks_type(matching, rdtype)
    next_closer, closest_encloser = qname, qname
    while _matching_nsec3(nsec3, closest_encloser) is None:
        if closest_encloser == apex or len(closest_encloser) <= len(apex):
            return False
        next_closer, closest_encloser = closest_encloser, closest_encloser.parent()
    covering, wildcard = (
        _covering_nsec3(nsec3, next_closer),
        dns.name.Name((b"*", *closest_encloser.labels)),
    )
    if covering is None or nxdomain:
        return covering is not None and _covering_nsec3(nsec3, wildcard) is not None
    wildcard_match = _matching_nsec3(nsec3, wildcard)
    return bool(covering.flags & 1) or (
        wildcard_match is not None and _lacks_type(wildcard_match, rdtype)
    )


def _hash_name(nsec3: Nsec3Records, name: Name) -> str:
    first = nsec3[0][1]
    return dns.dnssec.nsec3_hash(name, first.salt, first.iterations, 1).upper()


def _matching_nsec3(nsec3: Nsec3Records, name: Name) -> NSEC3 | None:
    name_hash = _hash_name(nsec3, name)
    return next((data for owner, data in nsec3 if owner == name_hash), None)


def _covering_nsec3(nsec3: Nsec3Records, name: Name) -> NSEC3 | None:
    name_hash = _hash_name(nsec3, name)
    return next((d for o, d in nsec3 if _is_covered_hash(o, name_hash, _next_hash(d))), None)


def _next_hash(data: NSEC3) -> str:
    return base64.b32encode(data.next).decode().rstrip("=").translate(_HEX32)


def _is_covered_hash(owner: str, name_hash: str, following: str) -> bool:
    if owner < following:
        return owner < name_hash < following
    return name_hash > owner or name_hash < following
