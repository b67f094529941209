"""Probe kind "tcp": does a port accept connections, and does the dialogue go as expected?"""

from __future__ import annotations

import msgspec

from observe.network import Network, NetworkError, endpoint
from observe.transport.tcp import DialogueStep, PortProbe, probe_port
from standards.dns_types import Trouble
from status.model import Grade, Probe, Signal
from status.probing.certificate_limits import (
    CertificateLimits,
    certificate_signal,
    handshake_metrics,
)
from status.probing.probe_kind import (
    ProbeMetric,
    active_kind,
    parse_pattern,
    probe_budget,
    slow_signal,
    trouble_signal,
)
from status.probing.targets import check_host_and_port


class ExpectedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a dialogue, as blackbox_exporter's query_response."""

    expect: str = ""
    send: str = ""
    starttls: bool = False


class TcpProbeSettings(CertificateLimits, frozen=True, forbid_unknown_fields=True):
    """`dialogue`: lines to wait for and to send. `tls`: shake hands first. `slow_after` in
    seconds."""

    slow_after: float = 1.0
    dialogue: tuple[ExpectedLine, ...] = ()
    tls: bool = False

    def __post_init__(self) -> None:
        for step in self.dialogue:
            parse_pattern(step.expect)


async def observe(net: Network, probe: Probe, settings: TcpProbeSettings) -> PortProbe:
    """One connection to the target, "host:port"."""
    try:
        host, port = endpoint(probe.target, 0)
    except NetworkError as error:
        return PortProbe(
            probe.target, 0, net.clock.now(), trouble=Trouble.BLOCKED, detail=str(error)
        )
    return await probe_port(
        net,
        probe_budget(net, probe),
        host,
        port,
        steps=[DialogueStep(s.expect, s.send, s.starttls) for s in settings.dialogue],
        tls=settings.tls,
        timeout=probe.timeout.total_seconds(),
    )


def judge(fact: PortProbe, settings: TcpProbeSettings) -> Signal:
    """Down when nothing accepts or the dialogue goes another way; degraded when slow."""
    if fact.unmet:
        return Signal(Grade.DOWN, f"nothing matched {fact.unmet!r}: {_last(fact)}")
    if fact.trouble is not None:
        return trouble_signal(fact.trouble, fact.detail)
    took = fact.resolve + fact.connect
    return (
        certificate_signal(fact.handshake, settings, fact.at)
        or slow_signal(took, settings.slow_after, "connecting")
        or slow_signal(fact.dialogue, settings.slow_after, "the dialogue")
        or Signal(Grade.UP, f"connected to {fact.ip}")
    )


def _last(fact: PortProbe) -> str:
    received = [line.text for line in fact.lines if not line.sent]
    if received:
        return f"the last line was {received[-1][:80]!r}"
    return fact.detail or "no line came"


def measure(fact: PortProbe) -> tuple[ProbeMetric, ...]:
    """Numbers as blackbox_exporter names them."""
    metrics = [ProbeMetric("probe_dns_lookup_time_seconds", fact.resolve.total_seconds())]
    if fact.ip:
        metrics.append(ProbeMetric("probe_ip_protocol", 6 if ":" in fact.ip else 4))
    if fact.lines or fact.unmet:
        metrics.append(ProbeMetric("probe_failed_due_to_regex", float(bool(fact.unmet))))
    return (*metrics, *handshake_metrics(fact.handshake))


KIND = active_kind(
    "tcp", TcpProbeSettings, observe, judge, measure=measure, check_target=check_host_and_port
)
