"""Probe kind "http": one request, no redirect followed; status, words, time and certificate."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec

from facts import Exchange, Trouble
from observe.http import fetch
from observe.network import Network
from status.model import Grade, Probe, Signal
from status.probes.kind import budget, kind, slow, troubled

EXCERPT = 300  # characters of a page that are kept as evidence


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`status` empty means 200 to 399. `slow_after` in seconds. Times out by the probe itself."""

    method: str = "GET"
    status: tuple[int, ...] = ()
    contains: str = ""
    lacks: str = ""
    slow_after: float = 3.0
    trust: bool = True  # an https certificate must be valid for the name
    certificate_days: int = 7  # degraded when it ends sooner


async def observe(net: Network, probe: Probe, settings: Settings) -> Exchange:
    """One exchange with the target, an http or https URL."""
    return await fetch(
        net,
        budget(net, probe),
        probe.target,
        method=settings.method,
        timeout=probe.timeout.total_seconds(),
        headers=(("user-agent", "Jasno-probe"),),
    )


def judge(fact: Exchange, settings: Settings) -> Signal:
    """Down for no answer, a wrong status, wrong words or a bad certificate; degraded when slow."""
    if fact.trouble is not None and not fact.status:
        if fact.trouble is Trouble.OVERBUDGET:
            return Signal(Grade.DOWN, "no answer in time")
        return troubled(fact.trouble, fact.detail)
    fine = settings.status or tuple(range(200, 400))
    if fact.status not in fine:
        return Signal(Grade.DOWN, f"answered {fact.status} {fact.reason}".strip())
    if settings.contains and settings.contains not in fact.excerpt:
        return Signal(Grade.DOWN, f"the page does not contain {settings.contains!r}")
    if settings.lacks and settings.lacks in fact.excerpt:
        return Signal(Grade.DOWN, f"the page contains {settings.lacks!r}")
    return (
        _certificate(fact, settings)
        or slow(fact.phases.total, settings.slow_after, "the answer")
        or Signal(Grade.UP, f"{fact.status} in {fact.phases.total.total_seconds():.2f} s")
    )


def _certificate(fact: Exchange, settings: Settings) -> Signal | None:
    shake = fact.handshake
    if shake is None or not settings.trust:
        return None
    if not shake.name_matches:
        return Signal(Grade.DOWN, "the certificate is for another name")
    if not shake.verified:
        return Signal(Grade.DOWN, f"the certificate is not trusted: {shake.verify_error}")
    if shake.chain:
        left = shake.chain[0].not_after - fact.at
        if left < timedelta(days=settings.certificate_days):
            return Signal(Grade.DEGRADED, f"the certificate ends in {left.days} days")
    return None


def kept(fact: Exchange) -> Exchange:
    """The exchange as it may be stored: the beginning of the page only, and no cookies."""
    headers = tuple(h for h in fact.headers if h[0] != "set-cookie")
    return replace(fact, excerpt=fact.excerpt[:EXCERPT], headers=headers)


KIND = kind("http", Settings, observe, judge, kept)
