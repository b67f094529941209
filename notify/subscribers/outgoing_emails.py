"""Which letters go out about a subscription (confirm, exists already, switched off, choice gone), written as they leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from messages import EmailRef, EmailRenderer, EmailRenderers, OutgoingEmail
from notify import news_messages
from notify.model import Subscriber
from status.model import Incident

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
_WRITERS_OF_ONE_INCIDENT: dict[str, Callable[[Subscriber, str, str, str], OutgoingEmail]] = {
    WELCOME: news_messages.confirm_incident_email,
    AGAIN: news_messages.already_waiting_email,
}


def email_ref(about: str, subscriber: str, when: float) -> EmailRef:
    """A letter about a subscription; `when` tells one from the next of its kind."""
    kind = about.removeprefix("subscription.")
    return EmailRef(f"{kind}:{subscriber}:{when}", about, {"subscriber": subscriber})


def renderers(
    by_id: Callable[[str], Subscriber | None],
    site: str,
    read_incident: Callable[[str], Incident | None],
    *,
    silent_kept: timedelta,
) -> EmailRenderers:
    """Who writes what; nobody writes to somebody who has gone, or of an incident that readers cannot
    see (any more). An endpoint that was switched off is forgotten after `silent_kept`."""
    writers: dict[str, Writer] = {
        **_WRITERS,
        DROPPED: partial(news_messages.webhook_disabled_email, retention=silent_kept),
    }

    def renderer(about: str) -> EmailRenderer:
        def render(ref: EmailRef) -> OutgoingEmail | None:
            subscriber = by_id(ref.ids["subscriber"])
            if subscriber is None:
                return None
            incident_id = subscriber.preferences.incident
            if not incident_id or about not in _WRITERS_OF_ONE_INCIDENT:
                return writers[about](subscriber, ref.key, site)
            incident = read_incident(incident_id)
            if incident is None:
                return None
            title = news_messages.text_in(incident.title, subscriber.preferences.lang)
            return _WRITERS_OF_ONE_INCIDENT[about](subscriber, ref.key, site, title)

        return render

    return {about: renderer(about) for about in writers}
