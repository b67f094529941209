"""Row mappers of incidents, updates, maintenance, overrides and announcements. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from db.row_mapper import DocumentColumn, RowMapper
from db.stored import Stored, UnreadableMapping
from db.tables import status as t
from status.model import (
    Announcement,
    Incident,
    KnownComponent,
    Maintenance,
    OccurrenceChange,
    Override,
    Update,
)

INCIDENTS = RowMapper(Incident, t.incidents, elsewhere=("updates",))
UPDATES = RowMapper(Update, t.updates, others=("incident",))
SHIFTS: Stored[Mapping[str, OccurrenceChange]] = Stored(
    "status.maintenance_shifts", Mapping[str, OccurrenceChange], body="shifts"
)
NOTES: Stored[Mapping[str, tuple[Update, ...]]] = Stored(
    "status.maintenance_notes", Mapping[str, tuple[Update, ...]], body="notes"
)
MAINTENANCES = RowMapper(
    Maintenance,
    t.maintenances,
    elsewhere=("series",),
    documents={
        "shifts": DocumentColumn(SHIFTS, lambda row: UnreadableMapping(row["shifts"])),
        "notes": DocumentColumn(NOTES, lambda row: UnreadableMapping(row["notes"])),
    },
)
OVERRIDES = RowMapper(Override, t.overrides)
KNOWN_COMPONENTS = RowMapper(KnownComponent, t.known_components)
ANNOUNCEMENTS = RowMapper(Announcement, t.announcements)
