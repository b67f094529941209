"""Probe kind "domain": days until a registration ends, and states such as on hold or being deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import msgspec

from facts import Registration
from observe.network import Network
from observe.registry.registry_client import registration
from standards.registration.model import RegistryState
from standards.registration.registry_time_zones import registry_today
from status.model import Grade, Probe, Signal
from status.probing.probe_kind import ProbeMetric, active_kind, probe_budget

HOLDS = ("clientHold", "serverHold", "inactive")
LEAVING = ("pendingDelete", "redemptionPeriod", "pendingRestore")


class DomainProbeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Degraded when it ends within `days`, down within `days_down`. `registrar` must be in the
    registrar's name when given."""

    days: int = 30
    days_down: int = 3
    registrar: str = ""


async def observe(net: Network, probe: Probe, settings: DomainProbeSettings) -> Registration:
    """What the registry says of the target, a domain. It may have said so yesterday (answers are
    kept, so that registries are not flooded); the days left are counted from this look."""
    del settings
    answer = await registration(net, probe_budget(net, probe), probe.target)
    return replace(answer, asked_at=net.clock.now())


def judge(fact: Registration, settings: DomainProbeSettings) -> Signal:  # noqa: PLR0911 - a ladder, gravest first
    """Down when it is held, leaving, gone or about to end. What a registry will not say now, or
    never says, is unknown."""
    if fact.state in (RegistryState.THROTTLED, RegistryState.UNKNOWN):
        return Signal(Grade.UNKNOWN, fact.detail or f"the registry said nothing: {fact.state}")
    if fact.state is not RegistryState.REGISTERED:
        return Signal(Grade.DOWN, f"the name is {fact.state.value}")
    if bad := [s for s in fact.epp if s in (*LEAVING, *HOLDS)]:
        return Signal(Grade.DOWN, f"the registry holds it: {', '.join(bad)}")
    if settings.registrar and settings.registrar.lower() not in fact.registrar.lower():
        return Signal(Grade.DEGRADED, f"the registrar is {fact.registrar or 'not told'}")
    ends = fact.expires or fact.registrar_expires
    if ends is None:
        return Signal(Grade.UP, "registered; this registry publishes no end")
    left = (ends - registry_today(fact.domain, fact.asked_at)).days
    reason = f"ends in {left} days, on {ends}" if left >= 0 else f"ended on {ends}"
    if left < settings.days_down:
        return Signal(Grade.DOWN, reason)
    return Signal(Grade.DEGRADED if left < settings.days else Grade.UP, reason)


def without_raw_answer(fact: Registration, _settings: DomainProbeSettings) -> Registration:
    """Without the registry's whole answer."""
    return replace(fact, raw=fact.raw[:1000])


def measure(fact: Registration) -> tuple[ProbeMetric, ...]:
    """When it ends; blackbox_exporter has no name for it."""
    ends = fact.expires or fact.registrar_expires
    if ends is None:
        return ()
    stamp = datetime.combine(ends, time(), UTC).timestamp()
    return (ProbeMetric("probe_domain_expiry_timestamp_seconds", stamp),)


KIND = active_kind(
    "domain",
    DomainProbeSettings,
    observe,
    judge,
    redact=without_raw_answer,
    measure=measure,
    min_interval=timedelta(hours=1),
    has_response_time=False,  # it would be the registry's
)
