"""Quorum: the state of a probe that several vantages observe (k of n). Pure.

A vantage that has been silent too long does not vote. When fewer than k are left, all who are
left must agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from status.model import Grade, Probe
from status.state.damping import DampingSample, DebouncedState, patience

VantageVotes = Mapping[str, DebouncedState]
_COUNTED = ((Grade.DOWN, (Grade.DOWN,)), (Grade.DEGRADED, (Grade.DOWN, Grade.DEGRADED)))


def required_votes(probe: Probe, active: int) -> int:
    """How many must say so: the probe's `agree`, or more than half."""
    votes = probe.agree or len(probe.vantages) // 2 + 1
    return max(1, min(votes, active))


def agreed_grade(probe: Probe, votes: Mapping[str, Grade]) -> Grade | None:
    """What enough of those who vote say together; None when nobody votes."""
    if not votes:
        return None
    required = required_votes(probe, len(votes))
    for grade, counted in _COUNTED:
        if sum(vote in counted for vote in votes.values()) >= required:
            return grade
    return Grade.UP


def quorum_state(
    probe: Probe, votes: VantageVotes, before: DebouncedState, at: datetime
) -> DebouncedState:
    """The verdict of those who have looked lately. `before` is the last one, so that what has
    not changed keeps its beginning."""
    active = {
        name: s
        for name, s in votes.items()
        if s.verdict and s.last_at and at - s.last_at <= patience(probe)
    }
    if not active:
        return before
    last = max(s.last_at for s in votes.values() if s.last_at)
    required = required_votes(probe, len(active))
    for grade, counted in _COUNTED:
        votes_for = {name: s for name, s in active.items() if s.verdict in counted}
        if len(votes_for) >= required:
            moments = sorted(s.verdict_since or at for s in votes_for.values())
            names = ", ".join(sorted(votes_for))
            reason = f"{next(iter(votes_for.values())).reason} (seen from {names})"
            return _agreed_state(grade, moments[required - 1], last, before, reason)
    up = [state.verdict_since or at for state in active.values() if state.verdict is Grade.UP]
    reason = f"well from {len(up)} of {len(active)} places"
    return _agreed_state(Grade.UP, max(up), last, before, reason)


def _agreed_state(
    grade: Grade, since: datetime, last: datetime, before: DebouncedState, reason: str
) -> DebouncedState:
    began = before.since if before.grade is grade and before.since else since
    return DebouncedState(grade, began, (DampingSample(last, grade),), (), None, reason)
