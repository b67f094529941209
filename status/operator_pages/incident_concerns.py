"""Warnings before an incident is opened, published or resolved: another is open, probes disagree.
Pages ask with it; API and command line say it. What probes say is in probe_concerns.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from render.i18n import N_, FilledText
from render.languages import DEFAULT, localized
from status.incidents.incident_editing import AnnouncementText, IncidentEditor
from status.incidents.probe_incidents import latest_conditions
from status.model import Condition, Incident, Probe
from status.monitoring import state_file
from status.operator_pages.probe_concerns import probe_concerns, recovery_concerns
from status.state.damping import DebouncedState
from status.state.statements import CLOSED, is_visible, open_incidents

_TOLD_ALREADY = N_(
    "An open incident tells of {services:list} already: “{title}”, since {since:datetime}. If this is"
    " the same trouble, write another entry there."
)


@dataclass(frozen=True, slots=True)
class IncidentConcerns:
    """Looks at what is known when it is asked. `folder` is where the engine publishes, `zone` what
    moments are told in."""

    incidents: IncidentEditor
    probes: tuple[Probe, ...]
    folder: Path
    zone: str = "UTC"

    def opening(self, entry: AnnouncementText, lang: str) -> tuple[FilledText, ...]:
        """What speaks against a further incident."""
        return self._told_already(entry, lang)

    def written(self, before: Incident | None, saved: Incident) -> tuple[FilledText, ...]:
        """The same of what was written or published just now; `before` is None for a new incident."""
        if before is not None and _is_published_by(before, saved):
            return self.publishing(before, DEFAULT)
        newest = saved.updates[0]
        entry = AnnouncementText(newest.text, newest.state, newest.components)
        if before is not None:
            return self.updating(before, entry, DEFAULT)
        return () if saved.draft else self._told_already(entry, DEFAULT, besides=saved.id)

    def updating(
        self, before: Incident, entry: AnnouncementText, lang: str
    ) -> tuple[FilledText, ...]:
        """What speaks against an entry that resolves an incident."""
        saved = state_file.load(self.folder)
        if saved is None or before.state in CLOSED:
            return ()
        return self._still_seen(before, entry, saved.settled, lang)

    def publishing(self, waiting: Incident, lang: str) -> tuple[FilledText, ...]:
        """What speaks against showing readers a draft, or now what waits for its time."""
        if not _waits(waiting):
            return ()
        conditions = latest_conditions(waiting)
        entry = AnnouncementText(waiting.updates[0].text, waiting.state, conditions)
        concerns = self._told_already(entry, lang, besides=waiting.id)
        saved = state_file.load(self.folder)
        if saved is None:
            return concerns
        settled, names = saved.settled, self._names(lang)
        concerns += recovery_concerns(waiting, conditions, self.probes, settled, names)
        return concerns + self._still_seen(waiting, entry, settled, lang)

    def _told_already(
        self, entry: AnnouncementText, lang: str, *, besides: str = ""
    ) -> tuple[FilledText, ...]:
        """One sentence for each incident that readers see as open, about services that an entry says
        are not well."""
        if entry.state in CLOSED:
            return ()
        now, names = self.incidents.now(), self._names(lang)
        conditions = (entry.components or {}).items()
        unwell = [c for c, condition in conditions if condition is not Condition.OPERATIONAL]
        concerns = []
        for incident in open_incidents(self.incidents.all()):
            shared = tuple(names.get(c, c) for c in unwell if c in incident.components)
            if shared and incident.id != besides and is_visible(incident, now):
                title, since = localized(incident.title, lang), incident.started_at
                values = {"services": shared, "title": title, "since": since}
                # the page links the incident
                concerns.append(FilledText(_TOLD_ALREADY, **values, incident=incident.id))
        return tuple(concerns)

    def _still_seen(
        self,
        incident: Incident,
        entry: AnnouncementText,
        settled: Mapping[str, DebouncedState],
        lang: str,
    ) -> tuple[FilledText, ...]:
        names = self._names(lang)
        return probe_concerns(
            incident, entry, self.probes, settled, names, lang=lang, zone=self.zone
        )

    def _names(self, lang: str) -> dict[str, str]:
        components = {c.id for c in self.incidents.components} | {p.component for p in self.probes}
        return self.incidents.component_names(components, lang)


def _waits(incident: Incident) -> bool:
    """Readers do not see it yet, and may be shown it."""
    return not incident.discarded and (incident.draft or incident.publish_at is not None)


def _is_published_by(before: Incident, saved: Incident) -> bool:
    is_approved = before.draft and not saved.draft
    is_released = before.publish_at is not None and saved.publish_at is None
    return not saved.discarded and (is_approved or is_released)
