"""Messages to operators' channels (chat, paging), sent by the job `channel.send` when a channel wants the news.
The words are news_messages.py's; channels/ deliver them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from jobs.model import Handler, Job, Retry
from messages import OutgoingEmail
from notify import news_messages
from notify.changes import ChangeReader
from notify.channel import Channel, ChannelError
from notify.model import SEND_TO_CHANNEL, ChannelRef, ChannelSubscription
from notify.store import Deliveries
from notify.subscribers.preferences import channel_wants
from render.i18n import N_
from render.message_format import sentence

log = logging.getLogger("jasno.notify")
TRIES = 100  # by growing pauses: most of a day, after which a chat wants no old news
TEST_SUBJECT = N_("A test from {site}")
TEST_TEXT = N_("If you can read this, the channel works.")


def channel_job(ref: ChannelRef, at: datetime) -> Job:
    """The job that sends a message to a channel."""
    return Job(SEND_TO_CHANNEL, msgspec.json.encode(ref).decode(), ref.key, at)


@dataclass(frozen=True, slots=True)
class ChannelMessages:
    """Writes what a channel is told, when it leaves. `base` is the address of the status page."""

    subscriptions: Mapping[str, ChannelSubscription]
    changes: ChangeReader
    site: str
    base: str

    def render(self, ref: ChannelRef) -> OutgoingEmail | None:
        """The message; None when the channel is gone or hears other news by now, or when readers
        cannot see any more what it is about."""
        channel = self.subscriptions.get(ref.channel)
        if channel is None:
            return None
        if ref.text:
            return OutgoingEmail(ref.key, channel.id, ref.subject, ref.text)
        lang = channel.preferences.lang
        if not ref.change:
            subject = sentence(lang, TEST_SUBJECT, {"site": self.site})
            return OutgoingEmail(ref.key, channel.id, subject, sentence(lang, TEST_TEXT))
        news = self.changes.read(ref.change)
        if news is None or not channel_wants(channel, news):
            return None
        text = news_messages.text(news, channel.preferences, f"{self.base}/{lang}{news.path}")
        return OutgoingEmail(ref.key, channel.id, news_messages.subject(news, lang), text)


@dataclass(frozen=True, slots=True)
class ChannelSender:
    """Between jobs and the configured channels, by their ids."""

    channels: Mapping[str, Channel]
    deliveries: Deliveries
    messages: ChannelMessages

    def send(self, job: Job) -> None:
        """Send one message to one channel, once. A refusal for good is remembered."""
        ref = msgspec.json.decode(job.payload, type=ChannelRef)
        channel = self.channels.get(ref.channel)
        if channel is None:
            log.warning("there is no channel %s any more; its message is dropped", ref.channel)
            return
        if self.deliveries.is_sent(ref.key):
            return
        message = self.messages.render(ref)
        if message is None:
            return
        try:
            channel.send(message)
        except ChannelError as error:
            if not error.permanent:
                raise Retry(str(error)) from error
            log.warning("channel %s takes no messages: %s", ref.channel, error)
            reply = error.reply or str(error)
            self.deliveries.mark_refused(ref.key, ref.channel, error.reason, reply)
            return
        self.deliveries.mark_sent(ref.key, ref.channel)


def handlers(
    channels: Mapping[str, Channel], deliveries: Deliveries, messages: ChannelMessages
) -> dict[str, Handler]:
    """The handler of `channel.send`."""
    sender = ChannelSender(channels, deliveries, messages)
    return {SEND_TO_CHANNEL: Handler(sender.send, tries=TRIES, blocking=True, payload=ChannelRef)}
