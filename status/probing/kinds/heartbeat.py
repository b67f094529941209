"""Probe kind "heartbeat": a job tells us that it ran; silence beyond its grace is down. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from status.model import Grade, Probe, Signal
from status.probing.probe_kind import (
    InternalFacts,
    PushedSignal,
    encode_fact,
    parse_duration,
    passive_kind,
)


class HeartbeatProbeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word is due `every` so often, with `grace` on top; a run that began must end within
    `longest`. `slow_after` in seconds, of the `ping` that was sent along."""

    every: str | float = "1h"
    grace: str | float = "5m"
    longest: str | float = 0
    slow_after: float = 0

    def __post_init__(self) -> None:
        if not parse_duration(self.every):
            raise ValueError("`every` is longer than nothing")
        parse_duration(self.grace)
        parse_duration(self.longest)


def judge(
    probe: Probe, settings: HeartbeatProbeSettings, internal: InternalFacts, at: datetime
) -> tuple[Signal, str]:
    """Down when the job said so or is late; unknown before the first word."""
    if internal.pushed is None:
        return Signal(Grade.UNKNOWN, "the database cannot be asked"), ""
    last = internal.pushed.get(probe.name)
    if last is None:
        return Signal(Grade.UNKNOWN, "no heartbeat has come yet"), ""
    return _heartbeat_signal(last, settings, at), encode_fact(last)


def _heartbeat_signal(last: PushedSignal, settings: HeartbeatProbeSettings, at: datetime) -> Signal:
    if last.state in ("down", "degraded"):
        return Signal(Grade(last.state), last.message or f"the job said {last.state}")
    longest = parse_duration(settings.longest)
    if last.started_at is not None and longest and at - last.started_at > longest:
        return Signal(
            Grade.DOWN, f"a run began {_age_text(at - last.started_at)} ago and has not ended"
        )
    last_good_at = last.good_at or last.at
    due = parse_duration(settings.every) + parse_duration(settings.grace)
    if at - last_good_at > due:
        return Signal(Grade.DOWN, f"the last heartbeat was {_age_text(at - last_good_at)} ago")
    if settings.slow_after and last.ping and last.ping.total_seconds() > settings.slow_after:
        return Signal(Grade.DEGRADED, f"took {last.ping.total_seconds():.2f} s")
    return Signal(Grade.UP, last.message or f"heard {_age_text(at - last_good_at)} ago")


def _age_text(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 2:
        return f"{int(span.total_seconds())} s"
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


KIND = passive_kind("heartbeat", HeartbeatProbeSettings, judge)
