"""/me: a customer's services, quotas, domains and tickets, on one page.
Puts several rooms side by side; no rules of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from flask import Blueprint
from werkzeug.wrappers import Response as AnyResponse

from accounts.caller_codes import CallerCode
from accounts.model import Person
from accounts.order_policy import LEVELS, ROLES
from accounts.store import AccountStore
from accounts.web import signed_in, who
from hosting.model import (
    Account,
    HostedService,
    HostingFacts,
    Resource,
    ServiceKind,
    ServiceState,
    Usage,
)
from portal.panel_facts import LIMITS, FactPairs, known_facts
from render.i18n import N_, P_
from standards.registration.lifecycle import LifecycleEvent, calendar, upcoming_events
from tickets.access import may_read
from tickets.labels import MARKS, STATES
from tickets.store import TicketStore
from web.page import page
from web.site import plumbing
from wizard.reports.registration import STAGE_SENTENCES
from wizard.watches.model import Watch

SOON = timedelta(days=30)
STALE = timedelta(minutes=15)
KINDS = {
    ServiceKind.DOMAIN: N_("Domain"),
    ServiceKind.SERVER: N_("Server"),
    ServiceKind.PROJECT: N_("Web project"),
    ServiceKind.MAIL: N_("E-mail"),
    ServiceKind.OTHER: N_("Service"),
}
SERVICE_STATES = {
    ServiceState.ACTIVE: P_("service.active/state", "Active"),
    ServiceState.SUSPENDED: N_("Suspended"),
    ServiceState.UNPAID: N_("Not paid"),
    ServiceState.EXPIRED: N_("Expired"),
}
RESOURCES = {
    Resource.DISK: N_("Disk space"),
    Resource.INODES: N_("Number of files"),
    Resource.TRAFFIC: N_("Data transfer"),
    Resource.DATABASE: N_("Databases"),
}


class KnownHosting(Protocol):
    """What the house knows of accounts without asking the panel."""

    def account(self, id: str, /) -> Account | None: ...
    def services(self, account: str, /) -> tuple[HostedService, ...]: ...
    def facts_by_domain(self, account: str, /) -> Mapping[str, HostingFacts]: ...


@dataclass(frozen=True, slots=True)
class QuotaMeter:
    """A quota of one domain for the eye; `level` is ok, warn or fail."""

    domain: str
    usage: Usage
    level: str


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service for the eye; `mark` says how its expiry stands: "", ok, warn or fail.

    `ahead` is what the registry does with a domain that nobody renews, where its calendar is known.
    """

    service: HostedService
    mark: str
    ahead: tuple[LifecycleEvent, ...] = ()

    @property
    def steps_ahead(self) -> tuple[tuple[date, str], ...]:
        """The day and the sentence (a msgid) of each event ahead."""
        return tuple((event.on, STAGE_SENTENCES[event.stage]) for event in self.ahead)

    @property
    def urgent(self) -> bool:
        """Whether somebody should look at it."""
        return self.mark in ("warn", "fail") or self.service.state is not ServiceState.ACTIVE


@dataclass(frozen=True, slots=True)
class AccountOverview:
    """One hosting account as its contact sees it."""

    id: str
    name: str
    role: str
    rows: tuple[ServiceRow, ...]
    meters: tuple[QuotaMeter, ...]
    facts: Mapping[str, HostingFacts]
    people: tuple[tuple[str, str, str], ...]  # name, address, role (msgid)

    @property
    def as_of(self) -> datetime | None:
        """The oldest of what is shown; None when nothing is known."""
        return min((f.as_of for f in self.facts.values()), default=None)

    @property
    def known_facts(self) -> dict[str, FactPairs]:
        """What the panel told, by field of HostingFacts."""
        return known_facts(self.facts)


def level(usage: Usage) -> str:
    """How near a quota is: from 90 % a warning, from 98 % a failure."""
    if not usage.limit:
        return "ok"
    share = usage.used / usage.limit
    return "fail" if share >= 0.98 else "warn" if share >= 0.9 else "ok"


def expiry(service: HostedService, today: date) -> str:
    """What mark stands beside an expiry: ok, warn (soon) or fail (past); "" without a date."""
    if service.expires is None:
        return ""
    if service.expires < today:
        return "fail"
    return "warn" if service.expires - today <= SOON else "ok"


def rows(services: Iterable[HostedService], today: date) -> tuple[ServiceRow, ...]:
    """Services with what needs a look first."""
    service_rows = (ServiceRow(s, expiry(s, today), _ahead(s, today)) for s in services)
    return tuple(sorted(service_rows, key=lambda row: not row.urgent))


def _ahead(service: HostedService, today: date) -> tuple[LifecycleEvent, ...]:
    """What comes for a domain that ends soon or has ended."""
    if service.kind is not ServiceKind.DOMAIN or expiry(service, today) not in ("warn", "fail"):
        return ()
    rules = calendar(service.name)
    return upcoming_events(rules, service.expires, today) if rules and service.expires else ()


def meters(facts: Mapping[str, HostingFacts]) -> tuple[QuotaMeter, ...]:
    """Quotas of each domain with the fullest first."""
    order = ("fail", "warn", "ok")
    quota_meters = [QuotaMeter(domain, u, level(u)) for domain, f in facts.items() for u in f.usage]
    return tuple(sorted(quota_meters, key=lambda m: order.index(m.level)))


def _nothing(account: str) -> None:
    del account


def _no_watches(person: str) -> tuple[Watch, ...]:
    del person
    return ()


def _no_code(person: str) -> None:
    del person


@dataclass(frozen=True, slots=True)
class MePages:
    """The page and what it is made of. `sync` asks for a fresh snapshot of an account, where a
    panel has one: `has_panel`. `code_of` is a person's code for calls, where they are used."""

    accounts: AccountStore
    tickets: TicketStore
    hosting: KnownHosting
    sync: Callable[[str], None] = _nothing
    watches: Callable[[str], tuple[Watch, ...]] = _no_watches
    watch_token: Callable[[str], str] = str
    has_panel: bool = True
    code_of: Callable[[str], CallerCode | None] = _no_code

    def me(self) -> AnyResponse:
        """GET /me."""
        person, now = signed_in(), plumbing().clock.now()
        mine = [t for t in self.tickets.tickets_of(person) if may_read(person, t.draft)]
        return page(
            "portal/me.html",
            person=person,
            has_panel=self.has_panel,
            accounts=[self._owned(person, c.account, now) for c in person.contacts],
            today=now.date(),
            kinds=KINDS,
            service_states=SERVICE_STATES,
            resources=RESOURCES,
            limit_names=LIMITS,
            roles=ROLES,
            tickets=mine[:8],
            watches=[(w, self.watch_token(w.id)) for w in self.watches(person.id)],
            states=STATES,
            marks=MARKS,
            level=LEVELS[who().assurance],
            sessions=self.accounts.sessions(person.id),
            current=who().session,
            code=self.code_of(person.id) if person.contacts else None,
        )

    def _owned(self, person: Person, id: str, now: datetime) -> AccountOverview:
        account, facts = self.hosting.account(id), self.hosting.facts_by_domain(id)
        people = self.accounts.contacts_of(id)
        owned = AccountOverview(
            id=id,
            name=account.name if account else id,
            role=ROLES[str(person.role_on(id))],
            rows=rows(self.hosting.services(id), now.date()),
            meters=meters(facts),
            facts=facts,
            people=tuple((p.name, p.email, ROLES[str(p.role_on(id))]) for p in people),
        )
        if self.has_panel and (owned.as_of is None or now - owned.as_of > STALE):
            self.sync(id)
        return owned


def blueprint(pages: MePages) -> Blueprint:
    """/me."""
    me_pages = Blueprint("me", __name__)
    me_pages.add_url_rule("/me", "me", pages.me)
    return me_pages
