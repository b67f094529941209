"""`status.changed`: the job that tells other rooms what readers were just told.

One job for each thing that was said, however many components it names; its key makes it one,
whoever asks twice. The receiver reads the incident or the work by its id.
"""

from __future__ import annotations

import logging
from datetime import datetime
from enum import StrEnum

import msgspec

from jobs.model import Handler, Job

log = logging.getLogger(__name__)
CHANGED = "status.changed"


class What(StrEnum):
    """What happened. Names are forever: subscribers choose by them."""

    INCIDENT_OPENED = "incident.opened"
    INCIDENT_UPDATED = "incident.updated"
    INCIDENT_RESOLVED = "incident.resolved"
    INCIDENT_POSTMORTEM = "incident.postmortem"
    MAINTENANCE_ANNOUNCED = "maintenance.announced"
    MAINTENANCE_REMINDER = "maintenance.reminder"  # some time before it begins
    MAINTENANCE_STARTED = "maintenance.started"
    MAINTENANCE_ENDED = "maintenance.ended"
    MAINTENANCE_CHANGED = "maintenance.changed"
    MAINTENANCE_CANCELLED = "maintenance.cancelled"
    ANNOUNCED = "announcement.published"


class Changed(msgspec.Struct, frozen=True):
    """The payload. `id` names the incident, maintenance or announcement; `update` the entry of
    an incident's timeline; `components` are all that it is about, `at` is when it was said."""

    what: What
    id: str
    at: datetime
    components: tuple[str, ...] = ()
    update: str = ""


def job(said: Changed, key: str, run_after: datetime) -> Job:
    """The job that carries it. `key` must be the same whenever the same thing is said again."""
    return Job(CHANGED, msgspec.json.encode(said).decode(), key, run_after)


def handlers() -> dict[str, Handler]:
    """Writes each event into the log; for a house in which nobody else receives them."""

    def record(said: Job) -> None:
        told = msgspec.json.decode(said.payload, type=Changed)
        log.info("%s %s", told.what, told.id)

    return {CHANGED: Handler(record, blocking=True)}
