"""The demo world: Polaris Hosting, its customers, and the table of what each domain shows."""

from __future__ import annotations

from lab import (
    company,
    stories_dns,
    stories_expiry,
    stories_hostile,
    stories_hosting,
    stories_mail,
    stories_mail_authentication,
    stories_mail_servers,
    stories_redirects,
    stories_statuses,
    stories_tls,
    stories_web,
    stories_zone,
)
from lab.account import PanelAccount, PanelService
from lab.stories import AGENCY, STUDIO, TOWER, DemoDomain, Story
from lab.world import World

STORIES: tuple[Story, ...] = (
    stories_hosting.STORIES
    + stories_web.STORIES
    + stories_redirects.STORIES
    + stories_tls.STORIES
    + stories_statuses.STORIES
    + stories_dns.STORIES
    + stories_zone.STORIES
    + stories_mail.STORIES
    + stories_mail_servers.STORIES
    + stories_mail_authentication.STORIES
    + stories_expiry.STORIES
)
HOSTILE: tuple[Story, ...] = stories_hostile.STORIES
DEMO_DOMAINS: tuple[DemoDomain, ...] = tuple(story.row for story in STORIES)
"""Every domain of a customer, its story and the finding it leads to."""
HOSTILE_DOMAINS: tuple[DemoDomain, ...] = tuple(story.row for story in HOSTILE)
"""Domains of nobody here that try to hurt who looks at them."""
PEOPLE = company.PEOPLE
WATCHED = company.WATCHED


def _account(id: str, name: str, *services: PanelService) -> PanelAccount:
    return PanelAccount(
        id=id,
        name=name,
        contacts=company.contacts(id),
        services=services,
        domains=tuple(s.panel for s in STORIES if s.row.account == id and s.panel is not None),
    )


ACCOUNTS = (
    _account(STUDIO, "Mara Studio"),
    _account(TOWER, "Kavárna Pod Věží"),
    _account(AGENCY, "Agentura Obloha"),
)
PROVIDER: dict[str, list[str] | str] = {
    "addresses": [
        company.WEB12,
        company.WEB12_V6,
        company.WEB13,
        company.WEB14,
        company.WEB15,
        company.WEB16,
        company.WEB17,
        company.ATTIC_V6,
        company.NOWHERE_V6,
        company.WEB18,
        company.WEB19,
        company.WEB20,
        company.WEB21,
    ],
    "nameservers": list(company.NS),
    "mail_hosts": [company.MX],
    "mailbox_hosts": [company.PROGRAMS],
    "outgoing_addresses": [company.SENDING],
    "spf_include": company.SPF_INCLUDE,
    "dkim_selectors": [company.SELECTOR],
}
"""What DNS says when a domain is served here: the values of the [provider] table."""
WORLD = World(
    domains=company.HOMES + stories_mail_servers.LISTS + tuple(s.domain for s in STORIES + HOSTILE),
    nameservers=company.NAMESERVERS + stories_hostile.NAMESERVERS,
    web_servers=company.WEB_SERVERS + stories_hostile.WEB_SERVERS,
    sites=company.SITES + tuple(site for s in STORIES + HOSTILE for site in s.sites),
    mail_servers=company.MAIL_SERVERS + stories_hostile.MAIL_SERVERS,
    accounts=ACCOUNTS,
    broken_tops=stories_zone.BROKEN_TOPS,
    unnamed=stories_zone.UNNAMED + company.UNNAMED,
    dnsbl=(stories_mail_servers.LIST,),
)
