"""Answers of Atlassian's Statuspage API (v1, v2): which object is what, and its components as ours. Pure.
One answer or several together; incidents are read in history.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from importers.configuration import ConfigurationBuilder, ImportedConfiguration
from importers.history import SourceService
from importers.moments import MomentReader
from importers.source import (
    Fields,
    ImportNote,
    NotImported,
    SourceEntry,
    UnreadableSource,
    listed_entries,
    noting,
    parse_json,
    quoted,
    reading_file,
    text_of,
)
from status.model import IncidentState, MaintenanceState

COMPONENT_STATUSES = frozenset(
    ("operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance")
)
STATUSES = {
    **dict.fromkeys(COMPONENT_STATUSES, "component"),
    **dict.fromkeys((*IncidentState, *MaintenanceState), "incident"),
}
LISTS = {  # of documents that hold several kinds: what their lists hold
    "components": "component", "component_groups": "group", "groups": "group",
    "incidents": "incident", "scheduled_maintenances": "incident", "subscribers": "subscriber",
}  # fmt: skip
NOT_READ = {
    "metrics": "not brought: charts here are of what probes see",
    "metrics_providers": "not brought: charts here are of what probes see",
    "page_access_users": "not brought: the status page here is public",
    "page_access_groups": "not brought: the status page here is public",
    "incident_templates": "not brought: write them as [[template]] (docs/incidents.md)",
}
_NOT_TOLD = frozenset({"page", "status", *NOT_READ})  # of a document with several lists
HISTORY = ImportNote("incidents", "their history is brought by --history")


@dataclass(slots=True)
class StatuspageExport:
    """The objects of some answers, by kind; the first of each id counts."""

    components: dict[str, SourceEntry] = field(default_factory=dict)
    groups: dict[str, Fields] = field(default_factory=dict)
    incidents: list[SourceEntry] = field(default_factory=list)
    subscribers: int = 0
    leftovers: list[ImportNote] = field(default_factory=list)

    def add_document(self, file: str, document: object) -> None:
        """All objects of an answer. Raises UnreadableSource when it is none of Statuspage."""
        if isinstance(document, list):
            flat = [x for each in document for x in (each if isinstance(each, list) else [each])]
            for entry in listed_entries(flat, f"{file}: number", self.leftovers):
                if not _kind(entry.fields) and _is_document(entry.fields):  # several in one list
                    self._add_lists(entry.location, entry.fields)
                else:
                    self._add(entry)
        elif isinstance(document, dict) and _kind(document):
            self._add(SourceEntry(file, document))
        elif isinstance(document, dict) and _is_document(document):
            self._add_lists(file, document)
        else:
            raise UnreadableSource(
                f"this is no answer of Statuspage that is read here{_what_it_says(document)}"
            )

    def _add_lists(self, location: str, document: Fields) -> None:
        for given_key, value in document.items():
            key = given_key.replace("-", "_")
            if key in NOT_READ and value:
                self.leftovers.append(ImportNote(f"{location}: {key}", NOT_READ[key]))
            elif key in LISTS:
                for entry in listed_entries(value, f"{location}: {key}", self.leftovers):
                    self._add(entry, LISTS[key])
            elif key not in _NOT_TOLD:
                note = ImportNote(
                    f"{location}: {given_key}", "not brought: it is nothing that is read"
                )
                self.leftovers.append(note)

    def _add(self, entry: SourceEntry, expected: str = "") -> None:
        """One more object; what is none of those that are read is told."""
        fields, kind = entry.fields, _kind(entry.fields) or expected
        if kind == "incident":
            self.incidents.append(entry)
        elif kind == "subscriber":
            self.subscribers += 1
        elif kind == "component" and fields.get("group") is not True:
            self.components.setdefault(text_of(fields.get("id")), entry)
        elif kind in ("component", "group"):
            self.groups.setdefault(text_of(fields.get("id")), fields)
        else:
            where = entry.where(text_of(fields.get("name")))
            self.leftovers.append(ImportNote(where, f"not brought: {_why_unknown(fields)}"))

    def group_of(self, component: Fields) -> str:
        """The id of the group that a component stands in; "" for none."""
        if given := component.get("group_id"):
            return text_of(given)
        for id_, group in self.groups.items():
            members = group.get("components")
            if isinstance(members, list) and component.get("id") in map(_id_of, members):
                return id_
        return ""

    def in_order(self) -> list[SourceEntry]:
        """The components as the page showed them: by their group's position, then their own."""

        def place(component: SourceEntry) -> tuple[float, float]:
            group = self.groups.get(self.group_of(component.fields))
            return _position(group or component.fields), _position(component.fields)

        return sorted(self.components.values(), key=place)


def collect(files: Mapping[str, str]) -> StatuspageExport:
    """What some answers hold, by the name of their file. Raises UnreadableSource."""
    export = StatuspageExport()
    for name, text in files.items():
        with reading_file(name):
            export.add_document(name, parse_json(text))
    if not (export.components or export.incidents):
        reasons = "; ".join(map(str, export.leftovers[:3]))
        text = "there are no components and no incidents of Statuspage in it"
        raise UnreadableSource(f"{text} ({reasons})" if reasons else text)
    return export


def read(files: Mapping[str, str]) -> ImportedConfiguration:
    """Its components as ours, without probes. Raises UnreadableSource."""
    export = collect(files)
    builder = ConfigurationBuilder()
    services(export, builder)
    builder.leftovers += export.leftovers
    if export.subscribers:
        note = f"{export.subscribers} not brought: they subscribe anew, for they agreed to another sender"
        builder.leftovers.append(ImportNote("subscribers", note))
    if export.incidents:
        builder.leftovers.append(HISTORY)
    return builder.built()


def services(export: StatuspageExport, builder: ConfigurationBuilder) -> dict[str, SourceService]:
    """Its components by their id there, as the builder takes them."""
    moments = MomentReader(ZoneInfo("UTC"))
    brought: dict[str, SourceService] = {}
    for entry in export.in_order():
        component, where = entry.fields, entry.where(text_of(entry.fields.get("name")))
        key, name = text_of(component.get("id")), text_of(component.get("name"))
        group_id = export.group_of(component)
        group = text_of(export.groups.get(group_id, {}).get("name"))
        with noting(where, builder.leftovers):
            service = builder.add_service(name, group, text_of(component.get("description")))
            since = _since(component, moments)
            brought[key] = SourceService(key, service.name, group, service.id, since)
            if group_id and group_id not in export.groups:
                note = ImportNote(where, f"group_id: {quoted(group_id)} is no group in these files")
                builder.leftovers.append(note)
            if component.get("only_show_if_degraded"):
                note = ImportNote(where, "only_show_if_degraded: it is always shown here")
                builder.leftovers.append(note)
    return brought


def _since(component: Fields, moments: MomentReader) -> datetime | None:
    """When the page began to tell of it, if it says so."""
    for key in ("start_date", "created_at"):
        try:
            if moment := moments.read(component.get(key), key):
                return moment
        except NotImported:
            continue
    return None


def _is_document(fields: Fields) -> bool:
    return any(key.replace("-", "_") in ("page", *LISTS, *NOT_READ) for key in fields)


def _what_it_says(document: object) -> str:
    """What an answer that is an error says, or what keys it has."""
    if not isinstance(document, dict) or not document:
        return ""
    messages = [
        f"{k}: {quoted(v)}" for k in ("error", "errors", "message") if (v := document.get(k))
    ]
    return (
        f": {messages[0]}" if messages else f": it has {', '.join(map(quoted, list(document)[:5]))}"
    )


def _kind(fields: Fields) -> str:
    """What an object is by its keys; "" when they do not say."""
    if "incident_updates" in fields or "scheduled_for" in fields:
        return "incident"
    has_name = "id" in fields and "name" in fields
    if has_name and (kind := STATUSES.get(text_of(fields.get("status")))):
        return kind
    if has_name and isinstance(fields.get("components"), list):
        return "group"
    return "subscriber" if "mode" in fields or "skip_confirmation_notification" in fields else ""


def _why_unknown(fields: Fields) -> str:
    """Why an object is of no kind that is read, by its first field that should say it."""
    missing = [key for key in ("id", "name", "status") if not text_of(fields.get(key))]
    if missing:
        return f"{missing[0]}: it has none, as components, groups and incidents do"
    return f"status: {quoted(fields.get('status'))} is none of a component or of an incident"


def _id_of(member: object) -> object:
    return member.get("id") if isinstance(member, dict) else member


def _position(fields: Fields) -> float:
    position = fields.get("position")
    is_number = isinstance(position, int | float) and not isinstance(position, bool)
    return float(position) if is_number else float("inf")  # type: ignore[arg-type]
