"""Checks of the name servers as hosts: shared addresses, glue, aliases, reverse DNS, TCP and EDNS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import ip_address, ip_network

from diagnostics.checks.readings import (
    SILENT_TROUBLES,
    answering_server,
    full_delegation,
    is_delegated,
    majority_values,
    normalise_name,
    target_name,
)
from diagnostics.evidence.keys import DELEGATION, SERVERS, NameServerFacts, Records
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Delegated, Delegation, NameServer
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Lookup, Trouble

SAME_IP = FindingMessage(
    id="dns.ns.same_ip",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("Several name servers of {domain} are one and the same machine"),
    seen=N_("{servers:list} share the address {addresses:list}."),
    why=N_("When that one machine has a bad moment, website and e-mail stop at once."),
    steps=(
        N_("Ask your provider for a second name server with an address of its own."),
        N_("Set it at the registrar in place of one of these names."),
    ),
)
IS_CNAME = FindingMessage(
    id="dns.ns.is_cname",
    severity=Severity.ERROR,
    owner=Owner.DNS_OPERATOR,
    title=N_("The name of a name server of {domain} is only an alias"),
    seen=N_("There is a CNAME record at {servers:list}; the rules of DNS do not allow that."),
    why=N_("Some resolvers do not follow such an alias, and your domain does not open for them."),
    steps=(
        N_("Ask the operator to give {servers:list} address records (A, AAAA) instead."),
        N_("Or set the real name of the server at the registrar and in the zone."),
    ),
    hides=("dns.glue.mismatch",),
)
SAME_NETWORK = FindingMessage(
    id="dns.ns.same_network",
    severity=Severity.INFO,
    owner=Owner.DNS_OPERATOR,
    title=N_("All name servers of {domain} stand in one network"),
    seen=N_("Their addresses lie side by side: {addresses:list}."),
    why=N_(
        "When that network has a bad moment, all of them are away at once; otherwise it is no matter."
    ),
    steps=(N_("Ask the operator whether one of the servers could stand at another place."),),
)
GLUE = FindingMessage(
    id="dns.glue.mismatch",
    severity=Severity.ERROR,
    owner=Owner.REGISTRAR,
    title=N_("The registry has another address for a name server than the zone itself"),
    seen=N_("For {server}, the registry says {parent:list}; the zone says {child:list}."),
    why=N_("Some visitors are sent to an address where the name server may no longer be."),
    steps=(
        N_("Find out which address is right: ask whoever runs {server}."),
        N_("If the registry's is old, change the address of the host {server} at the registrar."),
        N_("If the zone's is old, correct the A and AAAA records of {server} in the zone."),
    ),
)
PTR = FindingMessage(
    id="dns.ns.ptr",
    severity=Severity.INFO,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server has no matching name in the reverse DNS"),
    seen=N_("The reverse DNS of {addresses:list} does not lead back to the name of the server."),
    why=N_("It does no harm to your site or mail; some operators take it as a sign of care."),
    steps=(
        N_("Only the operator of the name servers can set it; there is nothing to do for you."),
    ),
)
NO_TCP = FindingMessage(
    id="dns.ns.no_tcp",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server of {domain} does not answer over TCP"),
    seen=N_(
        "Small questions are answered by {servers:list}, but not over TCP, which larger ones need."
    ),
    why=N_("Long answers, such as those with keys or many records, do not reach everybody."),
    steps=(
        N_("Ask the operator of {servers:list} to open TCP port 53; a firewall often closes it."),
    ),
)
NO_EDNS = FindingMessage(
    id="dns.ns.no_edns",
    severity=Severity.NOTICE,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server of {domain} is out of date"),
    seen=N_(
        "Questions in today's form (EDNS) are refused by {servers:list}; only the old form is answered."
    ),
    why=N_("It works for now, but slower, and signatures (DNSSEC) cannot pass through it."),
    steps=(N_("Ask the operator of {servers:list} to update the name server's software."),),
)


def judge_machines(case: Case) -> Iterable[Finding]:
    delegation = full_delegation(case)
    if delegation.outcome is not Delegated.YES:
        return
    shared_addresses = _shared_addresses(delegation)
    if shared_addresses:
        servers = sorted(
            {s.name for s in delegation.servers if set(s.addresses) & set(shared_addresses)}
        )
        yield SAME_IP(
            evidence=("delegation",),
            domain=delegation.domain,
            servers=servers,
            addresses=shared_addresses,
        )
    elif addresses_nearby := _single_network_addresses(delegation):
        yield SAME_NETWORK(
            evidence=("delegation",), domain=delegation.domain, addresses=addresses_nearby
        )
    aliases = [s.name for s in delegation.servers if s.alias]
    if aliases:
        finding = IS_CNAME(evidence=("delegation",), domain=delegation.domain, servers=aliases)
        glue_findings = judge_glue(case) if SERVERS in case.evidence else ()
        is_explained = all(f.args["server"] in aliases for f in glue_findings)
        yield finding if is_explained else replace(finding, hides=())


def _single_network_addresses(delegation: Delegation) -> list[str]:
    """Every address, when each family of them lies in one network (/24, /48); else nothing."""
    addresses = sorted({a for s in delegation.servers for a in s.addresses or s.glue})
    networks = {_network_of(a) for a in addresses}
    families = {":" in a for a in addresses}
    return addresses if len(addresses) > len(families) == len(networks) else []


def _network_of(address: str) -> str:
    """The /24 or /48 an address lies in; what is no address stands alone."""
    try:
        return str(ip_network(f"{address}/{48 if ':' in address else 24}", strict=False))
    except ValueError:
        return address


def _shared_addresses(delegation: Delegation) -> list[str]:
    """Addresses that more than one name server has."""
    names_by_address: dict[str, set[str]] = {}
    for server in delegation.servers:
        for address in server.addresses or server.glue:
            names_by_address.setdefault(address, set()).add(normalise_name(server.name))
    return sorted(address for address, names in names_by_address.items() if len(names) > 1)


def judge_glue(case: Case) -> Iterable[Finding]:
    delegation, facts = full_delegation(case), case.evidence[SERVERS]
    for server in delegation.servers:
        zone_addresses = _addresses_by_zone(server, facts, delegation)
        if server.glue and zone_addresses and set(zone_addresses) != set(server.glue):
            yield GLUE(
                evidence=("delegation", "servers"),
                domain=delegation.domain,
                server=server.name,
                parent=sorted(server.glue),
                child=sorted(zone_addresses),
            )


def _addresses_by_zone(
    server: NameServer, facts: NameServerFacts, delegation: Delegation
) -> tuple[str, ...]:
    """A server's addresses by its own zone, family by family; () when that is not known."""
    if server.name.endswith(f".{delegation.domain}"):
        zone_records = Records(delegation.domain, facts.hosts)
        ipv4, ipv6 = (
            majority_values(zone_records, server.name, "A"),
            majority_values(zone_records, server.name, "AAAA"),
        )
        return () if ipv4 is None or ipv6 is None else ipv4 + ipv6
    # Outside the zone only what was found can be compared; a failed look-up is no absence.
    families = [
        [a for a in server.glue if (":" in a) is six]
        and [a for a in server.addresses if (":" in a) is six]
        for six in (False, True)
    ]
    missing = any(
        [a for a in server.glue if (":" in a) is six] and not family
        for six, family in zip((False, True), families, strict=True)
    )
    return () if missing else tuple(a for family in families for a in family)


def judge_reverse(case: Case) -> Iterable[Finding]:
    delegation, facts = full_delegation(case), case.evidence[SERVERS]
    names = {normalise_name(s.name) for s in delegation.servers}
    mismatched = [
        x
        for x in facts.ptr
        if not x.trouble
        and x.rcode in ("NOERROR", "NXDOMAIN")
        and not names & {target_name(v) for v in x.values("PTR")}
    ]
    if mismatched:
        yield PTR(
            evidence=("servers",),
            domain=delegation.domain,
            addresses=_addresses_behind(mismatched, delegation),
        )


def _addresses_behind(mismatched: list[Lookup], delegation: Delegation) -> list[str]:
    """The addresses behind reverse names."""
    reverse_names = {x.name for x in mismatched}
    addresses = dict.fromkeys(a for _, a in delegation.addresses)
    return [a for a in addresses if reverse_name(a) in reverse_names]


def reverse_name(address: str) -> str:
    """The name under which an address is looked up backwards (RFC 1035, 3.5; RFC 3596, 2.5)."""
    try:
        return ip_address(address).reverse_pointer
    except ValueError:
        return ""


def judge_transport(case: Case) -> Iterable[Finding]:
    delegation, facts = full_delegation(case), case.evidence[SERVERS]
    responsive = {x.server for x in delegation.soa if not x.trouble and x.transport == "udp"}
    # Silence of all of them may be a wall of our own; a closed door is theirs.
    is_tcp_open = any(not x.trouble for x in facts.tcp)
    without_tcp = sorted(
        {
            answering_server(x)
            for x in facts.tcp
            if x.server in responsive and _is_tcp_silent(x, is_tcp_open=is_tcp_open)
        }
    )
    if without_tcp:
        yield NO_TCP(evidence=("servers",), domain=delegation.domain, servers=without_tcp)
    without_edns = sorted(
        {
            answering_server(x)
            for x in (*delegation.soa, *delegation.ns)
            if x.detail == "answers only without EDNS"
        }
    )
    if without_edns:
        yield NO_EDNS(evidence=("delegation",), domain=delegation.domain, servers=without_edns)


def _is_tcp_silent(answer: Lookup, *, is_tcp_open: bool) -> bool:
    is_closed = answer.trouble in (Trouble.REFUSED, Trouble.RESET)
    return is_closed or (is_tcp_open and answer.trouble in SILENT_TROUBLES)


def _tcp_lookups(case: Case) -> tuple[Lookup, ...]:
    return case.evidence[SERVERS].tcp if is_delegated(case) else ()


def _reverse_lookups(case: Case) -> tuple[Lookup, ...]:
    return case.evidence[SERVERS].ptr if is_delegated(case) else ()


def _checks() -> Iterator[Check]:
    yield Check(
        id="dns.machines",
        title=N_("The name servers are machines of their own"),
        needs=(DELEGATION,),
        tolerates=(SERVERS,),
        messages=(SAME_IP, SAME_NETWORK, IS_CNAME),
        judge=judge_machines,
        seen=is_delegated,
    )
    yield Check(
        id="dns.glue",
        title=N_("The registry knows the name servers' right addresses"),
        needs=(DELEGATION, SERVERS),
        messages=(GLUE,),
        judge=judge_glue,
        seen=is_delegated,
    )
    yield Check(
        id="dns.transport",
        title=N_("The name servers answer every form of question"),
        needs=(DELEGATION, SERVERS),
        messages=(NO_TCP, NO_EDNS),
        judge=judge_transport,
        seen=_tcp_lookups,
        refuted_by=(
            "dns.ns.none_working",
            "dns.ns.no_address",
            "dns.ns.no_response",
            "dns.ns.refused",
            "dns.ns.zone_broken",
            "dns.ns.lame",
            "mail.mx.no_answer",
            "mail.mx.rcode",
            "tls.renewal.caa_fails",
        ),
    )
    yield Check(
        id="dns.reverse",
        title=N_("The name servers' addresses lead back to their names"),
        needs=(DELEGATION, SERVERS),
        messages=(PTR,),
        judge=judge_reverse,
        seen=_reverse_lookups,
    )


MACHINES, GLUES, TRANSPORT, REVERSE = _checks()
