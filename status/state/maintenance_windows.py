"""Maintenance windows: state and timeline by the clock, what pages list. Pure.

Stored by storage/incident_store.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from status.model import Condition, Maintenance, MaintenanceState, Update

RUNNING = (MaintenanceState.IN_PROGRESS, MaintenanceState.VERIFYING)
_CONDITION_OF = {
    MaintenanceState.IN_PROGRESS: Condition.UNDER_MAINTENANCE,
    MaintenanceState.COMPLETED: Condition.OPERATIONAL,
}


@dataclass(frozen=True, slots=True)
class MaintenanceListing:
    """Planned work as pages list it at a moment. Nothing else that they show of it follows the
    clock, so that two equal listings make equal pages."""

    planned: tuple[Maintenance, ...]  # told at length, soonest first
    further: tuple[Maintenance, ...]  # dates only
    past: tuple[Maintenance, ...]  # newest first
    states: Mapping[str, MaintenanceState]  # by id, as the timelines
    timelines: Mapping[str, tuple[Update, ...]]


def state(maintenance: Maintenance, at: datetime) -> MaintenanceState:
    """Where planned work stands at a moment."""
    if maintenance.cancelled:
        return MaintenanceState.CANCELLED
    if at < maintenance.starts_at:
        return MaintenanceState.SCHEDULED
    if at >= maintenance.ends_at:
        return MaintenanceState.COMPLETED
    updates = [n for n in updates_of(maintenance) if n.state in RUNNING and n.at <= at]
    return MaintenanceState(updates[-1].state) if updates else MaintenanceState.IN_PROGRESS


def is_over(maintenance: Maintenance, at: datetime) -> bool:
    """Whether it is finished, or was cancelled before its time came or would have come."""
    current = state(maintenance, at)
    if current is MaintenanceState.CANCELLED:
        return not maintenance.series or maintenance.starts_at <= at
    return current is MaintenanceState.COMPLETED


def updates_of(maintenance: Maintenance) -> tuple[Update, ...]:
    """What was said of one-off work or of one occurrence since it was announced, oldest first."""
    return maintenance.notes.get(maintenance.id, ())


def timeline(maintenance: Maintenance, at: datetime) -> tuple[Update, ...]:
    """All that happened to one-off work or one occurrence up to a moment, newest first: what was
    announced and said by people, and, without words, what the clock brought."""
    current = state(maintenance, at)
    past = maintenance.ends_at <= maintenance.created_at  # written down afterwards
    announced = maintenance.starts_at if past else maintenance.created_at
    stages: list[tuple[MaintenanceState, datetime]] = [(MaintenanceState.SCHEDULED, announced)]
    if current is MaintenanceState.CANCELLED:
        stages.append((current, maintenance.changed_at or maintenance.created_at))
    elif current is not MaintenanceState.SCHEDULED:
        stages.append((MaintenanceState.IN_PROGRESS, max(maintenance.starts_at, announced)))
    if current is MaintenanceState.COMPLETED:
        stages.append((current, maintenance.ends_at))
    automatic = [
        Update(
            f"{maintenance.id}:{name}",
            name,
            moment,
            maintenance.text if name is MaintenanceState.SCHEDULED else {},
            dict.fromkeys(maintenance.components, _CONDITION_OF[name])
            if name in _CONDITION_OF
            else {},
        )
        for name, moment in stages
    ]
    order = list(MaintenanceState)
    updates = sorted(
        _with_words_of_people(automatic, updates_of(maintenance)),
        key=lambda u: (u.at, order.index(MaintenanceState(u.state))),
    )
    return tuple(u for u in updates[::-1] if u.at <= at)


def _with_words_of_people(automatic: Iterable[Update], notes: Iterable[Update]) -> Iterator[Update]:
    """All entries; what the clock brought and people told in the same minute is one of theirs."""
    rest = list(notes)
    for stage in automatic:
        note = next((n for n in rest if n.state == stage.state and _is_same_minute(n, stage)), None)
        if note is None or stage.text:
            yield stage
        else:
            rest.remove(note)
            yield replace(note, components=stage.components)
    yield from rest


def _is_same_minute(note: Update, stage: Update) -> bool:
    return abs(note.at - stage.at) < timedelta(minutes=1)


def upcoming(maintenances: Iterable[Maintenance], at: datetime) -> tuple[Maintenance, ...]:
    """What is under way or still to come, soonest first; of recurring work the next two."""
    return _split_upcoming(maintenances, at)[0]


def later_occurrences(maintenances: Iterable[Maintenance], at: datetime) -> tuple[Maintenance, ...]:
    """The dates of recurring work after the next two, soonest first."""
    return _split_upcoming(maintenances, at)[1]


def _split_upcoming(
    maintenances: Iterable[Maintenance], at: datetime
) -> tuple[tuple[Maintenance, ...], tuple[Maintenance, ...]]:
    """What is under way or still to come: (told at length, dates only)."""
    unfinished = (MaintenanceState.SCHEDULED, *RUNNING)
    live = sorted(
        (w for w in maintenances if state(w, at) in unfinished), key=lambda w: w.starts_at
    )
    counts: Counter[str] = Counter()
    near: list[Maintenance] = []
    far: list[Maintenance] = []
    for maintenance in live:
        counts[maintenance.series] += 1
        (near if not maintenance.series or counts[maintenance.series] <= 2 else far).append(
            maintenance
        )
    return tuple(near), tuple(far)


def maintenance_listing(maintenances: Iterable[Maintenance], at: datetime) -> MaintenanceListing:
    """What pages show at a moment."""
    windows = tuple(maintenances)
    planned, further = _split_upcoming(windows, at)
    past = sorted((w for w in windows if is_over(w, at)), key=lambda w: w.starts_at, reverse=True)
    shown_at_length = (*planned, *past)
    return MaintenanceListing(
        planned,
        further,
        tuple(past),
        {w.id: state(w, at) for w in shown_at_length},
        {w.id: timeline(w, at) for w in shown_at_length},
    )
