"""The joint between status and notify: what was said, read into the news that messages are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from clock import Clock
from notify.model import News, Sort, Touched
from render.i18n import LANGUAGES, N_
from status import hooks, maintenance, memory, words
from status.compose import visible
from status.events import Changed, What
from status.model import Component, Condition, Maintenance, Snapshot
from status.statuspage import Json, Page
from status.store import StatusStore
from web.site import Site

LEADS: Mapping[What, str] = {
    What.INCIDENT_OPENED: N_("Incident: {title}"),
    What.INCIDENT_UPDATED: N_("News of the incident: {title}"),
    What.INCIDENT_RESOLVED: N_("Resolved: {title}"),
    What.INCIDENT_POSTMORTEM: N_("What happened: {title}"),
    What.MAINTENANCE_ANNOUNCED: N_("Planned maintenance: {title}"),
    What.MAINTENANCE_REMINDER: N_("Maintenance begins soon: {title}"),
    What.MAINTENANCE_STARTED: N_("Maintenance has begun: {title}"),
    What.MAINTENANCE_ENDED: N_("Maintenance is over: {title}"),
    What.MAINTENANCE_CHANGED: N_("Maintenance was changed: {title}"),
    What.MAINTENANCE_CANCELLED: N_("Maintenance was cancelled: {title}"),
    What.ANNOUNCED: N_("News: {title}"),
}


def reader(
    store: StatusStore, components: Iterable[Component], site: Site, folder: Path, clock: Clock
) -> Callable[[Changed], News | None]:
    """What reads the news behind a change; None when readers cannot see it (any more)."""
    return _Reader(store, {c.id: c for c in components}, site, folder, clock).read


@dataclass(frozen=True, slots=True)
class _Reader:
    store: StatusStore
    components: Mapping[str, Component]
    site: Site
    folder: Path
    clock: Clock

    def read(self, said: Changed) -> News | None:
        room = said.what.partition(".")[0]
        if room == "incident":
            return self._incident(said)
        return self._work(said) if room == "maintenance" else self._announcement(said)

    def _incident(self, said: Changed) -> News | None:
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
            sort=Sort.INCIDENT,
            id=found.id,
            at=entry.at,
            lead=LEADS[said.what],
            title=found.title,
            text=entry.text,
            path=f"/incidents/{found.id}",
            state=words.STATES.get(entry.state, ""),
            touched=self._touched(said.components or found.components, standing),
            documents=self._documents(lambda shot, page: hooks.incident_hook(shot, page, found)),
        )

    def _work(self, said: Changed) -> News | None:
        found = self._found(said.id)
        if found is None:
            return None
        return News(
            what=said.what.value,
            sort=Sort.MAINTENANCE,
            id=found.id,
            at=said.at,
            lead=LEADS[said.what],
            title=found.title,
            text=found.text,
            path="/maintenance",
            touched=self._touched(found.components, {}),
            starts_at=found.starts_at,
            ends_at=found.ends_at,
            documents=self._documents(lambda shot, page: hooks.maintenance_hook(shot, page, found)),
        )

    def _found(self, id: str) -> Maintenance | None:
        """One-off work, or an occurrence of recurring work."""
        work = self.store.maintenance(maintenance.series_of(id))
        if work is None or not work.rrule or work.id == id:
            return work
        return maintenance.occurrence(work, id, self.clock.now())

    def _announcement(self, said: Changed) -> News | None:
        found = self.store.announcement(said.id)
        if found is None:
            return None
        return News(
            what=said.what.value,
            sort=Sort.ANNOUNCEMENT,
            id=found.id,
            at=said.at,
            lead=LEADS[said.what],
            title=found.title,
            text=found.text,
            path="/",
            documents=self._documents(hooks.page_hook),
        )

    def _touched(
        self, ids: Iterable[str], standing: Mapping[str, Condition]
    ) -> tuple[Touched, ...]:
        named = (self.components.get(one) or Component(one, one) for one in ids)
        return tuple(
            Touched(
                c.id, c.name, c.group, words.CONDITIONS[standing[c.id]] if c.id in standing else ""
            )
            for c in named
        )

    def _documents(self, made: Callable[[Snapshot, Page], Json]) -> dict[str, Json]:
        known = memory.recall(self.folder)
        now = self.clock.now()
        shot = known.snapshot if known else Snapshot(now, now, (), (), ())
        url = self.site.status_url or self.site.url
        return {lang: made(shot, Page(self.site.name, url, lang)) for lang in LANGUAGES}
