"""How far a change has spread, and whether a wildcard hides a typing mistake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from diagnostics.checks.readings import agreed, alias, authoritative, bare
from diagnostics.checks.tls.certificate import WRONG_NAME, misnamed
from diagnostics.checks.web.placeholder_pages import DEFAULT_PAGE, default_hosts
from diagnostics.evidence.keys import CACHES, HOSTING, RECORDS, Records, unused_name
from diagnostics.evidence.web import TLS, WEB
from diagnostics.model import Case, Check, Finding, Message, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Lookup
from subject import SubjectKind

OLD = Message(
    id="dns.cache.old_record",
    severity=Severity.NOTICE,
    owner=Owner.NOBODY,
    title=N_("An older setting of {domain} is still remembered"),
    seen=N_(
        "For {name} ({type}), {resolvers:list} still says {theirs:said}; the name servers say "
        "{now:said}. It will be forgotten in {left:duration} at the latest."
    ),
    why=N_("Until then some people see the old state; that is how the DNS works, and it passes."),
    steps=(
        N_("If you changed this lately, all you have to do is wait."),
        N_("To see the new state at once, try another network, such as your phone's."),
    ),
)
WILDCARD = Message(
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
    asked = dict.fromkeys((x.name, x.type) for x in caches.lookups)
    for name, type in asked:  # noqa: A001 - the trade's own word
        told = [x for x in caches.lookups if (x.name, x.type) == (name, type)]
        old = [x for x in told if _old(records, x)]
        if old:
            now = agreed(records, name, type) or ()
            yield OLD(
                evidence=("caches", "records"),
                domain=records.zone,
                name=name,
                type=type,
                resolvers=sorted({x.server for x in old}),
                theirs=", ".join(sorted({v for x in old for v in x.values()})) or NOTHING,
                now=", ".join(now) or NOTHING,
                left=max((r.ttl for x in old for r in x.answers), default=0),
            )
            return  # one is enough to tell; the rest passes with it


def _old(records: Records, cached: Lookup) -> bool:
    """Does a resolver remember what no name server says any more?"""
    if cached.trouble or cached.rcode != "NOERROR" or not cached.values():
        return False
    own = authoritative(records, cached.name, cached.type)
    said = {frozenset(map(bare, x.values(cached.type))) for x in own}
    if len(said) != 1 or alias(records, cached.name):
        return False  # servers that differ, or aliases into other zones, are judged elsewhere
    return not set(map(bare, cached.values())) & next(iter(said))


def judge_wildcard(case: Case) -> Iterable[Finding]:
    records, subject = case.evidence[RECORDS], case.subject
    typed = subject.kind in (SubjectKind.HOST, SubjectKind.URL)
    if not typed or subject.host in (subject.domain, f"www.{subject.domain}"):
        return
    common = _answer(records, unused_name(subject.domain))
    if common and _answer(records, subject.host) == common:
        faults = tuple(_only_here(case))
        found = WILDCARD(evidence=("records",), host=subject.host, domain=subject.domain)
        yield replace(found, hides=faults, severity=Severity.WARNING if faults else None)


def _only_here(case: Case) -> Iterator[str]:
    """The faults of a name that nobody set up, as far as no other name has them too."""
    typed, hosting = {case.subject.host}, case.evidence.get(HOSTING)
    if any(site.host in typed for site in (hosting.sites if hosting else ())):
        return  # the panel knows a site of this name: it is no typing mistake
    web, tls = case.evidence.get(WEB), case.evidence.get(TLS)
    if web and default_hosts(web) == typed:
        yield DEFAULT_PAGE.id
    if tls and misnamed(tls) == typed:
        yield WRONG_NAME.id


def _answer(records: Records, name: str) -> frozenset[str]:
    """Address or alias of a name, as most servers give it."""
    to = alias(records, name)
    return frozenset((to,)) if to else frozenset(agreed(records, name, "A") or ())


SPREAD = Check(
    id="dns.cache",
    title=N_("Everybody sees the current DNS records"),
    needs=(CACHES, RECORDS),
    messages=(OLD,),
    judge=judge_spread,
)
WILDCARDS = Check(
    id="dns.wildcard",
    title=N_("The name is set up, not only caught"),
    needs=(RECORDS,),
    tolerates=(WEB, TLS, HOSTING),
    messages=(WILDCARD,),
    judge=judge_wildcard,
)
