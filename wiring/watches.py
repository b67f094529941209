"""Watching until fixed: the engine's side and the pages', over the same store."""

from __future__ import annotations

from accounts.model import Person
from wiring.services import Services
from wizard.watches.recheck import Looking
from wizard.watches.web import Watching
from wizard.web import Parts


def looking(parts: Services) -> Looking:
    """What looks again."""
    site = parts.site
    return Looking(
        parts.watches, parts.reports, parts.accounts.person, parts.clock, site.name, site.url
    )


def pages(parts: Services, room: Parts) -> Watching:
    """What the reader sees of it."""

    def contacts(domain: str) -> tuple[Person, ...]:
        account = parts.account_of(domain)
        return parts.accounts.contacts_of(account) if account else ()

    return Watching(room, parts.watches, contacts, parts.site.name)
