"""`app.py probe …`: what probes see now, from the terminal.

Takes already built parts; prints lines for people; answers an exit status.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta

import msgspec

from exit_status import CANNOT, FINE, PROBLEM, refuse
from observe.network import Network
from status.model import Grade, Probe
from status.probing.kinds import kind_of
from status.probing.observe import run_probe
from status.probing.probe_kind import NO_INTERNAL_FACTS, InternalFacts

AT_ONCE = 20  # probes that look at the same time


def probe(
    name: str, probes: Iterable[Probe], net: Network, inside: InternalFacts = NO_INTERNAL_FACTS
) -> int:
    """Run one probe once and print what it saw. 0 up, 1 degraded or down, 2 could not look."""
    probes_by_name = {p.name: p for p in probes}
    if name not in probes_by_name:
        listed = ", ".join(probes_by_name) or "none is configured"
        return refuse(f'there is no probe "{name}"; known: {listed}')
    looking = run_probe(net, probes_by_name[name], net.clock.now(), internal=inside, keep_fact=True)
    observation = asyncio.run(looking).observation
    took = observation.elapsed / timedelta(milliseconds=1)
    print(f"{observation.signal.grade}\t{took:.0f} ms\t{observation.signal.reason}")
    if observation.fact:
        print(_pretty(observation.fact))
    if observation.signal.grade is Grade.UNKNOWN:
        return CANNOT
    return FINE if observation.signal.grade is Grade.UP else PROBLEM


def probe_all(probes: Iterable[Probe], net: Network) -> int:
    """Run every probe that looks from here once, a line for each as soon as it has looked. 0 when
    all are up, else 1."""
    looking = tuple(p for p in probes if not kind_of(p.kind).is_passive)

    async def look(together: asyncio.Semaphore, probe: Probe) -> bool:
        async with together:
            seen = (await run_probe(net, probe, net.clock.now())).observation
        print(f"{seen.probe}\t{seen.signal.grade}\t{seen.signal.reason}", flush=True)
        return seen.signal.grade is Grade.UP

    async def look_all() -> list[bool]:
        together = asyncio.Semaphore(AT_ONCE)
        return await asyncio.gather(*(look(together, probe) for probe in looking))

    return FINE if all(asyncio.run(look_all())) else PROBLEM


def _pretty(fact: str) -> str:
    try:
        return msgspec.json.format(fact, indent=2)
    except (msgspec.DecodeError, UnicodeError):  # it was cut to its beginning
        return fact
