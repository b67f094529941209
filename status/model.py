"""Types of the status page: component, probe, observation, condition, incident, maintenance.

Pure values. Condition, incident and maintenance names are those of Statuspage API v2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


class Condition(StrEnum):
    """What readers are told about a component."""

    OPERATIONAL = "operational"
    DEGRADED_PERFORMANCE = "degraded_performance"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"
    UNDER_MAINTENANCE = "under_maintenance"
    NO_DATA = "no_data"


class Grade(StrEnum):
    """What one observation amounts to."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Signal:
    """A judged observation. `reason` is a short technical English sentence for operators."""

    grade: Grade
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Component:
    """What readers know a service by. `servers` are the hosts, clusters or data centres it
    stands for; `depends_on` names components whose fall explains this one's."""

    id: str
    name: str
    group: str = ""
    description: str = ""
    servers: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    policy: str = "auto"  # auto | draft | manual: how an incident is opened
    charts: bool = False  # whether readers see how fast it answers
    # by language, where readers of one know it otherwise
    names: Mapping[str, str] = field(default_factory=dict, hash=False)
    group_names: Mapping[str, str] = field(default_factory=dict, hash=False)
    descriptions: Mapping[str, str] = field(default_factory=dict, hash=False)

    def in_language(self, lang: str) -> Component:
        """As readers of a language know it."""
        if not (self.names or self.group_names or self.descriptions):
            return self
        return replace(
            self,
            name=self.names.get(lang, self.name),
            group=self.group_names.get(lang, self.group),
            description=self.descriptions.get(lang, self.description),
        )


@dataclass(frozen=True, slots=True)
class Probe:
    """One scheduled observation of a component. `settings` are the kind's own, validated."""

    name: str
    kind: str
    component: str
    target: str
    interval: timedelta
    timeout: timedelta
    fail_after: int = 3
    recover_after: int = 2
    settings: Mapping[str, object] = field(default_factory=dict)
    vantages: tuple[str, ...] = ()  # where it is looked from; nowhere named: from here
    agree: int = 0  # how many of them must say so; 0 for more than half


@dataclass(frozen=True, slots=True)
class Observation:
    """One look. `fact` is the evidence in JSON-able form, kept when it is not plainly good.

    `reliable` is False when our own loop was late or we were cut off: it then says nothing.
    """

    probe: str
    at: datetime
    elapsed: timedelta
    signal: Signal
    reliable: bool = True
    vantage: str = "local"
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """A component's condition changed; `since` is the first tick that said so."""

    component: str
    before: Condition
    after: Condition
    since: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class KnownComponent:
    """What a component is or was called while it stood in a group, and from when to when."""

    component: str
    group: str
    name: str
    first_seen: datetime
    last_seen: datetime


class IncidentState(StrEnum):
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"


class Impact(StrEnum):
    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Update:
    """One entry of an incident's timeline. `text` maps language to plain text."""

    id: str
    state: str
    at: datetime
    text: Mapping[str, str]
    components: Mapping[str, Condition] = field(default_factory=dict)
    told_at: datetime | None = None  # when it was written down, which may be later than `at`
    corrected_at: datetime | None = None  # when its text was put right

    @property
    def published_at(self) -> datetime:
        """When readers first had it, as far as is known."""
        return max(self.told_at or self.at, self.at)

    @property
    def changed_at(self) -> datetime:
        """When readers last got something new in it."""
        return max(self.published_at, self.corrected_at or self.at)


@dataclass(frozen=True, slots=True)
class Incident:
    """Something readers are told about. `title` maps language to text; updates newest first."""

    id: str
    title: Mapping[str, str]
    state: IncidentState
    impact: Impact
    started_at: datetime
    updates: tuple[Update, ...]
    components: tuple[str, ...] = ()
    resolved_at: datetime | None = None
    draft: bool = False
    cause: str = ""  # the component that fell first, while probes tell this incident by themselves
    publish_at: datetime | None = None  # readers see nothing before
    discarded: bool = False  # a draft that an operator did not want; readers never see it
    probes_until: datetime | None = None  # when people took over what probes had told, or its end
    version: int = 1  # grows with each change; who writes names the one they saw
    corrected_at: datetime | None = None  # when its title was put right

    @property
    def changed_at(self) -> datetime:
        """When readers could last see something new in it or in its entries."""
        moments = [self.started_at, *(u.changed_at for u in self.updates)]
        return max([self.corrected_at or self.started_at, *moments])


class MaintenanceState(StrEnum):
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class OccurrenceChange:
    """What became of one occurrence of recurring work: moved to a window, or cancelled."""

    starts_at: datetime
    ends_at: datetime
    sequence: int = 1
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned work. Its state follows the clock unless it was cancelled; within its window
    people may say that the result is being checked.

    Recurring work has a rule (RFC 5545 RRULE, by the wall clock of `zone`); its window is the
    first occurrence, and `shifts` holds occurrences that differ, by their id. What is published
    are occurrences: they name their `series` and have no rule. `notes` are what was said later,
    oldest first, by the id of the work or of the occurrence.
    """

    id: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime
    components: tuple[str, ...]
    created_at: datetime
    cancelled: bool = False
    sequence: int = 0
    rrule: str = ""
    zone: str = "UTC"
    shifts: Mapping[str, OccurrenceChange] = field(default_factory=dict)
    changed_at: datetime | None = None
    series: str = ""
    notes: Mapping[str, tuple[Update, ...]] = field(default_factory=dict)
    version: int = 1


@dataclass(frozen=True, slots=True)
class Announcement:
    """News for readers that is no incident. Shown from `starts_at` until `ends_at`, if any."""

    id: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime | None = None
    version: int = 1
    corrected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """An operator's word on a component, from a moment until it expires or is taken back."""

    component: str
    condition: Condition
    since: datetime
    until: datetime
    by: str
    reason: str = ""
    version: int = 1


_GRAVEST_FIRST = (
    Condition.MAJOR_OUTAGE,
    Condition.PARTIAL_OUTAGE,
    Condition.DEGRADED_PERFORMANCE,
    Condition.UNDER_MAINTENANCE,
    Condition.OPERATIONAL,
)


@dataclass(frozen=True, slots=True)
class UptimeDay:
    """One bar: seconds spent in each condition that day."""

    on: date
    seconds: Mapping[Condition, int]

    @property
    def worst(self) -> Condition:
        seconds = self.seconds
        if len(seconds) == 1:  # as on most days
            condition, spent = next(iter(seconds.items()))
            return condition if spent else Condition.NO_DATA
        for condition in _GRAVEST_FIRST:
            if seconds.get(condition):
                return condition
        return Condition.NO_DATA


@dataclass(frozen=True, slots=True)
class Interruption:
    """A component was in an outage or in maintenance for a while; `ends` is None while it is."""

    begins: datetime
    ends: datetime | None
    condition: Condition


@dataclass(frozen=True, slots=True)
class ComponentStatus:
    """A component as published: what it is in, since when, its days, and what explains it."""

    component: Component
    condition: Condition
    since: datetime
    days: tuple[UptimeDay, ...] = ()
    caused_by: str = ""
    checked_at: datetime | None = None
    interruptions: tuple[Interruption, ...] = ()  # of the last 90 days, where charts show them


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that the published files are made of. Composed by the engine, pure from here on."""

    at: datetime  # when it was composed
    checked_at: datetime  # the newest reliable observation
    states: tuple[ComponentStatus, ...]
    incidents: tuple[Incident, ...]  # open ones and those of the last year, newest first
    maintenances: tuple[Maintenance, ...]
    cut_off: bool = False  # our own connectivity is gone; nobody is blamed
    announcements: tuple[Announcement, ...] = ()
    known_components: tuple[KnownComponent, ...] = ()  # also those that are configured no longer

    def names_in(self, lang: str) -> Mapping[str, str]:
        """Component → what it is called in a language, or was when it was configured last."""
        former = {k.component: k.name for k in self.known_components}
        return former | {s.component.id: s.component.in_language(lang).name for s in self.states}


@lru_cache(maxsize=32_768)
def stable_id(kind: str, name: str) -> str:
    """Twelve lower-case letters and digits that stay the same for a name."""
    number = int.from_bytes(hashlib.sha256(f"{kind}:{name}".encode()).digest()[:10], "big")
    letters = ""
    for _ in range(12):
        number, rest = divmod(number, 36)
        letters += _ALPHABET[rest]
    return letters


def group_name(name: str, members: Iterable[Component], lang: str) -> str:
    """What a group is called in a language: as the first of its members says."""
    return next((c.group_names[lang] for c in members if lang in c.group_names), name)
