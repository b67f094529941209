"""Check that a domain's name servers are the provider's."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.readings import is_delegated, majority_values, normalise_name
from diagnostics.evidence.keys import DELEGATION, EXPECTED, RECORDS
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Delegated
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Record

NOT_OURS = FindingMessage(
    id="dns.ns.not_ours",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("{domain} is not connected to our name servers"),
    seen=N_("The registry sends everybody to {servers:list}; ours are {expected:list}."),
    why=N_("Visitors and mail go to whatever those servers say, not to your hosting with us."),
    steps=(
        N_("Sign in where the domain is registered and open its name server (NS) settings."),
        N_("Replace {servers:list} with {expected:list} and save."),
        N_(
            "If you keep the DNS elsewhere on purpose, set the addresses of your hosting there "
            "instead."
        ),
        N_("The change can take up to a day to reach everybody; then check again."),
    ),
    hides=(
        "dns.address.elsewhere",
        "dns.address.missing",
        "dns.host.missing",
        "mail.mx.elsewhere",
        "mail.mx.missing",
        "mail.spf.missing",
        "mail.spf.ours_refused",
        "mail.spf.ours_doubtful",
        "mail.dkim.missing",
        "mail.dkim.differs",
        "mail.dmarc.missing",
        "mail.routing.local_mismatch",
        "web.site.",
        "web.redirect.",
        "web.www.",
        "tls.",
    ),
)
HOSTED_ELSEWHERE = FindingMessage(
    id="dns.ns.hosted_elsewhere",
    severity=Severity.NOTICE,
    owner=Owner.DNS_OPERATOR,
    title=N_("The DNS of {domain} is managed elsewhere"),
    seen=N_("Its name servers are {servers:list}; they are not ours."),
    why=N_("DNS records set in our panel have no effect; they have to be set at that operator."),
    steps=(N_("For changes of DNS records, sign in at the operator of {servers:list}."),),
)
MIXED = FindingMessage(
    id="dns.ns.mixed",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("{domain} has name servers of two providers at once"),
    seen=N_("Ours: {ours:list}. Not ours: {others:list}."),
    why=N_("It is left to chance which of them a visitor asks, and they may say different things."),
    steps=(
        N_("Keep the name servers of one provider only, at the registrar."),
        N_("If the other is a backup server that copies our zone, there is nothing to do."),
    ),
)


def judge(case: Case) -> Iterable[Finding]:
    delegation, expected = case.evidence[DELEGATION], case.evidence[EXPECTED]
    expected_servers = sorted({normalise_name(name) for name in expected.nameservers})
    delegated_servers = sorted({normalise_name(name) for name in delegation.parent_ns})
    if delegation.outcome is not Delegated.YES or not expected_servers or not delegated_servers:
        return
    own_servers, others = (
        [n for n in delegated_servers if n in expected_servers],
        [n for n in delegated_servers if n not in expected_servers],
    )
    keys = ("delegation", "expected")
    if own_servers and others:
        yield MIXED(evidence=keys, domain=delegation.domain, ours=own_servers, others=others)
    elif others and expected.own and not _is_hosted_here(case):
        to_set = tuple(Record(delegation.domain, "NS", 3600, name) for name in expected_servers)
        yield NOT_OURS(
            evidence=keys,
            records=to_set,
            domain=delegation.domain,
            servers=delegated_servers,
            expected=expected_servers,
        )
    elif others:
        yield HOSTED_ELSEWHERE(evidence=keys, domain=delegation.domain, servers=delegated_servers)


def _is_hosted_here(case: Case) -> bool:
    """Whether the foreign servers nevertheless send visitors to the customer's hosting with us."""
    records, expected = case.evidence.get(RECORDS), case.evidence[EXPECTED]
    if records is None:
        return False
    domain = case.subject.domain
    addresses = {
        a for n in (domain, f"www.{domain}") for a in majority_values(records, n, "A") or ()
    }
    return bool(addresses & set(expected.addresses))


CHECK = Check(
    id="dns.provider",
    title=N_("The name servers are this provider's"),
    needs=(DELEGATION, EXPECTED),
    tolerates=(RECORDS,),
    messages=(NOT_OURS, MIXED, HOSTED_ELSEWHERE),
    judge=judge,
    seen=is_delegated,
)
