"""Everything of a customer's journey from a ticket to its answer, joined from plain parts.

Wiring hands the parts over; the application takes the pages, the engine the handlers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from flask import Blueprint

from accounts.policy import Action, Rule
from accounts.store import AccountStore
from clock import Clock
from db.engine import Database
from hosting.model import Account, HostingFacts, Service
from jobs.model import Handler
from notify import deliver as post
from notify.channel import Channel
from notify.store import SentStore
from portal import desk, me
from tickets import deliver
from tickets import web as tickets_web
from tickets.desk import Desk
from tickets.invites import landed
from tickets.invites import web as invites_web
from tickets.invites.store import InviteStore
from tickets.reports import Diagnoses
from tickets.routing import Department
from tickets.store import TicketStore
from tickets.work import Work


class Hosting(Protocol):
    """What the house knows of accounts without asking the panel; hosting.store in life."""

    def account(self, id: str, /) -> Account | None: ...
    def account_of(self, domain: str, /) -> Account | None: ...
    def services(self, account: str, /) -> tuple[Service, ...]: ...
    def facts(self, account: str, /) -> HostingFacts | None: ...


@dataclass(frozen=True)
class Support:
    """`url` is the portal's address without a slash at the end; `lang` that of staff notes;
    `sync` asks for a fresh snapshot of a hosting account; `wake` wakes the engine."""

    db: Database
    clock: Clock
    secret: bytes
    url: str
    accounts: AccountStore
    hosting: Hosting
    diagnoses: Diagnoses
    departments: tuple[Department, ...]
    rules: Mapping[Action, Rule]
    wake: Callable[[], None]
    sync: Callable[[str], None]
    lang: str = "en"

    @cached_property
    def tickets(self) -> TicketStore:
        """Tickets and threads."""
        return TicketStore(self.db, self.clock, self.wake)

    @cached_property
    def invites(self) -> InviteStore:
        """Check links."""
        return InviteStore(self.db, self.clock, self.secret)

    @cached_property
    def work(self) -> Work:
        """What agents do."""
        return Work(self.tickets, self.invites, self.accounts, self.diagnoses, self.clock, self.url)

    def blueprints(self) -> tuple[Blueprint, ...]:
        """/tickets, /invite, /me and /desk."""
        accounts, hosting, diagnoses = self.accounts, self.hosting, self.diagnoses
        customer = tickets_web.TicketPages(
            self.tickets, accounts, hosting, diagnoses, self.invites, self.departments, self.rules
        )
        link = invites_web.InvitePages(self.invites, self.tickets, accounts, hosting, diagnoses)
        agent = desk.DeskPages(
            self.work, accounts, hosting, diagnoses, self.departments, self.rules
        )
        return (
            tickets_web.blueprint(customer),
            invites_web.blueprint(link),
            me.blueprint(me.MePages(accounts, self.tickets, hosting, self.sync)),
            desk.blueprint(agent),
        )

    def handlers(self, desk: Desk, channel: Channel) -> dict[str, Handler]:
        """ticket.open, ticket.note, diagnosis.finished and mail.send."""
        landing = landed.Landing(self.tickets, self.invites, self.diagnoses, self.lang)
        sent = SentStore(self.db, self.clock)
        return {
            **deliver.handlers(desk, self.tickets),
            **landed.handlers(landing),
            **post.handlers(channel, sent, self._complete),
        }

    def _complete(self, text: str) -> str:
        return self.invites.with_links(text, self.url)
