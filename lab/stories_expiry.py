"""Demo domains and services that run out: by registry, by stage of life, and separately."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lab.account import PanelService
from lab.answer import SUSPENDED
from lab.company import NS
from lab.stories import AGENCY, STUDIO, DemoDomain, Story, hosted_story, panel, site, zone
from lab.world import Manner, Registered


def _days(count: int) -> timedelta:
    return timedelta(days=count)


def _ending(
    name: str,
    story: str,
    finding: str,
    days: int | None,
    *epp: str,
    account: str = AGENCY,
    gone: bool = False,
    manner: Manner = Manner.NORMAL,
    booked: int | None = None,
) -> Story:
    """A domain that ends in so many days; `gone` takes it out of its registry's zone.

    `booked` is what the panel says when that differs from the registry.
    """
    ends = None if days is None else _days(days)
    registered = Registered(expires=ends, epp=epp or ("ok",), manner=manner, nameservers=NS)
    domain = replace(zone(name), parent_ns=()) if gone else zone(name)
    panel_domain = panel(name, domain_expires=ends if booked is None else _days(booked))
    row = DemoDomain(name, story, finding, account)
    return hosted_story(row, domain=domain, panel_domain=panel_domain, registered=registered)


def _service(name: str, kind: str, days: int, story: str, finding: str) -> Story:
    """A healthy domain with one service that ends apart from it."""
    row = DemoDomain(name, story, finding, AGENCY)
    if kind == "domain":
        return hosted_story(row, panel_domain=panel(name, domain_expires=_days(days)))
    service = PanelService(
        id=f"X-{name}",
        kind=kind,
        name=f"{kind}.{name}" if kind == "server" else name,
        state="expired" if days < 0 else "active",
        expires=_days(days),
    )
    if kind == "project":
        return hosted_story(row, panel_domain=panel(name, project=service))
    return hosted_story(row, panel_domain=panel(name, more=(service,)))


STORIES: tuple[Story, ...] = (
    _ending(
        "florist-lab.cz",
        "Expired forty days ago and taken out of the zone; it can still be renewed.",
        "domain.expiry.expired",
        -40,
        account=STUDIO,
        gone=True,
    ),
    _ending("grace-lab.cz", "Expired ten days ago, still works.", "domain.expiry.expired", -10),
    _ending("winery-lab.sk", "Expires in nine days.", "domain.expiry.soon", 9, account=STUDIO),
    _ending("fog-lab.sk", "Expired five days ago.", "domain.expiry.expired", -5, "ok", gone=True),
    _ending("theatre-lab.pl", "Expires today.", "domain.expiry.today", 0, account=STUDIO),
    _ending("coast-lab.hr", "Expires in three weeks.", "domain.expiry.soon", 21),
    _ending("harvest-lab.cz", "Ends in seven weeks.", "domain.expiry.ahead", 49),
    _ending("midnight-lab.cz", "Ends in four days.", "domain.expiry.urgent", 4),
    _ending(
        "courier-lab.cz",
        "Paid for a year here; the registry, which ends it in two days, was not told.",
        "domain.expiry.renewal_pending",
        2,
        booked=367,
    ),
    _ending(
        "oversight-lab.cz",
        "Paid for a year here; it ended at the registry five days ago.",
        "domain.expiry.renewal_missed",
        -5,
        booked=360,
    ),
    _ending(
        "suitcase-lab.com",
        "On its way to another registrar.",
        "domain.transfer.pending",
        200,
        "pendingTransfer",
    ),
    _ending("tulip-lab.eu", "The registry publishes no date.", "domain.expiry.not_published", None),
    _ending(
        "handcuff-lab.com",
        "On hold at the registrar.",
        "domain.expiry.held",
        200,
        "clientHold",
        gone=True,
    ),
    _ending(
        "sunset-lab.com",
        "Deleted, and can still be restored for a fee.",
        "domain.expiry.redemption",
        -50,
        "redemptionPeriod",
        gone=True,
    ),
    _ending(
        "dusk-lab.com",
        "About to be deleted.",
        "domain.expiry.pending_delete",
        -78,
        "pendingDelete",
        gone=True,
    ),
    _ending(
        "mirage-lab.com",
        "The date has jumped a year ahead, and nobody has paid.",
        "domain.expiry.auto_renew_trap",
        350,
        "autoRenewPeriod",
        booked=-15,
    ),
    _ending(
        "crowd-lab.ro",
        "The registry is too busy to answer.",
        "",
        100,
        manner=Manner.BUSY,
    ),
    hosted_story(
        DemoDomain(
            "workshop.example",
            "The domain is paid for years; its server ends in five days.",
            "service.server.expiring",
            STUDIO,
        ),
        panel_domain=panel(
            "workshop.example",
            more=(
                PanelService(
                    id="S-vps7", kind="server", name="vps7.polaris.example", expires=_days(5)
                ),
            ),
        ),
    ),
    hosted_story(
        DemoDomain(
            "notebook.example",
            "The domain is paid; the web project ended a week ago.",
            "service.project.expired",
            AGENCY,
        ),
        sites=(site("notebook.example", SUSPENDED, http=SUSPENDED),),
        panel_domain=panel(
            "notebook.example",
            project=PanelService(
                id="P-notebook",
                kind="project",
                name="notebook.example",
                state="expired",
                expires=_days(-7),
                server="web12.polaris.example",
            ),
        ),
    ),
    hosted_story(
        DemoDomain(
            "tab.example", "An invoice is open; all works still.", "hosting.service.unpaid", AGENCY
        ),
        panel_domain=panel(
            "tab.example",
            project=PanelService(
                id="P-tab",
                kind="project",
                name="tab.example",
                state="unpaid",
                server="web12.polaris.example",
            ),
        ),
    ),
    _service(
        "barn.example", "server", -2, "Its server ended two days ago.", "service.server.expired"
    ),
    _service(
        "page.example", "project", 6, "Its web project ends soon.", "service.project.expiring"
    ),
    _service("letter.example", "mail", 4, "Its mail plan ends soon.", "service.mail.expiring"),
    _service("stamp.example", "mail", -4, "Its mail plan has ended.", "service.mail.expired"),
    _service(
        "agent.example",
        "domain",
        -3,
        "Booked here until last week; the registry has a later date.",
        "service.domain.expired",
    ),
    _service(
        "broker.example",
        "domain",
        5,
        "Booked here for five more days; the registry has a later date.",
        "service.domain.expiring",
    ),
    hosted_story(
        DemoDomain(
            "visitor.example",
            "Hosted here, registered at another company.",
            "domain.registrar.elsewhere",
            AGENCY,
        ),
        panel_domain=panel("visitor.example", domain_here=False),
    ),
    hosted_story(
        DemoDomain(
            "vacant.example", "Nobody has registered it.", "domain.registration.available", AGENCY
        ),
        domain=replace(zone("vacant.example"), parent_ns=(), registered=None),
        panel_domain=panel("vacant.example", domain_here=False),
    ),
    hosted_story(
        DemoDomain(
            "cinema.example",
            "Suspended because an invoice is unpaid.",
            "hosting.service.suspended",
            STUDIO,
        ),
        sites=(site("cinema.example", SUSPENDED, http=SUSPENDED),),
        panel_domain=panel(
            "cinema.example",
            project=PanelService(
                id="P-cinema",
                kind="project",
                name="cinema.example",
                state="suspended",
                expires=_days(200),
                reason="Invoice 2026-0815 is unpaid.",
                server="web12.polaris.example",
            ),
        ),
    ),
)
