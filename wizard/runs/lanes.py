"""Which runs go first: places for those we know, and the rest fairly among strangers.

Pure: judges the runs that wait or are worked on; counting rows is store.py, rates are limits.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from diagnostics.model import FURTHER_RUN_JOB, KNOWN_RUN_JOB, RUN_JOB
from render.i18n import N_
from web.problems import Problem, too_many

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
