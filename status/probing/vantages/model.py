"""What goes over the wire between a vantage and the portal: probes one way, looks the other.

Pure. `schema` 1. Times are ISO 8601 in UTC, spans are seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from status.model import Grade, Observation, Probe, Signal

SCHEMA = 1
MOST = 5_000  # looks in one push
FACT = 8_192
OLDEST = timedelta(days=1)
AHEAD = timedelta(minutes=5)


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


def work(vantage: str, probes: Iterable[Probe]) -> ProbeAssignment:
    """What a vantage of that name looks at."""
    return ProbeAssignment(vantage, tuple(_asked(p) for p in probes if vantage in p.vantages))


def _asked(probe: Probe) -> AssignedProbe:
    return AssignedProbe(
        probe.name,
        probe.kind,
        probe.component,
        probe.target,
        probe.interval.total_seconds(),
        probe.timeout.total_seconds(),
        dict(probe.settings),
    )


def probe(asked: AssignedProbe) -> Probe:
    """The same as a probe."""
    interval = timedelta(seconds=max(1.0, asked.interval))
    timeout = timedelta(seconds=max(0.1, asked.timeout))
    return Probe(
        asked.name,
        asked.kind,
        asked.component,
        asked.target,
        interval,
        timeout,
        settings=dict(asked.settings),
    )


def told(seen: Observation) -> PushedObservation:
    """An observation as it is pushed."""
    return PushedObservation(
        seen.probe,
        seen.at,
        seen.elapsed.total_seconds(),
        seen.signal.grade,
        seen.signal.reason,
        seen.reliable,
        seen.fact,
    )


def observation(look: PushedObservation, vantage: str) -> Observation:
    """What was pushed, as an observation of that vantage."""
    return Observation(
        look.probe,
        look.at,
        timedelta(seconds=max(0.0, min(look.elapsed, 86_400.0))),
        Signal(look.grade, look.reason[:500]),
        look.reliable,
        vantage,
        look.fact[:FACT],
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
        and now - OLDEST <= look.at <= now + AHEAD
    )
