"""The house with subscriptions: status, notify, a mailbox, an endpoint; jobs run by hand."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta

from jobs.database_queue import DatabaseQueue, DatabaseSender
from jobs.model import ClaimLimit, Retry
from notify import channel_messages, email_delivery, fanout, webhooks
from notify import web as notify_web
from notify.changes import ChangeReader
from notify.model import ChannelSubscription, Preferences
from notify.store import Deliveries
from notify.subscribers import outgoing_emails
from notify.subscribers.links import Links
from notify.subscribers.store import SubscriberStore
from status.incidents.incident_editing import IncidentEditor
from status.model import Component
from status.storage.store import StatusStore
from tests.desk_fixtures import House
from tests.ticket_fixtures import Remembering
from wiring.status_notifications import NewsReader

BASE = "http://portal.example"
PARTS = (
    Component("web", "Web hosting", "Hosting"),
    Component("db", "Databases", "Hosting"),
    Component("mail", "Mail", "Mail"),
    Component("alone", "Control panel"),
)


class Endpoint:
    """Stands for strangers' web addresses: remembers what came and answers as told."""

    def __init__(self):
        self.calls = []
        self.status = 200
        self.repeats = True

    def __call__(self, url, body, headers):
        self.calls.append((url, body, dict(headers)))
        challenge = json.loads(body).get("challenge", "") if self.repeats else ""
        return webhooks.WebhookResponse(self.status, challenge)

    @property
    def bodies(self):
        return [json.loads(body) for _, body, _ in self.calls]


@dataclass
class NotifyHouse(House):
    """Build it with `folder`, where the engine would publish."""

    folder: object = None
    parts: tuple = PARTS

    def __post_init__(self):
        super().__post_init__()
        self.store = SubscriberStore(
            self.db, self.clock, Links(b"k" * 32, BASE), "Sunny Hosting", DatabaseSender()
        )
        self.status = StatusStore(self.db, self.clock, DatabaseSender())
        self.mailbox, self.endpoint, self.chat = Remembering(), Endpoint(), Remembering()
        self.app.register_blueprint(
            notify_web.blueprint(self.store, self.parts, self.status.incident)
        )
        self.started(self.parts)

    def started(self, parts):
        """Start (anew) with these components."""
        self.parts = parts
        self.incidents = IncidentEditor(self.status, self.clock, parts)
        sent = Deliveries(self.db, self.clock)
        reader = NewsReader(self.status, self.parts, self.site, self.folder, self.clock).read
        heard = ChannelSubscription("chat", Preferences(), ("incident.opened", "incident.resolved"))
        changes = ChangeReader(reader, self.clock)
        messages = channel_messages.ChannelMessages({"chat": heard}, changes, self.store.site, BASE)
        sender = webhooks.WebhookSender(
            self.store, sent, self.endpoint, changes, self.clock, self.limiter
        )
        self.handlers = {
            **fanout.handlers(self.store, reader, (heard,), self.clock),
            **webhooks.handlers(sender),
            **channel_messages.handlers({"chat": self.chat}, sent, messages),
            **email_delivery.handlers(
                self.mailbox,
                sent,
                {
                    **outgoing_emails.renderers(
                        self.store.by_id,
                        self.store.site,
                        self.status.incident,
                        silent_kept=timedelta(days=30),
                    ),
                    **fanout.NewsEmails(self.store, changes).renderers(),
                },
                self.store.finish_email,
            ),
        }

    def run_jobs(self):
        """Run what is due until nothing is, as the engine does; how many jobs ran."""
        ran = 0
        while done := sum(self.run_kind(kind) for kind in self.handlers):
            ran += done
        return ran

    def run_kind(self, kind):
        """Run what is due of one kind; how many jobs ran."""
        queue = DatabaseQueue(self.db)
        claims = queue.claim({kind: ClaimLimit(timedelta(minutes=1), 500)}, "test")
        for claim in claims:
            try:
                self.handlers[kind].run(claim.job)
            except Retry as again:
                queue.retry(claim, again.after, str(again))
            else:
                queue.complete(claim)
        return len(claims)

    def letters(self, to=None):
        """Letters sent, and forget them."""
        addressed = [x for x in self.mailbox.letters if to in (None, x.to)]
        self.mailbox.letters.clear()
        return addressed

    def subscribe(self, email, browser=None, **form):
        """Fill in the form; the path of the letter's link, or "" when no letter came."""
        browser = browser or self.browser()
        sent = {
            "email": email,
            "scope": "all",
            "maintenance": "1",
            "message_language": "en",
            **form,
        }
        assert browser.post("/subscribe", sent).status_code == 303
        self.run_jobs()
        return next((link(x) for x in self.letters()), "")

    def confirmed(self, email, **form):
        """A subscription that is in force; the path of its page."""
        browser = self.browser()
        path = self.subscribe(email, browser, **form)
        assert browser.post(path, {"go": "confirm"}).status_code == 303
        self.run_jobs()
        self.mailbox.letters.clear()
        return path


def link(letter):
    """The path of the subscription's page in a letter."""
    return re.search(rf"{BASE}(/subscribe/[\w-]+)", letter.text)[1]
