"""What operators tell the public of incidents: opening, updating, backdating, postmortems.

Planned work, overrides and announcements are in plans.py, which this extends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from render.i18n import N_
from status.events import ChangeKind, StatusChanged
from status.incidents.maintenance import MaintenanceEditor
from status.incidents.rules import (
    TEXT,
    TITLE,
    AnnouncementText,
    NotFound,
    RuleViolation,
    audited,
    fresh_id,
    graver,
    impact_of,
    trimmed,
    wrong_state,
    wrong_words,
)
from status.model import Condition, Impact, Incident, IncidentState, Update
from status.state.composition import CLOSED

__all__ = (
    "AT_ONCE",
    "AnnouncementText",
    "Backdating",
    "IncidentEditor",
    "NotFound",
    "RuleViolation",
    "fresh_id",
    "impact_of",
)


@dataclass(frozen=True, slots=True)
class Backdating:
    """Other moments than now: when it really began, when readers may know, when it was over."""

    started_at: datetime | None = None
    publish_at: datetime | None = None
    ended_at: datetime | None = None


AT_ONCE = Backdating()


class IncidentEditor(MaintenanceEditor):
    """Opens, updates and resolves. `by` is a person's id or "cli"."""

    def open(
        self,
        title: Mapping[str, str],
        news: AnnouncementText,
        by: str,
        *,
        impact: Impact | None = None,
        draft: bool = False,
        when: Backdating = AT_ONCE,
    ) -> Incident:
        """A new incident. One that was over before it is told needs `when.ended_at`.

        Raises Refused and DatabaseAway.
        """
        now = self._clock.now()
        wrong = wrong_words("title", title, TITLE) | wrong_words("text", news.text, TEXT)
        wrong |= self._components(news.components or {}) | wrong_state(news.state)
        wrong |= _moments(news, when, now)
        if wrong:
            raise RuleViolation(wrong)
        began = when.started_at or now
        told = dict(news.components or {})
        first = Update(fresh_id(), news.state, when.ended_at or began, trimmed(news.text), told)
        incident = Incident(
            id=fresh_id(),
            title=trimmed(title),
            state=IncidentState(news.state),
            impact=impact or impact_of(told),
            started_at=began,
            updates=(first,),
            components=tuple(told),
            resolved_at=when.ended_at,
            draft=draft,
            publish_at=when.publish_at if when.publish_at and when.publish_at > now else None,
        )
        quiet = draft or incident.publish_at or when.ended_at
        said = None if quiet else opened(incident, now)
        audit = audited(now, by, "incident.opened", incident.id, news.state)
        self._store.add_incident(incident, audit, said)
        return incident

    def update(
        self, id: str, news: AnnouncementText, by: str, *, at: datetime | None = None
    ) -> Incident:
        """One more entry in the timeline, now or at a moment after the last one.

        Raises Unknown, Refused and DatabaseAway.
        """
        before = self.get(id)
        now = self._clock.now()
        newest = max((u.at for u in before.updates), default=before.started_at)
        wrong = wrong_words("text", news.text, TEXT) | wrong_state(news.state)
        wrong |= self._components(news.components or {})
        if at is not None and not newest < at <= now:
            wrong["at"] = N_("It must lie between the entry before it and now.")
        if news.state == IncidentState.POSTMORTEM and before.state not in CLOSED:
            wrong["state"] = N_("Write what happened once it is over.")
        if wrong:
            raise RuleViolation(wrong)
        over = news.state in CLOSED
        told = dict(news.components or {})
        hands = over or news.take_over or bool(told)
        if over and before.state not in CLOSED:
            told = dict.fromkeys(before.components, Condition.OPERATIONAL) | told
        moment = at or max(now, newest + timedelta(microseconds=1))
        entry = Update(fresh_id(), news.state, moment, trimmed(news.text), told)
        after = replace(added(before, entry), cause="" if hands else before.cause)
        said = None if after.draft or after.publish_at else changed(before, entry)
        audit = audited(now, by, "incident.updated", id, news.state)
        self._store.add_update(after, entry, audit, said)
        return after

    def resolve(self, id: str, text: Mapping[str, str], by: str) -> Incident:
        """The end of an incident; its components are well again."""
        return self.update(id, AnnouncementText(text, IncidentState.RESOLVED), by)

    def postmortem(self, id: str, text: Mapping[str, str], by: str) -> Incident:
        """What happened and what we learned, on the incident's page for good."""
        return self.update(id, AnnouncementText(text, IncidentState.POSTMORTEM), by)

    def approve(self, id: str, by: str) -> bool:
        """Publish a draft. False when it had been published already."""
        found = self._store.incident(id)
        now = self._clock.now()
        over = found is None or found.state in CLOSED or found.publish_at is not None
        said = None if over or found is None else opened(found, now)
        return self._store.approve(id, audited(now, by, "incident.approved", id), said)

    def discard(self, id: str, by: str) -> bool:
        """Put a draft away: readers never see it. One that probes tell goes on unseen until all
        is well, so that the same trouble is not drafted again. False when it is no draft.

        Raises Unknown.
        """
        before = self.get(id)
        now = self._clock.now()
        state = before.state if before.cause else IncidentState.RESOLVED
        audit = audited(now, by, "incident.discarded", id)
        return self._store.discard(replace(before, state=state), audit)

    def publish_now(self, id: str, by: str) -> bool:
        """Publish at once what was scheduled. False when it was published already."""
        found = self.get(id)
        if found.publish_at is None:
            return False
        now = self._clock.now()
        said = None if found.draft or found.state in CLOSED else opened(found, now)
        audit = audited(now, by, "incident.released", id)
        return self._store.release(id, found.publish_at, audit, said)

    def get(self, id: str) -> Incident:
        """One incident. Raises Unknown."""
        found = self._store.incident(id)
        if found is None:
            raise NotFound(id)
        return found

    def all(self) -> tuple[Incident, ...]:
        """Open, recent, scheduled and draft incidents, newest first."""
        return tuple(i for i in self._store.words().incidents if not i.discarded)


def added(before: Incident, entry: Update) -> Incident:
    """The incident with one more entry in its timeline, and what follows from it."""
    over = entry.state in CLOSED
    return replace(
        before,
        state=IncidentState(entry.state),
        impact=graver(before.impact, impact_of(entry.components)),
        components=tuple(dict.fromkeys((*before.components, *entry.components))),
        resolved_at=(before.resolved_at or entry.at) if over else None,
        updates=(entry, *before.updates),
    )


def opened(incident: Incident, at: datetime) -> StatusChanged:
    """The word that there is a new incident."""
    return StatusChanged(ChangeKind.INCIDENT_OPENED, incident.id, at, incident.components)


def changed(before: Incident, entry: Update) -> StatusChanged:
    """The word that an incident has one more entry."""
    what = ChangeKind.INCIDENT_UPDATED
    if entry.state == IncidentState.POSTMORTEM:
        what = ChangeKind.INCIDENT_POSTMORTEM
    elif entry.state == IncidentState.RESOLVED and before.state not in CLOSED:
        what = ChangeKind.INCIDENT_RESOLVED
    parts = tuple(dict.fromkeys((*before.components, *entry.components)))
    return StatusChanged(what, before.id, entry.at, parts, entry.id)


def _moments(news: AnnouncementText, when: Backdating, now: datetime) -> dict[str, str]:
    if news.state in CLOSED and when.ended_at is None:
        return {"state": N_("A new incident cannot be over already.")}
    if when.ended_at is not None and news.state != IncidentState.RESOLVED:
        return {"state": N_("What has an end is resolved.")}
    if when.started_at is not None and when.started_at > now:
        return {"started_at": N_("It cannot begin in the future.")}
    if when.ended_at is not None and not (when.started_at or now) < when.ended_at <= now:
        return {"ended_at": N_("The end must come after the beginning, and not after now.")}
    return {}
