"""Which incidents, maintenance, announcements and overrides readers may see, and which are recent. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from status.model import (
    Announcement,
    Incident,
    IncidentState,
    KnownComponent,
    Maintenance,
    Override,
)

Named = TypeVar("Named", Incident, Maintenance)
CLOSED = (IncidentState.RESOLVED, IncidentState.POSTMORTEM)
PUBLISHED_HISTORY = timedelta(days=365)  # incidents and planned work that are over
OVERRIDE_HISTORY = timedelta(days=90)  # overrides that have ended


@dataclass(frozen=True, slots=True)
class PublicStatements:
    """What operators have published: incidents, maintenance, overrides, announcements; and what the
    components are and were called of which they speak."""

    incidents: tuple[Incident, ...] = ()
    maintenances: tuple[Maintenance, ...] = ()
    overrides: tuple[Override, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    known_components: tuple[KnownComponent, ...] = ()


def is_visible(incident: Incident, at: datetime) -> bool:
    """May readers see it: approved, and not scheduled for later."""
    return not incident.draft and (incident.publish_at is None or incident.publish_at <= at)


def open_incidents(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """The incidents that are not over, newest first as given."""
    return tuple(i for i in incidents if not i.draft and i.state not in CLOSED)


def naming(published: Iterable[Named], component: str) -> tuple[Named, ...]:
    """Those that name a component, as given."""
    return tuple(statement for statement in published if component in statement.components)


def recent_incidents(incidents: Iterable[Incident], at: datetime) -> tuple[Incident, ...]:
    """Published incidents that are open or younger than the history, newest first."""
    visible = (
        i
        for i in incidents
        if is_visible(i, at)
        and (i.state not in CLOSED or at - (i.resolved_at or i.started_at) < PUBLISHED_HISTORY)
    )
    return tuple(sorted(visible, key=lambda i: i.started_at, reverse=True))


def recent_maintenances(planned: Iterable[Maintenance], at: datetime) -> tuple[Maintenance, ...]:
    """Maintenance to come, under way, or over for less than the history; each date by itself, so
    without the recurring ones that dates come from."""
    return tuple(m for m in planned if at - m.ends_at < PUBLISHED_HISTORY and not m.rrule)


def current_announcements(
    announcements: Iterable[Announcement], at: datetime
) -> tuple[Announcement, ...]:
    """The announcements that have begun and not ended."""
    return tuple(
        a for a in announcements if a.starts_at <= at and (a.ends_at is None or a.ends_at > at)
    )


def active_overrides(overrides: Iterable[Override], at: datetime) -> tuple[Override, ...]:
    """The overrides that hold at a moment, at most one for each component: the newest."""
    newest: dict[str, Override] = {}
    for override in sorted(overrides, key=lambda o: o.since):
        if override.since <= at < override.until:
            newest[override.component] = override
    return tuple(newest.values())
