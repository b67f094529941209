"""Check of each name server's answer to the SOA query: silent, refusing and lame servers are named.

A server counts as silent only when every address that we can reach from here stayed silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from diagnostics.checks.readings import (
    OUR_LIMITS,
    SILENT_TROUBLES,
    full_delegation,
    is_delegated,
    is_public,
    unknown_finding,
)
from diagnostics.evidence.keys import DELEGATION, SERVERS
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Delegated, Delegation, NameServer
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Lookup, Trouble

NONE_WORKING = FindingMessage(
    id="dns.ns.none_working",
    severity=Severity.CRITICAL,
    owner=Owner.DNS_OPERATOR,
    title=N_("None of the name servers of {domain} works"),
    seen=N_("We asked {servers:list}. Not one of them gave a usable answer for {domain}."),
    why=N_("Website and e-mail cannot be found by anybody while no name server answers."),
    steps=(
        N_("Find out who runs {servers:list}: usually your hosting or domain provider."),
        N_("If you have moved to another provider, set that provider's name servers instead."),
        N_("Otherwise tell the operator that the zone {domain} is not being served."),
    ),
    hides=("dns.", "dnssec.", "web.", "tls.", "mail."),
)
NO_RESPONSE = FindingMessage(
    id="dns.ns.no_response",
    severity=Severity.ERROR,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server of {domain} does not answer"),
    seen=N_("No answer came from {servers:list}, while the servers above answered us."),
    why=N_("Opening your site takes longer, and fails for some visitors some of the time."),
    steps=(
        N_("Ask the operator of {servers:list} whether there is an outage."),
        N_("If it is no longer used, remove it from the domain's name servers at the registrar."),
    ),
    hides=("mail.mx.no_answer",),
)
REFUSED = FindingMessage(
    id="dns.ns.refused",
    severity=Severity.ERROR,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server refuses to answer for {domain}"),
    seen=N_("We asked about {domain} and got no data ({errors:list}) from {servers:list}."),
    why=N_("The server does not know your domain, so visitors who are sent to it get an error."),
    steps=(
        N_(
            "Check that the name servers of {domain} really include {servers:list}; typing errors happen."
        ),
        N_("If it is, ask its operator to add the zone {domain} there."),
        N_("If it is not, replace it in the name server settings at the registrar."),
    ),
    hides=(
        "dns.ns.lame",
        "mail.mx.rcode",
        "mail.mx.non_auth",
    ),
)
ZONE_BROKEN = FindingMessage(
    id="dns.ns.zone_broken",
    severity=Severity.ERROR,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server cannot serve {domain}"),
    seen=N_("We asked about {domain} and got an error ({errors:list}) from {servers:list}."),
    why=N_(
        "In most cases its copy of the zone has run out, cannot be loaded or is not whole, and "
        "visitors who are sent to it get an error."
    ),
    steps=(
        N_(
            "Ask the operator of {servers:list} to look in the log why the zone {domain} cannot be served: often it can no longer be fetched from the first server."
        ),
        N_("If you moved away from that operator, remove the server at the registrar."),
    ),
    hides=REFUSED.hides,
)
NO_ADDRESS = FindingMessage(
    id="dns.ns.no_address",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("A name server of {domain} does not exist"),
    seen=N_("Set as a name server, but without an address: {servers:list}."),
    why=N_("A part of the questions about your domain leads nowhere."),
    steps=(
        N_(
            "Compare the name server settings at the registrar with your provider's; look for typos."
        ),
        N_("Correct {servers:list}, or remove what you no longer use, and save."),
    ),
    hides=("dns.ns.too_few", "dns.ns.too_few_ipv6"),
)
LAME = FindingMessage(
    id="dns.ns.lame",
    severity=Severity.ERROR,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server does not serve {domain}"),
    seen=N_("Answers from {servers:list} come without a valid copy of the zone {domain}."),
    why=N_("Depending on which server is asked, your site and mail work or do not work."),
    steps=(
        N_("Ask the operator of {servers:list} to set up or repair the zone {domain}."),
        N_("If you moved away from that operator, remove the server at the registrar."),
    ),
    hides=(
        "mail.mx.non_auth",
        "mail.mx.rcode",
    ),
)
NOT_PUBLIC = FindingMessage(
    id="dns.ns.not_public_address",
    severity=Severity.ERROR,
    owner=Owner.DNS_OPERATOR,
    title=N_("A name server has an address that the internet cannot reach"),
    seen=N_(
        "For {servers:list} an address is set that works only inside a network: {addresses:list}."
    ),
    why=N_("Nobody outside that network can ask this server about your domain."),
    steps=(
        N_("Ask the operator of {servers:list} to set a public address."),
        N_("Until then, remove it from the name servers at the registrar."),
    ),
)


_WITH_ERRORS = (REFUSED, ZONE_BROKEN)


def judge(case: Case) -> Iterable[Finding]:
    delegation = full_delegation(case)
    if delegation.outcome is not Delegated.YES:
        return
    faults = list(_faults(delegation))
    broken = {name for _, names in faults for name in names}
    all_names = [s.name for s in delegation.servers]
    working = [name for name in all_names if _is_working(delegation, name)]
    if all_names and not working:
        if broken >= set(all_names):
            yield _server_finding(NONE_WORKING, delegation.domain, all_names)
        else:  # some could not be judged from here: no verdict over the others
            yield unknown_finding(CHECK.id, what="delegation")
    for message, names in faults:
        yield _server_finding(message, delegation.domain, names, _error_codes(delegation, names))
    yield from _private_address_findings(delegation)


def _server_finding(
    message: FindingMessage, domain: str, servers: list[str], errors: list[str] | None = None
) -> Finding:
    further_args = {"errors": errors} if errors and message in _WITH_ERRORS else {}
    finding = message(evidence=("delegation",), domain=domain, servers=servers)
    return replace(finding, args={**finding.args, **further_args})


def _faults(delegation: Delegation) -> Iterator[tuple[FindingMessage, list[str]]]:
    verdicts = {s.name: _server_fault(delegation, s) for s in delegation.servers}
    for message in (NO_ADDRESS, NO_RESPONSE, REFUSED, ZONE_BROKEN, LAME):
        names = [name for name, verdict in verdicts.items() if verdict is message]
        if message is LAME:
            # A server that gives only errors does not serve the zone either; that follows from it.
            answering = {
                x.server_name for x in delegation.soa if not x.trouble and "aa" not in x.flags
            }
            names += [n for n, v in verdicts.items() if v in _WITH_ERRORS and n in answering]
        if names:
            yield message, names


def _server_fault(delegation: Delegation, server: NameServer) -> FindingMessage | None:
    """What is wrong with one server, or None when it works or we cannot tell."""
    if not server.addresses and not server.glue:
        return NO_ADDRESS if server.trouble in (None, Trouble.NXDOMAIN) else None
    answers = _usable_answers(delegation, delegation.soa, server.name)
    if not answers:
        return None
    if any(_is_authoritative(x) for x in answers):
        return ZONE_BROKEN if _lacks_ns_records(delegation, server.name) else None
    if all(x.trouble in SILENT_TROUBLES for x in answers):
        return NO_RESPONSE
    return _fault_by_codes({x.rcode for x in answers if not x.trouble})


def _fault_by_codes(rcodes: set[str]) -> FindingMessage | None:
    """What a server lacks that answers without authority; None when it gave no answer at all."""
    if not rcodes:
        return None
    if "NOERROR" in rcodes:
        return LAME
    return ZONE_BROKEN if rcodes == {"SERVFAIL"} else REFUSED


def _lacks_ns_records(delegation: Delegation, name: str) -> bool:
    """Does a server hold the zone, and yet name no server of it? Then it is broken there."""
    ns_answers = [
        x for x in _usable_answers(delegation, delegation.ns, name) if _is_authoritative(x)
    ]
    return bool(ns_answers) and not any(x.answers for x in ns_answers)


def _error_codes(delegation: Delegation, names: list[str]) -> list[str]:
    """The errors some servers answered with, in the protocol's words."""
    rcodes = {
        x.rcode for x in delegation.soa if x.server_name in names and x.rcode not in ("", "NOERROR")
    }
    return sorted(rcodes) or ["NOERROR, no NS"]


def _usable_answers(delegation: Delegation, lookups: tuple[Lookup, ...], name: str) -> list[Lookup]:
    """A server's answers; IPv6 counts only when IPv6 has been seen to work from here."""
    is_ipv6_usable = any(
        x.server.count(":") > 1 and not x.trouble for x in (*lookups, *delegation.trail)
    )
    return [
        x
        for x in lookups
        if x.server_name == name
        and x.trouble not in OUR_LIMITS
        and (is_ipv6_usable or x.server.count(":") < 2)
        and is_public(x.server)
    ]


def _is_working(delegation: Delegation, name: str) -> bool:
    return any(_is_authoritative(x) for x in delegation.soa if x.server_name == name)


def _is_authoritative(answer: Lookup) -> bool:
    """Does it speak for the zone? Whether its SOA is as it should be is another check's matter."""
    return not answer.trouble and answer.rcode == "NOERROR" and "aa" in answer.flags


def _private_address_findings(delegation: Delegation) -> Iterator[Finding]:
    private_addresses = {
        s.name: [a for a in (*s.addresses, *s.glue) if not is_public(a)] for s in delegation.servers
    }
    servers = [name for name, private in private_addresses.items() if private]
    if servers:
        addresses = sorted({a for name in servers for a in private_addresses[name]})
        yield NOT_PUBLIC(
            evidence=("delegation",), domain=delegation.domain, servers=servers, addresses=addresses
        )


CHECK = Check(
    id="dns.ns",
    title=N_("Each name server works"),
    needs=(DELEGATION,),
    tolerates=(SERVERS,),
    messages=(NONE_WORKING, NO_ADDRESS, NO_RESPONSE, REFUSED, ZONE_BROKEN, LAME, NOT_PUBLIC),
    judge=judge,
    seen=is_delegated,
    refuted_by=(
        "dns.soa.missing",
        "dns.ns.no_tcp",
        "dns.ns.no_edns",
        "mail.mx.no_answer",
        "mail.mx.rcode",
        "mail.mx.non_auth",
        "tls.renewal.caa_fails",
    ),
)
