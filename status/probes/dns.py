"""Probe kind "dns": one question, to a given server or through the resolvers."""

from __future__ import annotations

import msgspec

from facts import Lookup
from observe.dns import ask, resolve
from observe.network import Network
from status.model import Grade, Probe, Signal
from status.probes.kind import budget, kind, slow, troubled


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`server` is "address" or "address:port"; without one the resolvers are asked.

    Every value in `expect` must be among the answers. `slow_after` in seconds.
    """

    type: str = "A"
    server: str = ""
    expect: tuple[str, ...] = ()
    slow_after: float = 1.0


async def observe(net: Network, probe: Probe, settings: Settings) -> Lookup:
    """One lookup of the target, a name."""
    limits = budget(net, probe)
    if settings.server:
        wait = probe.timeout.total_seconds() / 2
        return await ask(net, limits, probe.target, settings.type, settings.server, timeout=wait)
    return await resolve(net, limits, probe.target, settings.type, fresh=True)


def judge(fact: Lookup, settings: Settings) -> Signal:
    """Down for silence, an error, no answer or a missing value; degraded when slow."""
    if fact.trouble is not None:
        return troubled(fact.trouble, fact.detail)
    if fact.rcode != "NOERROR":
        return Signal(Grade.DOWN, f"answered {fact.rcode}")
    values = fact.values(settings.type)
    if not values:
        return Signal(Grade.DOWN, f"no {settings.type} record in the answer")
    missing = [v for v in settings.expect if v not in values]
    if missing:
        return Signal(Grade.DOWN, f"{', '.join(missing)} is not among the answers")
    return slow(fact.elapsed, settings.slow_after, "the answer") or Signal(
        Grade.UP, f"{len(values)} answers"
    )


KIND = kind("dns", Settings, observe, judge)
