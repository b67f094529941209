"""Aliases (CNAME) where they must not be, that lead nowhere or in a circle; doubled names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from diagnostics.checks.dns.pointing import ELSEWHERE, elsewhere
from diagnostics.checks.readings import alias, inside, interests, missing_everywhere, target
from diagnostics.evidence.keys import EXPECTED, HOSTING, RECORDS, Records, double_label, unused_name
from diagnostics.evidence.web import WEB, WebWalks
from diagnostics.model import Case, Check, Finding, Message, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble

AT_APEX = Message(
    id="dns.cname.at_apex",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("{domain} itself is an alias, which breaks its mail"),
    seen=N_("The domain has a CNAME record that points to {target}."),
    why=N_("An alias replaces everything else of that name, so mail and name servers get lost."),
    steps=(
        N_("Open the DNS settings of {domain}."),
        N_("Delete the CNAME record of {domain} and add an A record with the server's address."),
        N_("If your DNS operator offers ALIAS or ANAME records, use one of these instead."),
    ),
    hides=("mail.mx.missing", "mail.spf.missing", ELSEWHERE.id),
)
DANGLING = Message(
    id="dns.cname.dangling",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("{name} is an alias of a name that does not exist"),
    seen=N_("{name} points to {target}, and that name has no address."),
    why=N_("The website cannot be opened. Somebody else might even claim the abandoned name."),
    steps=(
        N_("Open the DNS settings of {domain} and find the CNAME record of {name}."),
        N_("Correct its target, or replace it with an A record of your web server."),
        N_("If the service behind {target} was cancelled, delete the record."),
    ),
    hides=("web.site.", "tls.", "web.www.", "dns.address.missing", "dns.host.missing"),
)
LOOP = Message(
    id="dns.cname.loop",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("Aliases of {domain} point at each other in a circle"),
    seen=N_("Following the aliases, we came back to where we were: {names:list}."),
    why=N_("No address is ever found, so the website cannot be opened."),
    steps=(
        N_("Open the DNS settings of {domain} and find the CNAME records of {names:list}."),
        N_("Replace one of them with an A record with the address of your web server."),
    ),
    hides=("web.site.", "tls.", "web.www.", "dns.address.missing", "dns.host.missing"),
)
DOUBLE = Message(
    id="dns.name.double_label",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("A DNS record has the domain in its name twice"),
    seen=N_("We found {names:list}. Most likely a full stop is missing at the end of a name."),
    why=N_("The record has no effect where you wanted it, so site or mail may not work."),
    steps=(
        N_("Open the DNS settings of {domain} and find the record {names:list}."),
        N_("Enter the name without {domain}, or with a full stop at its very end, and save."),
    ),
    hides=("dns.address.missing", "dns.host.missing", "mail.mx.no_address"),
)
HOPS = 10


def judge_alias(case: Case) -> Iterable[Finding]:
    records, domain = case.evidence[RECORDS], case.subject.domain
    if apex := alias(records, domain):
        found = AT_APEX(evidence=("records",), domain=domain, target=apex)
        others = elsewhere(case) - {domain}
        along = all(alias(records, name) == domain for name in others)
        yield found if along else replace(found, hides=tuple(set(AT_APEX.hides) - {ELSEWHERE.id}))
    circles: set[frozenset[str]] = set()
    for name in dict.fromkeys((*interests(case.subject), case.subject.host)):
        path = _follow(records, name)
        if len(path) > 1 and path[-1] in path[:-1]:
            circle = frozenset(path)
            if circle not in circles:
                circles.add(circle)
                yield LOOP(evidence=("records",), domain=domain, names=sorted(circle))
        elif len(path) > 1 and _gone(records, case.evidence.get(WEB), name, path[-1]):
            yield DANGLING(evidence=("records", "web"), domain=domain, name=name, target=path[-1])


def _follow(records: Records, name: str) -> list[str]:
    """The aliases from a name on, as the zone's own answers show them; ends where they end."""
    steps = {
        r.name.rstrip(".").lower(): target(r.value)
        for lookup in records.lookups
        for r in lookup.answers
        if r.type == "CNAME"
    }
    path = [name]
    while len(path) <= HOPS and (following := steps.get(path[-1])):
        path.append(following)
        if following in path[:-1]:
            break
    return path


def _gone(records: Records, web: WebWalks | None, name: str, end: str) -> bool:
    """Whether the end of an alias certainly has no address: by our zone, or by the resolvers."""
    if inside(end, records.zone) and records.answered(end, "A"):
        return missing_everywhere(records, end)
    if records.values(name, "A") or records.values(name, "AAAA"):
        return False
    starts = [chain.hops[0] for chain in (web.chains if web else ()) if chain.hops]
    met = [hop for hop in starts if f"://{name}/" in f"{hop.url}/"]
    return bool(met) and all(hop.trouble is Trouble.NXDOMAIN for hop in met)


def judge_double(case: Case) -> Iterable[Finding]:
    records = case.evidence[RECORDS]
    found = sorted(set(_doubled(records, case)))
    if found:
        yield DOUBLE(evidence=("records",), domain=records.zone, names=found)


def _doubled(records: Records, case: Case) -> Iterator[str]:
    zone = records.zone
    twice = f".{zone}.{zone}"
    for lookup in records.lookups:
        for record in lookup.answers:
            if record.type in ("CNAME", "MX", "NS") and target(record.value).endswith(twice):
                yield target(record.value)
    # A wildcard answers for every name; then an address under the doubled name tells nothing.
    if records.values(unused_name(zone), "A"):
        return
    for name in dict.fromkeys((zone, f"www.{zone}", case.subject.host)):
        doubled = double_label(name, zone)
        there = records.values(doubled, "A") or alias(records, doubled)
        # Beside a sound record the doubled one is litter, and harms nobody.
        if there and missing_everywhere(records, name):
            yield doubled


ALIAS = Check(
    id="dns.cname",
    title=N_("Aliases lead somewhere"),
    needs=(RECORDS,),
    tolerates=(WEB, EXPECTED, HOSTING),
    messages=(AT_APEX, DANGLING, LOOP),
    judge=judge_alias,
)
DOUBLED = Check(
    id="dns.name",
    title=N_("No record has the domain in its name twice"),
    needs=(RECORDS,),
    messages=(DOUBLE,),
    judge=judge_double,
)
