"""Timelines: what held from when on; and one probe's, with its silences, late looks and calm."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from status.model import Grade
from status.state import grade_timeline
from status.state.damping import DampingSample, DebouncedState
from status.state.grade_timeline import GradeTimeline
from status.state.timeline import kept_since, overwrite, starts_between, value_at
from tests.status_fixtures import AT

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PATIENCE = 3 * MINUTE
UP, DOWN = Grade.UP, Grade.DOWN
LINE = ((AT, "a"), (AT + MINUTE, "b"), (AT + 2 * MINUTE, "a"))


@pytest.mark.parametrize(
    ("since", "value", "expected"),
    [
        (AT + 3 * MINUTE, "c", (*LINE, (AT + 3 * MINUTE, "c"))),
        (AT + 3 * MINUTE, "a", LINE),
        (AT + 2 * MINUTE, "c", (*LINE[:2], (AT + 2 * MINUTE, "c"))),
        (AT + MINUTE + SECOND, "b", LINE[:2]),
        (AT + MINUTE, "a", LINE[:1]),
        (AT, "z", ((AT, "z"),)),
        (AT - HOUR, "a", ((AT - HOUR, "a"),)),
    ],
)
def test_a_value_from_a_moment_on_takes_the_place_of_all_that_was_there(since, value, expected):
    assert overwrite(LINE, since, value) == expected


def test_what_held_at_a_moment_and_where_something_began():
    moments = (AT - SECOND, AT, AT + MINUTE - SECOND, AT + MINUTE, AT + HOUR)
    assert [value_at(LINE, at) for at in moments] == [None, "a", "a", "b", "a"]
    assert list(starts_between(LINE, AT, AT + 2 * MINUTE)) == [AT + 2 * MINUTE, AT + MINUTE]
    assert list(starts_between(LINE, AT - SECOND, AT + MINUTE)) == [AT + MINUTE, AT]
    assert list(starts_between((), AT, AT + HOUR)) == []


def test_what_ended_before_a_moment_is_let_go_and_so_are_too_many():
    assert kept_since(LINE, AT + MINUTE, 9) == LINE[1:]
    assert kept_since(LINE, AT + MINUTE - SECOND, 9) == LINE
    assert kept_since(LINE, AT - HOUR, 9) == LINE
    assert kept_since(LINE, AT - HOUR, 2) == LINE[1:]


# ------------------------------------------------------------------ one probe


def settled(grade, at, since=None, **more):
    return DebouncedState(grade, since or at, (DampingSample(at, grade or DOWN),), **more)


def looked(line, before, after):
    return grade_timeline.record(line, before, after, PATIENCE)


def test_a_settled_grade_holds_from_the_first_look_that_said_so():
    up = settled(UP, AT)
    line, since = looked(GradeTimeline(), DebouncedState(), up)
    assert (line.segments, line.last_at, since) == (((AT, UP),), AT, AT)
    again = replace(up, recent=(DampingSample(AT + MINUTE, UP),))
    line, since = looked(line, up, again)
    assert (line.segments, line.last_at, since) == (((AT, UP),), AT + MINUTE, None)
    down = settled(DOWN, AT + 3 * MINUTE, AT + 2 * MINUTE + SECOND / 2)
    line, since = looked(line, again, down)
    assert line.segments == ((AT, UP), (AT + 2 * MINUTE, DOWN)), "in whole seconds"
    assert since == AT + 2 * MINUTE


def test_a_look_that_says_nothing_yet_or_is_no_newer_changes_nothing():
    undecided = DebouncedState(recent=(DampingSample(AT, DOWN),))
    line, since = looked(GradeTimeline(), DebouncedState(), undecided)
    assert (line, since) == (GradeTimeline((), AT), None)
    up = settled(UP, AT)
    assert looked(line, up, settled(DOWN, AT)) == (line, None)
    assert looked(line, up, DebouncedState()) == (line, None)


def test_silence_begins_with_the_last_look_and_ends_with_the_next_word():
    up = settled(UP, AT)
    line = GradeTimeline(((AT - HOUR, UP),), AT)
    assert line.silent_after(PATIENCE) == AT + PATIENCE
    at = AT + PATIENCE + SECOND
    after, since = looked(line, up, settled(UP, at))
    assert (after.segments, since) == (((AT - HOUR, UP), (AT, None), (at, UP)), AT)
    in_time, since = looked(line, up, settled(UP, AT + PATIENCE, AT))
    assert (in_time.segments, since) == (line.segments, None)
    undecided = DebouncedState(recent=(DampingSample(at, DOWN),))
    quiet, since = looked(line, up, undecided)
    assert (quiet.segments, since) == (((AT - HOUR, UP), (AT, None)), AT)
    assert quiet.silent_after(PATIENCE) is None


def test_a_probe_that_was_taken_for_silent_too_early_was_not_silent():
    """Its look came late, from another place."""
    up = settled(UP, AT)
    line, since = grade_timeline.fall_silent(GradeTimeline(((AT - HOUR, UP),), AT), AT)
    assert (line.segments, since) == (((AT - HOUR, UP), (AT, None)), AT)
    assert grade_timeline.fall_silent(line, AT) == (line, None)
    again = replace(up, recent=(DampingSample(AT + MINUTE, UP),))
    late, since = looked(line, up, again)
    assert (late.segments, since) == (((AT - HOUR, UP),), AT)
    down = settled(DOWN, AT + 2 * MINUTE, AT + MINUTE)
    fallen, since = looked(line, up, down)
    assert fallen.segments == ((AT - HOUR, UP), (AT + MINUTE, DOWN))
    assert since == AT


def test_an_unstable_target_is_unstable_until_it_has_calmed_down():
    up = settled(UP, AT, AT - HOUR)
    line = GradeTimeline(((AT - HOUR, UP),), AT)
    unstable = settled(UP, AT + MINUTE, AT - HOUR, flapping_since=AT - 5 * MINUTE)
    line, since = looked(line, up, unstable)
    swaying = (AT - 5 * MINUTE, Grade.DEGRADED)
    assert (line.segments, since) == (((AT - HOUR, UP), swaying), AT - 5 * MINUTE)
    calm = settled(UP, AT + 2 * MINUTE, AT - HOUR)
    line, since = looked(line, unstable, calm)
    assert line.segments == ((AT - HOUR, UP), swaying, (AT + 2 * MINUTE, UP))
    assert since == AT + 2 * MINUTE


def test_what_was_before_the_current_grade_began_stays():
    line = GradeTimeline(((AT - HOUR, UP), (AT, DOWN)), AT + MINUTE)
    before = settled(DOWN, AT + MINUTE, AT)
    back = settled(UP, AT + 2 * MINUTE, AT - 2 * HOUR)
    after, since = looked(line, before, back)
    assert (after.segments, since) == (((AT - HOUR, UP),), AT)


def test_only_so_many_changes_are_remembered():
    line, state = GradeTimeline(), DebouncedState()
    for n in range(grade_timeline.MAX_SEGMENTS + 5):
        after = settled((UP, DOWN)[n % 2], AT + n * MINUTE)
        line, _ = looked(line, state, after)
        state = after
    assert len(line.segments) == grade_timeline.MAX_SEGMENTS
    assert line.segments[0] == (AT + 5 * MINUTE, DOWN)


def test_all_that_is_known_from_where_damping_stands():
    assert grade_timeline.from_state(DebouncedState()) == GradeTimeline()
    assert grade_timeline.from_state(settled(DOWN, AT, AT - HOUR)) == GradeTimeline(
        ((AT - HOUR, DOWN),), AT
    )
    undecided = DebouncedState(recent=(DampingSample(AT, DOWN),))
    assert grade_timeline.from_state(undecided) == GradeTimeline((), AT)


def test_a_set_clock_moves_what_is_remembered():
    line = GradeTimeline(((AT - 2 * HOUR, UP), (AT - MINUTE, DOWN)), AT - SECOND)
    now = AT + HOUR
    moved = grade_timeline.shift_clock(line, HOUR, now)
    assert moved == GradeTimeline(((AT - HOUR, UP), (now - MINUTE, DOWN)), now - SECOND)
    back = grade_timeline.shift_clock(line, -HOUR, AT - HOUR)
    assert back.segments == ((AT - 3 * HOUR, UP), (AT - HOUR - MINUTE, DOWN))
