"""Decides which incidents probes open, update, merge and resolve: one for each root cause. Pure.

A cause is the deepest fallen component that others depend on. Components that fall together
without a known cause share an incident, so that a storm is never told twenty times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from status.events import StatusChanged
from status.incidents.incident_editing import (
    opened_event,
    updated_event,
    with_entry,
    without_probes,
)
from status.incidents.templates import IncidentTemplates
from status.incidents.validation import fresh_id, impact_of
from status.model import (
    Component,
    Condition,
    Incident,
    IncidentState,
    Update,
    stable_id,
)
from status.state import maintenance_windows
from status.state.composition import ComponentVerdict
from status.state.dependencies import root_causes
from status.state.statements import CLOSED, PublicStatements, active_overrides

FALLEN = (Condition.MAJOR_OUTAGE, Condition.PARTIAL_OUTAGE)
CLUSTER_WINDOW = timedelta(
    minutes=5
)  # falls without a known cause within this time may share a cause
MAX_CLUSTERS = 3  # so many incidents within that time, and further falls join the newest
MIN_UPDATE_INTERVAL = timedelta(
    seconds=60
)  # between two entries that probes write, but for the last


@dataclass(frozen=True, slots=True)
class MonitoredState:
    """What the engine knows at a moment. `opening_delays` say how long a component's fall is watched
    before it is told: what it depends on may be found fallen meanwhile."""

    components: tuple[Component, ...]
    measured: Mapping[str, ComponentVerdict]
    statements: PublicStatements
    now: datetime
    opening_delays: Mapping[str, timedelta] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncidentChange:
    """One thing to say. `before` is None for a new incident."""

    before: Incident | None
    after: Incident
    entry: Update
    event: StatusChanged | None


def plan_changes(view: MonitoredState, templates: IncidentTemplates) -> tuple[IncidentChange, ...]:
    """Everything that should be said now; nothing when all has been said."""
    return _IncidentPlanner(view, templates).changes()


def latest_conditions(incident: Incident) -> dict[str, Condition]:
    """What an incident says of each of its components, by the newest entry that names it."""
    conditions: dict[str, Condition] = {}
    for update in sorted(incident.updates, key=lambda u: u.at):
        conditions |= update.components
    return conditions


def components_under_maintenance(view: MonitoredState) -> set[str]:
    """Components that planned work is under way on."""
    live = (
        w
        for w in view.statements.maintenances
        if maintenance_windows.state(w, view.now) in maintenance_windows.RUNNING
    )
    return {c for maintenance in live for c in maintenance.components}


def fallen_components(view: MonitoredState) -> dict[str, Condition]:
    """Components that are down by their probes, as far as nobody has explained it away."""
    under_maintenance = components_under_maintenance(view)
    overridden = {o.component for o in active_overrides(view.statements.overrides, view.now)}
    return {
        c.id: view.measured[c.id].condition
        for c in view.components
        if c.policy != "manual"
        and c.id not in overridden
        and c.id in view.measured
        and view.measured[c.id].condition in FALLEN
        and c.id not in under_maintenance
    }


class _IncidentPlanner:
    def __init__(self, view: MonitoredState, templates: IncidentTemplates) -> None:
        self._view = view
        self._templates = templates
        self._components = {c.id: c for c in view.components}
        self._fallen = fallen_components(view)
        unresolved = [i for i in view.statements.incidents if i.state not in CLOSED]
        self._by_probes = sorted((i for i in unresolved if i.cause), key=lambda i: i.started_at)
        by_people = (i for i in unresolved if not i.cause and not i.discarded)
        self._covered_by_people = {c for i in by_people for c in i.components}
        self._members: dict[str, set[str]] = {
            i.id: set(latest_conditions(i)) for i in self._by_probes
        }
        self._merged_into: dict[str, Incident] = {}  # merged into another
        self._new_incidents: list[tuple[str, set[str]]] = []  # cause, components
        self._under_maintenance = components_under_maintenance(view)
        self._causes = {d for c in view.components for d in c.depends_on}
        self._overridden = {
            o.component: o.condition for o in active_overrides(view.statements.overrides, view.now)
        }

    def changes(self) -> tuple[IncidentChange, ...]:
        if self._fallen:
            self._assign_fallen()
        changes = [self._opening(cause, parts) for cause, parts in self._new_incidents]
        for incident in self._by_probes:
            target = self._merged_into.get(incident.id)
            change = self._merge_change(incident, target) if target else self._change_of(incident)
            if change is not None:
                changes.append(change)
        return tuple(changes)

    # -------------------------------------------------------------- who belongs to what

    def _assign_fallen(self) -> None:
        unrelated: list[str] = []
        for root, members in self._fallen_by_cause().items():
            component_ids = self._publishable(root, members) - self._covered_by_people
            if root in self._covered_by_people or not component_ids or self._is_explained(root):
                continue
            matching = [
                i
                for i in self._by_probes
                if i.cause == root or component_ids & set(self._fallen_components(i))
            ]
            matching = (
                matching
                or [i for i in self._by_probes if component_ids & set(latest_conditions(i))][-1:]
            )  # fell again
            if matching:
                self._join(root, component_ids, matching)
            elif members == {root} and root not in self._causes:
                unrelated += component_ids
            elif self._due_components(component_ids):
                self._new_incidents.append((root, component_ids))
        if unrelated := [c for c in unrelated if self._due_components({c})]:
            self._cluster_unrelated(unrelated)

    def _fallen_by_cause(self) -> dict[str, set[str]]:
        """The fallen by what explains them."""
        conditions = {c: v.condition for c, v in self._view.measured.items()} | self._fallen
        conditions |= dict.fromkeys(self._covered_by_people, Condition.MAJOR_OUTAGE)
        conditions |= dict.fromkeys(self._under_maintenance, Condition.UNDER_MAINTENANCE)
        conditions |= self._overridden
        causes = root_causes(self._view.components, conditions)
        groups: dict[str, set[str]] = {}
        for name in self._fallen:
            groups.setdefault(causes.get(name, name), set()).add(name)
        return groups

    def _publishable(self, root: str, members: set[str]) -> set[str]:
        """Who may be named together: what waits for approval is not named beside the others."""
        waiting = {c for c in members if self._components[c].policy == "draft"}
        if root in waiting or waiting == members:
            return members
        return members - waiting

    def _is_explained(self, root: str) -> bool:
        """Planned work, or an operator's word, explains it already."""
        return root in self._under_maintenance or root in self._overridden

    def _fallen_components(self, incident: Incident) -> list[str]:
        return [c for c, condition in latest_conditions(incident).items() if condition in FALLEN]

    def _join(self, root: str, component_ids: set[str], matching: list[Incident]) -> None:
        target = next((i for i in matching if i.cause == root), matching[0])
        self._members[target.id] |= component_ids
        for other in matching:
            if (
                other is not target
                and set(self._fallen_components(other)) <= self._members[target.id]
            ):
                self._merged_into[other.id] = target

    def _due_components(self, component_ids: set[str]) -> set[str]:
        """The parts, once one of them has been watched for long enough."""
        now, delays = self._view.now, self._view.opening_delays
        none = timedelta(0)
        is_due = (now - self._view.measured[c].since >= delays.get(c, none) for c in component_ids)
        return component_ids if any(is_due) else set()

    def _cluster_unrelated(self, unrelated: list[str]) -> None:
        visible_incidents = (i for i in self._by_probes if not i.discarded)
        recent = [
            i for i in visible_incidents if self._view.now - i.updates[-1].at <= CLUSTER_WINDOW
        ]
        unassigned: dict[tuple[str, str], list[str]] = {}
        for component_id in unrelated:
            group, policy = (
                self._components[component_id].group,
                self._components[component_id].policy,
            )
            same = [i for i in recent if i.draft is (policy == "draft")]
            near = [i for i in same if self._has_group(i, group)]
            if near or len(same) >= MAX_CLUSTERS:
                self._members[(near or same)[-1].id].add(component_id)
            else:
                unassigned.setdefault((group, policy), []).append(component_id)
        for policy in ("auto", "draft"):
            clusters = [parts for (_, its), parts in unassigned.items() if its == policy]
            if len(clusters) > MAX_CLUSTERS:
                clusters = [[part for parts in clusters for part in parts]]
            self._new_incidents += [(parts[0], set(parts)) for parts in clusters]

    def _has_group(self, incident: Incident, group: str) -> bool:
        parts = (self._components.get(c) for c in incident.components)
        return any(p is not None and p.group == group for p in parts)

    # -------------------------------------------------------------- what is said

    def _opening(self, cause: str, component_ids: set[str]) -> IncidentChange:
        now, view = self._view.now, self._view
        ordered = [c.id for c in view.components if c.id in component_ids]
        conditions = {c: self._fallen[c] for c in ordered}
        is_cluster = len(ordered) > 1 and cause not in self._causes
        kind = "auto-many" if is_cluster else "auto-open"
        parts = [self._components[c] for c in ordered]
        args: dict[str, object] = {"name": self._components[cause], "parts": parts}
        waiting = all(self._components[c].policy == "draft" for c in ordered)
        waiting |= self._components[cause].policy == "draft"
        text = self._templates.text(kind, args)
        entry = Update(fresh_id(), IncidentState.INVESTIGATING, now, text, conditions)
        incident = Incident(
            id=fresh_id(),
            title=self._templates.title(kind, args),
            state=IncidentState.INVESTIGATING,
            impact=impact_of(conditions),
            started_at=min(view.measured[c].since for c in ordered),
            updates=(entry,),
            components=tuple(ordered),
            draft=waiting,
            cause=cause,
        )
        return IncidentChange(
            None, incident, entry, None if incident.draft else opened_event(incident, now)
        )

    def _change_of(self, incident: Incident) -> IncidentChange | None:
        previous = latest_conditions(incident)
        elsewhere = self._covered_elsewhere(incident)
        now = {
            c: self._current_condition(c, previous.get(c))
            for c in (*previous, *sorted(self._members[incident.id] - set(previous)))
            if previous.get(c) in FALLEN or c not in elsewhere
        }
        changes = {c: condition for c, condition in now.items() if previous.get(c) is not condition}
        if not any(condition in FALLEN for condition in now.values()):
            return self._build_change(
                incident, "auto-resolved", {}, changes, IncidentState.RESOLVED
            )
        newest = max(u.at for u in incident.updates)
        if not changes or self._view.now - newest < MIN_UPDATE_INTERVAL:
            return None
        worse = [
            self._component_or_id(c) for c, condition in changes.items() if condition in FALLEN
        ]
        well = [
            self._component_or_id(c) for c, condition in changes.items() if condition not in FALLEN
        ]
        kind = "auto-change" if worse and well else "auto-worse" if worse else "auto-better"
        return self._build_change(
            incident, kind, {"parts": worse, "well": well}, changes, incident.state
        )

    def _covered_elsewhere(self, incident: Incident) -> set[str]:
        """Components that another incident covers now."""
        component_ids = {c for _, parts in self._new_incidents for c in parts}
        for other in self._by_probes:
            if other is not incident:
                component_ids |= self._members[other.id] - {*latest_conditions(other)} | {
                    *self._fallen_components(other)
                }
        return component_ids

    def _current_condition(self, component_id: str, previous: Condition | None) -> Condition:
        """What is true of a part. What was told stands without a recent look, and while planned
        work or an operator's word covers a fall: nobody has seen it work again."""
        if component_id in self._fallen:
            return self._fallen[component_id]
        verdict = self._view.measured.get(component_id)
        if verdict is None:
            return Condition.OPERATIONAL
        unseen = verdict.condition is Condition.NO_DATA
        excused = verdict.condition in FALLEN  # by planned work or an operator, and still down
        if previous is not None and (unseen or excused):
            return previous
        return Condition.OPERATIONAL

    def _merge_change(self, incident: Incident, target: Incident) -> IncidentChange:
        name = next(iter(target.title.values()), "")
        well = dict.fromkeys(latest_conditions(incident), Condition.OPERATIONAL)
        return self._build_change(
            incident, "auto-merged", {"name": name}, well, IncidentState.RESOLVED
        )

    def _build_change(
        self,
        incident: Incident,
        kind: str,
        args: Mapping[str, object],
        changes: Mapping[str, Condition],
        state: IncidentState,
    ) -> IncidentChange:
        newest = max(u.at for u in incident.updates)
        # two engines that see the same write the same entry, and the second is refused
        fingerprint = ",".join(f"{c}={condition}" for c, condition in sorted(changes.items()))
        name = stable_id("entry", f"{incident.id}:{len(incident.updates)}:{state}:{fingerprint}")
        at = max(self._view.now, newest + timedelta(microseconds=1))
        entry = Update(name, state, at, self._templates.text(kind, args), dict(changes))
        after = with_entry(incident, entry)
        after = without_probes(after, at) if state in CLOSED else after
        unannounced = incident.draft or incident.publish_at is not None
        return IncidentChange(
            incident, after, entry, None if unannounced else updated_event(incident, entry)
        )

    def _component_or_id(self, component_id: str) -> Component | str:
        """What a sentence names: in each language, unless it is configured no longer."""
        return self._components.get(component_id) or component_id


def opening_delays(
    components: Iterable[Component], patience: Mapping[str, timedelta]
) -> dict[str, timedelta]:
    """How long a fall is watched: until what it depends on would have been found fallen too."""
    components_by_id = {c.id: c for c in components}

    def longest_below(component: Component, visited: frozenset[str]) -> timedelta:
        longest = timedelta(0)
        for name in component.depends_on:
            if name in components_by_id and name not in visited:
                delay = max(
                    patience.get(name, timedelta(0)),
                    longest_below(components_by_id[name], visited | {name}),
                )
                longest = max(longest, delay)
        return longest

    return {
        c.id: longest_below(c, frozenset({c.id})) for c in components_by_id.values() if c.depends_on
    }
