"""Row mappers of incidents, updates, maintenance, overrides and announcements. Pure."""

from __future__ import annotations

from db.row_mapper import RowMapper
from db.tables import status as t
from status.model import Announcement, Incident, Maintenance, Override, Update

INCIDENTS = RowMapper(Incident, t.incidents, elsewhere=("updates",))
UPDATES = RowMapper(Update, t.updates, others=("incident",))
MAINTENANCES = RowMapper(Maintenance, t.maintenances, elsewhere=("series",))
OVERRIDES = RowMapper(Override, t.overrides)
ANNOUNCEMENTS = RowMapper(Announcement, t.announcements)
