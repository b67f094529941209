"""Incidents that probes tell: opened once for each cause, joined, changed and resolved. Pure.

A cause is the deepest fallen component that others depend on. Components that fall together
without a known cause share an incident, so that a storm is never told twenty times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from status.events import StatusChanged
from status.incidents.incidents import added, changed, opened
from status.incidents.rules import fresh_id, impact_of
from status.incidents.templates import IncidentTemplates
from status.model import (
    Component,
    Condition,
    Incident,
    IncidentState,
    Update,
    stable_id,
)
from status.state import maintenance_windows
from status.state.composition import CLOSED, ComponentVerdict, PublicStatements
from status.state.dependencies import explained

FALLEN = (Condition.MAJOR_OUTAGE, Condition.PARTIAL_OUTAGE)
TOGETHER = timedelta(minutes=5)  # falls without a known cause within this time may share a cause
STORM = 3  # so many incidents within that time, and further falls join the newest
QUIET = timedelta(seconds=60)  # between two entries that probes write, but for the last


@dataclass(frozen=True, slots=True)
class MonitoredState:
    """What the engine knows at a moment. `wait` says how long a component's fall is watched
    before it is told: what it depends on may be found fallen meanwhile."""

    components: tuple[Component, ...]
    probed: Mapping[str, ComponentVerdict]
    words: PublicStatements
    now: datetime
    wait: Mapping[str, timedelta] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncidentChange:
    """One thing to say. `before` is None for a new incident."""

    before: Incident | None
    after: Incident
    entry: Update
    said: StatusChanged | None


def steps(view: MonitoredState, wordings: IncidentTemplates) -> tuple[IncidentChange, ...]:
    """Everything that should be said now; nothing when all has been said."""
    return _Telling(view, wordings).steps()


def latest(incident: Incident) -> dict[str, Condition]:
    """What an incident says of each of its components, by the newest entry that names it."""
    told: dict[str, Condition] = {}
    for update in sorted(incident.updates, key=lambda u: u.at):
        told |= update.components
    return told


def worked_on(view: MonitoredState) -> set[str]:
    """Components that planned work is under way on."""
    live = (
        w
        for w in view.words.maintenances
        if maintenance_windows.state(w, view.now) in maintenance_windows.RUNNING
    )
    return {c for work in live for c in work.components}


def fallen(view: MonitoredState) -> dict[str, Condition]:
    """Components that are down by their probes, as far as nobody has explained it away."""
    work = worked_on(view)
    over = {o.component for o in view.words.overrides if o.until > view.now}
    return {
        c.id: view.probed[c.id].condition
        for c in view.components
        if c.policy != "manual"
        and c.id not in over
        and c.id in view.probed
        and view.probed[c.id].condition in FALLEN
        and c.id not in work
    }


class _Telling:
    def __init__(self, view: MonitoredState, wordings: IncidentTemplates) -> None:
        self._view = view
        self._wordings = wordings
        self._parts = {c.id: c for c in view.components}
        self._fallen = fallen(view)
        live = [i for i in view.words.incidents if i.state not in CLOSED]
        self._ours = sorted((i for i in live if i.cause), key=lambda i: i.started_at)
        theirs = (i for i in live if not i.cause and not i.discarded)
        self._theirs = {c for i in theirs for c in i.components}
        self._joined: dict[str, set[str]] = {i.id: set(latest(i)) for i in self._ours}
        self._gone: dict[str, Incident] = {}  # merged into another
        self._new: list[tuple[str, set[str]]] = []  # cause, components
        self._worked_on = worked_on(view)
        self._causes = {d for c in view.components for d in c.depends_on}
        self._overridden = {
            o.component: o.condition for o in view.words.overrides if o.until > view.now
        }

    def steps(self) -> tuple[IncidentChange, ...]:
        if self._fallen:
            self._assign()
        out = [self._open(cause, parts) for cause, parts in self._new]
        for incident in self._ours:
            into = self._gone.get(incident.id)
            step = self._merged(incident, into) if into else self._told(incident)
            if step is not None:
                out.append(step)
        return tuple(out)

    # -------------------------------------------------------------- who belongs to what

    def _assign(self) -> None:
        alone: list[str] = []
        for root, members in self._groups().items():
            parts = self._published(root, members) - self._theirs
            if root in self._theirs or not parts or self._excused(root):
                continue
            known = [i for i in self._ours if i.cause == root or parts & set(self._bad(i))]
            known = known or [i for i in self._ours if parts & set(latest(i))][-1:]  # fell again
            if known:
                self._join(root, parts, known)
            elif members == {root} and root not in self._causes:
                alone += parts
            elif self._ready(parts):
                self._new.append((root, parts))
        if alone := [c for c in alone if self._ready({c})]:
            self._cluster(alone)

    def _groups(self) -> dict[str, set[str]]:
        """The fallen by what explains them."""
        conditions = {c: v.condition for c, v in self._view.probed.items()} | self._fallen
        conditions |= dict.fromkeys(self._theirs, Condition.MAJOR_OUTAGE)
        conditions |= dict.fromkeys(self._worked_on, Condition.UNDER_MAINTENANCE)
        conditions |= self._overridden
        causes = explained(self._view.components, conditions)
        groups: dict[str, set[str]] = {}
        for name in self._fallen:
            groups.setdefault(causes.get(name, name), set()).add(name)
        return groups

    def _published(self, root: str, members: set[str]) -> set[str]:
        """Who may be named together: what waits for approval is not named beside the others."""
        waiting = {c for c in members if self._parts[c].policy == "draft"}
        if root in waiting or waiting == members:
            return members
        return members - waiting

    def _excused(self, root: str) -> bool:
        """Planned work, or an operator's word, explains it already."""
        return root in self._worked_on or root in self._overridden

    def _bad(self, incident: Incident) -> list[str]:
        return [c for c, condition in latest(incident).items() if condition in FALLEN]

    def _join(self, root: str, parts: set[str], known: list[Incident]) -> None:
        chosen = next((i for i in known if i.cause == root), known[0])
        self._joined[chosen.id] |= parts
        for other in known:
            if other is not chosen and set(self._bad(other)) <= self._joined[chosen.id]:
                self._gone[other.id] = chosen

    def _ready(self, parts: set[str]) -> set[str]:
        """The parts, once one of them has been watched for long enough."""
        now, wait = self._view.now, self._view.wait
        none = timedelta(0)
        old = (now - self._view.probed[c].since >= wait.get(c, none) for c in parts)
        return parts if any(old) else set()

    def _cluster(self, alone: list[str]) -> None:
        heard = (i for i in self._ours if not i.discarded)
        recent = [i for i in heard if self._view.now - i.updates[-1].at <= TOGETHER]
        fresh: dict[tuple[str, str], list[str]] = {}
        for part in alone:
            group, policy = self._parts[part].group, self._parts[part].policy
            same = [i for i in recent if i.draft is (policy == "draft")]
            near = [i for i in same if self._has(i, group)]
            if near or len(same) >= STORM:
                self._joined[(near or same)[-1].id].add(part)
            else:
                fresh.setdefault((group, policy), []).append(part)
        for policy in ("auto", "draft"):
            told = [parts for (_, its), parts in fresh.items() if its == policy]
            if len(told) > STORM:
                told = [[part for parts in told for part in parts]]
            self._new += [(parts[0], set(parts)) for parts in told]

    def _has(self, incident: Incident, group: str) -> bool:
        parts = (self._parts.get(c) for c in incident.components)
        return any(p is not None and p.group == group for p in parts)

    # -------------------------------------------------------------- what is said

    def _open(self, cause: str, parts: set[str]) -> IncidentChange:
        now, view = self._view.now, self._view
        ordered = [c.id for c in view.components if c.id in parts]
        told = {c: self._fallen[c] for c in ordered}
        many = len(ordered) > 1 and cause not in self._causes
        kind = "auto-many" if many else "auto-open"
        names = [self._parts[c].name for c in ordered]
        args: dict[str, object] = {"name": self._parts[cause].name, "parts": names}
        waiting = all(self._parts[c].policy == "draft" for c in ordered)
        waiting |= self._parts[cause].policy == "draft"
        text = self._wordings.text(kind, args)
        entry = Update(fresh_id(), IncidentState.INVESTIGATING, now, text, told)
        incident = Incident(
            id=fresh_id(),
            title=self._wordings.title(kind, args),
            state=IncidentState.INVESTIGATING,
            impact=impact_of(told),
            started_at=min(view.probed[c].since for c in ordered),
            updates=(entry,),
            components=tuple(ordered),
            draft=waiting,
            cause=cause,
        )
        return IncidentChange(
            None, incident, entry, None if incident.draft else opened(incident, now)
        )

    def _told(self, incident: Incident) -> IncidentChange | None:
        before = latest(incident)
        others = self._elsewhere(incident)
        now = {
            c: self._now(c, before.get(c))
            for c in (*before, *sorted(self._joined[incident.id] - set(before)))
            if before.get(c) in FALLEN or c not in others
        }
        diff = {c: condition for c, condition in now.items() if before.get(c) is not condition}
        if not any(condition in FALLEN for condition in now.values()):
            return self._say(incident, "auto-resolved", {}, diff, IncidentState.RESOLVED)
        newest = max(u.at for u in incident.updates)
        if not diff or self._view.now - newest < QUIET:
            return None
        worse = [self._name(c) for c, condition in diff.items() if condition in FALLEN]
        well = [self._name(c) for c, condition in diff.items() if condition not in FALLEN]
        kind = "auto-change" if worse and well else "auto-worse" if worse else "auto-better"
        return self._say(incident, kind, {"parts": worse, "well": well}, diff, incident.state)

    def _elsewhere(self, incident: Incident) -> set[str]:
        """Parts that another incident tells of now."""
        found = {c for _, parts in self._new for c in parts}
        for other in self._ours:
            if other is not incident:
                found |= self._joined[other.id] - {*latest(other)} | {*self._bad(other)}
        return found

    def _now(self, part: str, told: Condition | None) -> Condition:
        """What is true of a part; without a recent look, what was told stands."""
        if part in self._fallen:
            return self._fallen[part]
        seen = self._view.probed.get(part)
        if seen is None:
            return Condition.OPERATIONAL
        if seen.condition is Condition.NO_DATA and told is not None:
            return told
        return Condition.OPERATIONAL

    def _merged(self, incident: Incident, into: Incident) -> IncidentChange:
        name = next(iter(into.title.values()), "")
        well = dict.fromkeys(latest(incident), Condition.OPERATIONAL)
        return self._say(incident, "auto-merged", {"name": name}, well, IncidentState.RESOLVED)

    def _say(
        self,
        incident: Incident,
        kind: str,
        args: Mapping[str, object],
        diff: Mapping[str, Condition],
        state: IncidentState,
    ) -> IncidentChange:
        newest = max(u.at for u in incident.updates)
        # two engines that see the same write the same entry, and the second is refused
        told = ",".join(f"{c}={condition}" for c, condition in sorted(diff.items()))
        name = stable_id("entry", f"{incident.id}:{len(incident.updates)}:{state}:{told}")
        at = max(self._view.now, newest + timedelta(microseconds=1))
        entry = Update(name, state, at, self._wordings.text(kind, args), dict(diff))
        after = added(incident, entry)
        after = replace(after, cause="") if state in CLOSED else after
        quiet = incident.draft or incident.publish_at is not None
        return IncidentChange(incident, after, entry, None if quiet else changed(incident, entry))

    def _name(self, part: str) -> str:
        return self._parts[part].name if part in self._parts else part


def waits(
    components: Iterable[Component], patience: Mapping[str, timedelta]
) -> dict[str, timedelta]:
    """How long a fall is watched: until what it depends on would have been found fallen too."""
    known = {c.id: c for c in components}

    def below(part: Component, seen: frozenset[str]) -> timedelta:
        most = timedelta(0)
        for name in part.depends_on:
            if name in known and name not in seen:
                mine = max(patience.get(name, timedelta(0)), below(known[name], seen | {name}))
                most = max(most, mine)
        return most

    return {c.id: below(c, frozenset({c.id})) for c in known.values() if c.depends_on}
