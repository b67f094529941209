"""Effects asked for once, by kind and key: what keeps one letter or webhook from being queued a second time.

Remembered apart from the queue and for longer: a queue forgets a job soon after it is done; that the same letter must not be asked for twice holds
for months. Written in the transaction that puts the job in, whichever queue takes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from db.batched_delete import delete_in_slices
from db.engine import Database
from db.tables.jobs import effects
from db.upsert import insert_once, upsert
from jobs.model import Job


def remember(conn: Connection, kind: str, key: str, at: datetime) -> bool:
    """Note that an effect was asked for. False when it was before: then do not ask again."""
    return insert_once(conn, effects, {"kind": kind, "key": key, "at": at})


def remember_many(conn: Connection, jobs: Sequence[Job]) -> tuple[Job, ...]:
    """The same for jobs of one kind; those whose effect was not asked for before."""
    by_key = {job.key: job for job in jobs}
    if not by_key:
        return ()
    kind = next(iter(by_key.values())).kind
    query = select(effects.c.key).where(effects.c.kind == kind, effects.c.key.in_(list(by_key)))
    remembered = set(conn.execute(query).scalars())
    new = tuple(job for key, job in by_key.items() if key not in remembered)
    rows: list[dict[str, object]] = [
        {"kind": job.kind, "key": job.key, "at": job.run_after} for job in new
    ]
    upsert(conn, effects, rows, overwrite=False)
    return new


def forget(db: Database, before: datetime) -> int:
    """Forget effects that were asked for before a time: they may then be asked for again."""
    return delete_in_slices(db, effects, effects.c.at < before)
