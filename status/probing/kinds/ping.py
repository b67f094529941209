"""Probe kind "ping": ICMP echo. Where we may not ping, it is unknown and nobody's fault."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec

from observe.network import Network
from observe.transport.ping import (
    UNAVAILABLE,
    OpenSocket,
    PingResult,
    open_icmp_socket,
    ping,
)
from status.model import Grade, Probe, Signal
from status.probing.probe_kind import (
    ProbeMetric,
    active_kind,
    probe_budget,
    slow_signal,
    trouble_signal,
)


class PingProbeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`count` echoes; degraded when more than `lost` of them (a share) stay away, down when all
    do, or more than `lost_down`. `slow_after` in seconds, of the quickest round trip."""

    count: Annotated[int, msgspec.Meta(ge=1, le=20)] = 3
    lost: float = 0.34
    lost_down: float = 0.99
    slow_after: float = 0.5


async def observe(
    net: Network,
    probe: Probe,
    settings: PingProbeSettings,
    *,
    open_socket: OpenSocket = open_icmp_socket,
) -> PingResult:
    """Some echoes of the target, a name or an address."""
    return await ping(
        net,
        probe_budget(net, probe),
        probe.target,
        count=settings.count,
        timeout=probe.timeout.total_seconds() / settings.count,
        open_socket=open_socket,
    )


def judge(fact: PingResult, settings: PingProbeSettings) -> Signal:
    """Down when nothing comes back; degraded for loss and delay; unknown when we may not ping."""
    if not fact.available:
        return Signal(Grade.UNKNOWN, UNAVAILABLE)
    if not fact.times:
        if fact.trouble is None:
            return Signal(Grade.DOWN, "no echo came back")
        return trouble_signal(fact.trouble, fact.detail)
    reason = f"{len(fact.times)} of {fact.sent} echoes"
    if fact.lost > settings.lost_down:
        return Signal(Grade.DOWN, reason)
    if fact.lost > settings.lost:
        return Signal(Grade.DEGRADED, reason)
    quickest = min(fact.times)
    milliseconds = quickest / timedelta(milliseconds=1)
    return slow_signal(quickest, settings.slow_after, "the echo") or Signal(
        Grade.UP, f"{reason}, {milliseconds:.1f} ms"
    )


def measure(fact: PingResult) -> tuple[ProbeMetric, ...]:
    """Numbers as blackbox_exporter names them."""
    name = "probe_icmp_duration_seconds"
    metrics = [ProbeMetric(name, fact.resolve.total_seconds(), (("phase", "resolve"),))]
    if fact.times:
        metrics.append(ProbeMetric(name, min(fact.times).total_seconds(), (("phase", "rtt"),)))
    if fact.ip:
        metrics.append(ProbeMetric("probe_ip_protocol", 6 if ":" in fact.ip else 4))
    return tuple(metrics)


def quickest(fact: PingResult) -> timedelta | None:
    """The quickest round trip: the look as a whole takes all of them, one after the other."""
    return min(fact.times, default=None)


KIND = active_kind(
    "ping", PingProbeSettings, observe, judge, measure=measure, response_time=quickest
)
