"""Subscribers, what they want to hear, and the news they get. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from render.languages import DEFAULT
from status.model import Component, Incident, KnownComponent

CALL_WEBHOOK = "hook.send"
VERIFY_WEBHOOK = "hook.verify"
SEND_TO_CHANNEL = "channel.send"


class PublicStatus(Protocol):
    """Status as far as readers may know it."""

    @property
    def components(self) -> tuple[Component, ...]: ...

    def known_components(self) -> tuple[KnownComponent, ...]:
        """What components are and were called."""

    def visible_incident(self, id: str) -> Incident | None:
        """An incident, when readers can see it."""


class SubscriberKind(StrEnum):
    """How a subscriber hears."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class SubscriberState(StrEnum):
    """Where a subscription stands. Only active ones hear anything."""

    PENDING = "pending"  # the mailbox has not said yes yet
    CHECKING = "checking"  # the endpoint has not answered the challenge yet
    ACTIVE = "active"
    DISABLED = "disabled"  # the endpoint failed too often


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody wants to hear of. Neither components nor groups means everything; a group
    means whatever belongs to it at the time. With an incident it is that one alone, until it is
    over."""

    components: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    maintenance: bool = True
    lang: str = DEFAULT
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A mailbox or an endpoint. `owner` is the mailbox that confirmed it."""

    id: str
    kind: SubscriberKind
    address: str
    owner: str
    preferences: Preferences
    state: SubscriberState
    created_at: datetime
    confirmed_at: datetime | None = None
    failures: int = 0  # in a row
    failed_at: datetime | None = None
    trouble: str = ""  # what the endpoint did the last time
    choice_gone_at: datetime | None = None  # when they were told that nothing chosen is left


@dataclass(frozen=True, slots=True)
class AffectedComponent:
    """A component in the news. `condition` is a msgid, "" when nothing was said of it."""

    id: str
    name: str
    group: str = ""
    condition: str = ""
    names: Mapping[str, str] = field(default_factory=dict)  # by language, where it differs

    def name_in(self, lang: str) -> str:
        """What readers of a language call it."""
        return self.names.get(lang, self.name)


class NewsSort(StrEnum):
    """What news is about; the quiet are spared maintenance."""

    INCIDENT = "incident"
    MAINTENANCE = "maintenance"
    ANNOUNCEMENT = "announcement"
    COMPONENT = "component"  # for endpoints and operators' channels; mailboxes are spared


@dataclass(frozen=True, slots=True)
class News:
    """One thing that readers were told, as every way of telling needs it.

    `what` is a name of status.events.ChangeKind; `lead` and `state` are msgids, `title` and `text`
    map a language to an operator's words; `path` is where the page has it; `documents` map a
    language to the body for webhooks in Statuspage's shape, without `meta`.
    """

    what: str
    sort: NewsSort
    id: str
    at: datetime
    lead: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    path: str
    state: str = ""
    touched: tuple[AffectedComponent, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    documents: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    zone: str = "UTC"  # in which moments are told


class VerificationPayload(msgspec.Struct, frozen=True):
    """The payload of `hook.verify`."""

    subscriber: str


class WebhookRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """The payload of `hook.send`: which endpoint is told of which change (the payload of
    `status.changed`). Its body is written when it leaves; older jobs hold it."""

    subscriber: str
    key: str
    change: str = ""
    body: str = ""


class ChannelRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """The payload of `channel.send`: which operators' channel is told of which change, or is
    tried by an operator when there is none. Its words are written when it leaves; older jobs hold
    them."""

    channel: str
    key: str
    change: str = ""
    subject: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class ChannelSubscription:
    """An operators' channel as configured. `events` are names of status.events.ChangeKind."""

    id: str
    preferences: Preferences = Preferences()
    events: tuple[str, ...] = ()
