"""`status.changed`: the job that tells other rooms what readers were just told.

One job for each thing that was said, however many components it names; its key makes it one,
whoever asks twice. The receiver reads the incident or the work by its id.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from jobs.model import Handler, Job
from status.model import Condition, Transition

log = logging.getLogger(__name__)
CHANGED = "status.changed"
SETTLE = timedelta(seconds=60)  # a change that is undone or explained meanwhile is not told
MANY = 20  # components that change at once and are still told one by one
_SILENT = (Condition.NO_DATA, Condition.UNDER_MAINTENANCE)


class ChangeKind(StrEnum):
    """What happened. Names are forever: subscribers choose by them."""

    INCIDENT_OPENED = "incident.opened"
    INCIDENT_UPDATED = "incident.updated"
    INCIDENT_RESOLVED = "incident.resolved"
    INCIDENT_POSTMORTEM = "incident.postmortem"
    MAINTENANCE_ANNOUNCED = "maintenance.announced"
    MAINTENANCE_REMINDER = "maintenance.reminder"  # some time before it begins
    MAINTENANCE_STARTED = "maintenance.started"
    MAINTENANCE_ENDED = "maintenance.ended"
    MAINTENANCE_UPDATED = "maintenance.updated"  # a word on it, or another state
    MAINTENANCE_CHANGED = "maintenance.changed"
    MAINTENANCE_CANCELLED = "maintenance.cancelled"
    ANNOUNCED = "announcement.published"
    COMPONENT_CHANGED = "component.changed"  # and no incident or planned work says why


class StatusChanged(msgspec.Struct, frozen=True):
    """The payload. `id` names the incident, maintenance or announcement; `update` the entry of
    a timeline; `components` are all that it is about, `at` is when it was said."""

    what: ChangeKind
    id: str
    at: datetime
    components: tuple[str, ...] = ()
    update: str = ""


def job(said: StatusChanged, key: str, run_after: datetime) -> Job:
    """The job that carries it. `key` must be the same whenever the same thing is said again."""
    return Job(CHANGED, msgspec.json.encode(said).decode(), key, run_after)


def moved(transitions: Iterable[Transition], now: datetime) -> tuple[Job, ...]:
    """The jobs that tell of changed components. They wait for what explains the change, and
    many at once are one word on the whole page."""
    worth = [x for x in transitions if x.before not in _SILENT and x.after not in _SILENT]
    if len(worth) > MANY:
        parts = tuple(dict.fromkeys(x.component for x in worth))
        said = StatusChanged(ChangeKind.COMPONENT_CHANGED, "", worth[0].since, parts)
        return (job(said, f"{said.what}::{worth[0].since.timestamp()}", now + SETTLE),)
    return tuple(_moved(x, now) for x in worth)


def _moved(x: Transition, now: datetime) -> Job:
    said = StatusChanged(ChangeKind.COMPONENT_CHANGED, x.component, x.since, (x.component,))
    return job(said, f"{said.what}:{x.component}:{x.since.timestamp()}", now + SETTLE)


def handlers() -> dict[str, Handler]:
    """Writes each event into the log; for a house in which nobody else receives them."""

    def record(said: Job) -> None:
        told = msgspec.json.decode(said.payload, type=StatusChanged)
        log.info("%s %s", told.what, told.id)

    return {CHANGED: Handler(record, blocking=True)}
