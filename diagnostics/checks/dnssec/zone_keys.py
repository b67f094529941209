"""Checks of DNSSEC that works but is unfinished, weak or wrongly announced: DS, algorithms, NSEC3, CDS.

RFC 8624 and 9905 (algorithms), RFC 9276 (NSEC3), RFC 7344 and 8078 (CDS).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import dns.name
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS

from diagnostics.checks.readings import answering_server, is_within, unknown_finding
from diagnostics.evidence.keys import DELEGATION, DNSSEC, RECORDS, DnssecKeys, Records
from diagnostics.model import NOT_MEANT, Case, Check, Finding, FindingMessage, Severity
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

NO_DS = FindingMessage(
    id="dnssec.unsigned.with_no_ds",
    severity=Severity.INFO,
    owner=Owner.DNS_OPERATOR,
    title=N_("{domain} does not use DNSSEC"),
    seen=N_("Neither the registry nor the zone holds any keys."),
    why=N_("The domain works. Signatures would protect its visitors from forged answers."),
    steps=(N_("If you want it, ask whoever runs the DNS of {domain} to switch DNSSEC on."),),
)
MISSING_DS = FindingMessage(
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
ALGORITHM = FindingMessage(
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
NSEC3 = FindingMessage(
    id="dnssec.nsec3.params",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("DNSSEC of {domain} is set up with needless effort (NSEC3)"),
    seen=N_("The parameters are “{params}”; today's rule is “1 0 0 -”: no rounds, no salt."),
    why=N_("Resolvers treat answers that cost too much as unsigned, or refuse them."),
    steps=(N_("Ask the DNS operator to set NSEC3 to 0 iterations and no salt, or to use NSEC."),),
)
CDS = FindingMessage(
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
    delegation, dnssec = case.evidence[DELEGATION], case.evidence[DNSSEC]
    if (
        delegation.outcome is not Delegated.YES
        or delegation.ds
        or not _is_ds_absent(delegation, dnssec)
    ):
        return
    answered = [x for x in dnssec.dnskey if not x.trouble and x.rcode == "NOERROR"]
    if dnssec.signed:
        yield MISSING_DS(evidence=("delegation", "dnssec"), domain=delegation.domain)
    elif answered:
        yield NO_DS(evidence=("delegation", "dnssec"), domain=delegation.domain)


def _is_ds_absent(delegation: Delegation, dnssec: DnssecKeys) -> bool:
    """Did the parent really say that there is none? Silence is no absence."""
    ds_answers = [
        x for x in (*delegation.trail, *dnssec.ds) if (x.name, x.type) == (delegation.domain, "DS")
    ]
    return any(not x.trouble and x.rcode in ("NOERROR", "NXDOMAIN") for x in ds_answers)


def judge_methods(case: Case) -> Iterable[Finding]:
    delegation, dnssec = case.evidence[DELEGATION], case.evidence[DNSSEC]
    dnskeys = [k for x in dnssec.dnskey for k in zone_keys(x, delegation.domain)]
    if not dnskeys and not delegation.ds:
        yield unknown_finding(METHODS.id, detail=NOT_MEANT)
        return
    outdated_algorithms = sorted({int(k.algorithm) for k in dnskeys} - GOOD_ALGORITHMS)
    ds_records = [ds for r in delegation.ds if isinstance(ds := parse_rdata(r), DS)]
    weak_digests = sorted({int(d.digest_type) for d in ds_records} - GOOD_DIGESTS)
    outdated_ds_algorithms = sorted(
        {int(d.algorithm) for d in ds_records} - GOOD_ALGORITHMS - set(outdated_algorithms)
    )
    outdated_methods = [f"DNSKEY algorithm {a}" for a in outdated_algorithms] + [
        f"DS digest type {d}" for d in weak_digests
    ]
    outdated_methods += [f"DS algorithm {a}" for a in outdated_ds_algorithms]
    if outdated_methods:
        yield ALGORITHM(
            evidence=("delegation", "dnssec"), domain=delegation.domain, found=outdated_methods
        )
    for value in dict.fromkeys(_nsec3_parameters(dnssec, case.evidence.get(RECORDS))):
        if value.split()[:4] not in (["1", "0", "0", "-"], ["1", "1", "0", "-"]):
            yield NSEC3(evidence=("dnssec",), domain=delegation.domain, params=value)
            return


def _nsec3_parameters(dnssec: DnssecKeys, records: Records | None) -> Iterator[str]:
    """How names are hashed: as the zone announces it, and as its proofs do it."""
    yield from (v for x in dnssec.further for v in x.values("NSEC3PARAM"))
    if records is None:
        return
    for lookup in records.lookups:
        zone_nsec3 = (
            r for r in lookup.authority if r.type == "NSEC3" and is_within(r.name, records.zone)
        )
        yield from (" ".join(r.value.split()[:4]) for r in zone_nsec3)


def judge_cds(case: Case) -> Iterable[Finding]:
    delegation, dnssec = case.evidence[DELEGATION], case.evidence[DNSSEC]
    if not any(x.values(kind) for x in dnssec.further for kind in ("CDS", "CDNSKEY")):
        yield unknown_finding(ANNOUNCED.id, detail=NOT_MEANT)
        return
    fault, servers = next(_announcement_faults(delegation, dnssec, case), ("", []))
    if fault:
        yield CDS(evidence=("dnssec",), domain=delegation.domain, what=fault, servers=servers)


def _announcement_faults(
    delegation: Delegation, dnssec: DnssecKeys, case: Case
) -> Iterator[tuple[str, list[str]]]:
    """What is wrong with the announcement, the plainest first."""
    answers = [x for x in dnssec.further if x.type in ("CDS", "CDNSKEY") and _is_authoritative(x)]
    values = {kind: _distinct_values(answers, kind) for kind in ("CDS", "CDNSKEY")}
    if not values["CDS"] and not values["CDNSKEY"]:
        return
    for kind in ("CDS", "CDNSKEY"):
        sets = {answering_server(x): frozenset(x.values(kind)) for x in answers if x.type == kind}
        if len(set(sets.values())) > 1:
            yield DISAGREE, sorted(sets)
    removals = {
        kind: [v for v in announced_values if _is_delete_request(v)]
        for kind, announced_values in values.items()
    }
    if any(0 < len(removals[kind]) < len(values[kind]) for kind in values):
        yield MIXED, []
    dnskeys = [k for x in dnssec.dnskey for k in zone_keys(x, delegation.domain)]
    if not dnskeys:
        yield NO_ZONE_KEYS, []
        return
    announced_ds = [
        ds
        for v in values["CDS"]
        if not _is_delete_request(v) and isinstance(ds := _parse_ds(v), DS)
    ]
    announced_keys = [
        key for v in values["CDNSKEY"] if not _is_delete_request(v) and (key := _parse_key(v))
    ]
    yield from _key_mismatches(delegation.domain, announced_ds, announced_keys, dnskeys)
    for lookup in answers:
        if lookup.answers and verify_answer(lookup, delegation.domain, dnskeys, case.at):
            yield BAD_SIGNATURE, []


def _key_mismatches(
    domain: str, announced_ds: list[DS], announced_keys: list[DNSKEY], dnskeys: list[DNSKEY]
) -> Iterator[tuple[str, list[str]]]:
    origin = dns.name.from_text(domain)
    announced_ds = [d for d in announced_ds if d.digest_type in DS_DIGESTS]
    unmatched = [d for d in announced_ds if not any(is_ds_of_key(origin, d, k) for k in dnskeys)]
    if unmatched or any(k not in dnskeys for k in announced_keys):
        yield NO_SUCH_KEY, []
    elif (
        announced_ds
        and announced_keys
        and any(not any(is_ds_of_key(origin, d, k) for k in announced_keys) for d in announced_ds)
    ):
        yield NOT_ALIKE, []


def _is_authoritative(lookup: Lookup) -> bool:
    return not lookup.trouble and lookup.rcode == "NOERROR" and "aa" in lookup.flags


def _distinct_values(answers: list[Lookup], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for x in answers for v in x.values(kind)))


def _is_delete_request(value: str) -> bool:
    """The form that asks the registry to remove all keys (RFC 8078, 4)."""
    return value.split()[:3] in (["0", "0", "0"], ["0", "3", "0"])


def _parse_ds(value: str) -> object:
    return parse_rdata(Record("", "DS", 0, value))


def _parse_key(value: str) -> DNSKEY | None:
    parsed = parse_rdata(Record("", "DNSKEY", 0, value))
    return parsed if isinstance(parsed, DNSKEY) else None


def _keys_asked(case: Case) -> tuple[Lookup, ...]:
    return case.evidence[DNSSEC].dnskey


STATE = Check(
    id="dnssec.state",
    title=N_("The registry knows the zone's key"),
    needs=(DELEGATION, DNSSEC),
    messages=(NO_DS, MISSING_DS),
    judge=judge_state,
    refuted_by=(
        "dnssec.ds.mismatch",
        "dnssec.ds.without_signed_zone",
    ),
)
METHODS = Check(
    id="dnssec.methods",
    title=N_("DNSSEC uses current methods"),
    needs=(DELEGATION, DNSSEC),
    tolerates=(RECORDS,),
    messages=(ALGORITHM, NSEC3),
    judge=judge_methods,
    seen=_keys_asked,
)
ANNOUNCED = Check(
    id="dnssec.announced",
    title=N_("What the zone announces to the registry fits its keys"),
    needs=(DELEGATION, DNSSEC),
    messages=(CDS,),
    judge=judge_cds,
)
