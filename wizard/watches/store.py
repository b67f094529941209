"""Rows of watches, with the jobs and e-mails that follow from a change in the same transaction.

Every step is a conditional update on what it follows from, so that a step done twice is done once.
Tokens follow from ids and the house's secret; nothing that opens anything is stored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from accounts.random_tokens import fresh_id, hashed
from clock import Clock
from db.batched_delete import delete_in_slices
from db.engine import Database, repeat_on_conflict
from db.row_mapper import RowMapper
from db.tables.diagnostics import watches as t
from db.upsert import insert_once
from diagnostics.model import Run
from jobs.model import Job
from jobs.queue import JobSender
from messages import email_job
from wizard.watches import outgoing_emails
from wizard.watches.model import (
    CONFIRMATION_PERIOD,
    LANDED_JOB,
    LIFETIME,
    LOOK_JOB,
    FinishedLookRef,
    Watch,
    WatchRef,
    WatchState,
)
from wizard.watches.recheck_pauses import FIRST_PAUSE

_MARK = re.compile(r"\[\[(watch|watch-report):([0-9a-f]{24}(?::\d{1,3})?)\]\]")
_LAST_EMAIL = {
    WatchState.RECOVERED: outgoing_emails.WELL,
    WatchState.GAVE_UP: outgoing_emails.GAVE_UP,
}
WATCHES = RowMapper(Watch, t, others=("token_hash", "slot"))


class AlreadyTaken(Exception):
    """Somebody else has taken this step, or the watch has ended."""


class WatchStore:
    """What is watched for whom."""

    def __init__(self, db: Database, clock: Clock, secret: bytes, jobs: JobSender) -> None:
        self._db = db
        self._clock = clock
        self._secret = secret
        self._jobs = jobs

    # ------------------------------------------------------------------ tokens
    def token(self, id: str) -> str:
        """What opens a watch's own page."""
        return self._signed("watch", id)

    def report_token(self, look_name: str) -> str:
        """What opens the report of a look; see Watch.look_name."""
        return self._signed("watch-report", look_name)

    def _signed(self, purpose: str, id: str) -> str:
        digest = hmac.new(self._secret, f"{purpose}:{id}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def with_links(self, text: str, site: str) -> str:
        """A letter's text with its marks replaced by working addresses."""

        def address(match: re.Match[str]) -> str:
            if match[1] == "watch":
                return f"{site}/watch/{self.token(match[2])}"
            return f"{site}/r/{self.report_token(match[2])}"

        return _MARK.sub(address, text)

    # ------------------------------------------------------------------ beginning and stopping
    @repeat_on_conflict
    def begin(self, run: Run, person: str, email: str, lang: str, *, confirmed: bool) -> Watch:
        """Watch a run's problems for one mailbox; the one already under way when there is one."""
        now = self._clock.now()
        watch = Watch(
            id=fresh_id(),
            first=run.id,
            domain=run.subject.domain,
            scope=run.scope,
            account=run.account,
            person=person,
            email=email,
            lang=lang,
            state=WatchState.ACTIVE if confirmed else WatchState.PENDING,
            created_at=now,
            until=now + LIFETIME,
            next_at=now + FIRST_PAUSE if confirmed else None,
        )
        with self._db.write() as conn:
            outdated = and_(
                t.c.state == WatchState.PENDING.value,
                t.c.created_at <= now - CONFIRMATION_PERIOD,
            )
            conn.execute(delete(t).where(outdated))
            token_hash = hashed(self.token(watch.id))
            row = WATCHES.to_row(watch, token_hash=token_hash, slot=_unique_slot(watch))
            if not insert_once(conn, t, row):
                existing = conn.execute(select(t).where(t.c.slot == _unique_slot(watch)))
                return WATCHES.first(existing) or watch
            if confirmed:
                self._jobs.enqueue(conn, _look_job(watch))
            about = outgoing_emails.BEGUN if confirmed else outgoing_emails.CONFIRM
            self._jobs.enqueue(conn, email_job(outgoing_emails.email_ref(watch, about), now))
        self._jobs.wake()
        return watch

    @repeat_on_conflict
    def confirm(self, id: str) -> bool:
        """The mailbox says yes. False when it is too late, or was said already."""
        now = self._clock.now()
        values = {
            "state": WatchState.ACTIVE.value,
            "until": now + LIFETIME,
            "next_at": now + FIRST_PAUSE,
        }
        with self._db.write() as conn:
            waiting = and_(
                t.c.state == WatchState.PENDING.value, t.c.created_at > now - CONFIRMATION_PERIOD
            )
            changed = conn.execute(update(t).where(t.c.id == id, waiting).values(**values))
            if changed.rowcount != 1:
                return False
            watch = WATCHES.first(conn.execute(select(t).where(t.c.id == id)))
            if watch is not None:
                self._jobs.enqueue(conn, _look_job(watch))
        self._jobs.wake()
        return True

    @repeat_on_conflict
    def stop(self, id: str) -> bool:
        """End a watch without a letter. False when it had ended."""
        values = {
            "state": WatchState.STOPPED.value,
            "ended_at": self._clock.now(),
            "next_at": None,
            "slot": None,
        }
        live = t.c.state.in_([WatchState.PENDING.value, WatchState.ACTIVE.value])
        with self._db.write() as conn:
            updated = conn.execute(update(t).where(t.c.id == id, live).values(**values))
            return updated.rowcount == 1

    # ------------------------------------------------------------------ looking
    def record_look(self, conn: Connection, watch: Watch, run: str) -> None:
        """A look has begun, in the transaction that makes its run. Raises AlreadyTaken."""
        done = conn.execute(
            update(t)
            .where(t.c.id == watch.id, _is_active(), t.c.looks == watch.looks)
            .where(t.c.judged == watch.looks)
            .values(run=run, looks=watch.looks + 1)
        )
        if done.rowcount != 1:
            raise AlreadyTaken

    @repeat_on_conflict
    def schedule_look(self, watch: Watch, good: int, after: timedelta) -> bool:
        """The look is judged, and there is to be another one. False when it was judged already."""
        at = min(self._clock.now() + after, max(watch.until, self._clock.now()))
        then = replace(watch, judged=watch.looks, good=good, next_at=at)
        with self._db.write() as conn:
            done = conn.execute(
                update(t)
                .where(t.c.id == watch.id, _is_active(), t.c.run == (watch.run or None))
                .where(t.c.looks == watch.looks, t.c.judged == watch.judged)
                .values(judged=then.judged, good=good, next_at=at)
            )
            return done.rowcount == 1 and self._jobs.enqueue(conn, _look_job(then))

    @repeat_on_conflict
    def end(self, watch: Watch, state: WatchState) -> bool:
        """End it and tell its reader, both or neither, and once."""
        ended = replace(watch, state=state, ended_at=self._clock.now(), next_at=None)
        with self._db.write() as conn:
            updated = conn.execute(
                update(t)
                .where(t.c.id == watch.id, _is_active(), t.c.looks == watch.looks)
                .values(
                    state=state.value,
                    ended_at=ended.ended_at,
                    next_at=None,
                    slot=None,
                    judged=watch.looks,
                )
            )
            has_ended = updated.rowcount == 1
            if has_ended:
                about = _LAST_EMAIL[state]
                ref = outgoing_emails.email_ref(ended, about)
                self._jobs.enqueue(conn, email_job(ref, self._clock.now()))
        if has_ended:
            self._jobs.wake()
        return has_ended

    # ------------------------------------------------------------------ reading
    def by_id(self, id: str) -> Watch | None:
        """One watch."""
        with self._db.read() as conn:
            return WATCHES.first(conn.execute(select(t).where(t.c.id == id)))

    def by_token(self, token: str) -> Watch | None:
        """Whose page a link opens. An unanswered question grows too old to be answered."""
        with self._db.read() as conn:
            watch = WATCHES.first(conn.execute(select(t).where(t.c.token_hash == hashed(token))))
        oldest = self._clock.now() - CONFIRMATION_PERIOD
        is_late = watch and watch.state is WatchState.PENDING and watch.created_at < oldest
        return None if is_late else watch

    def of_run(self, run: Run) -> Watch | None:
        """The newest watch that a run is the first or the last of, or that its asker has on the
        same domain already."""
        same_person = and_(t.c.domain == run.subject.domain, t.c.person == run.person, _is_active())
        same_watch = same_person if run.person else t.c.first == run.id
        query = select(t).where(or_(t.c.first == run.id, t.c.run == run.id, same_watch))
        with self._db.read() as conn:
            return WATCHES.first(conn.execute(query.order_by(t.c.created_at.desc())))

    def of_person(self, person: str) -> tuple[Watch, ...]:
        """What is watched for a person, the newest first."""
        query = select(t).where(t.c.person == person, _is_open(self._clock.now()))
        with self._db.read() as conn:
            return WATCHES.all(conn.execute(query.order_by(t.c.created_at.desc())))

    def count(self, person: str = "") -> int:
        """How many are under way, for one person or altogether."""
        query = select(func.count()).select_from(t).where(_is_open(self._clock.now()))
        if person:
            query = query.where(t.c.person == person)
        with self._db.read() as conn:
            return int(conn.execute(query).scalar_one())

    def forget(self, before: datetime) -> int:
        """Delete watches that ended, or were never confirmed, and began before a time."""
        ended = t.c.state.not_in([WatchState.ACTIVE.value])
        return delete_in_slices(self._db, t, ended & (t.c.created_at < before))


def enqueue_verdict(jobs: JobSender, conn: Connection, run: str, now: datetime) -> bool:
    """In the transaction that ends a run: if it is a look of a watch, have it judged."""
    watch = conn.execute(select(t.c.id).where(t.c.run == run, _is_active())).first()
    if watch is None:
        return False
    payload = msgspec.json.encode(FinishedLookRef(watch.id, run)).decode()
    return jobs.enqueue(conn, Job(LANDED_JOB, payload, f"{watch.id}:{run}", now))


def _is_active() -> ColumnElement[bool]:
    return t.c.state == WatchState.ACTIVE.value


def _is_open(now: datetime) -> ColumnElement[bool]:
    """Active, or waiting for a yes that may still come."""
    is_pending = and_(
        t.c.state == WatchState.PENDING.value, t.c.created_at > now - CONFIRMATION_PERIOD
    )
    return or_(t.c.state == WatchState.ACTIVE.value, is_pending)


def _look_job(watch: Watch) -> Job:
    payload = msgspec.json.encode(WatchRef(watch.id, watch.looks)).decode()
    at = watch.next_at or watch.created_at
    return Job(LOOK_JOB, payload, f"{watch.id}:{watch.looks}", at)


def _unique_slot(watch: Watch) -> str:
    return f"{watch.domain} {watch.person}"
