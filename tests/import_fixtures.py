"""What the tests of imports share: where it is brought to, and what came of it as lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from importers.configuration import ImportedConfiguration
from importers.history import HistoryTarget, ImportedHistory
from status.model import Component, Update

CASES = Path(__file__).parent / "cases" / "imports"
NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


def components_of(configuration: ImportedConfiguration) -> tuple[Component, ...]:
    """The components that the printed configuration makes."""
    return tuple(
        Component(s.id, s.name, s.group, s.description, policy="manual")
        for s in configuration.services
    )


def target(*components: Component, **options: object) -> HistoryTarget:
    return HistoryTarget(components, ("en", "cs"), ZoneInfo("Europe/Prague"), NOW, **options)


def lines_of(history: ImportedHistory) -> Iterator[str]:
    """All of it, for people to read and to be compared with a file."""
    for incident in history.incidents:
        ended = incident.resolved_at and incident.resolved_at.isoformat()
        yield f"incident {incident.id} {dict(incident.title)}"
        yield f"  {incident.state} {incident.impact} {incident.started_at.isoformat()} … {ended}"
        yield f"  on {' '.join(incident.components)}"
        yield from map(_update_line, incident.updates)
    for work in history.maintenances:
        yield f"maintenance {work.id} {dict(work.title)}"
        yield f"  {work.starts_at.isoformat()} … {work.ends_at.isoformat()}" + (
            " cancelled" if work.cancelled else ""
        )
        yield f"  on {' '.join(work.components)}; announced {work.created_at.isoformat()}"
        yield f"  {dict(work.text)}"
        for updates in work.notes.values():
            yield from map(_update_line, updates)
    for service in history.former:
        yield f"former {service.component} {service.name!r} in {service.group!r}"
    for component, since in sorted(history.since.items()):
        yield f"since {component} {since.isoformat()}"
    for leftover in history.leftovers:
        yield f"! {leftover}"


def _update_line(update: Update) -> str:
    conditions = " ".join(f"{c}={s.value}" for c, s in update.components.items())
    written = f" written {update.told_at.isoformat()}" if update.told_at else ""
    return f"  - {update.at.isoformat()} {update.state} {dict(update.text)} {conditions}{written} [{update.id}]"
