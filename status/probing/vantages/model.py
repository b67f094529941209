"""Wire format between a vantage and the portal: probes one way, observations the other.

Pure. `schema` 1. Times are ISO 8601 in UTC, spans are seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from status.model import Grade, Observation, Probe, Signal

SCHEMA = 1
MAX_OBSERVATIONS = 5_000  # looks in one push
MAX_FACT = 8_192
MAX_AGE = timedelta(days=1)
MAX_CLOCK_SKEW = timedelta(minutes=5)


class AssignedProbe(msgspec.Struct, frozen=True):
    """A probe as a vantage is given it."""

    name: str
    kind: str
    component: str
    target: str
    interval: float
    timeout: float
    settings: dict[str, object] = {}


class ProbeAssignment(msgspec.Struct, frozen=True):
    """What a vantage is to look at."""

    vantage: str
    probes: tuple[AssignedProbe, ...]
    schema: int = SCHEMA


class PushedObservation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One look, as it was made elsewhere."""

    probe: str
    at: datetime
    elapsed: float
    grade: Grade
    reason: str = ""
    reliable: bool = True
    fact: str = ""


class ObservationPush(msgspec.Struct, frozen=True):
    """A push."""

    observations: tuple[PushedObservation, ...]
    schema: int = SCHEMA


def assignment_for(vantage: str, probes: Iterable[Probe]) -> ProbeAssignment:
    """What a vantage of that name looks at."""
    return ProbeAssignment(vantage, tuple(_assigned(p) for p in probes if vantage in p.vantages))


def _assigned(probe: Probe) -> AssignedProbe:
    return AssignedProbe(
        probe.name,
        probe.kind,
        probe.component,
        probe.target,
        probe.interval.total_seconds(),
        probe.timeout.total_seconds(),
        dict(probe.settings),
    )


def to_probe(assigned: AssignedProbe) -> Probe:
    """The same as a probe."""
    interval = timedelta(seconds=max(1.0, assigned.interval))
    timeout = timedelta(seconds=max(0.1, assigned.timeout))
    return Probe(
        assigned.name,
        assigned.kind,
        assigned.component,
        assigned.target,
        interval,
        timeout,
        settings=dict(assigned.settings),
    )


def to_push(observation: Observation) -> PushedObservation:
    """An observation as it is pushed."""
    return PushedObservation(
        observation.probe,
        observation.at,
        observation.elapsed.total_seconds(),
        observation.signal.grade,
        observation.signal.reason,
        observation.reliable,
        observation.fact,
    )


def to_observation(look: PushedObservation, vantage: str) -> Observation:
    """What was pushed, as an observation of that vantage."""
    return Observation(
        look.probe,
        look.at,
        timedelta(seconds=max(0.0, min(look.elapsed, 86_400.0))),
        Signal(look.grade, look.reason[:500]),
        look.reliable,
        vantage,
        look.fact[:MAX_FACT],
    )


def acceptable(
    looks: Iterable[PushedObservation], vantage: str, probes: Mapping[str, Probe], now: datetime
) -> tuple[PushedObservation, ...]:
    """Those of a vantage's own probes and of a time that can be meant."""
    return tuple(
        look
        for look in looks
        if look.probe in probes
        and vantage in probes[look.probe].vantages
        and look.at.tzinfo is not None
        and now - MAX_AGE <= look.at <= now + MAX_CLOCK_SKEW
    )
