"""A slow, plainly right model of time: every ten seconds of the past, weighed anew from all looks and
all statements as they stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from status.model import (
    Component,
    Condition,
    Grade,
    IncidentState,
    Probe,
)
from status.state.component_states import HERE
from status.state.damping import DampingSample, DebouncedState, damp, patience, policy_of

START = datetime(2026, 3, 26, 23, 40, tzinfo=UTC)  # midnight lies within
ZONE = ZoneInfo("Asia/Jerusalem")  # and there at that midnight clocks go from 2 to 3 h
GRID = timedelta(seconds=10)
CLOSED = (IncidentState.RESOLVED, IncidentState.POSTMORTEM)
WORSE = [
    Condition.NO_DATA,
    Condition.OPERATIONAL,
    Condition.UNDER_MAINTENANCE,
    Condition.DEGRADED_PERFORMANCE,
    Condition.PARTIAL_OUTAGE,
    Condition.MAJOR_OUTAGE,
]
COMPONENTS = (
    Component("web", "Web"),
    Component("mail", "Mail", policy="draft"),
    Component("desk", "Desk", policy="manual"),
)


def probe(name, component, vantages=()):
    return Probe(
        name,
        "tcp",
        component,
        "x:1",
        interval=timedelta(seconds=20),
        timeout=timedelta(seconds=10),
        fail_after=2,
        recover_after=2,
        vantages=vantages,
    )


PROBES = (
    probe("web-a", "web"),
    probe("web-b", "web"),
    probe("web-far", "web", ("brno", "wien", "split")),
    probe("mail-a", "mail"),
)
PLACES = [(p.name, v) for p in PROBES for v in (p.vantages or (HERE,))]
BY_NAME = {p.name: p for p in PROBES}
BY_COMPONENT = {c.id: [p for p in PROBES if p.component == c.id] for c in COMPONENTS}


# ---------------------------------------------------------------- the slow model


def grades_of(place, ticks, now):
    """What one probe said from one place, for every ten seconds from START to now."""
    cells = [None] * round((now - START) / GRID)
    its_probe = BY_NAME[place[0]]

    def fill(since, until, grade):
        for n in range(max(0, round((since - START) / GRID)), round((until - START) / GRID)):
            if n < len(cells):
                cells[n] = grade

    state, last, grade, began = DebouncedState(), None, None, START
    for at, seen in ticks:
        before, state = state, damp(state, policy_of(its_probe), DampingSample(at, seen))
        if last is not None:
            silent = at - last > patience(its_probe)
            fill(last, at, None if silent else grade)
            if silent:
                grade, began = None, max(began, last)
        if state.verdict is not None and state.verdict is not grade:
            calm = (
                before.flapping_since and not state.flapping_since and before.grade is state.grade
            )
            since = at if calm else max(state.verdict_since, began)
            fill(since, at, state.verdict)
            grade, began = state.verdict, since
        last = at
    if last is not None:
        fill(last, now, None if now - last > patience(its_probe) else grade)
    return cells


def agreed(its_probe, votes):
    votes = [v for v in votes if v is not None]
    if not its_probe.vantages:
        return votes[0] if votes else None
    if not votes:
        return None
    enough = min(2, len(votes))
    if votes.count(Grade.DOWN) >= enough:
        return Grade.DOWN
    if len([v for v in votes if v is not Grade.UP]) >= enough:
        return Grade.DEGRADED
    return Grade.UP


def measured(component, grades):
    """`grades`: what each of its probes says at that moment."""
    voting = [g for g in grades if g is not None]
    if not grades:
        return Condition.OPERATIONAL if component.policy == "manual" else Condition.NO_DATA
    if not voting:
        return Condition.NO_DATA
    if all(g is Grade.DOWN for g in voting):
        return Condition.MAJOR_OUTAGE
    if any(g is Grade.DOWN for g in voting):
        return Condition.PARTIAL_OUTAGE
    if any(g is Grade.DEGRADED for g in voting):
        return Condition.DEGRADED_PERFORMANCE
    return Condition.OPERATIONAL


def incident_condition(incident, component, at, now):
    """What an incident says of a component at a moment; None when nothing."""
    if incident.draft or (incident.publish_at and incident.publish_at > now):
        return None
    if component.policy == "auto" and (
        incident.cause or (incident.probes_until and at < incident.probes_until)
    ):
        return None
    entries = sorted(incident.updates, key=lambda u: u.at)
    if entries[0].state in CLOSED and incident.started_at <= at < entries[0].at:
        return entries[0].components.get(component.id)
    word = None
    for entry in entries:
        if entry.at > at:
            break
        word = None if entry.state in CLOSED else entry.components.get(component.id, word)
    return word


def single_windows(works):
    """Planned work as single windows; recurring work is daily and began the day before."""
    for work in works:
        if not work.rrule:
            yield work
            continue
        first, last = (
            m.astimezone(ZONE).replace(tzinfo=None) for m in (work.starts_at, work.ends_at)
        )
        yield work
        wall = first + timedelta(days=1)
        begins = wall.replace(tzinfo=ZONE).astimezone(UTC)
        later = begins.astimezone(ZONE).replace(tzinfo=None) - wall  # its hour is skipped
        ends = (last + timedelta(days=1) + later).replace(tzinfo=ZONE).astimezone(UTC)
        if ends <= begins:
            ends = begins + (work.ends_at - work.starts_at)
        cancelled = work.cancelled and work.changed_at <= begins
        yield replace(work, starts_at=begins, ends_at=ends, cancelled=cancelled)


def published(component, probed, statements, at, now):
    overrides = [
        o for o in statements.overrides if o.component == component.id and o.since <= at < o.until
    ]
    if overrides:
        return max(overrides, key=lambda o: o.since).condition
    for work in single_windows(statements.maintenances):
        begun = work.starts_at <= at and work.created_at <= at
        if component.id in work.components and not work.cancelled and begun and at < work.ends_at:
            return Condition.UNDER_MAINTENANCE
    if component.policy != "auto" and probed is not Condition.NO_DATA:
        probed = Condition.OPERATIONAL
    words = [
        w
        for i in statements.incidents
        if (w := incident_condition(i, component, at, now)) is not None
    ]
    return max([probed, *words], key=WORSE.index)


def model_cells(component, ticks, statements, now):
    """What a component was in, for every ten seconds from START to now."""
    lines = {
        p.name: [grades_of(place, ticks[place], now) for place in PLACES if place[0] == p.name]
        for p in BY_COMPONENT[component.id]
    }
    cells = []
    for n in range(round((now - START) / GRID)):
        grades = [
            agreed(p, [line[n] for line in lines[p.name]]) for p in BY_COMPONENT[component.id]
        ]
        at = START + n * GRID
        cells.append(published(component, measured(component, grades), statements, at, now))
    return cells


def days_of(cells):
    """Day → condition → seconds."""
    days: dict[date, dict[Condition, int]] = {}
    for n, condition in enumerate(cells):
        day = days.setdefault((START + n * GRID).date(), {})
        day[condition] = day.get(condition, 0) + 10
    return days


def figures_of(cells, now):
    """What a report of the month says: seconds, uptime and coverage."""
    month = datetime(START.year, START.month, 1, tzinfo=UTC)
    elapsed = round((now - month).total_seconds())
    seconds = {c: 10 * cells.count(c) for c in Condition}
    seconds[Condition.NO_DATA] += elapsed - 10 * len(cells)
    weights = {
        Condition.OPERATIONAL: 0,
        Condition.DEGRADED_PERFORMANCE: 0,
        Condition.PARTIAL_OUTAGE: Fraction(3, 10),
        Condition.MAJOR_OUTAGE: 1,
    }
    counted = sum(seconds[c] for c in weights)
    lost = sum(seconds[c] * weight for c, weight in weights.items())
    uptime = 1 - lost / Fraction(counted) if counted else None
    return seconds, uptime, (elapsed - seconds[Condition.NO_DATA]) / elapsed
