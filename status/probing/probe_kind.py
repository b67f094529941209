"""What a probe kind is made of: its settings, how it looks, how it judges, what it measures."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from observe.budget import Budget
from observe.network import Network
from standards.dns_types import Trouble
from status.model import Condition, Grade, Probe, Signal

S = TypeVar("S", bound=msgspec.Struct)
F = TypeVar("F")
FACT_BYTES = 8_000
KNOWN = 20_000
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "": 1}


class Metric(msgspec.Struct, frozen=True, gc=False):
    """One number for /metrics, named as Prometheus' blackbox exporter names it."""

    name: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ProbeOutcome:
    """One look: what was seen, as JSON, what it amounts to, and its numbers.

    `at_the_name`: it ended there, and nobody told us an address or that there is none.
    """

    signal: Signal
    fact: str
    figures: tuple[Metric, ...] = ()
    at_the_name: bool = False


@dataclass(frozen=True, slots=True)
class PushedSignal:
    """The last word that was sent in for a probe; see status/probing/heartbeats/."""

    at: datetime
    state: str  # up | degraded | down | start
    message: str = ""
    ping: timedelta | None = None
    good_at: datetime | None = None  # the last success
    started_at: datetime | None = None  # a run that has begun and not yet ended


@dataclass(frozen=True, slots=True)
class InternalFacts:
    """What we know without a socket: words sent in, by probe, and what components are in.

    `pushed` is None when the database could not be asked.
    """

    pushed: Mapping[str, PushedSignal] | None = None
    conditions: Mapping[str, Condition] = field(default_factory=dict)


NOTHING = InternalFacts()


@dataclass(frozen=True, slots=True)
class ProbeKind:
    """A registered kind. `look` keeps the fact of a good look only when told to. `check` raises ValueError with a plain reason for wrong settings.

    `targeted`: it needs a target. `told`: it opens no socket, and one word settles it.
    `at_least`: looking more often than this would be rude.
    """

    name: str
    settings: type[msgspec.Struct]
    check: Callable[[Mapping[str, object]], None]
    look: Callable[[Network, Probe, InternalFacts, bool], Awaitable[ProbeOutcome]]
    targeted: bool = True
    told: bool = False
    at_least: timedelta = timedelta(seconds=1)


def read(settings: type[S], raw: Mapping[str, object]) -> S:
    """A kind's settings. Raises ValueError with a plain reason."""
    try:
        return msgspec.convert(dict(raw), settings)
    except msgspec.ValidationError as wrong:
        raise ValueError(str(wrong)) from wrong


def nameless(fact: object) -> bool:
    """Whether a fact with `ip` and `trouble` ended at the name. That a name does not exist is an
    answer; silence and an error of a resolver are not."""
    trouble = getattr(fact, "trouble", None)
    answered = (None, Trouble.NXDOMAIN, Trouble.BLOCKED)
    return trouble not in answered and getattr(fact, "ip", None) == ""


def kind(
    name: str,
    settings: type[S],
    observe: Callable[[Network, Probe, S], Awaitable[F]],
    judge: Callable[[F, S], Signal],
    *,
    keep: Callable[[F], F] = lambda fact: fact,
    measure: Callable[[F], tuple[Metric, ...]] = lambda _: (),
    unnamed: Callable[[F], bool] = nameless,
    at_least: timedelta = timedelta(seconds=1),
) -> ProbeKind:
    """A kind that looks with sockets: settings type, observing coroutine, pure judgement.

    `keep` takes out of a fact what must not be stored; `measure` gives its numbers; `unnamed`
    tells a look that ended at the name, which may be our own resolvers' fault.
    """
    known: dict[int, tuple[Mapping[str, object], S]] = {}

    def wanted(probe: Probe) -> S:
        found = known.get(id(probe.settings))
        if found is None or found[0] is not probe.settings:
            if len(known) >= KNOWN:  # settings come anew, on a vantage whose probes change
                known.clear()
            found = known[id(probe.settings)] = (probe.settings, read(settings, probe.settings))
        return found[1]

    def check(raw: Mapping[str, object]) -> None:
        read(settings, raw)

    async def look(net: Network, probe: Probe, inside: InternalFacts, whole: bool) -> ProbeOutcome:  # noqa: FBT001 - a door's one switch
        del inside
        asked = wanted(probe)
        fact = await observe(net, probe, asked)
        signal = judge(fact, asked)
        kept = stored(keep(fact)) if whole or signal.grade is not Grade.UP else ""
        bad = signal.grade is Grade.DOWN and unnamed(fact)
        return ProbeOutcome(signal, kept, measure(fact), bad)

    return ProbeKind(name, settings, check, look, at_least=at_least)


def told(
    name: str,
    settings: type[S],
    judge: Callable[[Probe, S, InternalFacts, datetime], tuple[Signal, str]],
) -> ProbeKind:
    """A kind that opens no socket: it judges what we were told. `judge` is pure and also says,
    as JSON, what it judged by."""

    def check(raw: Mapping[str, object]) -> None:
        read(settings, raw)

    async def look(net: Network, probe: Probe, inside: InternalFacts, whole: bool) -> ProbeOutcome:  # noqa: FBT001 - as above
        del whole
        signal, fact = judge(probe, read(settings, probe.settings), inside, net.clock.now())
        return ProbeOutcome(signal, fact)

    return ProbeKind(name, settings, check, look, targeted=False, told=True)


def stored(fact: object) -> str:
    """A fact as it is kept: JSON, its first kilobytes, nothing that a database refuses."""
    text = msgspec.json.encode(fact)[:FACT_BYTES].decode("utf-8", "ignore")
    return text.replace("\\u0000", " ")


def budget(net: Network, probe: Probe) -> Budget:
    """What one look may spend."""
    return Budget(net.clock, seconds=probe.timeout.total_seconds(), lookups=40, connections=10)


def seconds(value: str | float) -> timedelta:
    """ "5m", "1d", 30: a duration as settings write it. Raises ValueError."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd]?)\s*", str(value))
    if found is None:
        raise ValueError(f'{value!r} is no duration such as 30, "30s", "5m", "1h" or "1d"')
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]])


def pattern(text: str) -> re.Pattern[str]:
    """A regular expression from settings. Raises ValueError with a plain reason."""
    try:
        return re.compile(text, re.MULTILINE)
    except re.error as wrong:
        raise ValueError(f"{text!r} is no regular expression: {wrong}") from wrong


def troubled(trouble: Trouble, detail: str = "") -> Signal:
    """The signal for a look that saw nothing. Our own refusal is not the target's fault; that one
    look's whole time went by is."""
    if trouble is Trouble.OVERBUDGET:
        return Signal(Grade.DOWN, "no answer in time")
    reason = f"{trouble.value}: {detail}" if detail else trouble.value
    return Signal(Grade.UNKNOWN if trouble is Trouble.BLOCKED else Grade.DOWN, reason)


def slow(took: timedelta, limit: float, what: str) -> Signal | None:
    """Degraded when it took longer than `limit` seconds (0 means never)."""
    if limit and took.total_seconds() > limit:
        return Signal(
            Grade.DEGRADED, f"{what} took {took.total_seconds():.2f} s, limit {limit:g} s"
        )
    return None
