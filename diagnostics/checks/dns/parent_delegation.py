"""Checks that registry, zone and provider agree on the NS set, and that it is redundant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from diagnostics.checks.readings import (
    full_delegation,
    is_delegated,
    normalise_name,
    target_name,
)
from diagnostics.evidence.keys import DELEGATION, SERVERS
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Delegated, Delegation
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Lookup

DIFFER = FindingMessage(
    id="dns.ns.parent_child_differ",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Two lists of name servers for {domain} do not agree"),
    seen=N_("The registry says {parent:list}; the zone itself says {child:list}."),
    why=N_("Some visitors may be sent to an old server and see an old site or none."),
    steps=(
        N_("Find out which of the lists is right: usually the one your provider gave you."),
        N_("If the registry's list is old, change the name servers at the registrar."),
        N_("If the zone's list is old, ask whoever runs the DNS to correct its NS records."),
    ),
)
TOO_FEW = FindingMessage(
    id="dns.ns.too_few",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("{domain} depends on a single name server"),
    seen=N_("The only name server that everybody can reach is {servers:list}."),
    why=N_("When this one server has a bad moment, website and e-mail stop at once."),
    steps=(
        N_("Ask your provider for the name of its second name server."),
        N_("Add it to the name servers of {domain} at the registrar."),
    ),
    hides=("dns.ns.too_few_ipv6",),
)
FEW_IPV6 = FindingMessage(
    id="dns.ns.too_few_ipv6",
    severity=Severity.INFO,
    owner=Owner.DNS_OPERATOR,
    title=N_("Fewer than two name servers of {domain} have an IPv6 address"),
    seen=N_("Of its name servers, {count:number} can be reached by IPv6."),
    why=N_("Networks with IPv6 only reach the domain by detours; for all others it is no matter."),
    steps=(N_("If you run the name servers yourself, give two of them an IPv6 address."),),
)


def judge_set(case: Case) -> Iterable[Finding]:
    delegation = full_delegation(case)
    parent = sorted({normalise_name(name) for name in delegation.parent_ns})
    if delegation.outcome is not Delegated.YES or not parent:
        return
    child = _zone_servers(delegation)
    if child and child != parent:
        yield DIFFER(evidence=("delegation",), domain=delegation.domain, parent=parent, child=child)
    yield from _redundancy_findings(delegation, parent, child)


def _redundancy_findings(
    delegation: Delegation, parent: list[str], child: list[str]
) -> Iterator[Finding]:
    """Two servers in each list, and two that are there by IPv4 (and, as a remark, by IPv6)."""
    lists = [names for names in (parent, child) if names]
    ipv4, ipv6 = (
        min(([n for n in names if n in reachable] for names in lists), key=len)
        for reachable in (
            _servers_with_family(delegation, "."),
            _servers_with_family(delegation, ":"),
        )
    )
    single_server_list = next((names for names in (*lists, ipv4) if len(names) == 1), None)
    if single_server_list:
        yield TOO_FEW(
            evidence=("delegation",), domain=delegation.domain, servers=single_server_list
        )
    if ipv4 and len(ipv6) < 2:
        yield FEW_IPV6(evidence=("delegation",), domain=delegation.domain, count=len(ipv6))


def _servers_with_family(delegation: Delegation, separator: str) -> set[str]:
    """The servers that have an address of a family, which the mark in it tells."""
    return {
        normalise_name(s.name) for s in delegation.servers for a in s.addresses if separator in a
    }


def _zone_servers(delegation: Delegation) -> list[str]:
    """The NS set that most of the zone's own servers give, with authority."""
    votes = Counter(
        tuple(sorted({target_name(v) for v in answer.values("NS")}))
        for answer in delegation.ns
        if not answer.trouble and "aa" in answer.flags and answer.values("NS")
    )
    if not votes:
        return []
    majority: tuple[str, ...] = max(votes, key=lambda names: (votes[names], names))
    return list(majority)


def _servers_asked(case: Case) -> tuple[Lookup, ...]:
    return full_delegation(case).ns if is_delegated(case) else ()


SET = Check(
    id="dns.nsset",
    title=N_("The lists of name servers agree"),
    needs=(DELEGATION,),
    tolerates=(SERVERS,),
    messages=(DIFFER, TOO_FEW, FEW_IPV6),
    judge=judge_set,
    seen=_servers_asked,
    refuted_by=("dns.delegation.inconsistent_parent",),
)
