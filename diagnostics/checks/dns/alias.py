"""Checks of CNAME records: at the apex, dangling, in a loop; and of names that hold the domain twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from diagnostics.checks.dns.pointing import ELSEWHERE, names_elsewhere
from diagnostics.checks.readings import (
    alias_target,
    is_missing_everywhere,
    is_within,
    target_name,
    web_names,
)
from diagnostics.evidence.keys import EXPECTED, HOSTING, RECORDS, Records, doubled_name, unused_name
from diagnostics.evidence.web import WEB, WebWalks
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Trouble

AT_APEX = FindingMessage(
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
DANGLING = FindingMessage(
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
LOOP = FindingMessage(
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
DOUBLE = FindingMessage(
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
MAX_ALIASES = 10


def judge_alias(case: Case) -> Iterable[Finding]:
    records, domain = case.evidence[RECORDS], case.subject.domain
    if apex := alias_target(records, domain):
        finding = AT_APEX(evidence=("records",), domain=domain, target=apex)
        names_astray = names_elsewhere(case) - {domain}
        all_follow = all(alias_target(records, name) == domain for name in names_astray)
        yield (
            finding
            if all_follow
            else replace(finding, hides=tuple(set(AT_APEX.hides) - {ELSEWHERE.id}))
        )
    reported_loops: set[frozenset[str]] = set()
    for name in dict.fromkeys((*web_names(case.subject), case.subject.host)):
        chain = _alias_chain(records, name)
        if len(chain) > 1 and chain[-1] in chain[:-1]:
            loop = frozenset(chain)
            if loop not in reported_loops:
                reported_loops.add(loop)
                yield LOOP(evidence=("records",), domain=domain, names=sorted(loop))
        elif len(chain) > 1 and _is_dangling(records, case.evidence.get(WEB), name, chain[-1]):
            yield DANGLING(evidence=("records", "web"), domain=domain, name=name, target=chain[-1])


def _alias_chain(records: Records, name: str) -> list[str]:
    """The aliases from a name on, as the zone's own answers show them; ends where they end."""
    aliases = {
        r.name.rstrip(".").lower(): target_name(r.value)
        for lookup in records.lookups
        for r in lookup.answers
        if r.type == "CNAME"
    }
    chain = [name]
    while len(chain) <= MAX_ALIASES and (following := aliases.get(chain[-1])):
        chain.append(following)
        if following in chain[:-1]:
            break
    return chain


def _is_dangling(records: Records, web: WebWalks | None, name: str, final_name: str) -> bool:
    """Whether the end of an alias certainly has no address: by our zone, or by the resolvers."""
    if is_within(final_name, records.zone) and records.answered(final_name, "A"):
        return is_missing_everywhere(records, final_name)
    if records.values(name, "A") or records.values(name, "AAAA"):
        return False
    starts = [chain.hops[0] for chain in (web.chains if web else ()) if chain.hops]
    first_hops = [hop for hop in starts if f"://{name}/" in f"{hop.url}/"]
    return bool(first_hops) and all(hop.trouble is Trouble.NXDOMAIN for hop in first_hops)


def judge_double(case: Case) -> Iterable[Finding]:
    records = case.evidence[RECORDS]
    doubled_names = sorted(set(_doubled_names(records, case)))
    if doubled_names:
        yield DOUBLE(evidence=("records",), domain=records.zone, names=doubled_names)


def _doubled_names(records: Records, case: Case) -> Iterator[str]:
    zone = records.zone
    doubled_zone = f".{zone}.{zone}"
    for lookup in records.lookups:
        for record in lookup.answers:
            if record.type in ("CNAME", "MX", "NS") and target_name(record.value).endswith(
                doubled_zone
            ):
                yield target_name(record.value)
    # A wildcard answers for every name; then an address under the doubled name tells nothing.
    if records.values(unused_name(zone), "A"):
        return
    for name in dict.fromkeys((zone, f"www.{zone}", case.subject.host)):
        wrong_name = doubled_name(name, zone)
        is_present = records.values(wrong_name, "A") or alias_target(records, wrong_name)
        # Beside a sound record the doubled one is litter, and harms nobody.
        if is_present and is_missing_everywhere(records, name):
            yield wrong_name


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
