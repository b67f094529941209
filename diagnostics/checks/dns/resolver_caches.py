"""Checks of resolver caches that hold an old record, and of wildcards that hide a typing mistake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from diagnostics.checks.readings import (
    alias_target,
    authoritative_answers,
    majority_values,
    normalise_name,
)
from diagnostics.checks.tls.certificate import WRONG_NAME, hosts_with_foreign_certificate
from diagnostics.checks.web.placeholder_pages import DEFAULT_PAGE, hosts_with_default_page
from diagnostics.evidence.keys import (
    CACHES,
    HOSTING,
    RECORDS,
    Records,
    ResolverCaches,
    unused_name,
)
from diagnostics.evidence.web import TLS, WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Lookup
from subject import SubjectKind

OLD = FindingMessage(
    id="dns.cache.old_record",
    severity=Severity.NOTICE,
    owner=Owner.NOBODY,
    title=N_("An older setting of {domain} is still remembered"),
    seen=N_(
        "For {name} ({type}), the answer from {resolvers:list} is still {theirs:said}; the name servers say {now:said}. It will be forgotten in {left:duration} at the latest."
    ),
    why=N_("Until then some people see the old state; that is how the DNS works, and it passes."),
    steps=(
        N_("If you changed this lately, all you have to do is wait."),
        N_("To see the new state at once, try another network, such as your phone's."),
    ),
)
WILDCARD = FindingMessage(
    id="dns.host.wildcard_only",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("{host} answers just as any made-up name below {domain} does"),
    seen=N_(
        "A catch-all (wildcard) record gives the same answer even for names that nobody set up."
    ),
    why=N_("A typing mistake is easily overlooked: the name resolves, but to a common place."),
    steps=(
        N_("Check the spelling of {host}."),
        N_("If it should have a site of its own, add a DNS record for exactly this name."),
    ),
    hides=("web.site.default_page", "tls.certificate.wrong_name"),
)
NOTHING = N_("nothing")


def judge_spread(case: Case) -> Iterable[Finding]:
    caches, records = case.evidence[CACHES], case.evidence[RECORDS]
    questions = dict.fromkeys((x.name, x.type) for x in caches.lookups)
    # of the addresses and servers one is enough to tell, the rest passes with it, and so of texts
    for texts in (False, True):
        findings = (
            finding
            for name, kind in questions
            if (kind == "TXT") is texts and (finding := _remembered(caches, records, name, kind))
        )
        yield from islice(findings, 1)


def _remembered(caches: ResolverCaches, records: Records, name: str, kind: str) -> Finding | None:
    """Which resolvers remember what no name server says any more of a name and type."""
    answers = [x for x in caches.lookups if (x.name, x.type) == (name, kind)]
    old_values = {x.server: old for x in answers if (old := _old_values(records, x))}
    if not old_values:
        return None
    current = majority_values(records, name, kind) or ()
    lifetimes = (r.ttl for x in answers if x.server in old_values for r in x.answers)
    return OLD(
        evidence=("caches", "records"),
        domain=records.zone,
        name=name,
        type=kind,
        resolvers=sorted(old_values),
        theirs=", ".join(sorted({v for old in old_values.values() for v in old})),
        now=", ".join(current) or NOTHING,
        left=max(lifetimes, default=0),
    )


def _old_values(records: Records, cached: Lookup) -> tuple[str, ...]:
    """What a resolver remembers and no name server says any more. Of addresses and servers some are
    often left out of an answer; of texts each tells for itself."""
    if cached.trouble or cached.rcode != "NOERROR":
        return ()
    zone_answers = authoritative_answers(records, cached.name, cached.type)
    published = {frozenset(map(normalise_name, x.values(cached.type))) for x in zone_answers}
    if len(published) != 1 or alias_target(records, cached.name):
        return ()  # servers that differ, or aliases into other zones, are judged elsewhere
    (current,) = published
    old = tuple(v for v in cached.values(cached.type) if normalise_name(v) not in current)
    return old if cached.type == "TXT" or len(old) == len(cached.values(cached.type)) else ()


def judge_wildcard(case: Case) -> Iterable[Finding]:
    records, subject = case.evidence[RECORDS], case.subject
    is_host_typed = subject.kind in (SubjectKind.HOST, SubjectKind.URL)
    if not is_host_typed or subject.host in (subject.domain, f"www.{subject.domain}"):
        return
    wildcard_answer = _majority_answer(records, unused_name(subject.domain))
    if wildcard_answer and _majority_answer(records, subject.host) == wildcard_answer:
        wildcard_faults = tuple(_wildcard_faults(case))
        finding = WILDCARD(evidence=("records",), host=subject.host, domain=subject.domain)
        yield replace(
            finding, hides=wildcard_faults, severity=Severity.WARNING if wildcard_faults else None
        )


def _wildcard_faults(case: Case) -> Iterator[str]:
    """The faults of a name that nobody set up, as far as no other name has them too."""
    typed_hosts, hosting = {case.subject.host}, case.evidence.get(HOSTING)
    if any(site.host in typed_hosts for site in (hosting.sites if hosting else ())):
        return  # the panel knows a site of this name: it is no typing mistake
    web, tls = case.evidence.get(WEB), case.evidence.get(TLS)
    if web and hosts_with_default_page(web) == typed_hosts:
        yield DEFAULT_PAGE.id
    if tls and hosts_with_foreign_certificate(tls) == typed_hosts:
        yield WRONG_NAME.id


def _majority_answer(records: Records, name: str) -> frozenset[str]:
    """Address or alias of a name, as most servers give it."""
    target = alias_target(records, name)
    return frozenset((target,)) if target else frozenset(majority_values(records, name, "A") or ())


CACHES_CHECK = Check(
    id="dns.cache",
    title=N_("Everybody sees the current DNS records"),
    needs=(CACHES, RECORDS),
    messages=(OLD,),
    judge=judge_spread,
    refuted_by=(
        "dns.records.differ",
        "dns.soa.serial_differs",
        "dns.change.not_published",
        "dns.change.too_soon",
        "dns.change.remembered",
        "dns.change.may_be_remembered",
    ),
)
WILDCARD_CHECK = Check(
    id="dns.wildcard",
    title=N_("The name is set up, not only caught"),
    needs=(RECORDS,),
    tolerates=(WEB, TLS, HOSTING),
    messages=(WILDCARD,),
    judge=judge_wildcard,
    refuted_by=("dns.host.missing",),
)
