"""Sends queued letters, each once unless a crash comes between; refusals are remembered, failures tried again.

fanout.py asks once for each reader and change (the job's key), jobs/effects.py remembers what was
asked for, this takes and remembers. Between the two a crash may send one twice; its Message-ID is
then the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from jobs.model import TRIES_FOR_DAYS, Handler, Job, Retry
from messages import (
    SEND_EMAIL,
    EmailRef,
    EmailRenderers,
    OutgoingEmail,
    RefusalReason,
    read_payload,
)
from notify.channel import Channel, ChannelError
from notify.store import Deliveries

log = logging.getLogger("jasno.notify")
AT_ONCE = 4  # conversations with the mail server
Finish = Callable[[OutgoingEmail], OutgoingEmail | None]


def as_it_is(email: OutgoingEmail) -> OutgoingEmail | None:
    """Nothing is left to be put in."""
    return email


@dataclass(frozen=True, slots=True)
class EmailSender:
    """Between jobs and a channel. `finish` puts in what is never stored, such as tokens; None when
    the letter is no longer wanted."""

    channel: Channel
    deliveries: Deliveries
    renderers: EmailRenderers
    finish: Finish = as_it_is

    def send(self, job: Job) -> None:
        """Send one letter, once. A refusal for good is remembered with its reason."""
        payload = read_payload(job.payload)
        if self.deliveries.is_sent(payload.key):
            return
        email = self._render(payload)
        ready = self.finish(email) if email else None
        if ready is None:
            return
        try:
            self.channel.send(replace(ready, date=job.first_due_at or job.run_after))
        except ChannelError as error:
            self._refused(job, payload.key, error)
        else:
            self.deliveries.mark_sent(payload.key, self.channel.name)

    def _render(self, payload: EmailRef | OutgoingEmail) -> OutgoingEmail | None:
        if isinstance(payload, OutgoingEmail):
            return payload
        return self.renderers[payload.about](payload)

    def _refused(self, job: Job, key: str, error: ChannelError) -> None:
        """Raises Retry unless trying again is useless."""
        if error.permanent:
            log.warning("a letter cannot be sent (%s): %s", key, error)
            self.deliveries.mark_refused(key, self.channel.name, error.reason, error.reply)
            return
        if job.attempts >= TRIES_FOR_DAYS:
            self.deliveries.mark_refused(
                key, self.channel.name, RefusalReason.GIVEN_UP, error.reply
            )
        raise Retry(str(error)) from error


def handlers(
    channel: Channel,
    deliveries: Deliveries,
    renderers: EmailRenderers,
    finish: Finish = as_it_is,
) -> dict[str, Handler]:
    """The handler of `mail.send`; `renderers` write the letters of every room, by what they are
    about."""
    sender = EmailSender(channel, deliveries, renderers, finish)
    return {
        SEND_EMAIL: Handler(
            sender.send, tries=TRIES_FOR_DAYS, blocking=True, slots=AT_ONCE, payload=EmailRef
        )
    }
