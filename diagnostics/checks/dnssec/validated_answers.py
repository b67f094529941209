"""Validates the answers of a signed zone against its keys, server by server. Pure; time is an argument.

Only what certainly belongs to the zone is judged: a name below a further cut may rightly be unsigned.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dns.rdtypes.ANY.DNSKEY import DNSKEY

from diagnostics.evidence.keys import DnssecKeys, Records, referred_zone
from facts import Delegation
from standards.dns_types import Lookup
from standards.dnssec.denial import denial_failure, soa_owner
from standards.dnssec.validation import FailureKind, ValidationFailure, keys_named_by_ds, zone_keys
from standards.dnssec.validation import verify_rrset as fitting

FailedAnswers = Iterator[tuple[ValidationFailure, Lookup]]
MAX_SETS = 8  # of one answer


def trusted_keys(delegation: Delegation, dnssec: DnssecKeys) -> tuple[DNSKEY, ...]:
    """The zone's keys, when the parent vouches for one of them; () when nobody validates it."""
    dnskeys = tuple(
        dict.fromkeys(k for x in dnssec.dnskey for k in zone_keys(x, delegation.domain))
    )
    return (
        dnskeys
        if delegation.ds
        and keys_named_by_ds(delegation.domain, [r.value for r in delegation.ds], dnskeys)
        else ()
    )


def is_authoritative(lookup: Lookup) -> bool:
    """Does a server say this of the zone, with authority?"""
    is_answer = lookup.rcode in ("NOERROR", "NXDOMAIN") and "aa" in lookup.flags
    return is_answer and not lookup.trouble and not referred_zone(lookup)


def invalid_record_sets(
    records: Records, dnskeys: tuple[DNSKEY, ...], at: datetime
) -> FailedAnswers:
    """The record sets whose signatures do not hold, with the answer they came in."""
    zone, zone_by_name = records.zone, _zones_by_name(records)
    for lookup in records.lookups:
        if not is_authoritative(lookup):
            continue
        record_sets = dict.fromkeys((r.name, r.type) for r in lookup.answers if r.type != "RRSIG")
        has_dname = any(kind == "DNAME" for _, kind in record_sets)  # its CNAMEs carry no signature
        for name, kind in list(record_sets)[:MAX_SETS]:
            is_zone_data = zone_by_name.get(name) == zone or _is_signed_by(lookup, name, zone)
            if is_zone_data and not (has_dname and kind == "CNAME"):
                failure = fitting(lookup.answers, name, kind, zone, dnskeys, at)
                if failure is not None:
                    yield failure, lookup


def unproven_absences(records: Records, dnskeys: tuple[DNSKEY, ...], at: datetime) -> FailedAnswers:
    """Answers that hold nothing and do not prove that this is right."""
    for lookup in records.lookups:
        is_empty = all(r.type == "RRSIG" for r in lookup.answers)
        if is_empty and is_authoritative(lookup) and soa_owner(lookup) == records.zone:
            failure = denial_failure(lookup, records.zone, dnskeys, at)
            if failure is not None:
                yield failure, lookup


def _zones_by_name(records: Records) -> dict[str, str]:
    """The zone of each name, as answers without data show it; the apex is the zone's own."""
    zones = {
        x.name: start for x in records.lookups if is_authoritative(x) and (start := soa_owner(x))
    }
    return zones | {records.zone: records.zone}


def _is_signed_by(lookup: Lookup, name: str, zone: str) -> bool:
    """Is there a signature over this name by the zone (the signer is an RRSIG's eighth field)?"""
    return any(
        fields[7].rstrip(".").lower() == zone
        for r in lookup.answers
        if (r.name, r.type) == (name, "RRSIG") and len(fields := r.value.split()) > 8
    )


def is_proof_signature_failure(failure: ValidationFailure) -> bool:
    """Is it the signature of a proof that does not hold, not the proof itself?"""
    return failure.fault not in (FailureKind.NO_PROOF, FailureKind.WRONG_PROOF)
