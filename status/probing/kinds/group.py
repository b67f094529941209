"""Probe kind "group": computed from other components, as the worst of them or by share. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from status.model import Condition, Grade, Probe, Signal
from status.probing.probe_kind import InternalFacts, encode_fact, passive_kind

_BAD = (Condition.MAJOR_OUTAGE, Condition.PARTIAL_OUTAGE)
_SILENT = (Condition.NO_DATA, Condition.UNDER_MAINTENANCE)
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class GroupProbeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`of`: ids of components. "worst": as bad as the worst of them. "share": down when at least
    `down_share` of them are down, degraded from `degraded_share` of them bad."""

    of: tuple[str, ...] = ()
    rule: Literal["worst", "share"] = "worst"
    down_share: Share = 0.5
    degraded_share: Share = 0.01


def judge(
    probe: Probe, settings: GroupProbeSettings, internal: InternalFacts, at: datetime
) -> tuple[Signal, str]:
    """Members in maintenance or without data do not vote; without voters nothing is known."""
    del probe, at
    conditions = {m: internal.conditions.get(m, Condition.NO_DATA) for m in settings.of}
    voting = {m: c for m, c in conditions.items() if c not in _SILENT}
    if not voting:
        return Signal(Grade.UNKNOWN, "no member has data"), encode_fact(conditions)
    down = [m for m, c in voting.items() if c in _BAD]
    degraded = [m for m, c in voting.items() if c is Condition.DEGRADED_PERFORMANCE]
    return _group_signal(settings, len(voting), down, degraded), encode_fact(conditions)


def _group_signal(
    settings: GroupProbeSettings, voting: int, down: Sequence[str], degraded: Sequence[str]
) -> Signal:
    if settings.rule == "worst" and down:
        return Signal(Grade.DOWN, f"{', '.join(down)} down")
    if settings.rule == "worst" and degraded:
        return Signal(Grade.DEGRADED, f"{', '.join(degraded)} slow")
    if down and len(down) / voting >= settings.down_share:
        return Signal(Grade.DOWN, f"{len(down)} of {voting} down: {', '.join(down)}")
    if (bad := (*down, *degraded)) and len(bad) / voting >= settings.degraded_share:
        return Signal(Grade.DEGRADED, f"{len(bad)} of {voting} not well: {', '.join(bad)}")
    return Signal(Grade.UP, f"{voting - len(down)} of {voting} up")


KIND = passive_kind("group", GroupProbeSettings, judge)
