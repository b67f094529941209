"""The letters about a subscription itself, written when they leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from messages import EmailRef, EmailRenderer, EmailRenderers, OutgoingEmail
from notify import news_messages
from notify.model import Subscriber

WELCOME = "subscription.welcome"
AGAIN = "subscription.again"
DROPPED = "subscription.dropped"
CHOICE_GONE = "subscription.choice_gone"
Writer = Callable[[Subscriber, str, str], OutgoingEmail]
_WRITERS: dict[str, Writer] = {
    WELCOME: news_messages.confirmation_email,
    AGAIN: news_messages.already_subscribed_email,
    CHOICE_GONE: news_messages.choice_gone_email,
}


def email_ref(about: str, subscriber: str, when: float) -> EmailRef:
    """A letter about a subscription; `when` tells one from the next of its kind."""
    kind = about.removeprefix("subscription.")
    return EmailRef(f"{kind}:{subscriber}:{when}", about, {"subscriber": subscriber})


def renderers(
    by_id: Callable[[str], Subscriber | None], site: str, silent_kept: timedelta
) -> EmailRenderers:
    """Who writes what; nobody writes to somebody who has gone. An endpoint that was switched off is
    forgotten after `silent_kept`."""

    def renderer(write: Writer) -> EmailRenderer:
        def render(ref: EmailRef) -> OutgoingEmail | None:
            subscriber = by_id(ref.ids["subscriber"])
            return write(subscriber, ref.key, site) if subscriber else None

        return render

    writers: dict[str, Writer] = {
        **_WRITERS,
        DROPPED: partial(news_messages.webhook_disabled_email, kept=silent_kept),
    }
    return {about: renderer(write) for about, write in writers.items()}
