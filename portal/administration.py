"""What operators list and change besides status: subscribers, channels, API tokens, jobs, the audit log.

The same acts for pages, programs and the command line; each that changes something is audited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.api_tokens.model import ApiToken, ApiTokenRole
from accounts.api_tokens.store import ApiTokenStore
from accounts.model import AuditEntry
from accounts.random_tokens import fresh_id
from accounts.store import AccountStore
from clock import Clock
from jobs.model import FailedJob, JobCounts
from jobs.queue import Queue
from messages import EmailRefusal
from notify.channel_messages import channel_job
from notify.model import SEND_TO_CHANNEL, ChannelRef, ChannelSubscription, Subscriber
from notify.store import Deliveries
from notify.subscribers.store import SubscriberStore

PAGE = 100


@dataclass(frozen=True, slots=True)
class ChannelState:
    """An operators' channel: what it hears, and how its messages fare. `refusal` is the last one
    for good, unless the channel took something since."""

    subscription: ChannelSubscription
    sent_at: datetime | None
    waiting: int
    error: str
    refusal: EmailRefusal | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry of the audit log, with its number."""

    number: int
    entry: AuditEntry


@dataclass(frozen=True, slots=True)
class Administration:
    """The acts and what they need. `health` tells by part: "" or what is wrong."""

    subscribers: SubscriberStore
    channel_subscriptions: Mapping[str, ChannelSubscription]
    deliveries: Deliveries
    jobs: Queue
    accounts: AccountStore
    api_tokens: ApiTokenStore
    clock: Clock
    site: str
    health: Callable[[], Mapping[str, str]]

    # ------------------------------------------------------------------ subscribers

    def subscriber_page(self, after: str = "", limit: int = PAGE) -> tuple[Subscriber, ...]:
        """Everybody, a page at a time."""
        return self.subscribers.all(after[:64], limit)

    def remove_subscriber(self, id: str, by: str) -> bool:
        """End somebody's subscription and forget the address."""
        return self.subscribers.remove(id, by)

    # ------------------------------------------------------------------ channels

    def channels(self) -> tuple[ChannelState, ...]:
        """Every configured channel."""
        return tuple(self._channel(post) for post in self.channel_subscriptions.values())

    def test_channel(self, id: str, by: str) -> bool:
        """Send a test message through a channel. False when there is none."""
        if id not in self.channel_subscriptions:
            return False
        ref = ChannelRef(id, f"test:{fresh_id()}:channel:{id}")
        self.accounts.audit(by, "channel.tested", f"channel:{id}")
        self.subscribers.enqueue_all([channel_job(ref, self.clock.now())])
        return True

    def _channel(self, post: ChannelSubscription) -> ChannelState:
        waiting, trouble = self.jobs.unfinished(SEND_TO_CHANNEL, f":channel:{post.id}")
        error = trouble.error if trouble else ""
        return ChannelState(
            post,
            self.deliveries.last_sent(post.id),
            waiting,
            error,
            self.deliveries.last_refusal(post.id),
        )

    # ------------------------------------------------------------------ tokens

    def tokens(self) -> tuple[ApiToken, ...]:
        """Every API token, without itself."""
        return self.api_tokens.all()

    def add_token(self, name: str, role: ApiTokenRole, by: str) -> tuple[ApiToken, str]:
        """A new one; it is shown once. Raises ValueError."""
        return self.api_tokens.add(name, role, by)

    def revoke_token(self, id: str, by: str) -> bool:
        """It opens nothing from now on."""
        return self.api_tokens.revoke(id, by)

    # ------------------------------------------------------------------ the log, the jobs

    def audit_entries(
        self, *, actor: str = "", action: str = "", subject: str = "", before: int = 0
    ) -> tuple[AuditRow, ...]:
        """The audit log, newest first, a page at a time."""
        entries = self.accounts.entries(
            actor=actor, action=action, subject=subject, before=before, limit=PAGE
        )
        return tuple(AuditRow(number, entry) for number, entry in entries)

    def job_counts(self) -> tuple[JobCounts, ...]:
        """How the jobs stand."""
        return self.jobs.counts()

    def failed_jobs(self) -> tuple[FailedJob, ...]:
        """Jobs that were given up."""
        return self.jobs.failed()

    def retry_job(self, id: int, by: str) -> bool:
        """Try a failed job once more."""
        if not self.jobs.run_again(id):
            return False
        self.accounts.audit(by, "job.retried", f"job:{id}")
        return True
