"""Builds this room: pages and an API that put other rooms side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, partial

from accounts.api_tokens.web import bearer
from accounts.room import AccountsRoom
from context import RoomContext
from hosting.room import HostingRoom
from notify.room import NotifyRoom
from portal import (
    api,
    callers,
    desk,
    heartbeat_administration_api,
    heartbeat_administration_pages,
    me,
    ops,
    ops_api,
)
from portal.administration import Administration
from portal.callers import CallerPages
from portal.desk import DeskPages
from portal.heartbeat_administration import HeartbeatAdministration
from portal.me import MePages
from room import Blueprints, Room, all_checks
from status.api import response_times, routes
from status.api.handlers import StatusApi
from status.room import StatusRoom
from tickets.room import TicketsRoom
from web.api.operations import Operation
from web.health_endpoints import check_messages
from web.middleware.published import publication_message
from wizard.room import WizardRoom


@dataclass(frozen=True)
class PortalRoom(Room):
    """`/me`, `/desk`, `/ops` and `/api/ops`. `rooms` are all rooms, whose health
    operators see."""

    ctx: RoomContext
    accounts: AccountsRoom
    hosting: HostingRoom
    status: StatusRoom
    wizard: WizardRoom
    tickets: TicketsRoom
    notify: NotifyRoom
    rooms: Iterable[Room]
    name = "portal"

    @cached_property
    def administration(self) -> Administration:
        """What operators look after besides status."""
        return Administration(
            self.notify.subscribers,
            self.notify.channel_subscriptions,
            self.notify.deliveries,
            self.ctx.jobs,
            self.accounts.store,
            self.accounts.tokens,
            self.ctx.clock,
            self.ctx.site.name,
            self.health,
        )

    def health(self) -> dict[str, str]:
        """What is wrong, by part."""
        published = self.status.published
        publication = partial(publication_message, published, self.ctx.clock)
        return check_messages(all_checks(self.rooms, publication))

    @cached_property
    def heartbeats(self) -> HeartbeatAdministration:
        """Heartbeats, manual signals and vantages, as operators manage them."""
        status, url = self.status, self.ctx.site.url.rstrip("/")
        return HeartbeatAdministration(
            *(status.heartbeats, status.vantages, status.probes, url, self.ctx.clock),
            status.components,
        )

    def operations(self) -> tuple[Operation, ...]:
        """The operations below /api/ops."""
        status = self.status
        statuses = StatusApi(
            status.incidents,
            status.store,
            status.probes,
            status.published,
            status.sla,
            status.templates,
        )
        zone = self.ctx.site.time_zone
        return (
            *routes.operations(statuses),
            *response_times.operations(
                response_times.ResponseTimesApi(status.times.component, status.published, zone)
            ),
            *heartbeat_administration_api.operations(
                heartbeat_administration_api.HeartbeatApi(self.heartbeats)
            ),
            *ops_api.operations(ops_api.OpsApi(self.administration)),
        )

    def blueprints(self) -> Blueprints:
        authorise = bearer(self.accounts.tokens)
        people, hosting, watches = self.accounts.store, self.hosting, self.wizard.watches
        codes, rules = self.accounts.caller_codes, self.accounts.rules
        callers_pages = CallerPages(people, hosting.store, codes, rules) if codes else None
        return (
            *([callers.blueprint(callers_pages)] if callers_pages else ()),
            ops.blueprint(self.administration),
            heartbeat_administration_pages.blueprint(self.heartbeats),
            api.blueprint(self.operations(), authorise, self.ctx.site),
            me.blueprint(
                MePages(
                    people,
                    self.tickets.store,
                    hosting.store,
                    hosting.refresh,
                    watches.of_person,
                    watches.token,
                    hosting.has_panel,
                    **({"code_of": codes.code_of} if codes else {}),
                )
            ),
            desk.blueprint(
                DeskPages(
                    self.tickets.service,
                    people,
                    hosting.store,
                    self.tickets.diagnoses,
                    self.tickets.departments,
                    rules,
                    self.notify.deliveries.refusals,
                    verifies_callers=codes is not None,
                )
            ),
        )
