"""DNSSEC validation over evidence (RFC 4034, 4035, 6840): pure, with the moment as an argument.

Takes lookups with their signatures and tells what does not hold; it never fetches anything, and
what it cannot compute (an unknown algorithm) is not held against anybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache

import dns.dnssec
import dns.exception
import dns.name
import dns.node
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.RRSIG import RRSIG

from standards.dns_types import Lookup, Record

IN = dns.rdataclass.IN
COMPUTED = {1: "SHA1", 2: "SHA256", 4: "SHA384"}  # digests of DS that we can make
ALGORITHMS = frozenset((5, 7, 8, 10, 13, 14, 15, 16))  # whose signatures we can check
POLICY = dns.dnssec.allow_all_policy  # what is weak is told by a check of its own
MAX_TRIED = 8  # signatures or keys of one set; a zone cannot make us compute without end


class FailureKind(StrEnum):
    """Why a record set or a step of the chain does not hold."""

    NO_KEYS = "no_keys"  # the parent vouches for a key, the zone has none
    MISMATCH = "mismatch"  # no key is the one that the parent vouches for
    UNSIGNED = "unsigned"  # no signature by a key of the zone
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    FORGED = "forged"  # the signature does not fit the data
    NO_PROOF = "no_proof"  # says that there is nothing, and does not prove it
    WRONG_PROOF = "wrong_proof"  # the proof does not cover what was asked


@dataclass(frozen=True, slots=True)
class ValidationFailure:
    """What failed: a record set (`type`) at a name, why, and its signature's lifetime if it has one."""

    name: str
    type: str
    fault: FailureKind
    since: datetime | None = None
    until: datetime | None = None


def rdata(record: Record) -> dns.rdata.Rdata | None:
    """A record's data in wire form; None when it cannot be read."""
    try:
        return dns.rdata.from_text(IN, record.type, record.value, dns.name.root, relativize=False)
    except (dns.exception.DNSException, ValueError, UnicodeError):
        return None


def rrset(records: Iterable[Record], name: str, type: str) -> dns.rrset.RRset | None:
    """The set of one name and type out of some records; None without it."""
    wanted = [r for r in records if (r.name, r.type) == (name, type)]
    found = [(r, data) for r in wanted if (data := rdata(r)) is not None]
    if not found or len(found) < len(wanted):
        return None
    made = dns.rrset.RRset(dns.name.from_text(name), IN, dns.rdatatype.from_text(type))
    for record, data in found:
        made.add(data, record.ttl)
    return made


def keys(lookup: Lookup, zone: str) -> tuple[DNSKEY, ...]:
    """The zone keys (not those for other uses) that an answer holds."""
    held = (rdata(r) for r in lookup.answers if (r.name, r.type) == (zone, "DNSKEY"))
    return tuple(k for k in held if isinstance(k, DNSKEY) and k.flags & 0x0100 and k.protocol == 3)


def vouched(zone: str, ds: Iterable[str], held: Iterable[DNSKEY]) -> tuple[DNSKEY, ...] | None:
    """The keys that a DS set names; None when no DS of it can be used, which means insecure
    (RFC 4035, 5.2)."""
    wanted = [d for d in map(_ds, ds) if d is not None and usable(d)]
    if not wanted:
        return None
    origin = dns.name.from_text(zone)
    return tuple(k for k in held if any(fits(origin, d, k) for d in wanted[:MAX_TRIED]))


def usable(ds: DS) -> bool:
    """Can this DS be followed: its digest made, and signatures of its algorithm checked?"""
    return ds.digest_type in COMPUTED and ds.algorithm in ALGORITHMS


def strays(ds: str, zone: str, held: Iterable[DNSKEY]) -> bool:
    """Is this a DS that can be followed and fits none of the keys?"""
    found, origin = _ds(ds), dns.name.from_text(zone)
    return found is not None and usable(found) and not any(fits(origin, found, k) for k in held)


def fits(origin: dns.name.Name, ds: DS, key: DNSKEY) -> bool:
    """Is the DS made of this key (RFC 4034, 5.1.4)?"""
    if (ds.key_tag, ds.algorithm) != (dns.dnssec.key_id(key), key.algorithm):
        return False
    made = dns.dnssec.make_ds(origin, key, COMPUTED[ds.digest_type], policy=POLICY)
    return bool(made.digest == ds.digest)


def _ds(text: str) -> DS | None:
    found = rdata(Record("", "DS", 0, text))
    return found if isinstance(found, DS) else None


def checked(
    lookup: Lookup, zone: str, held: Iterable[DNSKEY], at: datetime
) -> ValidationFailure | None:
    """The asked set of an answer against the zone's keys: None when it holds, or cannot be computed."""
    return verified(lookup.answers, lookup.name, lookup.type, zone, held, at)


def verified(  # noqa: PLR0917 - a set, whose, and when
    records: tuple[Record, ...],
    name: str,
    type: str,
    zone: str,
    held: Iterable[DNSKEY],
    at: datetime,
) -> ValidationFailure | None:
    """A set among some records against the zone's keys. The best signature counts; among bad ones
    the one that comes nearest to holding is told."""
    data = tuple(r for r in records if (r.name, r.type) == (name, type))
    if not data:
        return None
    by_id = {(dns.dnssec.key_id(k), int(k.algorithm)): k for k in held}
    flaws: list[ValidationFailure] = []
    for signature in _signatures(records, name, type, zone):
        key = by_id.get((signature.key_tag, int(signature.algorithm)))
        if key is None:
            continue
        flaw = _judged(data, signature, key, zone, at)
        if flaw is None:
            return None
        flaws.append(flaw)
    order = (FailureKind.EXPIRED, FailureKind.NOT_YET, FailureKind.FORGED)
    return min(
        flaws,
        key=lambda f: order.index(f.fault),
        default=ValidationFailure(name, type, FailureKind.UNSIGNED),
    )


def _signatures(records: Iterable[Record], name: str, type: str, zone: str) -> list[RRSIG]:
    try:
        wanted, signer = dns.rdatatype.from_text(type), dns.name.from_text(zone)
    except (dns.exception.DNSException, ValueError, UnicodeError):
        return []
    found = (rdata(r) for r in records if (r.name, r.type) == (name, "RRSIG"))
    fitting = [
        s for s in found if isinstance(s, RRSIG) and s.type_covered == wanted and s.signer == signer
    ]
    return fitting[:MAX_TRIED]


def _judged(
    data: tuple[Record, ...], signature: RRSIG, key: DNSKEY, zone: str, at: datetime
) -> ValidationFailure | None:
    since = datetime.fromtimestamp(signature.inception, UTC)
    until = datetime.fromtimestamp(signature.expiration, UTC)
    name, type = data[0].name, data[0].type  # noqa: A001 - the trade's own word
    if until < at:
        return ValidationFailure(name, type, FailureKind.EXPIRED, since, until)
    if since > at:
        return ValidationFailure(name, type, FailureKind.NOT_YET, since, until)
    return None if _genuine(data, signature, key, zone) else ValidationFailure(name, type, FailureKind.FORGED, since, until)  # fmt: skip


@lru_cache(maxsize=4096)
def _genuine(data: tuple[Record, ...], signature: RRSIG, key: DNSKEY, zone: str) -> bool:
    """Was the set signed by this key, whenever that holds? An algorithm that we do not know is not
    held against anybody. Remembered: servers of a zone mostly say the same."""
    ring: dict[dns.name.Name, dns.node.Node | dns.rdataset.Rdataset]
    try:
        made = rrset(data, data[0].name, data[0].type)
        if made is None:
            return True  # data that cannot be read cannot be judged
        ring = {dns.name.from_text(zone): dns.rdataset.from_rdata(made.ttl, key)}
        dns.dnssec.validate_rrsig(made, signature, ring, now=signature.inception, policy=POLICY)
    except dns.exception.UnsupportedAlgorithm:
        return True
    except (dns.exception.DNSException, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Trust:
    """How far trust reaches: `flaw` where it breaks, `secure` down to the parent's DS of the zone."""

    secure: bool = False
    flaw: ValidationFailure | None = None


def trust(
    above: Iterable[Lookup], ds: Iterable[Lookup], anchor: tuple[str, ...], zone: str, at: datetime
) -> Trust:
    """Follow the chain from the root's anchor to the DS of `zone`. What did not arrive ends it."""
    delegated = {x.name: x for x in ds}
    places = [x for x in above if x.name != zone]
    vouchers = anchor
    for at_zone, following in zip(places, [*(p.name for p in places[1:]), zone], strict=False):
        if at_zone.trouble or at_zone.rcode != "NOERROR":
            return Trust()
        held = keys(at_zone, at_zone.name)
        trusted = vouched(at_zone.name, vouchers, held) if vouchers else held
        if trusted is None or (not vouchers and not held):
            return Trust()
        if not trusted:
            fault = FailureKind.MISMATCH if held else FailureKind.NO_KEYS
            return Trust(flaw=ValidationFailure(at_zone.name, "DNSKEY", fault))
        flaw = checked(at_zone, at_zone.name, trusted, at)
        step = delegated.get(following)
        if flaw is None and step is not None and not step.trouble:
            flaw = checked(step, at_zone.name, held, at)
        if flaw is not None:
            return Trust(flaw=flaw)
        if step is None or step.trouble or not step.values("DS"):
            return Trust()
        vouchers = step.values("DS")
    return Trust(secure=True)
