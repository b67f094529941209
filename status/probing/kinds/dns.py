"""Probe kind "dns": a question to given servers, the resolvers, or every server of the zone."""

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
from status.model import Grade, Probe, Signal
from status.probing.probe_kind import Metric, budget, kind, slow, troubled

ABOVE = "nobody above the zone answered"


class DnsProbeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`server` or `servers`: "address" or "address:port"; without one the resolvers are asked;
    `authoritative`: every name server of the zone (of `zone`, or of the target) must answer, with
    authority, and all must say the same.

    Every value in `expect` must be among the answers; with `exactly` there may be no other.
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
    limits, kind_ = budget(net, probe), settings.type.upper()
    named = settings.servers + ((settings.server,) if settings.server else ())
    if settings.authoritative and not named:
        return await _everywhere(net, _roomy(net, probe), probe.target, settings)
    if not named:
        found = await resolve(net, limits, probe.target, kind_)
        return DnsProbeFact(probe.target, kind_, (found,), resolved=True)
    wait = probe.timeout.total_seconds() / 2
    asked = (
        ask(net, limits, probe.target, kind_, s, recurse=settings.recurse, timeout=wait)
        for s in named
    )
    return DnsProbeFact(probe.target, kind_, tuple(await asyncio.gather(*asked)))


def _roomy(net: Network, probe: Probe) -> Budget:
    return Budget(net.clock, seconds=probe.timeout.total_seconds(), lookups=300, connections=40)


async def _everywhere(
    net: Network, limits: Budget, name: str, settings: DnsProbeSettings
) -> DnsProbeFact:
    kind_ = settings.type.upper()
    zone = await delegation(net, limits, settings.zone or name)
    if zone.outcome is Delegated.UNREACHABLE:
        return DnsProbeFact(name, kind_, (), ABOVE)
    if zone.outcome is not Delegated.YES:
        return DnsProbeFact(name, kind_, (), f"the zone is not delegated: {zone.outcome.value}")
    return DnsProbeFact(name, kind_, await ask_everywhere(net, limits, zone, [(name, kind_)]))


def judge(fact: DnsProbeFact, settings: DnsProbeSettings) -> Signal:
    """Down for silence, an error, a missing or foreign value, or servers that disagree."""
    if not fact.lookups:
        grade = Grade.UNKNOWN if fact.why == ABOVE else Grade.DOWN
        return Signal(grade, fact.why or "there is no server to ask")
    for one in fact.lookups:
        bad = _judged(one, settings)
        if bad is not None:
            many = len(fact.lookups) > 1
            return Signal(bad.grade, f"{_who(one)}: {bad.reason}") if many else bad
    said = {frozenset(_values(one)) for one in fact.lookups}
    if len(said) > 1 and fact.type != "SOA":
        return Signal(Grade.DOWN, "the servers do not say the same")
    if fact.type == "SOA" and len({_serial(one) for one in fact.lookups}) > 1:
        return Signal(Grade.DEGRADED, "the servers have different serial numbers")
    slowest = max(one.elapsed for one in fact.lookups)
    return slow(slowest, settings.slow_after, "the answer") or Signal(
        Grade.UP, f"{len(_values(fact.lookups[0]))} answers"
    )


def _who(one: Lookup) -> str:
    return f"{one.server_name} {one.server}".strip()


def _judged(one: Lookup, settings: DnsProbeSettings) -> Signal | None:  # noqa: PLR0911 - a ladder, gravest first
    if one.trouble is not None and not (settings.absent and one.trouble is Trouble.NXDOMAIN):
        return troubled(one.trouble, one.detail)
    kind_ = settings.type.upper()
    values = one.values(kind_)
    if settings.absent:
        return Signal(Grade.DOWN, f"there is a {kind_} record") if values else None
    if one.rcode != "NOERROR":
        return Signal(Grade.DOWN, f"answered {one.rcode}")
    if settings.authoritative and "aa" not in one.flags:
        return Signal(Grade.DOWN, "answered without authority")
    if not values:
        return Signal(Grade.DOWN, f"no {kind_} record in the answer")
    plain = [_plain(v) for v in values]
    missing = [v for v in settings.expect if _plain(v) not in plain]
    if missing:
        return Signal(Grade.DOWN, f"{', '.join(missing)} is not among the answers")
    extra = [v for v in values if _plain(v) not in map(_plain, settings.expect)]
    if settings.exactly and extra:
        return Signal(Grade.DOWN, f"{', '.join(extra)[:200]} is not expected")
    return None


def _plain(value: str) -> str:
    """A value without the quotes of texts, so that settings may write it as people do."""
    return value.replace('" "', "").strip('"').rstrip(".")


def _values(one: Lookup) -> tuple[str, ...]:
    return one.values(one.type)


def _serial(one: Lookup) -> str:
    values = _values(one)
    return values[0].split()[2] if values and len(values[0].split()) > 2 else ""


def measure(fact: DnsProbeFact) -> tuple[Metric, ...]:
    """Numbers as blackbox_exporter names them; of the slowest server."""
    if not fact.lookups:
        return (Metric("probe_dns_query_succeeded", 0),)
    worst = max(fact.lookups, key=lambda one: one.elapsed)
    found = [
        Metric("probe_dns_lookup_time_seconds", worst.elapsed.total_seconds()),
        Metric(
            "probe_dns_duration_seconds", worst.elapsed.total_seconds(), (("phase", "request"),)
        ),
        Metric("probe_dns_query_succeeded", float(all(o.trouble is None for o in fact.lookups))),
        Metric("probe_dns_answer_rrs", len(worst.answers)),
        Metric("probe_dns_authority_rrs", len(worst.authority)),
        Metric("probe_dns_additional_rrs", len(worst.additional)),
    ]
    if fact.type == "SOA" and _serial(worst).isdigit():
        found.append(Metric("probe_dns_serial", float(_serial(worst))))
    return tuple(found)


def unnamed(fact: DnsProbeFact) -> bool:
    """Whether our own resolvers, of whom the look was asked, brought no answer."""
    return fact.resolved and all(one.rcode in ("", "SERVFAIL", "REFUSED") for one in fact.lookups)


KIND = kind("dns", DnsProbeSettings, observe, judge, measure=measure, unnamed=unnamed)
