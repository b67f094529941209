"""Probe kind "tcp": does a port accept connections?"""

from __future__ import annotations

import msgspec

from facts import Trouble
from observe.network import Network, NetworkError, endpoint
from observe.tcp import Touch, touch
from status.model import Grade, Probe, Signal
from status.probes.kind import budget, kind, slow, troubled


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`slow_after` in seconds."""

    slow_after: float = 1.0


async def observe(net: Network, probe: Probe, settings: Settings) -> Touch:
    """One connection to the target, "host:port"."""
    del settings
    try:
        host, port = endpoint(probe.target, 0)
    except NetworkError as wrong:
        return Touch(probe.target, 0, net.clock.now(), trouble=Trouble.BLOCKED, detail=str(wrong))
    seconds = probe.timeout.total_seconds()
    return await touch(net, budget(net, probe), host, port, timeout=seconds)


def judge(fact: Touch, settings: Settings) -> Signal:
    """Down when nothing accepts; degraded when slow."""
    if fact.trouble is not None:
        return troubled(fact.trouble, fact.detail)
    return slow(fact.resolve + fact.connect, settings.slow_after, "connecting") or Signal(
        Grade.UP, f"connected to {fact.ip}"
    )


KIND = kind("tcp", Settings, observe, judge)
