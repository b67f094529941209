"""Watching until fixed: the engine's side and the pages', over the same store."""

from __future__ import annotations

from accounts.model import Person
from wiring.services import Services
from wizard.page_context import WizardParts
from wizard.watches.recheck import WatchRechecker
from wizard.watches.web import WatchPages


def looking(parts: Services) -> WatchRechecker:
    """What looks again."""
    site = parts.site
    return WatchRechecker(
        parts.watches, parts.reports, parts.accounts.person, parts.clock, site.name, site.url
    )


def pages(parts: Services, room: WizardParts) -> WatchPages:
    """What the reader sees of it."""

    def contacts(domain: str) -> tuple[Person, ...]:
        account = parts.account_of(domain)
        return parts.accounts.contacts_of(account) if account else ()

    return WatchPages(room, parts.watches, contacts, parts.site.name)
