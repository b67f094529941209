"""Is there an open incident or planned work on what a customer uses? For diagnosing and tickets.

Answers from what is published, so it needs no database. Per-server answers are for whoever may
know the servers: the caller decides, by handing servers over or not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from render.i18n import translate
from render.languages import DEFAULT, localized
from status import labels
from status.incidents.probe_incidents import latest_conditions
from status.model import Component, Condition, Probe, Snapshot
from status.monitoring import state_file
from status.state import maintenance_windows
from status.state.composition import SEVERITY
from status.state.dependencies import TROUBLED
from status.state.statements import open_incidents

OUTAGES = (Condition.PARTIAL_OUTAGE, Condition.MAJOR_OUTAGE)
MAX_TITLES = 5
PageUrls = Callable[[str], Mapping[str, str]]  # a path → where it is published, by language


@dataclass(frozen=True, slots=True)
class IncidentMatch:
    """What is known already: incidents, work under way, or components that are in trouble. All are
    named in the title, the worst first, and in the id, with spaces between; the rest is of the worst,
    but the page is of all of them and nothing is said of when. Title and page by language."""

    id: str
    title: Mapping[str, str]
    since: datetime | None
    url: Mapping[str, str]
    component: str
    component_id: str
    planned: bool = False  # work that was announced
    servers: tuple[str, ...] = ()  # those of the asked servers that they touch
    condition: Condition = Condition.MAJOR_OUTAGE  # of the services that were asked about

    @property
    def is_outage(self) -> bool:
        """Whether something does not work; else it is slow, watched, or worked on."""
        return self.condition in OUTAGES


@dataclass(frozen=True, slots=True)
class IncidentMatcher:
    """Call it with server names and a domain; it gives all that matches as one, or None."""

    folder: Path
    url: str  # where the status page lives
    probes: tuple[Probe, ...] = ()
    languages: tuple[str, ...] = (DEFAULT,)  # those its pages are published in

    def __call__(self, servers: Iterable[str] = (), domain: str = "") -> IncidentMatch | None:
        """The open incident on any of these servers, or on the component probed at `domain`."""
        saved = state_file.load(self.folder)
        if saved is None:
            return None
        snapshot, asked = saved.snapshot, frozenset(s.lower() for s in servers)
        components = _affected_components(snapshot, self.probes, asked, domain.lower())
        matches = self._matches(snapshot, components)
        named = {match.component_id for match in matches}
        touched = (s for s in sorted(asked) if _depends(snapshot, s, named))
        return replace(self._as_one(matches), servers=tuple(touched)) if matches else None

    def open_now(self) -> IncidentMatch | None:
        """What is open anywhere, for somebody of whom nothing is known yet: all of it is public."""
        saved = state_file.load(self.folder)
        if saved is None:
            return None
        components = {s.component.id: s.component for s in saved.snapshot.states}
        matches = self._matches(saved.snapshot, components)
        return self._as_one(matches) if matches and matches[0].id else None

    def is_over(self, id: str) -> bool:
        """Whether none of what a match's id names is open any longer, by what is published."""
        saved = state_file.load(self.folder)
        if saved is None:
            return False
        shot = saved.snapshot
        components = {s.component.id: s.component for s in shot.states}
        under_way = _work_under_way(shot, components, self._page)
        open_ids = {incident.id for incident in open_incidents(shot.incidents)}
        return (open_ids | {work.id for work in under_way}).isdisjoint(id.split())

    def _matches(
        self, snapshot: Snapshot, components: Mapping[str, Component]
    ) -> list[IncidentMatch]:
        """What was told, the worst first; where nothing was, the components that are in trouble."""
        published = [
            *_open_incidents(snapshot, components, self._page),
            *_work_under_way(snapshot, components, self._page),
        ]
        matches = published or [*_troubled_components(snapshot, components, self._page)]
        return sorted(matches, key=lambda match: SEVERITY.index(match.condition), reverse=True)

    def _as_one(self, matches: Sequence[IncidentMatch]) -> IncidentMatch:
        worst, *others = matches
        if not others:
            return worst
        titles = {
            lang: "; ".join(
                [localized(match.title, lang) for match in matches[:MAX_TITLES]]
                + ["…"] * (len(matches) > MAX_TITLES)
            )
            for lang in {lang for match in matches for lang in match.title}
        }
        return replace(
            worst,
            id=" ".join(match.id for match in matches if match.id),
            title=titles,
            since=None,
            url=self._page(""),
            planned=all(match.planned for match in matches),
        )

    def _page(self, path: str) -> dict[str, str]:
        """Where a page is published, by language."""
        return {lang: f"{self.url}/{lang}/{path}" for lang in self.languages}


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


def _depends(snapshot: Snapshot, server: str, components: Collection[str]) -> bool:
    """Whether a server belongs to one of some components, or to one that depends on it."""
    belongs_to = _affected_components(snapshot, (), frozenset({server}), "")
    return not belongs_to.keys().isdisjoint(components)


def _open_incidents(
    snapshot: Snapshot, components: Mapping[str, Component], page: PageUrls
) -> Iterator[IncidentMatch]:
    for incident in open_incidents(snapshot.incidents):
        conditions = latest_conditions(incident)
        named = [components[name] for name in incident.components if name in components]
        if named:
            worst = max(named, key=lambda c: SEVERITY.index(_condition_of(c, conditions)))
            yield IncidentMatch(
                *(incident.id, incident.title, incident.started_at),
                *(page(f"incidents/{incident.id}"), worst.name, worst.id),
                condition=_condition_of(worst, conditions),
            )


def _condition_of(component: Component, conditions: Mapping[str, Condition]) -> Condition:
    return conditions.get(component.id, Condition.OPERATIONAL)


def _work_under_way(
    snapshot: Snapshot, components: Mapping[str, Component], page: PageUrls
) -> Iterator[IncidentMatch]:
    for work in snapshot.maintenances:
        component = _first_of(components, work.components)
        under_way = maintenance_windows.state(work, snapshot.at) in maintenance_windows.RUNNING
        if component and under_way:
            yield IncidentMatch(
                *(work.id, work.title, work.starts_at),
                *(page(f"maintenance#{work.id}"), component.name, component.id),
                planned=True,
                condition=Condition.UNDER_MAINTENANCE,
            )


def _troubled_components(
    snapshot: Snapshot, components: Mapping[str, Component], page: PageUrls
) -> Iterator[IncidentMatch]:
    for state in snapshot.states:
        down = state.condition in TROUBLED and state.condition is not Condition.UNDER_MAINTENANCE
        if state.component.id in components and down:
            urls, label = page(""), labels.CONDITIONS[state.condition]
            title = {
                lang: f"{state.component.in_language(lang).name}: {translate(lang, label)}"
                for lang in urls
            }
            yield IncidentMatch(
                *("", title, state.since, urls),
                *(state.component.name, state.component.id),
                condition=state.condition,
            )


def _first_of(
    components: Mapping[str, Component], component_ids: Iterable[str]
) -> Component | None:
    return next((components[name] for name in component_ids if name in components), None)


def _host(target: str) -> str:
    if "://" in target:
        return (urlsplit(target).hostname or "").lower()
    return target.partition(":")[0].lower()
