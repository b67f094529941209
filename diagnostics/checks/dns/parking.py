"""Check for name servers of parking, expiry and suspension services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from diagnostics.checks.readings import is_delegated, normalise_name
from diagnostics.evidence.keys import DELEGATION
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from facts import Delegated
from kb.owners import Owner
from render.i18n import N_

PARKED = N_("They belong to a service that shows advertisements or offers the name for sale.")
LAPSED = N_("The registrar uses them for names that have expired or wait to be deleted.")
UNCONFIRMED = N_("The registrar uses them for names whose holder has not confirmed the e-mail.")
SUSPENDED = N_("The registrar uses them for names it has suspended.")
# Endings of name servers, by what registrars and parking services use them for.
SERVICES: Mapping[str, tuple[str, ...]] = {
    PARKED: (
        *("above.com", "afternic.com", "bodis.com", "cashparking.com", "dan.com", "fabulous.com"),
        *("parkingcrew.net", "parklogic.com", "rookdns.com", "sedoparking.com", "smartname.com"),
        *("trellian.com", "undeveloped.com", "uniregistrymarket.link", "voodoo.com", "ztomy.com"),
        *("internettraffic.com", "namedrive.com", "parking-page.net", "domainparking.ru"),
        *("namefind.com", "dsredirection.com", "dsredirects.com", "domainmarket.com"),
        *("eftydns.com", "brandbucket.com", "buydomains.com", "giantpanda.com", "parked.com"),
    ),
    LAPSED: (
        *("renewyourname.net", "pendingrenewaldeletion.com", "expirenotification.com"),
        *("expirepages-kiae-1.nic.ru", "expirepages-kiae-2.nic.ru", "expireddomains.com"),
        *("dns101.registrar-servers.com", "dns102.registrar-servers.com"),
    ),
    UNCONFIRMED: (
        *("failed-whois-verification.namecheap.com", "verify-contact-details.namecheap.com"),
        *("verification-hold.suspended-domain.com", "emailverification.info"),
    ),
    SUSPENDED: ("suspended-domain.com", "suspended-for.spam-and-abuse.com"),
}
ON_SERVICE = FindingMessage(
    id="dns.ns.parked",
    severity=Severity.ERROR,
    owner=Owner.REGISTRAR,
    title=N_("{domain} is on the name servers of a parking or expiry service"),
    seen=N_("The registry sends everybody to {servers:list}. {service:said}"),
    why=N_("Visitors see a page of that service instead of the website, and mail gets lost."),
    steps=(
        N_("Sign in where the domain is registered: is it paid, and is the e-mail confirmed?"),
        N_("If it is in order there, set the name servers of your hosting again."),
        N_("The change can take up to a day to reach everybody; then check again."),
    ),
    hides=(
        *("dns.ns.not_ours", "dns.ns.hosted_elsewhere", "dns.address.", "dns.host."),
        *("mail.", "web.", "tls."),
    ),
)


def parking_service(server: str) -> str:
    """What a name server is used for, as a msgid; "" when it is none we know."""
    name = normalise_name(server)
    suffixes = ((e, use) for use, endings in SERVICES.items() for e in endings)
    matches = (use for ending, use in suffixes if name == ending or name.endswith(f".{ending}"))
    # The more exact of two endings stands first: a held name is not merely suspended.
    return next(matches, "")


def judge(case: Case) -> Iterable[Finding]:
    delegation = case.evidence[DELEGATION]
    services = {parking_service(name) for name in delegation.parent_ns}
    if delegation.outcome is Delegated.YES and len(services) == 1 and "" not in services:
        servers = sorted({normalise_name(name) for name in delegation.parent_ns})
        service = services.pop()
        yield ON_SERVICE(
            evidence=("delegation",), domain=delegation.domain, servers=servers, service=service
        )


CHECK = Check(
    id="dns.parked",
    title=N_("The name servers belong to no parking or expiry service"),
    needs=(DELEGATION,),
    messages=(ON_SERVICE,),
    judge=judge,
    seen=is_delegated,
)
