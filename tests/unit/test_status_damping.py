"""Damping against a slow, plainly right model: all of the history, looked through at each tick."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from status.model import Grade
from status.state.damping import (
    DampingPolicy,
    DampingSample,
    DebouncedState,
    damp,
    patience,
    policy_of,
    shift_clock,
)
from tests.status_fixtures import AT, probe

RANK = {Grade.UP: 0, Grade.DEGRADED: 1, Grade.DOWN: 2}
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
STEADY = DampingPolicy(flap_changes=10_000, patience=timedelta(hours=1))
GRADES = st.sampled_from([Grade.UP, Grade.DEGRADED, Grade.DOWN, Grade.UNKNOWN])


def fed(grades, policy=STEADY, start=AT):
    state = DebouncedState()
    for n, grade in enumerate(grades):
        state = damp(state, policy, DampingSample(start + n * MINUTE, grade))
    return state


def slow_model(grades, fail, recover):
    """The settled grade after a history, and the index of the tick since when it holds."""
    settled, since, seen = None, None, []
    for n, grade in enumerate(grades):
        if grade is Grade.UNKNOWN:
            continue
        seen.append((n, RANK[grade]))
        run_bad = [r for _, r in seen[-fail:]]
        run_good = [r for _, r in seen[-recover:]]
        if settled is None and seen[-1][1] == 0:
            settled, since = 0, n
        elif len(run_bad) == fail and min(run_bad) > (-1 if settled is None else settled):
            settled = min(run_bad)
            first = len(seen) - 1
            while first > 0 and seen[first - 1][1] >= settled:
                first -= 1
            since = max(seen[first][0], seen[len(seen) - fail][0])
        elif settled is not None and len(run_good) == recover and max(run_good) < settled:
            settled, since = max(run_good), seen[len(seen) - recover][0]
    return settled, since


@given(st.lists(GRADES, max_size=60), st.integers(1, 4), st.integers(1, 4))
def test_agrees_with_the_slow_model(grades, fail, recover):
    policy = DampingPolicy(fail, recover, timedelta(hours=9), flap_changes=10_000)
    state = fed(grades, policy)
    settled, since = slow_model(grades, fail, recover)
    assert (None if state.grade is None else RANK[state.grade]) == settled
    assert state.since == (None if since is None else AT + since * MINUTE)


def test_an_outage_is_recorded_from_the_first_bad_tick():
    state = fed([Grade.UP, Grade.UP, Grade.DOWN, Grade.DOWN])
    assert state.grade is Grade.UP
    state = damp(state, STEADY, DampingSample(AT + 4 * MINUTE, Grade.DOWN))
    assert (state.grade, state.since) == (Grade.DOWN, AT + 2 * MINUTE)


def test_one_bad_tick_is_nothing():
    assert fed([Grade.UP, Grade.DOWN, Grade.UP, Grade.UP]).grade is Grade.UP


@given(st.lists(st.sampled_from([Grade.UP, Grade.DOWN]), min_size=1, max_size=40))
def test_what_we_could_not_see_changes_nothing(grades):
    with_gaps = [g for grade in grades for g in (grade, Grade.UNKNOWN)]
    assert fed(grades).grade is fed(with_gaps, STEADY).grade


def test_after_a_long_silence_everything_starts_anew():
    policy = DampingPolicy(patience=3 * MINUTE)
    state = fed([Grade.UP, Grade.DOWN, Grade.DOWN], policy)
    later = AT + timedelta(hours=1)
    well = damp(state, policy, DampingSample(later, Grade.UP))
    assert (well.grade, well.since) == (Grade.UP, later)
    state = damp(state, policy, DampingSample(later, Grade.DOWN))
    assert state.grade is None
    state = damp(state, policy, DampingSample(later + MINUTE, Grade.DOWN))
    state = damp(state, policy, DampingSample(later + 2 * MINUTE, Grade.DOWN))
    assert (state.grade, state.since) == (Grade.DOWN, later)


def test_a_target_that_swings_is_unstable_until_it_calms_down():
    policy = DampingPolicy(
        flap_window=timedelta(minutes=15), flap_changes=6, patience=timedelta(hours=1)
    )
    swinging = [Grade.UP, Grade.DOWN] * 4
    state = fed(swinging, policy)
    assert state.grade is Grade.UP  # never three bad ones in a row
    assert state.verdict is Grade.DEGRADED
    assert state.verdict_since == AT + MINUTE
    for n in range(20):
        state = damp(state, policy, DampingSample(AT + (8 + n) * MINUTE, Grade.UP))
    assert state.verdict is Grade.UP


def test_a_tick_from_the_past_is_ignored():
    state = fed([Grade.UP, Grade.UP])
    assert damp(state, STEADY, DampingSample(AT, Grade.DOWN)) == state


SWINGY = DampingPolicy(99, 99, timedelta(hours=1), flap_window=timedelta(days=1), flap_changes=6)


def swinging(swings):
    """A history of one minute a tick with exactly so many swings between good and bad."""
    return [Grade.DOWN if n % 2 else Grade.UP for n in range(swings + 1)]


def test_it_is_unstable_from_the_swing_that_reaches_the_limit():
    assert fed(swinging(5), SWINGY).flapping_since is None
    state = fed(swinging(6), SWINGY)
    assert (state.verdict, state.flapping_since) == (Grade.DEGRADED, AT + MINUTE)


def test_it_is_calm_at_half_the_limit_and_not_before():
    policy = replace(SWINGY, flap_window=10 * MINUTE)
    state = fed(swinging(6), policy)  # swings at minutes 1 to 6
    for minute in (11, 12, 13):
        state = damp(state, policy, DampingSample(AT + minute * MINUTE, Grade.UP))
        assert state.flapping_since is not None, minute  # the swing back at 11 counts, too
    state = damp(state, policy, DampingSample(AT + 14 * MINUTE, Grade.UP))
    assert (len(state.swings), state.flapping_since) == (3, None)


def test_a_swing_counts_until_the_window_is_over():
    policy = replace(SWINGY, flap_window=10 * MINUTE)
    state = fed([Grade.UP, Grade.DOWN], policy)  # a swing at minute 1
    at_its_end = damp(state, policy, DampingSample(AT + 11 * MINUTE, Grade.DOWN))
    assert at_its_end.swings == (AT + MINUTE,)
    after = damp(state, policy, DampingSample(AT + 11 * MINUTE + SECOND, Grade.DOWN))
    assert after.swings == ()


@given(st.lists(st.sampled_from([Grade.UP, Grade.DOWN]), max_size=50), st.integers(2, 7))
def test_swings_agree_with_a_slow_model(grades, limit):
    """Counted anew at each tick over all of the history."""
    policy = replace(SWINGY, flap_window=12 * MINUTE, flap_changes=limit)
    state, swings, flapping = DebouncedState(), [], None
    for n, grade in enumerate(grades):
        if n and grades[n - 1] is not grade:
            swings.append(n)
        recent = [m for m in swings if n - m <= 12]
        if flapping is None and len(recent) >= limit:
            flapping = recent[0]
        elif flapping is not None and len(recent) <= limit // 2:
            flapping = None
        state = damp(state, policy, DampingSample(AT + n * MINUTE, grade))
        expected = None if flapping is None else AT + flapping * MINUTE
        assert state.flapping_since == expected


def test_a_slow_probe_may_take_three_pauses_and_its_time_limit():
    """A look that takes all its time ends 3 × interval + timeout after the last one in time."""
    slow = probe("p", interval=MINUTE, timeout=20 * SECOND, fail_after=1)
    assert patience(slow) == 3 * MINUTE + 20 * SECOND
    policy = policy_of(slow)
    assert (policy.fail_after, policy.recover_after) == (slow.fail_after, slow.recover_after)
    state = damp(DebouncedState(), policy, DampingSample(AT, Grade.DOWN))
    in_time = damp(state, policy, DampingSample(AT + patience(slow), Grade.UP))
    assert in_time.grade is Grade.DOWN  # one good look of two
    late = damp(state, policy, DampingSample(AT + patience(slow) + SECOND, Grade.UP))
    assert late.grade is Grade.UP  # everything anew


def test_a_quick_probe_is_waited_for_half_a_minute():
    assert patience(probe("p", interval=5 * SECOND, timeout=2 * SECOND)) == 30 * SECOND
    assert patience(probe("p", interval=10 * SECOND, timeout=SECOND)) == 31 * SECOND


def test_the_same_tick_twice_is_one():
    """As when two engines or a replay hand it in."""
    once = fed([Grade.UP, Grade.UP, Grade.DOWN])
    assert damp(once, STEADY, DampingSample(AT + 2 * MINUTE, Grade.DOWN)) == once


def test_the_reason_is_that_of_the_tick_that_settled_it():
    state = DebouncedState()
    reasons = []
    grades = (Grade.UP, Grade.UP, *[Grade.DOWN] * 4, *[Grade.DEGRADED] * 3, *[Grade.UP] * 3)
    for n, grade in enumerate(grades):
        state = damp(state, STEADY, DampingSample(AT + n * MINUTE, grade), f"tick {n}")
        reasons.append(state.reason)
    settled_at = [0, 0, 0, 0, 4, 4, 4, 7, 7, 7, 10, 10]
    assert reasons == [f"tick {n}" for n in settled_at]
    assert damp(DebouncedState(), STEADY, DampingSample(AT, Grade.UP)).reason == ""


# ------------------------------------------------------------------ a clock that is set
HOUR = timedelta(hours=1)


def seen(*moments, **more):
    samples = tuple(DampingSample(at, Grade.DOWN) for at in moments)
    return DebouncedState(Grade.DOWN, recent=samples, swings=moments, **more)


def moments_of(state):
    times = tuple(sample.at for sample in state.recent)
    assert times == state.swings
    assert all(sample.grade is Grade.DOWN for sample in state.recent)
    return times


def test_on_a_clock_set_forward_spans_stay_and_what_was_seen_since_stays():
    now = AT + HOUR + 5 * SECOND  # five seconds after noon became one o'clock
    state = seen(AT - MINUTE, AT, now - 2 * SECOND, now, since=AT - HOUR, reason="500")
    shifted = shift_clock(state, HOUR, now)
    assert moments_of(shifted) == (AT + HOUR - MINUTE, AT + HOUR, now - 2 * SECOND, now)
    assert (shifted.since, shifted.flapping_since) == (AT, None)
    assert (shifted.grade, shifted.reason) == (Grade.DOWN, "500")
    flapping = shift_clock(replace(state, since=None, flapping_since=AT), HOUR, now)
    assert (flapping.since, flapping.flapping_since) == (None, AT + HOUR)


def test_what_would_lie_a_moment_ahead_of_a_clock_set_forward_was_seen_since():
    now = AT + HOUR
    state = shift_clock(seen(AT, AT + SECOND), HOUR, now)
    assert moments_of(state) == (now, AT + SECOND)


def test_on_a_clock_set_back_spans_stay_and_what_was_seen_since_stays():
    now = AT - HOUR + 5 * SECOND
    state = seen(AT - MINUTE, AT, now - 9 * SECOND, now - 2 * SECOND, now, since=AT - 2 * MINUTE)
    shifted = shift_clock(state, -HOUR, now)
    kept = (now - 9 * SECOND, now - 2 * SECOND, now)
    assert moments_of(shifted) == (AT - HOUR - MINUTE, AT - HOUR, *kept)
    assert shifted.since == AT - HOUR - 2 * MINUTE


def test_a_clock_set_back_is_noticed_within_ten_seconds_and_nothing_lies_ahead_of_it():
    now = AT - HOUR
    at_the_limit, just_ahead, far_ahead = now - 10 * SECOND, now + SECOND, now + 3 * HOUR
    shifted = moments_of(shift_clock(seen(at_the_limit, just_ahead, far_ahead), -HOUR, now))
    assert shifted == (at_the_limit - HOUR, just_ahead - HOUR, now)
