"""The state of monitoring, kept in a file so that a start needs no database.

Owns states.json beside the publication. It is written by atomic replace and never served.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from db.stored import Stored, UnreadableDocument
from status.model import Interruption, Probe, Snapshot
from status.publishing.files import replace_file
from status.state.component_states import HERE, ComponentStates
from status.state.composition import interruptions
from status.state.damping import DebouncedState
from status.state.grade_timeline import GradeTimeline, from_state
from status.state.operator_conditions import Claim
from status.state.statements import PublicStatements
from status.state.timeline import truncate_to_second
from status.state.uptime import UptimeAccumulator

log = logging.getLogger(__name__)
FILE = "states.json"
SET_ASIDE = "states.unreadable.json"  # what a newer or broken version left, for a person to see


class StateFile(msgspec.Struct, frozen=True):
    """The last snapshot and where each probe's damping stood."""

    snapshot: Snapshot
    settled: dict[str, DebouncedState]
    votes: dict[str, dict[str, DebouncedState]] = {}  # probe → vantage → where its damping stood
    timelines: dict[str, dict[str, GradeTimeline]] = {}  # probe → vantage → its looks
    accumulators: dict[str, UptimeAccumulator] = {}  # by component, without their days
    claims: dict[str, tuple[Claim, ...]] = {}  # by component
    grounds: dict[str, str] = {}  # by component, see ComponentStates.basis
    unpublished: PublicStatements = PublicStatements()  # what people said beyond the snapshot


def _without_speeds(document: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """Schema 2 has no response times in its snapshot."""
    snapshot = {k: v for k, v in document["snapshot"].items() if k != "speeds"}
    return {**document, "snapshot": snapshot}


STATES: Stored[StateFile] = Stored(
    "status.state_file", StateFile, schema=2, upcasters={1: _without_speeds}
)


def new_state_file(
    snapshot: Snapshot,
    settled: dict[str, DebouncedState],
    votes: dict[str, dict[str, DebouncedState]],
    states: ComponentStates,
    statements: PublicStatements,
) -> StateFile:
    """Everything that a start needs; the days are in the snapshot already."""
    return StateFile(
        snapshot,
        settled,
        votes,
        {name: dict(lines) for name, lines in states.timelines.items()},
        {c: replace(a, days=()) for c, a in states.accumulators.items()},
        {c: claims for c, claims in states.claims.items() if claims},
        {c.id: states.basis(c) for c in states.components},
        _unpublished(statements, snapshot),
    )


def timelines_of(
    saved: StateFile, probes: Mapping[str, Probe]
) -> dict[str, dict[str, GradeTimeline]]:
    """The looks of the probes that are still configured. A file of an older version has none:
    then what each probe said last is all that is known."""
    if saved.timelines:
        return {n: dict(lines) for n, lines in saved.timelines.items() if n in probes}
    timelines: dict[str, dict[str, GradeTimeline]] = {}
    for name, probe in probes.items():
        votes = saved.votes.get(name, {}) if probe.vantages else {}
        if not probe.vantages and name in saved.settled:
            votes = {HERE: saved.settled[name]}
        timelines[name] = {vantage: from_state(state) for vantage, state in votes.items()}
    return timelines


def accumulators_of(saved: StateFile, states: ComponentStates) -> dict[str, UptimeAccumulator]:
    """Each component's time. Where other probes or another policy hold now, the past stays as it
    is; what an older version wrote is rewritten no further back than its probes are remembered."""
    basis = {c.id: states.basis(c) for c in states.components}
    accumulators: dict[str, UptimeAccumulator] = {}
    for status in saved.snapshot.states:
        id_ = status.component.id
        days = tuple(d for d in status.days if d.seconds)
        if id_ in saved.accumulators:
            accumulator = replace(saved.accumulators[id_], days=days)
            if saved.grounds.get(id_) != basis.get(id_):
                accumulator = replace(accumulator, fixed_until=accumulator.until)
            accumulators[id_] = accumulator
            continue
        since, at = truncate_to_second(status.since), truncate_to_second(saved.snapshot.at)
        first = max(states.first_looks(id_), default=since)
        accumulators[id_] = UptimeAccumulator(
            status.condition, since, at, days, fixed_until=max(first, since)
        )
    return accumulators


def interruptions_of(saved: StateFile, component: str) -> tuple[Interruption, ...]:
    """When a component was in an outage or in maintenance."""
    accumulator = saved.accumulators.get(component)
    return interruptions(accumulator) if accumulator else ()


def statements_of(saved: StateFile) -> PublicStatements:
    """Everything that people had said."""
    snapshot, unpublished = saved.snapshot, saved.unpublished
    incidents = (*snapshot.incidents, *unpublished.incidents)
    announcements = (*snapshot.announcements, *unpublished.announcements)
    return PublicStatements(
        tuple(sorted(incidents, key=lambda i: i.started_at, reverse=True)),
        (*snapshot.maintenances, *unpublished.maintenances),
        unpublished.overrides,
        tuple(sorted(announcements, key=lambda a: a.starts_at, reverse=True)),
        snapshot.known_components,
    )


def _unpublished(statements: PublicStatements, snapshot: Snapshot) -> PublicStatements:
    """What counts, now or later, and is no part of what readers see."""
    published = {i.id for i in snapshot.incidents} | {m.id for m in snapshot.maintenances}
    published |= {a.id for a in snapshot.announcements}
    return PublicStatements(
        tuple(i for i in statements.incidents if i.id not in published),
        tuple(m for m in statements.maintenances if m.id not in published),
        statements.overrides,
        tuple(a for a in statements.announcements if a.id not in published),
    )


def save(folder: Path, state: StateFile) -> None:
    """Write it down. Raises OSError."""
    replace_file(folder / FILE, STATES.encode(state), sync=False)


def load(folder: Path) -> StateFile | None:
    """What was written down, or None when there is nothing that can be read."""
    try:
        return STATES.decode((folder / FILE).read_bytes())
    except FileNotFoundError:
        return None
    except UnreadableDocument:
        _set_aside(folder)
        return None
    except OSError:
        log.exception("%s cannot be read; starting without it", folder / FILE)
        return None


def _set_aside(folder: Path) -> None:
    """Keep what could not be read, before the next state takes its place."""
    with contextlib.suppress(OSError):
        shutil.copyfile(folder / FILE, folder / SET_ASIDE)
    log.error("%s cannot be read; a copy is kept in %s", folder / FILE, folder / SET_ASIDE)
