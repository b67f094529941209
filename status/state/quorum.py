"""k of n: what a probe amounts to when several vantages look. Pure.

A vantage that has been silent too long does not vote. When fewer than k are left, all who are
left must agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from status.model import Grade, Probe
from status.state.damping import DampingSample, DebouncedState, patience

Votes = Mapping[str, DebouncedState]


def quorum(probe: Probe, alive: int) -> int:
    """How many must say so: the probe's `agree`, or more than half."""
    wanted = probe.agree or len(probe.vantages) // 2 + 1
    return max(1, min(wanted, alive))


def agreed(probe: Probe, votes: Votes, before: DebouncedState, at: datetime) -> DebouncedState:
    """The verdict of those who have looked lately. `before` is the last one, so that what has
    not changed keeps its beginning."""
    alive = {
        name: s
        for name, s in votes.items()
        if s.verdict and s.last_at and at - s.last_at <= patience(probe)
    }
    last = max((s.last_at for s in votes.values() if s.last_at), default=None)
    if not alive or last is None:
        return before
    k = quorum(probe, len(alive))
    for grade, saying in (
        (Grade.DOWN, (Grade.DOWN,)),
        (Grade.DEGRADED, (Grade.DOWN, Grade.DEGRADED)),
    ):
        bad = {name: s for name, s in alive.items() if s.verdict in saying}
        if len(bad) >= k:
            moments = sorted(s.verdict_since or at for s in bad.values())
            names = ", ".join(sorted(bad))
            reason = f"{next(iter(bad.values())).reason} (seen from {names})"
            return _settled(grade, moments[k - 1], last, before, reason)
    up = [s.verdict_since or at for s in alive.values() if s.verdict is Grade.UP]
    reason = f"well from {len(up)} of {len(alive)} places"
    return _settled(Grade.UP, max(up, default=at), last, before, reason)


def _settled(
    grade: Grade, since: datetime, last: datetime, before: DebouncedState, reason: str
) -> DebouncedState:
    kept = before.since if before.grade is grade and before.since else since
    return DebouncedState(grade, kept, (DampingSample(last, grade),), (), None, reason)
