"""What the engine says by itself: incidents that probes tell, scheduled news, reminders.

Decides with opening.py and the clock, writes through the store. Everything is keyed, so that two
engines, or one that was killed, say nothing twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from jobs.model import Job
from status.events import ChangeKind, StatusChanged, job
from status.incidents.incidents import opened
from status.incidents.probe_incidents import IncidentChange, MonitoredState, steps
from status.incidents.rules import audited
from status.incidents.templates import IncidentTemplates
from status.model import Incident, Maintenance, MaintenanceState
from status.state import maintenance_windows
from status.state.composition import CLOSED, visible
from status.storage.incident_store import IncidentRepository

log = logging.getLogger(__name__)
REMIND = "status.reminder"  # the kind of the job that reminds operators of a long incident
RECENT = timedelta(hours=6)  # a beginning or an end older than this is no news any more


class ReminderPayload(msgspec.Struct, frozen=True):
    """The payload of `status.reminder`: an incident without news for so many seconds."""

    incident: str
    title: str
    silent: float
    well: bool  # its services are well by their probes, so it may be over


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """When to remind: operators of an incident without news, readers of work before it begins."""

    silent: timedelta | None = timedelta(hours=4)
    before: timedelta | None = timedelta(hours=24)


@dataclass(slots=True)
class IncidentAutomation:
    """Says what is due. One belongs to one Watch."""

    store: IncidentRepository
    wordings: IncidentTemplates = field(default_factory=IncidentTemplates)
    habits: ReminderPolicy = field(default_factory=ReminderPolicy)
    _asked: set[str] = field(default_factory=set)

    async def keep(self, view: MonitoredState) -> bool:
        """Say what is due; True when readers were told something. Raises DatabaseAway."""
        plan = steps(view, self.wordings)
        due = [
            i
            for i in view.words.incidents
            if not i.draft and i.publish_at and i.publish_at <= view.now
        ]
        asks = [j for j in _due(view, self.habits) if j.key not in self._asked]
        if not (plan or due or asks):
            return False
        return await asyncio.to_thread(self._say, view, plan, due, asks)

    def _say(
        self,
        view: MonitoredState,
        plan: Iterable[IncidentChange],
        due: Iterable[Incident],
        asks: list[Job],
    ) -> bool:
        said = False
        for step in plan:
            said |= self._step(step, view.now)
        for incident in due:
            told = None if incident.state in CLOSED else opened(incident, view.now)
            audit = audited(view.now, "", "incident.released", incident.id)
            said |= self.store.release(incident.id, view.now, audit, told)
        if asks:
            self.store.ask(asks)
            if len(self._asked) > 10_000:
                self._asked.clear()
            self._asked |= {j.key for j in asks}
        return said

    def _step(self, step: IncidentChange, now: datetime) -> bool:
        if step.before is None:
            audit = audited(now, "", "incident.opened", step.after.id, step.after.state)
            return self.store.add_incident(step.after, audit, step.said)
        audit = audited(now, "", "incident.updated", step.after.id, step.after.state)
        return self.store.continue_incident(step.before, step.after, step.entry, audit, step.said)


def _due(view: MonitoredState, habits: ReminderPolicy) -> Iterator[Job]:
    for work in view.words.maintenances:
        yield from _turns(work, view.now, habits.before)
    if habits.silent is not None:
        yield from _silent(view, habits.silent)


def _turns(work: Maintenance, now: datetime, before: timedelta | None) -> Iterator[Job]:
    """The events of planned work that the clock has brought."""
    state = maintenance_windows.state(work, now)
    moments: list[tuple[ChangeKind, datetime]] = []
    if state is MaintenanceState.SCHEDULED and before is not None:
        remind_at = work.starts_at - before
        if work.series or work.created_at < remind_at:  # else the announcement is reminder enough
            moments.append((ChangeKind.MAINTENANCE_REMINDER, remind_at))
    if state in maintenance_windows.RUNNING:
        moments.append((ChangeKind.MAINTENANCE_STARTED, work.starts_at))
    if state is MaintenanceState.COMPLETED:
        moments.append((ChangeKind.MAINTENANCE_ENDED, work.ends_at))
    for what, at in moments:
        late = RECENT if what is not ChangeKind.MAINTENANCE_REMINDER else before or RECENT
        if timedelta(0) <= now - at <= late:
            key = f"{what}:{work.id}:{work.starts_at.timestamp()}"
            yield job(StatusChanged(what, work.id, at, work.components), key, now)


def _silent(view: MonitoredState, silent: timedelta) -> Iterator[Job]:
    """Reminders of open incidents without news, again after each such span."""
    for incident in view.words.incidents:
        if incident.state in CLOSED or incident.cause or not visible(incident, view.now):
            continue
        newest = max((u.at for u in incident.updates), default=incident.started_at)
        times = (view.now - newest) // silent
        if times >= 1:
            seen = [view.probed[c].condition for c in incident.components if c in view.probed]
            told = ReminderPayload(
                incident.id,
                next(iter(incident.title.values()), ""),
                (silent * times).total_seconds(),
                bool(seen) and all(c == "operational" for c in seen),
            )
            key = f"{incident.id}:{newest.timestamp()}:{times}"
            yield Job(REMIND, msgspec.json.encode(told).decode(), key, view.now)
