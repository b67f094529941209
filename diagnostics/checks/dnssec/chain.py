"""Checks of the DNSSEC chain of trust from the root to the zone (RFC 4034, 4035).

Only what makes a domain disappear for validating resolvers is judged here; what is weak or
unfinished is in zone_keys.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import dns.dnssec

from diagnostics.checks.dnssec.validated_answers import (
    is_proof_signature_failure,
    unproven_absences,
)
from diagnostics.checks.readings import answering_server, unknown_finding
from diagnostics.evidence.keys import DELEGATION, DNSSEC, RECORDS, DnssecKeys
from diagnostics.model import NOT_MEANT, Case, Check, Finding, FindingMessage, Severity
from facts import Delegated, Delegation
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Lookup
from standards.dnssec.validation import (
    FailureKind,
    ValidationFailure,
    follow_chain,
    is_stray_ds,
    keys_named_by_ds,
    validity,
    verify_answer,
    zone_keys,
)

# What a name that is not found can break; no signature makes a certificate one for other names.
FROM_LOSS = ("tls.service.", "tls.renewal.", "tls.certificate.expired", "tls.certificate.expiring")
FROM_SIGNATURES = (
    *("web.", *FROM_LOSS, "mail."),
    *("dnssec.record.", "dnssec.denial.", "dnssec.resolver."),
)
LEFT_BEHIND = FindingMessage(
    id="dnssec.ds.without_signed_zone",
    severity=Severity.CRITICAL,
    owner=Owner.REGISTRAR,
    title=N_("A DNSSEC key of {domain} was left behind at the registry"),
    seen=N_("The registry demands signed answers for {domain}, but its name servers do not sign."),
    why=N_(
        "Many internet providers treat such answers as forged: for their users you are offline."
    ),
    steps=(
        N_("This is typical after a move to other name servers."),
        N_("Sign in at the registrar, open DNSSEC, and delete the DS or key record of {domain}."),
        N_("If you want DNSSEC, ask the DNS operator to sign the zone, and set its new key."),
        N_("It can take a day until everybody sees the change."),
    ),
    hides=(
        "web.",
        *FROM_LOSS,
        "mail.",
        "dnssec.ds.mismatch",
        "dnssec.signature.",
        "dnssec.resolver.",
    ),
)
MISMATCH = FindingMessage(
    id="dnssec.ds.mismatch",
    severity=Severity.CRITICAL,
    owner=Owner.REGISTRAR,
    title=N_("The DNSSEC key at the registry does not fit the zone {domain}"),
    seen=N_("The registry has {ds:list}; no key of the zone matches ({keys:list})."),
    why=N_("Many internet providers treat the answers as forged: for their users you are offline."),
    steps=(
        N_("Ask the DNS operator for the current DS record of {domain}."),
        N_("At the registrar, under DNSSEC, replace the old record with it."),
        N_("Or switch DNSSEC off there for now; the domain then works without it."),
    ),
    hides=("web.", *FROM_LOSS, "mail.", "dnssec.signature.", "dnssec.resolver."),
)
EXTRA = FindingMessage(
    id="dnssec.ds.extra",
    severity=Severity.NOTICE,
    owner=Owner.REGISTRAR,
    title=N_("The registry holds one more DNSSEC key for {domain} than the zone"),
    seen=N_("One DS record fits the zone; its keys do not include one for {ds:list}."),
    why=N_("The domain works. During a change of keys this is normal; later it is litter."),
    steps=(
        N_("If nobody is changing keys now, delete the DS record {ds:list} at the registrar."),
        N_("If the DNS operator changes keys by itself, there is nothing to do."),
    ),
)
EXPIRED = FindingMessage(
    id="dnssec.signature.expired",
    severity=Severity.CRITICAL,
    owner=Owner.DNS_OPERATOR,
    title=N_("The DNSSEC signature of {domain} is not valid today"),
    seen=N_("{when:said}"),
    why=N_("Internet providers that check signatures no longer open your site or deliver mail."),
    steps=(
        N_("Ask whoever runs the DNS of {domain} to sign the zone again at once."),
        N_("If that takes long, remove the DS record at the registrar for the time being."),
    ),
    hides=FROM_SIGNATURES,
)
RENEWED_LATE = FindingMessage(
    id="dnssec.renewal.late",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("The DNSSEC signatures of {domain} are about to run out"),
    seen=N_(
        "The signature over {type} is valid until {until:datetime} ({servers:list}); it should have "
        "been renewed by now."
    ),
    why=N_("After that, internet providers that check signatures no longer open your site."),
    steps=(
        N_("Ask whoever runs the DNS of {domain} whether the zone is still signed anew by itself."),
        N_("If only some servers are named, ask why they no longer get the newest zone."),
    ),
)
RENEWED_BY = 0.08  # of a signature's time: whoever signs has renewed it before so little is left
RAN_OUT = N_("The signature over {type} was valid until {until:datetime} ({servers:list}).")
NOT_YET = N_(
    "The signature over {type} becomes valid only on {since:datetime} ({servers:list}); the clock "
    "of the server that signs is probably wrong."
)
INVALID = FindingMessage(
    id="dnssec.signature.invalid",
    severity=Severity.CRITICAL,
    owner=Owner.DNS_OPERATOR,
    title=N_("The DNSSEC signatures of {domain} do not hold"),
    seen=N_("{what:said}"),
    why=N_(
        "Internet providers that check signatures treat the answers as forged: you are offline."
    ),
    steps=(
        N_("Ask whoever runs the DNS of {domain} to sign the zone again at once."),
        N_("If that takes long, remove the DS record at the registrar for the time being."),
    ),
    hides=FROM_SIGNATURES,
)
UNSIGNED = N_("The {type} records come without a signature by a key of the zone ({servers:list}).")
WITHOUT = N_(
    "The zone comes without keys and signatures from {servers:list}, from the others with."
)
FORGED = N_("The signature over {type} does not fit the records it should cover ({servers:list}).")
BROKEN = FindingMessage(
    id="dnssec.chain.broken",
    severity=Severity.CRITICAL,
    owner=Owner.REGISTRY,
    title=N_("DNSSEC is broken above {domain}, at .{zone}"),
    seen=N_("On the way from the root, the {type} records of .{zone} do not hold."),
    why=N_("Every name below .{zone} is affected; you can do nothing about it yourself."),
    steps=(
        N_("It is the registry's matter and is mostly mended within hours; check again later."),
        N_("Tell your registrar or us, so that it is reported."),
    ),
    hides=(*FROM_SIGNATURES, "dnssec.signature."),
)


def judge_ds(case: Case) -> Iterable[Finding]:
    delegation, dnssec = case.evidence[DELEGATION], case.evidence[DNSSEC]
    if delegation.outcome is not Delegated.YES or not delegation.ds:
        yield unknown_finding(DS.id, detail=NOT_MEANT)
        return
    answered = [x for x in dnssec.dnskey if not x.trouble and x.rcode == "NOERROR"]
    if not answered:
        yield unknown_finding(DS.id, what="dnssec")
        return
    dnskeys = [k for x in answered for k in zone_keys(x, delegation.domain)]
    ds_values = [r.value for r in delegation.ds]
    if not dnskeys:
        yield LEFT_BEHIND(evidence=("delegation", "dnssec"), domain=delegation.domain)
    elif (matching := keys_named_by_ds(delegation.domain, ds_values, dnskeys)) == ():
        yield MISMATCH(
            evidence=("delegation", "dnssec"),
            domain=delegation.domain,
            ds=sorted({value.split()[0] for value in ds_values}),
            keys=sorted({str(dns.dnssec.key_id(key)) for key in dnskeys}),
        )
    elif matching and (
        unmatched := sorted(
            {
                value.split()[0]
                for value in ds_values
                if is_stray_ds(value, delegation.domain, dnskeys)
            }
        )
    ):
        yield EXTRA(evidence=("delegation", "dnssec"), domain=delegation.domain, ds=unmatched)


def judge_chain(case: Case) -> Iterable[Finding]:
    dnssec = case.evidence[DNSSEC]
    domain = case.evidence[DELEGATION].domain
    failure = follow_chain(dnssec.above, dnssec.ds, dnssec.anchor, domain, case.at).failure
    if failure is None and not case.evidence[DELEGATION].ds:
        yield unknown_finding(CHAIN.id, detail=NOT_MEANT)
    if failure is not None and failure.name != domain:
        yield BROKEN(
            evidence=("dnssec",), domain=domain, zone=failure.name.strip("."), type=failure.type
        )


def judge_signature(case: Case) -> Iterable[Finding]:
    delegation, dnssec = case.evidence[DELEGATION], case.evidence[DNSSEC]
    # Without a DS nobody validates, so a stale signature harms nobody.
    if not delegation.ds or not dnssec.signed:
        yield unknown_finding(SIGNATURE.id, detail=NOT_MEANT)
        return
    failures = list(_signature_failures(delegation, dnssec, case))
    for failure, _ in failures[:1]:
        servers_alike = {
            answering_server(x)
            for f, x in failures
            if (f.type, f.fault) == (failure.type, failure.fault)
        }
        servers = sorted(servers_alike)
        yield _signature_finding(failure, delegation.domain, servers)
    if not failures:
        yield from _late_renewals(delegation, dnssec, case)


def _late_renewals(delegation: Delegation, dnssec: DnssecKeys, case: Case) -> Iterator[Finding]:
    """The signature that runs out first among those that should have been renewed."""
    late: dict[tuple[datetime, str], set[str]] = {}
    for lookup in (*dnssec.dnskey, *dnssec.soa):
        period = validity(lookup, delegation.domain) if "aa" in lookup.flags else None
        if period is not None and period[1] - case.at < RENEWED_BY * (period[1] - period[0]):
            late.setdefault((period[1], lookup.type), set()).add(answering_server(lookup))
    if late:
        (until, type_), servers = min(late.items())
        yield RENEWED_LATE(
            evidence=("dnssec",),
            domain=delegation.domain,
            type=type_,
            until=until.isoformat(),
            servers=sorted(servers),
        )


def _signature_finding(failure: ValidationFailure, domain: str, servers: list[str]) -> Finding:
    if failure.fault in (FailureKind.EXPIRED, FailureKind.NOT_YET):
        return EXPIRED(
            evidence=("dnssec",),
            domain=domain,
            when=RAN_OUT if failure.fault is FailureKind.EXPIRED else NOT_YET,
            type=failure.type,
            since=failure.since.isoformat() if failure.since else "",
            until=failure.until.isoformat() if failure.until else "",
            servers=servers,
        )
    return INVALID(
        evidence=("dnssec",),
        domain=domain,
        what={FailureKind.UNSIGNED: UNSIGNED, FailureKind.NO_KEYS: WITHOUT}.get(
            failure.fault, FORGED
        ),
        type=failure.type,
        servers=servers,
    )


def _signature_failures(
    delegation: Delegation, dnssec: DnssecKeys, case: Case
) -> Iterator[tuple[ValidationFailure, Lookup]]:
    """What does not hold at each server, keys first, judged by the keys that the parent names."""
    dnskeys = [k for x in dnssec.dnskey for k in zone_keys(x, delegation.domain)]
    trusted_keys = keys_named_by_ds(delegation.domain, [r.value for r in delegation.ds], dnskeys)
    if not trusted_keys:
        return  # nothing to trust, or nothing we can compute: the other check tells
    for lookups, accepted_keys in ((dnssec.dnskey, trusted_keys), (dnssec.soa, dnskeys)):
        for lookup in lookups:
            if lookup.trouble or lookup.rcode != "NOERROR" or "aa" not in lookup.flags:
                continue
            is_unsigned = lookup.type == "DNSKEY" and not lookup.values()
            failure = (
                ValidationFailure(delegation.domain, "DNSKEY", FailureKind.NO_KEYS)
                if is_unsigned
                else None
            )
            failure = failure or verify_answer(lookup, delegation.domain, accepted_keys, case.at)
            if failure is not None:
                yield failure, lookup
    records = case.evidence.get(RECORDS)
    if records is not None and records.zone == delegation.domain:
        for failure, lookup in unproven_absences(records, tuple(dnskeys), case.at):
            if is_proof_signature_failure(failure):
                yield failure, lookup


def _keys_asked(case: Case) -> tuple[Lookup, ...]:
    return case.evidence[DNSSEC].dnskey


DS = Check(
    id="dnssec.ds",
    title=N_("The registry's DNSSEC key fits the zone"),
    needs=(DELEGATION, DNSSEC),
    messages=(LEFT_BEHIND, MISMATCH, EXTRA),
    judge=judge_ds,
)
CHAIN = Check(
    id="dnssec.chain",
    title=N_("DNSSEC holds from the root down to the domain"),
    needs=(DELEGATION, DNSSEC),
    messages=(BROKEN,),
    judge=judge_chain,
    refuted_by=(
        "dnssec.ds.mismatch",
        "dnssec.ds.without_signed_zone",
        "dnssec.signature.",
        "dnssec.resolver.refuses",
    ),
)
SIGNATURE = Check(
    id="dnssec.signature",
    title=N_("The DNSSEC signatures are valid"),
    needs=(DELEGATION, DNSSEC),
    tolerates=(RECORDS,),
    messages=(EXPIRED, INVALID, RENEWED_LATE),
    judge=judge_signature,
    seen=_keys_asked,
    refuted_by=(
        "dnssec.record.invalid",
        "dnssec.denial.invalid",
        "dnssec.chain.broken",
        "dnssec.ds.mismatch",
    ),
)
