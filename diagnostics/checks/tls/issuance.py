"""Check that the DNS lets an authority issue a certificate: CAA (RFC 8659, 8657), dns-01 (RFC 8555, 8.4).
How many certificates were issued lately, and how the authority itself fares, cannot be known from
here and is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagnostics.checks.readings import is_within, target_name
from diagnostics.checks.tls.certificate import EXPIRED, EXPIRING, certificate_fault
from diagnostics.checks.tls.renewal import RENEWAL_FINDINGS, is_renewal_overdue
from diagnostics.evidence.keys import RECORDS, Records, acme_challenge_name
from diagnostics.evidence.web import TLS, TlsHandshakes
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Lookup, Record, Trouble

FREE_CA = "letsencrypt.org"  # RFC 8659 name of the authority that panels use
KNOWN_TAGS = (
    "issue",
    "issuewild",
    "iodef",
    "issuemail",
    "issuevmc",
    "contactemail",
    "contactphone",
)
CRITICAL = 128  # the flag; the other bits are reserved

CAA_BLOCKS = FindingMessage(
    id="tls.renewal.caa_blocks",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The DNS forbids a free certificate for {domain}"),
    seen=N_("The CAA records allow {allowed:said}, and not {missing}. {need:said}"),
    why=N_("The authority reads these records first, and refuses to issue or renew."),
    steps=(
        N_("In the DNS settings of {domain}, add the CAA record shown here."),
        N_("Or order the certificate from an authority that the records allow."),
        N_("Then start the renewal in your hosting panel once more."),
    ),
    hides=RENEWAL_FINDINGS,
)
NO_AUTHORITY = N_("no authority at all")
OWN_IS_FREE = N_("The present certificate is from Let's Encrypt and will need it.")
REPLACEMENT_DUE = N_("The present certificate has to be replaced.")
CAA_CRITICAL = FindingMessage(
    id="tls.renewal.caa_critical",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("A CAA record of {name} forbids certificates by accident"),
    seen=N_("The record “{value}” is marked as critical, and no authority knows “{tag}”."),
    why=N_(
        "An authority has to refuse when a critical CAA record says what it does not understand."
    ),
    steps=(
        N_(
            "In the DNS settings, delete this CAA record, or correct its tag (issue, issuewild, iodef)."
        ),
        N_("If it has to stay, change its first number from 128 to 0."),
    ),
    hides=(*RENEWAL_FINDINGS, "tls.renewal.caa_blocks"),
)
CAA_LIMITED = FindingMessage(
    id="tls.renewal.caa_limited",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("Free certificates of {name} are tied to a condition in the DNS"),
    seen=N_("The CAA record allows {allowed:said} only so: {condition}."),
    why=N_("A renewal from another server or in another way is refused, for example after a move."),
    steps=(
        N_(
            "If the certificate is renewed by your hosting with us, delete the condition after “;”."
        ),
        N_(
            "If you set it on purpose and know that account or way of proof, there is nothing to do."
        ),
    ),
)
CAA_FAILS = FindingMessage(
    id="tls.renewal.caa_fails",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("The name servers of {domain} fail when they are asked for CAA"),
    seen=N_("They answer other questions; to this one they say {errors:list}."),
    why=N_("An authority asks for CAA before each certificate, and refuses when it gets an error."),
    steps=(
        N_(
            "Tell the operator of the DNS that questions for CAA (type 257) must be answered, if only “none”."
        ),
        N_("Then start the renewal in your hosting panel once more."),
    ),
    hides=RENEWAL_FINDINGS,
)
PROOF_LOST = FindingMessage(
    id="tls.renewal.dns_proof_lost",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The proof for certificates by DNS leads nowhere"),
    seen=N_("{name} is an alias of {target}. {problem:said}"),
    why=N_(
        "Certificates that are confirmed by DNS, such as those for all subdomains, cannot renew."
    ),
    steps=(
        N_("Find out which service or script renews the certificate, and the name it wants here."),
        N_("Correct the CNAME record of {name}, or delete it if nobody uses it any more."),
    ),
    hides=RENEWAL_FINDINGS,
)
NO_DOMAIN = N_("The domain of that name does not exist.")
NO_SERVERS = N_("The name servers of that name do not answer.")
PROOF_LEFT = FindingMessage(
    id="tls.renewal.dns_proof_left",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("An old proof for a certificate is still in the DNS"),
    seen=N_("TXT records at {names:list}: {count:number}."),
    why=N_("It does no harm; many of them make answers large, and some authorities then fail."),
    steps=(N_("Delete the TXT records of {names:list} when no certificate is being ordered."),),
)


@dataclass(frozen=True, slots=True)
class CaaProperty:
    """One CAA record: flags, tag, the authority named, and the conditions behind it."""

    flags: int
    tag: str
    authority: str
    condition: str
    text: str


def parse_caa(value: str) -> CaaProperty | None:
    """A CAA value in presentation form; None when it is none."""
    fields = value.split(None, 2)
    if len(fields) != 3 or not fields[0].isdecimal() or len(fields[0]) > 3:
        return None
    authority, _, condition = fields[2].strip().strip('"').partition(";")
    tag = fields[1].strip('"').lower()
    return CaaProperty(int(fields[0]), tag, authority.strip().lower(), condition.strip(), value)


def judge(case: Case) -> Iterable[Finding]:
    reported: set[tuple[str, str]] = set()
    for finding in (*_caa_findings(case), *_dns_proof_findings(case)):
        key = (finding.id, str(finding.args.get("name") or finding.args.get("domain")))
        if key not in reported:
            reported.add(key)
            yield finding
    yield from _caa_failure_findings(case)


def _caa_findings(case: Case) -> Iterator[Finding]:
    """The records that count for each name: its own, else those of the name above."""
    tls, records = case.evidence[TLS], case.evidence.get(RECORDS)
    apex = case.subject.domain
    hosts = dict.fromkeys((apex, f"www.{apex}", case.subject.host))
    for name in dict.fromkeys(_caa_holder(tls, records, host, apex) for host in hosts):
        properties = [caa for v in _caa_values(tls, records, name) if (caa := parse_caa(v))]
        unknown_critical = [p for p in properties if p.flags & CRITICAL and p.tag not in KNOWN_TAGS]
        if unknown_critical:
            yield CAA_CRITICAL(
                evidence=("tls", "records"),
                name=name,
                value=unknown_critical[0].text,
                tag=unknown_critical[0].tag,
            )
        yield from _issuer_findings(case, name, [p for p in properties if p.tag == "issue"])


def _issuer_findings(
    case: Case, name: str, issue_properties: list[CaaProperty]
) -> Iterator[Finding]:
    if not issue_properties:
        return
    free_properties = [p for p in issue_properties if p.authority == FREE_CA]
    if free_properties and all(p.condition for p in free_properties):
        yield CAA_LIMITED(
            evidence=("tls", "records"),
            name=name,
            allowed=FREE_CA,
            condition=free_properties[0].condition,
        )
    if free_properties:
        return
    handshakes = [s for s in case.evidence[TLS].handshakes if s.chain]
    is_own_free = any("let's encrypt" in s.chain[0].issuer.lower() for s in handshakes)
    is_due = any(
        certificate_fault(s, case.at) in (EXPIRED, EXPIRING) or is_renewal_overdue(s, case.at)
        for s in handshakes
    )
    if is_own_free or is_due or not handshakes:
        allowed = sorted({p.authority for p in issue_properties if p.authority})
        yield CAA_BLOCKS(
            evidence=("records", "tls"),
            records=(Record(name, "CAA", 3600, f'0 issue "{FREE_CA}"'),),
            domain=name,
            allowed=", ".join(allowed) or NO_AUTHORITY,
            missing=FREE_CA,
            need=OWN_IS_FREE if is_own_free else REPLACEMENT_DUE,
        )


def _caa_holder(tls: TlsHandshakes, records: Records | None, host: str, apex: str) -> str:
    """The name whose CAA records count for a host: climbing up, but for the zone's own names."""
    name = host
    while name != apex and is_within(name, apex) and not _caa_values(tls, records, name):
        name = name.partition(".")[2]
    return name


def _caa_values(tls: TlsHandshakes, records: Records | None, name: str) -> tuple[str, ...]:
    """What is told of a name's CAA; aliases are followed."""
    own_answers = (x for x in tls.asked if (x.name, x.type) == (name, "CAA"))
    zone_answers = records.answered(name, "CAA") if records else ()
    values = (v for x in (*own_answers, *zone_answers) if not x.trouble for v in x.values("CAA"))
    return tuple(dict.fromkeys(values))


def _dns_proof_findings(case: Case) -> Iterator[Finding]:
    apex, lookups = case.subject.domain, case.evidence[TLS].asked
    values_left: dict[str, set[str]] = {}
    for host in dict.fromkeys((apex, f"www.{apex}", case.subject.host)):
        name = acme_challenge_name(host)
        txt_answers = [x for x in lookups if (x.name, x.type) == (name, "TXT")]
        aliases = [target_name(v) for x in txt_answers for v in x.values("CNAME")]
        end_answers = [x for x in txt_answers if x.values("CNAME") or not x.server_name]
        problem = _alias_problem(end_answers) if aliases else ""
        if problem:
            yield PROOF_LOST(evidence=("tls",), name=name, target=aliases[-1], problem=problem)
        values = {v for x in txt_answers if not aliases for v in x.values("TXT")}
        if values and not _is_wildcard_answer(case, values):
            values_left[name] = values
    if values_left:
        count = sum(len(values) for values in values_left.values())
        yield PROOF_LEFT(evidence=("tls",), names=list(values_left), count=count)


def _is_wildcard_answer(case: Case, values: set[str]) -> bool:
    """Is it a wildcard that answers, with what it says to every name?"""
    records = case.evidence.get(RECORDS)
    apex = case.subject.domain
    return records is not None and values <= set(records.values(apex, "TXT"))


def _alias_problem(answers: list[Lookup]) -> str:
    """Whether the end of an alias cannot be read. That the name itself is not there yet is usual: it
    comes with the proof; that not even its domain exists is not."""
    resolver_answers = [x for x in answers if not x.server_name]  # the resolvers' answers
    if any(not x.trouble and x.rcode == "NOERROR" for x in resolver_answers):
        return ""
    for end in resolver_answers:
        soa_names = [r.name for r in end.authority if r.type == "SOA"]
        if end.rcode == "NXDOMAIN" and soa_names and all("." not in name for name in soa_names):
            return NO_DOMAIN
    is_failed = bool(resolver_answers) and all(
        x.rcode == "SERVFAIL" and not x.trouble for x in resolver_answers
    )
    return NO_SERVERS if is_failed else ""


def _caa_failure_findings(case: Case) -> Iterator[Finding]:
    """Servers that answer for A and not for CAA, each time they were asked: one lost packet is no
    fault of theirs."""
    records = case.evidence.get(RECORDS)
    if records is None or _is_caa_answered(case, records.zone):
        return
    healthy_servers = {x.server for x in records.answered(records.zone, "A") if "aa" in x.flags}
    caa_answers = [x for x in records.at(records.zone, "CAA") if x.server in healthy_servers]
    failing = [x for x in caa_answers if x.trouble is Trouble.TIMEOUT or x.rcode in ERROR_RCODES]
    if failing and len(failing) == len(caa_answers):
        yield CAA_FAILS(
            evidence=("records",),
            domain=records.zone,
            errors=sorted({x.rcode or NO_ANSWER for x in failing}),
        )


def _is_caa_answered(case: Case, zone: str) -> bool:
    """Whether somebody answered when they were asked once more, for the certificates."""
    lookups = (x for x in case.evidence[TLS].asked if (x.name, x.type) == (zone, "CAA"))
    return any(not x.trouble and x.rcode == "NOERROR" for x in lookups)


ERROR_RCODES = ("SERVFAIL", "REFUSED", "NOTIMP", "FORMERR")
NO_ANSWER = "no answer"

CHECK = Check(
    id="tls.permission",
    title=N_("The DNS lets an authority issue certificates"),
    needs=(TLS,),
    tolerates=(RECORDS,),
    messages=(CAA_BLOCKS, CAA_CRITICAL, CAA_LIMITED, CAA_FAILS, PROOF_LOST, PROOF_LEFT),
    judge=judge,
)
