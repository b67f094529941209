"""Probe kind "http": a request and what it must answer: status, headers, words, JSON, time, trust.

Every condition is down when it fails, or degraded when `only_degrades` names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import msgspec

from facts import Exchange
from observe.http.http_client import fetch, follow_redirects
from observe.network import Network
from status.model import Grade, Probe, Signal
from status.probing import response_conditions
from status.probing.certificate_limits import CertificateLimits, certificate, figures
from status.probing.probe_kind import Metric, budget, kind, nameless, pattern, slow, troubled

EXCERPT = 300  # characters of a page that are kept as evidence
_FINE = frozenset(range(200, 400))
Condition = Literal["status", "header", "text", "json", "certificate", "redirects"]


class HttpProbeSettings(CertificateLimits, frozen=True, forbid_unknown_fields=True):
    """`status` empty means 200 to 399. Limits in seconds, 0 for none. See docs/probes.md."""

    method: str = "GET"
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    body: str = ""
    status: tuple[int | str, ...] = ()
    status_degraded: tuple[int | str, ...] = ()
    header: dict[str, str] = msgspec.field(default_factory=dict)
    contains: str = ""
    lacks: str = ""
    matches: str = ""
    lacks_match: str = ""
    json: tuple[str, ...] = ()
    follow: bool = False
    max_redirects: int = 5
    lands_on: str = ""
    only_degrades: tuple[Condition, ...] = ()
    slow_after: float = 3.0
    resolve_within: float = 0
    connect_within: float = 0
    tls_within: float = 0
    first_byte_within: float = 0

    def __post_init__(self) -> None:
        response_conditions.statuses((*self.status, *self.status_degraded))
        for text in (self.matches, self.lacks_match, self.lands_on, *self.header.values()):
            pattern(text.removeprefix("!"))
        for one in self.json:
            response_conditions.json_condition(one)
        if self.follow and (self.method != "GET" or self.body):
            raise ValueError("`follow` goes with GET and without a body")


@dataclass(frozen=True, slots=True)
class HttpProbeFact:
    """What was sent and every answer on the way; `outcome` as in facts.Chain."""

    sent: str
    hops: tuple[Exchange, ...]
    outcome: str = "arrived"

    @property
    def last(self) -> Exchange:
        return self.hops[-1]


async def observe(net: Network, probe: Probe, settings: HttpProbeSettings) -> HttpProbeFact:
    """The target, an http or https URL, and where it leads when redirects are followed."""
    limits, wait = budget(net, probe), probe.timeout.total_seconds()
    headers = (("user-agent", "Jasno-probe"), *settings.headers.items())
    sent = f"{settings.method} {probe.target}"
    if settings.follow:
        most = settings.max_redirects
        walked = await follow_redirects(
            net, limits, probe.target, max_hops=most, headers=headers, timeout=wait
        )
        return HttpProbeFact(sent, walked.hops, walked.outcome)
    seen = await fetch(
        net,
        limits,
        probe.target,
        method=settings.method,
        timeout=wait,
        headers=headers,
        body=settings.body.encode(),
    )
    return HttpProbeFact(sent, (seen,))


def judge(fact: HttpProbeFact, settings: HttpProbeSettings) -> Signal:
    """Down for no answer or an unmet condition; degraded when slow or when only that was asked."""
    last = fact.last
    if last.trouble is not None and not last.status:
        return troubled(last.trouble, last.detail)
    found: Signal | None = None
    for name, test in _TESTS:
        bad = test(fact, settings)
        if bad and name in settings.only_degrades and bad.grade is Grade.DOWN:
            bad = Signal(Grade.DEGRADED, bad.reason)
        if bad and bad.grade is not Grade.DEGRADED:
            return bad
        found = found or bad
    total = last.phases.total.total_seconds()
    return found or Signal(Grade.UP, f"{last.status} in {total:.2f} s")


def _status(fact: HttpProbeFact, settings: HttpProbeSettings) -> Signal | None:
    last, degraded = fact.last, fact.last.status in _codes(settings.status_degraded)
    if last.status in (_codes(settings.status) or _FINE) and not degraded:
        return None
    told = f"answered {last.status} {last.reason}".strip()
    return Signal(Grade.DEGRADED if degraded else Grade.DOWN, told)


@lru_cache(maxsize=512)
def _codes(sets: tuple[int | str, ...]) -> frozenset[int]:
    return response_conditions.statuses(sets)


@lru_cache(maxsize=2048)
def _json(text: str) -> response_conditions.JsonCondition:
    return response_conditions.json_condition(text)


def _redirects(fact: HttpProbeFact, settings: HttpProbeSettings) -> Signal | None:
    why = {
        "loop": "redirects in a circle",
        "too_many": f"more than {settings.max_redirects} redirects",
        "bad_target": "redirects to no address",
    }.get(fact.outcome)
    if why:
        return Signal(Grade.DOWN, why)
    last = fact.last
    reached = last.header("location") or last.url if not settings.follow else last.url
    if settings.lands_on and not re.search(settings.lands_on, reached):
        return Signal(Grade.DOWN, f"leads to {reached}, wanted {settings.lands_on!r}")
    return None


def _header(fact: HttpProbeFact, settings: HttpProbeSettings) -> Signal | None:
    why = settings.header and response_conditions.header_unmet(fact.last.headers, settings.header)
    return Signal(Grade.DOWN, why) if why else None


def _text(fact: HttpProbeFact, settings: HttpProbeSettings) -> Signal | None:
    page = fact.last.excerpt
    if settings.contains and settings.contains not in page:
        return Signal(Grade.DOWN, f"the page does not contain {settings.contains!r}")
    if settings.lacks and settings.lacks in page:
        return Signal(Grade.DOWN, f"the page contains {settings.lacks!r}")
    if settings.matches and not pattern(settings.matches).search(page):
        return Signal(Grade.DOWN, f"the page does not match {settings.matches!r}")
    if settings.lacks_match and pattern(settings.lacks_match).search(page):
        return Signal(Grade.DOWN, f"the page matches {settings.lacks_match!r}")
    return None


def _document(fact: HttpProbeFact, settings: HttpProbeSettings) -> Signal | None:
    if not settings.json:
        return None
    why = response_conditions.unmet(fact.last.excerpt, map(_json, settings.json))
    return Signal(Grade.DOWN, why) if why else None


def _certificate(fact: HttpProbeFact, settings: HttpProbeSettings) -> Signal | None:
    for hop in fact.hops:
        if bad := certificate(hop.handshake, settings, hop.at):
            return bad
    return None


def _time(fact: HttpProbeFact, settings: HttpProbeSettings) -> Signal | None:
    phases = fact.last.phases
    return (
        slow(phases.total, settings.slow_after, "the answer")
        or slow(phases.resolve, settings.resolve_within, "looking up the name")
        or slow(phases.connect, settings.connect_within, "connecting")
        or slow(phases.tls, settings.tls_within, "the TLS handshake")
        or slow(phases.first_byte, settings.first_byte_within, "the first byte")
    )


_TESTS: tuple[tuple[str, Callable[[HttpProbeFact, HttpProbeSettings], Signal | None]], ...] = (
    ("redirects", _redirects),
    ("status", _status),
    ("header", _header),
    ("text", _text),
    ("json", _document),
    ("certificate", _certificate),
    ("time", _time),
)


def kept(fact: HttpProbeFact) -> HttpProbeFact:
    """As it may be stored: the beginning of the last page only, and no cookies."""
    short = tuple(
        replace(
            hop,
            excerpt=hop.excerpt[:EXCERPT] if hop is fact.last else "",
            headers=tuple(h for h in hop.headers if h[0] != "set-cookie"),
        )
        for hop in fact.hops
    )
    return replace(fact, hops=short)


def measure(fact: HttpProbeFact) -> tuple[Metric, ...]:
    """The numbers of the last exchange, as blackbox_exporter names them."""
    last, phases = fact.last, fact.last.phases
    name = "probe_http_duration_seconds"
    found = [
        Metric("probe_http_status_code", last.status),
        Metric("probe_http_redirects", len(fact.hops) - 1),
        Metric("probe_http_ssl", float(last.handshake is not None)),
        Metric("probe_http_version", 1.1 if last.status else 0),
        Metric("probe_http_content_length", _length(last)),
        Metric("probe_http_uncompressed_body_length", last.body_bytes),
        Metric("probe_dns_lookup_time_seconds", phases.resolve.total_seconds()),
        Metric(name, phases.resolve.total_seconds(), (("phase", "resolve"),)),
        Metric(name, phases.connect.total_seconds(), (("phase", "connect"),)),
        Metric(name, phases.tls.total_seconds(), (("phase", "tls"),)),
        Metric(name, phases.first_byte.total_seconds(), (("phase", "processing"),)),
        Metric(name, phases.body.total_seconds(), (("phase", "transfer"),)),
    ]
    if last.ip:
        found.append(Metric("probe_ip_protocol", 6 if ":" in last.ip else 4))
    return (*found, *figures(last.handshake))


def _length(seen: Exchange) -> float:
    told = seen.header("content-length")
    return float(told) if told.isascii() and told.isdigit() and len(told) < 16 else -1


def unnamed(fact: HttpProbeFact) -> bool:
    """Whether the last hop ended at the name."""
    return nameless(fact.last)


KIND = kind("http", HttpProbeSettings, observe, judge, keep=kept, measure=measure, unnamed=unnamed)
