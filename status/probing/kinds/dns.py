"""Probe kind "dns": asks given servers, the resolvers or every server of the zone, and compares records (A, MX, TXT …)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import msgspec

from facts import Delegated
from observe.budget import Budget
from observe.dns.dns_client import ask, resolve
from observe.dns.zone import ask_everywhere, delegation
from observe.network import Network
from standards.dns_types import Lookup, Trouble
from standards.record_values import comparison_key, is_record_type
from status.model import Grade, Probe, Signal
from status.probing.probe_kind import (
    ProbeMetric,
    active_kind,
    probe_budget,
    slow_signal,
    trouble_signal,
)
from status.probing.targets import check_name, check_server

PARENTS_SILENT = "nobody above the zone answered"


class DnsProbeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`server` or `servers`: "address" or "address:port"; without one the resolvers are asked;
    `authoritative`: every name server of the zone (of `zone`, or of the target) must answer, with
    authority, and all must say the same.

    Every value in `expect` must be among the answers, however it is spelled; with `exactly` there
    may be no other.
    `absent`: the name must not exist, or have no such record. `slow_after` in seconds.
    """

    type: str = "A"
    server: str = ""
    servers: tuple[str, ...] = ()
    recurse: bool = False
    authoritative: bool = False
    zone: str = ""
    expect: tuple[str, ...] = ()
    exactly: bool = False
    absent: bool = False
    slow_after: float = 1.0

    def __post_init__(self) -> None:
        if not is_record_type(self.type):
            raise ValueError(f'"{self.type}" is no record type of the DNS such as A, MX or TYPE65')
        for server in (*self.servers, *filter(None, (self.server,))):
            check_server(server)
        if self.zone:
            check_name(self.zone)


@dataclass(frozen=True, slots=True)
class DnsProbeFact:
    """What each server said; `why` when there was nobody to ask."""

    name: str
    type: str
    lookups: tuple[Lookup, ...]
    why: str = ""
    resolved: bool = False  # our own resolvers were asked


async def observe(net: Network, probe: Probe, settings: DnsProbeSettings) -> DnsProbeFact:
    """The target, a name, asked everywhere it should be."""
    limits, record_type = probe_budget(net, probe), settings.type.upper()
    servers = settings.servers + ((settings.server,) if settings.server else ())
    if settings.authoritative and not servers:
        return await _observe_zone(net, _zone_budget(net, probe), probe.target, settings)
    if not servers:
        lookup = await resolve(net, limits, probe.target, record_type)
        return DnsProbeFact(probe.target, record_type, (lookup,), resolved=True)
    wait = probe.timeout.total_seconds() / 2
    queries = (
        ask(net, limits, probe.target, record_type, s, recurse=settings.recurse, timeout=wait)
        for s in servers
    )
    return DnsProbeFact(probe.target, record_type, tuple(await asyncio.gather(*queries)))


def _zone_budget(net: Network, probe: Probe) -> Budget:
    return Budget(net.clock, seconds=probe.timeout.total_seconds(), lookups=300, connections=40)


async def _observe_zone(
    net: Network, limits: Budget, name: str, settings: DnsProbeSettings
) -> DnsProbeFact:
    record_type = settings.type.upper()
    zone = await delegation(net, limits, settings.zone or name)
    if zone.outcome is Delegated.UNREACHABLE:
        return DnsProbeFact(name, record_type, (), PARENTS_SILENT)
    if zone.outcome is not Delegated.YES:
        return DnsProbeFact(
            name, record_type, (), f"the zone is not delegated: {zone.outcome.value}"
        )
    return DnsProbeFact(
        name, record_type, await ask_everywhere(net, limits, zone, [(name, record_type)])
    )


def judge(fact: DnsProbeFact, settings: DnsProbeSettings) -> Signal:
    """Down for silence, an error, a missing or foreign value, or servers that disagree."""
    if not fact.lookups:
        grade = Grade.UNKNOWN if fact.why == PARENTS_SILENT else Grade.DOWN
        return Signal(grade, fact.why or "there is no server to ask")
    for lookup in fact.lookups:
        signal = _lookup_signal(lookup, settings)
        if signal is not None:
            several = len(fact.lookups) > 1
            return (
                Signal(signal.grade, f"{_server_label(lookup)}: {signal.reason}")
                if several
                else signal
            )
    answer_sets = {
        frozenset(comparison_key(lookup.type, v) for v in _values(lookup))
        for lookup in fact.lookups
    }
    if len(answer_sets) > 1 and fact.type != "SOA":
        return Signal(Grade.DOWN, "the servers do not say the same")
    if fact.type == "SOA" and len({_serial(lookup) for lookup in fact.lookups}) > 1:
        return Signal(Grade.DEGRADED, "the servers have different serial numbers")
    slowest = max(lookup.elapsed for lookup in fact.lookups)
    return slow_signal(slowest, settings.slow_after, "the answer") or Signal(
        Grade.UP, f"{len(_values(fact.lookups[0]))} answers"
    )


def _server_label(lookup: Lookup) -> str:
    return f"{lookup.server_name} {lookup.server}".strip()


def _lookup_signal(lookup: Lookup, settings: DnsProbeSettings) -> Signal | None:  # noqa: PLR0911 - a ladder, gravest first
    if lookup.trouble is not None and not (settings.absent and lookup.trouble is Trouble.NXDOMAIN):
        return trouble_signal(lookup.trouble, lookup.detail)
    record_type = settings.type.upper()
    values = lookup.values(record_type)
    if settings.absent:
        return Signal(Grade.DOWN, f"there is a {record_type} record") if values else None
    if lookup.rcode != "NOERROR":
        return Signal(Grade.DOWN, f"answered {lookup.rcode}")
    if settings.authoritative and "aa" not in lookup.flags:
        return Signal(Grade.DOWN, "answered without authority")
    if not values:
        return Signal(Grade.DOWN, f"no {record_type} record in the answer")
    present = {comparison_key(record_type, v) for v in values}
    missing = [v for v in settings.expect if comparison_key(record_type, v) not in present]
    if missing:
        return Signal(Grade.DOWN, f"{', '.join(missing)} is not among the answers")
    expected = {comparison_key(record_type, v) for v in settings.expect}
    extra = [v for v in values if comparison_key(record_type, v) not in expected]
    if settings.exactly and extra:
        return Signal(Grade.DOWN, f"{', '.join(extra)[:200]} is not expected")
    return None


def _values(lookup: Lookup) -> tuple[str, ...]:
    return lookup.values(lookup.type)


def _serial(lookup: Lookup) -> str:
    values = _values(lookup)
    return values[0].split()[2] if values and len(values[0].split()) > 2 else ""


def measure(fact: DnsProbeFact) -> tuple[ProbeMetric, ...]:
    """Numbers as blackbox_exporter names them; of the slowest server."""
    if not fact.lookups:
        return (ProbeMetric("probe_dns_query_succeeded", 0),)
    slowest = max(fact.lookups, key=lambda lookup: lookup.elapsed)
    metrics = [
        ProbeMetric("probe_dns_lookup_time_seconds", slowest.elapsed.total_seconds()),
        ProbeMetric(
            "probe_dns_duration_seconds", slowest.elapsed.total_seconds(), (("phase", "request"),)
        ),
        ProbeMetric(
            "probe_dns_query_succeeded", float(all(o.trouble is None for o in fact.lookups))
        ),
        ProbeMetric("probe_dns_answer_rrs", len(slowest.answers)),
        ProbeMetric("probe_dns_authority_rrs", len(slowest.authority)),
        ProbeMetric("probe_dns_additional_rrs", len(slowest.additional)),
    ]
    if fact.type == "SOA" and _serial(slowest).isdecimal():
        metrics.append(ProbeMetric("probe_dns_serial", float(_serial(slowest))))
    return tuple(metrics)


def name_lookup_failed(fact: DnsProbeFact) -> bool:
    """Whether our own resolvers, of whom the look was asked, brought no answer."""
    return fact.resolved and all(
        lookup.rcode in ("", "SERVFAIL", "REFUSED") for lookup in fact.lookups
    )


KIND = active_kind(
    "dns",
    DnsProbeSettings,
    observe,
    judge,
    measure=measure,
    name_lookup_failed=name_lookup_failed,
    check_target=check_name,
)
