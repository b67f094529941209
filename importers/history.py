"""Imported history of another status page as incidents and maintenance. Pure.

Nothing here is written anywhere: status/storage/history.py keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from importers.configuration import MAX_NAME, identifier
from importers.moments import MomentReader
from importers.plain_text import MAX_TEXT, MAX_TITLE, plain_text, plain_title
from importers.source import ImportNote, NotImported, quoted, text_of
from render.characters import one_line
from render.languages import NAMES
from status.model import (
    Component,
    Condition,
    Impact,
    Incident,
    KnownComponent,
    Maintenance,
    Update,
    UptimeDay,
    stable_id,
)
from status.state.statements import CLOSED

_OUR_ID = re.compile(r"[a-z0-9]{6,32}")
_TWICE = "id: it is there twice, and the first was brought"
TICK = timedelta(microseconds=1)  # between entries of one moment: it keeps their order
CONDITION_OF_IMPACT: Mapping[Impact, Condition] = {
    Impact.CRITICAL: Condition.MAJOR_OUTAGE,
    Impact.MAJOR: Condition.PARTIAL_OUTAGE,
    Impact.MINOR: Condition.DEGRADED_PERFORMANCE,
}


@dataclass(frozen=True, slots=True)
class HistoryTarget:
    """Where it is brought to: the site's components, languages and clock, and the present. `lang` and
    `zone` are what somebody asked for, of words and of times that name none."""

    components: tuple[Component, ...]
    languages: tuple[str, ...]  # the usual one first
    site_zone: ZoneInfo
    now: datetime
    lang: str = ""
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class SourceService:
    """A service of the source; `id` is what the configuration import calls it, `since` is when the
    other page began to tell of it."""

    key: str
    name: str
    group: str
    id: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImportedHistory:
    """The whole. `since` is, by component that is configured here, when the other page began to
    tell of it; `former` are services that are not; `days` are what the source itself measured."""

    incidents: tuple[Incident, ...]
    maintenances: tuple[Maintenance, ...]
    former: tuple[KnownComponent, ...]
    since: Mapping[str, datetime]
    leftovers: tuple[ImportNote, ...]
    days: Mapping[str, tuple[UptimeDay, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class HistoryBuilder:
    """What has been brought so far."""

    source: str
    target: HistoryTarget
    services: Mapping[str, SourceService]  # by their key in the source
    source_zone: ZoneInfo | None = None  # of its times that name none, if it says
    source_lang: str = ""
    moments: MomentReader = field(init=False)
    lang: str = field(init=False)
    incidents: dict[str, Incident] = field(default_factory=dict)
    maintenances: dict[str, Maintenance] = field(default_factory=dict)
    leftovers: list[ImportNote] = field(default_factory=list)
    _ids: dict[str, str] = field(default_factory=dict)  # key in the source → our component
    _update_ids: set[str] = field(default_factory=set)
    _former: dict[str, KnownComponent] = field(default_factory=dict)  # by key in the source

    def __post_init__(self) -> None:
        target = self.target
        self.moments = MomentReader(target.zone or self.source_zone or target.site_zone)
        of_source = self.source_lang if self.source_lang in target.languages else ""
        self.lang = target.lang or of_source or target.languages[0]
        if not (target.lang or of_source) and len(target.languages) > 1:
            self.note("words", f"are taken for {NAMES[self.lang]}; --lang says otherwise")

    def note(self, where: str, text: str) -> None:
        """Say what was not brought, or otherwise."""
        self.leftovers.append(ImportNote(where, text))

    def own_id(self, kind: str, given: object) -> str:
        """An id of the source where it can be an address here too, so that links go on to work."""
        if isinstance(given, str) and _OUR_ID.fullmatch(given):
            return given
        return stable_id(f"{self.source}.{kind}", str(given))

    def address(self, kind: str, given: object, where: str) -> str:
        """The same of what has a page of its own: a new id is noted."""
        if (id_ := self.own_id(kind, given)) != given:
            text = f"id: {quoted(given)} cannot be an address here: it is {id_}, and old links end"
            self.note(where, text)
        return id_

    def title(self, given: object, where: str, lang: str = "") -> Mapping[str, str]:
        """A heading, in a language or in the usual one. Raises NotImported."""
        text = plain_title(text_of(given))
        if not text:
            raise NotImported("it has no title")
        if len(text) == MAX_TITLE and text.endswith("…"):
            self.note(where, "its title is too long: its end was cut off")
        return {lang or self.lang: text}

    def text(self, given: object, where: str, lang: str = "") -> Mapping[str, str]:
        """Words of an entry; none when nothing is written."""
        text = plain_text(text_of(given))
        if len(text) > MAX_TEXT:
            self.note(where, f"a text is longer than {MAX_TEXT} characters: its end was cut off")
            text = f"{text[: MAX_TEXT - 1]}…"
        return {lang or self.lang: text} if text else {}

    def component(self, key: str, at: datetime, name: str = "") -> str:
        """Our component that a service of the source is, or the one that it was; `name` is what an
        entry calls it, for services that are listed no longer."""
        if key not in self._ids:
            display_name = one_line(name)[:MAX_NAME] or key
            service = self.services.get(key) or SourceService(
                key, display_name, "", identifier(display_name, ())
            )
            self._ids[key] = self.configured(service) or self._add_former(service, at)
        if former := self._former.get(key):
            first, last = min(former.first_seen, at), max(former.last_seen, at)
            self._former[key] = replace(former, first_seen=first, last_seen=last)
        return self._ids[key]

    def configured(self, service: SourceService) -> str:
        """The component that is configured for a service: of its name, else of its id; "" for none."""
        same_name = [c for c in self.target.components if _has_name(c, service.name)]
        in_group = [c for c in same_name if c.group.casefold() == service.group.casefold()]
        by_id = [c for c in self.target.components if c.id == service.id]
        candidates = (*in_group, *(same_name if len(same_name) == 1 else ()), *by_id)
        return candidates[0].id if candidates else ""

    def _add_former(self, service: SourceService, at: datetime) -> str:
        taken = {c.id for c in self.target.components} | {
            k.component for k in self._former.values()
        }
        id_ = identifier(service.name, ())
        if id_ in taken:
            id_ = f"{id_[:50]}-{stable_id(self.source, service.key)[:8]}"
        self._former[service.key] = KnownComponent(id_, service.group, service.name, at, at)
        self.note(service.name, "is not configured here: it is named, and counts for no uptime")
        return id_

    def add_incident(self, incident: Incident, where: str) -> None:
        """One more. Raises NotImported when its id is taken by another."""
        first = self.incidents.get(incident.id)
        if first is not None and not _is_same(first, incident):
            raise NotImported(_TWICE)
        if first is not None:
            return
        self.incidents[incident.id] = replace(incident, updates=self._with_own_ids(incident))
        if incident.resolved_at is None:
            self.note(
                where, "is open there, and now here too: nobody was written to; close it here"
            )

    def add_maintenance(self, maintenance: Maintenance) -> None:
        """One more. Raises NotImported when its id is taken by another."""
        if self.maintenances.setdefault(maintenance.id, maintenance) != maintenance:
            raise NotImported(_TWICE)

    def _with_own_ids(self, incident: Incident) -> tuple[Update, ...]:
        """Its entries; one whose id stands in another already gets one of its own."""
        entries: list[Update] = []
        for update in incident.updates:
            is_taken = update.id in self._update_ids
            id_ = stable_id(incident.id, f"{update.id}:{update.at}") if is_taken else update.id
            self._update_ids.add(id_)
            entries.append(replace(update, id=id_))
        return tuple(entries)

    def built(self) -> ImportedHistory:
        """All of it."""
        if count := self.moments.without_zone:
            clock = self.moments.zone.key
            self.note("times", f"{count} name no zone and were read by the clock of {clock}")
        if count := self.moments.shown_twice:
            clock = self.moments.zone.key
            self.note("times", f"{count} came twice by the clock of {clock}: the first was taken")
        since = {
            component_id: service.since
            for service in self.services.values()
            if service.since and (component_id := self.configured(service))
        }
        return ImportedHistory(
            tuple(self.incidents.values()),
            tuple(self.maintenances.values()),
            tuple(self._former.values()),
            since,
            tuple(dict.fromkeys(self.leftovers)),
        )


def _is_same(first: Incident, second: Incident) -> bool:
    """Whether one incident came in two answers; its entries may have got other ids."""
    ids = [u.id for u in second.updates]
    entries = tuple(replace(u, id=i) for u, i in zip(first.updates, ids, strict=False))
    return replace(first, updates=entries) == second


def in_order(updates: Iterable[Update]) -> tuple[Update, ...]:
    """Entries by their time, the newest first, each later than the one before it: what was told at
    the same moment keeps its order."""
    ordered: list[Update] = []
    for update in sorted(updates, key=lambda u: u.at):
        earliest = ordered[-1].at + TICK if ordered else update.at
        ordered.append(replace(update, at=max(update.at, earliest)))
    return tuple(reversed(ordered))


def _has_name(component: Component, name: str) -> bool:
    names = (component.name, *component.names.values())
    return name.casefold() in (each.casefold() for each in names)


def end_of(updates: Sequence[Update]) -> int | None:
    """Which entry ended it, of entries the newest first; None while it goes on. What was opened
    again ended when it was closed for the last time."""
    end = None
    for position, update in enumerate(updates):
        if update.state not in CLOSED:
            break
        end = position
    return end
