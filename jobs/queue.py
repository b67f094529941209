"""Jobs as rows: put in inside the sender's transaction, claimed by conditional update.

Owns the SQL of jobs. A claim carries a fence: only the newest claimant may finish a job.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from db.idempotency import insert_once
from db.tables.jobs import jobs
from jobs.model import Job

_ERROR_CHARS = 500


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that is ours until its lease ends, unless somebody with a newer fence took it."""

    job: Job
    fence: int


def enqueue(conn: Connection, job: Job) -> bool:
    """Put a job in, within the caller's transaction. False when the kind has the key already."""
    return insert_once(
        conn,
        jobs,
        {
            "kind": job.kind,
            "key": job.key,
            "payload": job.payload,
            "run_after": job.run_after,
        },
    )


def claim(
    conn: Connection, kind: str, *, now: datetime, lease: timedelta, owner: str, limit: int = 1
) -> tuple[ClaimedJob, ...]:
    """Take up to `limit` jobs of a kind that are due, or whose claimant has fallen silent."""
    due = or_(
        and_(jobs.c.state == JobState.WAITING, jobs.c.run_after <= now),
        and_(jobs.c.state == JobState.RUNNING, jobs.c.lease_until < now),
    )
    rows = conn.execute(
        select(jobs)
        .where(jobs.c.kind == kind, due)
        .order_by(jobs.c.run_after, jobs.c.id)
        .limit(limit)
    ).all()
    taken: list[ClaimedJob] = []
    for row in rows:
        changed = conn.execute(
            update(jobs)
            .where(jobs.c.id == row.id, jobs.c.fence == row.fence, due)
            .values(
                state=JobState.RUNNING,
                fence=row.fence + 1,
                attempts=row.attempts + 1,
                lease_until=now + lease,
                owner=owner,
            )
        )
        if changed.rowcount == 1:
            job = Job(row.kind, row.payload, row.key, row.run_after, row.id, row.attempts + 1)
            taken.append(ClaimedJob(job, row.fence + 1))
    return tuple(taken)


def _settle(conn: Connection, claimed: ClaimedJob, **values: object) -> bool:
    changed = conn.execute(
        update(jobs)
        .where(
            jobs.c.id == claimed.job.id,
            jobs.c.fence == claimed.fence,
            jobs.c.state == JobState.RUNNING,
        )
        .values(**values)
    )
    return changed.rowcount == 1


def renew(conn: Connection, claimed: ClaimedJob, until: datetime) -> bool:
    """Keep a claim alive. False when it is no longer ours."""
    return _settle(conn, claimed, lease_until=until)


def complete(conn: Connection, claimed: ClaimedJob, now: datetime) -> bool:
    """The job is done. False when the claim is no longer ours."""
    return _settle(conn, claimed, state=JobState.DONE, finished_at=now, lease_until=None, error="")


def retry(conn: Connection, claimed: ClaimedJob, at: datetime, error: str) -> bool:
    """Try again at a later time."""
    return _settle(
        conn,
        claimed,
        state=JobState.WAITING,
        run_after=at,
        lease_until=None,
        error=error[:_ERROR_CHARS],
    )


def release(conn: Connection, claimed: ClaimedJob, now: datetime) -> bool:
    """Hand a job back untouched, as when the engine stops."""
    return _settle(
        conn,
        claimed,
        state=JobState.WAITING,
        run_after=now,
        lease_until=None,
        attempts=max(0, claimed.job.attempts - 1),
    )


def fail(conn: Connection, claimed: ClaimedJob, now: datetime, error: str) -> bool:
    """Give up for good; the row stays, for operators to see."""
    return _settle(
        conn,
        claimed,
        state=JobState.FAILED,
        finished_at=now,
        lease_until=None,
        error=error[:_ERROR_CHARS],
    )


def owners(conn: Connection) -> tuple[str, ...]:
    """Whoever holds a job at this moment."""
    query = select(jobs.c.owner).where(jobs.c.state == JobState.RUNNING).distinct()
    return tuple(conn.execute(query).scalars())


def orphan(conn: Connection, dead: Iterable[str], now: datetime) -> int:
    """End the leases of owners that are known to be gone; others may claim their jobs at once."""
    freed = conn.execute(
        update(jobs)
        .where(jobs.c.state == JobState.RUNNING, jobs.c.owner.in_(list(dead)))
        .values(lease_until=now - timedelta(microseconds=1))
    )
    return freed.rowcount


def shift(conn: Connection, by: timedelta, now: datetime) -> int:
    """After the wall clock went back: what was due stays due. Says how many jobs moved."""
    ahead = select(jobs.c.id, jobs.c.run_after).where(
        jobs.c.state == JobState.WAITING, jobs.c.run_after > now
    )
    rows = conn.execute(ahead).all()
    for row in rows:
        conn.execute(
            update(jobs)
            .where(jobs.c.id == row.id, jobs.c.state == JobState.WAITING)
            .values(run_after=row.run_after + by)
        )
    return len(rows)


def counts(conn: Connection) -> Mapping[tuple[str, str], int]:
    """How many jobs there are, by (kind, state)."""
    rows = conn.execute(
        select(jobs.c.kind, jobs.c.state, func.count()).group_by(jobs.c.kind, jobs.c.state)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def forget(conn: Connection, before: datetime) -> int:
    """Delete jobs that were done before a time; their keys may then be used again."""
    gone = conn.execute(
        delete(jobs).where(jobs.c.state == JobState.DONE, jobs.c.finished_at < before)
    )
    return gone.rowcount
