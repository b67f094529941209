"""Builds this room: tickets, agents' check links, departments, and the desk agents read at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from accounts.room import AccountsRoom
from accounts.web import keeper_of
from context import RoomContext
from diagnostics.model import Run
from hosting.room import HostingRoom
from jobs.model import Handler
from messages import EmailRef, EmailRenderers
from render.languages import DEFAULT
from room import Blueprints, Chore, Retention, Room
from room_ports import ProvidedPart
from settings import SettingsError, schema
from settings.choices import Mistakes, all_checked, one_of, time_zone
from tickets import web as ticket_pages
from tickets.departments.opening_hours import OpeningHours, check_country, parse_week
from tickets.departments.routing import CATEGORIES, Department
from tickets.desk import Desk, DeskAccess, DeskKind
from tickets.desks import DESKS, desk_delivery
from tickets.drafting import web as new_ticket_page
from tickets.drafting.web import NewTicketPages
from tickets.emails.outgoing_emails import TicketEmails, arrival_refs
from tickets.invites import finished_runs
from tickets.invites import web as invite_pages
from tickets.invites.finished_runs import FinishedRuns
from tickets.invites.store import InviteStore
from tickets.invites.web import InvitePages
from tickets.kept_drafts.store import KEPT_FOR, KeptDrafts
from tickets.reports import Diagnoses
from tickets.service import TicketService
from tickets.store import TicketStore
from tickets.web import TicketPages
from web.language import first_offered
from web.site import FORM_KEEPER, FormKeeper
from wizard.ticket_link import TICKET_OF_RUN, TicketLink


@dataclass(frozen=True)
class TicketsRoom(Room):
    """Asking a person. `make_diagnoses` makes what tickets may ask of self-checks."""

    ctx: RoomContext
    accounts: AccountsRoom
    hosting: HostingRoom
    make_diagnoses: Callable[[], Diagnoses]
    name = "tickets"

    @cached_property
    def diagnoses(self) -> Diagnoses:
        """Self-checks as tickets may ask of them."""
        return self.make_diagnoses()

    @cached_property
    def store(self) -> TicketStore:
        """Tickets and their threads."""
        return TicketStore(self.ctx.db, self.ctx.clock, self.ctx.jobs)

    @cached_property
    def drafts(self) -> KeptDrafts:
        """Forms kept over signing in."""
        return KeptDrafts(self.ctx.db, self.ctx.clock)

    @cached_property
    def invites(self) -> InviteStore:
        """Agents' check links."""
        return InviteStore(self.ctx.db, self.ctx.clock, self.ctx.secret)

    @cached_property
    def desk(self) -> Desk:
        """Where agents read tickets. Raises SettingsError."""
        section = self.ctx.settings.desk
        return configured_desk(DeskAccess(section, self.store, self.ctx.network))

    @cached_property
    def departments(self) -> tuple[Department, ...]:
        """Who answers what. Raises SettingsError."""
        return all_checked(configured_department, self.ctx.settings.department)

    @cached_property
    def service(self) -> TicketService:
        """What an agent does with a ticket."""
        people, clock = self.accounts.store, self.ctx.clock
        return TicketService(self.store, self.invites, people, self.diagnoses, clock)

    def configured(self) -> Iterable[Callable[[], object]]:
        yield lambda: _desk_kind(self.ctx.settings.desk)
        yield lambda: self.desk
        yield lambda: self.departments

    def blueprints(self) -> Blueprints:
        people, accounts, teams = self.accounts.store, self.hosting.store, self.departments
        rules = self.accounts.rules
        form = NewTicketPages(self.store, self.drafts, accounts, self.diagnoses, teams, rules)
        tickets = TicketPages(self.store, people, self.diagnoses, self.invites, teams)
        links = InvitePages(self.invites, self.store, people, accounts, self.diagnoses)
        return (
            new_ticket_page.blueprint(form),
            ticket_pages.blueprint(tickets),
            invite_pages.blueprint(links),
        )

    def provides(self) -> Iterable[ProvidedPart]:
        yield FORM_KEEPER.given(self._form_keeper)
        yield TICKET_OF_RUN.given(lambda: self._ticket_of_run)

    def _ticket_of_run(self, run: Run) -> TicketLink | None:
        return invite_pages.ticket_of_run(run, self.invites, self.store)

    def _form_keeper(self) -> FormKeeper:
        keeper = FormKeeper(self.drafts.save, self.drafts.load, self.drafts.drop_step)
        return keeper_of(keeper, self.accounts.sign_in_limits)

    def handlers(self) -> Mapping[str, Handler]:
        lang = first_offered(self.ctx.site.languages)
        runs = FinishedRuns(self.store, self.invites, self.diagnoses, lang)
        return {
            **desk_delivery.handlers(self.desk, self.store, self._arrival_refs),
            **finished_runs.handlers(runs),
        }

    def emails(self) -> EmailRenderers:
        people, site = self.accounts.store, self.ctx.site
        addresses, lang = self.ctx.settings.desk.notify, first_offered(site.languages)
        return TicketEmails(self.store, self.invites, people, site, addresses, lang).renderers()

    def with_links(self, text: str) -> str:
        return self.invites.with_links(text, self.ctx.site.url)

    def _arrival_refs(self, ticket: str) -> tuple[EmailRef, ...]:
        return arrival_refs(ticket, self.ctx.settings.desk.notify)

    def chores(self) -> Mapping[str, Chore]:
        retention = self.ctx.settings.retention
        return {
            "forgetting kept forms": self.drafts.forget,
            "forgetting check links": lambda: self.invites.forget(
                self.ctx.ago(retention.check_links)
            ),
            "forgetting tickets": self._forget_tickets,
        }

    def retention(self) -> Iterable[Retention]:
        links, tickets = ("tickets_invites", "tickets_claims"), ("tickets_tickets", "tickets_notes")
        forms = ("tickets_drafts",)
        return (
            Retention("half-written forms kept over sign-in", forms, after=KEPT_FOR),
            Retention("expired check links, and who ran them", links, "check_links"),
            Retention("closed tickets with their threads", tickets, "tickets"),
        )

    def _forget_tickets(self) -> int:
        """Closed ones, unless the operator keeps them for ever."""
        period = self.ctx.settings.retention.tickets
        return self.store.forget_closed(self.ctx.ago(period)) if period else 0


def _desk_kind(section: schema.DeskSection) -> DeskKind:
    kinds = {kind.name: kind for kind in DESKS}
    return kinds[one_of(section.kind, kinds, "[desk] kind")]


def configured_desk(access: DeskAccess) -> Desk:
    """The desk that settings name. Raises SettingsError."""
    try:
        return _desk_kind(access.section).connect(access)
    except ValueError as error:
        raise SettingsError(f"[desk] {error}") from error


@contextmanager
def _refused(where: str) -> Iterator[None]:
    """Complaints about a key, with where it stands. Raises SettingsError."""
    try:
        yield
    except ValueError as error:
        raise SettingsError(f"{where}: {error}") from error


def configured_department(section: schema.DepartmentSection) -> Department:
    """A team with its hours. Raises SettingsError."""
    where = f'[[department]] "{section.id}"'
    mistakes = Mistakes()
    for category in section.categories:
        with mistakes:
            one_of(category, CATEGORIES, f"{where} categories")
    with mistakes:
        time_zone(section.zone, f"{where} zone")
    if section.country:
        with mistakes, _refused(f"{where} country"):
            check_country(section.country)
    weeks = []
    for key in ("guaranteed", "available") if section.available else ("guaranteed",):
        with mistakes, _refused(f"{where} {key}"):
            weeks.append(parse_week(getattr(section, key)))
    mistakes.refuse()
    hours = OpeningHours(section.zone, weeks[0], weeks[-1], section.country, section.holidays_too)
    names = section.names or {DEFAULT: section.name or section.id}
    return Department(
        section.id,
        dict(names),
        section.categories,
        hours,
        section.within,
        section.outage_within,
    )
