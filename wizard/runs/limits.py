"""Why a self-check is refused or waits: limits by asker, agent, domain and network, and who goes first.

Counting is web/rate_limits.py, counting rows store.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from accounts.model import Visitor
from diagnostics.model import FURTHER_RUN_JOB, KNOWN_RUN_JOB, RUN_JOB
from render.i18n import N_
from web.problems import Problem, too_many
from web.rate_limits import Limiter, Rate
from web.visitor import network_of

PAUSE = timedelta(seconds=30)
ASKER_PART = 4  # one asker may hold this part of the places that are still free
NETWORK_PART = 2


class Lane(StrEnum):
    """A queue of its own, with engines' slots of its own."""

    KNOWN = "known"  # agents, contacts of an account, holders of a check link, watches
    FIRST = "first"  # the only run of a stranger
    FURTHER = "further"  # what a stranger wants besides


KINDS: Final[Mapping[Lane, str]] = {
    Lane.KNOWN: KNOWN_RUN_JOB,
    Lane.FIRST: RUN_JOB,
    Lane.FURTHER: FURTHER_RUN_JOB,
}


@dataclass(frozen=True, slots=True)
class RunCapacity:
    """How many runs may wait: of those we know, of strangers; and how many runs that strangers
    want of one domain may wait or be worked on."""

    of_known: int = 40
    of_strangers: int = 40
    of_domain: int = 3


PLACES = RunCapacity()


@dataclass(frozen=True, slots=True)
class RequesterKeys:
    """Who wants a run, as keys to count by that tell nothing: themselves and their network."""

    key: str = ""
    network: str = ""
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A run that waits, or is worked on."""

    lane: Lane
    asker: str
    network: str
    domain: str
    waiting: bool


def busy() -> Problem:
    """More runs wait than we take on."""
    return Problem(
        "busy",
        503,
        N_("Many people are checking just now"),
        N_("Please try again in half a minute. The status page tells whether it is us."),
        retry_after=PAUSE,
    )


def busy_network() -> Problem:
    """So many runs of one network wait that what is left is for others."""
    return Problem(
        "busy",
        503,
        N_("Many checks come from your network just now"),
        N_("We keep some room for everybody else. Please try again in half a minute."),
        retry_after=PAUSE,
    )


def busy_domain() -> Problem:
    """One domain is looked at often enough."""
    return Problem(
        "busy",
        503,
        N_("This domain is being checked already"),
        N_("Several people have it checked at this moment. Please try again in half a minute."),
        retry_after=PAUSE,
    )


def admit(places: RunCapacity, live: Iterable[LiveRun], asker: RequesterKeys, domain: str) -> Lane:
    """The lane of one more run. Raises busy for want of places, and
    too_many for an asker who has their part.

    An asker's part is one of the places still free, so that however many one wants, some are
    left for whoever comes next (Choudhury and Hahne, Dynamic Queue Length Thresholds, 1998).
    """
    peers = [run for run in live if (run.lane is Lane.KNOWN) is asker.is_known]
    waiting = [run for run in peers if run.waiting]
    free = (places.of_known if asker.is_known else places.of_strangers) - len(waiting)
    if free <= 0:
        raise busy()
    if sum(run.asker == asker.key for run in waiting) >= max(1, free // ASKER_PART):
        raise too_many(PAUSE)
    if asker.is_known:
        return Lane.KNOWN
    if sum(run.network == asker.network for run in waiting) >= max(1, free // NETWORK_PART):
        raise busy_network()
    if sum(run.domain == domain for run in peers) >= places.of_domain:
        raise busy_domain()
    return Lane.FURTHER if any(run.asker == asker.key for run in peers) else Lane.FIRST


# ------------------------------------------------------------------ how often
REQUESTER_RATE = Rate(20, timedelta(minutes=10))
TARGET_RATE = Rate(15, timedelta(minutes=10))
STAFF_RATE = Rate(200, timedelta(minutes=10))


@dataclass(frozen=True, slots=True)
class RunLimits:
    """How often one asker may start runs, how often strangers may look at one domain, and how
    many runs may wait."""

    asker: Rate = REQUESTER_RATE
    target: Rate = TARGET_RATE
    staff: Rate = STAFF_RATE
    places: RunCapacity = PLACES


@dataclass(frozen=True, slots=True)
class RunRequester:
    """Who wants a run: the visitor, the address for counting, the hash of the browser's cookie."""

    visitor: Visitor
    address: str
    cookie: str = ""


def is_staff(requester: RunRequester) -> bool:
    """Whether an agent or an operator asks."""
    person = requester.visitor.person
    return person is not None and person.is_staff()


def requester_keys(limiter: Limiter, requester: RunRequester, invite: str) -> RequesterKeys:
    """Who holds a run's place. We know agents, contacts of an account, and whoever comes by a
    check link of ours."""
    person = requester.visitor.person
    is_known = is_staff(requester) or bool(invite) or (person is not None and bool(person.contacts))
    key = f"person {person.id}" if person else requester.address
    network = limiter.hash_key(f"network {network_of(requester.address)}")
    return RequesterKeys(limiter.hash_key(f"place {key}"), network, is_known)


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
