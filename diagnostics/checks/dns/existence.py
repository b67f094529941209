"""Checks whether a domain exists and is delegated: NXDOMAIN, no name servers, only an alias, parents that differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from diagnostics.checks.readings import (
    answering_server,
    full_delegation,
    is_delegated,
    normalise_name,
    unknown_finding,
)
from diagnostics.evidence.keys import DELEGATION, EXPECTED, REGISTRATION, SERVERS
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Delegated, Delegation
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Lookup, Record
from standards.registration.model import RegistryState

OUT_OF_SERVICE = {"clientHold", "serverHold", "redemptionPeriod", "pendingDelete"}
EVERYTHING = ("dns.", "dnssec.", "web.", "tls.", "mail.")

NOT_FOUND = FindingMessage(
    id="dns.domain.not_found",
    severity=Severity.CRITICAL,
    owner=Owner.REGISTRAR,
    title=N_("The name {domain} does not exist on the internet"),
    seen=N_("{what:said}"),
    why=N_("Nobody can open the website and no mail arrives until the name exists again."),
    steps=(
        N_("Check the spelling of {domain} letter by letter."),
        N_("Look in your registrar's account whether the domain is paid and active."),
        N_(
            "If it is paid, ask the registrar why the registry does not publish it; a name "
            "without name servers or on hold looks like this."
        ),
    ),
    hides=EVERYTHING,
)
NOT_DELEGATED = FindingMessage(
    id="dns.domain.not_delegated",
    severity=Severity.CRITICAL,
    owner=Owner.REGISTRAR,
    title=N_("{domain} has no name servers set"),
    seen=N_("The registry (for .{parent}) knows {domain}, but it names no servers for it."),
    why=N_("Without name servers nobody can find your website or your mail."),
    steps=(
        N_("Sign in where the domain is registered and open its name server (NS) settings."),
        N_("Set the name servers shown here, or those that your provider gave you, and save."),
        N_("Wait until the registry publishes them, up to a day, and check again."),
    ),
    hides=EVERYTHING,
)

IS_ALIAS = FindingMessage(
    id="dns.domain.is_alias",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("{domain} is only an alias, not a domain with settings of its own"),
    seen=N_("The servers for .{parent} say that {domain} is another name for {target}."),
    why=N_("Such a name cannot have its own mail or records; everything follows {target}."),
    steps=(
        N_("Check {target} instead if that is the name you look after."),
        N_("For mail or records of its own, have {domain} delegated to name servers."),
    ),
    hides=("mail.mx.missing", "mail.spf.missing"),
)
INCONSISTENT = FindingMessage(
    id="dns.delegation.inconsistent_parent",
    severity=Severity.ERROR,
    owner=Owner.REGISTRY,
    title=N_("The servers above {domain} do not agree on where it leads"),
    seen=N_(
        "For {domain}, the answer from {servers:list} is {theirs:said}; the others say {others:said}."
    ),
    why=N_("It is left to chance whether a visitor finds your domain at all."),
    steps=(
        N_("Right after a change at the registrar, wait an hour and check again."),
        N_("If it stays so, ask the registrar to report it to the registry of .{parent}."),
    ),
)
NOT_THERE = N_("The registry's own servers (for .{parent}) say that there is no {domain}.")
NO_ENDING = N_("No name on the internet ends in .{ending}, so there can be no {domain}.")
NO_SUCH_DOMAIN = N_("that there is no such domain")
NO_SERVERS = N_("that it has no name servers")
AN_ERROR = N_("only an error")


def judge_existence(case: Case) -> Iterable[Finding]:
    delegation = case.evidence[DELEGATION]
    if delegation.outcome is Delegated.UNREACHABLE:
        yield unknown_finding(EXISTS.id, what="delegation")
    if delegation.outcome is Delegated.NXDOMAIN and not _is_registered_without_servers(case):
        parent, tld = _parent_zone(delegation), delegation.domain.rpartition(".")[2]
        yield NOT_FOUND(
            evidence=("delegation",),
            domain=delegation.domain,
            what=NOT_THERE if parent.strip(".") else NO_ENDING,
            parent=parent,
            ending=tld,
        )
    aliases = _alias_targets(delegation)
    if aliases and delegation.outcome is not Delegated.YES:
        yield IS_ALIAS(
            evidence=("delegation",),
            domain=delegation.domain,
            parent=_parent_zone(delegation),
            target=aliases[0],
        )


def _alias_targets(delegation: Delegation) -> list[str]:
    """What the parent's servers say the name is an alias of."""
    parent_answers = (v for x in delegation.parents if "aa" in x.flags for v in x.values("CNAME"))
    return list(dict.fromkeys(v for v in (delegation.cname, *parent_answers) if v))


def judge_parents(case: Case) -> Iterable[Finding]:
    """What each of the parent's servers says of the delegation; silence says nothing."""
    delegation = full_delegation(case)
    # A server that holds the zone as well speaks for the zone, not for its parent.
    parent_answers = (x for x in delegation.parents if not ("aa" in x.flags and x.values("NS")))
    statements = {
        answering_server(x): _describe_answer(x, delegation.domain)
        for x in parent_answers
        if not x.trouble
    }
    if len(set(statements.values())) < 2:
        return
    votes = Counter(statements.values())
    # Most are right; among equals the one that leads somewhere is.
    majority = max(
        statements.values(),
        key=lambda statement: (votes[statement], statement not in _NO_DELEGATION, statement),
    )
    deviating = sorted(name for name, statement in statements.items() if statement != majority)
    yield INCONSISTENT(
        evidence=("delegation",),
        domain=delegation.domain,
        parent=_parent_zone(delegation),
        servers=deviating,
        theirs=statements[deviating[0]],
        others=majority,
    )


def _describe_answer(answer: Lookup, domain: str) -> str:
    """An answer of the parent as words: the name servers, an alias, or that there are none."""
    records = (*answer.answers, *answer.authority)
    names = sorted(normalise_name(r.value) for r in records if (r.name, r.type) == (domain, "NS"))
    aliases = answer.values("CNAME")
    if names or aliases:
        return ", ".join(names or aliases)
    return {"NXDOMAIN": NO_SUCH_DOMAIN, "NOERROR": NO_SERVERS}.get(answer.rcode, AN_ERROR)


_NO_DELEGATION = (NO_SUCH_DOMAIN, NO_SERVERS, AN_ERROR)


def judge_delegation(case: Case) -> Iterable[Finding]:
    delegation = case.evidence[DELEGATION]
    if delegation.outcome is Delegated.UNREACHABLE:
        yield unknown_finding(DELEGATED.id, what="delegation")
    # A name inside its parent's own zone (a free subdomain) may well have a site there.
    is_undelegated = (
        delegation.outcome is Delegated.NO and not delegation.cname and not _has_web_address(case)
    )
    if is_undelegated or (
        delegation.outcome is Delegated.NXDOMAIN and _is_registered_without_servers(case)
    ):
        yield NOT_DELEGATED(
            evidence=("delegation",),
            records=_ns_records(case, delegation.domain),
            domain=delegation.domain,
            parent=_parent_zone(delegation),
        )


def _is_registered_without_servers(case: Case) -> bool:
    """Whether the registry has the name in good standing, only without name servers."""
    registration = case.evidence.get(REGISTRATION)
    if registration is None or registration.state is not RegistryState.REGISTERED:
        return False
    is_expired = registration.expires is not None and registration.expires < case.at.date()
    has_no_servers = "inactive" in registration.epp or (
        registration.source == "rdap" and not registration.nameservers
    )
    return has_no_servers and not is_expired and not OUT_OF_SERVICE & set(registration.epp)


def _parent_zone(delegation: Delegation) -> str:
    return delegation.parent or delegation.domain.partition(".")[2]


def _has_web_address(case: Case) -> bool:
    web = case.evidence.get(WEB)
    return web is not None and any(hop.ip for chain in web.chains for hop in chain.hops[:1])


def _ns_records(case: Case, domain: str) -> tuple[Record, ...]:
    expected = case.evidence.get(EXPECTED)
    if expected is None:
        return ()
    return tuple(Record(domain, "NS", 3600, name) for name in expected.nameservers)


EXISTS = Check(
    id="dns.domain",
    title=N_("The domain exists"),
    needs=(DELEGATION,),
    tolerates=(REGISTRATION,),
    messages=(NOT_FOUND, IS_ALIAS),
    judge=judge_existence,
)


def _parents_asked(case: Case) -> tuple[Lookup, ...]:
    return full_delegation(case).parents if is_delegated(case) else ()


PARENTS = Check(
    id="dns.parents",
    title=N_("The servers above the domain agree"),
    needs=(DELEGATION,),
    tolerates=(SERVERS,),
    messages=(INCONSISTENT,),
    judge=judge_parents,
    seen=_parents_asked,
)
DELEGATED = Check(
    id="dns.delegation",
    title=N_("The domain leads to name servers"),
    needs=(DELEGATION,),
    tolerates=(REGISTRATION, WEB, EXPECTED),
    messages=(NOT_DELEGATED,),
    judge=judge_delegation,
    seen=is_delegated,
)
