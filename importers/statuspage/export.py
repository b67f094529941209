"""What Atlassian's Statuspage answers over its API (v1 or v2), one answer or several together: which
object is what, and its components as ours. Pure; incidents are read in history.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from importers.configuration import (
    ConfigurationBuilder,
    Fields,
    ImportedConfiguration,
    ImportNote,
    NotImported,
    UnreadableSource,
    text_of,
)
from importers.history import SourceService
from importers.moments import MomentReader

COMPONENT_STATUSES = frozenset(
    ("operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance")
)
LISTS = {  # of documents that hold several kinds: what their lists hold
    "components": "component", "component_groups": "group", "groups": "group",
    "incidents": "incident", "scheduled_maintenances": "incident", "subscribers": "subscriber",
}  # fmt: skip
NOT_READ = {
    "metrics": "not brought: charts here are of what probes see",
    "metrics_providers": "not brought: charts here are of what probes see",
    "page_access_users": "not brought: the status page here is public",
    "page_access_groups": "not brought: the status page here is public",
    "incident_templates": "not brought: write them as [[template]] (docs/telling.md)",
}
HISTORY = ImportNote("incidents", "their history is brought by --history")


@dataclass(slots=True)
class StatuspageExport:
    """The objects of some answers, by kind; the first of each id counts."""

    components: dict[str, Fields] = field(default_factory=dict)
    groups: dict[str, Fields] = field(default_factory=dict)
    incidents: list[Fields] = field(default_factory=list)
    subscribers: int = 0
    leftovers: list[ImportNote] = field(default_factory=list)

    def add(self, thing: object, expected: str = "", *, where: str) -> None:
        """One more object; what is none of those that are read is told."""
        kind = _kind(thing) or expected
        if not isinstance(thing, dict) or not kind:
            self.leftovers.append(ImportNote(where, "not brought: it is nothing that is read here"))
        elif kind == "incident":
            self.incidents.append(thing)
        elif kind == "subscriber":
            self.subscribers += 1
        elif kind == "component" and thing.get("group") is not True:
            self.components.setdefault(text_of(thing.get("id")), thing)
        elif kind in ("component", "group"):
            self.groups.setdefault(text_of(thing.get("id")), thing)

    def group_of(self, component: Fields) -> str:
        """The id of the group that a component stands in; "" for none."""
        if given := component.get("group_id"):
            return text_of(given)
        for id_, group in self.groups.items():
            members = group.get("components")
            if isinstance(members, list) and component.get("id") in map(_id_of, members):
                return id_
        return ""

    def in_order(self) -> list[Fields]:
        """The components as the page showed them: by their group's position, then their own."""

        def place(component: Fields) -> tuple[float, float]:
            group = self.groups.get(self.group_of(component))
            return _position(group or component), _position(component)

        return sorted(self.components.values(), key=place)


def collect(texts: Iterable[str]) -> StatuspageExport:
    """What some answers hold. Raises UnreadableSource."""
    export = StatuspageExport()
    for text in texts:
        try:
            document = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            raise UnreadableSource(f"this is no JSON: {error}") from None
        for where, thing, expected in _things(document, export):
            export.add(thing, expected, where=where)
    if not (export.components or export.incidents):
        raise UnreadableSource("there are no components and no incidents of Statuspage in it")
    return export


def read(texts: Iterable[str]) -> ImportedConfiguration:
    """Its components as ours, without probes. Raises UnreadableSource."""
    export = collect(texts)
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
    for component in export.in_order():
        key, name = text_of(component.get("id")), text_of(component.get("name"))
        group = text_of(export.groups.get(export.group_of(component), {}).get("name"))
        try:
            id_ = builder.add_service(name, group, text_of(component.get("description")))
        except NotImported as reason:
            builder.leftovers.append(ImportNote(name or key, f"not brought: {reason}"))
            continue
        if component.get("only_show_if_degraded"):
            builder.leftovers.append(
                ImportNote(name, "is always shown here, and not only in trouble")
            )
        since = _since(component, moments)
        brought[key] = SourceService(key, builder.services[-1].name, group, id_, since)
    return brought


def _since(component: Fields, moments: MomentReader) -> datetime | None:
    """When the page began to tell of it, if it says so."""
    for key in ("start_date", "created_at"):
        try:
            if moment := moments.read(component.get(key)):
                return moment.astimezone(UTC)
        except NotImported:
            continue
    return None


def _things(document: object, export: StatuspageExport) -> Iterator[tuple[str, object, str]]:
    """Each object of an answer, where it stands, and what it should be by its list."""
    if isinstance(document, list):
        flat = [x for each in document for x in (each if isinstance(each, list) else [each])]
        for number, thing in enumerate(flat, 1):
            if isinstance(thing, dict) and not _kind(thing) and _is_document(thing):
                yield from _things(thing, export)  # several answers in one list
            else:
                yield f"number {number}", thing, ""
    elif isinstance(document, dict) and (kind := _kind(document)):
        yield kind, document, kind
    elif isinstance(document, dict):
        for key, note in NOT_READ.items():
            if document.get(key):
                export.leftovers.append(ImportNote(key, note))
        for key, expected in LISTS.items():
            value = document.get(key.replace("_", "-")) or document.get(key)
            for number, thing in enumerate(value if isinstance(value, list) else (), 1):
                yield f"{key} {number}", thing, expected


def _is_document(thing: Fields) -> bool:
    return "page" in thing or any(isinstance(thing.get(key), list) for key in LISTS)


def _kind(thing: object) -> str:
    """What an object is by its keys; "" when they do not say."""
    if not isinstance(thing, dict):
        return ""
    if "incident_updates" in thing or "scheduled_for" in thing:
        return "incident"
    if "id" in thing and "name" in thing and text_of(thing.get("status")) in COMPONENT_STATUSES:
        return "component"
    if "id" in thing and "name" in thing and isinstance(thing.get("components"), list):
        return "group"
    return "subscriber" if "mode" in thing or "skip_confirmation_notification" in thing else ""


def _id_of(member: object) -> object:
    return member.get("id") if isinstance(member, dict) else member


def _position(thing: Fields) -> float:
    position = thing.get("position")
    is_number = isinstance(position, int | float) and not isinstance(position, bool)
    return float(position) if is_number else float("inf")  # type: ignore[arg-type]
