"""Probe kind "heartbeat": a job tells us that it ran; silence beyond its grace is down. Pure.

Also says in which state a heartbeat is, and when its next word is due, for pages and programs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from settings import SettingsError
from settings.choices import time_zone as zone
from settings.durations import parse_duration
from status.model import Grade, Probe, Signal
from status.probing.heartbeats.cron import check_cron, next_due
from status.probing.probe_kind import (
    InternalFacts,
    PushedSignal,
    encode_fact,
    passive_kind,
)


class HeartbeatProbeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word is due `every` so often (an hour when nothing is said), or as `cron` says in
    `time_zone`, with `grace` on top. A run that began must end within `longest`, which is `grace`
    when nothing is said, and no limit when it is 0. `slow_after` in seconds, of the `ping` that was
    sent along or else of the run."""

    every: str | float | None = None
    cron: str = ""
    time_zone: str = ""
    grace: str | float = "5m"
    longest: str | float | None = None
    slow_after: float = 0

    def __post_init__(self) -> None:
        if self.cron and self.every is not None:
            raise ValueError("a word is due by `every` or by `cron`, not by both")
        if self.cron:
            check_cron(self.cron)
        elif self.time_zone:
            raise ValueError("`time_zone` is that of `cron`, which is not there")
        for key, value in (
            ("every", self._every),
            ("grace", self.grace),
            ("longest", self.longest or 0),
        ):
            try:
                length = parse_duration(value)
            except ValueError as error:
                raise ValueError(f"`{key}`: {error}") from error
            if key == "every" and not length:
                raise ValueError("`every` is longer than nothing")
        try:
            zone(self.time_zone or "UTC", "time_zone")
        except SettingsError as error:
            raise ValueError(str(error)) from error

    @property
    def _every(self) -> str | float:
        return "1h" if self.every is None else self.every

    @property
    def schedule(self) -> str:
        """The plan as operators wrote it."""
        return f"{self.cron} {self.time_zone or 'UTC'}" if self.cron else str(self._every)

    @property
    def run_limit(self) -> timedelta:
        """How long a run may take; nothing when there is no limit."""
        return parse_duration(self.grace if self.longest is None else self.longest)

    def due_after(self, moment: datetime) -> datetime:
        """When the next word is due after one that came then."""
        if self.cron:
            return next_due(self.cron, ZoneInfo(self.time_zone or "UTC"), moment)
        return moment + parse_duration(self._every)


class HeartbeatPhase(StrEnum):
    """What healthchecks calls new, started, up, grace ("late") and down."""

    NEW = "new"
    STARTED = "started"
    UP = "up"
    LATE = "late"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class HeartbeatState:
    """Where a heartbeat stands. `due_at` is when the next word is due, `deadline` when silence
    becomes down; both None before the first word. `running` is when the oldest run began that
    may still end, `overdue` when one began that should have ended long ago."""

    phase: HeartbeatPhase
    due_at: datetime | None = None
    deadline: datetime | None = None
    running: datetime | None = None
    overdue: datetime | None = None


def heartbeat_state(
    settings: HeartbeatProbeSettings, last: PushedSignal | None, at: datetime
) -> HeartbeatState:
    """The state at a moment, by what came last."""
    if last is None:
        return HeartbeatState(HeartbeatPhase.NEW)
    due_at = settings.due_after(last.at if last.state == "down" else last.good_at or last.at)
    deadline = due_at + parse_duration(settings.grace)
    running, overdue = _runs(settings.run_limit, last, at)
    in_time = any(
        began <= deadline and (settings.run_limit or last.good_at is None or began >= last.good_at)
        for began in running  # without a limit, a success ends the benefit of the doubt
    )
    if last.state == "down" or overdue or (at > deadline and not in_time):
        phase = HeartbeatPhase.DOWN
    elif running:
        phase = HeartbeatPhase.STARTED
    else:
        phase = HeartbeatPhase.LATE if at > due_at else HeartbeatPhase.UP
    return HeartbeatState(phase, due_at, deadline, min(running, default=None), overdue)


def _runs(
    limit: timedelta, last: PushedSignal, at: datetime
) -> tuple[tuple[datetime, ...], datetime | None]:
    """When the runs began that may still end, and when one did that should have ended. One that was
    overdue before the last success is lost, and that success has made up for it."""
    if not limit:
        return last.running, None
    lost = (began for began in last.running if at - began > limit)
    overdue = (b for b in lost if last.good_at is None or last.good_at <= b + limit)
    return tuple(b for b in last.running if at - b <= limit), min(overdue, default=None)


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
    state = heartbeat_state(settings, last, at)
    if state.overdue:
        age = _age_text(at - state.overdue)
        return Signal(Grade.DOWN, f"a run began {age} ago and has not ended")
    heard = f"{_age_text(at - (last.good_at or last.at))} ago"
    if state.phase is HeartbeatPhase.DOWN:
        due = f"{state.due_at:%Y-%m-%d %H:%M} UTC"
        return Signal(Grade.DOWN, f"the last heartbeat was {heard}; the next was due {due}")
    if settings.slow_after and last.ping and last.ping.total_seconds() > settings.slow_after:
        return Signal(Grade.DEGRADED, f"took {last.ping.total_seconds():.2f} s")
    return Signal(Grade.UP, last.message or f"heard {heard}")


def _age_text(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 2:
        return f"{int(span.total_seconds())} s"
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"


KIND = passive_kind("heartbeat", HeartbeatProbeSettings, judge, is_pushed=True)
