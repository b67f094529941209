"""What a probe kind is made of: its settings, how it looks, how it judges what it saw."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import msgspec

from facts import Trouble
from observe.budget import Budget
from observe.network import Network
from status.model import Grade, Probe, Signal

S = TypeVar("S", bound=msgspec.Struct)
F = TypeVar("F")
FACT_BYTES = 8_000


@dataclass(frozen=True, slots=True)
class Looked:
    """One look: what was seen, as JSON, and what it amounts to."""

    signal: Signal
    fact: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A registered kind. `check` raises ValueError with a plain reason for wrong settings."""

    name: str
    check: Callable[[Mapping[str, object]], None]
    look: Callable[[Network, Probe], Awaitable[Looked]]


def kind(
    name: str,
    settings: type[S],
    observe: Callable[[Network, Probe, S], Awaitable[F]],
    judge: Callable[[F, S], Signal],
    keep: Callable[[F], F] = lambda fact: fact,
) -> Kind:
    """A kind from its parts: settings type, observing coroutine, pure judgement.

    `keep` takes out of a fact what must not be stored.
    """

    def read(raw: Mapping[str, object]) -> S:
        try:
            return msgspec.convert(dict(raw), settings)
        except msgspec.ValidationError as wrong:
            raise ValueError(str(wrong)) from wrong

    def check(raw: Mapping[str, object]) -> None:
        read(raw)

    async def look(net: Network, probe: Probe) -> Looked:
        wanted = read(probe.settings)
        fact = await observe(net, probe, wanted)
        text = msgspec.json.encode(keep(fact))[:FACT_BYTES].decode("utf-8", "ignore")
        return Looked(judge(fact, wanted), text.replace("\\u0000", " "))

    return Kind(name, check, look)


def budget(net: Network, probe: Probe) -> Budget:
    """What one look may spend."""
    return Budget(net.clock, seconds=probe.timeout.total_seconds(), lookups=40, connections=10)


def troubled(trouble: Trouble, detail: str = "") -> Signal:
    """The signal for a look that saw nothing. Our own refusal is not the target's fault."""
    ours = trouble in (Trouble.BLOCKED, Trouble.OVERBUDGET)
    reason = f"{trouble.value}: {detail}" if detail else trouble.value
    return Signal(Grade.UNKNOWN if ours else Grade.DOWN, reason)


def slow(took: timedelta, limit: float, what: str) -> Signal | None:
    """Degraded when it took longer than `limit` seconds (0 means never)."""
    if limit and took.total_seconds() > limit:
        return Signal(
            Grade.DEGRADED, f"{what} took {took.total_seconds():.2f} s, limit {limit:g} s"
        )
    return None
