"""Keys of [[department]], [desk] and [policy]: who answers tickets, where, and what customers may order."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from msgspec import Meta

from settings.schema.key_types import Identifier, Section


class DepartmentSection(Section, frozen=True):
    """A team that answers tickets, with its hours and its promise."""

    #: Short name.
    #: id = "support"
    id: Identifier
    #: Its name for readers.
    #: name = "Customer support"
    name: str = ""
    #: Its name by language, when it differs.
    #: #names = { cs = "Zákaznická podpora", en = "Customer support" }
    names: dict[str, str] = {}
    #: Categories it answers: web, mail, domain, server, billing, other. Empty: all that nobody else takes.
    categories: tuple[str, ...] = ()
    #: The time zone of its hours.
    #: #zone = "Europe/Prague"
    zone: str = "UTC"
    #: Hours that are promised, such as "Mon-Fri 08:00-16:30, Sat 9-12".
    guaranteed: str = "24/7"
    #: Hours that are usual; the promised ones when empty.
    available: str = ""
    #: Country (ISO 3166) on whose public holidays it rests.
    #: #country = "CZ"
    country: str = ""
    #: Works on public holidays too.
    holidays_too: bool = False
    #: An answer is promised within this time, counted in promised hours; "none" promises nothing.
    #: #within = "24h"
    within: timedelta | None = timedelta(hours=24)
    #: The same for outages.
    outage_within: timedelta | None = None


class PolicySection(Section, frozen=True):
    """The least assurance (0 to 3) that an action needs; whether callers prove who they are by a
    code that they read out."""

    #: The least assurance (0 unverified, 1 link, 2 signed in, 3 strong) that an action needs. Actions:
    #: information, diagnose, billing, configure, restore, ownership.
    #: #actions = { configure = 2, ownership = 3 }
    actions: dict[str, Annotated[int, Meta(ge=0, le=3)]] = {}
    #: Whether customers find a code at /me that they may read out on the phone or in a chat, and agents
    #: verify it at /desk/caller; without it orders are taken from signed-in people only.
    caller_codes: bool = True


class DeskSection(Section, frozen=True):
    """Where agents read tickets, and who gets a letter when there is a new one."""

    #: Where agents read tickets: "local" is the desk built in.
    kind: str = "local"
    #: Who gets a letter when there is a new ticket.
    #: #notify = ["support@skyhost.example"]
    notify: tuple[str, ...] = ()
