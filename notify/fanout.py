"""From one thing that was said to one message for each who wants it: the job `status.changed`.

Every message is a job whose key names the change and the reader, so that a fan-out that is cut
off and run again, or run by two engines, adds nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from clock import Clock
from jobs.model import Handler, Job
from messages import email_job
from notify import digest
from notify.model import (
    ChannelSubscription,
    News,
    NewsSort,
    ShortMessage,
    Subscriber,
    SubscriberKind,
    WebhookCall,
    wants,
)
from notify.subscribers.store import PAGE, SubscriberStore
from status.events import CHANGED, StatusChanged

HOOK = "hook.send"
CHANNEL = "channel.send"


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
        self.store.put([self._short(news, c, job.key) for c in self.channels if _hears(c, news)])
        after = ""
        while page := self.store.active(after):
            self.store.put([self._for(news, to, job.key) for to in page if _wants(to, news)])
            if len(page) < PAGE:
                return
            after = page[-1].id

    def _for(self, news: News, to: Subscriber, change: str) -> Job:
        key, now = f"{change}:{to.id}", self.clock.now()
        base = self.store.links.base
        if to.kind is SubscriberKind.EMAIL:
            return email_job(digest.letter(news, to, key, self.store.site, base), now)
        call = WebhookCall(to.id, key, digest.hook(news, to, base))
        return Job(HOOK, msgspec.json.encode(call).decode(), key, now)

    def _short(self, news: News, channel: ChannelSubscription, change: str) -> Job:
        lang, key = channel.wish.lang, f"{change}:channel:{channel.id}"
        url = f"{self.store.links.base}/{lang}{news.path}"
        message = ShortMessage(
            channel.id, key, digest.subject(news, lang), digest.text(news, channel.wish, url)
        )
        return Job(CHANNEL, msgspec.json.encode(message).decode(), key, self.clock.now())


def _wants(to: Subscriber, news: News) -> bool:
    loud = news.sort is NewsSort.COMPONENT and to.kind is SubscriberKind.EMAIL
    return not loud and wants(to.wish, news)


def _hears(channel: ChannelSubscription, news: News) -> bool:
    return news.what in channel.hears and wants(channel.wish, news)


def handlers(
    store: SubscriberStore,
    news: Callable[[StatusChanged], News | None],
    channels: tuple[ChannelSubscription, ...],
    clock: Clock,
) -> dict[str, Handler]:
    """The handler of `status.changed`."""
    return {CHANGED: Handler(Fanout(store, news, channels, clock).run, tries=100, blocking=True)}
