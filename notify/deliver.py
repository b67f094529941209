"""Sends letters from jobs. Between "taken" and "remembered" a crash may send one twice; its
Message-ID is then the same."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec

from jobs.model import Handler, Job, Retry
from messages import SEND_EMAIL, OutgoingEmail
from notify.channel import Channel, ChannelError
from notify.store import SentMessages

log = logging.getLogger("jasno.notify")
PAUSE = timedelta(minutes=2)
PATIENCE = 100  # attempts
AT_ONCE = 4  # conversations with the mail server


@dataclass(frozen=True, slots=True)
class EmailSender:
    """Between jobs and a channel."""

    channel: Channel
    sent: SentMessages
    complete: Callable[[str], str] = str  # puts in what is not stored, such as tokens
    address: Callable[[OutgoingEmail], OutgoingEmail | None] = lambda letter: (
        letter
    )  # None: no longer wanted

    def send(self, job: Job) -> None:
        """Send one letter, once."""
        letter = msgspec.json.decode(job.payload, type=OutgoingEmail)
        if self.sent.has(letter.key):
            return
        ready = self.address(replace(letter, text=self.complete(letter.text)))
        if ready is None:
            return
        try:
            self.channel.send(ready)
        except ChannelError as error:
            if not error.permanent:
                raise Retry(str(error), PAUSE) from error
            log.warning("a letter cannot be sent (%s): %s", letter.key, error)
            return
        self.sent.remember(letter.key, self.channel.name)


def handlers(
    channel: Channel,
    sent: SentMessages,
    complete: Callable[[str], str] = str,
    address: Callable[[OutgoingEmail], OutgoingEmail | None] = lambda letter: letter,
) -> dict[str, Handler]:
    """The handler of `mail.send`; `complete` finishes a letter's text just before it leaves,
    `address` the links of a subscriber's letter, or says that it is no longer wanted."""
    post = EmailSender(channel, sent, complete, address)
    return {SEND_EMAIL: Handler(post.send, tries=PATIENCE, blocking=True, slots=AT_ONCE)}
