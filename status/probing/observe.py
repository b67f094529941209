"""Runs one probe once: observing under its deadline, judging; a defect of ours is unknown and blames nobody."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from observe.network import Network
from observe.transport.ping import UNAVAILABLE
from observe.transport.tls import NO_TRUST_ROOTS
from standards.dns_types import Trouble
from status.model import Grade, Observation, Probe, Signal
from status.probing.kinds import kind_of
from status.probing.probe_kind import NO_INTERNAL_FACTS, InternalFacts, ProbeMetric

log = logging.getLogger(__name__)
OWN_REASONS = (UNAVAILABLE, NO_TRUST_ROOTS, Trouble.BLOCKED.value)
SLACK = 2.0  # seconds beyond a probe's own timeout before it is given up
LOOP_DELAY = 0.5  # that much later still, it was our own loop that was late, not the target


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """An observation with the numbers that belong to it; `took` is the time of the whole look."""

    observation: Observation
    metrics: tuple[ProbeMetric, ...] = ()
    name_lookup_failed: bool = (
        False  # it ended there: nobody told us an address, or that there is none
    )
    took: timedelta | None = None


async def run_probe(
    net: Network,
    probe: Probe,
    at: datetime,
    *,
    internal: InternalFacts = NO_INTERNAL_FACTS,
    keep_fact: bool = False,
) -> ProbeResult:
    """One look. The fact of a good one is kept only with `keep_fact`."""
    start = net.clock.monotonic()
    fact, metrics, name_lookup_failed = "", tuple[ProbeMetric, ...](), False
    response_time: timedelta | None = None
    try:
        async with asyncio.timeout(probe.timeout.total_seconds() + SLACK):
            outcome = await kind_of(probe.kind).run(net, probe, internal, keep_fact)
        signal, metrics, name_lookup_failed = (
            outcome.signal,
            outcome.metrics,
            outcome.name_lookup_failed,
        )
        response_time = outcome.response_time
        fact = outcome.fact if keep_fact or signal.grade is not Grade.UP else ""
    except TimeoutError:
        signal = Signal(Grade.DOWN, f"no answer within {probe.timeout.total_seconds():g} s")
    except Exception:  # one probe must never stop the others
        log.exception("probe %s broke", probe.name)
        signal = Signal(Grade.UNKNOWN, "the probe itself broke; see the log")
    elapsed = timedelta(seconds=net.clock.monotonic() - start)
    patience = probe.timeout + timedelta(seconds=SLACK + LOOP_DELAY)
    starved = elapsed > patience and signal.grade in (Grade.DOWN, Grade.DEGRADED)
    reliable = signal.grade is not Grade.UNKNOWN and not starved
    answered = elapsed if response_time is None else response_time
    observation = Observation(probe.name, at, answered, signal, reliable, net.vantage.name, fact)
    return ProbeResult(observation, metrics, name_lookup_failed, elapsed)


def cannot_work(signal: Signal) -> bool:
    """Whether a look said nothing because of our own place or settings, and would not next time."""
    return signal.grade is Grade.UNKNOWN and signal.reason.startswith(OWN_REASONS)


def as_unobserved(result: ProbeResult, why: str) -> ProbeResult:
    """The same as a look that could not be made; its evidence stays."""
    signal = Signal(Grade.UNKNOWN, f"we could not look: {why}")
    return replace(result, observation=replace(result.observation, signal=signal, reliable=False))


def as_unreliable(observation: Observation) -> Observation:
    """The same, not counted: our own side was late."""
    return replace(observation, reliable=False)
