"""From judged observations to a settled grade: fail N, recover M, recorded from the first bad tick.

Pure. Owns no clock: every moment is handed in. What we could not see moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from status.model import Grade, Probe

_RANK = {Grade.UP: 0, Grade.DEGRADED: 1, Grade.DOWN: 2}
FLAP_WINDOW = timedelta(minutes=15)
FLAP_CHANGES = 6
CLOCK_STEP_NOTICED = timedelta(seconds=10)  # within which a set clock is noticed


@dataclass(frozen=True, slots=True)
class DampingPolicy:
    """`fail_after` bad ticks in a row worsen, `recover_after` better ones improve.

    A pause longer than `patience` between two observations starts everything anew.
    `flap_changes` swings between good and bad within `flap_window` make an unstable target
    degraded until it calms down to half of that.
    """

    fail_after: int = 3
    recover_after: int = 2
    patience: timedelta = timedelta(minutes=5)
    flap_window: timedelta = FLAP_WINDOW
    flap_changes: int = FLAP_CHANGES


def policy_of(probe: Probe) -> DampingPolicy:
    """The policy that a probe's own settings ask for."""
    return DampingPolicy(probe.fail_after, probe.recover_after, patience(probe))


def patience(probe: Probe) -> timedelta:
    """How long a probe may be silent before its last word stops counting."""
    return _patience(probe.interval, probe.timeout)


@lru_cache(maxsize=256)
def _patience(interval: timedelta, timeout: timedelta) -> timedelta:
    return max(3 * interval + timeout, timedelta(seconds=30))


@dataclass(frozen=True, slots=True)
class DampingSample:
    """One reliable observation, as far as damping cares."""

    at: datetime
    grade: Grade


@dataclass(frozen=True, slots=True)
class DebouncedState:
    """What a probe amounts to so far. `grade` is None until there is enough to say anything.

    `since` is the first tick that said so; `recent` the newest ticks, oldest first;
    `swings` the moments at which good and bad changed places, within the flap window.
    """

    grade: Grade | None = None
    since: datetime | None = None
    recent: tuple[DampingSample, ...] = ()
    swings: tuple[datetime, ...] = ()
    flapping_since: datetime | None = None
    reason: str = ""

    @property
    def last_at(self) -> datetime | None:
        """The newest reliable observation."""
        return self.recent[-1].at if self.recent else None

    @property
    def verdict(self) -> Grade | None:
        """The grade to act on: an unstable target is at least degraded."""
        if self.flapping_since and self.grade is Grade.UP:
            return Grade.DEGRADED
        return self.grade

    @property
    def verdict_since(self) -> datetime | None:
        """Since when the verdict holds."""
        if self.flapping_since and self.grade is Grade.UP:
            return self.flapping_since
        return self.since


def shift_clock(state: DebouncedState, by: timedelta, now: datetime) -> DebouncedState:
    """The same on a wall clock that was set by so much, so that spans stay what they were.

    `now` is the new time. What was seen since the clock was set stays as it is.
    """

    def shift(at: datetime) -> datetime:
        return shift_moment(at, by, now)

    return replace(
        state,
        since=state.since and shift(state.since),
        recent=tuple(DampingSample(shift(t.at), t.grade) for t in state.recent),
        swings=tuple(shift(at) for at in state.swings),
        flapping_since=state.flapping_since and shift(state.flapping_since),
    )


def shift_moment(at: datetime, by: timedelta, now: datetime) -> datetime:
    """A moment on a wall clock that was set by so much; never later than `now`, the new time."""
    seen_since = at + by > now if by > timedelta(0) else now - CLOCK_STEP_NOTICED < at <= now
    return min(at if seen_since else at + by, now)


def damp(
    state: DebouncedState, policy: DampingPolicy, tick: DampingSample, reason: str = ""
) -> DebouncedState:
    """The settled grade after one more reliable observation. UNKNOWN ticks say nothing."""
    if tick.grade is Grade.UNKNOWN:
        return state
    last = state.last_at
    if last is not None and tick.at <= last:
        return state
    if last is not None and tick.at - last > policy.patience:
        state = DebouncedState()  # what was true before the silence may be so no longer
    keep = max(policy.fail_after, policy.recover_after)
    recent = (*state.recent, tick)[-keep:]
    tracked = replace(_track_flapping(state, policy, tick), recent=recent)
    return _debounce(tracked, policy, reason)


def _debounce(state: DebouncedState, policy: DampingPolicy, reason: str) -> DebouncedState:
    worse = state.recent[-policy.fail_after :]
    better = state.recent[-policy.recover_after :]
    rank = -1 if state.grade is None else _RANK[state.grade]
    floor = min((t.grade for t in worse), key=_RANK.__getitem__)
    if state.grade is None and state.recent[-1].grade is Grade.UP:
        return replace(state, grade=Grade.UP, since=state.recent[-1].at, reason=reason)
    if len(worse) == policy.fail_after and _RANK[floor] > rank:
        return replace(state, grade=floor, since=worse[0].at, reason=reason)
    ceiling = max((t.grade for t in better), key=_RANK.__getitem__)
    if len(better) == policy.recover_after and _RANK[ceiling] < rank:
        return replace(state, grade=ceiling, since=better[0].at, reason=reason)
    return state


def _track_flapping(
    state: DebouncedState, policy: DampingPolicy, tick: DampingSample
) -> DebouncedState:
    swings = tuple(at for at in state.swings if tick.at - at <= policy.flap_window)
    if state.recent and (state.recent[-1].grade is Grade.UP) is not (tick.grade is Grade.UP):
        swings = (*swings, tick.at)
    since = state.flapping_since
    if since is None and len(swings) >= policy.flap_changes:
        since = swings[0]
    elif since is not None and len(swings) <= policy.flap_changes // 2:
        since = None
    return replace(state, swings=swings, flapping_since=since)
