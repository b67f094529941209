"""DNSSEC that works, but is unfinished, weak or announced wrongly: DS, algorithms, NSEC3, CDS.

RFC 8624 and 9905 (algorithms), RFC 9276 (NSEC3), RFC 7344 and 8078 (CDS).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import dns.name
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from diagnostics.checks.readings import inside, said_by
from diagnostics.evidence.keys import DELEGATION, DNSSEC, RECORDS, DnssecKeys, Records
from diagnostics.model import Case, Check, Finding, Message, Severity
from facts import Delegated, Delegation
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Lookup, Record
from standards.dnssec.validation import (
    DS_DIGESTS,
    is_ds_of_key,
    parse_rdata,
    verify_answer,
    zone_keys,
)

GOOD_ALGORITHMS = {8, 13, 14, 15, 16}
GOOD_DIGESTS = {2, 4}

NO_DS = Message(
    id="dnssec.unsigned.with_no_ds",
    severity=Severity.INFO,
    owner=Owner.DNS_OPERATOR,
    title=N_("{domain} does not use DNSSEC"),
    seen=N_("Neither the registry nor the zone holds any keys."),
    why=N_("The domain works. Signatures would protect its visitors from forged answers."),
    steps=(N_("If you want it, ask whoever runs the DNS of {domain} to switch DNSSEC on."),),
)
MISSING_DS = Message(
    id="dnssec.ds.missing",
    severity=Severity.NOTICE,
    owner=Owner.REGISTRAR,
    title=N_("{domain} is signed, but the registry does not know its key"),
    seen=N_("The zone holds DNSSEC keys; the registry publishes no DS record for {domain}."),
    why=N_("The domain works, but nobody checks its signatures, so they protect nobody."),
    steps=(
        N_("Ask the DNS operator for the DS record (or key) of {domain}."),
        N_("Set it at the registrar, under DNSSEC. Some registries fetch it by themselves."),
    ),
)
ALGORITHM = Message(
    id="dnssec.algorithm.bad",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("DNSSEC of {domain} uses an outdated method"),
    seen=N_("Outdated: {found:list}."),
    why=N_("Resolvers drop old methods one by one; the domain then counts as unsigned or fails."),
    steps=(
        N_("Ask the DNS operator to change to ECDSA P-256 (algorithm 13)."),
        N_("Then have the DS record at the registrar replaced by one with SHA-256 (digest 2)."),
    ),
)
NSEC3 = Message(
    id="dnssec.nsec3.params",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("DNSSEC of {domain} is set up with needless effort (NSEC3)"),
    seen=N_("The parameters are “{params}”; today's rule is “1 0 0 -”: no rounds, no salt."),
    why=N_("Resolvers treat answers that cost too much as unsigned, or refuse them."),
    steps=(N_("Ask the DNS operator to set NSEC3 to 0 iterations and no salt, or to use NSEC."),),
)
CDS = Message(
    id="dnssec.cds.broken",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("The zone {domain} announces a key to the registry that does not fit"),
    seen=N_("{what:said}"),
    why=N_("A registry that follows such records may set a wrong key and take the domain offline."),
    steps=(
        N_("Ask the DNS operator to correct or remove the CDS and CDNSKEY records of {domain}."),
    ),
)
NO_SUCH_KEY = N_("A CDS or CDNSKEY record names a key that the zone does not have.")
DISAGREE = N_("The name servers give different CDS or CDNSKEY records: {servers:list}.")
NOT_ALIKE = N_("The CDS and the CDNSKEY records speak of different keys.")
MIXED = N_("CDS or CDNSKEY records ask for a key and for the removal of all keys at once.")
NO_ZONE_KEYS = N_("There are CDS or CDNSKEY records, but the zone itself is not signed.")
BAD_SIGNATURE = N_("The CDS or CDNSKEY records are not signed by a key of the zone.")


def judge_state(case: Case) -> Iterable[Finding]:
    seen, told = case.evidence[DELEGATION], case.evidence[DNSSEC]
    if seen.outcome is not Delegated.YES or seen.ds or not _no_ds(seen, told):
        return
    answered = [x for x in told.dnskey if not x.trouble and x.rcode == "NOERROR"]
    if told.signed:
        yield MISSING_DS(evidence=("delegation", "dnssec"), domain=seen.domain)
    elif answered:
        yield NO_DS(evidence=("delegation", "dnssec"), domain=seen.domain)


def _no_ds(seen: Delegation, told: DnssecKeys) -> bool:
    """Did the parent really say that there is none? Silence is no absence."""
    asked = [x for x in (*seen.trail, *told.ds) if (x.name, x.type) == (seen.domain, "DS")]
    return any(not x.trouble and x.rcode in ("NOERROR", "NXDOMAIN") for x in asked)


def judge_methods(case: Case) -> Iterable[Finding]:
    seen, told = case.evidence[DELEGATION], case.evidence[DNSSEC]
    found = [k for x in told.dnskey for k in zone_keys(x, seen.domain)]
    old = sorted({int(k.algorithm) for k in found} - GOOD_ALGORITHMS)
    held = [d for r in seen.ds if isinstance(d := parse_rdata(r), DS)]
    weak = sorted({int(d.digest_type) for d in held} - GOOD_DIGESTS)
    gone = sorted({int(d.algorithm) for d in held} - GOOD_ALGORITHMS - set(old))
    named = [f"DNSKEY algorithm {a}" for a in old] + [f"DS digest type {d}" for d in weak]
    named += [f"DS algorithm {a}" for a in gone]
    if named:
        yield ALGORITHM(evidence=("delegation", "dnssec"), domain=seen.domain, found=named)
    for value in dict.fromkeys(_params(told, case.evidence.get(RECORDS))):
        if value.split()[:4] not in (["1", "0", "0", "-"], ["1", "1", "0", "-"]):
            yield NSEC3(evidence=("dnssec",), domain=seen.domain, params=value)
            return


def _params(told: DnssecKeys, records: Records | None) -> Iterator[str]:
    """How names are hashed: as the zone announces it, and as its proofs do it."""
    yield from (v for x in told.further for v in x.values("NSEC3PARAM"))
    if records is None:
        return
    for lookup in records.lookups:
        own = (r for r in lookup.authority if r.type == "NSEC3" and inside(r.name, records.zone))
        yield from (" ".join(r.value.split()[:4]) for r in own)


def judge_cds(case: Case) -> Iterable[Finding]:
    seen, told = case.evidence[DELEGATION], case.evidence[DNSSEC]
    what, servers = next(_faults(seen, told, case), ("", []))
    if what:
        yield CDS(evidence=("dnssec",), domain=seen.domain, what=what, servers=servers)


def _faults(seen: Delegation, told: DnssecKeys, case: Case) -> Iterator[tuple[str, list[str]]]:
    """What is wrong with the announcement, the plainest first."""
    spoken = [x for x in told.further if x.type in ("CDS", "CDNSKEY") and _sound(x)]
    values = {kind: _values(spoken, kind) for kind in ("CDS", "CDNSKEY")}
    if not values["CDS"] and not values["CDNSKEY"]:
        return
    for kind in ("CDS", "CDNSKEY"):
        sets = {said_by(x): frozenset(x.values(kind)) for x in spoken if x.type == kind}
        if len(set(sets.values())) > 1:
            yield DISAGREE, sorted(sets)
    removing = {kind: [v for v in found if _deletes(v)] for kind, found in values.items()}
    if any(0 < len(removing[kind]) < len(values[kind]) for kind in values):
        yield MIXED, []
    held = [k for x in told.dnskey for k in zone_keys(x, seen.domain)]
    if not held:
        yield NO_ZONE_KEYS, []
        return
    cds = [d for v in values["CDS"] if not _deletes(v) and isinstance(d := _as_ds(v), DS)]
    announced = [k for v in values["CDNSKEY"] if not _deletes(v) and (k := _as_key(v))]
    yield from _unknown_keys(seen.domain, cds, announced, held)
    for lookup in spoken:
        if lookup.answers and verify_answer(lookup, seen.domain, held, case.at):
            yield BAD_SIGNATURE, []


def _unknown_keys(
    domain: str, cds: list[DS], announced: list[DNSKEY], held: list[DNSKEY]
) -> Iterator[tuple[str, list[str]]]:
    origin = dns.name.from_text(domain)
    cds = [d for d in cds if d.digest_type in DS_DIGESTS]
    strange = [d for d in cds if not any(is_ds_of_key(origin, d, k) for k in held)]
    if strange or any(k not in held for k in announced):
        yield NO_SUCH_KEY, []
    elif (
        cds
        and announced
        and any(not any(is_ds_of_key(origin, d, k) for k in announced) for d in cds)
    ):
        yield NOT_ALIKE, []


def _sound(lookup: Lookup) -> bool:
    return not lookup.trouble and lookup.rcode == "NOERROR" and "aa" in lookup.flags


def _values(spoken: list[Lookup], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for x in spoken for v in x.values(kind)))


def _deletes(value: str) -> bool:
    """The form that asks the registry to remove all keys (RFC 8078, 4)."""
    return value.split()[:3] in (["0", "0", "0"], ["0", "3", "0"])


def _as_ds(value: str) -> object:
    return parse_rdata(Record("", "DS", 0, value))


def _as_key(value: str) -> DNSKEY | None:
    found = parse_rdata(Record("", "DNSKEY", 0, value))
    return found if isinstance(found, DNSKEY) else None


STATE = Check(
    id="dnssec.state",
    title=N_("The registry knows the zone's key"),
    needs=(DELEGATION, DNSSEC),
    messages=(NO_DS, MISSING_DS),
    judge=judge_state,
)
METHODS = Check(
    id="dnssec.methods",
    title=N_("DNSSEC uses current methods"),
    needs=(DELEGATION, DNSSEC),
    tolerates=(RECORDS,),
    messages=(ALGORITHM, NSEC3),
    judge=judge_methods,
)
ANNOUNCED = Check(
    id="dnssec.announced",
    title=N_("What the zone announces to the registry fits its keys"),
    needs=(DELEGATION, DNSSEC),
    messages=(CDS,),
    judge=judge_cds,
)
