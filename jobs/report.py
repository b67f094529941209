"""How the jobs stand, for operators: counts, what failed, and another try of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from clock import Clock
from db.engine import Database
from db.row_mapper import RowMapper
from db.tables.jobs import jobs as t
from jobs.queue import JobState


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs of a kind are in each state, and the oldest that should have begun."""

    kind: str
    waiting: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    due_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that was given up, or one that waits for another try. Its payload stays private."""

    id: int
    kind: str
    key: str
    attempts: int
    error: str
    at: datetime | None


FAILED = RowMapper(
    FailedJob,
    t,
    columns={"at": "finished_at"},
    others=("payload", "state", "run_after", "lease_until", "owner", "fence"),
)


class JobReport:
    """Reads the queue."""

    def __init__(self, db: Database, clock: Clock, wake: Callable[[], None] = lambda: None) -> None:
        self._db = db
        self._clock = clock
        self._wake = wake

    def tallies(self) -> tuple[JobCounts, ...]:
        """Every kind there is, by name."""
        query = select(t.c.kind, t.c.state, func.count(), func.min(t.c.run_after))
        found: dict[str, dict[str, int]] = {}
        due: dict[str, datetime] = {}
        now = self._clock.now()
        with self._db.read() as conn:
            for kind, state, count, oldest in conn.execute(query.group_by(t.c.kind, t.c.state)):
                found.setdefault(kind, {})[state] = count
                if state == JobState.WAITING and oldest <= now:
                    due[kind] = oldest
        return tuple(_tally(kind, found[kind], due.get(kind)) for kind in sorted(found))

    def failed(self, limit: int = 50) -> tuple[FailedJob, ...]:
        """Given up, newest first."""
        return self._some(t.c.state == JobState.FAILED, limit)

    def troubled(self, kind: str, ending: str) -> tuple[int, FailedJob | None]:
        """Of a kind and keys with an ending: how many wait or failed, and the newest trouble."""
        mine = (t.c.kind == kind) & t.c.key.endswith(ending, autoescape=True)
        open_ = mine & t.c.state.in_([JobState.WAITING, JobState.RUNNING, JobState.FAILED])
        with self._db.read() as conn:
            count = conn.execute(select(func.count()).where(open_)).scalar_one()
        return count, next(iter(self._some(open_ & (t.c.error != ""), 1)), None)

    def retry(self, id: int) -> bool:
        """Try a failed job once more. False when it is none."""
        values = {"state": JobState.WAITING, "run_after": self._clock.now(), "attempts": 0}
        with self._db.write() as conn:
            done = conn.execute(
                update(t).where(t.c.id == id, t.c.state == JobState.FAILED).values(**values)
            )
        if done.rowcount == 1:
            self._wake()
        return done.rowcount == 1

    def _some(self, where: ColumnElement[bool], limit: int) -> tuple[FailedJob, ...]:
        query = select(t).where(where).order_by(t.c.id.desc()).limit(limit)
        with self._db.read() as conn:
            return FAILED.all(conn.execute(query))


def _tally(kind: str, counts: Mapping[str, int], due: datetime | None) -> JobCounts:
    waiting, running, done, failed = (counts.get(state, 0) for state in JobState)
    return JobCounts(kind, waiting, running, done, failed, due)
