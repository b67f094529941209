"""Does the DNS let an authority issue a certificate: CAA (RFC 8659, 8657), and the proof by DNS (RFC
8555, 8.4). How many certificates were issued lately, and how the authority itself fares, cannot be
known from here and is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagnostics.checks.readings import inside, target
from diagnostics.checks.tls.certificate import EXPIRED, EXPIRING, fault
from diagnostics.checks.tls.renewal import FROM_SECURE, late
from diagnostics.evidence.keys import RECORDS, Records, proof_name
from diagnostics.evidence.web import TLS, TlsHandshakes
from diagnostics.model import Case, Check, Finding, Message, Severity
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

CAA_BLOCKS = Message(
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
    hides=FROM_SECURE,
)
NO_ONE = N_("no authority at all")
OWN_IS_FREE = N_("The present certificate is from Let's Encrypt and will need it.")
DUE = N_("The present certificate has to be replaced.")
CAA_CRITICAL = Message(
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
    hides=(*FROM_SECURE, "tls.renewal.caa_blocks"),
)
CAA_LIMITED = Message(
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
CAA_FAILS = Message(
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
    hides=FROM_SECURE,
)
PROOF_LOST = Message(
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
    hides=FROM_SECURE,
)
NO_DOMAIN = N_("The domain of that name does not exist.")
NO_SERVERS = N_("The name servers of that name do not answer.")
PROOF_LEFT = Message(
    id="tls.renewal.dns_proof_left",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("An old proof for a certificate is still in the DNS"),
    seen=N_("{names:list} holds {count:number} TXT records."),
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


def read(value: str) -> CaaProperty | None:
    """A CAA value in presentation form; None when it is none."""
    fields = value.split(None, 2)
    if len(fields) != 3 or not fields[0].isdigit() or len(fields[0]) > 3:
        return None
    authority, _, condition = fields[2].strip().strip('"').partition(";")
    tag = fields[1].strip('"').lower()
    return CaaProperty(int(fields[0]), tag, authority.strip().lower(), condition.strip(), value)


def judge(case: Case) -> Iterable[Finding]:
    told: set[tuple[str, str]] = set()
    for finding in (*_caa(case), *_proofs(case)):
        key = (finding.id, str(finding.args.get("name") or finding.args.get("domain")))
        if key not in told:
            told.add(key)
            yield finding
    yield from _failing(case)


def _caa(case: Case) -> Iterator[Finding]:
    """The records that count for each name: its own, else those of the name above."""
    seen, records = case.evidence[TLS], case.evidence.get(RECORDS)
    apex = case.subject.domain
    hosts = dict.fromkeys((apex, f"www.{apex}", case.subject.host))
    for name in dict.fromkeys(_holder(seen, records, host, apex) for host in hosts):
        found = [p for v in _values(seen, records, name) if (p := read(v))]
        strange = [p for p in found if p.flags & CRITICAL and p.tag not in KNOWN_TAGS]
        if strange:
            yield CAA_CRITICAL(
                evidence=("tls", "records"), name=name, value=strange[0].text, tag=strange[0].tag
            )
        yield from _allowed(case, name, [p for p in found if p.tag == "issue"])


def _allowed(case: Case, name: str, issue: list[CaaProperty]) -> Iterator[Finding]:
    if not issue:
        return
    free = [p for p in issue if p.authority == FREE_CA]
    if free and all(p.condition for p in free):
        yield CAA_LIMITED(
            evidence=("tls", "records"), name=name, allowed=FREE_CA, condition=free[0].condition
        )
    if free:
        return
    shakes = [s for s in case.evidence[TLS].handshakes if s.chain]
    own = any("let's encrypt" in s.chain[0].issuer.lower() for s in shakes)
    due = any(fault(s, case.at) in (EXPIRED, EXPIRING) or late(s, case.at) for s in shakes)
    if own or due or not shakes:
        allowed = sorted({p.authority for p in issue if p.authority})
        yield CAA_BLOCKS(
            evidence=("records", "tls"),
            records=(Record(name, "CAA", 3600, f'0 issue "{FREE_CA}"'),),
            domain=name,
            allowed=", ".join(allowed) or NO_ONE,
            missing=FREE_CA,
            need=OWN_IS_FREE if own else DUE,
        )


def _holder(seen: TlsHandshakes, records: Records | None, host: str, apex: str) -> str:
    """The name whose CAA records count for a host: climbing up, but for the zone's own names."""
    name = host
    while name != apex and inside(name, apex) and not _values(seen, records, name):
        name = name.partition(".")[2]
    return name


def _values(seen: TlsHandshakes, records: Records | None, name: str) -> tuple[str, ...]:
    """What is told of a name's CAA; aliases are followed."""
    asked = (x for x in seen.asked if (x.name, x.type) == (name, "CAA"))
    known = records.answered(name, "CAA") if records else ()
    found = (v for x in (*asked, *known) if not x.trouble for v in x.values("CAA"))
    return tuple(dict.fromkeys(found))


def _proofs(case: Case) -> Iterator[Finding]:
    apex, asked = case.subject.domain, case.evidence[TLS].asked
    left: dict[str, set[str]] = {}
    for host in dict.fromkeys((apex, f"www.{apex}", case.subject.host)):
        name = proof_name(host)
        looks = [x for x in asked if (x.name, x.type) == (name, "TXT")]
        aliases = [target(v) for x in looks for v in x.values("CNAME")]
        ends = [x for x in looks if x.values("CNAME") or not x.server_name]
        problem = _lost(ends) if aliases else ""
        if problem:
            yield PROOF_LOST(evidence=("tls",), name=name, target=aliases[-1], problem=problem)
        values = {v for x in looks if not aliases for v in x.values("TXT")}
        if values and not _caught(case, values):
            left[name] = values
    if left:
        count = sum(len(values) for values in left.values())
        yield PROOF_LEFT(evidence=("tls",), names=list(left), count=count)


def _caught(case: Case, values: set[str]) -> bool:
    """Is it a wildcard that answers, with what it says to every name?"""
    records = case.evidence.get(RECORDS)
    apex = case.subject.domain
    return records is not None and values <= set(records.values(apex, "TXT"))


def _lost(looks: list[Lookup]) -> str:
    """Whether the end of an alias cannot be read. That the name itself is not there yet is usual: it
    comes with the proof; that not even its domain exists is not."""
    ends = [x for x in looks if not x.server_name]  # the resolvers' answers
    if any(not x.trouble and x.rcode == "NOERROR" for x in ends):
        return ""
    for end in ends:
        above = [r.name for r in end.authority if r.type == "SOA"]
        if end.rcode == "NXDOMAIN" and above and all("." not in name for name in above):
            return NO_DOMAIN
    failed = bool(ends) and all(x.rcode == "SERVFAIL" and not x.trouble for x in ends)
    return NO_SERVERS if failed else ""


def _failing(case: Case) -> Iterator[Finding]:
    """Servers that answer for A and not for CAA."""
    records = case.evidence.get(RECORDS)
    if records is None:
        return
    well = {x.server for x in records.answered(records.zone, "A") if "aa" in x.flags}
    looks = [x for x in records.at(records.zone, "CAA") if x.server in well]
    bad = [x for x in looks if x.trouble is Trouble.TIMEOUT or x.rcode in ERRORS]
    if bad and len(bad) == len(looks):
        yield CAA_FAILS(
            evidence=("records",),
            domain=records.zone,
            errors=sorted({x.rcode or SILENCE for x in bad}),
        )


ERRORS = ("SERVFAIL", "REFUSED", "NOTIMP", "FORMERR")
SILENCE = "no answer"

CHECK = Check(
    id="tls.permission",
    title=N_("The DNS lets an authority issue certificates"),
    needs=(TLS,),
    tolerates=(RECORDS,),
    messages=(CAA_BLOCKS, CAA_CRITICAL, CAA_LIMITED, CAA_FAILS, PROOF_LOST, PROOF_LEFT),
    judge=judge,
)
