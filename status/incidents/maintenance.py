"""Planned work, operators' words on components, announcements. Checks, names, records.

Every change is one transaction: the row, its audit entry, the wish to publish, the word to others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from clock import Clock
from render.i18n import N_
from status.events import ChangeKind, StatusChanged
from status.incidents.rules import (
    TEXT,
    TITLE,
    NotFound,
    RuleViolation,
    audited,
    fresh_id,
    trimmed,
    wrong_words,
)
from status.model import (
    Announcement,
    Component,
    Condition,
    Maintenance,
    MaintenanceState,
    OccurrenceChange,
    Override,
    Update,
)
from status.state import maintenance_windows
from status.storage.store import StatusStore

LONGEST_WORK = timedelta(days=31)
NOTES_KEPT = timedelta(days=400)  # words on dates of recurring work
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How work comes again: an RRULE by the wall clock of a zone; "" for one-off work."""

    rrule: str = ""
    zone: str = "UTC"


ONCE = Recurrence()


class MaintenanceEditor:
    """Plans, moves and cancels work; overrides; announces. `by` is a person's id or "cli"."""

    def __init__(
        self, store: StatusStore, clock: Clock, components: tuple[Component, ...] = ()
    ) -> None:
        self._store = store
        self._clock = clock
        self._known = {c.id for c in components}
        self.components = components

    def now(self) -> datetime:
        """The moment by which states of planned work are told."""
        return self._clock.now()

    # ------------------------------------------------------------------ planned work

    def plan(
        self,
        title: Mapping[str, str],
        text: Mapping[str, str],
        window: Window,
        components: tuple[str, ...],
        by: str,
        *,
        again: Recurrence = ONCE,
    ) -> Maintenance:
        """Announce work. Raises Refused."""
        wrong = wrong_words("title", title, TITLE) | wrong_words("text", text, TEXT)
        wrong |= self._components(dict.fromkeys(components, Condition.UNDER_MAINTENANCE))
        if not components:
            wrong["components"] = N_("Say which services the work touches.")
        wrong |= self._window(window, past=bool(again.rrule)) | _rule(again, window)
        if wrong:
            raise RuleViolation(wrong)
        now = self._clock.now()
        work = Maintenance(
            id=fresh_id(),
            title=trimmed(title),
            text=trimmed(text),
            starts_at=window[0],
            ends_at=window[1],
            components=components,
            created_at=now,
            rrule=again.rrule.strip().removeprefix("RRULE:"),
            zone=again.zone,
            changed_at=now,
        )
        self._save(work, by, "maintenance.planned", ChangeKind.MAINTENANCE_ANNOUNCED)
        return work

    def reschedule(self, id: str, window: Window, by: str) -> Maintenance:
        """Move work, or one occurrence of recurring work; of running work only the end.

        Raises Unknown, Refused.
        """
        work, one = self._work(id)
        now = self._clock.now()
        wrong = self._window(window)
        state = maintenance_windows.state(one, now)
        if state in maintenance_windows.RUNNING and window[0] != one.starts_at:
            wrong["starts_at"] = N_("It has begun: only its end can be moved.")
        elif state not in (MaintenanceState.SCHEDULED, *maintenance_windows.RUNNING):
            wrong["starts_at"] = N_("Only work that is not over can be moved.")
        if one.rrule:
            wrong["starts_at"] = N_("Move single dates of it, or cancel it and plan it anew.")
        if wrong:
            raise RuleViolation(wrong)
        starts, ends = window
        if one.series:
            shift = OccurrenceChange(starts, ends, _next(work, one.id))
            after = replace(work, shifts={**work.shifts, one.id: shift}, changed_at=now)
        else:
            after = replace(
                work, starts_at=starts, ends_at=ends, sequence=work.sequence + 1, changed_at=now
            )
        self._save(after, by, "maintenance.moved", ChangeKind.MAINTENANCE_CHANGED, one)
        return after

    def note(self, id: str, text: Mapping[str, str], state: str, by: str) -> Maintenance:
        """A word on one-off work or one date of recurring work: what is being done, or that the
        result is being checked (`verifying`). The state "" keeps what it is in.

        Raises Unknown, Refused.
        """
        work, one = self._work(id)
        now = self._clock.now()
        at_present = maintenance_windows.state(one, now)
        wished = state or at_present.value
        wrong = wrong_words("text", text, TEXT)
        if one.rrule:
            wrong["id"] = N_("Say it of one of its dates.")
        if wished not in _steps(at_present):
            wrong["state"] = N_("The clock has not brought it there.")
        if wrong:
            raise RuleViolation(wrong)
        entry = Update(fresh_id(), MaintenanceState(wished), now, trimmed(text))
        kept = {
            which: said
            for which, said in work.notes.items()
            if which == id or now - said[-1].at < NOTES_KEPT
        }
        kept[id] = (*maintenance_windows.notes(one), entry)
        after = replace(work, notes=kept, changed_at=now)
        self._save(
            after, by, "maintenance.updated", ChangeKind.MAINTENANCE_UPDATED, one, entry=entry.id
        )
        return after

    def finish(self, id: str, by: str) -> Maintenance:
        """End running work now, or cancel what has not begun; a whole series by its own id.

        Raises Unknown.
        """
        work, one = self._work(id)
        now = self._clock.now()
        begun = one.starts_at <= now and not one.rrule
        if one.series:
            ends = min(one.ends_at, now) if begun else one.ends_at
            shift = OccurrenceChange(
                one.starts_at, ends, _next(work, one.id), one.cancelled or not begun
            )
            after = replace(work, shifts={**work.shifts, one.id: shift}, changed_at=now)
        else:
            after = replace(
                work,
                ends_at=min(work.ends_at, now) if begun else work.ends_at,
                cancelled=work.cancelled or not begun,
                sequence=work.sequence + 1,
                changed_at=now,
            )
        if begun:  # its end is told by the clock
            self._save(after, by, "maintenance.finished", None, one)
        else:
            self._save(after, by, "maintenance.cancelled", ChangeKind.MAINTENANCE_CANCELLED, one)
        return after

    def maintenances(self) -> tuple[Maintenance, ...]:
        """Planned, running and recent work, latest start first; recurring work by its dates."""
        return self._store.words().maintenances

    def series(self) -> tuple[Maintenance, ...]:
        """Recurring work that goes on, with its rule."""
        return tuple(w for w in self._store.works() if w.rrule and not w.cancelled)

    def work(self, id: str) -> Maintenance:
        """One-off work, one date of recurring work, or a series. Raises Unknown."""
        return self._work(id)[1]

    def _work(self, id: str) -> tuple[Maintenance, Maintenance]:
        """What was entered, and the occurrence that is meant (the same for one-off work)."""
        work = self._store.maintenance(maintenance_windows.series_of(id))
        if work is None:
            raise NotFound(id)
        one = work if work.id == id else maintenance_windows.occurrence(work, id, self._clock.now())
        if one is None:
            raise NotFound(id)
        return work, one

    def _save(
        self,
        work: Maintenance,
        by: str,
        action: str,
        what: ChangeKind | None,
        one: Maintenance | None = None,
        *,
        entry: str = "",
    ) -> None:
        now, which = self._clock.now(), (one or work).id
        said = None if what is None else StatusChanged(what, which, now, work.components, entry)
        self._store.save_maintenance(work, audited(now, by, action, which), said)

    def _window(self, window: Window, *, past: bool = False) -> dict[str, str]:
        starts, ends = window
        if ends <= starts:
            return {"ends_at": N_("The end must come after the beginning.")}
        if ends - starts > LONGEST_WORK:
            return {"ends_at": N_("Work of more than a month is better split.")}
        if ends <= self._clock.now() and not past:
            return {"ends_at": N_("This is over already.")}
        return {}

    # ------------------------------------------------------------------ overrides

    def override(
        self, component: str, condition: Condition, until: datetime, by: str, reason: str = ""
    ) -> Override:
        """An operator's word on a component until a moment. Raises Refused."""
        wrong = self._components({component: condition})
        if until > self._clock.now() + LONGEST_WORK:
            wrong["until"] = N_("An override must end within a month.")
        if wrong:
            raise RuleViolation(wrong)
        said = Override(component, condition, until, by, reason[:TITLE])
        audit = audited(self._clock.now(), by, "override.set", component, condition)
        self._store.save_override(said, audit)
        return said

    def overrides(self) -> tuple[Override, ...]:
        """Words on components that hold now."""
        return self._store.words().overrides

    # ------------------------------------------------------------------ announcements

    def announce(
        self,
        title: Mapping[str, str],
        text: Mapping[str, str],
        by: str,
        *,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> Announcement:
        """News that is no incident. Raises Refused."""
        now = self._clock.now()
        begin = starts_at or now
        wrong = wrong_words("title", title, TITLE) | wrong_words("text", text, TEXT)
        if ends_at is not None and ends_at <= max(begin, now):
            wrong["ends_at"] = N_("The end must come after the beginning.")
        if wrong:
            raise RuleViolation(wrong)
        news = Announcement(fresh_id(), trimmed(title), trimmed(text), begin, ends_at)
        said = StatusChanged(ChangeKind.ANNOUNCED, news.id, begin)
        audit = audited(now, by, "announcement.published", news.id)
        self._store.save_announcement(news, audit, said)
        return news

    def withdraw(self, id: str, by: str) -> None:
        """Take an announcement off the pages. Raises Unknown."""
        news = self._store.announcement(id)
        if news is None:
            raise NotFound(id)
        now = self._clock.now()
        audit = audited(now, by, "announcement.withdrawn", id)
        self._store.save_announcement(replace(news, ends_at=now), audit)

    def announcements(self) -> tuple[Announcement, ...]:
        """What is shown and what will be, newest first."""
        return self._store.words().announcements

    def _components(self, told: Mapping[str, Condition]) -> dict[str, str]:
        if all(c in self._known for c in told) and Condition.NO_DATA not in told.values():
            return {}
        return {"components": N_("One of these services is not known here.")}


def _steps(now: MaintenanceState) -> tuple[str, ...]:
    """What may be said of work in a state: running work may be checked, and worked on again."""
    return maintenance_windows.RUNNING if now in maintenance_windows.RUNNING else (now,)


def _next(work: Maintenance, id: str) -> int:
    known = work.shifts.get(id)
    return known.sequence + 1 if known else 1


def _rule(again: Recurrence, window: Window) -> dict[str, str]:
    if not again.rrule:
        return {}
    try:
        maintenance_windows.checked(again.rrule, again.zone)
    except ValueError:
        return {"rrule": N_("Give a rule such as FREQ=WEEKLY;BYDAY=SU and a zone we know.")}
    local = window[0].astimezone(UTC)
    return {} if local.year >= 2000 else {"starts_at": N_("This is too long ago.")}
