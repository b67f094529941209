"""Cases: registration and expiry. The registry's calendar depends on the top-level domain, so these
names end as real ones do; they exist only in this evidence.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

from diagnostics.evidence.keys import MatchingIncident
from diagnostics.model import Missing
from facts import Delegated
from standards.dns_types import Trouble
from standards.registration.model import RegistryState
from tests.cases.checks_dns import servers
from tests.checks_fixtures import Expected, Scene, in_days
from tests.checks_parts import AT


def cafe(tld: str):
    return lambda: Scene(domain=f"cafe.{tld}")


def ends(days: int, **more: object):
    """The registry and our own books agree on the day."""

    def change(scene: Scene) -> None:
        scene.registered(expires=in_days(days), **more)
        domain, *rest = scene.services
        scene.services = (replace(domain, expires=in_days(days)), *rest)

    return change


def gone(days: int, outcome: Delegated = Delegated.NXDOMAIN, **more: object):
    """Expired, and already out of the DNS."""

    def change(scene: Scene) -> None:
        ends(days, **more)(scene)
        scene.undelegated(outcome)

    return change


def works_still(*more):
    """Expired at a registry that lets it work on; something else is wrong as well."""

    def change(scene: Scene) -> None:
        ends(-5)(scene)
        for further in more:
            further(scene)

    return change


def elsewhere_too(scene: Scene) -> None:
    """The registrar has put its own name servers in place of ours."""
    scene.servers = {
        "ns1.expired.example": ("192.0.77.53",),
        "ns2.expired.example": ("192.0.78.53",),
    }


def trap(scene: Scene) -> None:
    scene.registered(expires=date(2027, 1, 5), epp=("autoRenewPeriod",))
    scene.services = ()


def books(scene: Scene) -> None:
    """The registry's date jumped; our books still have last year's end."""
    scene.registered(expires=date(2027, 1, 5))
    domain, *rest = scene.services
    scene.services = (replace(domain, expires=date(2026, 1, 5)), *rest)


def jumped(registrar: int):
    """In the renewal period; the registrar has a date of its own."""

    def change(scene: Scene) -> None:
        own = in_days(registrar)
        scene.registered(expires=in_days(355), registrar_expires=own, epp=("autoRenewPeriod",))
        scene.services = scene.services[1:]

    return change


def by_registrar(days: int):
    def change(scene: Scene) -> None:
        scene.registered(expires=None, registrar_expires=in_days(days))
        scene.services = scene.services[1:]

    return change


def entered(days: int):
    def change(scene: Scene) -> None:
        scene.registered(expires=None, entered_expires=in_days(days))
        scene.services = scene.services[1:]

    return change


def elsewhere(scene: Scene) -> None:
    scene.services = scene.services[1:]


def available(scene: Scene) -> None:
    scene.registered(state=RegistryState.AVAILABLE, expires=None, epp=())
    scene.services = ()
    scene.undelegated(Delegated.NXDOMAIN)


def contradicted(state: RegistryState):
    """The registry's books do not know a name that its own servers lead to name servers."""

    def change(scene: Scene) -> None:
        scene.registered(state=state, expires=None, epp=())
        scene.services = scene.services[1:]

    return change


def incident(scene: Scene) -> None:
    scene.known_incidents = MatchingIncident(
        *("7", {"en": "web7 is down", "cs": "web7 stojí"}, AT),
        {lang: f"https://status.example/{lang}/incidents/7" for lang in ("en", "cs")},
    )


def planned_work(scene: Scene) -> None:
    incident(scene)
    scene.known_incidents = replace(scene.known_incidents, planned=True)


def incident_of(area: str, scene: Scene) -> None:
    """It touches only machines where the customer has this."""
    incident(scene)
    scene.known_incidents = replace(scene.known_incidents, areas=(area,))


def no_answer(scene: Scene) -> None:
    scene.registered(state=RegistryState.THROTTLED, expires=None, epp=())
    scene.services = scene.services[1:]
    scene.missing["hosting"] = Missing.WITHHELD


def silent_registry(scene: Scene) -> None:
    scene.registered(expires=None)
    scene.services = scene.services[1:]
    scene.missing["hosting"] = Missing.WITHHELD


EXPIRED, SOON, TODAY, AHEAD, URGENT = (
    f"domain.expiry.{x}" for x in ("expired", "soon", "today", "ahead", "urgent")
)
NOT_FOUND, TRAP = "dns.domain.not_found", "domain.expiry.auto_renew_trap"
BOOKED, BOOKED_SOON = "service.domain.expired", "service.domain.expiring"

CASES = (
    Expected("sound", lambda _: None),
    Expected("sound for a stranger", lambda s: s.public(), unknown=None),
    Expected("ends in 30 days", ends(30), (SOON,), (BOOKED_SOON,)),
    Expected("ends in 31 days", ends(31), (AHEAD,)),
    Expected("ends in 60 days", ends(60), (AHEAD,)),
    Expected("ends in 61 days", ends(61)),
    Expected("ends in 8 days", ends(8), (SOON,), (BOOKED_SOON,)),
    Expected("ends in 7 days", ends(7), (URGENT,), (BOOKED_SOON,)),
    Expected("ends tomorrow", ends(1), (URGENT,), (BOOKED_SOON,)),
    Expected("ends today", ends(0), (TODAY,), (BOOKED_SOON,)),
    Expected("ends today in the Czech Republic", ends(0), (TODAY,), (BOOKED_SOON,), start=cafe("cz")),
    Expected("ends in Slovakia in a week", ends(7), (URGENT,), (BOOKED_SOON,), start=cafe("sk")),
    Expected("ends in Germany in a week", ends(7), (URGENT,), (BOOKED_SOON,), start=cafe("de")),
    Expected("ended yesterday", ends(-1), (EXPIRED,), (BOOKED,)),
    Expected("ended, cz, still works", ends(-10), (EXPIRED,), (BOOKED,), start=cafe("cz")),
    Expected("ended, cz, still works, and the servers are dead",
             works_still(servers(trouble=Trouble.TIMEOUT)), (EXPIRED, "dns.ns.none_working"),
             (BOOKED, "dns.ns.no_response"), None, cafe("cz")),
    Expected("ended, com, not switched off, and the servers are dead",
             works_still(servers(trouble=Trouble.TIMEOUT)), (EXPIRED, "dns.ns.none_working"),
             (BOOKED, "dns.ns.no_response"), None, cafe("com")),
    Expected("ended, cz, still works, elsewhere", works_still(elsewhere_too),
             (EXPIRED,), (BOOKED, "dns.ns.hosted_elsewhere", "dns.ns.too_few_ipv6"), None, cafe("cz")),
    Expected("ended, cz, out", gone(-40), (EXPIRED,), (BOOKED, NOT_FOUND), None, cafe("cz")),
    Expected("ended, cz, too late", gone(-70), (EXPIRED,), (BOOKED, NOT_FOUND), None, cafe("cz")),
    Expected("ended, sk, out", gone(-2), (EXPIRED,), (BOOKED, NOT_FOUND), None, cafe("sk")),
    Expected("ended, pl", gone(-2), (EXPIRED,), (BOOKED, NOT_FOUND), None, cafe("com.pl")),
    Expected("ended, si", gone(-2), (EXPIRED,), (BOOKED, NOT_FOUND), None, cafe("si")),
    Expected("ended, eu", gone(-2), (EXPIRED,), (BOOKED, NOT_FOUND), None, cafe("eu")),
    Expected("ended, hr", ends(-2), (EXPIRED,), (BOOKED,), start=cafe("hr")),
    Expected("ended, hu", ends(-50), (EXPIRED,), (BOOKED,), start=cafe("hu")),
    Expected("ended, com", ends(-2), (EXPIRED,), (BOOKED,), start=cafe("com")),
    Expected("ended, no calendar", ends(-2), (EXPIRED,), (BOOKED,), start=cafe("eu.com")),
    Expected("ended and held", ends(-2, epp=("clientHold",)), (EXPIRED,),
             ("domain.expiry.held", BOOKED)),
    Expected("held", lambda s: s.registered(epp=("serverHold",)), ("domain.expiry.held",)),
    Expected("held and out", gone(200, epp=("clientHold",)), ("domain.expiry.held",),
             (NOT_FOUND,), None),
    Expected("locks are normal", lambda s: s.registered(
        epp=("clientDeleteProhibited", "serverTransferProhibited", "inactive"))),
    Expected("redemption, com", gone(-60, epp=("pendingDelete", "redemptionPeriod")),
             ("domain.expiry.redemption",), (BOOKED, NOT_FOUND), None, cafe("com")),
    Expected("redemption, sk", gone(-20, epp=("pendingDelete", "redemptionPeriod")),
             ("domain.expiry.redemption",), (BOOKED, NOT_FOUND), None, cafe("sk")),
    Expected("redemption, no calendar", gone(-20, epp=("redemptionPeriod",)),
             ("domain.expiry.redemption",), (BOOKED, NOT_FOUND), None),
    Expected("pending delete", gone(-90, epp=("pendingDelete",)),
             ("domain.expiry.pending_delete",), (BOOKED, NOT_FOUND), None, cafe("com")),
    Expected("date jumped, renewal period", trap, (TRAP, "domain.registrar.elsewhere"),
             start=cafe("com")),
    Expected("date jumped, books say unpaid", books, (TRAP,), (BOOKED,), start=cafe("com")),
    Expected("paid, though in renewal period",
             lambda s: s.registered(expires=in_days(360), epp=("autoRenewPeriod",)),
             start=cafe("com")),
    Expected("date jumped, the registrar says unpaid", jumped(-10),
             (TRAP, "domain.registrar.elsewhere"), start=cafe("com")),
    Expected("date jumped, the registrar says paid", jumped(355),
             ("domain.registrar.elsewhere",), start=cafe("com")),
    Expected("only the registrar tells a date", by_registrar(20),
             (SOON, "domain.registrar.elsewhere"), start=cafe("eu")),
    Expected("only the operator entered a date", entered(5),
             (URGENT, "domain.registrar.elsewhere"), start=cafe("eu")),
    Expected("paid here, the registry not told yet", lambda s: s.registered(expires=in_days(20))),
    Expected("paid here, the last days", lambda s: s.registered(expires=in_days(3)),
             ("domain.expiry.renewal_pending",)),
    Expected("paid here, missed", lambda s: s.registered(expires=in_days(-2)),
             ("domain.expiry.renewal_missed",)),
    Expected("a transfer is under way", lambda s: s.registered(epp=("pendingTransfer",)),
             ("domain.transfer.pending",)),
    Expected("no date published", silent_registry, ("domain.expiry.not_published",),
             unknown=None, start=cafe("eu")),
    Expected("no date published, but ours", lambda s: s.registered(expires=None),
             start=cafe("eu")),
    Expected("registry says too many questions", no_answer, unknown=(
        "domain.expiry.unknown", "domain.registration.unknown", "domain.registrar.unknown",
        "hosting.database.unknown", "hosting.disk.unknown", "hosting.inodes.unknown", "hosting.limit.unknown",
        "hosting.service.unknown", "hosting.traffic.unknown", "mail.routing.unknown",
        "service.domain.unknown", "service.mail.unknown", "service.project.unknown",
        "service.server.unknown", "web.redirects_set.unknown", "web.root.unknown")),
    Expected("free name", available, ("domain.registration.available",), (NOT_FOUND,), None),
    Expected("free by the books, but in the DNS", contradicted(RegistryState.AVAILABLE),
             unknown=("domain.expiry.unknown", "domain.registration.unknown")),
    Expected("reserved by the books, but in the DNS", contradicted(RegistryState.RESERVED),
             unknown=("domain.expiry.unknown", "domain.registration.unknown")),
    Expected("registered elsewhere", elsewhere, ("domain.registrar.elsewhere",)),
    Expected("incident", incident, ("incident.known.open",)),
    Expected("planned work", planned_work, ("incident.known.work",)),
    Expected("incident of the mail, asked about the website", partial(incident_of, "mail"),
             ("incident.known.elsewhere",), start=lambda: Scene(symptom="site_down")),
    Expected("incident of the website, asked about it", partial(incident_of, "web"),
             ("incident.known.open",), start=lambda: Scene(symptom="site_down")),
    Expected("incident of the website, asked about the mail", partial(incident_of, "web"),
             ("incident.known.elsewhere",), start=lambda: Scene(symptom="mail_not_arriving")),
)  # fmt: skip
