"""Incidents and maintenance of Atlassian's Statuspage, with updates and postmortems, as ours. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from importers.configuration import ConfigurationBuilder
from importers.history import (
    CONDITION_OF_IMPACT,
    HistoryBuilder,
    HistoryTarget,
    ImportedHistory,
    end_of,
    in_order,
)
from importers.plain_text import plain_title
from importers.source import NotImported, SourceEntry, listed_entries, noting, quoted, text_of
from importers.statuspage.export import COMPONENT_STATUSES, collect, services
from status.model import Condition, Impact, Incident, IncidentState, Maintenance, Update, stable_id
from status.model import MaintenanceState as Stage
from status.state.statements import CLOSED

_STATES = frozenset(IncidentState)
_STAGES = frozenset(Stage)
_IMPACTS = frozenset(Impact)


def read_history(files: Mapping[str, str], target: HistoryTarget) -> ImportedHistory:
    """Everything that some answers tell of the past. Raises UnreadableSource."""
    export = collect(files)
    configuration = ConfigurationBuilder()
    builder = HistoryBuilder("statuspage", target, services(export, configuration))
    builder.leftovers += [*export.leftovers, *configuration.leftovers]
    if export.subscribers:
        builder.note("subscribers", f"{export.subscribers} not brought, and nobody was written to")
    for entry in export.incidents:
        name = plain_title(text_of(entry.fields.get("name"))) or text_of(entry.fields.get("id"))
        with noting(where := entry.where(name), builder.leftovers):
            _Reading(entry, where, builder).add()
    return builder.built()


class _Reading:
    """One incident or maintenance."""

    def __init__(self, entry: SourceEntry, where: str, builder: HistoryBuilder) -> None:
        given = self._given = entry.fields
        self._where = where
        self._builder = builder
        self._now = builder.target.now
        self._status = text_of(given.get("status"))
        if self._status not in _STATES | _STAGES:
            builder.note(where, f"status: {quoted(given.get('status'))} is no state of it")
        location = f"{where}: incident_updates"
        self._entries = tuple(
            listed_entries(given.get("incident_updates"), location, builder.leftovers)
        )

    def add(self) -> None:
        """Put it to the others. Raises NotImported."""
        if self._given.get("scheduled_for") or self._status in _STAGES - _STATES:
            self._builder.add_maintenance(self._maintenance())
        else:
            self._builder.add_incident(self._incident(), self._where)

    # ------------------------------------------------------------------ incidents

    def _incident(self) -> Incident:
        updates = in_order((*self._updates(_STATES), *self._postmortem()))
        created_at = self._moment("created_at")
        started_at = self._moment("started_at") or created_at
        if not updates and started_at is None:
            raise NotImported("created_at: it has no time")
        updates = updates or (self._update_without_words(started_at or self._now),)
        if updates[0].at > self._now:
            raise NotImported("created_at: it lies in the future")
        started_at = min(started_at or updates[-1].at, updates[-1].at)
        updates = self._closed(updates)
        components = self._components(started_at)
        impact = self._impact()
        updates = self._with_conditions(updates, components, impact)
        component_ids = dict.fromkeys((*components, *(c for u in updates for c in u.components)))
        end = end_of(updates)
        return Incident(
            id=self._builder.address("incident", self._given.get("id"), self._where),
            title=self._builder.title(self._given.get("name"), self._where),
            state=IncidentState(updates[0].state),
            impact=impact,
            started_at=started_at,
            updates=updates,
            components=tuple(component_ids),
            resolved_at=None if end is None else updates[end].at,
        )

    def _update_without_words(self, at: datetime) -> Update:
        state = self._status if self._status in _STATES else IncidentState.INVESTIGATING
        return Update(
            stable_id("statuspage.update", f"{self._given.get('id')}:{at}"), state, at, {}
        )

    def _closed(self, updates: tuple[Update, ...]) -> tuple[Update, ...]:
        """With an entry for the end, where the source only says when it was over."""
        if self._status not in CLOSED or any(u.state in CLOSED for u in updates):
            return updates
        at = self._moment("resolved_at") or self._moment("updated_at") or updates[0].at
        end = replace(self._update_without_words(at), state=IncidentState.RESOLVED)
        return in_order((*updates, end))

    def _postmortem(self) -> Iterator[Update]:
        """What happened, where it was published and is no update already."""
        body, published = (self._given.get(f"postmortem_{k}") for k in ("body", "published_at"))
        if not body or any(u.fields.get("status") == "postmortem" for u in self._entries):
            return
        if not published:
            self._builder.note(self._where, "postmortem_body: not brought: it was never published")
            return
        keys = ("postmortem_published_at", "postmortem_body_last_updated_at", "resolved_at")
        at = next((m for key in keys if (m := self._moment_or_none(key))), None)
        if at is None:
            self._builder.note(
                self._where, "postmortem_published_at: the postmortem has no time: not brought"
            )
            return
        id_ = stable_id("statuspage.postmortem", str(self._given.get("id")))
        text = self._builder.text(body, self._where)
        if not text:
            self._builder.note(self._where, "postmortem_body: not brought: it says nothing")
            return
        yield Update(id_, IncidentState.POSTMORTEM, at, text, told_at=at)

    def _with_conditions(
        self, updates: tuple[Update, ...], components: tuple[str, ...], impact: Impact
    ) -> tuple[Update, ...]:
        """With what services were in: as the updates say, else by the impact of the whole."""
        if not any(u.components for u in updates) and impact in CONDITION_OF_IMPACT and components:
            conditions = dict.fromkeys(components, CONDITION_OF_IMPACT[impact])
            updates = (*updates[:-1], replace(updates[-1], components=conditions))
            self._builder.note(
                self._where,
                f"no update says how its services were: taken from its impact, {impact.value}",
            )
        end = end_of(updates)
        if (
            end is None or end == len(updates) - 1
        ):  # a first entry that tells of the end says till then
            return updates
        well = dict.fromkeys(components, Condition.OPERATIONAL)
        left = {c: s for c, s in updates[end].components.items() if s is not Condition.OPERATIONAL}
        for component, condition in left.items():
            self._builder.note(
                self._where,
                f"left {component} in {condition.value} at its end: nothing tells of it later",
            )
        closing = replace(updates[end], components=well | dict(updates[end].components))
        return (*updates[:end], closing, *updates[end + 1 :])

    def _impact(self) -> Impact:
        given = text_of(self._given.get("impact_override") or self._given.get("impact"))
        if given and given not in _IMPACTS:
            self._builder.note(self._where, f"impact: {quoted(given)} is none: taken as none")
        return Impact(given) if given in _IMPACTS else Impact.NONE

    # ------------------------------------------------------------------ planned work

    def _maintenance(self) -> Maintenance:
        starts_at, ends_at = self._moment("scheduled_for"), self._moment("scheduled_until")
        if starts_at is None:
            raise NotImported("scheduled_for: it does not say when it begins")
        updates = in_order(self._updates(_STAGES))[::-1]
        completed_at = next((u.at for u in updates if u.state == Stage.COMPLETED), None)
        completed_at = completed_at or self._moment("resolved_at")
        cancelled = completed_at is not None and completed_at <= starts_at
        if completed_at is not None and not cancelled:
            ends_at = completed_at
        if ends_at is None or ends_at <= starts_at:
            raise NotImported("scheduled_until: it does not say when it ends")
        created_at = self._moment("created_at") or (updates[0].at if updates else starts_at)
        announced = next((u for u in updates if u.state == Stage.SCHEDULED), None)
        id_ = self._builder.address("maintenance", self._given.get("id"), self._where)
        notes = tuple(u for u in updates if u is not announced and u.text)
        return Maintenance(
            id=id_,
            title=self._builder.title(self._given.get("name"), self._where),
            text=announced.text if announced else {},
            starts_at=starts_at,
            ends_at=ends_at,
            components=self._components(starts_at),
            created_at=min(created_at, self._now),
            cancelled=cancelled,
            changed_at=completed_at if cancelled else min(created_at, self._now),
            notes={id_: notes} if notes else {},
        )

    # ------------------------------------------------------------------ what both have

    def _updates(self, states: frozenset[str]) -> Iterator[Update]:
        state = "investigating" if "investigating" in states else "scheduled"
        for entry in sorted(self._entries, key=lambda u: str(u.fields.get("display_at"))):
            status = text_of(entry.fields.get("status"))
            if status in states:
                state = status
            elif entry.fields.get("status") is not None:
                self._builder.note(entry.location, f"status: {quoted(status)} is no state of it")
            with noting(entry.location, self._builder.leftovers):
                yield self._update(entry, state)

    def _update(self, entry: SourceEntry, state: str) -> Update:
        given = entry.fields
        written_at = self._builder.moments.read(given.get("created_at"), "created_at")
        at = self._builder.moments.read(given.get("display_at"), "display_at") or written_at
        if at is None or at > self._now:
            raise NotImported(f"display_at: it {'lies in the future' if at else 'has no time'}")
        told_at = min(max(written_at, at), self._now) if written_at else None
        conditions = self._conditions(entry, at) if state in _STATES else {}
        key = given.get("id") or f"{self._given.get('id')}:{at.isoformat()}"
        id_ = self._builder.own_id("update", key)
        text = self._builder.text(given.get("body"), entry.location)
        return Update(id_, state, at, text, conditions, told_at)

    def _conditions(self, update: SourceEntry, at: datetime) -> Mapping[str, Condition]:
        """What an update says of services. Without any there stands a sentence in their place."""
        given = update.fields.get("affected_components")
        location, notes = f"{update.location}: affected_components", self._builder.leftovers
        conditions: dict[str, Condition] = {}
        for entry in listed_entries(given if isinstance(given, list) else None, location, notes):
            name, code = text_of(entry.fields.get("name")), text_of(entry.fields.get("code"))
            status = text_of(entry.fields.get("new_status"))
            if not code and not status:
                continue
            if not code:
                self._builder.note(entry.where(name), "code: not brought: it names no component")
            elif status not in COMPONENT_STATUSES:
                text = f"new_status: not brought: {quoted(status)} is none of a component"
                self._builder.note(entry.where(name), text)
            else:
                conditions[self._builder.component(code, at, name)] = Condition(status)
        return conditions

    def _components(self, at: datetime) -> tuple[str, ...]:
        location, notes = f"{self._where}: components", self._builder.leftovers
        component_ids: dict[str, None] = {}
        for entry in listed_entries(self._given.get("components"), location, notes):
            key, name = text_of(entry.fields.get("id")), text_of(entry.fields.get("name"))
            if not key:
                self._builder.note(entry.where(name), "id: not brought: it names no component")
            elif entry.fields.get("group") is not True:
                component_ids[self._builder.component(key, at, name)] = None
        return tuple(component_ids)

    def _moment(self, key: str) -> datetime | None:
        return self._builder.moments.read(self._given.get(key), key)

    def _moment_or_none(self, key: str) -> datetime | None:
        try:
            return self._moment(key)
        except NotImported:
            return None
