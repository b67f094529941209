"""Probe kind "manual": what an operator or a program last said, until it says otherwise. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from status.model import Grade, Probe, Signal
from status.probing.probe_kind import InternalFacts, stored, told


class ManualProbeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`initial`: what holds before anybody has spoken."""

    initial: Grade = Grade.UP


def judge(
    probe: Probe, asked: ManualProbeSettings, inside: InternalFacts, at: datetime
) -> tuple[Signal, str]:
    """The last word."""
    del at
    if inside.pushed is None:
        return Signal(Grade.UNKNOWN, "the database cannot be asked"), ""
    last = inside.pushed.get(probe.name)
    if last is None:
        return Signal(asked.initial, "nobody has said anything else"), ""
    known = last.state in set(Grade)
    return Signal(Grade(last.state) if known else Grade.UNKNOWN, last.message), stored(last)


KIND = told("manual", ManualProbeSettings, judge)
