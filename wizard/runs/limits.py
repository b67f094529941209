"""How often runs may be started: by one asker, by an agent, of one domain; and how many may wait.

Owns the rates and counts; counting itself is web/rate_limits.py.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

from accounts.model import Visitor
from render.i18n import N_
from web.problems import Problem
from web.rate_limits import Limiter, Rate

REQUESTER_RATE = Rate(20, timedelta(minutes=10))
TARGET_RATE = Rate(15, timedelta(minutes=10))
STAFF_RATE = Rate(200, timedelta(minutes=10))


@dataclass(frozen=True, slots=True)
class RunLimits:
    """How often one asker may start runs, how often one domain may be looked at, and how many
    runs may wait before newcomers are asked to come back."""

    asker: Rate = REQUESTER_RATE
    target: Rate = TARGET_RATE
    staff: Rate = STAFF_RATE
    queue: int = 60


@dataclass(frozen=True, slots=True)
class RunRequester:
    """Who wants a run: the visitor, the address for counting, the hash of the browser's cookie."""

    visitor: Visitor
    address: str
    cookie: str = ""


def busy() -> Problem:
    """More runs wait than we take on."""
    return Problem(
        "busy",
        503,
        N_("Many people are checking just now"),
        N_("Please try again in half a minute. The status page tells whether it is us."),
        retry_after=timedelta(seconds=30),
    )


def is_staff(requester: RunRequester) -> bool:
    """Whether an agent or an operator asks."""
    person = requester.visitor.person
    return person is not None and person.is_staff()


def counted_requester(
    limiter: Limiter, limits: RunLimits, requester: RunRequester
) -> AbstractContextManager[None]:
    """Count a run of this requester, if it is made; the signed-in by person, so that nobody of
    the same address uses up what is theirs, others by address. Raises too_many."""
    person = requester.visitor.person
    rate = limits.staff if is_staff(requester) else limits.asker
    return limiter.counted("diagnosis.asker", person.id if person else requester.address, rate)


def counted_target(
    limiter: Limiter, limits: RunLimits, domain: str
) -> AbstractContextManager[None]:
    """Count a run of this domain, if it is made. Strangers share the count, and so cannot keep a
    contact from their own domain: do not ask for contacts and staff. Raises too_many."""
    return limiter.counted("diagnosis.target", domain, limits.target)


def check_queue(limits: RunLimits, waiting: int) -> None:
    """Whether one more run may wait behind `waiting` others. Raises busy."""
    if waiting >= limits.queue:
        raise busy()
