"""Editing incidents: opening, updating, backdating, resolving, postmortems.

Corrections are in corrections.py, which this extends; maintenance in maintenance_editing.py;
overrides in override_editing.py, announcements in announcement_editing.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from render.i18n import N_
from status.events import ChangeKind, StatusChanged
from status.incidents.corrections import CorrectionEditor
from status.incidents.validation import (
    TEXT,
    AnnouncementText,
    NotFound,
    RuleViolation,
    audit_entry,
    check_seen,
    filled_texts,
    filled_titles,
    fresh_id,
    gravest,
    impact_of,
    state_problems,
    unless_changed,
)
from status.model import Condition, Impact, Incident, IncidentState, Update
from status.state.statements import CLOSED

__all__ = (
    "NOT_BACKDATED",
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


NOT_BACKDATED = Backdating()


class IncidentEditor(CorrectionEditor):
    """Opens, updates and resolves. `by` is a person's id or "cli"."""

    def open(
        self,
        title: Mapping[str, str],
        entry: AnnouncementText,
        by: str,
        *,
        impact: Impact | None = None,
        draft: bool = False,
        when: Backdating = NOT_BACKDATED,
    ) -> Incident:
        """A new incident. One that was over before it is told needs `when.ended_at`.

        Raises RuleViolation and DatabaseAway.
        """
        if problems := self.open_problems(title, entry, when=when):
            raise RuleViolation(problems)
        incident = self.compose(title, entry, impact=impact, draft=draft, when=when)
        now, unannounced = self._clock.now(), draft or incident.publish_at or when.ended_at
        event = None if unannounced else opened_event(incident, now)
        audit = audit_entry(now, by, "incident.opened", incident.id, entry.state)
        self._store.add_incident(incident, audit, event)
        return incident

    def compose(
        self,
        title: Mapping[str, str],
        entry: AnnouncementText,
        *,
        impact: Impact | None = None,
        draft: bool = False,
        when: Backdating = NOT_BACKDATED,
    ) -> Incident:
        """A new incident as it would be told now; nothing is written."""
        now, conditions = self._clock.now(), dict(entry.components or {})
        title, text = (self._named(t, conditions) for t in (title, entry.text))
        started_at = when.started_at or now
        first = Update(
            fresh_id(),
            entry.state,
            when.ended_at or started_at,
            filled_texts(text),
            conditions,
            now,
        )
        return Incident(
            id=fresh_id(),
            title=filled_titles(title),
            state=IncidentState(entry.state),
            impact=impact or impact_of(conditions),
            started_at=started_at,
            updates=(first,),
            components=tuple(conditions),
            resolved_at=when.ended_at,
            draft=draft,
            publish_at=when.publish_at if when.publish_at and when.publish_at > now else None,
        )

    def open_problems(
        self, title: Mapping[str, str], entry: AnnouncementText, *, when: Backdating = NOT_BACKDATED
    ) -> dict[str, str]:
        """All that keeps a new incident from being told, by field."""
        title, text = (self._named(t, entry.components or {}) for t in (title, entry.text))
        problems = self._words_problems(title, text)
        problems |= self._component_problems(entry.components or {}) | state_problems(entry.state)
        return problems | _moment_problems(entry, when, self._clock.now())

    def update(
        self,
        id: str,
        news: AnnouncementText,
        by: str,
        *,
        at: datetime | None = None,
        version: int | None = None,
    ) -> Incident:
        """One more entry in the timeline, now or at a moment after the last one. `version` is the
        one its writer saw.

        Raises NotFound, RuleViolation (ChangedMeanwhile) and DatabaseAway.
        """
        return unless_changed(lambda: self._update(id, news, by, at, version), version)

    def _update(
        self,
        id: str,
        news: AnnouncementText,
        by: str,
        at: datetime | None,
        seen_version: int | None,
    ) -> Incident:
        before = self.get(id)
        check_seen(seen_version, before.version)
        if problems := self.update_problems(before, news, at=at):
            raise RuleViolation(problems)
        after = self.compose_update(before, news, at=at)
        entry = after.updates[0]
        if entry.state in CLOSED or news.take_over or news.components:
            after = without_probes(after, entry.at)
        event = None if after.draft or after.publish_at else updated_event(before, entry)
        audit = audit_entry(self._clock.now(), by, "incident.updated", id, news.state)
        self._store.add_update(after, entry, audit, event)
        return replace(after, version=before.version + 1)

    def compose_update(
        self, before: Incident, news: AnnouncementText, *, at: datetime | None = None
    ) -> Incident:
        """An incident with the entry that would be added now; nothing is written."""
        now, newest = self._clock.now(), _newest(before)
        text = self._named(news.text, news.components or before.components)
        conditions = dict(news.components or {})
        if news.state in CLOSED and before.state not in CLOSED:
            conditions = dict.fromkeys(before.components, Condition.OPERATIONAL) | conditions
        entry_at = at or max(now, newest + timedelta(microseconds=1))
        entry = Update(fresh_id(), news.state, entry_at, filled_texts(text), conditions, now)
        return with_entry(before, entry)

    def update_problems(
        self, before: Incident, news: AnnouncementText, *, at: datetime | None = None
    ) -> dict[str, str]:
        """All that keeps an entry from being told, by field."""
        text = self._named(news.text, news.components or before.components)
        problems = self._text_problems("text", text, TEXT) | state_problems(news.state)
        problems |= self._component_problems(news.components or {})
        if at is not None and not _newest(before) < at <= self._clock.now():
            problems["at"] = N_("It must lie between the entry before it and now.")
        if news.state == IncidentState.POSTMORTEM and before.state not in CLOSED:
            problems["state"] = N_("Write what happened once it is over.")
        return problems

    def resolve(
        self, id: str, text: Mapping[str, str], by: str, *, version: int | None = None
    ) -> Incident:
        """The end of an incident; its components are well again."""
        return self.update(id, AnnouncementText(text, IncidentState.RESOLVED), by, version=version)

    def postmortem(
        self, id: str, text: Mapping[str, str], by: str, *, version: int | None = None
    ) -> Incident:
        """What happened and what we learned, on the incident's page for good."""
        news = AnnouncementText(text, IncidentState.POSTMORTEM)
        return self.update(id, news, by, version=version)

    def approve(self, id: str, by: str, *, version: int | None = None) -> bool:
        """Publish a draft. False when it had been published already. Raises ChangedMeanwhile."""
        return self._if_seen(id, version, lambda: self._approve(id, by, version))

    def _if_seen(self, id: str, seen_version: int | None, act: Callable[[], bool]) -> bool:
        """An act of one who may have named the version they saw: what they have not read must not
        be published or put away by them."""

        def act_on_it() -> bool:
            if seen_version is not None:
                check_seen(seen_version, self.get(id).version)
            has_acted = act()
            if seen_version is not None and not has_acted:
                check_seen(seen_version, self.get(id).version)
            return has_acted

        return unless_changed(act_on_it, seen_version)

    def _approve(self, id: str, by: str, seen_version: int | None) -> bool:
        incident = self._store.incident(id)
        now = self._clock.now()
        is_silent = incident is None or incident.state in CLOSED or incident.publish_at is not None
        event = None if is_silent or incident is None else opened_event(incident, now)
        return self._store.approve(
            id, audit_entry(now, by, "incident.approved", id), event, seen_version
        )

    def discard(self, id: str, by: str, *, version: int | None = None) -> bool:
        """Put a draft away: readers never see it. One that probes tell goes on unseen until all
        is well, so that the same trouble is not drafted again. False when it is no draft.

        Raises NotFound, ChangedMeanwhile.
        """
        return self._if_seen(id, version, lambda: self._discard(id, by, version))

    def _discard(self, id: str, by: str, seen_version: int | None) -> bool:
        before = self.get(id)
        now = self._clock.now()
        audit = audit_entry(now, by, "incident.discarded", id)
        if not before.cause:
            before = replace(before, state=IncidentState.RESOLVED, resolved_at=now)
        return self._store.discard(before, audit, seen_version)

    def publish_now(self, id: str, by: str, *, version: int | None = None) -> bool:
        """Publish at once what was scheduled. False when it was published already. Raises
        NotFound, ChangedMeanwhile."""
        return self._if_seen(id, version, lambda: self._publish_now(id, by, version))

    def _publish_now(self, id: str, by: str, seen_version: int | None) -> bool:
        incident = self.get(id)
        if incident.publish_at is None:
            return False
        now = self._clock.now()
        event = None if incident.draft or incident.state in CLOSED else opened_event(incident, now)
        audit = audit_entry(now, by, "incident.released", id)
        return self._store.release(id, incident.publish_at, audit, event, seen_version)

    def get(self, id: str) -> Incident:
        """One incident. Raises NotFound."""
        incident = self._store.incident(id)
        if incident is None:
            raise NotFound(id)
        return incident

    def all(self) -> tuple[Incident, ...]:
        """Open, recent, scheduled and draft incidents, newest first."""
        return tuple(i for i in self._store.statements().incidents if not i.discarded)


def _newest(incident: Incident) -> datetime:
    """When its last entry was so."""
    return max((u.at for u in incident.updates), default=incident.started_at)


def with_entry(before: Incident, entry: Update) -> Incident:
    """The incident with one more entry in its timeline, and what follows from it."""
    is_closed = entry.state in CLOSED
    return replace(
        before,
        state=IncidentState(entry.state),
        impact=gravest(before.impact, impact_of(entry.components)),
        components=tuple(dict.fromkeys((*before.components, *entry.components))),
        resolved_at=(before.resolved_at or entry.at) if is_closed else None,
        updates=(entry, *before.updates),
    )


def without_probes(incident: Incident, at: datetime) -> Incident:
    """The incident that probes tell no longer, from a moment on."""
    if not incident.cause:
        return incident
    return replace(incident, cause="", probes_until=at)


def opened_event(incident: Incident, at: datetime) -> StatusChanged:
    """The word that there is a new incident."""
    return StatusChanged(ChangeKind.INCIDENT_OPENED, incident.id, at, incident.components)


def updated_event(before: Incident, entry: Update) -> StatusChanged:
    """The word that an incident has one more entry."""
    kind = ChangeKind.INCIDENT_UPDATED
    if entry.state == IncidentState.POSTMORTEM:
        kind = ChangeKind.INCIDENT_POSTMORTEM
    elif entry.state == IncidentState.RESOLVED and before.state not in CLOSED:
        kind = ChangeKind.INCIDENT_RESOLVED
    component_ids = tuple(dict.fromkeys((*before.components, *entry.components)))
    return StatusChanged(kind, before.id, entry.at, component_ids, entry.id)


def _moment_problems(news: AnnouncementText, when: Backdating, now: datetime) -> dict[str, str]:
    problems: dict[str, str] = {}
    if news.state in CLOSED and when.ended_at is None:
        problems["state"] = N_("A new incident cannot be over already.")
    elif when.ended_at is not None and news.state != IncidentState.RESOLVED:
        problems["state"] = N_("What has an end is resolved.")
    if when.started_at is not None and when.started_at > now:
        problems["started_at"] = N_("It cannot begin in the future.")
    elif when.ended_at is not None and not (when.started_at or now) < when.ended_at <= now:
        problems["ended_at"] = N_("The end must come after the beginning, and not after now.")
    return problems
