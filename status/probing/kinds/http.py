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
from standards.dns_types import Trouble
from status.model import Grade, Probe, Signal
from status.probing import response_conditions
from status.probing.certificate_limits import (
    CertificateLimits,
    certificate_signal,
    handshake_metrics,
)
from status.probing.probe_kind import (
    ProbeMetric,
    active_kind,
    is_name_lookup_failure,
    parse_pattern,
    probe_budget,
    slow_signal,
    trouble_signal,
)
from status.probing.targets import check_url

MAX_PAGE = 2_097_152  # decoded bytes of a page that are read
EXCERPT = 300  # characters of a page that are kept as evidence
_DEFAULT_STATUSES = frozenset(range(200, 400))
ConditionName = Literal["status", "header", "text", "json", "certificate", "redirects"]


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
    only_degrades: tuple[ConditionName, ...] = ()
    slow_after: float = 3.0
    resolve_within: float = 0
    connect_within: float = 0
    tls_within: float = 0
    first_byte_within: float = 0

    def __post_init__(self) -> None:
        response_conditions.parse_statuses((*self.status, *self.status_degraded))
        for text in (self.matches, self.lacks_match, self.lands_on, *self.header.values()):
            parse_pattern(text.removeprefix("!"))
        for condition in self.json:
            response_conditions.parse_json_condition(condition)
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
    limits, wait = probe_budget(net, probe), probe.timeout.total_seconds()
    headers = (("user-agent", "Jasno-probe"), *settings.headers.items())
    sent = f"{settings.method} {probe.target}"
    if settings.follow:
        max_hops = settings.max_redirects
        chain = await follow_redirects(
            net,
            limits,
            probe.target,
            max_hops=max_hops,
            headers=headers,
            max_body=MAX_PAGE,
            timeout=wait,
        )
        return HttpProbeFact(sent, chain.hops, chain.outcome)
    response = await fetch(
        net,
        limits,
        probe.target,
        method=settings.method,
        timeout=wait,
        headers=headers,
        body=settings.body.encode(),
        max_body=MAX_PAGE,
    )
    return HttpProbeFact(sent, (response,))


def judge(fact: HttpProbeFact, settings: HttpProbeSettings) -> Signal:
    """Down for no answer or an unmet condition; degraded when slow or when only that was asked."""
    last = fact.last
    if last.trouble is not None and not last.status:
        return trouble_signal(last.trouble, last.detail)
    degraded: Signal | None = None
    for name, check in _CHECKS:
        signal = check(fact, settings)
        if signal and name in settings.only_degrades and signal.grade is Grade.DOWN:
            signal = Signal(Grade.DEGRADED, signal.reason)
        if signal and signal.grade is not Grade.DEGRADED:
            return signal
        degraded = degraded or signal
    total = last.phases.total.total_seconds()
    others = "".join(f"; {ip} {_outcome(trouble)}" for ip, trouble in last.passed_over)
    return degraded or Signal(Grade.UP, f"{last.status} in {total:.2f} s{others}")


def _outcome(trouble: Trouble | None) -> str:
    """What became of an address that another one was quicker than."""
    if trouble is Trouble.REFUSED:
        return "refused"
    return f"failed: {trouble.value}" if trouble else "had not answered yet"


def _status(fact: HttpProbeFact, settings: HttpProbeSettings) -> Signal | None:
    last, degraded = fact.last, fact.last.status in _codes(settings.status_degraded)
    if last.status in (_codes(settings.status) or _DEFAULT_STATUSES) and not degraded:
        return None
    reason = f"answered {last.status} {last.reason}".strip()
    return Signal(Grade.DEGRADED if degraded else Grade.DOWN, reason)


def _wholeness(fact: HttpProbeFact, _: HttpProbeSettings) -> Signal | None:
    """Down when the body broke off or cannot be decoded; a page that is only long is fine."""
    last = fact.last
    if last.trouble is None:
        return None
    if last.trouble in (Trouble.TIMEOUT, Trouble.OVERBUDGET):
        return Signal(Grade.DOWN, "the page did not come whole in time")
    return Signal(Grade.DOWN, f"the page did not come whole: {last.detail or last.trouble.value}")


@lru_cache(maxsize=512)
def _codes(sets: tuple[int | str, ...]) -> frozenset[int]:
    return response_conditions.parse_statuses(sets)


@lru_cache(maxsize=2048)
def _json(text: str) -> response_conditions.JsonCondition:
    return response_conditions.parse_json_condition(text)


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
    why = settings.header and response_conditions.unmet_header(fact.last.headers, settings.header)
    return Signal(Grade.DOWN, why) if why else None


def _text(fact: HttpProbeFact, settings: HttpProbeSettings) -> Signal | None:
    page = fact.last.excerpt
    if settings.contains and settings.contains not in page:
        return Signal(Grade.DOWN, f"the page does not contain {settings.contains!r}")
    if settings.lacks and settings.lacks in page:
        return Signal(Grade.DOWN, f"the page contains {settings.lacks!r}")
    if settings.matches and not parse_pattern(settings.matches).search(page):
        return Signal(Grade.DOWN, f"the page does not match {settings.matches!r}")
    if settings.lacks_match and parse_pattern(settings.lacks_match).search(page):
        return Signal(Grade.DOWN, f"the page matches {settings.lacks_match!r}")
    return None


def _document(fact: HttpProbeFact, settings: HttpProbeSettings) -> Signal | None:
    if not settings.json:
        return None
    if fact.last.truncated:
        return Signal(Grade.DOWN, "the answer is longer than 2 MB, too long to be read as JSON")
    why = response_conditions.unmet_json_condition(fact.last.excerpt, map(_json, settings.json))
    return Signal(Grade.DOWN, why) if why else None


def _certificate(fact: HttpProbeFact, settings: HttpProbeSettings) -> Signal | None:
    for hop in fact.hops:
        if signal := certificate_signal(hop.handshake, settings, hop.at):
            return signal
    return None


def _time(fact: HttpProbeFact, settings: HttpProbeSettings) -> Signal | None:
    phases = fact.last.phases
    return (
        slow_signal(phases.total, settings.slow_after, "the answer")
        or slow_signal(phases.resolve, settings.resolve_within, "looking up the name")
        or slow_signal(phases.connect, settings.connect_within, "connecting")
        or slow_signal(phases.tls, settings.tls_within, "the TLS handshake")
        or slow_signal(phases.first_byte, settings.first_byte_within, "the first byte")
    )


_CHECKS: tuple[tuple[str, Callable[[HttpProbeFact, HttpProbeSettings], Signal | None]], ...] = (
    ("redirects", _redirects),
    ("status", _status),
    ("whole", _wholeness),
    ("header", _header),
    ("text", _text),
    ("json", _document),
    ("certificate", _certificate),
    ("time", _time),
)


def redacted(fact: HttpProbeFact) -> HttpProbeFact:
    """As it may be stored: the beginning of the last page only, and no cookies."""
    hops = tuple(
        replace(
            hop,
            excerpt=hop.excerpt[:EXCERPT] if hop is fact.last else "",
            headers=tuple(h for h in hop.headers if h[0] != "set-cookie"),
        )
        for hop in fact.hops
    )
    return replace(fact, hops=hops)


def measure(fact: HttpProbeFact) -> tuple[ProbeMetric, ...]:
    """The numbers of the last exchange, as blackbox_exporter names them."""
    last, phases = fact.last, fact.last.phases
    name = "probe_http_duration_seconds"
    metrics = [
        ProbeMetric("probe_http_status_code", last.status),
        ProbeMetric("probe_http_redirects", len(fact.hops) - 1),
        ProbeMetric("probe_http_ssl", float(last.handshake is not None)),
        ProbeMetric("probe_http_version", 1.1 if last.status else 0),
        ProbeMetric("probe_http_content_length", _length(last)),
        ProbeMetric("probe_http_uncompressed_body_length", last.body_bytes),
        ProbeMetric("probe_dns_lookup_time_seconds", phases.resolve.total_seconds()),
        ProbeMetric(name, phases.resolve.total_seconds(), (("phase", "resolve"),)),
        ProbeMetric(name, phases.connect.total_seconds(), (("phase", "connect"),)),
        ProbeMetric(name, phases.tls.total_seconds(), (("phase", "tls"),)),
        ProbeMetric(name, phases.first_byte.total_seconds(), (("phase", "processing"),)),
        ProbeMetric(name, phases.body.total_seconds(), (("phase", "transfer"),)),
    ]
    if last.ip:
        metrics.append(ProbeMetric("probe_ip_protocol", 6 if ":" in last.ip else 4))
    return (*metrics, *handshake_metrics(last.handshake))


def _length(exchange: Exchange) -> float:
    header = exchange.header("content-length")
    return float(header) if header.isascii() and header.isdigit() and len(header) < 16 else -1


def name_lookup_failed(fact: HttpProbeFact) -> bool:
    """Whether the last hop ended at the name."""
    return is_name_lookup_failure(fact.last)


KIND = active_kind(
    "http",
    HttpProbeSettings,
    observe,
    judge,
    redact=redacted,
    measure=measure,
    name_lookup_failed=name_lookup_failed,
    check_target=check_url,
)
