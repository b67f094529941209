"""Checks that the site's names have address records, and addresses reachable from everywhere."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.dns.pointing import walked_addresses
from diagnostics.checks.readings import (
    address_records,
    alias_target,
    is_missing_everywhere,
    is_public,
    majority_values,
    unknown_finding,
    web_addresses,
    web_names,
)
from diagnostics.evidence.keys import EXPECTED, HOSTING, RECORDS
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Record
from subject import SubjectKind

MISSING = FindingMessage(
    id="dns.address.missing",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("There is no address for {names:list}"),
    seen=N_("The name servers of {domain} have no A, AAAA or CNAME record for {names:list}."),
    why=N_("Browsers cannot find the website under this name."),
    steps=(
        N_("Open the DNS settings of {domain} in your hosting panel, or where its DNS is managed."),
        N_("Add the record for {names:list} that points to your web server."),
        N_("Wait until the servers publish it, usually within an hour, and check again."),
    ),
)
HOST_MISSING = FindingMessage(
    id="dns.host.missing",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("{host} leads nowhere"),
    seen=N_("The name servers of {domain} answer, but they know no address for {host}."),
    why=N_("Nothing can be opened under this name, although the domain itself exists."),
    steps=(
        N_("Check the spelling of {host}."),
        N_("If it should exist, create the subdomain in your hosting panel, under Domains."),
        N_("If the DNS is managed elsewhere, add an A or CNAME record for {host} there."),
    ),
    hides=("web.site.", "tls.", "web.redirect."),
)
PRIVATE = FindingMessage(
    id="dns.address.private",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The DNS sends {names:list} to an address inside a private network"),
    seen=N_("Set now: {addresses:list}."),
    why=N_("It may open in your office, but for the rest of the world the site is down."),
    steps=(
        N_("Open the DNS settings of {domain}."),
        N_("Replace {addresses:list} with the public address of your web server."),
    ),
    hides=("web.site.", "tls.", "dns.address.elsewhere", "dns.address.hosted_elsewhere"),
)


def judge(case: Case) -> Iterable[Finding]:
    records, names = case.evidence[RECORDS], web_names(case.subject)
    domain = case.subject.domain
    required = names if len(names) > 1 or names == (domain,) else ()
    if case.subject.kind is not SubjectKind.MAILBOX:
        missing_names = [n for n in required if is_missing_everywhere(records, n)]
        if missing_names:
            yield MISSING(
                evidence=("records",),
                records=_records_to_set(case, missing_names),
                domain=domain,
                names=missing_names,
            )
    if required and not any(records.answered(n, "A") for n in required):
        yield unknown_finding(ADDRESS.id, what="records")
    # An alias may lead out of the zone; then the walk shows where.
    addresses = {
        n: web_addresses(records, n)
        or (walked_addresses(case, n) if alias_target(records, n) else ())
        for n in names
    }
    private_addresses = {n: [a for a in addresses[n] if not is_public(a)] for n in names}
    if exposed := [n for n in names if private_addresses[n]]:
        yield PRIVATE(
            evidence=("records",),
            records=_records_to_set(case, exposed),
            domain=domain,
            names=exposed,
            addresses=sorted({a for n in exposed for a in private_addresses[n]}),
        )


def judge_host(case: Case) -> Iterable[Finding]:
    subject, records = case.subject, case.evidence[RECORDS]
    main_names = (subject.domain,) if subject.above else (subject.domain, f"www.{subject.domain}")
    if subject.host in main_names:
        return
    if majority_values(records, subject.host, "A") is None:
        yield unknown_finding(HOST.id, what="records")
    elif is_missing_everywhere(records, subject.host):
        yield HOST_MISSING(
            evidence=("records",),
            records=_records_to_set(case, [subject.host]),
            domain=subject.domain,
            host=subject.host,
        )


def _is_single_server(addresses: tuple[str, ...]) -> bool:
    """Has the provider one server only, so that there is no doubt which one is meant?"""
    return all(sum((":" in a) is six for a in addresses) <= 1 for six in (False, True))


def _records_to_set(case: Case, names: list[str]) -> tuple[Record, ...]:
    """The records to set, when the account's own addresses are known."""
    expected, hosting = case.evidence.get(EXPECTED), case.evidence.get(HOSTING)
    if expected is None or not (expected.own or _is_single_server(expected.addresses)):
        return ()
    sites = {s.host: s.addresses for s in (hosting.sites if hosting else ()) if s.addresses}
    return tuple(
        record
        for name in names
        for record in address_records(name, sites.get(name, expected.addresses))
    )


ADDRESS = Check(
    id="dns.address",
    title=N_("The website's names have public addresses"),
    needs=(RECORDS,),
    tolerates=(EXPECTED, HOSTING, WEB),
    messages=(MISSING, PRIVATE),
    judge=judge,
    refuted_by=(
        "dns.host.missing",
        "dns.cname.dangling",
        "dns.cname.loop",
    ),
)
HOST = Check(
    id="dns.host",
    title=N_("The name you typed exists"),
    needs=(RECORDS,),
    tolerates=(EXPECTED, HOSTING),
    messages=(HOST_MISSING,),
    judge=judge_host,
    refuted_by=("dns.host.wildcard_only",),
)
