"""Is there an open incident or planned work on what a customer uses? For diagnosing and tickets.

Answers from what is published, so it needs no database. Per-server answers are for whoever may
know the servers: the caller decides, by handing servers over or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from render.i18n import translate
from render.languages import DEFAULT
from status import words
from status.model import Component, Condition, MaintenanceState, Probe, Snapshot, localized
from status.monitoring import state_file
from status.state import maintenance_windows
from status.state.dependencies import TROUBLED
from status.state.statements import open_incidents


@dataclass(frozen=True, slots=True)
class IncidentMatch:
    """What is known already: an incident, work under way, or a component that is in trouble."""

    id: str
    title: str
    since: datetime
    url: str
    component: str
    component_id: str
    planned: bool = False  # work that was announced
    servers: tuple[str, ...] = ()  # those of the asked servers that it touches


@dataclass(frozen=True, slots=True)
class IncidentMatcher:
    """Call it with server names and a domain; it gives the most telling match, or None."""

    folder: Path
    url: str  # where the status page lives
    probes: tuple[Probe, ...] = ()

    def __call__(
        self, servers: Iterable[str] = (), domain: str = "", lang: str = DEFAULT
    ) -> IncidentMatch | None:
        """The open incident on any of these servers, or on the component probed at `domain`."""
        saved = state_file.load(self.folder)
        if saved is None:
            return None
        snapshot, asked = saved.snapshot, frozenset(s.lower() for s in servers)
        components = _affected_components(snapshot, self.probes, asked, domain.lower())
        match = _match(snapshot, components, self.url, lang)
        if match is None:
            return None
        touched = (s for s in sorted(asked) if _depends(snapshot, s, match.component_id))
        return replace(match, servers=tuple(touched))


def _affected_components(
    snapshot: Snapshot, probes: tuple[Probe, ...], servers: frozenset[str], domain: str
) -> dict[str, Component]:
    """The components these servers belong to, and those that explain them."""
    probed = {p.component for p in probes if domain and _host(p.target) == domain}
    components_by_id = {s.component.id: s.component for s in snapshot.states}
    pending = [
        c
        for c in components_by_id.values()
        if c.id in probed
        or servers & {s.lower() for s in c.servers}
        or (domain and domain in {s.lower() for s in c.servers})
    ]
    affected: dict[str, Component] = {}
    while pending:
        component = pending.pop()
        if component.id not in affected:
            affected[component.id] = component
            pending += [components_by_id[d] for d in component.depends_on if d in components_by_id]
    return affected


def _depends(snapshot: Snapshot, server: str, component: str) -> bool:
    """Whether a server belongs to a component, or to one that depends on it."""
    return component in _affected_components(snapshot, (), frozenset({server}), "")


def _match(
    snapshot: Snapshot, components: dict[str, Component], url: str, lang: str
) -> IncidentMatch | None:
    for incident in open_incidents(snapshot.incidents):
        component_id = next((c for c in incident.components if c in components), None)
        if component_id:
            link = f"{url}/{lang}/incidents/{incident.id}"
            title = localized(incident.title, lang)
            name = components[component_id].name
            return IncidentMatch(incident.id, title, incident.started_at, link, name, component_id)
    for maintenance in snapshot.maintenances:
        component_id = next((c for c in maintenance.components if c in components), None)
        if (
            component_id
            and maintenance_windows.state(maintenance, snapshot.at) is MaintenanceState.IN_PROGRESS
        ):
            link = f"{url}/{lang}/maintenance#{maintenance.id}"
            return IncidentMatch(
                maintenance.id,
                localized(maintenance.title, lang),
                maintenance.starts_at,
                link,
                components[component_id].name,
                component_id,
                planned=True,
            )
    for state in snapshot.states:
        down = state.condition in TROUBLED and state.condition is not Condition.UNDER_MAINTENANCE
        if state.component.id in components and down:
            label = translate(lang, words.CONDITIONS[state.condition])
            name = state.component.name
            return IncidentMatch(
                "", f"{name}: {label}", state.since, f"{url}/{lang}/", name, state.component.id
            )
    return None


def _host(target: str) -> str:
    if "://" in target:
        return (urlsplit(target).hostname or "").lower()
    return target.partition(":")[0].lower()
