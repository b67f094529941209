"""Does the domain exist and lead to name servers at all? Asked from the root downwards."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.reading import unknown
from diagnostics.evidence import DELEGATION, EXPECTED, REGISTRATION, WEB
from diagnostics.model import Case, Check, Finding, Message, Owner, Severity
from facts import Delegated, Delegation, Record, RegistryState
from render.i18n import N_

OUT_OF_SERVICE = {"clientHold", "serverHold", "redemptionPeriod", "pendingDelete"}
EVERYTHING = ("dns.", "dnssec.", "web.", "tls.", "mail.")

NOT_FOUND = Message(
    id="dns.domain.not_found",
    severity=Severity.CRITICAL,
    owner=Owner.REGISTRAR,
    title=N_("The name {domain} does not exist on the internet"),
    seen=N_("The registry's own servers (for .{parent}) say that there is no {domain}."),
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
NOT_DELEGATED = Message(
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


def judge_existence(case: Case) -> Iterable[Finding]:
    seen = case.evidence[DELEGATION]
    if seen.outcome is Delegated.UNREACHABLE:
        yield unknown(EXISTS.id, what="delegation")
    if seen.outcome is Delegated.NXDOMAIN and not _lacks_servers(case):
        yield NOT_FOUND(evidence=("delegation",), domain=seen.domain, parent=_parent(seen))


def judge_delegation(case: Case) -> Iterable[Finding]:
    seen = case.evidence[DELEGATION]
    if seen.outcome is Delegated.UNREACHABLE:
        yield unknown(DELEGATED.id, what="delegation")
    # A name inside its parent's own zone (a free subdomain) may well have a site there.
    inside = seen.outcome is Delegated.NO and not seen.cname and not _opens(case)
    if inside or (seen.outcome is Delegated.NXDOMAIN and _lacks_servers(case)):
        yield NOT_DELEGATED(
            evidence=("delegation",),
            records=_servers_to_set(case, seen.domain),
            domain=seen.domain,
            parent=_parent(seen),
        )


def _lacks_servers(case: Case) -> bool:
    """Whether the registry has the name in good standing, only without name servers."""
    found = case.evidence.get(REGISTRATION)
    if found is None or found.state is not RegistryState.REGISTERED:
        return False
    ended = found.expires is not None and found.expires < case.at.date()
    unset = "inactive" in found.epp or (found.source == "rdap" and not found.nameservers)
    return unset and not ended and not OUT_OF_SERVICE & set(found.epp)


def _parent(seen: Delegation) -> str:
    return seen.parent or seen.domain.partition(".")[2]


def _opens(case: Case) -> bool:
    web = case.evidence.get(WEB)
    return web is not None and any(hop.ip for chain in web.chains for hop in chain.hops[:1])


def _servers_to_set(case: Case, domain: str) -> tuple[Record, ...]:
    expected = case.evidence.get(EXPECTED)
    if expected is None or not expected.own:
        return ()
    return tuple(Record(domain, "NS", 3600, name) for name in expected.nameservers)


EXISTS = Check(
    id="dns.domain",
    title=N_("The domain exists"),
    needs=(DELEGATION,),
    tolerates=(REGISTRATION,),
    messages=(NOT_FOUND,),
    judge=judge_existence,
)
DELEGATED = Check(
    id="dns.delegation",
    title=N_("The domain leads to name servers"),
    needs=(DELEGATION,),
    tolerates=(REGISTRATION, WEB, EXPECTED),
    messages=(NOT_DELEGATED,),
    judge=judge_delegation,
)
