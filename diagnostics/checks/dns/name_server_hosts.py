"""The name servers as machines: addresses, glue, names, transports. What each of them told itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import ip_address, ip_network

from diagnostics.checks.readings import SILENT, agreed, bare, said_by, target, whole
from diagnostics.evidence.keys import DELEGATION, SERVERS, NameServerFacts, Records
from diagnostics.model import Case, Check, Finding, Message, Severity
from facts import Delegated, Delegation, NameServer
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Lookup, Trouble

SAME_IP = Message(
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
IS_CNAME = Message(
    id="dns.ns.is_cname",
    severity=Severity.ERROR,
    owner=Owner.DNS_OPERATOR,
    title=N_("The name of a name server of {domain} is only an alias"),
    seen=N_("{servers:list} is a CNAME record; the rules of DNS do not allow that."),
    why=N_("Some resolvers do not follow such an alias, and your domain does not open for them."),
    steps=(
        N_("Ask the operator to give {servers:list} address records (A, AAAA) of its own."),
        N_("Or set the real name of the server at the registrar and in the zone."),
    ),
    hides=("dns.glue.mismatch",),
)
SAME_NETWORK = Message(
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
GLUE = Message(
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
PTR = Message(
    id="dns.ns.ptr",
    severity=Severity.INFO,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server has no matching name in the reverse DNS"),
    seen=N_("The addresses {addresses:list} do not lead back to the name of their server."),
    why=N_("It does no harm to your site or mail; some operators take it as a sign of care."),
    steps=(
        N_("Only the operator of the name servers can set it; there is nothing to do for you."),
    ),
)
NO_TCP = Message(
    id="dns.ns.no_tcp",
    severity=Severity.WARNING,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server of {domain} does not answer over TCP"),
    seen=N_("{servers:list} answers small questions, but not over TCP, which larger ones need."),
    why=N_("Long answers, such as those with keys or many records, do not reach everybody."),
    steps=(
        N_("Ask the operator of {servers:list} to open TCP port 53; a firewall often closes it."),
    ),
)
NO_EDNS = Message(
    id="dns.ns.no_edns",
    severity=Severity.NOTICE,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server of {domain} is out of date"),
    seen=N_("{servers:list} refuses questions in today's form (EDNS) and answers the old one."),
    why=N_("It works for now, but slower, and signatures (DNSSEC) cannot pass through it."),
    steps=(N_("Ask the operator of {servers:list} to update the name server's software."),),
)


def judge_machines(case: Case) -> Iterable[Finding]:
    seen = whole(case)
    if seen.outcome is not Delegated.YES:
        return
    shared = _shared(seen)
    if shared:
        servers = sorted({s.name for s in seen.servers if set(s.addresses) & set(shared)})
        yield SAME_IP(
            evidence=("delegation",), domain=seen.domain, servers=servers, addresses=shared
        )
    elif near := _side_by_side(seen):
        yield SAME_NETWORK(evidence=("delegation",), domain=seen.domain, addresses=near)
    aliases = [s.name for s in seen.servers if s.alias]
    if aliases:
        found = IS_CNAME(evidence=("delegation",), domain=seen.domain, servers=aliases)
        astray = judge_glue(case) if SERVERS in case.evidence else ()
        alike = all(f.args["server"] in aliases for f in astray)
        yield found if alike else replace(found, hides=())


def _side_by_side(seen: Delegation) -> list[str]:
    """Every address, when each family of them lies in one network (/24, /48); else nothing."""
    found = sorted({a for s in seen.servers for a in s.addresses or s.glue})
    networks = {_network(a) for a in found}
    families = {":" in a for a in found}
    return found if len(found) > len(families) == len(networks) else []


def _network(address: str) -> str:
    """The /24 or /48 an address lies in; what is no address stands alone."""
    try:
        return str(ip_network(f"{address}/{48 if ':' in address else 24}", strict=False))
    except ValueError:
        return address


def _shared(seen: Delegation) -> list[str]:
    """Addresses that more than one name server has."""
    held: dict[str, set[str]] = {}
    for server in seen.servers:
        for address in server.addresses or server.glue:
            held.setdefault(address, set()).add(bare(server.name))
    return sorted(address for address, names in held.items() if len(names) > 1)


def judge_glue(case: Case) -> Iterable[Finding]:
    seen, told = whole(case), case.evidence[SERVERS]
    for server in seen.servers:
        child = _own_word(server, told, seen)
        if server.glue and child and set(child) != set(server.glue):
            yield GLUE(
                evidence=("delegation", "servers"),
                domain=seen.domain,
                server=server.name,
                parent=sorted(server.glue),
                child=sorted(child),
            )


def _own_word(server: NameServer, told: NameServerFacts, seen: Delegation) -> tuple[str, ...]:
    """A server's addresses by its own zone, family by family; () when that is not known."""
    if server.name.endswith(f".{seen.domain}"):
        own = Records(seen.domain, told.hosts)
        four, six = agreed(own, server.name, "A"), agreed(own, server.name, "AAAA")
        return () if four is None or six is None else four + six
    # Outside the zone only what was found can be compared; a failed look-up is no absence.
    families = [
        [a for a in server.glue if (":" in a) is six]
        and [a for a in server.addresses if (":" in a) is six]
        for six in (False, True)
    ]
    missing = any(
        [a for a in server.glue if (":" in a) is six] and not found
        for six, found in zip((False, True), families, strict=True)
    )
    return () if missing else tuple(a for found in families for a in found)


def judge_reverse(case: Case) -> Iterable[Finding]:
    seen, told = whole(case), case.evidence[SERVERS]
    names = {bare(s.name) for s in seen.servers}
    lost = [
        x
        for x in told.ptr
        if not x.trouble
        and x.rcode in ("NOERROR", "NXDOMAIN")
        and not names & {target(v) for v in x.values("PTR")}
    ]
    if lost:
        yield PTR(evidence=("servers",), domain=seen.domain, addresses=_addresses(lost, seen))


def _addresses(lost: list[Lookup], seen: Delegation) -> list[str]:
    """The addresses behind reverse names."""
    asked = {x.name for x in lost}
    held = dict.fromkeys(a for _, a in seen.addresses)
    return [a for a in held if reverse_name(a) in asked]


def reverse_name(address: str) -> str:
    """The name under which an address is looked up backwards (RFC 1035, 3.5; RFC 3596, 2.5)."""
    try:
        return ip_address(address).reverse_pointer
    except ValueError:
        return ""


def judge_transport(case: Case) -> Iterable[Finding]:
    seen, told = whole(case), case.evidence[SERVERS]
    spoke = {x.server for x in seen.soa if not x.trouble and x.transport == "udp"}
    # Silence of all of them may be a wall of our own; a closed door is theirs.
    open_here = any(not x.trouble for x in told.tcp)
    deaf = sorted(
        {said_by(x) for x in told.tcp if x.server in spoke and _unheard(x, open_here=open_here)}
    )
    if deaf:
        yield NO_TCP(evidence=("servers",), domain=seen.domain, servers=deaf)
    old = sorted(
        {said_by(x) for x in (*seen.soa, *seen.ns) if x.detail == "answers only without EDNS"}
    )
    if old:
        yield NO_EDNS(evidence=("delegation",), domain=seen.domain, servers=old)


def _unheard(answer: Lookup, *, open_here: bool) -> bool:
    closed = answer.trouble in (Trouble.REFUSED, Trouble.RESET)
    return closed or (open_here and answer.trouble in SILENT)


def _checks() -> Iterator[Check]:
    yield Check(
        id="dns.machines",
        title=N_("The name servers are machines of their own"),
        needs=(DELEGATION,),
        tolerates=(SERVERS,),
        messages=(SAME_IP, SAME_NETWORK, IS_CNAME),
        judge=judge_machines,
    )
    yield Check(
        id="dns.glue",
        title=N_("The registry knows the name servers' right addresses"),
        needs=(DELEGATION, SERVERS),
        messages=(GLUE,),
        judge=judge_glue,
    )
    yield Check(
        id="dns.transport",
        title=N_("The name servers answer every form of question"),
        needs=(DELEGATION, SERVERS),
        messages=(NO_TCP, NO_EDNS),
        judge=judge_transport,
    )
    yield Check(
        id="dns.reverse",
        title=N_("The name servers' addresses lead back to their names"),
        needs=(DELEGATION, SERVERS),
        messages=(PTR,),
        judge=judge_reverse,
    )


MACHINES, GLUES, TRANSPORT, REVERSE = _checks()
