"""Labels and headline of the status page, marked for translation.

Pure: English msgids and facts, never text in a language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from render.i18n import N_
from render.message_format import fill
from status.model import (
    Component,
    ComponentStatus,
    Condition,
    Grade,
    Impact,
    IncidentState,
    MaintenanceState,
    Snapshot,
)
from status.state.statements import open_incidents

CONDITIONS: dict[Condition, str] = {
    Condition.OPERATIONAL: N_("Operational"),
    Condition.DEGRADED_PERFORMANCE: N_("Slow or unstable"),
    Condition.PARTIAL_OUTAGE: N_("Partial outage"),
    Condition.MAJOR_OUTAGE: N_("Outage"),
    Condition.UNDER_MAINTENANCE: N_("Maintenance"),
    Condition.NO_DATA: N_("No data"),
}
CONDITION_CODES: dict[Condition, str] = {
    Condition.OPERATIONAL: "o",
    Condition.DEGRADED_PERFORMANCE: "d",
    Condition.PARTIAL_OUTAGE: "p",
    Condition.MAJOR_OUTAGE: "x",
    Condition.UNDER_MAINTENANCE: "m",
    Condition.NO_DATA: "n",
}
STATES: dict[str, str] = {
    IncidentState.INVESTIGATING: N_("Investigating"),
    IncidentState.IDENTIFIED: N_("Cause found"),
    IncidentState.MONITORING: N_("Fixed, watching"),
    IncidentState.RESOLVED: N_("Resolved"),
    IncidentState.POSTMORTEM: N_("What happened"),
    MaintenanceState.SCHEDULED: N_("Planned"),
    MaintenanceState.IN_PROGRESS: N_("Under way"),
    MaintenanceState.VERIFYING: N_("Checking the result"),
    MaintenanceState.COMPLETED: N_("Finished"),
    MaintenanceState.CANCELLED: N_("Cancelled"),
}
AUTOMATIC_TEXTS: dict[str, str] = {  # what the clock brings needs no words of an operator
    MaintenanceState.IN_PROGRESS: N_("The work has begun."),
    MaintenanceState.COMPLETED: N_("The work is finished."),
    MaintenanceState.CANCELLED: N_("The work will not take place."),
}
IMPACTS: dict[Impact, str] = {
    Impact.NONE: N_("No impact"),
    Impact.MINOR: N_("Minor"),
    Impact.MAJOR: N_("Major"),
    Impact.CRITICAL: N_("Critical"),
    Impact.MAINTENANCE: N_("Maintenance"),
}
GRADES: dict[Grade, str] = {
    Grade.UP: N_("Good"),
    Grade.DEGRADED: N_("Slow"),
    Grade.DOWN: N_("Failed"),
    Grade.UNKNOWN: N_("Could not look"),
}
WINDOWS: dict[str, str] = {  # of the charts of response times
    "24h": N_("The last 24 hours"),
    "7d": N_("The last 7 days"),
    "30d": N_("The last 30 days"),
    "90d": N_("The last 90 days"),
}
SERVICE_SENTENCES: dict[Condition, str] = {  # what the page of one service says first
    Condition.OPERATIONAL: N_("This service works"),
    Condition.DEGRADED_PERFORMANCE: N_("This service is slow or unstable"),
    Condition.PARTIAL_OUTAGE: N_("This service is partly down"),
    Condition.MAJOR_OUTAGE: N_("This service is down"),
    Condition.UNDER_MAINTENANCE: N_("Planned maintenance of this service is under way"),
    Condition.NO_DATA: N_("We cannot say: there is no data of this service"),
}
WORKS_WITH_INCIDENT = N_("This service works; an incident that names it is still open")
INVALID_STATE = N_("Choose one of the offered states.")


def joined_title(components: Sequence[Component], languages: Iterable[str]) -> dict[str, str]:
    """Their names as a title in some languages; many are counted."""
    few, more = (components[:5], ["…"]) if len(components) > 6 else (components, [])
    return {
        lang: fill(
            "{names:list}", {"names": [*(c.in_language(lang).name for c in few), *more]}, lang
        )
        for lang in languages
    }


@dataclass(frozen=True, slots=True)
class Headline:
    """The one sentence: a tone (a condition, or "stale"), a msgid, and since when it holds."""

    tone: str
    text: str
    since: datetime | None = None


def headline(snapshot: Snapshot, *, aged: bool = False) -> Headline:
    """What the page says first. Doubt about ourselves comes before any claim about others."""
    states = snapshot.states
    if not states:
        return Headline(Condition.NO_DATA, N_("No services are watched yet"))
    if aged:
        return Headline("stale", N_("This page has not been refreshed for a while"))
    if snapshot.cut_off:
        return Headline(
            "stale", N_("We cannot see our services right now: our own connection is down")
        )
    counts = {c: sum(s.condition is c for s in states) for c in Condition}
    if counts[Condition.NO_DATA] == len(states):
        return Headline(
            Condition.NO_DATA,
            N_("We have only begun to look: first results come within a few minutes"),
        )
    return _worst(snapshot, counts)


def service_headline(state: ComponentStatus, *, has_open_incident: bool) -> Headline:
    """What the page of one service says first, unless we doubt ourselves."""
    if state.condition is Condition.OPERATIONAL and has_open_incident:
        return Headline(state.condition, WORKS_WITH_INCIDENT, state.since)
    since = None if state.condition is Condition.NO_DATA else state.since
    return Headline(state.condition, SERVICE_SENTENCES[state.condition], since)


def _worst(snapshot: Snapshot, counts: dict[Condition, int]) -> Headline:
    states = snapshot.states
    steps = (
        (Condition.MAJOR_OUTAGE, N_("All services are down"), N_("Some services are down")),
        (
            Condition.PARTIAL_OUTAGE,
            N_("All services are partly down"),
            N_("Some services are partly down"),
        ),
        (
            Condition.DEGRADED_PERFORMANCE,
            N_("All services are slow or unstable"),
            N_("Some services are slow or unstable"),
        ),
        (
            Condition.UNDER_MAINTENANCE,
            N_("Planned maintenance is under way"),
            N_("Planned maintenance is under way"),
        ),
    )
    for condition, all_of_them, some in steps:
        if counts[condition]:
            since = min(s.since for s in states if s.condition is condition)
            return Headline(
                condition, all_of_them if counts[condition] == len(states) else some, since
            )
    if open_incidents(snapshot.incidents):
        since = min(i.started_at for i in open_incidents(snapshot.incidents))
        return Headline(Condition.DEGRADED_PERFORMANCE, N_("We are working on an incident"), since)
    since = max(s.since for s in snapshot.states if s.condition is Condition.OPERATIONAL)
    if counts[Condition.NO_DATA]:
        return Headline(
            Condition.NO_DATA, N_("What we can see works; of some services we have no data"), since
        )
    return Headline(Condition.OPERATIONAL, N_("All services work"), since)
