"""How often runs may be started: by one asker, by an agent, of one domain; and how many may wait.

Owns the rates; counting itself is web/rate_limits.py, the places of those who wait are lanes.py.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

from accounts.model import Visitor
from web.rate_limits import Limiter, Rate
from web.visitor import network_of
from wizard.runs.lanes import PLACES, RequesterKeys, RunCapacity

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
