"""Probe kind "manual": the last signal that an operator or a program set. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from status.model import Grade, Probe, Signal
from status.probing.probe_kind import InternalFacts, encode_fact, passive_kind


class ManualProbeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`initial`: what holds before anybody has spoken."""

    initial: Grade = Grade.UP


def judge(
    probe: Probe, settings: ManualProbeSettings, internal: InternalFacts, at: datetime
) -> tuple[Signal, str]:
    """The last word."""
    del at
    if internal.pushed is None:
        return Signal(Grade.UNKNOWN, "the database cannot be asked"), ""
    last = internal.pushed.get(probe.name)
    if last is None:
        return Signal(settings.initial, "nobody has said anything else"), ""
    is_grade = last.state in set(Grade)
    return Signal(Grade(last.state) if is_grade else Grade.UNKNOWN, last.message), encode_fact(last)


KIND = passive_kind("manual", ManualProbeSettings, judge, is_pushed=True)
