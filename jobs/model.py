"""Work that outlives a request: a row with a kind, a payload and a key. Pure values.

The payload type lives with the sender, the handler with the receiver; wiring joins them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """`payload` is JSON text that names things by their ids and holds no personal data; `key` is
    unique per kind for as long as effects are remembered, so that the same effect asked for twice
    is one job. `attempts` counts claims so far; `first_due_at` is when it was to run before any
    try, the same at every one."""

    kind: str
    payload: str
    key: str
    run_after: datetime
    id: int = 0
    attempts: int = 0
    first_due_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that is ours until its lease ends, unless somebody with a newer fence took it."""

    job: Job
    fence: int


@dataclass(frozen=True, slots=True)
class ClaimLimit:
    """How many jobs of a kind a worker takes at once, and for how long without a word from it."""

    lease: timedelta
    slots: int = 1


# Tries for what somebody waits for while another program is away: with the worker's pauses, which
# grow to a quarter of an hour, these are five days (RFC 5321, 4.5.4.1, gives letters as long).
TRIES_FOR_DAYS = 500


class Retry(Exception):
    """Raised by a handler that wants to be called again later: after that time, or by the worker's
    own growing pauses."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(frozen=True, slots=True)
class Handler:
    """What runs a job. `run` gets the Job; it may run twice for one key and must not mind.

    Blocking handlers run in a thread; `lease` is how long a silent worker keeps the job;
    `tries` bounds the attempts, with exponential pauses between them. `slots` is how many run at
    a time in one worker; 0 leaves it to the worker. `payload` is the type that its jobs carry as
    JSON; every handler of a room names it, and a golden document of it is kept for each release.
    """

    run: Callable[[Job], Awaitable[None]] | Callable[[Job], None]
    lease: timedelta = timedelta(seconds=60)
    tries: int = 8
    blocking: bool = False
    slots: int = 0
    payload: type[object] | None = None


Handlers = Mapping[str, Handler]


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
