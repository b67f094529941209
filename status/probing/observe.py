"""One look of one probe, whatever happens: a defect of ours is an unknown that blames nobody."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from observe.network import Network
from status.model import Grade, Observation, Probe, Signal
from status.probing.kinds import kind_of
from status.probing.probe_kind import NOTHING, InternalFacts, Metric

log = logging.getLogger(__name__)
SLACK = 2.0  # seconds beyond a probe's own timeout before it is given up
STARVED = 0.5  # that much later still, it was our own loop that was late, not the target


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """An observation with the numbers that belong to it."""

    observation: Observation
    figures: tuple[Metric, ...] = ()
    at_the_name: bool = False  # it ended there: nobody told us an address, or that there is none


async def look(
    net: Network, probe: Probe, at: datetime, *, inside: InternalFacts = NOTHING, keep: bool = False
) -> ProbeResult:
    """One look. The fact of a good one is kept only with `keep`."""
    start = net.clock.monotonic()
    fact, figures, at_the_name = "", tuple[Metric, ...](), False
    try:
        async with asyncio.timeout(probe.timeout.total_seconds() + SLACK):
            looked = await kind_of(probe.kind).look(net, probe, inside, keep)
        signal, figures, at_the_name = looked.signal, looked.figures, looked.at_the_name
        fact = looked.fact if keep or signal.grade is not Grade.UP else ""
    except TimeoutError:
        signal = Signal(Grade.DOWN, f"no answer within {probe.timeout.total_seconds():g} s")
    except Exception:  # one probe must never stop the others
        log.exception("probe %s broke", probe.name)
        signal = Signal(Grade.UNKNOWN, "the probe itself broke; see the log")
    elapsed = timedelta(seconds=net.clock.monotonic() - start)
    patience = probe.timeout + timedelta(seconds=SLACK + STARVED)
    starved = elapsed > patience and signal.grade in (Grade.DOWN, Grade.DEGRADED)
    reliable = signal.grade is not Grade.UNKNOWN and not starved
    seen = Observation(probe.name, at, elapsed, signal, reliable, net.vantage.name, fact)
    return ProbeResult(seen, figures, at_the_name)


def unseen(seen: ProbeResult, why: str) -> ProbeResult:
    """The same as a look that could not be made; its evidence stays."""
    signal = Signal(Grade.UNKNOWN, f"we could not look: {why}")
    return replace(seen, observation=replace(seen.observation, signal=signal, reliable=False))


def unreliable(seen: Observation) -> Observation:
    """The same, not counted: our own side was late."""
    return replace(seen, reliable=False)
