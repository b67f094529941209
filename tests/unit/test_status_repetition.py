"""Recurring work as people choose it, as a rule that gives the dates they mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from status.incidents.forms import parse_form
from status.incidents.repetition import REPETITIONS, Repetition
from status.incidents.validation import RuleViolation
from status.state.recurrence import first_starts, validate_rule

SUNDAY = datetime(2026, 3, 8, 2, 30, tzinfo=UTC)  # the second of its month


@pytest.mark.parametrize(
    ("chosen", "rule", "second"),
    [
        (Repetition("daily"), "FREQ=DAILY", "2026-03-09"),
        (Repetition("weekly"), "FREQ=WEEKLY;BYDAY=SU", "2026-03-15"),
        (Repetition("weekly", "2"), "FREQ=WEEKLY;BYDAY=SU;INTERVAL=2", "2026-03-22"),
        (Repetition("monthly-day"), "FREQ=MONTHLY;BYMONTHDAY=8", "2026-04-08"),
        (Repetition("monthly-weekday"), "FREQ=MONTHLY;BYDAY=2SU", "2026-04-12"),
        (Repetition("yearly", "", "2030-12-31"), "FREQ=YEARLY;UNTIL=20301231", "2027-03-08"),
    ],
)
def test_a_choice_is_a_rule(chosen, rule, second):
    assert chosen.rule(SUNDAY, "UTC") == rule
    validate_rule(rule, "Europe/Prague")
    first, then = first_starts(rule, "UTC", SUNDAY)
    assert (first, f"{then:%Y-%m-%d}") == (SUNDAY, second)


def test_work_of_each_working_day_leaves_the_weekend_out():
    monday = datetime(2026, 3, 9, 23, 0, tzinfo=UTC)
    rule = Repetition("workdays", "", "2026-06-30").rule(monday, "UTC")
    assert rule == "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20260630"
    days = [f"{start:%a%d}" for start in first_starts(rule, "UTC", monday, 7)]
    assert days == ["Mon09", "Tue10", "Wed11", "Thu12", "Fri13", "Mon16", "Tue17"]


def test_the_last_of_a_month_is_not_its_fifth():
    fifth = datetime(2026, 3, 29, 2, tzinfo=UTC)
    rule = Repetition("monthly-weekday").rule(fifth, "UTC")
    assert rule == "FREQ=MONTHLY;BYDAY=5SU"
    assert [f"{start:%m-%d}" for start in first_starts(rule, "UTC", fifth, 4)] == [
        *("03-29", "05-31", "08-30", "11-29"),
    ]
    last = Repetition("monthly-last").rule(fifth, "UTC")
    assert f"{first_starts(last, 'UTC', fifth)[1]:%d}" == "26"


@pytest.mark.parametrize("day", ["2026-03-29", "2026-08-31", "2027-01-30", "2028-02-29"])
@pytest.mark.parametrize("kind", [kind for kind in REPETITIONS if kind not in ("", "workdays")])
def test_each_choice_that_is_offered_begins_when_it_was_said(kind, day):
    begin = datetime.fromisoformat(f"{day}T02:30+00:00")
    assert first_starts(Repetition(kind).rule(begin, "UTC"), "UTC", begin)[0] == begin


@pytest.mark.parametrize(
    ("kind", "day", "dates"),
    [
        ("monthly-day", "2026-08-31", "08-31 09-30 10-31 11-30 12-31 01-31 02-28"),
        ("monthly-day", "2027-12-30", "12-30 01-30 02-29 03-30"),
        ("monthly-day", "2027-01-29", "01-29 02-28 03-29"),
        ("yearly", "2028-02-29", "02-29 02-28 02-28 02-28 02-29"),
    ],
)
def test_no_month_is_left_out_because_it_is_short(kind, day, dates):
    begin = datetime.fromisoformat(f"{day}T02:30+00:00")
    starts = first_starts(Repetition(kind).rule(begin, "UTC"), "UTC", begin, len(dates.split()))
    assert " ".join(f"{start:%m-%d}" for start in starts) == dates


@pytest.mark.parametrize(
    ("field", "chosen"),
    [
        ("repeat", Repetition("hourly")),
        ("every", Repetition("daily", "0")),
        ("every", Repetition("daily", "²")),
        ("until", Repetition("daily", "1", "soon")),
        ("until", Repetition("daily", "1", "2026-03-07")),
        ("until", Repetition("daily", "1", "2999-01-01")),
        ("every until", Repetition("daily", "100", "soon")),
    ],
)
def test_what_nobody_offers_is_refused(field, chosen):
    with pytest.raises(RuleViolation) as refused:
        chosen.rule(SUNDAY, "UTC")
    assert refused.value.fields.keys() == set(field.split())


def form_of(**fields):
    form = {"starts_at": "2026-03-07T23:30", "zone": "Europe/Prague", **fields}
    return parse_form(form, zone="America/New_York", languages=("en",))


def recurrence(**fields):
    return form_of(**fields).recurrence


def test_the_day_is_that_of_the_clock_it_follows():
    assert recurrence(repeat="weekly").rrule == "FREQ=WEEKLY;BYDAY=SU", "there it is Sunday already"
    assert recurrence().rrule == ""
    assert recurrence(repeat="weekly", rrule="FREQ=DAILY").rrule == "FREQ=DAILY"
    for zone in ("Europe/Nowhere", "../etc"):
        assert form_of(repeat="weekly", zone=zone).problems().keys() == {"zone"}


def test_concerns_are_told_to_who_asks():
    def concerns(**fields):
        form = {"text-en": "", "text-cs": "", "ask": "yes", **fields}
        parsed = parse_form(form, languages=("en", "cs"))
        return [
            c.values.get("languages", ())
            for c in parsed.concerns(("en", "cs"), needs_services=True)
        ]

    assert concerns() == [], "it says nothing yet"
    assert concerns(**{"text-en": "It broke."}) == [("Čeština",), ()]
    both = {"text-en": "It broke.", "text-cs": "Rozbilo se."}
    assert concerns(**both) == [()]
    assert concerns(**both, **{"on-web": "major_outage"}) == []
    assert concerns(**{"text-en": "It broke.", "ask": ""}) == []


@pytest.mark.parametrize(
    ("starts", "ends", "count"),
    [
        ("2026-01-20T22:00", "2026-01-21T04:00", 0),
        ("2026-01-20T22:00", "9999-12-31T23:59", 1),
        ("2028-03-01T22:00", "2028-03-02T04:00", 1),
        ("", "2026", 0),
    ],
)
def test_a_time_far_ahead_is_asked_about(starts, ends, count):
    now = datetime(2026, 1, 15, tzinfo=UTC)
    fields = {"starts_at": starts, "ends_at": ends, "ask": "yes"}
    form = parse_form(fields, languages=("en", "cs"))
    assert len(form.concerns_about_time(now)) == count
    assert replace(form, asks=False).concerns_about_time(now) == ()
