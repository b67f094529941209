"""DNSSEC validation of look-ups (RFC 4034, 4035, 6840), at a moment given as an argument.

Takes look-ups with their RRSIG records and returns what fails to validate. What cannot be computed
(an unknown algorithm or digest) counts as valid, as RFC 4035, 5.2 treats it as unsigned.
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
DS_DIGESTS = {1: "SHA1", 2: "SHA256", 4: "SHA384"}  # DS digest types that can be computed
SIGNATURE_ALGORITHMS = frozenset((5, 7, 8, 10, 13, 14, 15, 16))  # whose signatures can be verified
POLICY = dns.dnssec.allow_all_policy  # weak algorithms are judged elsewhere
MAX_TRIED = 8  # signatures or keys of one set; a zone cannot make us compute without end


class FailureKind(StrEnum):
    """Why an RRset or a step of the chain fails to validate."""

    NO_KEYS = "no_keys"  # the parent has a DS, the zone no DNSKEY
    MISMATCH = "mismatch"  # no DNSKEY matches the parent's DS
    UNSIGNED = "unsigned"  # no RRSIG by a key of the zone
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    FORGED = "forged"  # the signature does not fit the data
    NO_PROOF = "no_proof"  # a negative answer without NSEC or NSEC3
    WRONG_PROOF = "wrong_proof"  # the NSEC or NSEC3 records do not cover the query


@dataclass(frozen=True, slots=True)
class ValidationFailure:
    """The RRset (owner `name`, `type`) that failed and why; `since` and `until` are the validity of
    its signature, where it has one."""

    name: str
    type: str
    fault: FailureKind
    since: datetime | None = None
    until: datetime | None = None


def parse_rdata(record: Record) -> dns.rdata.Rdata | None:
    """A record's rdata as dnspython's object; None when it cannot be parsed."""
    return _parse_rdata_text(record.type, record.value)


@lru_cache(maxsize=512)
def _parse_rdata_text(type: str, text: str) -> dns.rdata.Rdata | None:
    """Cached: rdata objects are immutable, and the servers of a zone mostly answer alike."""
    try:
        return dns.rdata.from_text(IN, type, text, dns.name.root, relativize=False)
    except (dns.exception.DNSException, ValueError, UnicodeError):
        return None


def build_rrset(records: Iterable[Record], name: str, type: str) -> dns.rrset.RRset | None:
    """The RRset of one owner name and type; None without it or when a record is unreadable."""
    matching = [r for r in records if (r.name, r.type) == (name, type)]
    parsed = [(r, data) for r in matching if (data := parse_rdata(r)) is not None]
    if not parsed or len(parsed) < len(matching):
        return None
    rdata_set = dns.rrset.RRset(dns.name.from_text(name), IN, dns.rdatatype.from_text(type))
    for record, data in parsed:
        rdata_set.add(data, record.ttl)
    return rdata_set


def zone_keys(lookup: Lookup, zone: str) -> tuple[DNSKEY, ...]:
    """The DNSKEY records of an answer that are zone keys (RFC 4034, 2.1.1)."""
    parsed = (parse_rdata(r) for r in lookup.answers if (r.name, r.type) == (zone, "DNSKEY"))
    return tuple(
        k for k in parsed if isinstance(k, DNSKEY) and k.flags & 0x0100 and k.protocol == 3
    )


def keys_named_by_ds(
    zone: str, ds: Iterable[str], dnskeys: Iterable[DNSKEY]
) -> tuple[DNSKEY, ...] | None:
    """The keys that a DS RRset (rdata texts) names; None when no DS is usable, which means an
    insecure delegation (RFC 4035, 5.2)."""
    usable_ds = [d for d in map(_parse_ds, ds) if d is not None and is_usable_ds(d)]
    if not usable_ds:
        return None
    origin = dns.name.from_text(zone)
    return tuple(
        k for k in dnskeys if any(is_ds_of_key(origin, d, k) for d in usable_ds[:MAX_TRIED])
    )


def is_usable_ds(ds: DS) -> bool:
    """Whether a DS can be followed: its digest type and its algorithm are known."""
    return ds.digest_type in DS_DIGESTS and ds.algorithm in SIGNATURE_ALGORITHMS


def is_stray_ds(ds: str, zone: str, dnskeys: Iterable[DNSKEY]) -> bool:
    """Whether a DS (rdata text) is usable and matches none of the keys."""
    parsed, origin = _parse_ds(ds), dns.name.from_text(zone)
    return (
        parsed is not None
        and is_usable_ds(parsed)
        and not any(is_ds_of_key(origin, parsed, k) for k in dnskeys)
    )


def is_ds_of_key(origin: dns.name.Name, ds: DS, key: DNSKEY) -> bool:
    """Whether a DS is the digest of this key (RFC 4034, 5.1.4)."""
    if (ds.key_tag, ds.algorithm) != (dns.dnssec.key_id(key), key.algorithm):
        return False
    computed = dns.dnssec.make_ds(origin, key, DS_DIGESTS[ds.digest_type], policy=POLICY)
    return bool(computed.digest == ds.digest)


def _parse_ds(text: str) -> DS | None:
    parsed = parse_rdata(Record("", "DS", 0, text))
    return parsed if isinstance(parsed, DS) else None


def verify_answer(
    lookup: Lookup, zone: str, dnskeys: Iterable[DNSKEY], at: datetime
) -> ValidationFailure | None:
    """Validate the queried RRset of an answer against the zone's keys; None when it holds."""
    return verify_rrset(lookup.answers, lookup.name, lookup.type, zone, dnskeys, at)


def verify_rrset(  # noqa: PLR0917 - a set, whose, and when
    records: tuple[Record, ...],
    name: str,
    type: str,
    zone: str,
    dnskeys: Iterable[DNSKEY],
    at: datetime,
) -> ValidationFailure | None:
    """Validate an RRset against the zone's keys; None when it holds, or there is no such RRset.

    One good signature is enough; of bad ones the least wrong is returned (expired, not yet valid,
    forged).
    """
    data = tuple(r for r in records if (r.name, r.type) == (name, type))
    if not data:
        return None
    by_id = {(dns.dnssec.key_id(k), int(k.algorithm)): k for k in dnskeys}
    failures: list[ValidationFailure] = []
    for signature in _signatures(records, name, type, zone):
        key = by_id.get((signature.key_tag, int(signature.algorithm)))
        if key is None:
            continue
        failure = _verify_signature(data, signature, key, zone, at)
        if failure is None:
            return None
        failures.append(failure)
    order = (FailureKind.EXPIRED, FailureKind.NOT_YET, FailureKind.FORGED)
    return min(
        failures,
        key=lambda f: order.index(f.fault),
        default=ValidationFailure(name, type, FailureKind.UNSIGNED),
    )


def validity(lookup: Lookup, zone: str) -> tuple[datetime, datetime] | None:
    """Since when and until when the signature over the queried RRset is valid that lasts longest;
    None when there is none."""
    periods = (
        (s.expiration, s.inception)
        for s in _signatures(lookup.answers, lookup.name, lookup.type, zone)
    )
    until, since = max(periods, default=(0, 0))
    if not until:
        return None
    return datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC)


def _signatures(records: Iterable[Record], name: str, type: str, zone: str) -> list[RRSIG]:
    try:
        covered_type, signer = dns.rdatatype.from_text(type), dns.name.from_text(zone)
    except (dns.exception.DNSException, ValueError, UnicodeError):
        return []
    parsed = (parse_rdata(r) for r in records if (r.name, r.type) == (name, "RRSIG"))
    fitting = [
        s
        for s in parsed
        if isinstance(s, RRSIG) and s.type_covered == covered_type and s.signer == signer
    ]
    return fitting[:MAX_TRIED]


def _verify_signature(
    data: tuple[Record, ...], signature: RRSIG, key: DNSKEY, zone: str, at: datetime
) -> ValidationFailure | None:
    since = datetime.fromtimestamp(signature.inception, UTC)
    until = datetime.fromtimestamp(signature.expiration, UTC)
    name, type = data[0].name, data[0].type  # noqa: A001 - the trade's own word
    if until < at:
        return ValidationFailure(name, type, FailureKind.EXPIRED, since, until)
    if since > at:
        return ValidationFailure(name, type, FailureKind.NOT_YET, since, until)
    return None if _is_signed_by(data, signature, key, zone) else ValidationFailure(name, type, FailureKind.FORGED, since, until)  # fmt: skip


@lru_cache(maxsize=4096)
def _is_signed_by(data: tuple[Record, ...], signature: RRSIG, key: DNSKEY, zone: str) -> bool:
    """Whether the key made the signature, regardless of its validity period; True for an unknown
    algorithm. Cached: the servers of a zone mostly answer alike."""
    key_ring: dict[dns.name.Name, dns.node.Node | dns.rdataset.Rdataset]
    try:
        rdata_set = build_rrset(data, data[0].name, data[0].type)
        if rdata_set is None:
            return True  # data that cannot be read cannot be judged
        key_ring = {dns.name.from_text(zone): dns.rdataset.from_rdata(rdata_set.ttl, key)}
        dns.dnssec.validate_rrsig(
            rdata_set, signature, key_ring, now=signature.inception, policy=POLICY
        )
    except dns.exception.UnsupportedAlgorithm:
        return True
    except (dns.exception.DNSException, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class ChainOfTrust:
    """How far the chain reaches: `secure` down to the parent's DS of the zone, or `failure` where it
    breaks; neither when it ends in an insecure delegation or a missing look-up."""

    secure: bool = False
    failure: ValidationFailure | None = None


def follow_chain(
    dnskey_lookups: Iterable[Lookup],
    ds_lookups: Iterable[Lookup],
    anchor: tuple[str, ...],
    zone: str,
    at: datetime,
) -> ChainOfTrust:
    """Follow the chain of trust from the root's anchor to the DS of `zone`.

    `dnskey_lookups` hold the DNSKEY of each zone from the root down, `ds_lookups` the DS of each
    delegation; `anchor` are DS rdata of the root. A look-up without an answer ends the chain.
    """
    ds_by_zone = {lookup.name: lookup for lookup in ds_lookups}
    ancestors = [lookup for lookup in dnskey_lookups if lookup.name != zone]
    ds_records = anchor
    for dnskey_lookup, child in zip(
        ancestors, [*(p.name for p in ancestors[1:]), zone], strict=False
    ):
        if dnskey_lookup.trouble or dnskey_lookup.rcode != "NOERROR":
            return ChainOfTrust()
        dnskeys = zone_keys(dnskey_lookup, dnskey_lookup.name)
        trusted = (
            keys_named_by_ds(dnskey_lookup.name, ds_records, dnskeys) if ds_records else dnskeys
        )
        if trusted is None or (not ds_records and not dnskeys):
            return ChainOfTrust()
        if not trusted:
            fault = FailureKind.MISMATCH if dnskeys else FailureKind.NO_KEYS
            return ChainOfTrust(failure=ValidationFailure(dnskey_lookup.name, "DNSKEY", fault))
        failure = verify_answer(dnskey_lookup, dnskey_lookup.name, trusted, at)
        ds_lookup = ds_by_zone.get(child)
        if failure is None and ds_lookup is not None and not ds_lookup.trouble:
            failure = verify_answer(ds_lookup, dnskey_lookup.name, dnskeys, at)
        if failure is not None:
            return ChainOfTrust(failure=failure)
        if ds_lookup is None or ds_lookup.trouble or not ds_lookup.values("DS"):
            return ChainOfTrust()
        ds_records = ds_lookup.values("DS")
    return ChainOfTrust(secure=True)
