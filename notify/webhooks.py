"""Webhooks: the jobs `hook.verify` and `hook.send`, signed bodies, retries with growing pauses.

Knows no socket: posting is a callable made from the guarded session.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from clock import Clock
from jobs.model import Handler, Job, Retry
from notify import news_messages
from notify.changes import ChangeReader
from notify.model import (
    CALL_WEBHOOK,
    VERIFY_WEBHOOK,
    Subscriber,
    SubscriberKind,
    SubscriberState,
    VerificationPayload,
    WebhookRef,
)
from notify.store import Deliveries
from notify.subscribers.preferences import subscriber_wants
from notify.subscribers.store import SubscriberStore
from standards.dmarc.alignment import organisational_domain_by_list
from standards.urls import parse_url
from web.rate_limits import Limiter, Rate

log = logging.getLogger("jasno.notify")
TRIES = 10
AT_ONCE = 16  # slow endpoints keep others waiting
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
PER_TARGET = Rate(20, timedelta(hours=1))  # challenges to one domain
GONE = 410


@dataclass(frozen=True, slots=True)
class WebhookResponse:
    """What an endpoint answered: a status and the beginning of its body, or why there is none."""

    status: int = 0
    body: str = ""
    trouble: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether it took the message."""
        return 200 <= self.status < 300

    @property
    def reason(self) -> str:
        """What went wrong, for the endpoint's owner."""
        return self.trouble or f"HTTP {self.status}"


HttpPost = Callable[[str, bytes, Mapping[str, str]], WebhookResponse]


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """Between jobs and endpoints."""

    store: SubscriberStore
    deliveries: Deliveries
    post: HttpPost
    changes: ChangeReader
    clock: Clock
    limiter: Limiter

    def verify(self, job: Job) -> None:
        """Ask an endpoint whether it wants to hear: it must repeat the challenge."""
        payload = msgspec.json.decode(job.payload, type=VerificationPayload)
        subscriber = self.store.by_id(payload.subscriber)
        if subscriber is None or subscriber.state is not SubscriberState.CHECKING:
            return
        challenge = self.store.links.challenge(subscriber.id)
        answer = self._challenge(job, subscriber, challenge)
        if answer.is_accepted and challenge in answer.body:
            self.store.mark_working(subscriber.id)
            return
        if answer.is_accepted:
            answer = WebhookResponse(trouble="it did not repeat the challenge")
        self._refused(job, subscriber, answer)

    def _challenge(self, job: Job, to: Subscriber, challenge: str) -> WebhookResponse:
        """What it answers. Nobody aims us at an endpoint that never asked for it: the challenges to
        one domain are few, however many addresses below it are subscribed."""
        target = target_of(to.address)
        if self.limiter.wait("hook.verify", target, PER_TARGET, shared=True):
            return WebhookResponse(trouble="its domain is asked too often for now")
        body = msgspec.json.encode({"type": "url_verification", "challenge": challenge})
        return self._post(to, body, f"verify:{job.key}")

    def send(self, job: Job) -> None:
        """Tell one endpoint of one change, once. The body is written now, and anew for a retry: it
        says how things are by then, under the same delivery id."""
        call = msgspec.json.decode(job.payload, type=WebhookRef)
        subscriber = self.store.by_id(call.subscriber)
        if (
            subscriber is None
            or subscriber.kind is not SubscriberKind.WEBHOOK
            or subscriber.state is not SubscriberState.ACTIVE
        ):
            return
        if self.deliveries.is_sent(call.key):
            return
        written = call.body or self._written(call, subscriber)
        if not written:
            return
        body = self.store.links.with_links(written, subscriber.id).encode()
        answer = self._post(subscriber, body, call.key)
        if answer.is_accepted:
            self.deliveries.mark_sent(call.key, "webhook")
            if subscriber.failures:
                self.store.mark_working(subscriber.id)
            return
        self._refused(job, subscriber, answer)

    def _written(self, call: WebhookRef, to: Subscriber) -> str:
        """The body; "" when readers cannot see it any more, or this one wants other news by now."""
        news = self.changes.read(call.change)
        if news is None or not subscriber_wants(to, news):
            return ""
        return news_messages.webhook_body(news, to, self.store.links.base)

    def _post(self, to: Subscriber, body: bytes, key: str) -> WebhookResponse:
        at = int(self.clock.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Jasno-Hook/1",
            "Jasno-Delivery": hashlib.sha256(key.encode()).hexdigest()[:32],
            "Jasno-Signature": signature(self.store.links.signing_key(to.id), at, body),
        }
        return self.post(to.address, body, headers)

    def _refused(self, job: Job, subscriber: Subscriber, answer: WebhookResponse) -> None:
        last = job.attempts >= TRIES or answer.status == GONE
        log.info("the web address of subscriber %s refused: %s", subscriber.id, answer.reason)
        self.store.mark_failed(subscriber.id, answer.reason, last=last)
        if not last:
            raise Retry(answer.reason, pause(job.attempts))


def signature(key: str, at: int, body: bytes) -> str:
    """`t=<seconds>,v1=<hex>`: HMAC-SHA256 with the endpoint's key over `<seconds>.<body>`."""
    mac = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def target_of(url: str) -> str:
    """The domain behind a web address, with all hosts below it; an IP address is its own."""
    host = parse_url(url).host
    is_address = ":" in host or host.replace(".", "").isdigit()
    return host if is_address else organisational_domain_by_list(host)


def pause(attempts: int) -> timedelta:
    """How long to wait after a refused try: doubling, at most an hour."""
    steps: int = 2 ** max(0, min(attempts - 1, 10))
    return min(FIRST_PAUSE * steps, LONGEST_PAUSE)


def handlers(sender: WebhookSender) -> dict[str, Handler]:
    """The handlers of `hook.verify` and `hook.send`."""
    return {
        VERIFY_WEBHOOK: Handler(
            sender.verify, tries=TRIES, blocking=True, payload=VerificationPayload
        ),
        CALL_WEBHOOK: Handler(
            sender.send, tries=TRIES, blocking=True, slots=AT_ONCE, payload=WebhookRef
        ),
    }
