"""The queue in our own tables: jobs as rows, claimed by conditional update. Owns their SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)

from db.batched_delete import SLICE, delete_slice
from db.engine import Database, repeat_on_conflict
from db.row_mapper import RowMapper
from db.tables.jobs import effects as effects_table
from db.tables.jobs import jobs as t
from db.upsert import insert_once, upsert
from jobs import effects
from jobs.model import ClaimedJob, ClaimLimit, FailedJob, Job, JobCounts, JobState

_ERROR_CHARS = 500
FAILED = RowMapper(
    FailedJob,
    t,
    columns={"at": "finished_at"},
    others=("payload", "state", "run_after", "lease_until", "owner", "fence"),
)
_OPEN = (JobState.WAITING, JobState.RUNNING, JobState.FAILED)
_MOVE = (
    update(t)
    .where(
        t.c.id == bindparam("job"),
        t.c.state == JobState.WAITING,
        t.c.run_after == bindparam("was"),
    )
    .values(run_after=bindparam("becomes"))
)


def _nobody() -> None:
    """Nobody to wake: workers look each second anyway."""


def _new_row(job: Job) -> dict[str, object]:
    return {
        "kind": job.kind,
        "key": job.key,
        "payload": job.payload,
        "run_after": job.run_after,
    }


class DatabaseSender:
    """Puts jobs in. `wake` tells workers of it."""

    def __init__(self, wake: Callable[[], None] = _nobody) -> None:
        self._wake = wake

    def enqueue(self, conn: Connection, job: Job) -> bool:
        """See JobSender."""
        if not effects.remember(conn, job.kind, job.key, job.run_after):
            return False
        return insert_once(conn, t, _new_row(job))

    def enqueue_many(self, conn: Connection, jobs: Sequence[Job]) -> None:
        """See JobSender."""
        new = effects.remember_many(conn, jobs)
        upsert(conn, t, [_new_row(job) for job in new], overwrite=False)

    def wake(self) -> None:
        """See JobSender."""
        self._wake()


class DatabaseQueue(DatabaseSender):
    """Our own queue, on SQLite and PostgreSQL. See Queue."""

    def __init__(self, db: Database, wake: Callable[[], None] = _nobody) -> None:
        super().__init__(wake)
        self._db = db
        self._clock = db.clock

    # ------------------------------------------------------------------ claiming
    def due(self, kinds: Iterable[str]) -> frozenset[str]:
        """See Queue. One statement, one or two steps into an index for each kind."""
        kind_names, now = tuple(kinds), self._clock.now()
        if not kind_names:
            return frozenset()
        with self._db.read() as conn:
            answers = conn.execute(_due_query(kind_names), {"now": now}).one()
        return frozenset(kind for kind, is_due in zip(kind_names, answers, strict=True) if is_due)

    @repeat_on_conflict
    def claim(self, limits: Mapping[str, ClaimLimit], owner: str) -> tuple[ClaimedJob, ...]:
        """See Queue."""
        with self._db.write() as conn:
            return tuple(
                claimed
                for kind, limit in limits.items()
                for claimed in self._claim(conn, kind, limit, owner)
            )

    def _claim(
        self, conn: Connection, kind: str, limit: ClaimLimit, owner: str
    ) -> Iterable[ClaimedJob]:
        now = self._clock.now()
        first_due_at = (
            select(effects_table.c.at)
            .where(effects_table.c.kind == t.c.kind, effects_table.c.key == t.c.key)
            .scalar_subquery()
            .label("first_due_at")
        )
        query = (
            select(t, first_due_at)
            .where(t.c.kind == kind, _is_due(now))
            .order_by(t.c.run_after, t.c.id)
        )
        for row in conn.execute(query.limit(limit.slots)).all():
            values = {
                "state": JobState.RUNNING,
                "fence": row.fence + 1,
                "attempts": row.attempts + 1,
                "lease_until": now + limit.lease,
                "owner": owner,
            }
            still_ours = and_(t.c.id == row.id, t.c.fence == row.fence, _is_due(now))
            if conn.execute(update(t).where(still_ours).values(**values)).rowcount == 1:
                job = Job(
                    row.kind,
                    row.payload,
                    row.key,
                    row.run_after,
                    row.id,
                    row.attempts + 1,
                    row.first_due_at,
                )
                yield ClaimedJob(job, row.fence + 1)

    # ------------------------------------------------------------------ outcomes
    @repeat_on_conflict
    def _update(self, claimed: ClaimedJob, **values: object) -> bool:
        ours = and_(
            t.c.id == claimed.job.id, t.c.fence == claimed.fence, t.c.state == JobState.RUNNING
        )
        with self._db.write() as conn:
            return conn.execute(update(t).where(ours).values(**values)).rowcount == 1

    def renew(self, claimed: ClaimedJob, lease: timedelta) -> bool:
        """See Queue."""
        return self._update(claimed, lease_until=self._clock.now() + lease)

    def complete(self, claimed: ClaimedJob) -> bool:
        """See Queue."""
        return self._update(
            claimed,
            state=JobState.DONE,
            finished_at=self._clock.now(),
            lease_until=None,
            error="",
        )

    def retry(self, claimed: ClaimedJob, after: timedelta, error: str) -> bool:
        """See Queue."""
        return self._update(
            claimed,
            state=JobState.WAITING,
            run_after=self._clock.now() + after,
            lease_until=None,
            error=error[:_ERROR_CHARS],
        )

    def release(self, claimed: ClaimedJob, *, begun: bool = False) -> bool:
        """See Queue."""
        return self._update(
            claimed,
            state=JobState.WAITING,
            run_after=self._clock.now(),
            lease_until=None,
            attempts=claimed.job.attempts - (0 if begun else 1),
        )

    def fail(self, claimed: ClaimedJob, error: str) -> bool:
        """See Queue."""
        return self._update(
            claimed,
            state=JobState.FAILED,
            finished_at=self._clock.now(),
            lease_until=None,
            error=error[:_ERROR_CHARS],
        )

    # ------------------------------------------------------------------ after a fall
    def owners(self) -> frozenset[str]:
        """See Queue."""
        query = select(t.c.owner).where(t.c.state == JobState.RUNNING).distinct()
        with self._db.read() as conn:
            return frozenset(conn.execute(query).scalars())

    @repeat_on_conflict
    def orphan(self, owners: Collection[str]) -> int:
        """See Queue."""
        is_running_there = and_(t.c.state == JobState.RUNNING, t.c.owner.in_(list(owners)))
        ended = self._clock.now() - timedelta(microseconds=1)
        with self._db.write() as conn:
            return conn.execute(
                update(t).where(is_running_there).values(lease_until=ended)
            ).rowcount

    def shift(self, by: timedelta) -> int:
        """See Queue. In slices, each its own transaction, so that other writers come in between;
        a job that was claimed or put off meanwhile has its right time already."""
        waiting = and_(t.c.state == JobState.WAITING, t.c.run_after > self._clock.now())
        with self._db.read() as conn:
            rows = conn.execute(select(t.c.id, t.c.run_after).where(waiting)).all()
        moves = [{"job": job, "was": due, "becomes": due + by} for job, due in rows]
        moved = 0
        for start in range(0, len(moves), SLICE):
            with self._db.write() as conn:
                moved += conn.execute(_MOVE, moves[start : start + SLICE]).rowcount
        return moved

    # ------------------------------------------------------------------ for operators
    def counts(self) -> tuple[JobCounts, ...]:
        """See Queue."""
        query = select(t.c.kind, t.c.state, func.count(), func.min(t.c.run_after))
        numbers: dict[str, dict[str, int]] = {}
        due: dict[str, datetime] = {}
        now = self._clock.now()
        with self._db.read() as conn:
            for kind, state, count, oldest in conn.execute(query.group_by(t.c.kind, t.c.state)):
                numbers.setdefault(kind, {})[state] = count
                if state == JobState.WAITING and oldest <= now:
                    due[kind] = oldest
        return tuple(_counts(kind, numbers[kind], due.get(kind)) for kind in sorted(numbers))

    def stalled(self, since: datetime) -> Mapping[str, datetime]:
        """See Queue. A job that runs neither stands nor shows that its kind moves."""
        is_overdue = and_(_is_due(self._clock.now()), t.c.run_after < since)
        oldest = select(t.c.kind, func.min(t.c.run_after)).where(is_overdue).group_by(t.c.kind)
        put_off = and_(t.c.state == JobState.WAITING, t.c.attempts > 0, t.c.run_after >= since)
        with self._db.read() as conn:
            due = {row.kind: row[1] for row in conn.execute(oldest)}
            moved = select(t.c.kind).where(
                t.c.kind.in_(list(due)), or_(t.c.finished_at >= since, put_off)
            )
            moving = set(conn.execute(moved.distinct()).scalars()) if due else set()
        return {kind: at for kind, at in due.items() if kind not in moving}

    def failed(self, limit: int = 50) -> tuple[FailedJob, ...]:
        """See Queue."""
        with self._db.read() as conn:
            return _failed(conn, t.c.state == JobState.FAILED, limit)

    def unfinished(self, kind: str, ending: str) -> tuple[int, FailedJob | None]:
        """See Queue."""
        matching = (t.c.kind == kind) & t.c.key.endswith(ending, autoescape=True)
        open_ = matching & t.c.state.in_(_OPEN)
        with self._db.read() as conn:
            count = conn.execute(select(func.count()).where(open_)).scalar_one()
            return count, next(iter(_failed(conn, open_ & (t.c.error != ""), 1)), None)

    def open_keys(self, kind: str) -> frozenset[str]:
        """See Queue."""
        is_open = (t.c.kind == kind) & t.c.state.in_((JobState.WAITING, JobState.RUNNING))
        with self._db.read() as conn:
            return frozenset(conn.execute(select(t.c.key).where(is_open)).scalars())

    @repeat_on_conflict
    def run_again(self, id: int) -> bool:
        """See Queue."""
        values = {
            "state": JobState.WAITING,
            "run_after": self._clock.now(),
            "attempts": 0,
            "finished_at": None,
        }
        failed = and_(t.c.id == id, t.c.state == JobState.FAILED)
        with self._db.write() as conn:
            changed = conn.execute(update(t).where(failed).values(**values)).rowcount == 1
        if changed:
            self.wake()
        return changed

    def forget(self, done_before: datetime, failed_before: datetime) -> int:
        """See Queue."""
        old = or_(
            and_(t.c.state == JobState.DONE, t.c.finished_at < done_before),
            and_(t.c.state == JobState.FAILED, t.c.finished_at < failed_before),
        )
        return delete_slice(self._db, t, old)


@lru_cache(maxsize=64)  # asked each second, of hardly ever other kinds
def _due_query(kinds: tuple[str, ...]) -> Executable:
    """Whether something of each kind is due at a moment `now`."""
    due = _is_due(bindparam("now", type_=t.c.run_after.type))
    return select(*(exists().where(t.c.kind == kind, due) for kind in kinds))


def _is_due(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Waiting and due, or claimed by somebody who has fallen silent."""
    return or_(
        and_(t.c.state == JobState.WAITING, t.c.run_after <= now),
        and_(t.c.state == JobState.RUNNING, t.c.lease_until < now),
    )


def _counts(kind: str, numbers: Mapping[str, int], due: datetime | None) -> JobCounts:
    waiting, running, done, failed = (numbers.get(state, 0) for state in JobState)
    return JobCounts(kind, waiting, running, done, failed, due)


def _failed(conn: Connection, where: ColumnElement[bool], limit: int) -> tuple[FailedJob, ...]:
    query = select(t).where(where).order_by(t.c.id.desc()).limit(limit)
    return FAILED.all(conn.execute(query))
