"""Definition of a probe kind: settings, observing, judging, measuring."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from observe.budget import LIMITS_SPENT, Budget
from observe.network import Network
from settings.near_names import did_you_mean
from settings.schema import ProbeSection
from settings.type_words import plain_message
from standards.dns_types import Trouble
from status.model import Condition, Grade, Probe, Signal
from status.probing.targets import check_host

SettingsT = TypeVar("SettingsT", bound=msgspec.Struct)
FactT = TypeVar("FactT")
FACT_BYTES = 8_000
MAX_CACHED_SETTINGS = 20_000
COMMON_KEYS = tuple(f for f in ProbeSection.__struct_fields__ if f != "settings")
_LACKING = re.compile(r"Object missing required field `([^`]*)`")


class ProbeMetric(msgspec.Struct, frozen=True, gc=False):
    """One number for /metrics, named as Prometheus' blackbox exporter names it."""

    name: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ProbeOutcome:
    """One look: what was seen, as JSON, what it amounts to, and its numbers.

    `name_lookup_failed`: nobody told us an address or that there is none.
    """

    signal: Signal
    fact: str
    metrics: tuple[ProbeMetric, ...] = ()
    name_lookup_failed: bool = False
    response_time: timedelta | None = None  # where it is not the time that the look took


@dataclass(frozen=True, slots=True)
class PushedSignal:
    """The last word that was sent in for a probe; see status/probing/heartbeats/."""

    at: datetime
    state: str  # up | degraded | down | start
    message: str = ""
    ping: timedelta | None = None
    good_at: datetime | None = None  # the last success
    running: tuple[datetime, ...] = ()  # when runs began that have not yet ended


@dataclass(frozen=True, slots=True)
class InternalFacts:
    """What we know without a socket: words sent in, by probe, and what components are in.

    `pushed` is None when the database could not be asked.
    """

    pushed: Mapping[str, PushedSignal] | None = None
    conditions: Mapping[str, Condition] = field(default_factory=dict)


NO_INTERNAL_FACTS = InternalFacts()


@dataclass(frozen=True, slots=True)
class ProbeKind:
    """A registered kind. `run` keeps the fact of a good observation only when asked to. `check`
    raises ValueError with a plain reason for wrong settings.

    `check_target` does so for a target.

    `has_target`: it needs a target. `is_passive`: it opens no socket, and one signal settles it.
    `is_pushed`: what it judges is sent in, by a job or by hand.
    `min_interval`: probing more often than this would be rude.
    `has_response_time`: how long a look takes tells how fast the target is.
    `unused_keys`: what every `[[probe]]` may have, and this kind has no use for.
    """

    name: str
    settings: type[msgspec.Struct]
    check: Callable[[Mapping[str, object]], None]
    run: Callable[[Network, Probe, InternalFacts, bool], Awaitable[ProbeOutcome]]
    check_target: Callable[[str], None] = check_host
    has_target: bool = True
    is_passive: bool = False
    is_pushed: bool = False
    min_interval: timedelta = timedelta(seconds=1)
    has_response_time: bool = False
    unused_keys: frozenset[str] = frozenset()


def parse_settings(settings: type[SettingsT], raw: Mapping[str, object]) -> SettingsT:
    """A kind's settings. Raises ValueError with a plain reason."""
    try:
        return msgspec.convert(dict(raw), settings)
    except msgspec.ValidationError as error:
        reason = str(error)
        if unknown := re.fullmatch(r"Object contains unknown field `([^`]*)`", reason):
            names = sorted(settings.__struct_encode_fields__)
            meant = did_you_mean(unknown[1], names) or "."
            reason = f'has no key "{unknown[1]}"{meant} Allowed besides those of every probe: {", ".join(names)}'
        raise ValueError(plain_message(reason)) from error


def wrong_settings(settings: type[msgspec.Struct], raw: Mapping[str, object]) -> Iterator[str]:
    """All that a kind refuses of its settings, each as a plain reason; no key hides another."""
    left = dict(raw)
    own = sorted(settings.__struct_encode_fields__)
    for key in [key for key in left if key not in own]:
        del left[key]
        meant = did_you_mean(key, [*own, *COMMON_KEYS]) or "."
        yield f'has no key "{key}"{meant} Allowed besides those of every probe: {", ".join(own)}'
    while True:
        try:
            msgspec.convert(left, settings)
        except msgspec.ValidationError as error:
            key = _key_of(str(error))
            if not (lacking := _LACKING.match(str(error))) or lacking[1] not in raw:
                yield plain_message(str(error))
            if key not in left:  # what is wrong with keys together, or lacking, hides nothing
                return
            del left[key]
        else:
            return


def _key_of(message: str) -> str:
    path = re.search(r" - at `\$\.([a-z0-9_]+)", message)
    return path[1] if path else ""


def is_name_lookup_failure(fact: object) -> bool:
    """Whether a fact with `ip` and `trouble` ended at the name. That a name does not exist is an
    answer; silence and an error of a resolver are not."""
    trouble = getattr(fact, "trouble", None)
    answered = (None, Trouble.NXDOMAIN, Trouble.BLOCKED)
    return trouble not in answered and getattr(fact, "ip", None) == ""


def active_kind(
    name: str,
    settings: type[SettingsT],
    observe: Callable[[Network, Probe, SettingsT], Awaitable[FactT]],
    judge: Callable[[FactT, SettingsT], Signal],
    *,
    redact: Callable[[FactT, SettingsT], FactT] = lambda fact, _: fact,
    measure: Callable[[FactT], tuple[ProbeMetric, ...]] = lambda _: (),
    name_lookup_failed: Callable[[FactT], bool] = is_name_lookup_failure,
    check_target: Callable[[str], None] = check_host,
    min_interval: timedelta = timedelta(seconds=1),
    has_response_time: bool = True,
    response_time: Callable[[FactT], timedelta | None] = lambda _: None,
) -> ProbeKind:
    """A kind that looks with sockets: settings type, observing coroutine, pure judgement.

    `redact` takes out of a fact what must not be stored; `measure` gives its numbers;
    `name_lookup_failed` tells a probe that ended at the name, which may be our own resolvers' fault;
    `response_time` how long an answer took, where it is not the time of the whole look.
    """
    cache: dict[int, tuple[Mapping[str, object], SettingsT]] = {}

    def settings_of(probe: Probe) -> SettingsT:
        entry = cache.get(id(probe.settings))
        if entry is None or entry[0] is not probe.settings:
            if len(cache) >= MAX_CACHED_SETTINGS:  # they come anew on a vantage, as probes change
                cache.clear()
            entry = cache[id(probe.settings)] = (
                probe.settings,
                parse_settings(settings, probe.settings),
            )
        return entry[1]

    def check(raw: Mapping[str, object]) -> None:
        parse_settings(settings, raw)

    async def run(
        net: Network,
        probe: Probe,
        internal: InternalFacts,
        keep_fact: bool,  # noqa: FBT001 - the one switch of a kind
    ) -> ProbeOutcome:
        del internal
        parsed = settings_of(probe)
        fact = await observe(net, probe, parsed)
        signal = judge(fact, parsed)
        is_kept = keep_fact or signal.grade is not Grade.UP
        fact_json = encode_fact(redact(fact, parsed)) if is_kept else ""
        unresolved = signal.grade is Grade.DOWN and name_lookup_failed(fact)
        return ProbeOutcome(signal, fact_json, measure(fact), unresolved, response_time(fact))

    return ProbeKind(
        name,
        settings,
        check,
        run,
        check_target=check_target,
        min_interval=min_interval,
        has_response_time=has_response_time,
    )


def passive_kind(
    name: str,
    settings: type[SettingsT],
    judge: Callable[[Probe, SettingsT, InternalFacts, datetime], tuple[Signal, str]],
    *,
    is_pushed: bool = False,
) -> ProbeKind:
    """A kind that opens no socket: it judges what we were told. `judge` is pure and also says,
    as JSON, what it judged by."""

    def check(raw: Mapping[str, object]) -> None:
        parse_settings(settings, raw)

    async def run(
        net: Network,
        probe: Probe,
        internal: InternalFacts,
        keep_fact: bool,  # noqa: FBT001 - the one switch of a kind
    ) -> ProbeOutcome:
        del keep_fact
        signal, fact = judge(
            probe, parse_settings(settings, probe.settings), internal, net.clock.now()
        )
        return ProbeOutcome(signal, fact)

    unused = {"target", "timeout", "fail_after", "recover_after", "vantages", "agree"}
    return ProbeKind(
        name,
        settings,
        check,
        run,
        has_target=False,
        is_passive=True,
        is_pushed=is_pushed,
        unused_keys=frozenset(unused | ({"interval"} if is_pushed else set())),
    )


def encode_fact(fact: object) -> str:
    """A fact as it is kept: JSON, its first kilobytes, nothing that a database refuses."""
    text = msgspec.json.encode(fact)[:FACT_BYTES].decode("utf-8", "ignore")
    return text.replace("\\u0000", " ")


def probe_budget(net: Network, probe: Probe) -> Budget:
    """What one look may spend."""
    return Budget(net.clock, seconds=probe.timeout.total_seconds(), lookups=40, connections=10)


def parse_pattern(text: str) -> re.Pattern[str]:
    """A regular expression from settings. Raises ValueError with a plain reason."""
    try:
        return re.compile(text, re.MULTILINE)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error


def trouble_signal(trouble: Trouble, detail: str = "") -> Signal:
    """The signal for a look that saw nothing. Our own refusal is not the target's fault; that one
    look's whole time went by is."""
    if trouble is Trouble.OVERBUDGET and detail in LIMITS_SPENT:
        return Signal(Grade.UNKNOWN, f"our own limit: {detail}")
    if trouble is Trouble.OVERBUDGET:
        return Signal(Grade.DOWN, "no answer in time")
    reason = f"{trouble.value}: {detail}" if detail else trouble.value
    return Signal(Grade.UNKNOWN if trouble is Trouble.BLOCKED else Grade.DOWN, reason)


def slow_signal(took: timedelta, limit: float, what: str) -> Signal | None:
    """Degraded when it took longer than `limit` seconds (0 means never)."""
    if limit and took.total_seconds() > limit:
        return Signal(
            Grade.DEGRADED, f"{what} took {took.total_seconds():.2f} s, limit {limit:g} s"
        )
    return None
