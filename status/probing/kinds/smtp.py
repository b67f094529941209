"""Probe kind "smtp": does a mail server greet, offer STARTTLS, and hold a good certificate?"""

from __future__ import annotations

import re
from typing import Literal

from facts import SmtpDialogue
from observe.mail.smtp import greet
from observe.network import Network, NetworkError, endpoint
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
from status.probing.targets import check_host_or_port


class SmtpProbeSettings(CertificateLimits, frozen=True, forbid_unknown_fields=True):
    """`security`: "starttls" must be offered and work, "optional" is looked at when offered,
    "tls" shakes hands first (port 465). `greeting`: an expression it must match."""

    security: Literal["starttls", "optional", "tls"] = "starttls"
    greeting: str = ""
    slow_after: float = 5.0

    def __post_init__(self) -> None:
        parse_pattern(self.greeting)


async def observe(net: Network, probe: Probe, settings: SmtpProbeSettings) -> SmtpDialogue:
    """The opening of a conversation with the target, "host" or "host:port"."""
    implicit = settings.security == "tls"
    try:
        host, port = endpoint(probe.target, 465 if implicit else 25)
    except NetworkError as error:
        at = net.clock.now()
        return SmtpDialogue(probe.target, "", 0, at, trouble=Trouble.BLOCKED, detail=str(error))
    wait = probe.timeout.total_seconds()
    return await greet(net, probe_budget(net, probe), host, port, timeout=wait, implicit=implicit)


def judge(fact: SmtpDialogue, settings: SmtpProbeSettings) -> Signal:
    """Down for no greeting, no STARTTLS, a bad certificate; degraded when slow or it soon ends."""
    if fact.trouble is not None:
        blocked_here = "closed to us here" in fact.detail
        signal = trouble_signal(fact.trouble, fact.detail)
        return Signal(Grade.UNKNOWN, signal.reason) if blocked_here else signal
    if fact.code != 220 and not (fact.handshake and fact.handshake.trouble):
        return Signal(Grade.DOWN, f"greeted with {fact.code} {fact.greeting}"[:200])
    if settings.greeting and not re.search(settings.greeting, fact.greeting):
        return Signal(Grade.DOWN, f"the greeting is {fact.greeting[:100]!r}")
    if settings.security == "starttls" and not fact.starttls:
        return Signal(Grade.DOWN, "does not offer STARTTLS")
    if settings.security != "optional" and fact.handshake is None:
        return Signal(Grade.DOWN, "offers STARTTLS and refuses it")
    return (
        certificate_signal(fact.handshake, settings, fact.at)
        or slow_signal(fact.elapsed, settings.slow_after, "the conversation")
        or Signal(Grade.UP, fact.greeting[:100])
    )


def measure(fact: SmtpDialogue) -> tuple[ProbeMetric, ...]:
    """Numbers as blackbox_exporter names them."""
    ip = (ProbeMetric("probe_ip_protocol", 6 if ":" in fact.ip else 4),) if fact.ip else ()
    return (*ip, *handshake_metrics(fact.handshake))


KIND = active_kind(
    "smtp", SmtpProbeSettings, observe, judge, measure=measure, check_target=check_host_or_port
)
