"""Every room, each handed the ground and the rooms below it; the only place that builds them.

A further room is a line of `Rooms`; what it gives is found by the loops over all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from accounts.room import AccountsRoom
from context import RoomContext
from diagnostics.checks import ARTICLES
from hosting.room import HostingRoom
from kb.room import KnowledgeRoom
from notify.room import NotifyRoom
from portal.room import PortalRoom
from room import Room, all_handlers
from settings import SettingsError
from settings.choices import all_checked
from settings.mistakes import refuse
from status.room import StatusRoom
from tickets.room import TicketsRoom
from wiring.foundation import FoundationRoom
from wiring.status_notifications import news_of_change
from wiring.ticket_diagnostics import diagnoses
from wizard.room import WizardRoom

RoomT = TypeVar("RoomT", bound=Room)


class Rooms:
    """All rooms over one ground, from the lowest up. Iterating gives each."""

    def __init__(self, ctx: RoomContext, accounts: AccountsRoom | None = None) -> None:
        self.ctx = ctx
        self._all: list[Room] = []
        add = self._add
        self.foundation = add(FoundationRoom(ctx))
        self.accounts = add(accounts or AccountsRoom(ctx))
        self.hosting = add(HostingRoom(ctx))
        self.kb = add(KnowledgeRoom(ctx, ARTICLES))
        self.status = add(StatusRoom(ctx))
        self.wizard = add(WizardRoom(ctx, self.accounts, self.hosting, self.kb, self.status, self))
        self.tickets = add(
            TicketsRoom(ctx, self.accounts, self.hosting, lambda: diagnoses(self.wizard))
        )
        self.notify = add(
            NotifyRoom(ctx, self.status, lambda change: news_of_change(change, self.status), self)
        )
        self.portal = add(
            PortalRoom(
                ctx,
                self.accounts,
                self.hosting,
                self.status,
                self.wizard,
                self.tickets,
                self.notify,
                self,
            )
        )

    def _add(self, room: RoomT) -> RoomT:
        self._all.append(room)
        return room

    def __iter__(self) -> Iterator[Room]:
        return iter(self._all)

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

    def preload(self) -> None:
        """Make what every process would make for itself at its start: forks share it."""
        all_handlers(self)  # what they are built of loads parts of libraries
        for room in self:
            room.preload()

    def close(self) -> None:
        """Let go of threads."""
        for room in self:
            room.close()


def build(ctx: RoomContext, *, accounts: AccountsRoom | None = None) -> Rooms:
    """The rooms for some settings; opens nothing. A room that is given stands in for its own."""
    return Rooms(ctx, accounts)
