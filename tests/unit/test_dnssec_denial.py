"""Proofs of absence: a small zone with NSEC3, wildcards and alias, and foreign bytes of any kind."""

from __future__ import annotations

import dns.dnssec
import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.checks.dnssec.validated_answers import invalid_record_sets, trusted_keys
from diagnostics.evidence.keys import DnssecKeys, Records
from facts import Delegated, Delegation
from standards.dns_types import Lookup, Record
from standards.dnssec.denial import denial_failure
from standards.dnssec.validation import FailureKind, zone_keys
from tests.checks_parts import AT
from tests.checks_signed import dnskey, ds, rrsig

ZONE = "cafe.example"
ZONE_KEYS = zone_keys(
    Lookup(ZONE, "DNSKEY", "", AT, answers=(Record(ZONE, "DNSKEY", 300, dnskey()),)), ZONE
)
TYPES = {
    ZONE: "A NS SOA MX RRSIG DNSKEY NSEC3PARAM",
    f"www.{ZONE}": "A RRSIG",
    f"er.{ZONE}": "",  # nothing here, something below
    f"deep.er.{ZONE}": "A RRSIG",
    f"*.wild.{ZONE}": "A RRSIG",
    f"wild.{ZONE}": "",
}


def hashed(name: str, salt: str = "ab", rounds: int = 1) -> str:
    return dns.dnssec.nsec3_hash(dns.name.from_text(name), salt, rounds, 1).lower()


def chain(names=TYPES, rounds: int = 1) -> tuple[Record, ...]:
    """Every NSEC3 record of the zone, signed."""
    ring_ = sorted((hashed(n, rounds=rounds), TYPES[n]) for n in names)
    signature: list[Record] = []
    for at, (own, types) in enumerate(ring_):
        following = ring_[(at + 1) % len(ring_)][0]
        value = f"1 0 {rounds} ab {following} {types}".strip()
        owner = f"{own}.{ZONE}"
        signature += [Record(owner, "NSEC3", 300, value), rrsig(ZONE, owner, "NSEC3", (value,))]
    return tuple(signature)


def failure_kind(
    name: str, kind: str, proof: tuple[Record, ...], *, gone: bool
) -> FailureKind | None:
    rcode = "NXDOMAIN" if gone else "NOERROR"
    lookup = Lookup(name, kind, "192.0.2.1", AT, rcode=rcode, flags=("aa",), authority=proof)
    flaw = denial_failure(lookup, ZONE, ZONE_KEYS, AT)
    return flaw.fault if flaw else None


@pytest.mark.parametrize(
    ("name", "kind", "gone"),
    [
        (ZONE, "AAAA", False),
        (f"www.{ZONE}", "MX", False),
        (f"er.{ZONE}", "A", False),
        (f"nothing.{ZONE}", "A", True),
        (f"far.away.{ZONE}", "A", True),
        (f"any.wild.{ZONE}", "AAAA", False),
    ],
)
def test_nsec3_proves_what_is_not_there(name: str, kind: str, gone: bool) -> None:  # noqa: FBT001
    assert failure_kind(name, kind, chain(), gone=gone) is None


@pytest.mark.parametrize(
    ("name", "kind", "gone"),
    [
        (ZONE, "MX", False),  # it is there
        (f"www.{ZONE}", "A", True),  # the name is there
        (f"any.wild.{ZONE}", "A", False),  # the wildcard has one
    ],
)
def test_nsec3_that_says_otherwise_is_no_proof(name: str, kind: str, gone: bool) -> None:  # noqa: FBT001
    assert failure_kind(name, kind, chain(), gone=gone) is FailureKind.WRONG_PROOF


def test_a_proof_lacks_the_name_above() -> None:
    without = chain([n for n in TYPES if n != ZONE])
    assert failure_kind(f"nothing.{ZONE}", "A", without, gone=True) is FailureKind.WRONG_PROOF


def test_more_rounds_than_resolvers_follow_are_held_against_nobody() -> None:
    assert failure_kind(ZONE, "MX", chain([ZONE], rounds=500), gone=False) is None


def test_without_anything_there_is_no_proof() -> None:
    assert failure_kind(ZONE, "AAAA", (), gone=False) is FailureKind.NO_PROOF


def test_the_server_that_differs_is_named() -> None:
    """The same set holds at one server and not at the other."""
    value = "192.0.2.80"
    good = (Record(ZONE, "A", 300, value), rrsig(ZONE, ZONE, "A", (value,)))
    bad = (Record(ZONE, "A", 300, "192.0.2.81"), good[1])
    lookups = tuple(
        Lookup(ZONE, "A", f"192.0.2.{at}", AT, f"ns{at}.example", "NOERROR", ("aa",), answers)
        for at, answers in ((1, good), (2, bad))
    )
    seen = Delegation(ZONE, "example", Delegated.YES, ds=(Record(ZONE, "DS", 300, ds(ZONE)),))
    lookup = Lookup(
        ZONE, "DNSKEY", "192.0.2.1", AT, answers=(Record(ZONE, "DNSKEY", 300, dnskey()),)
    )
    trusted = trusted_keys(seen, DnssecKeys((lookup,), (), signed=True))
    faults = [
        (f.fault, x.server_name)
        for f, x in invalid_record_sets(Records(ZONE, lookups), trusted, AT)
    ]
    assert faults == [(FailureKind.FORGED, "ns2.example")]


WORDS = st.sampled_from(
    ["1", "0", "10", "ab", "-", "A", "NSEC", "RRSIG", "TYPE65534", ZONE + ".", hashed(ZONE), "\x00", "9" * 40]
)  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from([ZONE, f"{hashed(ZONE)}.{ZONE}", f"\\000.{ZONE}"]),
            st.sampled_from(["NSEC", "NSEC3", "RRSIG", "SOA"]),
            st.lists(WORDS, max_size=9).map(" ".join),
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_foreign_records_never_raise(records, gone) -> None:
    proof = tuple(Record(n, t, 300, v) for n, t, v in records)
    failure_kind(ZONE, "A", proof, gone=gone)
