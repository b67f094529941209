"""Who hears of what happens, and which programs may ask: the stores, and operators' channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.api_tokens.store import ApiTokenStore
from clock import Clock
from db.engine import Database
from jobs.queue import JobSender
from notify.channel import Channel
from notify.model import ChannelSubscription
from notify.subscribers.links import Links
from notify.subscribers.store import SubscriberStore
from settings.schema import Settings
from status.model import Component
from web.site import Site
from wiring import adapters


@dataclass(frozen=True, slots=True)
class Notifications:
    """Made at once; opens nothing by itself."""

    subscribers: SubscriberStore
    keys: ApiTokenStore
    posts: Mapping[str, tuple[ChannelSubscription, Channel]]


@dataclass(frozen=True, slots=True)
class NotificationInputs:
    """What it stands on."""

    db: Database
    clock: Clock
    secret: bytes
    site: Site
    jobs: JobSender


def hearing(
    on: NotificationInputs, told: Settings, components: tuple[Component, ...]
) -> Notifications:
    """The stores over one database, and the configured channels. Raises SettingsError."""
    made = [adapters.post(channel, components) for channel in told.channel]
    links = Links(on.secret, on.site.url)
    return Notifications(
        SubscriberStore(on.db, on.clock, links, on.site.name, on.jobs),
        ApiTokenStore(on.db, on.clock),
        {post.id: (post, channel) for post, channel in made},
    )
