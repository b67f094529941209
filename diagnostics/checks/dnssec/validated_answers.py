"""Which answers of a signed zone hold against its keys, server by server. Pure, the moment an argument.

Only what certainly belongs to the zone is judged: a name below a further cut may rightly be unsigned.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dns.rdtypes.ANY.DNSKEY import DNSKEY

from diagnostics.evidence.keys import DnssecKeys, Records, referral
from facts import Delegation
from standards.dns_types import Lookup
from standards.dnssec.denial import denial_failure, soa_owner
from standards.dnssec.validation import FailureKind, ValidationFailure, keys_named_by_ds, zone_keys
from standards.dnssec.validation import verify_rrset as fitting

Flawed = Iterator[tuple[ValidationFailure, Lookup]]
MAX_SETS = 8  # of one answer


def ring(seen: Delegation, told: DnssecKeys) -> tuple[DNSKEY, ...]:
    """The zone's keys, when the parent vouches for one of them; () when nobody validates it."""
    held = tuple(dict.fromkeys(k for x in told.dnskey for k in zone_keys(x, seen.domain)))
    return (
        held if seen.ds and keys_named_by_ds(seen.domain, [r.value for r in seen.ds], held) else ()
    )


def spoken(lookup: Lookup) -> bool:
    """Does a server say this of the zone, with authority?"""
    known = lookup.rcode in ("NOERROR", "NXDOMAIN") and "aa" in lookup.flags
    return known and not lookup.trouble and not referral(lookup)


def sets(records: Records, held: tuple[DNSKEY, ...], at: datetime) -> Flawed:
    """The record sets whose signatures do not hold, with the answer they came in."""
    zone, homes = records.zone, _homes(records)
    for lookup in records.lookups:
        if not spoken(lookup):
            continue
        found = dict.fromkeys((r.name, r.type) for r in lookup.answers if r.type != "RRSIG")
        made_up = any(kind == "DNAME" for _, kind in found)  # its CNAMEs carry no signature
        for name, kind in list(found)[:MAX_SETS]:
            ours = homes.get(name) == zone or _signed_by(lookup, name, zone)
            if ours and not (made_up and kind == "CNAME"):
                flaw = fitting(lookup.answers, name, kind, zone, held, at)
                if flaw is not None:
                    yield flaw, lookup


def empties(records: Records, held: tuple[DNSKEY, ...], at: datetime) -> Flawed:
    """Answers that hold nothing and do not prove that this is right."""
    for lookup in records.lookups:
        nothing = all(r.type == "RRSIG" for r in lookup.answers)
        if nothing and spoken(lookup) and soa_owner(lookup) == records.zone:
            flaw = denial_failure(lookup, records.zone, held, at)
            if flaw is not None:
                yield flaw, lookup


def _homes(records: Records) -> dict[str, str]:
    """The zone of each name, as answers without data show it; the apex is the zone's own."""
    told = {x.name: start for x in records.lookups if spoken(x) and (start := soa_owner(x))}
    return told | {records.zone: records.zone}


def _signed_by(lookup: Lookup, name: str, zone: str) -> bool:
    """Is there a signature over this name by the zone (the signer is an RRSIG's eighth field)?"""
    return any(
        fields[7].rstrip(".").lower() == zone
        for r in lookup.answers
        if (r.name, r.type) == (name, "RRSIG") and len(fields := r.value.split()) > 8
    )


def stale_proof(flaw: ValidationFailure) -> bool:
    """Is it the signature of a proof that does not hold, not the proof itself?"""
    return flaw.fault not in (FailureKind.NO_PROOF, FailureKind.WRONG_PROOF)
