"""Types of collecting: Collector, its context, the sources it may use, and NotCollected.

Owns the seam types of collecting. A collector answers with its value, or with Absent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from diagnostics.collectors.blocking_calls import BlockingCalls
from diagnostics.disclosure import Audience
from diagnostics.login_test import LoginTest
from diagnostics.model import Collect, Key, Missing, Scope
from facts import Standpoint
from hosting.model import Expectations
from hosting.panel import Panel
from observe.budget import Budget
from observe.network import Network
from render.i18n import place_texts
from standards.dns_types import Trouble
from subject import Subject

T = TypeVar("T")
DEADLINE = timedelta(seconds=15)


class OpenIncident(Protocol):
    """What is open, incidents or maintenance, as whoever knows status tells of it; texts by
    language. Of several all are in the title."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> Mapping[str, str]: ...
    @property
    def since(self) -> datetime | None: ...
    @property
    def url(self) -> Mapping[str, str]: ...
    @property
    def planned(self) -> bool: ...
    @property
    def servers(self) -> tuple[str, ...]: ...  # those of the asked machines that it touches
    @property
    def is_outage(self) -> bool: ...  # something does not work, and is not only slow


# (the provider's machines that serve the customer, the domain) → what is open there, or None.
# With no machines it tells only what concerns everybody. Blocking.
FindIncident = Callable[[tuple[str, ...], str], OpenIncident | None]


class KnownIncidents(Protocol):
    """Whoever knows what is broken at the provider already. Reads one file."""

    def known_incident(self, servers: tuple[str, ...], domain: str) -> OpenIncident | None:
        """See FindIncident."""

    def open_incident(self) -> OpenIncident | None:
        """What is open anywhere."""

    def incident_is_over(self, id: str) -> bool:
        """Whether everything that a report names, by the id of an OpenIncident, has ended since."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a run may look. `expected` is what the provider expects of every domain it serves.

    `panel` is None when the provider has none; each source that blocks has threads of its own,
    which runs share. `ends` are dates the operator entered for domains whose registry publishes none.
    """

    network: Network
    expected: Expectations = field(default_factory=Expectations)
    panel: Panel | None = None
    incident: FindIncident | None = None
    any_incident: Callable[[], OpenIncident | None] = lambda: None  # what is open anywhere
    panel_calls: BlockingCalls = field(default_factory=lambda: BlockingCalls("the panel"))
    incident_calls: BlockingCalls = field(default_factory=lambda: BlockingCalls("the publication"))
    ends: Mapping[str, date] = field(default_factory=dict)
    standpoint: Callable[[], Awaitable[Standpoint]] | None = None  # None: looked at for each run
    login_test: LoginTest | None = None  # what the customer wants tried in this very run


@dataclass(frozen=True, slots=True)
class CollectionContext:
    """What a collector is given: whom it looks for, how far it may look, and through what."""

    subject: Subject
    scope: Scope
    account: str  # the hosting account in contact or staff scope, else ""
    fresh: bool
    sources: Sources
    budget: Budget
    gather: Collect
    answers: Mapping[str, str] = field(default_factory=dict)  # what the asker added, by question

    @property
    def network(self) -> Network:
        return self.sources.network


@dataclass(frozen=True, slots=True)
class NotCollected:
    """A collector came home with nothing, and says why."""

    missing: Missing
    detail: str = ""
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Collector(Generic[T]):
    """`scope` is the least scope it runs in; `after` are keys it cannot begin without.

    `title` names it while a run is under way; `deadline` bounds it on its own.
    """

    key: Key[T]
    title: str
    collect: Callable[[CollectionContext], Awaitable[T | NotCollected]]
    scope: Scope = Scope.PUBLIC
    after: tuple[Key[object], ...] = ()
    deadline: timedelta = DEADLINE

    def __post_init__(self) -> None:
        """Its title is placed, by what it gathers: `evidence.mail.mx/title`."""
        place_texts(self, f"evidence.{self.key.name}", ("title",))
        if self.scope is not Scope.PUBLIC and self.key.seen_by is Audience.EVERYONE:
            raise TypeError(f"{self.key.name}: gathered in {self.scope} scope, shown to everyone")
