"""Checks of DNSSEC below the apex: invalid record sets, unproven absence, what validating resolvers say.

RFC 4035, 5; RFC 8914.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.checks.dnssec.chain import FROM_LOSS
from diagnostics.checks.dnssec.validated_answers import (
    invalid_record_sets,
    is_proof_signature_failure,
    trusted_keys,
    unproven_absences,
)
from diagnostics.checks.readings import answering_server, unknown_finding
from diagnostics.evidence.keys import CACHES, DELEGATION, DNSSEC, RECORDS
from diagnostics.model import NOT_MEANT, Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Lookup
from standards.dnssec.validation import FailureKind, ValidationFailure

RECORD = FindingMessage(
    id="dnssec.record.invalid",
    severity=Severity.ERROR,
    owner=Owner.DNS_OPERATOR,
    title=N_("A DNSSEC signature inside {domain} does not hold"),
    seen=N_("{what:said} Affected: {names:list}."),
    why=N_(
        "Providers that check signatures treat exactly these records as forged, so they are lost."
    ),
    steps=(
        N_("Ask whoever runs the DNS of {domain} to sign these records again."),
        N_("If only some servers are concerned, have their copy of the zone updated."),
    ),
    hides=("web.", *FROM_LOSS, "mail.mx.", "mail.spf.", "dnssec.resolver."),
)
ENDED = N_("The signature over {type} of {name} was valid until {until:datetime} ({servers:list}).")
AHEAD = N_(
    "The signature over {type} of {name} becomes valid only on {since:datetime} ({servers:list})."
)
BARE = N_("The {type} records of {name} come without a signature by the zone ({servers:list}).")
CHANGED = N_("The signature over {type} of {name} does not fit what is there now ({servers:list}).")
FAILURE_SENTENCES = {
    FailureKind.EXPIRED: ENDED,
    FailureKind.NOT_YET: AHEAD,
    FailureKind.UNSIGNED: BARE,
    FailureKind.FORGED: CHANGED,
}
DENIAL = FindingMessage(
    id="dnssec.denial.invalid",
    severity=Severity.ERROR,
    owner=Owner.DNS_OPERATOR,
    title=N_("{domain} does not prove that a record is not there"),
    seen=N_("{what:said}"),
    why=N_(
        "Instead of “there is none”, providers that check signatures answer with an error. Browsers, "
        "mail servers and certificate authorities stumble over it."
    ),
    steps=(
        N_(
            "Ask whoever runs the DNS of {domain} to sign the zone anew, with NSEC or NSEC3 records."
        ),
        N_("If only some servers are concerned, have their copy of the zone updated."),
    ),
    hides=("dnssec.resolver.",),
)
NO_PROOF = N_(
    "There is no {type} record of {name}, and no proof of that (NSEC or NSEC3) comes from {servers:list}."
)
WRONG_PROOF = N_(
    "There is no {type} record of {name}, and the proof from {servers:list} is for something else."
)
REFUSES = FindingMessage(
    id="dnssec.resolver.refuses",
    severity=Severity.ERROR,
    owner=Owner.DNS_OPERATOR,
    title=N_("A resolver that checks signatures does not accept {domain}"),
    seen=N_("For {name}, an error came from {resolvers:list}, with this reason: “{reason}”."),
    why=N_("Everybody who uses this or a like resolver cannot open the site or send mail there."),
    steps=(
        N_("Show the reason to whoever runs the DNS of {domain}; it names what does not hold."),
        N_(
            "If the signatures were mended today, wait until the resolver asks anew, and check again."
        ),
    ),
    hides=("web.", "mail.mx."),
)
# The parts of RFC 8914's reasons that are about signatures.
REASONS = ("dnssec", "signature", "dnskey", "rrsig", "nsec", "zone key")


def judge_records(case: Case) -> Iterable[Finding]:
    delegation, dnssec, records = (
        case.evidence[DELEGATION],
        case.evidence[DNSSEC],
        case.evidence[RECORDS],
    )
    zone_keys = trusted_keys(delegation, dnssec)
    if not zone_keys or records.zone != delegation.domain:
        yield unknown_finding(RECORDS_CHECK.id, detail=NOT_MEANT)
        return
    failures = list(invalid_record_sets(records, zone_keys, case.at))
    if failures:
        first = failures[0][0]
        similar = [(f, x) for f, x in failures if f.fault is first.fault]
        yield RECORD(
            evidence=("records", "dnssec"),
            domain=delegation.domain,
            what=FAILURE_SENTENCES[first.fault],
            names=list(dict.fromkeys(f"{f.name} {f.type}" for f, _ in similar))[:8],
            servers=_servers_with(failures, first),
            name=first.name,
            type=first.type,
            since=first.since.isoformat() if first.since else "",
            until=first.until.isoformat() if first.until else "",
        )
    unproven = [
        (f, x)
        for f, x in unproven_absences(records, zone_keys, case.at)
        if not is_proof_signature_failure(f)
    ]
    if unproven:
        failure = unproven[0][0]
        yield DENIAL(
            evidence=("records", "dnssec"),
            domain=delegation.domain,
            what=NO_PROOF if failure.fault is FailureKind.NO_PROOF else WRONG_PROOF,
            name=failure.name,
            type=failure.type,
            servers=_servers_with(unproven, failure),
        )


def _servers_with(
    failures: list[tuple[ValidationFailure, Lookup]], failure: ValidationFailure
) -> list[str]:
    identity = (failure.name, failure.type, failure.fault)
    return sorted(
        {answering_server(x) for f, x in failures if (f.name, f.type, f.fault) == identity}
    )


def judge_resolvers(case: Case) -> Iterable[Finding]:
    """What a resolver gives as its own reason for an error (Extended DNS Errors)."""
    refused = list(_validation_refusals(case.evidence[CACHES].lookups))
    if refused:
        first = min(refused, key=lambda x: (len(x.name), x.name, x.detail))  # order is nobody's
        yield REFUSES(
            evidence=("caches",),
            domain=case.subject.domain,
            name=first.name,
            resolvers=sorted({x.server for x in refused}),
            reason=first.detail,
        )


def _validation_refusals(lookups: Iterable[Lookup]) -> Iterator[Lookup]:
    for lookup in lookups:
        is_about_signatures = any(part in lookup.detail.lower() for part in REASONS)
        if lookup.rcode == "SERVFAIL" and not lookup.trouble and is_about_signatures:
            yield lookup


RECORDS_CHECK = Check(
    id="dnssec.records",
    title=N_("Every record looked at holds against the zone's keys"),
    needs=(DELEGATION, DNSSEC, RECORDS),
    messages=(RECORD, DENIAL),
    judge=judge_records,
    refuted_by=("dnssec.signature.",),
)
RESOLVERS_CHECK = Check(
    id="dnssec.resolver",
    title=N_("Resolvers that check signatures accept the domain"),
    needs=(CACHES,),
    messages=(REFUSES,),
    judge=judge_resolvers,
    refuted_by=(
        "dnssec.ds.mismatch",
        "dnssec.ds.without_signed_zone",
        "dnssec.chain.broken",
        "dnssec.signature.",
        "dnssec.record.invalid",
        "dnssec.denial.invalid",
    ),
)
