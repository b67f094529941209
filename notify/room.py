"""Builds this room: subscribers, operators' channels, letters and webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from context import RoomContext
from jobs.model import Handler
from messages import EmailRenderers, OutgoingEmail
from notify import channel_messages, email_delivery, fanout, webhooks
from notify.changes import ChangeReader
from notify.channel import Channel
from notify.channel_messages import ChannelMessages
from notify.channels import CHANNELS, guarded_post
from notify.channels.apprise import Apprise
from notify.channels.outbox import LETTERS_KEPT, OUTBOX, forget_letters
from notify.fanout import NewsEmails
from notify.model import ChannelSubscription, News, Preferences, PublicStatus
from notify.store import Deliveries
from notify.subscribers import outgoing_emails
from notify.subscribers.links import Links
from notify.subscribers.store import CONFIRM_WITHIN, SubscriberStore
from notify.web import blueprint
from notify.webhooks import WebhookSender
from render.languages import DEFAULT
from room import Blueprints, Chore, Retention, Room, all_emails, all_links
from settings import SettingsError, schema
from settings.choices import Mistakes, all_checked, one_of
from status.events import ChangeKind, StatusChanged

REOPENED_WITHIN = timedelta(days=2)


@dataclass(frozen=True)
class NotifyRoom(Room):
    """Telling people. `read_news` reads the news behind a change of status, None when readers
    cannot see it any more; `rooms` are all rooms, whose letters are sent from here."""

    ctx: RoomContext
    status: PublicStatus
    read_news: Callable[[StatusChanged], News | None]
    rooms: Iterable[Room]
    name = "notify"

    @cached_property
    def subscribers(self) -> SubscriberStore:
        """Who gets news."""
        site = self.ctx.site
        links = Links(self.ctx.secret, site.url)
        return SubscriberStore(self.ctx.db, self.ctx.clock, links, site.name, self.ctx.jobs)

    @cached_property
    def deliveries(self) -> Deliveries:
        """Which messages have gone out, and which were refused."""
        return Deliveries(self.ctx.db, self.ctx.clock)

    @cached_property
    def mail(self) -> Channel:
        """How letters leave. Raises SettingsError."""
        return configured_mail(self.ctx.settings.mail, self.ctx.var)

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        """How operators' channels are reached, by id."""
        return {section.id: Apprise(section.url) for section in self.ctx.settings.channel}

    @cached_property
    def channel_subscriptions(self) -> Mapping[str, ChannelSubscription]:
        """What operators' channels hear, by id. Raises SettingsError."""
        sections = self.ctx.settings.channel
        languages, components = self.ctx.languages, self.ctx.settings.component
        subscriptions = all_checked(
            lambda section: configured_channel(section, components, languages), sections
        )
        return {subscription.id: subscription for subscription in subscriptions}

    def configured(self) -> Iterable[Callable[[], object]]:
        channels = self.ctx.settings.channel
        yield lambda: self.mail
        yield lambda: self.channel_subscriptions
        yield lambda: all_checked(check_channel_url, channels)

    def blueprints(self) -> Blueprints:
        return (blueprint(self.subscribers, self.status.components, self.status.visible_incident),)

    def handlers(self) -> Mapping[str, Handler]:
        heard = tuple(self.channel_subscriptions.values())
        return {
            **fanout.handlers(self.subscribers, self.read_news, heard, self.ctx.clock),
            **channel_messages.handlers(self.channels, self.deliveries, self._channel_messages),
            **webhooks.handlers(self._webhook_sender),
            **email_delivery.handlers(
                self.mail, self.deliveries, all_emails(self.rooms), self._finish
            ),
        }

    @property
    def _webhook_sender(self) -> WebhookSender:
        return WebhookSender(
            store=self.subscribers,
            deliveries=self.deliveries,
            post=guarded_post.post(self.ctx.network),
            changes=self.changes,
            clock=self.ctx.clock,
            limiter=self.ctx.limiter,
        )

    @cached_property
    def changes(self) -> ChangeReader:
        """The news behind changes, for messages as they leave."""
        return ChangeReader(self.read_news, self.ctx.clock)

    @property
    def _channel_messages(self) -> ChannelMessages:
        site = self.ctx.site
        return ChannelMessages(self.channel_subscriptions, self.changes, site.name, site.url)

    def _is_over(self, incident_id: str) -> bool:
        """Whether the last news of an incident has gone out: it may be reopened for two days."""
        incident = self.status.visible_incident(incident_id)
        if incident is None:
            return True
        ended = incident.resolved_at
        return ended is not None and ended <= self.ctx.ago(REOPENED_WITHIN)

    def _finish(self, email: OutgoingEmail) -> OutgoingEmail | None:
        """A letter as it leaves; None when its reader has gone."""
        return self.subscribers.finish_email(replace(email, text=all_links(self.rooms, email.text)))

    def emails(self) -> EmailRenderers:
        store = self.subscribers
        news, period = NewsEmails(store, self.changes), self.ctx.settings.retention.subscriptions
        about_subscriptions = outgoing_emails.renderers(
            store.by_id, store.site, self.status.visible_incident, silent_kept=period
        )
        return {**about_subscriptions, **news.renderers()}

    def chores(self) -> Mapping[str, Chore]:
        retention = self.ctx.settings.retention
        return {
            "forgetting unanswered subscriptions": self.subscribers.forget_unconfirmed,
            "forgetting silent endpoints": lambda: self.subscribers.forget_unresponsive(
                self.ctx.ago(retention.subscriptions)
            ),
            "following readers' choices": lambda: self.subscribers.follow_choices(
                self.status.components, self.status.known_components()
            ),
            "ending subscriptions to incidents": lambda: self.subscribers.end_with_incidents(
                self._is_over
            ),
            "forgetting letters": lambda: self.deliveries.forget(self.ctx.ago(retention.letters)),
            "forgetting letters in files": lambda: forget_letters(
                self.ctx.var, self.ctx.ago(LETTERS_KEPT)
            ),
        }

    def retention(self) -> Iterable[Retention]:
        table = ("notify_subscribers",)
        silent = "endpoints that never answered, or were switched off because they failed"
        return (
            Retention("subscriptions that nobody confirmed", table, after=CONFIRM_WITHIN),
            Retention(silent, table, "subscriptions"),
            Retention("to hear of one incident, after its end", table, after=REOPENED_WITHIN),
            Retention("subscriptions that hear", table, why="until their reader ends them"),
            Retention("that a letter went out or was refused", ("notify_sent",), "letters"),
            Retention(
                "letters in files, which hold live links",
                (),
                after=LETTERS_KEPT,
                files=f"var/{OUTBOX}/*.eml",
            ),
        )


def configured_mail(section: schema.MailSection, var: Path) -> Channel:
    """How letters leave. Raises SettingsError."""
    kinds = {kind.name: kind for kind in CHANNELS}
    try:
        return kinds[one_of(section.kind, kinds, "[mail] kind")].connect(section, var)
    except ValueError as error:
        raise SettingsError(f"[mail] {error}") from error


def configured_channel(
    section: schema.ChannelSection,
    components: Iterable[schema.ComponentSection],
    languages: tuple[str, ...],
) -> ChannelSubscription:
    """What an operators' channel hears, in one of the site's languages. Raises SettingsError."""
    where, component_ids = f'[[channel]] "{section.id}"', tuple(components)
    lang = section.lang or (DEFAULT if DEFAULT in languages else languages[0])
    allowed: Mapping[str, tuple[Iterable[str], Iterable[str]]] = {
        "hears": (section.hears, tuple(ChangeKind)),
        "components": (section.components, [c.id for c in component_ids]),
        "groups": (section.groups, [c.group for c in component_ids]),
        "lang": ((lang,), languages),
    }
    mistakes = Mistakes()
    for key, (values, names) in allowed.items():
        for value in values:
            with mistakes:
                one_of(value, names, f"{where} {key}")
    mistakes.refuse()
    preferences = Preferences(section.components, section.groups, lang=lang)
    return ChannelSubscription(section.id, preferences, section.hears)


def check_channel_url(section: schema.ChannelSection) -> None:
    """See that Apprise is there and knows the address. Raises SettingsError."""
    try:
        Apprise(section.url).check()
    except ModuleNotFoundError as error:
        raise SettingsError(f'[[channel]] "{section.id}": {error}') from error
    except ValueError as error:
        raise SettingsError(f'[[channel]] "{section.id}" url: {error}') from error
