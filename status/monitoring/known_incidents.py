"""Is there an open incident or planned work on what a customer uses? For diagnosing and tickets.

Answers from what is published, so it needs no database. Per-server answers are for whoever may
know the servers: the caller decides, by handing servers over or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from render.i18n import translate
from render.languages import DEFAULT
from status import words
from status.model import Component, Condition, MaintenanceState, Probe, Snapshot, localized
from status.monitoring import state_file
from status.state import maintenance_windows
from status.state.composition import open_incidents
from status.state.dependencies import TROUBLED


@dataclass(frozen=True, slots=True)
class IncidentMatch:
    """What is known already: an incident, work under way, or a component that is in trouble."""

    id: str
    title: str
    since: datetime
    url: str
    component: str


@dataclass(frozen=True, slots=True)
class KnownIncidents:
    """Call it with server names and a domain; it gives the most telling match, or None."""

    folder: Path
    url: str  # where the status page lives
    probes: tuple[Probe, ...] = ()

    def __call__(
        self, servers: Iterable[str] = (), domain: str = "", lang: str = DEFAULT
    ) -> IncidentMatch | None:
        """The open incident on any of these servers, or on the component probed at `domain`."""
        memo = state_file.recall(self.folder)
        if memo is None:
            return None
        shot = memo.snapshot
        parts = _concerned(shot, self.probes, frozenset(s.lower() for s in servers), domain.lower())
        return _match(shot, parts, self.url, lang)


def _concerned(
    shot: Snapshot, probes: tuple[Probe, ...], servers: frozenset[str], domain: str
) -> dict[str, Component]:
    """The components these servers belong to, and those that explain them."""
    probed = {p.component for p in probes if domain and _host(p.target) == domain}
    known = {s.component.id: s.component for s in shot.states}
    wanted = [
        c
        for c in known.values()
        if c.id in probed
        or servers & {s.lower() for s in c.servers}
        or (domain and domain in {s.lower() for s in c.servers})
    ]
    found: dict[str, Component] = {}
    while wanted:
        component = wanted.pop()
        if component.id not in found:
            found[component.id] = component
            wanted += [known[d] for d in component.depends_on if d in known]
    return found


def _match(
    shot: Snapshot, parts: dict[str, Component], url: str, lang: str
) -> IncidentMatch | None:
    for incident in open_incidents(shot.incidents):
        hit = next((c for c in incident.components if c in parts), None)
        if hit:
            link = f"{url}/{lang}/incidents/{incident.id}"
            title = localized(incident.title, lang)
            return IncidentMatch(incident.id, title, incident.started_at, link, parts[hit].name)
    for work in shot.maintenances:
        hit = next((c for c in work.components if c in parts), None)
        if hit and maintenance_windows.state(work, shot.at) is MaintenanceState.IN_PROGRESS:
            link = f"{url}/{lang}/maintenance#{work.id}"
            return IncidentMatch(
                work.id, localized(work.title, lang), work.starts_at, link, parts[hit].name
            )
    for state in shot.states:
        down = state.condition in TROUBLED and state.condition is not Condition.UNDER_MAINTENANCE
        if state.component.id in parts and down:
            word = translate(lang, words.CONDITIONS[state.condition])
            name = state.component.name
            return IncidentMatch("", f"{name}: {word}", state.since, f"{url}/{lang}/", name)
    return None


def _host(target: str) -> str:
    if "://" in target:
        return (urlsplit(target).hostname or "").lower()
    return target.partition(":")[0].lower()
