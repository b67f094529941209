"""Uptime against a slow, plainly right model: an array with one entry a second."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from status.model import Condition, UptimeDay
from status.state import uptime
from status.state.uptime import UptimeAccumulator

START = datetime(2026, 1, 14, 23, 58, 0, tzinfo=UTC)
OK, BAD, PART = Condition.OPERATIONAL, Condition.MAJOR_OUTAGE, Condition.PARTIAL_OUTAGE


@given(
    st.lists(
        st.tuples(st.integers(0, 90), st.integers(0, 200), st.sampled_from(list(Condition))),
        max_size=25,
    )
)
def test_agrees_with_an_array_of_seconds(steps):
    """Each step: some seconds pass, then a change that began up to so many seconds ago."""
    book = uptime.new_accumulator(START)
    seconds: list[Condition] = []
    current = Condition.NO_DATA
    for passed, back, condition in steps:
        seconds += [current] * passed
        now = len(seconds)
        book = uptime.advance(book, START + timedelta(seconds=now))
        if condition is not current:
            begin = max(0, now - back)
            seconds[begin:] = [condition] * (now - begin)
            current = condition
            since = START + timedelta(seconds=begin)
            book = uptime.rewrite(book, ((since, condition),), START + timedelta(seconds=now))
    expected: dict[date, dict[Condition, int]] = {}
    for n, condition in enumerate(seconds):
        on = (START + timedelta(seconds=n)).date()
        day = expected.setdefault(on, {})
        day[condition] = day.get(condition, 0) + 1
    assert {d.on: dict(d.seconds) for d in book.days} == expected
    assert book.condition is current
    first = len(seconds)
    while first and seconds[first - 1] is current:
        first -= 1
    assert book.since == START + timedelta(seconds=first)


@given(st.integers(0, 400_000), st.integers(0, 400_000))
def test_spreading_loses_no_second(a, b):
    start, end = START + timedelta(seconds=min(a, b)), START + timedelta(seconds=max(a, b))
    parts = list(uptime.seconds_by_day(start, end))
    assert sum(n for _, n in parts) == abs(a - b)
    assert all(0 < n <= 86_400 for _, n in parts)
    assert len({on for on, _ in parts}) == len(parts)


def test_a_fraction_of_a_second_is_never_lost_or_doubled():
    book = uptime.new_accumulator(START + timedelta(milliseconds=900))
    for n in range(1, 100):
        book = uptime.advance(book, START + timedelta(milliseconds=900 + 333 * n))
    assert sum(s for d in book.days for s in d.seconds.values()) == (900 + 333 * 99) // 1000


def share_of_days(days, at, method=uptime.DEFAULT_METHOD):
    seconds = uptime.seconds_by_condition(days)
    first, last = (days[0].on, days[-1].on) if days else (at.date(), at.date())
    return uptime.weigh_seconds(seconds, method).rounded(
        elapsed=uptime.elapsed_seconds(first, last, at)
    )


def share(method=uptime.DEFAULT_METHOD, **seconds):
    day = UptimeDay(START.date(), {Condition(k): v for k, v in seconds.items()})
    end = datetime(2026, 1, 14, tzinfo=UTC) + timedelta(seconds=sum(day.seconds.values()))
    return share_of_days([day], end, method)


def test_the_accounting_rule():
    assert share(operational=900, major_outage=100).uptime == pytest.approx(0.9)
    assert share(operational=900, partial_outage=100).uptime == pytest.approx(0.97)
    assert share(operational=900, degraded_performance=100).uptime == 1
    assert share(operational=900, under_maintenance=5000).uptime == 1
    assert share(operational=600, no_data=400) == uptime.UptimeShare(1.0, 0.6)
    own = uptime.UptimeMethod(partial=0.5, degraded=0.1, maintenance=uptime.Planned.DOWN)
    seconds = {"operational": 600, "partial_outage": 200, "degraded_performance": 100}
    assert share(own, **seconds, under_maintenance=100).uptime == pytest.approx(0.79)


def test_no_data_is_never_green():
    assert share(no_data=86_400) == uptime.UptimeShare(None, 0.0)
    assert share_of_days([], START) == uptime.UptimeShare(None, 0.0)
    assert share(under_maintenance=86_400) == uptime.UptimeShare(None, 1.0)


def test_time_that_nobody_recorded_lessens_what_was_observed():
    """A new installation: watched for an hour, of ninety days up to now."""
    now = datetime(2026, 1, 15, 12, tzinfo=UTC)
    days = uptime.window((UptimeDay(now.date(), {OK: 3600}),), now.date())
    assert share_of_days(days, now) == uptime.UptimeShare(1.0, 3600 / (89.5 * 86_400))
    assert share_of_days(days[-1:], now) == uptime.UptimeShare(1.0, 1 / 12)
    silent = uptime.window((), now.date())
    assert share_of_days(silent, now) == uptime.UptimeShare(None, 0.0)


def test_the_window_has_every_day_even_those_nobody_saw():
    days = uptime.window((UptimeDay(date(2026, 1, 10), {OK: 5}),), date(2026, 1, 15), 90)
    assert len(days) == 90
    assert (days[0].on, days[-1].on) == (date(2025, 10, 18), date(2026, 1, 15))
    assert [d.worst for d in days].count(OK) == 1
    assert days[-1].worst is Condition.NO_DATA


def test_of_two_accounts_the_one_that_saw_more_of_a_day_counts():
    first = (UptimeDay(date(2026, 1, 1), {OK: 10}), UptimeDay(date(2026, 1, 2), {OK: 80}))
    other = (UptimeDay(date(2026, 1, 1), {BAD: 20}), UptimeDay(date(2026, 1, 3), {PART: 1}))
    assert uptime.merge_days(first, other) == (other[0], first[1], other[1])


def test_old_days_are_let_go():
    book = UptimeAccumulator(OK, START, START + timedelta(days=100), ())
    book = UptimeAccumulator(
        OK,
        START,
        book.until,
        (UptimeDay(date(2026, 1, 14), {OK: 1}), UptimeDay(date(2026, 4, 1), {OK: 1})),
    )
    assert [d.on for d in uptime.trim(book).days] == [date(2026, 4, 1)]


def seconds_of(book):
    return uptime.seconds_by_condition(book.days)


def test_what_the_clock_leapt_over_is_nobodys_even_when_a_change_is_dated_back():
    """A clock set forward by an hour, then an outage said to have begun before that."""
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    book = uptime.rewrite(uptime.new_accumulator(START), ((START, OK),), START + minute)
    book = uptime.skip_clock_step(book, hour)
    assert (
        book.since == book.until == START + hour + minute
    )  # no segment lies in what was leapt over
    now = START + hour + 2 * minute
    book = uptime.advance(book, now)
    assert seconds_of(book) == {OK: 120}
    book = uptime.rewrite(book, ((START - minute, BAD),), now)
    assert seconds_of(book) == {OK: 60, BAD: 60}
    assert book.since == START + hour + minute
    assert all(n > 0 for day in book.days for n in day.seconds.values())


@pytest.mark.parametrize("by", [timedelta(0), timedelta(hours=-1)])
def test_a_clock_set_back_writes_nothing_twice(by):
    until = START + timedelta(hours=2)
    book = uptime.rewrite(uptime.new_accumulator(START), ((START, OK),), until)
    stepped = uptime.skip_clock_step(book, by)
    assert (stepped.days, stepped.condition, stepped.until) == (book.days, OK, until)
    fallen = uptime.rewrite(stepped, ((until + by, BAD),), until + by)
    assert (fallen.days, fallen.condition) == (book.days, BAD)
    later = uptime.advance(fallen, until + timedelta(minutes=1))
    assert seconds_of(later) == {OK: 7200, BAD: 60}


def test_the_last_of_the_days_that_are_kept_is_kept():
    days = (UptimeDay(date(2026, 1, 10), {OK: 1}), UptimeDay(date(2026, 1, 11), {OK: 1}))
    book = UptimeAccumulator(OK, START, datetime(2026, 1, 12, tzinfo=UTC), days)
    assert uptime.trim(book, 3) == book
    assert [d.on for d in uptime.trim(book, 2).days] == [date(2026, 1, 11)]


def test_of_accounts_that_saw_the_same_of_a_day_ours_counts():
    first, other = UptimeDay(date(2026, 1, 1), {OK: 10}), UptimeDay(date(2026, 1, 1), {BAD: 10})
    assert uptime.merge_days((first,), (other,)) == (first,)


def test_sums_of_accounts_are_sums_of_each_figure():
    first = uptime.weigh_seconds({OK: 90, BAD: 10, Condition.NO_DATA: 5})
    other = uptime.weigh_seconds({PART: 10, Condition.UNDER_MAINTENANCE: 7})
    assert first + other == uptime.UptimeTotals(Fraction(13), 110, 117, 122)
    assert (first + other).exact == 1 - Fraction(13, 110)
