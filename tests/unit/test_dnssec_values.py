"""DNSSEC value by value: chains of trust, signatures and NSEC proofs over really signed records."""

from __future__ import annotations

from datetime import timedelta

import pytest

from standards.dns_types import Lookup, Record, Trouble
from standards.dnssec.denial import denial_failure, soa_owner
from standards.dnssec.validation import (
    ChainOfTrust,
    FailureKind,
    ValidationFailure,
    follow_chain,
    is_stray_ds,
    keys_named_by_ds,
    verify_answer,
    verify_rrset,
    zone_keys,
)
from tests.checks_parts import AT
from tests.checks_signed import SINCE, UNTIL, dnskey, ds, key_tag, rrsig

ZONE, TLD, ROOT = "cafe.example", "example", "."
SECOND = timedelta(seconds=1)


def keys_of(zone: str, *numbers: int, flags: str = "257", protocol: str = "3") -> Lookup:
    """The signed DNSKEY answer of a zone; its first key signs."""
    values = tuple(dnskey(n).replace("257 3", f"{flags} {protocol}") for n in numbers)
    records = tuple(Record(zone, "DNSKEY", 300, value) for value in values)
    signature = (rrsig(zone, zone, "DNSKEY", values, number=numbers[0]),) if numbers else ()
    return Lookup(zone, "DNSKEY", "", AT, rcode="NOERROR", answers=(*records, *signature))


def delegation(parent: str, child: str, *numbers: int, signed: int | None = 1) -> Lookup:
    values = tuple(ds(child, n) for n in numbers)
    records = tuple(Record(child, "DS", 300, value) for value in values)
    signature = (rrsig(parent, child, "DS", values, number=signed),) if values and signed else ()
    return Lookup(child, "DS", "", AT, rcode="NOERROR", answers=(*records, *signature))


KEYS = (keys_of(ROOT, 1), keys_of(TLD, 1), keys_of(ZONE, 1))
DELEGATIONS = (delegation(ROOT, TLD, 1), delegation(TLD, ZONE, 1))
ANCHOR = (ds(ROOT),)


def followed(keys=KEYS, delegations=DELEGATIONS, anchor=ANCHOR, at=AT) -> ChainOfTrust:
    return follow_chain(keys, delegations, anchor, ZONE, at)


def broken(name: str, type: str, fault: FailureKind, *validity: object) -> ChainOfTrust:
    return ChainOfTrust(failure=ValidationFailure(name, type, fault, *validity))


INSECURE = ChainOfTrust()


@pytest.mark.parametrize(
    ("keys", "delegations", "anchor", "chain"),
    [
        (KEYS, DELEGATIONS, ANCHOR, ChainOfTrust(secure=True)),
        (KEYS, DELEGATIONS, (), ChainOfTrust(secure=True)),  # an own root without an anchor
        ((), (), ANCHOR, ChainOfTrust(secure=True)),
        (KEYS, DELEGATIONS[:1], ANCHOR, INSECURE),
        (KEYS, (DELEGATIONS[0], delegation(TLD, ZONE)), ANCHOR, INSECURE),
        (KEYS, (DELEGATIONS[0], Lookup(ZONE, "DS", "", AT, trouble=Trouble.TIMEOUT)), ANCHOR, INSECURE),
        ((Lookup(ROOT, "DNSKEY", "", AT, trouble=Trouble.TIMEOUT), *KEYS[1:]), DELEGATIONS, ANCHOR, INSECURE),
        ((Lookup(ROOT, "DNSKEY", "", AT, rcode="SERVFAIL"), *KEYS[1:]), DELEGATIONS, ANCHOR, INSECURE),
        (KEYS, DELEGATIONS, ("1 200 2 " + "ab" * 32,), INSECURE),  # an algorithm nobody knows
        ((keys_of(ROOT), *KEYS[1:]), DELEGATIONS, (), INSECURE),
        ((keys_of(ROOT, 2), *KEYS[1:]), DELEGATIONS, ANCHOR, broken(ROOT, "DNSKEY", FailureKind.MISMATCH)),
        ((keys_of(ROOT), *KEYS[1:]), DELEGATIONS, ANCHOR, broken(ROOT, "DNSKEY", FailureKind.NO_KEYS)),
        ((KEYS[0], keys_of(TLD, 2), KEYS[2]), DELEGATIONS, ANCHOR, broken(TLD, "DNSKEY", FailureKind.MISMATCH)),
        (KEYS, (delegation(ROOT, TLD, 1, signed=2), DELEGATIONS[1]), ANCHOR,
         broken(TLD, "DS", FailureKind.UNSIGNED)),
        (KEYS, (DELEGATIONS[0], delegation(TLD, ZONE, 1, signed=None)), ANCHOR,
         broken(ZONE, "DS", FailureKind.UNSIGNED)),
        # the root's keys are signed by the one that the anchor does not name
        ((keys_of(ROOT, 2, 1), *KEYS[1:]), DELEGATIONS, ANCHOR, broken(ROOT, "DNSKEY", FailureKind.UNSIGNED)),
    ],
)  # fmt: skip
def test_how_far_the_chain_reaches(keys, delegations, anchor, chain) -> None:
    assert followed(keys, delegations, anchor) == chain


def test_the_moment_decides() -> None:
    late = broken(ROOT, "DNSKEY", FailureKind.EXPIRED, SINCE, UNTIL)
    early = broken(ROOT, "DNSKEY", FailureKind.NOT_YET, SINCE, UNTIL)
    assert followed(at=UNTIL).secure
    assert followed(at=UNTIL + SECOND) == late
    assert followed(at=SINCE).secure
    assert followed(at=SINCE - SECOND) == early


# ---------------------------------------------------------------- sets
VALUES = ("192.0.2.80",)
ZONE_KEYS = zone_keys(KEYS[2], ZONE)


def answer(*records: Record) -> Lookup:
    return Lookup(ZONE, "A", "", AT, rcode="NOERROR", answers=records)


def signed(value: str = VALUES[0], **how) -> tuple[Record, ...]:
    return Record(ZONE, "A", 300, value), rrsig(ZONE, ZONE, "A", VALUES, **how)


def failed(fault: FailureKind, since=SINCE, until=UNTIL) -> ValidationFailure:
    return ValidationFailure(ZONE, "A", fault, since, until)


def test_of_several_signatures_one_good_is_enough_and_the_least_wrong_is_told() -> None:
    old = {"since": SINCE - timedelta(days=90), "until": AT - SECOND}
    next_month = {"since": AT + SECOND, "until": UNTIL}
    expired = failed(FailureKind.EXPIRED, **old)
    assert verify_answer(answer(*signed()), ZONE, ZONE_KEYS, AT) is None
    assert verify_answer(answer(*signed(**old)), ZONE, ZONE_KEYS, AT) == expired
    assert verify_answer(answer(*signed(**next_month)), ZONE, ZONE_KEYS, AT) == failed(
        FailureKind.NOT_YET, **next_month
    )
    forged = signed("192.0.2.81")
    assert verify_answer(answer(*forged), ZONE, ZONE_KEYS, AT) == failed(FailureKind.FORGED)
    assert verify_answer(answer(*forged, signed(**old)[1]), ZONE, ZONE_KEYS, AT) == expired
    assert verify_answer(answer(*signed(**old), signed()[1]), ZONE, ZONE_KEYS, AT) is None
    unsigned = ValidationFailure(ZONE, "A", FailureKind.UNSIGNED)
    assert verify_answer(answer(signed()[0]), ZONE, ZONE_KEYS, AT) == unsigned
    assert verify_answer(answer(*signed(number=2)), ZONE, ZONE_KEYS, AT) == unsigned
    foreign_first = answer(*signed(number=2), signed()[1])
    assert verify_answer(foreign_first, ZONE, ZONE_KEYS, AT) is None
    assert verify_answer(answer(signed()[1]), ZONE, ZONE_KEYS, AT) is None  # no set, no fault


def test_a_zone_cannot_make_us_compute_without_end() -> None:
    stale = [
        signed(since=SINCE - timedelta(days=days), until=AT - SECOND)[1] for days in range(1, 10)
    ]
    data, good = signed()
    assert verify_rrset((data, *stale[:7], good), ZONE, "A", ZONE, ZONE_KEYS, AT) is None
    ninth = verify_rrset((data, *stale[:8], good), ZONE, "A", ZONE, ZONE_KEYS, AT)
    assert ninth is not None
    assert ninth.fault is FailureKind.EXPIRED


def test_which_records_are_keys_of_the_zone() -> None:
    assert len(zone_keys(keys_of(ZONE, 1, 2), ZONE)) == 2
    assert zone_keys(keys_of(ZONE, 1), TLD) == ()
    for flags, protocol, count in (("256", "3", 1), ("1", "3", 0), ("257", "2", 0)):
        value = dnskey(1).replace("257 3", f"{flags} {protocol}")
        lookup = Lookup(ZONE, "DNSKEY", "", AT, answers=(Record(ZONE, "DNSKEY", 300, value),))
        assert len(zone_keys(lookup, ZONE)) == count


def test_which_keys_a_ds_names() -> None:
    first, second = zone_keys(keys_of(ZONE, 1, 2), ZONE)
    for digest in ("SHA1", "SHA256", "SHA384"):
        assert keys_named_by_ds(ZONE, (ds(ZONE, 2, digest),), (first, second)) == (second,)
    assert keys_named_by_ds(ZONE, (ds(TLD, 1),), (first,)) == ()
    assert keys_named_by_ds(ZONE, ("x", f"{key_tag()} 13 3 abcd"), (first,)) is None
    strays = [f"{key_tag()} 13 2 {n:064x}" for n in range(8)]
    assert keys_named_by_ds(ZONE, (*strays[:7], ds(ZONE)), (first,)) == (first,)
    assert keys_named_by_ds(ZONE, (*strays, ds(ZONE)), (first,)) == ()
    assert is_stray_ds(ds(ZONE, 2), ZONE, (first,))
    assert not is_stray_ds(ds(ZONE, 2), ZONE, (first, second))
    assert not is_stray_ds("no ds", ZONE, (first,))
    assert not is_stray_ds(f"{key_tag()} 200 2 {1:064x}", ZONE, (first,))


# ---------------------------------------------------------------- NSEC
def nsec(owner: str, following: str, types: str) -> tuple[Record, ...]:
    value = f"{following}. {types}"
    return Record(owner, "NSEC", 300, value), rrsig(ZONE, owner, "NSEC", (value,))


RING = (
    *nsec(ZONE, f"deep.er.{ZONE}", "A NS SOA RRSIG NSEC DNSKEY"),
    *nsec(f"deep.er.{ZONE}", f"*.wild.{ZONE}", "A RRSIG NSEC"),
    *nsec(f"*.wild.{ZONE}", f"www.{ZONE}", "MX RRSIG NSEC"),
    *nsec(f"www.{ZONE}", ZONE, "CNAME RRSIG NSEC TYPE65534"),
)


def denied(name: str, kind: str, proof: tuple[Record, ...] = RING, *, gone: bool = False):
    rcode = "NXDOMAIN" if gone else "NOERROR"
    lookup = Lookup(name, kind, "", AT, rcode=rcode, flags=("aa",), authority=proof)
    return denial_failure(lookup, ZONE, ZONE_KEYS, AT)


@pytest.mark.parametrize(
    ("name", "kind", "gone", "proven"),
    [
        (ZONE, "MX", False, True),
        (ZONE, "A", False, False),
        (ZONE, "MX", True, False),
        (f"www.{ZONE}", "A", False, False),  # an alias has whatever its target has
        (f"er.{ZONE}", "A", False, True),  # an empty non-terminal
        (f"dd.{ZONE}", "A", False, False),
        (f"any.wild.{ZONE}", "A", False, True),
        (f"any.wild.{ZONE}", "MX", False, False),
        (f"any.wild.{ZONE}", "A", True, False),  # the wildcard is there
        (f"nothing.{ZONE}", "A", True, True),
        (f"zzz.{ZONE}", "A", True, True),  # behind the last name
        (f"a.nothing.{ZONE}", "A", True, True),
    ],
)
def test_what_nsec_proves(name: str, kind: str, gone: bool, proven: bool) -> None:  # noqa: FBT001
    wrong = ValidationFailure(name, kind, FailureKind.WRONG_PROOF)
    assert denied(name, kind, gone=gone) == (None if proven else wrong)


def test_an_absent_name_wants_its_wildcard_denied_too() -> None:
    alone = nsec(f"deep.er.{ZONE}", f"*.wild.{ZONE}", "A RRSIG NSEC")
    name = f"nothing.{ZONE}"
    assert denied(name, "A", alone, gone=True) == ValidationFailure(
        name, "A", FailureKind.WRONG_PROOF
    )


def test_a_proof_has_to_be_signed_and_there() -> None:
    assert denied(ZONE, "MX", ()) == ValidationFailure(ZONE, "MX", FailureKind.NO_PROOF)
    assert denied(ZONE, "MX", RING[:1]) == ValidationFailure(ZONE, "NSEC", FailureKind.UNSIGNED)
    high = nsec(ZONE, f"www.{ZONE}", "A CAA TYPE65534")
    assert denied(ZONE, "TYPE65534", high) == ValidationFailure(
        ZONE, "TYPE65534", FailureKind.WRONG_PROOF
    )
    assert denied(ZONE, "TYPE65533", high) is None
    assert denied(ZONE, "CAA", high) is not None


def test_whose_negative_answer_it_is() -> None:
    soa = Record(ZONE, "SOA", 300, "ns. host. 1 1 1 1 1")
    lookup = Lookup(ZONE, "A", "", AT, authority=(RING[0], soa))
    assert soa_owner(lookup) == ZONE
    assert soa_owner(Lookup(ZONE, "A", "", AT, authority=RING)) == ""
