"""The joint between status and notify: what was said, read into the news that messages are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from clock import Clock
from notify.model import AffectedComponent, News, NewsSort
from render.i18n import N_
from render.languages import LANGUAGES
from status import words
from status.events import ChangeKind, StatusChanged
from status.model import Component, Condition, Incident, Maintenance, Snapshot, Transition
from status.monitoring import state_file
from status.publishing import statuspage_webhooks
from status.publishing.statuspage import Json, PageAddress
from status.state import maintenance_windows
from status.state.composition import visible
from status.storage.store import StatusStore
from web.site import Site

LEADS: Mapping[ChangeKind, str] = {
    ChangeKind.INCIDENT_OPENED: N_("Incident: {title}"),
    ChangeKind.INCIDENT_UPDATED: N_("News of the incident: {title}"),
    ChangeKind.INCIDENT_RESOLVED: N_("Resolved: {title}"),
    ChangeKind.INCIDENT_POSTMORTEM: N_("What happened: {title}"),
    ChangeKind.MAINTENANCE_ANNOUNCED: N_("Planned maintenance: {title}"),
    ChangeKind.MAINTENANCE_REMINDER: N_("Maintenance begins soon: {title}"),
    ChangeKind.MAINTENANCE_STARTED: N_("Maintenance has begun: {title}"),
    ChangeKind.MAINTENANCE_ENDED: N_("Maintenance is over: {title}"),
    ChangeKind.MAINTENANCE_CHANGED: N_("Maintenance was changed: {title}"),
    ChangeKind.MAINTENANCE_CANCELLED: N_("Maintenance was cancelled: {title}"),
    ChangeKind.MAINTENANCE_UPDATED: N_("News of the maintenance: {title}"),
    ChangeKind.ANNOUNCED: N_("News: {title}"),
    ChangeKind.COMPONENT_CHANGED: N_("{title}: the state has changed"),
}


NEAR = timedelta(minutes=2)  # between a component's change and the incident that tells it


def _around(incident: Incident, at: datetime) -> bool:
    """Whether an incident was told, began or ended about then, so that it explains a change."""
    over = incident.resolved_at
    return incident.started_at - NEAR <= at and (over is None or at <= over + NEAR)


def reader(
    store: StatusStore, components: Iterable[Component], site: Site, folder: Path, clock: Clock
) -> Callable[[StatusChanged], News | None]:
    """What reads the news behind a change; None when readers cannot see it (any more)."""
    return _Reader(store, {c.id: c for c in components}, site, folder, clock).read


@dataclass(frozen=True, slots=True)
class _Reader:
    store: StatusStore
    components: Mapping[str, Component]
    site: Site
    folder: Path
    clock: Clock

    def read(self, said: StatusChanged) -> News | None:
        room = said.what.partition(".")[0]
        readers = {
            "incident": self._incident,
            "maintenance": self._work,
            "component": self._component,
        }
        return readers.get(room, self._announcement)(said)

    def _incident(self, said: StatusChanged) -> News | None:
        found = self.store.incident(said.id)
        now = self.clock.now()
        if found is None or not visible(found, now):
            return None
        ordered = sorted(found.updates, key=lambda u: u.at)
        entry = next((u for u in ordered if u.id == said.update), ordered[0])
        standing: dict[str, Condition] = {}
        for update in ordered:
            standing |= update.components
            if update.id == entry.id:
                break
        return News(
            what=said.what.value,
            sort=NewsSort.INCIDENT,
            id=found.id,
            at=entry.at,
            lead=LEADS[said.what],
            title=found.title,
            text=entry.text,
            path=f"/incidents/{found.id}",
            state=words.STATES.get(entry.state, ""),
            touched=self._touched(said.components or found.components, standing),
            documents=self._documents(
                lambda shot, page: statuspage_webhooks.incident_hook(shot, page, found)
            ),
        )

    def _work(self, said: StatusChanged) -> News | None:
        found = self._found(said.id)
        if found is None:
            return None
        entry = next((n for n in maintenance_windows.notes(found) if n.id == said.update), None)
        return News(
            what=said.what.value,
            sort=NewsSort.MAINTENANCE,
            id=found.id,
            at=said.at,
            lead=LEADS[said.what],
            title=found.title,
            text=entry.text if entry else found.text,
            path="/maintenance",
            state=words.STATES.get(entry.state, "") if entry else "",
            touched=self._touched(found.components, {}),
            starts_at=found.starts_at,
            ends_at=found.ends_at,
            zone=self.site.time_zone,
            documents=self._documents(
                lambda shot, page: statuspage_webhooks.maintenance_hook(shot, page, found)
            ),
        )

    def _found(self, id: str) -> Maintenance | None:
        """One-off work, or an occurrence of recurring work."""
        work = self.store.maintenance(maintenance_windows.series_of(id))
        if work is None or not work.rrule or work.id == id:
            return work
        return maintenance_windows.occurrence(work, id, self.clock.now())

    def _component(self, said: StatusChanged) -> News | None:
        """A change that still holds and that nothing else has told."""
        known = state_file.recall(self.folder)
        if known is None:
            return None
        incidents, now = self.store.words().incidents, self.clock.now()
        told = {
            c for i in incidents if visible(i, now) and _around(i, said.at) for c in i.components
        }
        standing = {s.component.id: s.condition for s in known.snapshot.states}
        moves = {c: self._moved(c, said.at) for c in said.components if c not in told}
        held = {c: m for c, m in moves.items() if m and standing.get(c) is m.after}
        if not held:
            return None
        one = held.get(said.id)
        names = [self.components[c].name if c in self.components else c for c in held]
        return News(
            what=said.what.value,
            sort=NewsSort.COMPONENT,
            id=said.id,
            at=said.at,
            lead=LEADS[said.what],
            title=words.several(names),
            text={},
            path="/",
            touched=self._touched(held, {c: m.after for c, m in held.items() if m}),
            documents=self._documents(
                lambda shot, page: (
                    statuspage_webhooks.component_hook(shot, page, one)
                    if one
                    else statuspage_webhooks.page_hook(shot, page)
                )
            ),
        )

    def _moved(self, component: str, at: datetime) -> Transition | None:
        found = self.store.transitions(component, 20)
        return next((m for m in found if m.since == at), found[0] if found else None)

    def _announcement(self, said: StatusChanged) -> News | None:
        found = self.store.announcement(said.id)
        if found is None:
            return None
        return News(
            what=said.what.value,
            sort=NewsSort.ANNOUNCEMENT,
            id=found.id,
            at=said.at,
            lead=LEADS[said.what],
            title=found.title,
            text=found.text,
            path="/",
            documents=self._documents(statuspage_webhooks.page_hook),
        )

    def _touched(
        self, ids: Iterable[str], standing: Mapping[str, Condition]
    ) -> tuple[AffectedComponent, ...]:
        named = (self.components.get(one) or Component(one, one) for one in ids)
        return tuple(
            AffectedComponent(
                c.id, c.name, c.group, words.CONDITIONS[standing[c.id]] if c.id in standing else ""
            )
            for c in named
        )

    def _documents(self, made: Callable[[Snapshot, PageAddress], Json]) -> dict[str, Json]:
        known = state_file.recall(self.folder)
        now = self.clock.now()
        shot = replace(known.snapshot, at=now) if known else Snapshot(now, now, (), (), ())
        url = self.site.status_url or self.site.url
        return {
            lang: made(shot, PageAddress(self.site.name, url, lang, self.site.time_zone))
            for lang in LANGUAGES
        }
