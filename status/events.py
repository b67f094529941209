"""`status.changed`: one job for each published change, however many components went down in it.

It notifies other rooms; its key makes it one, whoever asks twice. The receiver reads the incident or the work by its id.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from jobs.model import Job
from status.model import Condition, Transition

CHANGED = "status.changed"
DEBOUNCE = timedelta(seconds=60)  # a change that is undone or explained meanwhile is not told
MAX_SINGLE_EVENTS = 20  # components that change at once and are still told one by one
_UNANNOUNCED = (Condition.NO_DATA, Condition.UNDER_MAINTENANCE)


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


def event_job(event: StatusChanged, key: str, run_after: datetime) -> Job:
    """The job that carries it. `key` must be the same whenever the same thing is said again."""
    return Job(CHANGED, msgspec.json.encode(event).decode(), key, run_after)


def component_change_jobs(transitions: Iterable[Transition], now: datetime) -> tuple[Job, ...]:
    """The jobs that tell of changed components. They wait for what explains the change, and
    many at once are one word on the whole page."""
    notable = [
        x for x in transitions if x.before not in _UNANNOUNCED and x.after not in _UNANNOUNCED
    ]
    if len(notable) > MAX_SINGLE_EVENTS:
        component_ids = tuple(dict.fromkeys(x.component for x in notable))
        event = StatusChanged(ChangeKind.COMPONENT_CHANGED, "", notable[0].since, component_ids)
        return (event_job(event, f"{event.what}::{notable[0].since.timestamp()}", now + DEBOUNCE),)
    return tuple(_component_change_job(x, now) for x in notable)


def _component_change_job(transition: Transition, now: datetime) -> Job:
    event = StatusChanged(
        ChangeKind.COMPONENT_CHANGED,
        transition.component,
        transition.since,
        (transition.component,),
    )
    return event_job(
        event, f"{event.what}:{transition.component}:{transition.since.timestamp()}", now + DEBOUNCE
    )
