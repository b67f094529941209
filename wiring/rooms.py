"""Every room, each handed the ground and the rooms below it; the only place that joins rooms.

What would point up or sideways is a callable handed over here: news behind changes of status,
self-checks for tickets, what all rooms give to letters and to health.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

from accounts.room import AccountsRoom
from accounts.web import keeper_of, visitor_of
from context import RoomContext
from diagnostics.checks import ARTICLES
from engine import heartbeat_file
from hosting.room import HostingRoom
from kb.room import KnowledgeRoom
from notify.room import NotifyRoom
from portal.room import PortalRoom
from room import ReadinessCheck, Room, all_checks, all_handlers, all_metrics
from settings import SettingsError
from settings.choices import all_checked
from settings.mistakes import refuse
from status.room import StatusRoom
from tickets.room import TicketsRoom
from web.middleware.published import publication_state
from web.site import FormKeeper, Plumbing
from wiring import status_notifications, ticket_diagnostics
from wiring.foundation import FoundationRoom
from wizard.room import WizardRoom


@dataclass(frozen=True, slots=True)
class Rooms:
    """All rooms over one ground, from the lowest up. Iterating gives each."""

    ctx: RoomContext
    foundation: FoundationRoom
    accounts: AccountsRoom
    hosting: HostingRoom
    kb: KnowledgeRoom
    status: StatusRoom
    wizard: WizardRoom
    tickets: TicketsRoom
    notify: NotifyRoom
    portal: PortalRoom

    def __iter__(self) -> Iterator[Room]:
        values = (getattr(self, field.name) for field in fields(self))
        return (value for value in values if isinstance(value, Room))

    def check(self) -> None:
        """Build all that settings decide, and look at the key that signs. Raises SettingsError."""
        place = self.ctx.loaded.place
        refuse(place.in_order(map(place.placed, self.mistakes())))

    def mistakes(self) -> tuple[str, ...]:
        """What is wrong with settings, as the rooms say it: without the file and the line."""
        try:
            all_checked(
                lambda build: build(), (build for room in self for build in room.configured())
            )
        except SettingsError as error:
            return tuple(str(error).splitlines())
        return ()

    def warnings(self) -> list[str]:
        """What settings say to no effect, each with its place."""
        place = self.ctx.loaded.place
        return place.in_order(place.placed(text) for room in self for text in room.warnings())

    def checks(self, published: Callable[[], str]) -> dict[str, ReadinessCheck]:
        """Every readiness check; `published` tells how old the publication is."""

        def publication() -> str:
            state = published()
            return "" if state == "fresh" else f"is {state}"

        return {**all_checks(self), "publication": publication}

    def preload(self) -> None:
        """Make what every process would make for itself at its start: forks share it."""
        all_handlers(self)  # what they are built of loads parts of libraries
        self.ctx.pages.compile("status/publishing/")

    def close(self) -> None:
        """Let go of threads."""
        for room in self:
            room.close()

    def plumbing(self, published: Callable[[], str]) -> Plumbing:
        """What web/ is given; `published` tells how old the publication is."""
        ctx, drafts = self.ctx, self.tickets.drafts
        keeper = FormKeeper(drafts.save, drafts.load, drafts.drop_step)
        return Plumbing(
            site=ctx.site,
            pages=ctx.pages,
            secret=ctx.secret,
            clock=ctx.clock,
            limiter=ctx.limiter,
            visitor=visitor_of(self.accounts.store),
            trusted_proxies=self.foundation.proxies,
            checks=self.checks(published),
            samples=lambda: heartbeat_file.samples(ctx.var),
            form_keeper=keeper_of(keeper, self.accounts.sign_in_limits),
            metrics_token=ctx.settings.server.metrics_token,
            more_metrics=lambda: all_metrics(self),
        )


def build(ctx: RoomContext, *, accounts: AccountsRoom | None = None) -> Rooms:
    """The rooms for some settings; opens nothing. A room that is given stands in for its own."""
    foundation = FoundationRoom(ctx)
    accounts = accounts or AccountsRoom(ctx)
    hosting, kb = HostingRoom(ctx), KnowledgeRoom(ctx, ARTICLES)
    status = StatusRoom(ctx)
    wizard = WizardRoom(
        ctx,
        accounts,
        hosting,
        kb,
        status,
        lambda run: ticket_diagnostics.ticket_of_run(run, tickets),
    )
    tickets = TicketsRoom(ctx, accounts, hosting, lambda: ticket_diagnostics.diagnoses(wizard))
    notify = NotifyRoom(
        ctx,
        status,
        lambda change: status_notifications.news_of_change(change, status),
        lambda: rooms,
    )
    portal = PortalRoom(
        ctx, accounts, hosting, status, wizard, tickets, notify, lambda: health(rooms)
    )
    rooms = Rooms(ctx, foundation, accounts, hosting, kb, status, wizard, tickets, notify, portal)
    return rooms


def health(rooms: Rooms) -> dict[str, str]:
    """What is wrong, by part; for operators."""
    ctx, folder = rooms.ctx, rooms.status.published
    checks = rooms.checks(lambda: publication_state(folder, ctx.clock))
    return {name: check() for name, check in checks.items()}
