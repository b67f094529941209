"""Subscribers as rows, with the jobs that follow from a change in the same transaction.

Raises DatabaseAway, nothing else, when the database cannot be used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, select, update

from accounts.audit_log.store import write_audit
from accounts.model import AuditEntry
from accounts.random_tokens import fresh_id, hashed
from clock import Clock
from db.batched_delete import delete_in_slices
from db.engine import Database, repeat_on_conflict
from db.row_mapper import RowMapper
from db.tables.notify import subscribers as t
from db.upsert import insert_once
from jobs.model import Job
from jobs.queue import JobSender, enqueue_all
from messages import OutgoingEmail, email_job
from notify.model import (
    VERIFY_WEBHOOK,
    Preferences,
    Subscriber,
    SubscriberKind,
    SubscriberState,
    VerificationPayload,
)
from notify.subscribers import outgoing_emails
from notify.subscribers.choice_renewal import current_choice, is_choice_gone
from notify.subscribers.links import Links
from status.model import Component, KnownComponent

CONFIRM_WITHIN = timedelta(hours=48)  # an unanswered question is forgotten after this
PAGE = 500
_WISH_COLUMNS = ("components", "groups", "maintenance", "lang", "incident")
SUBSCRIBERS = RowMapper(
    Subscriber,
    t,
    elsewhere=("preferences",),
    others=("token_hash", *_WISH_COLUMNS),
)
PREFERENCES = RowMapper(
    Preferences, t, others=[c.name for c in t.columns if c.name not in _WISH_COLUMNS]
)


class SubscriberStore:
    """Who hears what. `site` is the provider's name;"""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        links: Links,
        site: str,
        jobs: JobSender,
    ) -> None:
        self._db = db
        self._clock = clock
        self._jobs = jobs
        self.links = links
        self.site = site

    # ------------------------------------------------------------------ asking and confirming
    @repeat_on_conflict
    def subscribe(
        self, kind: SubscriberKind, address: str, owner: str, preferences: Preferences
    ) -> None:
        """Somebody wants news: a letter goes to the owner, whatever is known already."""
        now = self._clock.now()
        candidate = Subscriber(
            fresh_id(), kind, address, owner, preferences, SubscriberState.PENDING, now
        )
        with self._db.write() as conn:
            is_new = insert_once(conn, t, _row(candidate, self._hash(candidate.id)))
            subscriber = candidate if is_new else self._existing(conn, candidate)
            if subscriber is None:
                return
            if subscriber.state is SubscriberState.PENDING:
                if not is_new:
                    wished = PREFERENCES.to_row(preferences) | {"created_at": now}
                    conn.execute(update(t).where(t.c.id == subscriber.id).values(**wished))
                    subscriber = replace(subscriber, preferences=preferences)
                about = outgoing_emails.WELCOME
            else:
                about = outgoing_emails.AGAIN
            self._send(conn, about, subscriber.id)
        self._jobs.wake()

    @repeat_on_conflict
    def confirm(self, id: str) -> bool:
        """The mailbox says yes. An endpoint is then asked whether it wants to hear."""
        now = self._clock.now()
        with self._db.write() as conn:
            subscriber = _select_one(conn, t.c.id == id)
            if subscriber is None or subscriber.state not in (
                SubscriberState.PENDING,
                SubscriberState.DISABLED,
            ):
                return False
            is_webhook = subscriber.kind is SubscriberKind.WEBHOOK
            values = {
                "state": (SubscriberState.CHECKING if is_webhook else SubscriberState.ACTIVE).value,
                "confirmed_at": now,
                "failures": 0,
                "trouble": "",
            }
            conn.execute(update(t).where(t.c.id == id).values(**values))
            if is_webhook:
                key = f"{id}:{now.timestamp()}"
                payload = msgspec.json.encode(VerificationPayload(id)).decode()
                self._jobs.enqueue(conn, Job(VERIFY_WEBHOOK, payload, key, now))
            self._audit(conn, "", "subscriber.confirmed", id)
        self._jobs.wake()
        return True

    @repeat_on_conflict
    def change_preferences(self, id: str, preferences: Preferences) -> bool:
        """Another choice. False when nobody is there (any more)."""
        with self._db.write() as conn:
            values = PREFERENCES.to_row(preferences) | {"choice_gone_at": None}
            done = conn.execute(update(t).where(t.c.id == id).values(**values))
            return done.rowcount == 1

    @repeat_on_conflict
    def notify_choice_gone(self, id: str) -> None:
        """Somebody hears nothing any more, because nothing they chose is left: tell them once."""
        now = self._clock.now()
        with self._db.write() as conn:
            is_untold = (t.c.id == id) & t.c.choice_gone_at.is_(None)
            if conn.execute(update(t).where(is_untold).values(choice_gone_at=now)).rowcount:
                self._send(conn, outgoing_emails.CHOICE_GONE, id)
        self._jobs.wake()

    @repeat_on_conflict
    def remove(self, id: str, by: str = "") -> bool:
        """End a subscription and forget the address. False when it has ended already."""
        with self._db.write() as conn:
            done = conn.execute(delete(t).where(t.c.id == id))
            if done.rowcount:
                self._audit(conn, by, "subscriber.removed", id)
            return done.rowcount == 1

    # ------------------------------------------------------------------ endpoints
    @repeat_on_conflict
    def mark_working(self, id: str) -> None:
        """An endpoint took what was sent."""
        with self._db.write() as conn:
            conn.execute(
                update(t)
                .where(
                    t.c.id == id, t.c.state.in_([SubscriberState.ACTIVE, SubscriberState.CHECKING])
                )
                .values(state=SubscriberState.ACTIVE.value, failures=0, trouble="")
            )

    @repeat_on_conflict
    def mark_failed(self, id: str, trouble: str, *, last: bool) -> None:
        """An endpoint did not take it; after the last try it is switched off and its owner told."""
        now = self._clock.now()
        with self._db.write() as conn:
            values = {"failures": t.c.failures + 1, "failed_at": now, "trouble": trouble[:200]}
            live = [SubscriberState.ACTIVE.value, SubscriberState.CHECKING.value]
            done = conn.execute(update(t).where(t.c.id == id, t.c.state.in_(live)).values(**values))
            if not done.rowcount or not last:
                return
            conn.execute(update(t).where(t.c.id == id).values(state=SubscriberState.DISABLED.value))
            self._send(conn, outgoing_emails.DROPPED, id)
            self._audit(conn, "", "subscriber.disabled", id)
        self._jobs.wake()

    # ------------------------------------------------------------------ reading
    def by_token(self, token: str) -> Subscriber | None:
        """Whose page a link opens. An unanswered question grows too old to be answered."""
        with self._db.read() as conn:
            subscriber = _select_one(conn, t.c.token_hash == hashed(token))
        oldest = self._clock.now() - CONFIRM_WITHIN
        is_pending = subscriber is not None and subscriber.state is SubscriberState.PENDING
        return (
            None
            if subscriber is None or (is_pending and subscriber.created_at < oldest)
            else subscriber
        )

    def by_id(self, id: str) -> Subscriber | None:
        """One subscriber."""
        with self._db.read() as conn:
            return _select_one(conn, t.c.id == id)

    def active(self, after: str = "", limit: int = PAGE) -> tuple[Subscriber, ...]:
        """Those who hear, by id, a page at a time."""
        query = select(t).where(t.c.state == SubscriberState.ACTIVE.value, t.c.id > after)
        with self._db.read() as conn:
            rows = conn.execute(query.order_by(t.c.id).limit(limit))
            return tuple(_subscriber(row) for row in rows)

    def general_subscriptions_of_waiting(self, incident: str) -> tuple[Subscriber, ...]:
        """The active subscriptions to services of those who also wait for this incident."""
        waiting = t.alias()
        query = select(t).join(
            waiting,
            and_(*(t.c[name] == waiting.c[name] for name in ("kind", "address", "owner", "state"))),
        )
        is_beside = (waiting.c.incident == incident) & (t.c.incident == "")
        with self._db.read() as conn:
            rows = conn.execute(query.where(is_beside, t.c.state == SubscriberState.ACTIVE.value))
            return tuple(_subscriber(row) for row in rows)

    def all(self, after: str = "", limit: int = PAGE) -> tuple[Subscriber, ...]:
        """Everybody, by id, a page at a time."""
        with self._db.read() as conn:
            rows = conn.execute(select(t).where(t.c.id > after).order_by(t.c.id).limit(limit))
            return tuple(_subscriber(row) for row in rows)

    def counts(self) -> Mapping[tuple[str, str], int]:
        """How many there are, by (kind, state)."""
        query = select(t.c.kind, t.c.state, func.count()).group_by(t.c.kind, t.c.state)
        with self._db.read() as conn:
            return {(row[0], row[1]): row[2] for row in conn.execute(query)}

    def finish_email(self, letter: OutgoingEmail) -> OutgoingEmail | None:
        """A letter as it leaves; None when its reader has gone. Letters to others stay as they are."""
        if not letter.subscriber:
            return letter
        return self.links.finish(letter) if self.by_id(letter.subscriber) else None

    # ------------------------------------------------------------------ jobs and chores
    def enqueue_all(self, jobs: Sequence[Job]) -> int:
        """Put messages on their way, in one transaction; how many were new."""
        return enqueue_all(self._db, self._jobs, jobs)

    def forget_unconfirmed(self) -> int:
        """Forget questions that nobody answered."""
        oldest = self._clock.now() - CONFIRM_WITHIN
        unanswered = (t.c.state == SubscriberState.PENDING.value) & (t.c.created_at < oldest)
        return delete_in_slices(self._db, t, unanswered)

    def forget_unresponsive(self, before: datetime) -> int:
        """Forget endpoints that took nothing since before a time: they never answered the
        challenge, or were switched off. Their owners have been written to."""
        silent = (SubscriberState.CHECKING.value, SubscriberState.DISABLED.value)
        confirmed = t.c.confirmed_at.is_(None) | (t.c.confirmed_at < before)
        tried = t.c.failed_at.is_(None) | (t.c.failed_at < before)
        return delete_in_slices(self._db, t, t.c.state.in_(silent) & confirmed & tried)

    def follow_choices(
        self, components: Sequence[Component], remembered: Sequence[KnownComponent]
    ) -> None:
        """Bring choices to what has taken the place of groups, and tell those who have none left."""
        after = ""
        while page := self.active(after) if components else ():
            for subscriber in page:
                before = subscriber.preferences
                choice = current_choice(before, components, remembered)
                if choice != before:
                    self.change_preferences(subscriber.id, choice)
                elif subscriber.choice_gone_at is None and is_choice_gone(
                    choice, components, remembered, self._clock.now()
                ):
                    self.notify_choice_gone(subscriber.id)
            after = page[-1].id

    def end_with_incidents(self, is_over: Callable[[str], bool]) -> int:
        """Forget those who asked to hear of an incident until it is over; how many."""
        query = select(t.c.incident).where(t.c.incident > "").distinct()
        with self._db.read() as conn:
            incidents = [row.incident for row in conn.execute(query)]
        ended = [i for i in incidents if is_over(i)]
        return delete_in_slices(self._db, t, t.c.incident.in_(ended)) if ended else 0

    def _send(self, conn: Connection, about: str, id: str) -> None:
        now = self._clock.now()
        self._jobs.enqueue(
            conn, email_job(outgoing_emails.email_ref(about, id, now.timestamp()), now)
        )

    def _existing(self, conn: Connection, candidate: Subscriber) -> Subscriber | None:
        key = (t.c.kind == candidate.kind.value) & (t.c.address == candidate.address)
        same = (t.c.owner == candidate.owner) & (t.c.incident == candidate.preferences.incident)
        return _select_one(conn, key & same)

    def _hash(self, id: str) -> str:
        return hashed(self.links.token(id))

    def _audit(self, conn: Connection, by: str, action: str, id: str) -> None:
        write_audit(conn, AuditEntry(self._clock.now(), by, action, f"subscriber:{id}"))


def _select_one(conn: Connection, where: ColumnElement[bool]) -> Subscriber | None:
    row = conn.execute(select(t).where(where)).first()
    return None if row is None else _subscriber(row)


def _row(subscriber: Subscriber, token_hash: str) -> dict[str, object]:
    row = SUBSCRIBERS.to_row(subscriber, token_hash=token_hash)
    return row | PREFERENCES.to_row(subscriber.preferences)


def _subscriber(row: Row[Any]) -> Subscriber:
    return SUBSCRIBERS.from_row(row, preferences=PREFERENCES.from_row(row))
