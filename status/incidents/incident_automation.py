"""In the engine: incidents as probe_incidents.py decides, begin and end of planned work told, reminders asked for.

Decides with probe_incidents.py and the clock, writes through the store. Everything is keyed, so that two
engines, or one that was killed, say nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from jobs.model import Job
from status.events import ChangeKind, StatusChanged, event_job
from status.incidents.incident_editing import opened_event
from status.incidents.probe_incidents import IncidentChange, MonitoredState, plan_changes
from status.incidents.templates import IncidentTemplates
from status.incidents.validation import audit_entry
from status.model import Incident, Maintenance, MaintenanceState
from status.state import maintenance_windows
from status.state.statements import CLOSED, is_visible
from status.storage.store import StatusStore

REMINDER = "status.reminder"  # the kind of the job that reminds operators of a long incident
MAX_EVENT_AGE = timedelta(hours=6)  # a beginning or an end older than this is no news any more


class ReminderPayload(msgspec.Struct, frozen=True):
    """The payload of `status.reminder`: an incident without news for so many seconds. Its title is
    read when the reminder is written; jobs of releases before 0.2 hold it too."""

    incident: str
    silent: float
    well: bool  # its services are well by their probes, so it may be over
    draft: bool = False  # it waits for somebody to publish it


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """When to remind: operators of an incident without news, readers of work before it begins."""

    silent: timedelta | None = timedelta(hours=4)
    before: timedelta | None = timedelta(hours=24)


@dataclass(slots=True)
class IncidentAutomation:
    """Says what is due. One belongs to one Monitor."""

    store: StatusStore
    templates: IncidentTemplates = field(default_factory=IncidentTemplates)
    reminder_policy: ReminderPolicy = field(default_factory=ReminderPolicy)
    _enqueued: set[str] = field(default_factory=set)

    async def run(self, view: MonitoredState) -> bool:
        """Say what is due; True when readers were told something. Raises DatabaseAway."""
        plan = plan_changes(view, self.templates)
        scheduled = [
            i
            for i in view.statements.incidents
            if not i.draft and i.publish_at and i.publish_at <= view.now
        ]
        reminders = [
            j for j in _due_jobs(view, self.reminder_policy) if j.key not in self._enqueued
        ]
        if not (plan or scheduled or reminders):
            return False
        return await asyncio.to_thread(self._apply, view, plan, scheduled, reminders)

    def _apply(
        self,
        view: MonitoredState,
        plan: Iterable[IncidentChange],
        scheduled: Iterable[Incident],
        reminders: list[Job],
    ) -> bool:
        changed = False
        for step in plan:
            changed |= self._apply_change(step, view.now)
        for incident in scheduled:
            event = None if incident.state in CLOSED else opened_event(incident, view.now)
            audit = audit_entry(view.now, "", "incident.released", incident.id)
            changed |= self.store.release(incident.id, view.now, audit, event)
        if reminders:
            self.store.enqueue_all(reminders)
            if len(self._enqueued) > 10_000:
                self._enqueued.clear()
            self._enqueued |= {j.key for j in reminders}
        return changed

    def _apply_change(self, step: IncidentChange, now: datetime) -> bool:
        if step.before is None:
            audit = audit_entry(now, "", "incident.opened", step.after.id, step.after.state)
            return self.store.add_incident(step.after, audit, step.event)
        audit = audit_entry(now, "", "incident.updated", step.after.id, step.after.state)
        return self.store.continue_incident(step.before, step.after, step.entry, audit, step.event)


def _due_jobs(view: MonitoredState, policy: ReminderPolicy) -> Iterator[Job]:
    for maintenance in view.statements.maintenances:
        yield from _maintenance_jobs(maintenance, view.now, policy.before)
    yield from _draft_jobs(view)
    if policy.silent is not None:
        yield from _reminder_jobs(view, policy.silent)


def _maintenance_jobs(
    maintenance: Maintenance, now: datetime, before: timedelta | None
) -> Iterator[Job]:
    """The events of planned work that the clock has brought."""
    state = maintenance_windows.state(maintenance, now)
    moments: list[tuple[ChangeKind, datetime]] = []
    if state is MaintenanceState.SCHEDULED and before is not None:
        remind_at = maintenance.starts_at - before
        if (
            maintenance.series or maintenance.created_at < remind_at
        ):  # else the announcement is reminder enough
            moments.append((ChangeKind.MAINTENANCE_REMINDER, remind_at))
    if state in maintenance_windows.RUNNING:
        moments.append((ChangeKind.MAINTENANCE_STARTED, maintenance.starts_at))
    if state is MaintenanceState.COMPLETED:
        moments.append((ChangeKind.MAINTENANCE_ENDED, maintenance.ends_at))
    for kind, at in moments:
        max_age = (
            MAX_EVENT_AGE
            if kind is not ChangeKind.MAINTENANCE_REMINDER
            else before or MAX_EVENT_AGE
        )
        if timedelta(0) <= now - at <= max_age:
            key = f"{kind}:{maintenance.id}:{maintenance.starts_at.timestamp()}"
            yield event_job(
                StatusChanged(kind, maintenance.id, at, maintenance.components), key, now
            )


def is_waiting_draft(incident: Incident) -> bool:
    """Whether somebody still has to publish it, or put it away."""
    return incident.draft and not incident.discarded and incident.state not in CLOSED


def newest_word(incident: Incident, now: datetime) -> datetime | None:
    """When readers of an open incident last had news; None where they wait for none of a person."""
    if incident.state in CLOSED or incident.cause or not is_visible(incident, now):
        return None
    return max((u.published_at for u in incident.updates), default=incident.started_at)


def is_still_due(reminder: ReminderPayload, incident: Incident, now: datetime) -> bool:
    """Whether it is so still, or nobody has done anything since, when it comes to write it."""
    if reminder.draft:
        return is_waiting_draft(incident)
    newest = newest_word(incident, now)
    return newest is not None and (now - newest).total_seconds() >= reminder.silent


def _draft_jobs(view: MonitoredState) -> Iterator[Job]:
    """Word of each draft that waits for somebody to publish it, once."""
    for incident in view.statements.incidents:
        if is_waiting_draft(incident):
            payload = ReminderPayload(incident.id, 0.0, well=False, draft=True)
            text = msgspec.json.encode(payload).decode()
            yield Job(REMINDER, text, f"draft:{incident.id}", view.now)


def _reminder_jobs(view: MonitoredState, silent: timedelta) -> Iterator[Job]:
    """Reminders of open incidents without news, again after each such span."""
    for incident in view.statements.incidents:
        newest = newest_word(incident, view.now)
        if newest is not None and (periods := (view.now - newest) // silent) >= 1:
            conditions = [
                view.measured[c].condition for c in incident.components if c in view.measured
            ]
            payload = ReminderPayload(
                incident.id,
                (silent * periods).total_seconds(),
                bool(conditions) and all(c == "operational" for c in conditions),
            )
            key = f"{incident.id}:{newest.timestamp()}:{periods}"
            yield Job(REMINDER, msgspec.json.encode(payload).decode(), key, view.now)
