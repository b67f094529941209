"""Timeline of one probe from one place: what its looks amounted to, and when it was silent. Pure.

A settled grade holds from the first look that said so, up to the last look; a probe that has been
silent for longer than its patience has said nothing since its last look.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from status.model import Grade
from status.state.damping import DebouncedState, shift_moment
from status.state.timeline import overwrite, truncate_to_second

MAX_SEGMENTS = 1000


@dataclass(frozen=True, slots=True)
class GradeTimeline:
    """`segments` in whole seconds, None where it was silent; `last_at` is the newest look."""

    segments: tuple[tuple[datetime, Grade | None], ...] = ()
    last_at: datetime | None = None

    @property
    def grade(self) -> Grade | None:
        """What it holds now."""
        return self.segments[-1][1] if self.segments else None

    def silent_after(self, patience: timedelta) -> datetime | None:
        """When its last word stops counting, if it has any."""
        return self.last_at + patience if self.last_at and self.grade else None


Recorded = tuple[GradeTimeline, datetime | None]  # and since when it differs, if it does


def record(
    timeline: GradeTimeline, before: DebouncedState, after: DebouncedState, patience: timedelta
) -> Recorded:
    """The timeline with one more look: the damping before it and after it."""
    at, last = after.last_at, before.last_at
    if at is None or (last is not None and at <= last):
        return timeline, None
    looked, differs = GradeTimeline(timeline.segments, at), None
    if last is not None and at - last > patience:
        looked, differs = fall_silent(looked, last)
    elif last is not None and looked.grade is None and before.verdict:
        looked, differs = _changed(looked, before.verdict, last)  # it came late, and was awaited
    grade = after.verdict
    if grade is None or grade is looked.grade:
        return looked, differs
    changed, since = _changed(looked, grade, _since(before, after, at))
    return changed, min(since, differs or since)


def from_state(state: DebouncedState) -> GradeTimeline:
    """All that is known from where the damping of a probe stands."""
    if state.verdict is None or state.last_at is None:
        return GradeTimeline(last_at=state.last_at)
    since = truncate_to_second(state.verdict_since or state.last_at)
    return GradeTimeline(((since, state.verdict),), state.last_at)


def fall_silent(timeline: GradeTimeline, last: datetime) -> Recorded:
    """The timeline of a probe that has not looked since `last`."""
    if timeline.grade is None:
        return timeline, None
    return _changed(timeline, None, last)


def _changed(
    timeline: GradeTimeline, grade: Grade | None, since: datetime
) -> tuple[GradeTimeline, datetime]:
    """The timeline with another grade; what was before the current one began stays."""
    begin = truncate_to_second(since)
    if timeline.segments:
        begin = max(begin, timeline.segments[-1][0])
    segments = overwrite(timeline.segments, begin, grade)[-MAX_SEGMENTS:]
    return replace(timeline, segments=segments), begin


def shift_clock(timeline: GradeTimeline, by: timedelta, now: datetime) -> GradeTimeline:
    """The same on a wall clock that was set by so much; `now` is the new time."""
    segments: tuple[tuple[datetime, Grade | None], ...] = ()
    for since, grade in timeline.segments:
        segments = overwrite(segments, truncate_to_second(shift_moment(since, by, now)), grade)
    last = timeline.last_at and shift_moment(timeline.last_at, by, now)
    return GradeTimeline(segments, last)


def _since(before: DebouncedState, after: DebouncedState, at: datetime) -> datetime:
    """Since when the new grade holds."""
    if before.flapping_since and not after.flapping_since and before.grade is after.grade:
        return at  # it has calmed down; it was unstable until now
    return after.verdict_since or at
