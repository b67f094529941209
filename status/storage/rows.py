"""Between rows and the values of status/model.py, for what people said. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec

from status.model import (
    Announcement,
    Condition,
    Impact,
    Incident,
    IncidentState,
    Maintenance,
    OccurrenceChange,
    Override,
    Update,
)


class Row(Protocol):
    """A row by its columns."""

    @property
    def _mapping(self) -> Mapping[Any, object]: ...


def incident(row: Row, updates: tuple[Update, ...]) -> Incident:
    """An incident with its timeline, newest entry first."""
    r = _Columns(row)
    return Incident(
        id=r.text("id"),
        title=r.texts("title"),
        state=IncidentState(r.text("state")),
        impact=Impact(r.text("impact")),
        started_at=r.at("started_at"),
        updates=updates,
        components=r.names("components"),
        resolved_at=r.maybe("resolved_at"),
        draft=bool(r["draft"]),
        cause=r.text("cause"),
        publish_at=r.maybe("publish_at"),
        discarded=bool(r["discarded"]),
    )


def incident_row(incident: Incident) -> dict[str, object]:
    """All columns but the id."""
    return {
        "title": dict(incident.title),
        "state": incident.state.value,
        "impact": incident.impact.value,
        "started_at": incident.started_at,
        "resolved_at": incident.resolved_at,
        "components": list(incident.components),
        "draft": incident.draft,
        "cause": incident.cause or None,
        "publish_at": incident.publish_at,
        "discarded": incident.discarded,
    }


def update(row: Row) -> Update:
    """One entry of a timeline."""
    r = _Columns(row)
    told = {c: Condition(v) for c, v in r.texts("components").items()}
    return Update(r.text("id"), r.text("state"), r.at("at"), r.texts("text"), told)


def update_row(incident: str, entry: Update) -> dict[str, object]:
    """The entry and whose it is."""
    return {
        "id": entry.id,
        "incident": incident,
        "state": str(entry.state),
        "at": entry.at,
        "text": dict(entry.text),
        "components": {c: v.value for c, v in entry.components.items()},
    }


def maintenance(row: Row) -> Maintenance:
    """Planned work as it was entered."""
    r = _Columns(row)
    return Maintenance(
        id=r.text("id"),
        title=r.texts("title"),
        text=r.texts("text"),
        starts_at=r.at("starts_at"),
        ends_at=r.at("ends_at"),
        components=r.names("components"),
        created_at=r.at("created_at"),
        cancelled=bool(r["cancelled"]),
        sequence=int(str(r["sequence"])),
        rrule=r.text("rrule"),
        zone=r.text("zone"),
        shifts=msgspec.convert(r["shifts"], dict[str, OccurrenceChange]),
        changed_at=r.maybe("changed_at"),
        notes=msgspec.convert(r["notes"], dict[str, tuple[Update, ...]]),
    )


def maintenance_row(work: Maintenance) -> dict[str, object]:
    """All columns."""
    return {
        "id": work.id,
        "title": dict(work.title),
        "text": dict(work.text),
        "starts_at": work.starts_at,
        "ends_at": work.ends_at,
        "components": list(work.components),
        "created_at": work.created_at,
        "cancelled": work.cancelled,
        "sequence": work.sequence,
        "rrule": work.rrule,
        "zone": work.zone,
        "shifts": dict(work.shifts),
        "changed_at": work.changed_at,
        "notes": dict(work.notes),
    }


def override(row: Row) -> Override:
    """An operator's word."""
    r = _Columns(row)
    condition = Condition(r.text("condition"))
    return Override(r.text("component"), condition, r.at("until"), r.text("by"), r.text("reason"))


def override_row(said: Override) -> dict[str, object]:
    """All columns."""
    return {
        "component": said.component,
        "condition": said.condition.value,
        "until": said.until,
        "by": said.by,
        "reason": said.reason,
    }


def announcement(row: Row) -> Announcement:
    """News that is no incident."""
    r = _Columns(row)
    return Announcement(
        r.text("id"), r.texts("title"), r.texts("text"), r.at("starts_at"), r.maybe("ends_at")
    )


def announcement_row(news: Announcement) -> dict[str, object]:
    """All columns."""
    return {
        "id": news.id,
        "title": dict(news.title),
        "text": dict(news.text),
        "starts_at": news.starts_at,
        "ends_at": news.ends_at,
    }


class _Columns:
    """A row's columns by the type they must have."""

    def __init__(self, row: Row) -> None:
        self._row = row._mapping  # noqa: SLF001 - SQLAlchemy's own public name for it

    def __getitem__(self, name: str) -> object:
        return self._row[name]

    def text(self, name: str) -> str:
        return str(self._row[name] or "")

    def texts(self, name: str) -> dict[str, str]:
        return msgspec.convert(self._row[name], dict[str, str])

    def names(self, name: str) -> tuple[str, ...]:
        return msgspec.convert(self._row[name], tuple[str, ...])

    def at(self, name: str) -> datetime:
        return msgspec.convert(self._row[name], datetime)

    def maybe(self, name: str) -> datetime | None:
        return msgspec.convert(self._row[name], datetime | None)
