"""What operators tell the public: incidents, planned work, overrides. Checks, names, records.

Every change is one transaction: the row, its audit entry and the wish to publish.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.model import AuditEntry
from clock import Clock
from render.i18n import LANGUAGES, N_
from status.compose import CLOSED, open_incidents
from status.model import (
    Component,
    Condition,
    Impact,
    Incident,
    IncidentState,
    Maintenance,
    Override,
    Update,
)
from status.store import StatusStore

TITLE = 200
TEXT = 5000
LONGEST_WORK = timedelta(days=31)
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_ORDER = (Impact.NONE, Impact.MINOR, Impact.MAJOR, Impact.CRITICAL)
_IMPACTS = {
    Condition.MAJOR_OUTAGE: Impact.CRITICAL,
    Condition.PARTIAL_OUTAGE: Impact.MAJOR,
    Condition.DEGRADED_PERFORMANCE: Impact.MINOR,
}


class Refused(Exception):
    """What was said cannot be published as it is. `fields` map a field to a msgid."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{k}: {v}" for k, v in fields.items()))
        self.fields = fields


class Unknown(Exception):
    """There is no such incident or maintenance."""


@dataclass(frozen=True, slots=True)
class News:
    """What an operator has to say now: words by language, the state, what is affected how."""

    text: Mapping[str, str]
    state: str = IncidentState.INVESTIGATING
    components: Mapping[str, Condition] | None = None


class Incidents:
    """Opens, updates and resolves; plans and cancels work. `by` is a person's id or "cli"."""

    def __init__(
        self, store: StatusStore, clock: Clock, components: tuple[Component, ...] = ()
    ) -> None:
        self._store = store
        self._clock = clock
        self._known = {c.id for c in components}
        self.components = components

    def now(self) -> datetime:
        """The moment by which states of planned work are told."""
        return self._clock.now()

    # ------------------------------------------------------------------ incidents

    def open(
        self,
        title: Mapping[str, str],
        news: News,
        by: str,
        *,
        impact: Impact | None = None,
        draft: bool = False,
    ) -> Incident:
        """A new incident. Raises Refused and DatabaseAway."""
        wrong = _words("title", title, TITLE) | _words("text", news.text, TEXT)
        wrong |= self._components(news.components or {}) | _state(news.state)
        if news.state in CLOSED:
            wrong["state"] = N_("A new incident cannot be over already.")
        if wrong:
            raise Refused(wrong)
        now = self._clock.now()
        told = dict(news.components or {})
        first = Update(fresh_id(), news.state, now, _trimmed(news.text), told)
        incident = Incident(
            id=fresh_id(),
            title=_trimmed(title),
            state=IncidentState(news.state),
            impact=impact or impact_of(told),
            started_at=now,
            updates=(first,),
            components=tuple(told),
            draft=draft,
        )
        self._store.add_incident(
            incident, self._audit(by, "incident.opened", incident.id, news.state)
        )
        return incident

    def update(self, id: str, news: News, by: str) -> Incident:
        """One more entry in the timeline. Raises Unknown, Refused and DatabaseAway."""
        before = self.get(id)
        wrong = _words("text", news.text, TEXT) | _state(news.state)
        wrong |= self._components(news.components or {})
        if wrong:
            raise Refused(wrong)
        newest = max((u.at for u in before.updates), default=before.started_at)
        now = max(self._clock.now(), newest + timedelta(microseconds=1))
        over = news.state in CLOSED
        told = dict(news.components or {})
        if over:
            told = dict.fromkeys(before.components, Condition.OPERATIONAL) | told
        entry = Update(fresh_id(), news.state, now, _trimmed(news.text), told)
        impact = max(before.impact, impact_of(told), key=_rank)
        after = replace(
            before,
            state=IncidentState(news.state),
            impact=impact,
            components=tuple(dict.fromkeys((*before.components, *told))),
            resolved_at=(before.resolved_at or now) if over else None,
            updates=(entry, *before.updates),
        )
        self._store.add_update(after, entry, self._audit(by, "incident.updated", id, news.state))
        return after

    def resolve(self, id: str, text: Mapping[str, str], by: str) -> Incident:
        """The end of an incident; its components are well again."""
        return self.update(id, News(text, IncidentState.RESOLVED), by)

    def approve(self, id: str, by: str) -> bool:
        """Publish a draft. False when it had been published already."""
        return self._store.approve(id, self._audit(by, "incident.approved", id, ""))

    def get(self, id: str) -> Incident:
        """One incident. Raises Unknown."""
        found = self._store.incident(id)
        if found is None:
            raise Unknown(id)
        return found

    def all(self) -> tuple[Incident, ...]:
        """Open, recent and draft incidents, newest first."""
        return self._store.words().incidents

    def open_ones(self) -> tuple[Incident, ...]:
        """What readers see as open."""
        return open_incidents(self.all())

    # ------------------------------------------------------------------ planned work

    def plan(
        self,
        title: Mapping[str, str],
        text: Mapping[str, str],
        window: tuple[datetime, datetime],
        components: tuple[str, ...],
        by: str,
    ) -> Maintenance:
        """Announce work. Raises Refused."""
        wrong = _words("title", title, TITLE) | _words("text", text, TEXT)
        wrong |= self._components(dict.fromkeys(components, Condition.UNDER_MAINTENANCE))
        if not components:
            wrong["components"] = N_("Say which services the work touches.")
        starts, ends = window
        if ends <= starts:
            wrong["ends_at"] = N_("The end must come after the beginning.")
        elif ends - starts > LONGEST_WORK:
            wrong["ends_at"] = N_("Work of more than a month is better split.")
        elif ends <= self._clock.now():
            wrong["ends_at"] = N_("This is over already.")
        if wrong:
            raise Refused(wrong)
        work = Maintenance(
            id=fresh_id(),
            title=_trimmed(title),
            text=_trimmed(text),
            starts_at=starts,
            ends_at=ends,
            components=components,
            created_at=self._clock.now(),
        )
        self._store.save_maintenance(work, self._audit(by, "maintenance.planned", work.id, ""))
        return work

    def finish(self, id: str, by: str) -> Maintenance:
        """End running work now, or cancel what has not begun. Raises Unknown."""
        work = self._store.maintenance(id)
        if work is None:
            raise Unknown(id)
        now = self._clock.now()
        begun = work.starts_at <= now
        after = replace(
            work,
            ends_at=min(work.ends_at, now) if begun else work.ends_at,
            cancelled=work.cancelled or not begun,
            sequence=work.sequence + 1,
        )
        word = "maintenance.finished" if begun else "maintenance.cancelled"
        self._store.save_maintenance(after, self._audit(by, word, id, ""))
        return after

    def maintenances(self) -> tuple[Maintenance, ...]:
        """Planned, running and recent work, latest start first."""
        return self._store.words().maintenances

    def override(
        self, component: str, condition: Condition, until: datetime, by: str, reason: str = ""
    ) -> Override:
        """An operator's word on a component until a moment. Raises Refused."""
        wrong = self._components({component: condition})
        if until > self._clock.now() + LONGEST_WORK:
            wrong["until"] = N_("An override must end within a month.")
        if wrong:
            raise Refused(wrong)
        said = Override(component, condition, until, by, reason[:TITLE])
        self._store.save_override(said, self._audit(by, "override.set", component, condition))
        return said

    def _components(self, told: Mapping[str, Condition]) -> dict[str, str]:
        if all(c in self._known for c in told) and Condition.NO_DATA not in told.values():
            return {}
        return {"components": N_("One of these services is not known here.")}

    def _audit(self, by: str, action: str, subject: str, state: str) -> AuditEntry:
        room = action.partition(".")[0]
        detail = {"state": str(state)} if state else {}
        return AuditEntry(self._clock.now(), by, action, f"{room}:{subject}", detail)


def fresh_id() -> str:
    """Twelve lower-case letters and digits, as Statuspage's own."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


def impact_of(told: Mapping[str, Condition]) -> Impact:
    """How bad an incident is, from what it says of its components."""
    return max(
        (_IMPACTS.get(c, Impact.NONE) for c in told.values()), key=_rank, default=Impact.NONE
    )


def _rank(impact: Impact) -> int:
    return _ORDER.index(impact) if impact in _ORDER else 0


def _trimmed(texts: Mapping[str, str]) -> dict[str, str]:
    return {lang: text.strip() for lang, text in texts.items() if text.strip()}


def _words(field: str, texts: Mapping[str, str], most: int) -> dict[str, str]:
    said = _trimmed(texts)
    if not said:
        return {field: N_("Say it in at least one language.")}
    if any(lang not in LANGUAGES for lang in said):
        return {field: N_("This language is not shipped.")}
    if any(len(text) > most for text in said.values()):
        return {field: N_("This is too long. Say the rest in a later update.")}
    if any("\0" in text for text in said.values()):
        return {field: N_("There is a character in it that cannot be stored.")}
    return {}


def _state(state: str) -> dict[str, str]:
    if state in set(IncidentState):
        return {}
    return {"state": N_("This is not a state of an incident.")}
