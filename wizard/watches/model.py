"""The model of a watch: whose report is rechecked, in which state it is, and how long it lasts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from diagnostics.model import Assessment, FindingStatus, Report, Scope

LIFETIME = timedelta(days=7)
CONFIRMATION_PERIOD = timedelta(hours=48)  # an unanswered question is forgotten after this
MAX_PER_PERSON = 5  # watches under way

LOOK_JOB = "diagnosis.watch"
LANDED_JOB = "diagnosis.watched"


class WatchState(StrEnum):
    """Where a watch stands. Only an active one looks."""

    PENDING = "pending"  # the mailbox has not said yes
    ACTIVE = "active"
    RECOVERED = "well"
    GAVE_UP = "gave_up"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Watch:
    """`first` is the run whose problems are watched, `run` the last one made for it. `looks` were
    begun and `judged` of them have been judged; `good` counts those in a row that were well.

    `scope` and `account` are those of the first run, fixed when it began. `email` gets the letters.
    """

    id: str
    first: str
    domain: str
    scope: Scope
    account: str
    person: str
    email: str
    lang: str
    state: WatchState
    created_at: datetime
    until: datetime
    next_at: datetime | None = None
    run: str = ""
    looks: int = 0
    judged: int = 0
    good: int = 0
    ended_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it may still look."""
        return self.state in (WatchState.PENDING, WatchState.ACTIVE)

    @property
    def look_name(self) -> str:
        """Names the last run's report within the watch; its token follows from it."""
        return f"{self.id}:{self.looks}"


@dataclass(frozen=True, slots=True)
class WatchRef:
    """The payload of LOOK_JOB: which watch, and after how many looks."""

    watch: str
    looks: int


@dataclass(frozen=True, slots=True)
class FinishedLookRef:
    """The payload of LANDED_JOB: a run of a watch has ended."""

    watch: str
    run: str


def watched_findings(report: Report) -> tuple[Assessment, ...]:
    """What a watch waits for to be gone: what failed, or, when nothing did, what needs care."""
    heads = [j for j in report.findings if not j.cause]
    failed = tuple(j for j in heads if j.status is FindingStatus.FAIL)
    return failed or tuple(j for j in heads if j.status is FindingStatus.WARN)
