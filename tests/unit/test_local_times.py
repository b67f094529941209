"""Local times as people type them, over changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clock import moments_showing, skipped_span
from status.incidents.forms import parse_form, parse_moment, typed_as
from status.incidents.validation import RuleViolation

ZONES = ("Europe/Prague", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata")


@given(
    st.datetimes(datetime(2009, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - as on a wall
    st.sampled_from(ZONES),
)
def test_each_moment_is_found_again_by_what_clocks_show(at, name):
    zone, moment = ZoneInfo(name), at.replace(tzinfo=UTC)
    local = moment.astimezone(zone).replace(tzinfo=None, fold=0)
    moments = moments_showing(local, zone)
    assert moment in moments
    assert all(m.astimezone(zone).replace(tzinfo=None, fold=0) == local for m in moments)


@pytest.mark.parametrize(
    ("zone", "typed", "before", "after"),
    [
        ("Europe/Prague", "2026-03-29T02:15", "2026-03-29 02:00", "2026-03-29 03:00"),
        ("America/New_York", "2026-03-08T02:59:59", "2026-03-08 02:00", "2026-03-08 03:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:00", "2026-10-04 02:00", "2026-10-04 02:30"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30 00:00", "2011-12-31 00:00"),
    ],
)
def test_where_clocks_skip_a_time_both_ends_are_known(zone, typed, before, after):
    local = datetime.fromisoformat(typed)
    assert moments_showing(local, ZoneInfo(zone)) == ()
    assert [f"{end:%Y-%m-%d %H:%M}" for end in skipped_span(local, ZoneInfo(zone))] == [
        before,
        after,
    ]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("2026-03-29 02:15", "in Europe/Prague they are put forward from 02:00 to 03:00"),
        ("2026-10-25 02:30", "2026-10-25 02:30+02:00 or 2026-10-25 02:30+01:00"),
        ("tomorrow", "Give a date and a time"),
        ("2026-03-01 22:00 or later, as it comes", "Give a date and a time"),
        ("0001-01-01 00:00", "Give a date and a time"),
    ],
)
def test_what_is_no_moment_is_refused_with_the_reason(typed, says):
    with pytest.raises(RuleViolation) as refused:
        parse_moment("--from", typed, "Europe/Prague")
    assert says in str(refused.value)


def test_each_of_two_moments_can_be_named():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for which, moment in (("first", first), ("second", first + timedelta(hours=1))):
        typed = typed_as(moment, "Europe/Prague")
        assert typed == ("2026-10-25T02:30", which)
        form = parse_form(
            {"at": typed[0], "at-which": which}, zone="Europe/Prague", languages=("en",)
        )
        assert (form.moment("at"), form.problems()) == (moment, {})
        spelled = moment.astimezone(ZoneInfo("Europe/Prague")).isoformat(sep=" ")
        assert parse_moment("--from", spelled, "Europe/Prague") == moment
