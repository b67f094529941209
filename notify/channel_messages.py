"""Operators' own channels: the job `channel.send`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from jobs.model import Handler, Job, Retry
from messages import OutgoingEmail
from notify.channel import Channel, ChannelError
from notify.model import SEND_TO_CHANNEL, ShortMessage
from notify.store import Deliveries

log = logging.getLogger("jasno.notify")
PAUSE = timedelta(minutes=1)
PATIENCE = 60  # attempts


@dataclass(frozen=True, slots=True)
class ChannelSender:
    """Between jobs and the configured channels, by their ids."""

    channels: Mapping[str, Channel]
    deliveries: Deliveries

    def send(self, job: Job) -> None:
        """Send one message to one channel, once."""
        message = msgspec.json.decode(job.payload, type=ShortMessage)
        channel = self.channels.get(message.channel)
        if channel is None:
            log.warning("there is no channel %s any more; its message is dropped", message.channel)
            return
        if self.deliveries.is_sent(message.key):
            return
        try:
            channel.send(OutgoingEmail(message.key, message.channel, message.subject, message.text))
        except ChannelError as error:
            if not error.permanent:
                raise Retry(str(error), PAUSE) from error
            log.warning("channel %s takes no messages: %s", message.channel, error)
            return
        self.deliveries.mark_sent(message.key, message.channel)


def handlers(channels: Mapping[str, Channel], deliveries: Deliveries) -> dict[str, Handler]:
    """The handler of `channel.send`."""
    return {
        SEND_TO_CHANNEL: Handler(
            ChannelSender(channels, deliveries).send, tries=PATIENCE, blocking=True
        )
    }
