"""Probe kind "tls": the certificate that a port serves: trust, name, days, issuer, version."""

from __future__ import annotations

from typing import ClassVar, Literal

from facts import Handshake
from observe.network import Network, NetworkError, endpoint
from observe.transport.dial import is_address
from observe.transport.tls import handshake
from standards.dns_types import Trouble
from status.model import Grade, Probe, Signal
from status.probing.certificate_limits import (
    VERSIONS,
    CertificateLimits,
    certificate_signal,
    handshake_metrics,
    time_left,
)
from status.probing.probe_kind import (
    ProbeMetric,
    active_kind,
    probe_budget,
    slow_signal,
    trouble_signal,
)
from status.probing.targets import check_host_or_port


class TlsProbeSettings(CertificateLimits, frozen=True, forbid_unknown_fields=True):
    """`name`: the name to ask for when the target is an address. `names` must all be in the
    certificate; `issuer` must contain that text; `version` is the oldest that will do."""

    default_days: ClassVar[int] = 14
    name: str = ""
    names: tuple[str, ...] = ()
    issuer: str = ""
    version: Literal["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] = "TLSv1.2"
    slow_after: float = 2.0


async def observe(net: Network, probe: Probe, settings: TlsProbeSettings) -> Handshake:
    """One handshake with the target, "host" or "host:port"."""
    try:
        host, port = endpoint(probe.target, 443)
    except NetworkError as error:
        at = net.clock.now()
        return Handshake(probe.target, "", 0, at, trouble=Trouble.BLOCKED, detail=str(error))
    ip = host if settings.name and is_address(host) else ""
    wait = probe.timeout.total_seconds()
    server_name = settings.name or host
    return await handshake(net, probe_budget(net, probe), server_name, port, ip=ip, timeout=wait)


def judge(fact: Handshake, settings: TlsProbeSettings) -> Signal:
    """Down for no handshake, no trust, a wrong name or issuer; degraded when it soon ends."""
    if fact.trouble is not None:
        return trouble_signal(fact.trouble, fact.detail)
    if VERSIONS.index(settings.version) > _version(fact):
        return Signal(Grade.DOWN, f"speaks {fact.version} only")
    leaf = fact.chain[0] if fact.chain else None
    missing = [n for n in settings.names if leaf is None or n not in leaf.names]
    if missing:
        return Signal(Grade.DOWN, f"the certificate does not name {', '.join(missing)}")
    if settings.issuer and (leaf is None or settings.issuer not in leaf.issuer):
        return Signal(Grade.DOWN, f"issued by {leaf.issuer if leaf else 'nobody'}")
    signal = certificate_signal(fact, settings, fact.at)
    if signal is None and leaf:
        signal = slow_signal(fact.elapsed, settings.slow_after, "the handshake")
    left = time_left(leaf.not_after - fact.at) if leaf else "no time"
    return signal or Signal(Grade.UP, f"{fact.version}, {left} left")


def _version(fact: Handshake) -> int:
    return VERSIONS.index(fact.version) if fact.version in VERSIONS else -1


def measure(fact: Handshake) -> tuple[ProbeMetric, ...]:
    """Numbers as blackbox_exporter names them."""
    ip = (ProbeMetric("probe_ip_protocol", 6 if ":" in fact.ip else 4),) if fact.ip else ()
    return (*ip, *handshake_metrics(fact))


KIND = active_kind(
    "tls", TlsProbeSettings, observe, judge, measure=measure, check_target=check_host_or_port
)
