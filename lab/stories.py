"""Definition of a demo domain: its zone, its sites and its data in the panel, in one `Story`.

`hosted` builds a healthy customer of Polaris Hosting; a story overrides what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from lab.account import (
    MEGABYTE,
    PanelDomain,
    PanelLimit,
    PanelRedirect,
    PanelService,
    PanelSite,
    PanelUsage,
)
from lab.answer import Answer, page, redirect
from lab.certificates import Cert
from lab.company import (
    DKIM,
    MX,
    NS,
    PROOF,
    SELECTOR,
    SPF_INCLUDE,
    WEB12,
    WEB13,
    WEB14,
    WEB15,
    WEB16,
    WEB17,
    WEB18,
    WEB19,
    WEB20,
    WEB21,
)
from lab.world import Domain, LabSite, Registered

STUDIO, TOWER, AGENCY = "A-1001", "A-2002", "A-3003"
SERVERS = {
    "web12": WEB12,
    "web13": WEB13,
    "web14": WEB14,
    "web15": WEB15,
    "web16": WEB16,
    "web17": WEB17,
    "web18": WEB18,
    "web19": WEB19,
    "web20": WEB20,
    "web21": WEB21,
}
GIGABYTE = 1024 * MEGABYTE
MAIL = (f"@ MX 10 {MX}.", f'@ TXT "v=spf1 include:{SPF_INCLUDE} -all"', *PROOF)
UPGRADE = redirect("https://{host}{path}")


@dataclass(frozen=True, slots=True)
class DemoDomain:
    """A row of the table of demo domains: what it shows, and the finding it should lead to.

    `finding` is the finding that the story is about, "" when nothing is wrong; `also` are the
    others that stand beside it, for a reader who may see the account. Followers hidden by a cause
    are not listed.
    """

    name: str
    story: str
    finding: str
    account: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One demo domain with everything that makes it so."""

    row: DemoDomain
    domain: Domain
    sites: tuple[LabSite, ...] = ()
    panel: PanelDomain | None = None


def web_records(server: str = "web12") -> tuple[str, ...]:
    """Address records of apex and www."""
    return (f"@ A {SERVERS[server]}", f"www A {SERVERS[server]}")


def zone(name: str, *records: str, server: str = "web12", mail: bool = True) -> Domain:
    """A zone at Polaris: the usual records, then further ones."""
    usual = web_records(server) + (MAIL if mail else ())
    return Domain(name=name, servers=NS, records=usual + records)


def site(
    name: str,
    https: Answer | None = None,
    *,
    http: Answer = UPGRADE,
    server: str = "web12",
    certificate: Cert = Cert.GOOD,
    paths: tuple[tuple[str, Answer], ...] = (),
) -> LabSite:
    """Apex and www on one server: http leads to https, https shows a page."""
    title = name.partition(".")[0].capitalize()
    return LabSite(
        names=(name, f"www.{name}"),
        server=f"{server}.polaris.example",
        http=http,
        https=https or page(title, "Welcome, we are open."),
        certificate=certificate,
        paths=paths,
    )


def panel(
    name: str,
    *,
    server: str = "web12",
    domain_expires: timedelta | None = timedelta(days=300),
    domain_here: bool = True,
    project: PanelService | None = None,
    more: tuple[PanelService, ...] = (),
    usage: tuple[PanelUsage, ...] = (),
    limits: tuple[PanelLimit, ...] = (),
    redirects: tuple[PanelRedirect, ...] = (),
    expected_root: str = "",
    mail_local: bool | None = True,
) -> PanelDomain:
    """What the panel knows of a healthy domain; `usage` and `limits` replace single figures."""
    root = f"/srv/www/{name}"
    usual = {u.resource: u for u in (disk(35), inodes(20), traffic(15))}
    usual |= {u.resource: u for u in usage}
    own_project = project or PanelService(
        id=f"P-{name}", kind="project", name=name, server=f"{server}.polaris.example"
    )
    booked = PanelService(id=f"D-{name}", kind="domain", name=name, expires=domain_expires)
    if domain_expires is not None and domain_expires < timedelta(0):
        booked = replace(booked, state="expired")
    return PanelDomain(
        name=name,
        services=(booked, own_project, *more) if domain_here else (own_project, *more),
        usage=tuple(usual.values()),
        limits=limits,
        redirects=redirects,
        sites=tuple(
            PanelSite(
                host=host,
                document_root=root,
                addresses=(SERVERS[server],),
                server=f"{server}.polaris.example",
                expected_root=expected_root or root,
            )
            for host in (name, f"www.{name}")
        ),
        mail_local=mail_local,
        dkim=((SELECTOR, DKIM),) if mail_local else (),
    )


def with_proof(*records: str) -> tuple[str, ...]:
    """These records with DMARC and DKIM as healthy customers have them, unless they are given."""
    given = {record.split()[0] for record in records}
    return (*records, *(p for p in PROOF if p.split()[0] not in given))


def hosted_story(
    row: DemoDomain,
    *,
    domain: Domain | None = None,
    sites: tuple[LabSite, ...] | None = None,
    panel_domain: PanelDomain | None = None,
    registered: Registered | None = None,
) -> Story:
    """A healthy hosted domain, with the parts that a story gives in place of the usual ones."""
    story_domain = domain or zone(row.name)
    if registered is not None:
        story_domain = replace(story_domain, registered=registered)
    in_panel = panel_domain or (panel(row.name) if row.account else None)
    return Story(row, story_domain, (site(row.name),) if sites is None else sites, in_panel)


def disk(percent: float) -> PanelUsage:
    """Disk space of a ten-gigabyte plan."""
    limit = 10 * GIGABYTE
    return PanelUsage(resource="disk", used=int(limit * percent / 100), limit=limit)


def inodes(percent: float) -> PanelUsage:
    """Files of a plan with 250,000."""
    return PanelUsage(resource="inodes", used=int(2500 * percent), limit=250_000)


def traffic(percent: float) -> PanelUsage:
    """Traffic of a plan with 100 gigabytes a month."""
    limit = 100 * GIGABYTE
    age = timedelta(hours=9)
    return PanelUsage(resource="traffic", used=int(limit * percent / 100), limit=limit, age=age)
