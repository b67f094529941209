"""Rows of runs, their evidence and their share links. Owns their SQL.

Tokens are stored hashed. A run and its job, and its end and the news of it, commit together.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, delete, func, insert, select, update

from clock import Clock
from db.batched_delete import SLICE, repeat
from db.documents import declare_reader
from db.engine import Database, repeat_on_conflict
from db.row_mapper import DocumentColumn, RowMapper
from db.stored import Stored, UnreadableDocument
from db.tables.diagnostics import evidence as rows
from db.tables.diagnostics import places, runs, shares
from diagnostics.model import (
    FINISHED_JOB,
    Evidence,
    Item,
    Missing,
    Run,
    RunRef,
    RunState,
    Scope,
)
from jobs.model import Job
from jobs.queue import JobSender
from subject import STORED_UNREADABLE, Subject, SubjectKind
from wizard.reports.stored_evidence import decode, encode
from wizard.runs.limits import KINDS, Lane, LiveRun, RequesterKeys

LIVE = (RunState.QUEUED.value, RunState.RUNNING.value)
InTransaction = Callable[[Connection, Run], None]
# What follows from the end of a run (by id, at a moment), in the transaction that ends it.
OnFinish = Callable[[JobSender, Connection, str, datetime], object]
LONGEST_WAIT = timedelta(hours=1)  # a run that is older holds no place: it will never end
MAX_EVIDENCE = 400_000  # characters; an ordinary run has 120,000
TOO_MUCH = "more than is kept of one run"
SUBJECTS: Stored[Subject] = Stored("diagnostics.subject", Subject)
declare_reader(rows.c.body, decode)


def _subject_of_columns(row: Mapping[str, Any]) -> Subject:
    """What a run was about, by its own column, when the document of it cannot be read."""
    domain = row["domain"]
    return Subject(SubjectKind.DOMAIN, domain, domain, domain, caution=STORED_UNREADABLE)


RUNS = RowMapper(
    Run,
    runs,
    derived={"domain": lambda run: run.subject.domain},
    others=("version", "evidence_size"),
    documents={"subject": DocumentColumn(SUBJECTS, _subject_of_columns)},
)


def nothing_follows(jobs: JobSender, conn: Connection, run: str, at: datetime) -> None:
    """For stores whose runs nobody waits for."""
    del jobs, conn, run, at


def hash_token(token: str) -> str:
    """How a token is stored and looked up."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RunPlace:
    """Who holds a run's place, and the lane it gets among the runs that live; raises to refuse."""

    asker: RequesterKeys
    lane: Callable[[Iterable[LiveRun]], Lane]


def place_in(lane: Lane) -> RunPlace:
    """A place in a lane, whoever waits."""
    return RunPlace(RequesterKeys(), lambda _live: lane)


@dataclass(frozen=True, slots=True)
class ShareLink:
    """A read-only link to the public view of a run. Its token is known only to who made it."""

    id: int
    run: str
    created_at: datetime
    expires_at: datetime


SHARES = RowMapper(ShareLink, shares, others=("token_hash", "revoked_at"))


class RunStore:
    """What the web and the engine know of diagnoses."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        jobs: JobSender,
        on_finish: OnFinish = nothing_follows,
    ) -> None:
        self.db = db
        self.clock = clock
        self._jobs = jobs
        self._on_finish = on_finish

    @repeat_on_conflict
    def create(
        self,
        subject: Subject,
        scope: Scope,
        symptom: str,
        *,
        account: str = "",
        person: str = "",
        session: str = "",
        invite: str = "",
        previous: str = "",
        fresh: bool = False,
        answers: Mapping[str, str] | None = None,
        token: str = "",
        in_transaction: InTransaction | None = None,
        place: RunPlace,
    ) -> tuple[Run, str]:
        """A new run with its job, and the token of its report, told only here (or as given).

        `in_transaction` runs in the same transaction; raising in it makes neither run nor job.
        """
        token = token or secrets.token_urlsafe(24)
        run = Run(
            id="r" + secrets.token_hex(8),
            token_hash=hash_token(token),
            subject=subject,
            scope=scope,
            symptom=symptom,
            state=RunState.QUEUED,
            created_at=self.clock.now(),
            account=account,
            person=person,
            invite=invite,
            session=session,
            previous=previous,
            fresh=fresh,
            answers=dict(answers or {}),
        )
        with self.db.write() as conn:
            lane = place.lane(self._live(conn))
            conn.execute(insert(runs).values(RUNS.to_row(run)))
            held = {"lane": lane, "asker": place.asker.key, "network": place.asker.network}
            conn.execute(insert(places).values(run=run.id, **held))
            self._jobs.enqueue(conn, _job(KINDS[lane], run.id, run.created_at))
            if in_transaction is not None:
                in_transaction(conn, run)
        self._jobs.wake()
        return run, token

    def by_id(self, id: str) -> Run | None:
        with self.db.read() as conn:
            return RUNS.first(conn.execute(select(runs).where(runs.c.id == id)))

    def by_token(self, token: str) -> Run | None:
        """The run whose report has this token; a share link's token is not one."""
        with self.db.read() as conn:
            query = select(runs).where(runs.c.token_hash == hash_token(token))
            return RUNS.first(conn.execute(query))

    def recent(
        self, *, domain: str = "", account: str = "", person: str = "", limit: int = 10
    ) -> tuple[Run, ...]:
        """The newest runs of a domain, account or person (all that are given must match)."""
        criteria = {runs.c.domain: domain, runs.c.account: account, runs.c.person: person}
        query = select(runs).order_by(runs.c.created_at.desc()).limit(limit)
        for column, value in criteria.items():
            query = query.where(column == value) if value else query
        with self.db.read() as conn:
            return RUNS.all(conn.execute(query))

    # ---------------------------------------------------------------- running
    @repeat_on_conflict
    def claim(self, id: str) -> Run | None:
        """Begin a run, or begin again one whose engine died. None when it has already ended."""
        with self.db.write() as conn:
            changed = conn.execute(
                update(runs)
                .where(runs.c.id == id, runs.c.state.in_(LIVE))
                .values(
                    state=RunState.RUNNING.value,
                    started_at=self.clock.now(),
                    version=runs.c.version + 1,
                )
            )
            if changed.rowcount != 1:
                return None
            return RUNS.first(conn.execute(select(runs).where(runs.c.id == id)))

    @repeat_on_conflict
    def save_item(self, id: str, item: Item[object]) -> bool:
        """Keep what a collector brought; a second landing replaces the first. False when over.
        Of what strangers have checked no more is kept than MAX_EVIDENCE."""
        body = encode(item).decode()
        with self.db.write() as conn:
            scope = conn.execute(select(runs.c.scope).where(runs.c.id == id)).scalar()
            size = _size_besides(conn, id, item.key)
            if scope == Scope.PUBLIC and size + len(body) > MAX_EVIDENCE:
                too_much = replace(item, value=None, missing=Missing.TROUBLE, detail=TOO_MUCH)
                body = encode(too_much).decode()
            changed = conn.execute(
                update(runs)
                .where(runs.c.id == id, runs.c.state == RunState.RUNNING.value)
                .values(version=runs.c.version + 1, evidence_size=size + len(body))
            )
            if changed.rowcount != 1:
                return False
            conn.execute(delete(rows).where(rows.c.run == id, rows.c.key == item.key))
            conn.execute(insert(rows).values(run=id, key=item.key, body=body))
            return True

    @repeat_on_conflict
    def finish(self, id: str, state: RunState = RunState.DONE) -> bool:
        """End a run once, and enqueue the news of it in the same transaction."""
        now = self.clock.now()
        with self.db.write() as conn:
            changed = conn.execute(
                update(runs)
                .where(runs.c.id == id, runs.c.state.in_(LIVE))
                .values(state=state.value, finished_at=now, version=runs.c.version + 1)
            )
            ended = changed.rowcount == 1
            if ended:
                conn.execute(delete(places).where(places.c.run == id))
                self._jobs.enqueue(conn, _job(FINISHED_JOB, id, now))
                self._on_finish(self._jobs, conn, id, now)
        if ended:
            self._jobs.wake()
        return ended

    @repeat_on_conflict
    def answer(self, id: str, answers: Mapping[str, str]) -> None:
        """Keep what the customer answered to the follow-up questions."""
        with self.db.write() as conn:
            values = {"answers": dict(answers), "version": runs.c.version + 1}
            conn.execute(update(runs).where(runs.c.id == id).values(**values))

    def evidence(self, id: str) -> Evidence:
        """What has landed so far. A row that no longer reads is told as not seen."""
        with self.db.read() as conn:
            stored = conn.execute(select(rows.c.key, rows.c.body).where(rows.c.run == id)).all()
        return Evidence({key: _item(key, body, self.clock.now()) for key, body in stored})

    def version(self, id: str) -> int:
        """A number that grows with everything that changes in a run; 0 for no such run."""
        with self.db.read() as conn:
            return int(conn.execute(select(runs.c.version).where(runs.c.id == id)).scalar() or 0)

    def count_before(self, run: Run) -> int:
        """How many runs wait before this one in its lane; the others do not hold it up."""
        with self.db.read() as conn:
            lane = conn.execute(select(places.c.lane).where(places.c.run == run.id)).scalar()
            if lane is None:
                return 0
            waiting = _waiting(lane).where(runs.c.created_at < run.created_at)
            return int(conn.execute(waiting).scalar_one())

    def count_waiting(self, *lanes: Lane) -> int:
        """How many runs wait to begin, in these lanes or in all."""
        with self.db.read() as conn:
            return int(conn.execute(_waiting(*lanes)).scalar_one())

    def live(self) -> tuple[LiveRun, ...]:
        """Who holds which place."""
        with self.db.read() as conn:
            return self._live(conn)

    def _live(self, conn: Connection) -> tuple[LiveRun, ...]:
        since = self.clock.now() - LONGEST_WAIT
        query = (
            select(places, runs.c.domain, runs.c.state)
            .join(runs, runs.c.id == places.c.run)
            .where(runs.c.state.in_(LIVE), runs.c.created_at > since)
        )
        return tuple(
            LiveRun(
                Lane(row.lane),
                row.asker,
                row.network,
                row.domain,
                row.state == RunState.QUEUED.value,
            )
            for row in conn.execute(query)
        )

    # ---------------------------------------------------------------- sharing
    @repeat_on_conflict
    def share(self, run: str, valid: timedelta) -> tuple[ShareLink, str]:
        """A new share link of a run, and its token, told only here."""
        token = secrets.token_urlsafe(24)
        now = self.clock.now()
        values = {"run": run, "created_at": now, "expires_at": now + valid}
        with self.db.write() as conn:
            statement = (
                insert(shares).values(token_hash=hash_token(token), **values).returning(shares.c.id)
            )
            number = int(conn.execute(statement).scalar_one())
        return ShareLink(number, run, now, now + valid), token

    def by_share(self, token: str) -> Run | None:
        """The run a living share link points to."""
        alive = (shares.c.expires_at > self.clock.now()) & shares.c.revoked_at.is_(None)
        query = (
            select(runs)
            .join(shares, shares.c.run == runs.c.id)
            .where(shares.c.token_hash == hash_token(token), alive)
        )
        with self.db.read() as conn:
            return RUNS.first(conn.execute(query))

    def shares(self, run: str) -> tuple[ShareLink, ...]:
        """The living share links of a run, oldest first."""
        alive = (shares.c.expires_at > self.clock.now()) & shares.c.revoked_at.is_(None)
        query = select(shares).where(shares.c.run == run, alive).order_by(shares.c.id)
        with self.db.read() as conn:
            return SHARES.all(conn.execute(query))

    @repeat_on_conflict
    def revoke(self, run: str, share: int) -> bool:
        """End a share link of this run at once."""
        with self.db.write() as conn:
            changed = conn.execute(
                update(shares)
                .where(shares.c.id == share, shares.c.run == run, shares.c.revoked_at.is_(None))
                .values(revoked_at=self.clock.now())
            )
            return changed.rowcount == 1

    def forget(self, before: datetime) -> int:
        """Delete ended runs older than a time, with their evidence and links, slice by slice."""
        expired = (runs.c.created_at < before) & runs.c.state.not_in(LIVE)
        query = select(runs.c.id).where(expired).limit(SLICE)

        def step() -> int:
            with self.db.write() as conn:
                ids = list(conn.execute(query).scalars())
                delete_runs(conn, ids)
            return len(ids)

        return repeat(step)


def delete_runs(conn: Connection, ids: Sequence[str]) -> None:
    """Delete runs with all that belongs to them."""
    for column in (rows.c.run, shares.c.run, places.c.run, runs.c.id):
        conn.execute(delete(column.table).where(column.in_(ids)))


def _size_besides(conn: Connection, run: str, key: str) -> int:
    """Characters of a run's evidence, without one item."""
    total = func.coalesce(func.sum(func.length(rows.c.body)), 0)
    query = select(total).where(rows.c.run == run, rows.c.key != key)
    return int(conn.execute(query).scalar_one())


def _waiting(*lanes: str) -> Select[int]:
    count = select(func.count()).where(runs.c.state == RunState.QUEUED.value)
    if not lanes:
        return count.select_from(runs)
    return count.select_from(runs).join(places).where(places.c.lane.in_(lanes))


def _job(kind: str, run: str, at: datetime) -> Job:
    return Job(kind, msgspec.json.encode(RunRef(run)).decode(), run, at)


def _item(key: str, body: str, now: datetime) -> Item[object]:
    try:
        return decode(body.encode())
    except UnreadableDocument:
        return Item(key, None, now, missing=Missing.TROUBLE, detail="unreadable")
