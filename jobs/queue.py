"""The interface of a queue of jobs, for senders, workers and operators.
tests/contracts/test_jobs.py holds every implementation to it; database_queue.py is the one in our
own tables.

Senders know JobSender only, never which queue stands behind it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from db.engine import Database, repeat_on_conflict
from jobs.model import ClaimedJob, ClaimLimit, FailedJob, Job, JobCounts


class JobSender(Protocol):
    """What whoever asks for work needs."""

    def enqueue(self, conn: Connection, job: Job) -> bool:
        """Put a job in, within the caller's transaction: both are there, or neither.

        False, and nothing happens, when the kind has had this key already (effects.py).
        """
        ...

    def enqueue_many(self, conn: Connection, jobs: Sequence[Job]) -> None:
        """Put many jobs of one kind in at once, for senders of thousands: a few statements, so that
        other writers hardly wait. Those whose key the kind has had already are passed over."""
        ...

    def wake(self) -> None:
        """Tell workers after the commit that there is something to do. Never fails."""
        ...


@repeat_on_conflict
def enqueue_all(db: Database, sender: JobSender, jobs: Collection[Job]) -> int:
    """Put jobs in that nobody has put in yet, in a transaction of their own; how many were new."""
    with db.write() as conn:
        new = sum(sender.enqueue(conn, job) for job in jobs)
    if new:
        sender.wake()
    return new


class Queue(JobSender, Protocol):
    """A queue. Each method but enqueue is a transaction of its own; all raise DatabaseAway.

    A claim lasts for its lease and carries a fence: once somebody else has claimed the job, every
    later word of the slow claimant is refused with False.
    """

    def due(self, kinds: Iterable[str]) -> frozenset[str]:
        """Which of these kinds have a job that can be claimed now. Reads only, and is cheap."""
        ...

    def claim(self, limits: Mapping[str, ClaimLimit], owner: str) -> tuple[ClaimedJob, ...]:
        """Take jobs that are due, or whose claimant has fallen silent: of each kind up to its
        slots, the longest due first, so that a crowd of one kind keeps no other waiting."""
        ...

    def renew(self, claimed: ClaimedJob, lease: timedelta) -> bool:
        """Keep a claim for another lease from now."""
        ...

    def complete(self, claimed: ClaimedJob) -> bool:
        """The job is done."""
        ...

    def retry(self, claimed: ClaimedJob, after: timedelta, error: str) -> bool:
        """Have it run again later."""
        ...

    def release(self, claimed: ClaimedJob, *, begun: bool = False) -> bool:
        """Hand a job back. One that was begun counts as an attempt, for its effect may be out."""
        ...

    def fail(self, claimed: ClaimedJob, error: str) -> bool:
        """Give up for good; the job stays, for operators to see."""
        ...

    def owners(self) -> frozenset[str]:
        """Whoever holds a job at this moment."""
        ...

    def orphan(self, owners: Collection[str]) -> int:
        """End the leases of owners that are known to be gone; how many jobs are free now."""
        ...

    def shift(self, by: timedelta) -> int:
        """After the wall clock was set by `by`: what was to wait waits no longer than it was to.
        How many jobs moved. Other writers are not kept waiting for all of them."""
        ...

    def counts(self) -> tuple[JobCounts, ...]:
        """Every kind there is, by name."""
        ...

    def stalled(self, since: datetime) -> Mapping[str, datetime]:
        """Kinds whose jobs stand: one is due since before `since` and nobody has it in hand, and
        none has ended or been put off from then on. By kind, when the longest waiting became due.
        """
        ...

    def failed(self, limit: int = 50) -> tuple[FailedJob, ...]:
        """Given up, newest first."""
        ...

    def unfinished(self, kind: str, ending: str) -> tuple[int, FailedJob | None]:
        """Of a kind and keys with an ending: how many are not done, and the newest with an error."""
        ...

    def open_keys(self, kind: str) -> frozenset[str]:
        """Keys of a kind's jobs that wait or run; for senders who ask again and again."""
        ...

    def run_again(self, id: int) -> bool:
        """Try a failed job once more. False when it is none."""
        ...

    def forget(self, done_before: datetime, failed_before: datetime) -> int:
        """Delete a bounded number of jobs that ended before these times; how many. Their effects
        are remembered for longer."""
        ...
