"""Probe kind "group": computed from other components, as the worst of them or by share. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from status.model import Condition, Grade, Probe, Signal
from status.probing.probe_kind import InternalFacts, stored, told

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
    probe: Probe, asked: GroupProbeSettings, inside: InternalFacts, at: datetime
) -> tuple[Signal, str]:
    """Members in maintenance or without data do not vote; without voters nothing is known."""
    del probe, at
    seen = {m: inside.conditions.get(m, Condition.NO_DATA) for m in asked.of}
    voting = {m: c for m, c in seen.items() if c not in _SILENT}
    if not voting:
        return Signal(Grade.UNKNOWN, "no member has data"), stored(seen)
    down = [m for m, c in voting.items() if c in _BAD]
    slow = [m for m, c in voting.items() if c is Condition.DEGRADED_PERFORMANCE]
    return _judged(asked, len(voting), down, slow), stored(seen)


def _judged(
    asked: GroupProbeSettings, voting: int, down: Sequence[str], slow: Sequence[str]
) -> Signal:
    if asked.rule == "worst" and down:
        return Signal(Grade.DOWN, f"{', '.join(down)} down")
    if asked.rule == "worst" and slow:
        return Signal(Grade.DEGRADED, f"{', '.join(slow)} slow")
    if down and len(down) / voting >= asked.down_share:
        return Signal(Grade.DOWN, f"{len(down)} of {voting} down: {', '.join(down)}")
    if (bad := (*down, *slow)) and len(bad) / voting >= asked.degraded_share:
        return Signal(Grade.DEGRADED, f"{len(bad)} of {voting} not well: {', '.join(bad)}")
    return Signal(Grade.UP, f"{voting - len(down)} of {voting} up")


KIND = told("group", GroupProbeSettings, judge)
