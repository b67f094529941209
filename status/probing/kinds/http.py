"""Probe kind "http": a request and what it must answer, or several that follow each other.

The conditions are in http_conditions.py, the walk from step to step in http_steps.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cached_property

import msgspec

from facts import Exchange
from observe.http.http_client import PUBLIC_HEADERS, fetch, follow_redirects
from observe.network import Network
from status.model import Probe, Signal
from status.probing.carried_values import NAME, NoValue, checked_value
from status.probing.certificate_limits import CertificateLimits, handshake_metrics
from status.probing.http_conditions import (
    MAX_PAGE,
    HttpConditions,
    HttpProbeFact,
    judge_answer,
    without_answers,
)
from status.probing.http_steps import (
    MAX_STEPS,
    HttpStepSettings,
    HttpStepsFact,
    faults_of,
    step_label,
    walk,
)
from status.probing.probe_kind import (
    ProbeMetric,
    active_kind,
    is_name_lookup_failure,
    parse_settings,
    probe_budget,
)
from status.probing.targets import check_url

EXCERPT = 300  # characters of a page that are kept as evidence
_OF_ALL_STEPS = ("steps", "secrets", "headers", "slow_after")
_CERTIFICATE = CertificateLimits.__struct_fields__


class HttpProbeSettings(HttpConditions, frozen=True, forbid_unknown_fields=True, dict=True):
    """One request, or `steps`: then `headers` go with each step to the target's own origin, limits
    of certificates hold for all, and `slow_after` for the sum. `secrets` are values from the start."""

    steps: tuple[dict[str, object], ...] = ()
    secrets: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.follow and (self.method != "GET" or self.body):
            raise ValueError("`follow` goes with GET and without a body")
        faults = [*self._faults_of_secrets(), *self._faults_of_steps()]
        if faults:
            raise ValueError("; ".join(faults))

    @cached_property
    def parsed_steps(self) -> tuple[HttpStepSettings, ...]:
        """The steps, with what holds for all of them. Raises ValueError."""
        shared = {k: getattr(self, k) for k in _CERTIFICATE if getattr(self, k) != _default(k)}
        return tuple(parse_settings(HttpStepSettings, {**shared, **step}) for step in self.steps)

    @property
    def has_secrets(self) -> bool:
        """Whether it sends what not everybody may read: values of steps, a body, a header that no
        other origin is told."""
        told_to_nobody = (name.lower() not in PUBLIC_HEADERS for name in self.headers)
        return bool(self.steps or self.body) or any(told_to_nobody)

    def _faults_of_secrets(self) -> list[str]:
        faults = []
        for name, value in self.secrets.items():
            if not NAME.fullmatch(name):
                faults.append(f"secrets: {name!r} is no name such as password")
            try:
                checked_value(value, f"secrets {name}")
            except NoValue as error:
                faults.append(str(error))
            if not value:
                faults.append(f"secrets {name}: empty")
        if self.secrets and not self.steps:
            faults.append("secrets go with steps")
        return faults

    def _faults_of_steps(self) -> list[str]:
        if not self.steps:
            return []
        faults = []
        if len(self.steps) > MAX_STEPS:
            faults.append(f"more than {MAX_STEPS} steps")
        misplaced = [
            name
            for name in HttpConditions.__struct_fields__
            if name not in (*_OF_ALL_STEPS, *_CERTIFICATE) and getattr(self, name) != _default(name)
        ]
        if misplaced:
            faults.append(f"with steps, {', '.join(misplaced)} must stand in a step")
        for number, step in enumerate(self.steps, 1):
            try:
                parse_settings(HttpStepSettings, step)
            except ValueError as error:
                name = str(step.get("name", ""))
                faults.append(f"{step_label(number, len(self.steps), name)}: {error}")
        return faults or faults_of(self.parsed_steps, self.headers, self.secrets)


_PLAIN = HttpConditions()


def _default(name: str) -> object:
    return getattr(_PLAIN, name)


async def observe(net: Network, probe: Probe, settings: HttpProbeSettings) -> HttpProbeFact:
    """The target, an http or https URL, and where it leads when redirects are followed, or the
    steps that begin there."""
    if settings.steps:
        return await walk(
            net,
            probe,
            settings.parsed_steps,
            headers=settings.headers,
            secrets=settings.secrets,
            slow_after=settings.slow_after,
        )
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
    if isinstance(fact, HttpStepsFact):
        return fact.verdict
    return judge_answer(fact, settings, has_secrets=settings.has_secrets)


def redacted(fact: HttpProbeFact, settings: HttpProbeSettings) -> HttpProbeFact:
    """As it may be stored: the beginning of the last page only, and no cookies; where secrets were
    sent nothing that a server wrote."""
    if settings.has_secrets:
        return without_answers(fact)
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
    """The numbers of the last exchange, as blackbox_exporter names them, and how long each step took."""
    if not fact.hops:
        return ()
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
    steps = fact.steps if isinstance(fact, HttpStepsFact) else ()
    metrics += [
        ProbeMetric(
            "probe_http_step_duration_seconds", s.took.total_seconds(), (("step", str(number)),)
        )
        for number, s in enumerate(steps, 1)
    ]
    return (*metrics, *handshake_metrics(last.handshake))


def all_steps(fact: HttpProbeFact) -> timedelta | None:
    """How long the steps took together; None where there are none."""
    if not isinstance(fact, HttpStepsFact):
        return None
    return sum((record.took for record in fact.steps), timedelta())


def _length(exchange: Exchange) -> float:
    header = exchange.header("content-length")
    return float(header) if header.isascii() and header.isdigit() and len(header) < 16 else -1


def name_lookup_failed(fact: HttpProbeFact) -> bool:
    """Whether the last hop ended at the name."""
    return bool(fact.hops) and is_name_lookup_failure(fact.last)


KIND = active_kind(
    "http",
    HttpProbeSettings,
    observe,
    judge,
    redact=redacted,
    measure=measure,
    name_lookup_failed=name_lookup_failed,
    check_target=check_url,
    response_time=all_steps,
)
