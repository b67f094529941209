"""From settled probes, incidents, maintenance and overrides to what is published. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from status.model import (
    Announcement,
    Component,
    ComponentStatus,
    Condition,
    Grade,
    Incident,
    IncidentState,
    Maintenance,
    Override,
    Probe,
    Snapshot,
)
from status.state import uptime
from status.state.damping import DebouncedState, patience
from status.state.dependencies import root_causes
from status.state.maintenance_windows import RUNNING, running_maintenance, state
from status.state.uptime import UptimeAccumulator

CLOSED = (IncidentState.RESOLVED, IncidentState.POSTMORTEM)
PUBLISHED_HISTORY = timedelta(days=365)  # incidents that are published
MAINTENANCE_HISTORY = timedelta(days=90)  # planned work that is over
_SEVERITY = (
    Condition.NO_DATA,
    Condition.OPERATIONAL,
    Condition.UNDER_MAINTENANCE,
    Condition.DEGRADED_PERFORMANCE,
    Condition.PARTIAL_OUTAGE,
    Condition.MAJOR_OUTAGE,
)


def worst(conditions: Iterable[Condition]) -> Condition:
    """The gravest of some conditions; nothing at all is no data."""
    return max(conditions, key=_SEVERITY.index, default=Condition.NO_DATA)


@dataclass(frozen=True, slots=True)
class ComponentVerdict:
    """What is true of a component: a condition, the moment it began, and why."""

    condition: Condition
    since: datetime
    reason: str = ""
    checked_at: datetime | None = None


ProbeStates = Sequence[tuple[Probe, DebouncedState]]


def measured_verdict(component: Component, states: ProbeStates, at: datetime) -> ComponentVerdict:
    """What the probes of a component say together.

    All down is a major outage, some down a partial one. Silent probes do not vote; when all
    are silent there is no data. A component that is told by hand, without probes, is up.
    """
    checked_at = max((s.last_at for _, s in states if s.last_at), default=None)
    if not states:
        silent = Condition.OPERATIONAL if component.policy == "manual" else Condition.NO_DATA
        return ComponentVerdict(silent, at)
    voting = [s for p, s in states if s.verdict and s.last_at and at - s.last_at <= patience(p)]
    if not voting:
        return ComponentVerdict(
            Condition.NO_DATA, checked_at or at, "no recent observation", checked_at
        )
    condition = _combined([s.verdict for s in voting])
    decisive = [s for s in voting if s.verdict is not Grade.UP] or voting
    since = max(s.verdict_since or at for s in decisive)
    return ComponentVerdict(condition, since, decisive[0].reason, checked_at)


def _combined(grades: list[Grade | None]) -> Condition:
    down = grades.count(Grade.DOWN)
    if down == len(grades):
        return Condition.MAJOR_OUTAGE
    if down:
        return Condition.PARTIAL_OUTAGE
    if Grade.DEGRADED in grades:
        return Condition.DEGRADED_PERFORMANCE
    return Condition.OPERATIONAL


@dataclass(frozen=True, slots=True)
class PublicStatements:
    """What operators have published: incidents, maintenance, overrides, announcements."""

    incidents: tuple[Incident, ...] = ()
    maintenances: tuple[Maintenance, ...] = ()
    overrides: tuple[Override, ...] = ()
    announcements: tuple[Announcement, ...] = ()


def active_statements(statements: PublicStatements, at: datetime) -> PublicStatements:
    """Of all that people have said, what counts at a moment: nothing that is over or hidden."""
    return PublicStatements(
        tuple(i for i in statements.incidents if i.state not in CLOSED and is_visible(i, at)),
        tuple(w for w in statements.maintenances if state(w, at) in RUNNING),
        tuple(o for o in statements.overrides if o.until > at),
    )


def effective_verdict(
    component: Component, observed: ComponentVerdict, statements: PublicStatements, at: datetime
) -> ComponentVerdict:
    """What readers are told: an override, else maintenance, else the worse of incident and probe."""
    for override in statements.overrides:
        if override.component == component.id and override.until > at:
            return ComponentVerdict(override.condition, at, override.reason, observed.checked_at)
    maintenance = running_maintenance(statements.maintenances, component.id, at)
    if maintenance is not None:
        return ComponentVerdict(
            Condition.UNDER_MAINTENANCE, maintenance.starts_at, "", observed.checked_at
        )
    measured = observed
    if component.policy != "auto" and observed.condition is not Condition.NO_DATA:
        measured = ComponentVerdict(Condition.OPERATIONAL, at, "", observed.checked_at)
    stated = incident_verdict(component, statements.incidents, at)
    if stated and worst((stated.condition, measured.condition)) is not measured.condition:
        return ComponentVerdict(stated.condition, stated.since, stated.reason, observed.checked_at)
    return measured


def incident_verdict(
    component: Component, incidents: Iterable[Incident], at: datetime
) -> ComponentVerdict | None:
    """What open, published incidents say of a component; the newest update that names it counts.

    An incident that probes tell repeats what they see: it claims nothing where they are believed.
    """
    verdicts: list[ComponentVerdict] = []
    for incident in incidents:
        repeats = bool(incident.cause) and component.policy == "auto"
        if repeats or incident.state in CLOSED or not is_visible(incident, at):
            continue
        for update in sorted(incident.updates, key=lambda u: u.at, reverse=True):
            if component.id in update.components:
                verdicts.append(
                    ComponentVerdict(update.components[component.id], update.at, incident.id)
                )
                break
    return max(verdicts, key=lambda v: _SEVERITY.index(v.condition), default=None)


def accumulated(
    accumulator: UptimeAccumulator, verdict: ComponentVerdict, at: datetime
) -> UptimeAccumulator:
    """A component's accumulator with the verdict applied up to now."""
    if verdict.condition is not accumulator.condition:
        accumulator = uptime.change_condition(
            accumulator, verdict.condition, min(verdict.since, at)
        )
    return uptime.trim(uptime.advance(accumulator, at))


def snapshot(
    components: tuple[Component, ...],
    verdicts: Mapping[str, ComponentVerdict],
    accumulators: Mapping[str, UptimeAccumulator],
    statements: PublicStatements,
    at: datetime,
    *,
    cut_off: bool = False,
) -> Snapshot:
    """Everything that is published, as one value."""
    causes = root_causes(components, {c: v.condition for c, v in verdicts.items()})
    states = tuple(
        ComponentStatus(
            component=c,
            condition=accumulators[c.id].condition,
            since=accumulators[c.id].since,
            days=uptime.window(accumulators[c.id].days, at.date()),
            caused_by=causes.get(c.id, ""),
            checked_at=verdicts[c.id].checked_at,
        )
        for c in components
    )
    checked_at = max((s.checked_at for s in states if s.checked_at), default=None)
    return Snapshot(
        at=at,
        checked_at=checked_at or at,
        states=states,
        incidents=recent_incidents(statements.incidents, at),
        maintenances=tuple(
            w
            for w in statements.maintenances
            if at - w.ends_at < MAINTENANCE_HISTORY and not w.rrule
        ),
        cut_off=cut_off,
        announcements=tuple(
            a
            for a in statements.announcements
            if a.starts_at <= at and (a.ends_at is None or a.ends_at > at)
        ),
    )


def recent_incidents(incidents: Iterable[Incident], at: datetime) -> tuple[Incident, ...]:
    """Published incidents that are open or younger than the history, newest first."""
    shown = (
        i
        for i in incidents
        if is_visible(i, at)
        and (i.state not in CLOSED or at - (i.resolved_at or i.started_at) < PUBLISHED_HISTORY)
    )
    return tuple(sorted(shown, key=lambda i: i.started_at, reverse=True))


def is_visible(incident: Incident, at: datetime) -> bool:
    """May readers see it: approved, and not scheduled for later."""
    return not incident.draft and (incident.publish_at is None or incident.publish_at <= at)


def open_incidents(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """The incidents that are not over, newest first as given."""
    return tuple(i for i in incidents if not i.draft and i.state not in CLOSED)
