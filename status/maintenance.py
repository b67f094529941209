"""Planned work: its state follows the clock. Pure; storing is in store.py."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from status.model import Maintenance, MaintenanceState


def state(work: Maintenance, at: datetime) -> MaintenanceState:
    """Where planned work stands at a moment."""
    if work.cancelled:
        return MaintenanceState.CANCELLED
    if at < work.starts_at:
        return MaintenanceState.SCHEDULED
    if at < work.ends_at:
        return MaintenanceState.IN_PROGRESS
    return MaintenanceState.COMPLETED


def running(works: Iterable[Maintenance], component: str, at: datetime) -> Maintenance | None:
    """The work that is under way on a component, if any."""
    return next(
        (
            w
            for w in works
            if component in w.components and state(w, at) is MaintenanceState.IN_PROGRESS
        ),
        None,
    )


def planned(works: Iterable[Maintenance], at: datetime) -> tuple[Maintenance, ...]:
    """What is under way or still to come, soonest first."""
    live = (MaintenanceState.SCHEDULED, MaintenanceState.IN_PROGRESS)
    return tuple(sorted((w for w in works if state(w, at) in live), key=lambda w: w.starts_at))
