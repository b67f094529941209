"""Editing planned work: validates, assigns ids, records.

Every change is one transaction: the row, its audit entry, the wish to publish, the word to others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from render.i18n import N_
from status.events import ChangeKind, StatusChanged
from status.incidents.announcement_editing import AnnouncementEditor
from status.incidents.override_editing import MAX_DURATION
from status.incidents.validation import (
    TEXT,
    NotFound,
    RuleViolation,
    audit_entry,
    check_seen,
    filled_texts,
    filled_titles,
    fresh_id,
    known_zone,
    refuse_unread,
    unless_changed,
)
from status.model import (
    Condition,
    Maintenance,
    MaintenanceState,
    OccurrenceChange,
    Update,
)
from status.state import maintenance_windows, recurrence

NOTES_RETENTION = timedelta(days=400)  # words on dates of recurring work
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How work comes again: an RRULE by the wall clock of a zone; "" for one-off work."""

    rrule: str = ""
    zone: str = "UTC"


NOT_RECURRING = Recurrence()


class MaintenanceEditor(AnnouncementEditor):
    """Plans, moves and cancels work. `by` is a person's id or "cli"."""

    def plan(
        self,
        title: Mapping[str, str],
        text: Mapping[str, str],
        window: Window,
        components: tuple[str, ...],
        by: str,
        *,
        recurrence: Recurrence = NOT_RECURRING,
    ) -> Maintenance:
        """Announce work. Raises RuleViolation."""
        if problems := self.plan_problems(title, text, window, components, recurrence=recurrence):
            raise RuleViolation(problems)
        maintenance = self.compose_work(title, text, window, components, recurrence=recurrence)
        self._save(maintenance, by, "maintenance.planned", ChangeKind.MAINTENANCE_ANNOUNCED)
        return maintenance

    def compose_work(
        self,
        title: Mapping[str, str],
        text: Mapping[str, str],
        window: Window,
        components: tuple[str, ...],
        *,
        recurrence: Recurrence = NOT_RECURRING,
    ) -> Maintenance:
        """Work as it would be announced now; nothing is written."""
        now = self._clock.now()
        title, text = (self._named(t, components) for t in (title, text))
        return Maintenance(
            id=fresh_id(),
            title=filled_titles(title),
            text=filled_texts(text),
            starts_at=window[0],
            ends_at=window[1],
            components=components,
            created_at=now,
            rrule=recurrence.rrule.strip().removeprefix("RRULE:"),
            zone=recurrence.zone,
            changed_at=now,
        )

    def plan_problems(
        self,
        title: Mapping[str, str],
        text: Mapping[str, str],
        window: Window | None,
        components: tuple[str, ...],
        *,
        recurrence: Recurrence = NOT_RECURRING,
    ) -> dict[str, str]:
        """All that keeps work from being announced, by field; without a window what can be said
        of the rest."""
        title, text = (self._named(t, components) for t in (title, text))
        problems = self._words_problems(title, text)
        problems |= self._component_problems(dict.fromkeys(components, Condition.UNDER_MAINTENANCE))
        if not components:
            problems["components"] = N_("Say which services the work touches.")
        if window is None:
            return problems
        problems |= self._window_problems(window, past=bool(recurrence.rrule))
        return problems | _rule_problems(recurrence, window)

    def reschedule(
        self, id: str, window: Window, by: str, *, version: int | None = None
    ) -> Maintenance:
        """Move work, or one occurrence of recurring work; of running work only the end. `version`
        is the one its writer saw.

        Raises NotFound, RuleViolation (ChangedMeanwhile).
        """
        return unless_changed(lambda: self._reschedule(id, window, by, version), version)

    def _reschedule(
        self, id: str, window: Window, by: str, seen_version: int | None
    ) -> Maintenance:
        maintenance, occurrence = self._find_editable(id)
        check_seen(seen_version, maintenance.version)
        now = self._clock.now()
        problems = self._window_problems(window)
        state = maintenance_windows.state(occurrence, now)
        if state in maintenance_windows.RUNNING and window[0] != occurrence.starts_at:
            problems["starts_at"] = N_("It has begun: only its end can be moved.")
        elif state not in (MaintenanceState.SCHEDULED, *maintenance_windows.RUNNING):
            problems["starts_at"] = N_("Only work that is not over can be moved.")
        if occurrence.rrule:
            problems["starts_at"] = N_("Move single dates of it, or cancel it and plan it anew.")
        if problems:
            raise RuleViolation(problems)
        starts, ends = window
        if occurrence.series:
            shift = OccurrenceChange(starts, ends, _next_sequence(maintenance, occurrence.id))
            after = replace(
                maintenance, shifts={**maintenance.shifts, occurrence.id: shift}, changed_at=now
            )
        else:
            after = replace(
                maintenance,
                starts_at=starts,
                ends_at=ends,
                sequence=maintenance.sequence + 1,
                changed_at=now,
            )
        self._save(after, by, "maintenance.moved", ChangeKind.MAINTENANCE_CHANGED, occurrence)
        return replace(after, version=maintenance.version + 1)

    def note(
        self, id: str, text: Mapping[str, str], state: str, by: str, *, version: int | None = None
    ) -> Maintenance:
        """A word on one-off work or one date of recurring work: what is being done, or that the
        result is being checked (`verifying`). The state "" keeps what it is in. `version` is
        the one its writer saw.

        Raises NotFound, RuleViolation (ChangedMeanwhile).
        """
        return unless_changed(lambda: self._note(id, text, state, by, version), version)

    def _note(
        self, id: str, text: Mapping[str, str], state: str, by: str, seen_version: int | None
    ) -> Maintenance:
        maintenance, occurrence = self._find_editable(id)
        check_seen(seen_version, maintenance.version)
        now = self._clock.now()
        current = maintenance_windows.state(occurrence, now)
        requested = state or current.value
        if problems := self.note_problems(occurrence, text, state):
            raise RuleViolation(problems)
        text = self._named(text, maintenance.components)
        entry = Update(fresh_id(), MaintenanceState(requested), now, filled_texts(text))
        updates = {
            occurrence_id: entries
            for occurrence_id, entries in maintenance.notes.items()
            if occurrence_id == id or now - entries[-1].at < NOTES_RETENTION
        }
        updates[id] = (*maintenance_windows.updates_of(occurrence), entry)
        after = replace(maintenance, notes=updates, changed_at=now)
        self._save(
            after,
            by,
            "maintenance.updated",
            ChangeKind.MAINTENANCE_UPDATED,
            occurrence,
            entry=entry.id,
        )
        return replace(after, version=maintenance.version + 1)

    def note_problems(
        self, occurrence: Maintenance, text: Mapping[str, str], state: str
    ) -> dict[str, str]:
        """All that keeps a word on work from being told, by field."""
        current = maintenance_windows.state(occurrence, self._clock.now())
        text = self._named(text, occurrence.components)
        problems = self._text_problems("text", text, TEXT)
        if occurrence.rrule:
            problems["id"] = N_("Say it of one of its dates.")
        if (state or current.value) not in _allowed_states(current):
            problems["state"] = N_("The clock has not brought it there.")
        return problems

    def finish(self, id: str, by: str, *, version: int | None = None) -> Maintenance:
        """End running work now, or cancel what has not begun; a whole series by its own id.

        Raises NotFound, ChangedMeanwhile.
        """
        return unless_changed(lambda: self._finish(id, by, version), version)

    def _finish(self, id: str, by: str, seen_version: int | None) -> Maintenance:
        maintenance, occurrence = self._find_editable(id)
        check_seen(seen_version, maintenance.version)
        now = self._clock.now()
        has_begun = occurrence.starts_at < now and not occurrence.rrule
        if occurrence.series:
            ends = min(occurrence.ends_at, now) if has_begun else occurrence.ends_at
            shift = OccurrenceChange(
                occurrence.starts_at,
                ends,
                _next_sequence(maintenance, occurrence.id),
                occurrence.cancelled or not has_begun,
            )
            after = replace(
                maintenance, shifts={**maintenance.shifts, occurrence.id: shift}, changed_at=now
            )
        else:
            after = replace(
                maintenance,
                ends_at=min(maintenance.ends_at, now) if has_begun else maintenance.ends_at,
                cancelled=maintenance.cancelled or not has_begun,
                sequence=maintenance.sequence + 1,
                changed_at=now,
            )
        if has_begun:  # its end is told by the clock
            self._save(after, by, "maintenance.finished", None, occurrence)
        else:
            self._save(
                after, by, "maintenance.cancelled", ChangeKind.MAINTENANCE_CANCELLED, occurrence
            )
        return replace(after, version=maintenance.version + 1)

    def maintenances(self) -> tuple[Maintenance, ...]:
        """Planned, running and recent work, latest start first; recurring work by its dates."""
        return self._store.statements().maintenances

    def series(self) -> tuple[Maintenance, ...]:
        """Recurring work that goes on, with its rule."""
        return tuple(w for w in self._store.maintenances() if w.rrule and not w.cancelled)

    def get_maintenance(self, id: str) -> Maintenance:
        """One-off work, one date of recurring work, or a series. Raises NotFound."""
        return self._find(id)[1]

    def _find(self, id: str) -> tuple[Maintenance, Maintenance]:
        """What was entered, and the occurrence that is meant (the same for one-off work)."""
        maintenance = self._store.maintenance(recurrence.series_of(id))
        if maintenance is None:
            raise NotFound(id)
        occurrence = (
            maintenance
            if maintenance.id == id
            else recurrence.occurrence(maintenance, id, self._clock.now())
        )
        if occurrence is None:
            raise NotFound(id)
        return maintenance, occurrence

    def _find_editable(self, id: str) -> tuple[Maintenance, Maintenance]:
        """The same, for a change. Raises RuleViolation where it would overwrite the unreadable."""
        maintenance, occurrence = self._find(id)
        refuse_unread(maintenance.shifts, maintenance.notes)
        return maintenance, occurrence

    def _save(
        self,
        maintenance: Maintenance,
        by: str,
        action: str,
        kind: ChangeKind | None,
        occurrence: Maintenance | None = None,
        *,
        entry: str = "",
    ) -> None:
        now, subject_id = self._clock.now(), (occurrence or maintenance).id
        event = (
            None
            if kind is None
            else StatusChanged(kind, subject_id, now, maintenance.components, entry)
        )
        self._store.save_maintenance(maintenance, audit_entry(now, by, action, subject_id), event)

    def _window_problems(self, window: Window, *, past: bool = False) -> dict[str, str]:
        starts, ends = window
        if ends <= starts:
            return {"ends_at": N_("The end must come after the beginning.")}
        if ends - starts > MAX_DURATION:
            return {"ends_at": N_("Work of more than a month is better split.")}
        if ends <= self._clock.now() and not past:
            return {"ends_at": N_("This is over already.")}
        if ends.year > recurrence.LAST_YEAR:
            return {"ends_at": N_("That lies too many years ahead.")}
        return {}


def _allowed_states(now: MaintenanceState) -> tuple[str, ...]:
    """What may be said of work in a state: running work may be checked, and worked on again."""
    return maintenance_windows.RUNNING if now in maintenance_windows.RUNNING else (now,)


def _next_sequence(maintenance: Maintenance, id: str) -> int:
    change = maintenance.shifts.get(id)
    return change.sequence + 1 if change else 1


def _rule_problems(chosen: Recurrence, window: Window) -> dict[str, str]:
    rule, zone = chosen.rrule, chosen.zone
    try:
        known_zone(zone)
        if not rule:
            return {}
        recurrence.validate_rule(rule, zone)
    except RuleViolation as unknown:
        return dict(unknown.fields)
    except ValueError:
        return {"rrule": N_("This is no rule; give one such as FREQ=WEEKLY;BYDAY=SU.")}
    year = window[0].astimezone(UTC).year
    if year < 2000:
        return {"starts_at": N_("This is too long ago.")}
    return {} if year > recurrence.LAST_YEAR else _date_problems(rule, zone, window)


def _date_problems(rule: str, zone: str, window: Window) -> dict[str, str]:
    """What is wrong with the dates that a rule gives."""
    starts = recurrence.first_starts(rule, zone, window[0])
    if not starts:
        return {"rrule": N_("No date follows from this rule and the first beginning.")}
    tz = ZoneInfo(zone)
    typed, first = (m.astimezone(tz).replace(tzinfo=None) for m in (window[0], starts[0]))
    if typed.replace(microsecond=0) != first:  # by the wall clock: it may show an hour twice
        return {"starts_at": N_("By this rule the first date is another one.")}
    if recurrence.has_overlaps(rule, zone, window):
        return {"ends_at": N_("The next date would begin before this one has ended.")}
    return {}
