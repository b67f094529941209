"""Planned work by the clock: its states, its timeline, and the dates of work that recurs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from status.model import Condition, MaintenanceState, OccurrenceChange, Update
from status.state import maintenance_windows as windows
from status.state import recurrence
from tests.status_fixtures import AT, work

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
NAME = "work12345678"
SCHEDULED, RUNNING, CHECKED, DONE, CANCELLED = MaintenanceState


def note(state, at, id="n1"):
    return Update(id, state, at, {"en": f"It is {state}."})


def now_on(*notes, **more):
    """Work from eleven to one, announced the day before."""
    return work(starts_at=AT - HOUR, ends_at=AT + HOUR, notes={NAME: notes}, **more)


# ------------------------------------------------------------------ states
def test_the_last_word_on_running_work_counts_from_its_moment_and_within_the_window():
    planned = now_on(
        note("verifying", AT), note("in_progress", AT + 2 * SECOND), note("", AT + 3 * SECOND)
    )
    states = {
        at: windows.state(planned, at)
        for at in (AT - HOUR - SECOND, AT - HOUR, AT - SECOND, AT, AT + SECOND, AT + 2 * SECOND)
    }
    assert list(states.values()) == [SCHEDULED, RUNNING, RUNNING, CHECKED, CHECKED, RUNNING]
    ended = replace(planned, notes={NAME: (note("verifying", AT),)})
    assert windows.state(ended, AT + HOUR - SECOND) is CHECKED
    assert windows.state(ended, AT + HOUR) is DONE
    other = replace(planned, notes={"another": (note("verifying", AT),)})
    assert windows.state(other, AT) is RUNNING


def test_work_is_over_when_it_is_done_or_was_cancelled():
    planned = now_on(note("verifying", AT))
    moments = (AT - DAY, AT - HOUR, AT, AT + HOUR)
    assert [windows.is_over(planned, at) for at in moments] == [False, False, False, True]
    one_off = replace(planned, cancelled=True)
    assert [windows.is_over(one_off, at) for at in moments] == [True] * 4
    date_of_series = replace(one_off, series="series")
    assert [windows.is_over(date_of_series, at) for at in moments] == [False, True, True, True]


# ------------------------------------------------------------------ the timeline
def state_changes(planned, at):
    return [(u.state, u.at) for u in windows.timeline(planned, at)]


def test_what_people_said_in_the_minute_in_which_the_clock_brought_it_stands_in_its_place():
    planned = now_on(
        note("in_progress", AT - HOUR + 5 * SECOND, "begun"),
        note("completed", AT + HOUR, "done"),
        note("completed", AT + 2 * HOUR, "later"),
    )
    entries = [(u.id, u.state) for u in windows.timeline(planned, AT + DAY)]
    assert entries == [
        ("later", DONE), ("done", DONE), ("begun", RUNNING), (f"{NAME}:scheduled", SCHEDULED),
    ]  # fmt: skip
    done = windows.timeline(planned, AT + DAY)[1]
    assert done.components == {"rack": Condition.OPERATIONAL}
    assert done.text == {"en": "It is completed."}


def test_a_timeline_is_what_people_said_and_what_the_clock_brought_newest_first():
    planned = now_on(note("verifying", AT, "n1"), note("in_progress", AT + SECOND, "n2"))
    announced = ("scheduled", AT - DAY)
    assert state_changes(planned, AT - 2 * HOUR) == [announced]
    begun = ("in_progress", AT - HOUR)
    assert state_changes(planned, AT) == [("verifying", AT), begun, announced]
    assert state_changes(planned, AT + HOUR) == [
        ("completed", AT + HOUR),
        ("in_progress", AT + SECOND),
        ("verifying", AT),
        begun,
        announced,
    ]


def test_what_the_clock_brings_has_a_stable_name_and_says_what_it_does_to_services():
    planned = now_on(components=("rack", "web"))
    done, begun, announced = windows.timeline(planned, AT + HOUR)
    assert announced == Update(f"{NAME}:scheduled", "scheduled", AT - DAY, planned.text, {})
    under = dict.fromkeys(("rack", "web"), Condition.UNDER_MAINTENANCE)
    assert begun == Update(f"{NAME}:in_progress", "in_progress", AT - HOUR, {}, under)
    well = dict.fromkeys(("rack", "web"), Condition.OPERATIONAL)
    assert done == Update(f"{NAME}:completed", "completed", AT + HOUR, {}, well)


def test_what_happened_at_one_moment_stands_in_its_natural_order():
    at_once = now_on(note("verifying", AT - HOUR), created_at=AT - HOUR)
    assert [state for state, _ in state_changes(at_once, AT)] == [
        "verifying",
        "in_progress",
        "scheduled",
    ]


def test_cancelled_work_never_began():
    called_off = now_on(cancelled=True, changed_at=AT - 2 * HOUR)
    assert state_changes(called_off, AT + DAY) == [
        ("cancelled", AT - 2 * HOUR),
        ("scheduled", AT - DAY),
    ]
    unchanged = now_on(cancelled=True)
    assert state_changes(unchanged, AT) == [("cancelled", AT - DAY), ("scheduled", AT - DAY)]


def test_work_that_is_announced_while_it_runs_begins_when_it_is_announced():
    late = now_on(created_at=AT)
    assert state_changes(late, AT) == [("in_progress", AT), ("scheduled", AT)]


@pytest.mark.parametrize("written", [AT + HOUR, AT + DAY])
def test_work_that_was_written_down_afterwards_is_told_by_when_it_was(written):
    past = now_on(created_at=written)
    assert state_changes(past, written) == [
        ("completed", AT + HOUR),
        ("in_progress", AT - HOUR),
        ("scheduled", AT - HOUR),
    ]


# ------------------------------------------------------------------ what is to come
def test_of_recurring_work_two_are_told_at_length_and_the_others_as_dates():
    series = [
        work(id=f"s-{n}", series="s", starts_at=AT + n * DAY, ends_at=AT + n * DAY + HOUR)
        for n in (3, 1, 4, 2)
    ]
    once = [work(id=f"o{n}", starts_at=AT + n * DAY, ends_at=AT + 9 * DAY) for n in range(4)]
    other = work(id="t-1", series="t", starts_at=AT + 2 * HOUR, ends_at=AT + 3 * HOUR)
    over = work(id="over", starts_at=AT - DAY, ends_at=AT)
    called_off = work(id="off", cancelled=True)
    works = (*series, over, called_off, *once, other)
    near = [w.id for w in windows.upcoming(works, AT)]
    assert near == ["o0", "t-1", "s-1", "o1", "s-2", "o2", "o3"]
    assert [w.id for w in windows.later_occurrences(works, AT)] == ["s-3", "s-4"]


def test_what_is_under_way_or_being_checked_is_among_what_is_to_come():
    works = (now_on(id="runs"), now_on(note("verifying", AT)))
    assert {w.id for w in windows.upcoming(works, AT)} == {"runs", NAME}
    assert windows.upcoming(works, AT + HOUR) == ()


# ------------------------------------------------------------------ work that recurs
MIDNIGHT = datetime(2026, 1, 15, tzinfo=UTC)


def series(rule, begin=MIDNIGHT - 300 * DAY, **more):
    return work(rrule=rule, starts_at=begin, ends_at=begin + 2 * HOUR, **more)


def days_from_today(planned, now=AT):
    return [(w.starts_at - MIDNIGHT) / DAY for w in recurrence.occurrences(planned, now)]


def test_dates_are_told_ninety_days_back_and_ahead():
    assert days_from_today(series("FREQ=DAILY;INTERVAL=30")) == [-90, -60, -30, 0, 30, 60, 90]
    for until in ("20260415T000000", "20301231T000000Z"):
        ending = series(f"FREQ=DAILY;INTERVAL=30;UNTIL={until}")
        assert days_from_today(ending) == [-90, -60, -30, 0, 30, 60, 90]
    assert days_from_today(series("FREQ=DAILY;INTERVAL=30;UNTIL=20260215")) == [
        -90,
        -60,
        -30,
        0,
        30,
    ]


def test_no_more_than_twelve_are_told_ahead():
    daily = days_from_today(series("FREQ=DAILY"), AT)
    assert (daily[0], daily[-1], len(daily)) == (-90, 12, 103)
    at_its_beginning = days_from_today(series("FREQ=DAILY"), MIDNIGHT)
    assert at_its_beginning[-1] == 12  # what begins now is not ahead


def test_a_counted_rule_ends_by_its_count_from_its_first_date():
    assert days_from_today(series("FREQ=DAILY;COUNT=3", MIDNIGHT)) == [0, 1, 2]
    assert days_from_today(series("rrule:freq=daily;count=3", MIDNIGHT - DAY)) == [-1, 0, 1]
    assert days_from_today(series("FREQ=DAILY;COUNT=250")) == list(range(-90, -50))
    assert days_from_today(series("FREQ=DAILY;INTERVAL=30;COUNT=12")) == [-90, -60, -30, 0, 30]


def test_a_date_of_a_series_is_work_of_its_own():
    rule = series("FREQ=WEEKLY", MIDNIGHT, sequence=4, notes={"x": ()})
    first, second, *_ = recurrence.occurrences(rule, AT)
    assert first.id == f"{NAME}-20260115t0000"
    assert first == replace(rule, id=first.id, rrule="", series=NAME, notes={})
    assert (second.starts_at, second.ends_at) == (MIDNIGHT + 7 * DAY, MIDNIGHT + 7 * DAY + 2 * HOUR)
    words = (note("verifying", AT),)
    change = OccurrenceChange(MIDNIGHT + 8 * DAY, MIDNIGHT + 8 * DAY + HOUR, 2, cancelled=True)
    changed = replace(rule, notes={first.id: words}, shifts={second.id: change})
    first, moved, third, *_ = recurrence.occurrences(changed, AT)
    assert (first.notes, moved.notes) == ({first.id: words}, {})
    assert (moved.starts_at, moved.ends_at) == (change.starts_at, change.ends_at)
    assert (moved.sequence, moved.cancelled, moved.shifts) == (6, True, {})
    assert (third.sequence, third.cancelled) == (4, False)
    assert recurrence.occurrence(changed, second.id, AT) == moved
    assert recurrence.occurrence(changed, "work12345678-20260116t0000", AT) is None


def test_a_series_that_is_cancelled_keeps_the_dates_that_had_begun():
    over = series("FREQ=DAILY;COUNT=3", MIDNIGHT, cancelled=True, changed_at=MIDNIGHT + DAY)
    assert [w.cancelled for w in recurrence.occurrences(over, AT)] == [False, True, True]
    at_once = replace(over, changed_at=None, created_at=MIDNIGHT)
    assert [w.cancelled for w in recurrence.occurrences(at_once, AT)] == [True, True, True]


def test_a_series_is_known_by_the_name_of_each_of_its_dates():
    assert recurrence.series_of(f"{NAME}-20260115t0000") == NAME
    assert recurrence.series_of(NAME) == NAME
    assert recurrence.series_of("a-b-c") == "a"


def test_all_windows_stand_together_the_latest_first():
    daily = series("FREQ=DAILY;COUNT=2", MIDNIGHT)
    late, early = work(starts_at=AT + 9 * DAY), work(id="early", starts_at=AT - 9 * DAY)
    ids = [w.id for w in recurrence.expand_occurrences((early, daily, late), AT)]
    assert ids == [NAME, f"{NAME}-20260116t0000", f"{NAME}-20260115t0000", "early"]


# ------------------------------------------------------------------ what may be a rule
@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("", "one line such as FREQ=WEEKLY;BYDAY=SU"),
        (" \n ", "one line such as FREQ=WEEKLY;BYDAY=SU"),
        ("FREQ=DAILY\nEXDATE:20260101", "one line such as FREQ=WEEKLY;BYDAY=SU"),
        ("FREQ=DAILY\rFREQ=WEEKLY", "one line such as FREQ=WEEKLY;BYDAY=SU"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20260301", "UNTIL or COUNT, not both"),
        ("freq=daily;until=20260301;count=2", "UNTIL or COUNT, not both"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is at least 1"),
        ("freq=daily;interval=+00", "INTERVAL is at least 1"),
        ("EXRULE:FREQ=DAILY", "one rule only"),
        ("FREQ=HOURLY", "only DAILY, WEEKLY, MONTHLY and YEARLY"),
        ("freq=minutely", "only DAILY, WEEKLY, MONTHLY and YEARLY"),
        ("FREQ=DAILY;UNTIL=21010101T000000", "UNTIL lies too far away"),
        ("freq=daily;until=21010101", "UNTIL lies too far away"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_with_the_reason(rule, reason):
    with pytest.raises(ValueError) as refused:
        recurrence.validate_rule(rule, "UTC")
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;UNTIL=21001231T235959",
        "FREQ=DAILY;UNTIL=20260301T000000Z",
        "freq=weekly;byday=su",
        " RRULE:FREQ=MONTHLY;BYDAY=2SU\n",
        "FREQ=YEARLY;INTERVAL=10;COUNT=7",
    ],
)
def test_a_rule_that_can_be_used_is_taken(rule):
    recurrence.validate_rule(rule, "Europe/Prague")


def test_a_rule_is_no_longer_than_three_hundred_characters():
    days = "FREQ=MONTHLY;BYMONTHDAY=" + ",".join(["1"] * 138)
    recurrence.validate_rule(days.ljust(300, "1"), "UTC")
    with pytest.raises(ValueError, match="one line"):
        recurrence.validate_rule(days.ljust(301, "1"), "UTC")


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../etc/passwd", "", "\0"])
def test_a_zone_that_nobody_lives_in_is_refused(zone):
    with pytest.raises(ValueError):
        recurrence.validate_rule("FREQ=DAILY", zone)


# ------------------------------------------------------------------ ends, zones and changing clocks
def local_days(series_, now):
    tz = ZoneInfo(series_.zone)
    return [w.starts_at.astimezone(tz).day for w in recurrence.occurrences(series_, now)]


@pytest.mark.parametrize(
    ("zone", "until", "days"),
    [
        ("Europe/Prague", "20260204T230000Z", [2, 3, 4, 5]),  # 00:00 on the 5th in Prague
        ("Europe/Prague", "20260204T225959Z", [2, 3, 4]),
        ("America/New_York", "20260204T050000Z", [2, 3, 4]),
        ("America/New_York", "20260204T045959Z", [2, 3]),
        ("Europe/Prague", "20260204T000000", [2, 3, 4]),  # without Z by the wall clock
        ("Europe/Prague", "20260204", [2, 3, 4]),
        ("UTC", "20260204t000000z", [2, 3, 4]),
    ],
)
def test_until_with_z_is_utc_and_a_date_alone_is_that_whole_day(zone, until, days):
    midnight = datetime(2026, 2, 2, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    rule = work(
        rrule=f"FREQ=DAILY;UNTIL={until}",
        zone=zone,
        starts_at=midnight,
        ends_at=midnight + HOUR,
    )
    recurrence.validate_rule(rule.rrule, zone)
    assert local_days(rule, midnight) == days


@pytest.mark.parametrize(
    ("first", "hours"),
    [
        (datetime(2026, 3, 22, tzinfo=UTC), [3, 2, 3, 3]),  # the second night has 23 hours
        (
            datetime(2026, 3, 29, tzinfo=UTC),
            [2, 3, 3, 3],
        ),  # the first has: the others are not shortened
        (
            datetime(2026, 10, 25, tzinfo=UTC),
            [4, 3, 3, 3],
        ),  # 25 hours: the others are not lengthened
    ],
)
def test_a_window_ends_by_the_wall_clock_whichever_night_was_the_first(first, hours):
    tz = ZoneInfo("Europe/Prague")
    begin = first.replace(hour=1, tzinfo=tz).astimezone(UTC)
    end = first.replace(hour=4, tzinfo=tz).astimezone(UTC)
    rule = work(rrule="FREQ=WEEKLY;COUNT=4", zone="Europe/Prague", starts_at=begin, ends_at=end)
    dates = recurrence.occurrences(rule, begin)
    assert [(w.ends_at - w.starts_at) / HOUR for w in dates] == hours
    assert {w.ends_at.astimezone(tz).hour for w in dates} == {4}


def test_a_window_within_the_hour_that_does_not_exist_lasts_as_long_as_ever():
    tz = ZoneInfo("Europe/Prague")
    begin = datetime(2026, 3, 22, 2, 10, tzinfo=tz).astimezone(UTC)
    rule = work(
        rrule="FREQ=WEEKLY;COUNT=3",
        zone="Europe/Prague",
        starts_at=begin,
        ends_at=begin + timedelta(minutes=30),
    )
    dates = recurrence.occurrences(rule, begin)
    assert [w.ends_at - w.starts_at for w in dates] == [timedelta(minutes=30)] * 3


def test_a_date_that_would_begin_in_a_skipped_hour_begins_and_ends_as_much_later():
    """RFC 5545, 3.3.5: a time that clocks skip is read with the offset of before; the work is not
    shortened to half an hour."""
    tz = ZoneInfo("Europe/Prague")
    begin = datetime(2026, 3, 22, 2, 30, tzinfo=tz).astimezone(UTC)
    end = datetime(2026, 3, 22, 4, tzinfo=tz).astimezone(UTC)
    rule = work(rrule="FREQ=WEEKLY;COUNT=3", zone="Europe/Prague", starts_at=begin, ends_at=end)
    windows = [
        f"{w.starts_at.astimezone(tz):%d %H:%M}-{w.ends_at.astimezone(tz):%H:%M}"
        for w in recurrence.occurrences(rule, begin)
    ]
    assert windows == ["22 02:30-04:00", "29 03:30-05:00", "05 02:30-04:00"]
