"""One request of an http probe: its conditions in settings, and which unmet one makes it down or degraded.

Status, headers, words, JSON, time, trust; judging is pure. Every condition is down when it fails, or degraded when `only_degrades` names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, TypeVar

import msgspec

from facts import Exchange
from observe.budget import LIMITS_SPENT
from standards.dns_types import Trouble
from status.model import Grade, Signal
from status.probing import carried_values, response_conditions
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


HttpFactT = TypeVar("HttpFactT", bound=HttpProbeFact)


def without_answers(fact: HttpFactT) -> HttpFactT:
    """As it may be stored where secrets were sent: of what servers sent only the status and how much
    it was. Any text of theirs, an address they lead to among them, may hold what they were sent."""
    hops = tuple(
        Exchange(
            "",
            hop.at,
            hop.method,
            ip=hop.ip,
            port=hop.port,
            status=hop.status,
            body_bytes=hop.body_bytes,
            truncated=hop.truncated,
            phases=hop.phases,
            trouble=hop.trouble,
            passed_over=hop.passed_over,
        )
        for hop in fact.hops
    )
    return replace(fact, hops=hops)


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """What is judged. With `values`, those of a walk, conditions hold their names. Where secrets were
    sent, reasons say nothing that the server sent: it may be one of them, however it is spelled."""

    fact: HttpProbeFact
    settings: HttpConditions
    values: Mapping[str, str] | None
    has_secrets: bool

    @property
    def last(self) -> Exchange:
        return self.fact.last

    def holds(self, text: str) -> bool:
        """Whether the page has a text of the settings, in which a value may stand."""
        filled_text = text if self.values is None else carried_values.fill(text, self.values)
        return filled_text in self.last.excerpt

    def quoted(self, text: str, otherwise: str = "") -> str:
        """What a reason may say of a text that came from the server."""
        return otherwise if self.has_secrets else text

    @property
    def detail(self) -> str:
        """What became of an exchange, beside its trouble."""
        detail = self.last.detail
        return detail if detail in LIMITS_SPENT else self.quoted(detail)


def judge_answer(
    fact: HttpProbeFact,
    settings: HttpConditions,
    values: Mapping[str, str] | None = None,
    *,
    has_secrets: bool,
) -> Signal:
    """Down for no answer or an unmet condition; degraded when slow or when only that was asked.
    `values` and `has_secrets` as in JudgedAnswer."""
    answer = JudgedAnswer(fact, settings, values, has_secrets)
    last = fact.last
    if last.trouble is not None and not last.status:
        return trouble_signal(last.trouble, answer.detail)
    degraded: Signal | None = None
    for name, check in _CHECKS:
        signal = check(answer)
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


def _status(answer: JudgedAnswer) -> Signal | None:
    last, settings = answer.last, answer.settings
    degraded = last.status in _codes(settings.status_degraded)
    if last.status in (_codes(settings.status) or _DEFAULT_STATUSES) and not degraded:
        return None
    reason = f"answered {last.status} {answer.quoted(last.reason)}".strip()
    if settings.status and not degraded:
        reason += f", wanted {', '.join(map(str, settings.status))}"
    return Signal(Grade.DEGRADED if degraded else Grade.DOWN, reason)


def _wholeness(answer: JudgedAnswer) -> Signal | None:
    """Down when the body broke off or cannot be decoded; a page that is only long is fine."""
    last = answer.last
    if last.trouble is None:
        return None
    if last.trouble is Trouble.OVERBUDGET and last.detail in LIMITS_SPENT:
        return trouble_signal(last.trouble, last.detail)
    if last.trouble in (Trouble.TIMEOUT, Trouble.OVERBUDGET):
        return Signal(Grade.DOWN, "the page did not come whole in time")
    return Signal(Grade.DOWN, f"the page did not come whole: {answer.detail or last.trouble.value}")


@lru_cache(maxsize=512)
def _codes(sets: tuple[int | str, ...]) -> frozenset[int]:
    return response_conditions.parse_statuses(sets)


@lru_cache(maxsize=2048)
def _json(text: str) -> response_conditions.JsonCondition:
    return response_conditions.parse_json_condition(text)


def _redirects(answer: JudgedAnswer) -> Signal | None:
    last, settings = answer.last, answer.settings
    why = {
        "loop": "redirects in a circle",
        "too_many": f"more than {settings.max_redirects} redirects",
        "bad_target": "redirects to no address",
        "elsewhere": "redirects what was sent to another host",
    }.get(answer.fact.outcome)
    if why:
        return Signal(Grade.DOWN, why)
    reached = last.header("location") or last.url if not settings.follow else last.url
    if settings.lands_on and not re.search(settings.lands_on, reached):
        seen = answer.quoted(reached, "another address")
        return Signal(Grade.DOWN, f"leads to {seen}, wanted {settings.lands_on!r}")
    return None


def _header(answer: JudgedAnswer) -> Signal | None:
    expected = answer.settings.header
    why = response_conditions.unmet_header(answer.last.headers, expected, answer.quoted)
    return Signal(Grade.DOWN, why) if why else None


def _text(answer: JudgedAnswer) -> Signal | None:
    page, settings = answer.last.excerpt, answer.settings
    if settings.contains and not answer.holds(settings.contains):
        return Signal(Grade.DOWN, f"the page does not contain {settings.contains!r}")
    if settings.lacks and answer.holds(settings.lacks):
        return Signal(Grade.DOWN, f"the page contains {settings.lacks!r}")
    if settings.matches and not parse_pattern(settings.matches).search(page):
        return Signal(Grade.DOWN, f"the page does not match {settings.matches!r}")
    if settings.lacks_match and parse_pattern(settings.lacks_match).search(page):
        return Signal(Grade.DOWN, f"the page matches {settings.lacks_match!r}")
    return None


def _document(answer: JudgedAnswer) -> Signal | None:
    last, conditions = answer.last, answer.settings.json
    if not conditions:
        return None
    if last.truncated:
        return Signal(Grade.DOWN, "the answer is longer than 2 MB, too long to be read as JSON")
    why = response_conditions.unmet_json_condition(
        last.excerpt, map(_json, conditions), answer.quoted
    )
    return Signal(Grade.DOWN, why) if why else None


def _certificate(answer: JudgedAnswer) -> Signal | None:
    for hop in answer.fact.hops:
        if signal := certificate_signal(hop.handshake, answer.settings, hop.at):
            return signal
    return None


def _time(answer: JudgedAnswer) -> Signal | None:
    phases, settings = answer.last.phases, answer.settings
    return (
        slow_signal(phases.total, settings.slow_after, "the answer")
        or slow_signal(phases.resolve, settings.resolve_within, "looking up the name")
        or slow_signal(phases.connect, settings.connect_within, "connecting")
        or slow_signal(phases.tls, settings.tls_within, "the TLS handshake")
        or slow_signal(phases.first_byte, settings.first_byte_within, "the first byte")
    )


_CHECKS: tuple[tuple[str, Callable[[JudgedAnswer], Signal | None]], ...] = (
    ("redirects", _redirects),
    ("status", _status),
    ("whole", _wholeness),
    ("header", _header),
    ("text", _text),
    ("json", _document),
    ("certificate", _certificate),
    ("time", _time),
)
