"""Check that the website's names resolve to the server that hosts it.

Only meaningful against expectations: the account's own, or the provider-wide ones, which can
merely tell that a site lives elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.readings import (
    address_records,
    alias_target,
    authoritative_answers,
    is_public,
    web_addresses,
    web_names,
)
from diagnostics.checks.web.redirects import url_host
from diagnostics.evidence.keys import EXPECTED, HOSTING, RECORDS
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from explain.responders import identify_cdn
from kb.owners import Owner
from render.i18n import N_

ELSEWHERE = FindingMessage(
    id="dns.address.elsewhere",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The DNS sends {names:list} to another server"),
    seen=N_("The DNS sends visitors to {addresses:list}; your hosting with us is {expected:list}."),
    why=N_("Visitors see whatever is on that other server, not the site you keep with us."),
    steps=(
        N_("Open the DNS settings of {domain} in your hosting panel, or where its DNS is managed."),
        N_("Change the record of {names:list} from {addresses:list} to {expected:list} and save."),
        N_("Wait until the change is published, usually within an hour, and check again."),
        N_("If the site lives elsewhere on purpose, there is nothing to do."),
    ),
    hides=("web.site.", "web.redirect.", "tls.", "web.www."),
)
PARTLY = FindingMessage(
    id="dns.address.partly_elsewhere",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The DNS sends some visitors of {names:list} to another server"),
    seen=N_(
        "Beside the address of your hosting with us, the DNS also gives visitors {addresses:list}."
    ),
    why=N_("It is left to chance who sees your site and who sees what stands on that server."),
    steps=(
        N_("Open the DNS settings of {domain} in your hosting panel, or where its DNS is managed."),
        N_("Delete the records of {names:list} that lead to {addresses:list}, and save."),
        N_("Wait until the change is published, usually within an hour, and check again."),
        N_("If both servers show your site on purpose, there is nothing to do."),
    ),
    hides=(
        "web.family.",
        "web.www.two_sites",
        "tls.certificate.wrong_name",
        "tls.certificate.name_missing",
    ),
)
HOSTED_ELSEWHERE = FindingMessage(
    id="dns.address.hosted_elsewhere",
    severity=Severity.NOTICE,
    owner=Owner.NOBODY,
    title=N_("We do not host the website {names:list}"),
    seen=N_("The DNS sends visitors to {addresses:list}, and that is none of our servers."),
    why=N_("Faults of the website can be mended by the company that runs that server."),
    steps=(
        N_("If the site should be with us, sign in so that we can compare with your account."),
        N_("Otherwise turn to the company that hosts the site."),
    ),
)
BEHIND_CDN = FindingMessage(
    id="dns.address.behind_cdn",
    severity=Severity.NOTICE,
    owner=Owner.CDN,
    title=N_("A CDN ({cdn}) stands before {names:list}"),
    seen=N_("Visitors come to {addresses:list}, and the answers carry the mark of {cdn}."),
    why=N_("That is fine. Only the settings at {cdn} decide which server it takes the site from."),
    steps=(
        N_("If the site shows an error, check at {cdn} that the origin is {expected:list}."),
        N_("After changes, clear the cache at {cdn}."),
    ),
)


def judge(case: Case) -> Iterable[Finding]:
    if not case.evidence[EXPECTED].addresses:
        return
    # Apex and www mostly lead to the same place: one finding for both.
    groups: dict[tuple[tuple[str, ...], tuple[str, ...], str], list[str]] = {}
    extra_addresses: dict[tuple[str, ...], list[str]] = {}
    for name in web_names(case.subject):
        expected = _expected_addresses(case, name)
        # A private address or none at all is another check's matter.
        resolved = tuple(a for a in _resolved_addresses(case, name, expected) if is_public(a))
        if resolved and not set(resolved) & set(expected):
            groups.setdefault((resolved, expected, _cdn_in_front(case, name)), []).append(name)
        elif extras := _extra_addresses(case, name, expected):
            extra_addresses.setdefault(extras, []).append(name)
    for (resolved, expected, cdn), names in groups.items():
        yield _elsewhere_finding(case, names, resolved, expected, cdn)
    for extras, names in extra_addresses.items():
        domain = case.subject.domain
        yield PARTLY(evidence=KEYS, domain=domain, names=names, addresses=list(extras))


def names_elsewhere(case: Case) -> frozenset[str]:
    """The names that lead to public addresses, and to none of those they should."""
    if EXPECTED not in case.evidence:
        return frozenset()
    expected_by_name = ((name, _expected_addresses(case, name)) for name in web_names(case.subject))
    resolved = (
        (name, expected, set(_resolved_addresses(case, name, expected)))
        for name, expected in expected_by_name
    )
    return frozenset(
        n for n, ours, addresses in resolved if any(map(is_public, addresses - set(ours)))
    )


def _extra_addresses(case: Case, name: str, expected: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses that servers give beside the right one and that are nowhere the account's.

    Books that know one kind of address only say nothing of the other. Servers that give one
    another's are judged elsewhere.
    """
    if not case.evidence[EXPECTED].own:
        return ()
    right_addresses = {*expected, *case.evidence[EXPECTED].addresses}
    extras: set[str] = set()
    for kind in {"AAAA" if ":" in a else "A" for a in right_addresses}:
        answering = authoritative_answers(case.evidence[RECORDS], name, kind)
        answers = [set(x.values(kind)) for x in answering]
        is_right_answered = any(a & right_addresses for a in answers)
        extras.update(
            *(a - right_addresses for a in answers if a & right_addresses or not is_right_answered)
        )
    return tuple(sorted(filter(is_public, extras)))


def _elsewhere_finding(
    case: Case, names: list[str], resolved: tuple[str, ...], expected: tuple[str, ...], cdn: str
) -> Finding:
    actual, intended = list(resolved), list(expected)
    if cdn:
        return BEHIND_CDN(evidence=KEYS, cdn=cdn, names=names, addresses=actual, expected=intended)
    if not case.evidence[EXPECTED].own:
        return HOSTED_ELSEWHERE(evidence=KEYS, names=names, addresses=actual)
    return ELSEWHERE(
        evidence=KEYS,
        records=tuple(r for name in names for r in address_records(name, expected)),
        domain=case.subject.domain,
        names=names,
        addresses=actual,
        expected=intended,
    )


def _resolved_addresses(case: Case, name: str, expected: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses of a name. An alias may lead out of the zone, where its servers know none; then
    those that we were led to count, of the kinds that can be compared."""
    records = case.evidence[RECORDS]
    published = web_addresses(records, name) or ()
    if published or not alias_target(records, name):
        return published
    kinds = {":" in a for a in expected}
    return tuple(a for a in walked_addresses(case, name) if (":" in a) in kinds)


def walked_addresses(case: Case, name: str) -> tuple[str, ...]:
    """The addresses a name led us to on the walks, those that we may not dial included."""
    web = case.evidence.get(WEB)
    hops = (hop for chain in (web.chains if web else ()) for hop in chain.hops)
    return tuple(sorted({hop.ip for hop in hops if hop.ip and url_host(hop.url) == name}))


def _expected_addresses(case: Case, name: str) -> tuple[str, ...]:
    """Where this very name should lead: its own site's addresses, else any of the account's."""
    hosting = case.evidence.get(HOSTING)
    for site in hosting.sites if hosting else ():
        if site.host == name and site.addresses:
            return site.addresses
    return case.evidence[EXPECTED].addresses


def _cdn_in_front(case: Case, name: str) -> str:
    """The CDN that answered for a name, by its own headers; "" when none did."""
    web = case.evidence.get(WEB)
    hops = (hop for chain in (web.chains if web else ()) for hop in chain.hops)
    return next(
        (cdn for hop in hops if url_host(hop.url) == name and (cdn := identify_cdn(hop))), ""
    )


KEYS = ("records", "expected")
CHECK = Check(
    id="dns.pointing",
    title=N_("The website's name points to the right server"),
    needs=(RECORDS, EXPECTED),
    tolerates=(WEB, HOSTING),
    messages=(ELSEWHERE, PARTLY, BEHIND_CDN, HOSTED_ELSEWHERE),
    judge=judge,
    refuted_by=(
        "dns.address.missing",
        "dns.address.private",
        "dns.host.",
        "dns.cname.dangling",
        "dns.cname.loop",
        "dns.ns.parked",
    ),
)
