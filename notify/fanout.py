"""Who is written to after a change of status (job `status.changed`): each subscriber and channel that wants it.

Every message is a job whose key names the change and the reader, so that a fan-out that is cut
off and run again, or run by two engines, adds nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from clock import Clock
from jobs.model import Handler, Job
from messages import EmailRef, EmailRenderers, OutgoingEmail, email_job
from notify import news_messages
from notify.changes import ChangeReader
from notify.channel_messages import channel_job
from notify.model import (
    CALL_WEBHOOK,
    ChannelRef,
    ChannelSubscription,
    News,
    Subscriber,
    SubscriberKind,
    SubscriberState,
    WebhookRef,
)
from notify.subscribers.preferences import channel_wants, subscriber_wants
from notify.subscribers.store import PAGE, SubscriberStore
from status.events import CHANGED, StatusChanged

NEWS_EMAIL = "status.news"


@dataclass(frozen=True, slots=True)
class Fanout:
    """Reads the news behind a change and puts a message for everybody on its way."""

    store: SubscriberStore
    news: Callable[[StatusChanged], News | None]
    channels: tuple[ChannelSubscription, ...]
    clock: Clock

    def run(self, job: Job) -> None:
        """One change. Nothing is sent of what readers cannot see (any more)."""
        news = self.news(msgspec.json.decode(job.payload, type=StatusChanged))
        if news is None:
            return
        self.store.enqueue_all(
            [self._channel_message(c, job) for c in self.channels if channel_wants(c, news)]
        )
        general = self.store.general_subscriptions_of_waiting(news.id)
        told_anyway = {_mailbox(to) for to in general if subscriber_wants(to, news)}
        after = ""
        while page := self.store.active(after):
            hearers = [to for to in page if subscriber_wants(to, news)]
            self.store.enqueue_all(
                [
                    self._message_for(to, job)
                    for to in hearers
                    if not (to.preferences.incident and _mailbox(to) in told_anyway)
                ]
            )
            if len(page) < PAGE:
                return
            after = page[-1].id

    def _message_for(self, to: Subscriber, change: Job) -> Job:
        key, now = f"{change.key}:{to.id}", self.clock.now()
        if to.kind is SubscriberKind.EMAIL:
            ids = {"subscriber": to.id, "change": change.payload}
            return email_job(EmailRef(key, NEWS_EMAIL, ids), now)
        ref = WebhookRef(to.id, key, change.payload)
        return Job(CALL_WEBHOOK, msgspec.json.encode(ref).decode(), key, now)

    def _channel_message(self, channel: ChannelSubscription, change: Job) -> Job:
        ref = ChannelRef(channel.id, f"{change.key}:channel:{channel.id}", change.payload)
        return channel_job(ref, self.clock.now())


def _mailbox(to: Subscriber) -> tuple[str, str, str]:
    """Where messages to a subscriber end up; several subscriptions may lead there."""
    return to.kind, to.address, to.owner


class NewsEmails:
    """Writes a subscriber's letter about a change, when it leaves."""

    def __init__(self, store: SubscriberStore, changes: ChangeReader) -> None:
        self._store = store
        self._changes = changes

    def renderers(self) -> EmailRenderers:
        """Who writes what."""
        return {NEWS_EMAIL: self.render}

    def render(self, ref: EmailRef) -> OutgoingEmail | None:
        """The letter; None when its reader has gone or wants other news by now, or when readers
        cannot see any more what it is about."""
        to = self._store.by_id(ref.ids["subscriber"])
        if to is None or to.state is not SubscriberState.ACTIVE:
            return None
        news = self._changes.read(ref.ids["change"])
        if news is None or not subscriber_wants(to, news):
            return None
        return news_messages.news_email(news, to, ref.key, self._store.site, self._store.links.base)


def handlers(
    store: SubscriberStore,
    news: Callable[[StatusChanged], News | None],
    channels: tuple[ChannelSubscription, ...],
    clock: Clock,
) -> dict[str, Handler]:
    """The handler of `status.changed`."""
    fanout = Fanout(store, news, channels, clock)
    return {CHANGED: Handler(fanout.run, tries=100, blocking=True, payload=StatusChanged)}
