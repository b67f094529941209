"""News of status, as messages are made of it: reads what stands behind a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from clock import Clock
from notify.model import AffectedComponent, News, NewsSort
from render.i18n import N_
from status import labels
from status.events import ChangeKind, StatusChanged
from status.model import Component, Condition, Incident, Maintenance, Snapshot, Transition
from status.monitoring import state_file
from status.publishing import statuspage_webhooks
from status.publishing.statuspage import Json, PageAddress
from status.room import StatusRoom
from status.state import maintenance_windows, recurrence
from status.state.statements import is_visible
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


def _explains(incident: Incident, at: datetime) -> bool:
    """Whether an incident was told, began or ended about then, so that it explains a change."""
    over = incident.resolved_at
    return incident.started_at - NEAR <= at and (over is None or at <= over + NEAR)


def news_of_change(change: StatusChanged, status: StatusRoom) -> News | None:
    """The news behind a change; None when readers cannot see it (any more)."""
    ctx = status.ctx
    reader = NewsReader(status.store, status.components, ctx.site, status.published, ctx.clock)
    return reader.read(change)


@dataclass(frozen=True, slots=True)
class NewsReader:
    """Reads news from what is stored and published."""

    store: StatusStore
    components: tuple[Component, ...]
    site: Site
    folder: Path
    clock: Clock

    def read(self, change: StatusChanged) -> News | None:
        """The news behind a change; None when readers cannot see it (any more)."""
        subject = change.what.partition(".")[0]
        readers = {
            "incident": self._incident,
            "maintenance": self._maintenance,
            "component": self._component,
        }
        return readers.get(subject, self._announcement)(change)

    def _incident(self, change: StatusChanged) -> News | None:
        incident = self.store.incident(change.id)
        now = self.clock.now()
        if incident is None or not is_visible(incident, now):
            return None
        ordered = sorted(incident.updates, key=lambda u: u.at)
        entry = next((u for u in ordered if u.id == change.update), ordered[0])
        conditions: dict[str, Condition] = {}
        for update in ordered:
            conditions |= update.components
            if update.id == entry.id:
                break
        return News(
            what=change.what.value,
            sort=NewsSort.INCIDENT,
            id=incident.id,
            at=entry.at,
            lead=LEADS[change.what],
            title=incident.title,
            text=entry.text,
            path=f"/incidents/{incident.id}",
            state=labels.STATES.get(entry.state, ""),
            touched=self._touched(change.components or incident.components, conditions),
            documents=self._documents(
                lambda shot, page: statuspage_webhooks.incident_hook(shot, page, incident)
            ),
        )

    def _maintenance(self, change: StatusChanged) -> News | None:
        work = self._maintenance_of(change.id)
        if work is None:
            return None
        entry = next(
            (n for n in maintenance_windows.updates_of(work) if n.id == change.update), None
        )
        return News(
            what=change.what.value,
            sort=NewsSort.MAINTENANCE,
            id=work.id,
            at=change.at,
            lead=LEADS[change.what],
            title=work.title,
            text=entry.text if entry else work.text,
            path="/maintenance",
            state=labels.STATES.get(entry.state, "") if entry else "",
            touched=self._touched(work.components, {}),
            starts_at=work.starts_at,
            ends_at=work.ends_at,
            zone=self.site.time_zone,
            documents=self._documents(
                lambda shot, page: statuspage_webhooks.maintenance_hook(shot, page, work)
            ),
        )

    def _maintenance_of(self, id: str) -> Maintenance | None:
        """One-off work, or an occurrence of recurring work."""
        work = self.store.maintenance(recurrence.series_of(id))
        if work is None or not work.rrule or work.id == id:
            return work
        return recurrence.occurrence(work, id, self.clock.now())

    def _component(self, change: StatusChanged) -> News | None:
        """A change that still holds and that nothing else has told."""
        state = state_file.load(self.folder)
        if state is None:
            return None
        incidents, now = self.store.statements().incidents, self.clock.now()
        explained = {
            c
            for i in incidents
            if is_visible(i, now) and _explains(i, change.at)
            for c in i.components
        }
        conditions = {s.component.id: s.condition for s in state.snapshot.states}
        moves = {c: self._moved(c, change.at) for c in change.components if c not in explained}
        held = {c: m for c, m in moves.items() if m and conditions.get(c) is m.after}
        if not held:
            return None
        move = held.get(change.id)
        return News(
            what=change.what.value,
            sort=NewsSort.COMPONENT,
            id=change.id,
            at=change.at,
            lead=LEADS[change.what],
            title=labels.joined_title(self._named(held), self.site.languages),
            text={},
            path="/",
            touched=self._touched(held, {c: m.after for c, m in held.items() if m}),
            documents=self._documents(
                lambda shot, page: (
                    statuspage_webhooks.component_hook(shot, page, move)
                    if move
                    else statuspage_webhooks.page_hook(shot, page)
                )
            ),
        )

    def _moved(self, component: str, at: datetime) -> Transition | None:
        moves = self.store.transitions(component, 20)
        return next((m for m in moves if m.since == at), moves[0] if moves else None)

    def _announcement(self, change: StatusChanged) -> News | None:
        announcement = self.store.announcement(change.id)
        if announcement is None:
            return None
        return News(
            what=change.what.value,
            sort=NewsSort.ANNOUNCEMENT,
            id=announcement.id,
            at=change.at,
            lead=LEADS[change.what],
            title=announcement.title,
            text=announcement.text,
            path="/",
            documents=self._documents(statuspage_webhooks.page_hook),
        )

    def _touched(
        self, ids: Iterable[str], conditions: Mapping[str, Condition]
    ) -> tuple[AffectedComponent, ...]:
        return tuple(
            AffectedComponent(
                c.id,
                c.name,
                c.group,
                labels.CONDITIONS[conditions[c.id]] if c.id in conditions else "",
                c.names,
            )
            for c in self._named(ids)
        )

    def _named(self, ids: Iterable[str]) -> tuple[Component, ...]:
        """Components by id; one that is configured no longer is called as it was."""
        by_id, component_ids = {c.id: c for c in self.components}, tuple(ids)
        if any(c not in by_id for c in component_ids):
            former = {k.component: k for k in self.store.known_components()}
            by_id = {c: Component(c, k.name, k.group) for c, k in former.items()} | by_id
        return tuple(by_id.get(c) or Component(c, c) for c in component_ids)

    def _documents(self, document: Callable[[Snapshot, PageAddress], Json]) -> dict[str, Json]:
        state = state_file.load(self.folder)
        now = self.clock.now()
        shot = replace(state.snapshot, at=now) if state else Snapshot(now, now, (), (), ())
        url = self.site.status_url or self.site.url
        return {
            lang: document(shot, PageAddress(self.site.name, url, lang, self.site.time_zone))
            for lang in self.site.languages
        }
