"""From one thing that was said to one message for each who wants it: the job `status.changed`.

Every message is a job whose key names the change and the reader, so that a fan-out that is cut
off and run again, or run by two engines, adds nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from clock import Clock
from jobs.model import Handler, Job
from messages import EmailRef, EmailRenderers, OutgoingEmail, email_job
from notify import digest
from notify.model import (
    CALL_WEBHOOK,
    SEND_TO_CHANNEL,
    ChannelSubscription,
    News,
    NewsSort,
    ShortMessage,
    Subscriber,
    SubscriberKind,
    SubscriberState,
    WebhookCall,
    wants,
)
from notify.subscribers.store import PAGE, SubscriberStore
from status.events import CHANGED, StatusChanged

NEWS_EMAIL = "status.news"
READ_AGAIN = timedelta(minutes=1)  # news that many letters tell is read once in a while
REMEMBERED = 16  # changes


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
            [
                self._channel_message(news, c, job.key)
                for c in self.channels
                if channel_wants(c, news)
            ]
        )
        after = ""
        while page := self.store.active(after):
            self.store.enqueue_all(
                [self._message_for(news, to, job) for to in page if subscriber_wants(to, news)]
            )
            if len(page) < PAGE:
                return
            after = page[-1].id

    def _message_for(self, news: News, to: Subscriber, change: Job) -> Job:
        key, now = f"{change.key}:{to.id}", self.clock.now()
        if to.kind is SubscriberKind.EMAIL:
            ids = {"subscriber": to.id, "change": change.payload}
            return email_job(EmailRef(key, NEWS_EMAIL, ids), now)
        call = WebhookCall(to.id, key, digest.webhook_body(news, to, self.store.links.base))
        return Job(CALL_WEBHOOK, msgspec.json.encode(call).decode(), key, now)

    def _channel_message(self, news: News, channel: ChannelSubscription, change: str) -> Job:
        lang, key = channel.preferences.lang, f"{change}:channel:{channel.id}"
        url = f"{self.store.links.base}/{lang}{news.path}"
        message = ShortMessage(
            channel.id, key, digest.subject(news, lang), digest.text(news, channel.preferences, url)
        )
        return Job(SEND_TO_CHANNEL, msgspec.json.encode(message).decode(), key, self.clock.now())


class NewsEmails:
    """Writes a subscriber's letter about a change, when it leaves."""

    def __init__(
        self, store: SubscriberStore, news: Callable[[StatusChanged], News | None], clock: Clock
    ) -> None:
        self._store = store
        self._news = news
        self._clock = clock
        self._read: dict[str, tuple[datetime, News | None]] = {}

    def renderers(self) -> EmailRenderers:
        """Who writes what."""
        return {NEWS_EMAIL: self.render}

    def render(self, ref: EmailRef) -> OutgoingEmail | None:
        """The letter; None when its reader has gone or wants other news by now, or when readers
        cannot see any more what it is about."""
        to = self._store.by_id(ref.ids["subscriber"])
        if to is None or to.state is not SubscriberState.ACTIVE:
            return None
        news = self._news_of(ref.ids["change"])
        if news is None or not subscriber_wants(to, news):
            return None
        return digest.news_email(news, to, ref.key, self._store.site, self._store.links.base)

    def _news_of(self, change: str) -> News | None:
        """What the change was; thousands of letters about one are written from one reading."""
        now = self._clock.now()
        at, news = self._read.get(change, (None, None))
        if at is None or not now - READ_AGAIN < at <= now:
            news = self._news(msgspec.json.decode(change, type=StatusChanged))
            if len(self._read) >= REMEMBERED:
                self._read.clear()
            self._read[change] = (now, news)
        return news


def subscriber_wants(to: Subscriber, news: News) -> bool:
    loud = news.sort is NewsSort.COMPONENT and to.kind is SubscriberKind.EMAIL
    return not loud and wants(to.preferences, news)


def channel_wants(channel: ChannelSubscription, news: News) -> bool:
    return news.what in channel.events and wants(channel.preferences, news)


def handlers(
    store: SubscriberStore,
    news: Callable[[StatusChanged], News | None],
    channels: tuple[ChannelSubscription, ...],
    clock: Clock,
) -> dict[str, Handler]:
    """The handler of `status.changed`."""
    return {CHANGED: Handler(Fanout(store, news, channels, clock).run, tries=100, blocking=True)}
