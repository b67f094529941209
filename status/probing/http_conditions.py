"""One request and what it must answer: status, headers, words, JSON, time, trust. Judging is pure.

Every condition is down when it fails, or degraded when `only_degrades` names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import msgspec

from facts import Exchange
from observe.budget import LIMITS_SPENT
from standards.dns_types import Trouble
from status.model import Grade, Signal
from status.probing import response_conditions
from status.probing.certificate_limits import CertificateLimits, certificate_signal
from status.probing.probe_kind import parse_pattern, slow_signal, trouble_signal

MAX_PAGE = 2_097_152  # decoded bytes of a page that are read
_DEFAULT_STATUSES = frozenset(range(200, 400))
ConditionName = Literal["status", "header", "text", "json", "certificate", "redirects"]


class HttpConditions(CertificateLimits, frozen=True, forbid_unknown_fields=True):
    """One request and what it must answer. `status` empty means 200 to 399. Limits in seconds, 0 for none. See docs/probes.md."""

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


@dataclass(frozen=True, slots=True)
class HttpProbeFact:
    """What was sent and every answer on the way; `outcome` as in facts.Chain."""

    sent: str
    hops: tuple[Exchange, ...]
    outcome: str = "arrived"

    @property
    def last(self) -> Exchange:
        return self.hops[-1]


def judge_answer(fact: HttpProbeFact, settings: HttpConditions) -> Signal:
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


def _status(fact: HttpProbeFact, settings: HttpConditions) -> Signal | None:
    last, degraded = fact.last, fact.last.status in _codes(settings.status_degraded)
    if last.status in (_codes(settings.status) or _DEFAULT_STATUSES) and not degraded:
        return None
    reason = f"answered {last.status} {last.reason}".strip()
    if settings.status and not degraded:
        reason += f", wanted {', '.join(map(str, settings.status))}"
    return Signal(Grade.DEGRADED if degraded else Grade.DOWN, reason)


def _wholeness(fact: HttpProbeFact, _: HttpConditions) -> Signal | None:
    """Down when the body broke off or cannot be decoded; a page that is only long is fine."""
    last = fact.last
    if last.trouble is None:
        return None
    if last.trouble is Trouble.OVERBUDGET and last.detail in LIMITS_SPENT:
        return trouble_signal(last.trouble, last.detail)
    if last.trouble in (Trouble.TIMEOUT, Trouble.OVERBUDGET):
        return Signal(Grade.DOWN, "the page did not come whole in time")
    return Signal(Grade.DOWN, f"the page did not come whole: {last.detail or last.trouble.value}")


@lru_cache(maxsize=512)
def _codes(sets: tuple[int | str, ...]) -> frozenset[int]:
    return response_conditions.parse_statuses(sets)


@lru_cache(maxsize=2048)
def _json(text: str) -> response_conditions.JsonCondition:
    return response_conditions.parse_json_condition(text)


def _redirects(fact: HttpProbeFact, settings: HttpConditions) -> Signal | None:
    why = {
        "loop": "redirects in a circle",
        "too_many": f"more than {settings.max_redirects} redirects",
        "bad_target": "redirects to no address",
        "elsewhere": "redirects what was sent to another host",
    }.get(fact.outcome)
    if why:
        return Signal(Grade.DOWN, why)
    last = fact.last
    reached = last.header("location") or last.url if not settings.follow else last.url
    if settings.lands_on and not re.search(settings.lands_on, reached):
        return Signal(Grade.DOWN, f"leads to {reached}, wanted {settings.lands_on!r}")
    return None


def _header(fact: HttpProbeFact, settings: HttpConditions) -> Signal | None:
    why = settings.header and response_conditions.unmet_header(fact.last.headers, settings.header)
    return Signal(Grade.DOWN, why) if why else None


def _text(fact: HttpProbeFact, settings: HttpConditions) -> Signal | None:
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


def _document(fact: HttpProbeFact, settings: HttpConditions) -> Signal | None:
    if not settings.json:
        return None
    if fact.last.truncated:
        return Signal(Grade.DOWN, "the answer is longer than 2 MB, too long to be read as JSON")
    why = response_conditions.unmet_json_condition(fact.last.excerpt, map(_json, settings.json))
    return Signal(Grade.DOWN, why) if why else None


def _certificate(fact: HttpProbeFact, settings: HttpConditions) -> Signal | None:
    for hop in fact.hops:
        if signal := certificate_signal(hop.handshake, settings, hop.at):
            return signal
    return None


def _time(fact: HttpProbeFact, settings: HttpConditions) -> Signal | None:
    phases = fact.last.phases
    return (
        slow_signal(phases.total, settings.slow_after, "the answer")
        or slow_signal(phases.resolve, settings.resolve_within, "looking up the name")
        or slow_signal(phases.connect, settings.connect_within, "connecting")
        or slow_signal(phases.tls, settings.tls_within, "the TLS handshake")
        or slow_signal(phases.first_byte, settings.first_byte_within, "the first byte")
    )


_CHECKS: tuple[tuple[str, Callable[[HttpProbeFact, HttpConditions], Signal | None]], ...] = (
    ("redirects", _redirects),
    ("status", _status),
    ("whole", _wholeness),
    ("header", _header),
    ("text", _text),
    ("json", _document),
    ("certificate", _certificate),
    ("time", _time),
)
