"""Departments at their bounds: weeks as they are read, spans one after the other, promises, urgency."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from diagnostics.model import FindingStatus, Severity
from tests.desk_fixtures import judged
from tests.unit.test_tickets_pure import report
from tickets.departments.opening_hours import (
    ALWAYS,
    OpeningHours,
    OpeningSpan,
    answer_expected,
    check_country,
    is_holiday,
    open_spans,
    parse_week,
)
from tickets.departments.routing import (
    CATEGORIES,
    Department,
    Priority,
    category_of,
    category_of_finding,
    department,
    known_category,
    priority_of,
)

HOURS = timedelta(hours=1)
MICRO = timedelta(microseconds=1)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(start, end):
    return OpeningSpan(time.fromisoformat(start), time.fromisoformat(end))


EIGHT = span("08:00", "16:30")


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("", {}),
        (" , ", {}),
        ("24/7", ALWAYS),
        ("  always ", ALWAYS),
        ("Mon-Fri 08:00-16:30", dict.fromkeys(range(5), (EIGHT,))),
        ("monday-tuesday 8:00 - 16:30", dict.fromkeys(range(2), (EIGHT,))),
        ("Sat-Mon 9-12", dict.fromkeys((5, 6, 0), (span("09:00", "12:00"),))),
        ("Sun-Sun 9-24:00", {6: (span("09:00", "00:00"),)}),
        ("Sun 9-12", {6: (span("09:00", "12:00"),)}),
        ("Thurs 9-12", {3: (span("09:00", "12:00"),)}),
        ("Sat 22-24, Sat 7:05-8", {5: (span("22:00", "00:00"), span("07:05", "08:00"))}),
        ("Mon 8-9,Tue-Wed 10-11", {
            0: (span("08:00", "09:00"),), 1: (span("10:00", "11:00"),), 2: (span("10:00", "11:00"),),
        }),
    ],
)  # fmt: skip
def test_a_week_is_read_as_settings_write_it(text, week):
    assert parse_week(text) == week


def test_what_cannot_be_read_is_named():
    with pytest.raises(
        ValueError, match=r"^hours 'Tue 9:xx-10' are not like 'Mon-Fri 08:00-16:30'"
    ):
        parse_week("Mon 8-9, Tue 9:xx-10")


@pytest.mark.parametrize(
    "days", ["Mon-Wed-Fri", "Mon/Wed", "Mon+Wed", "Monthly", "Mo", "T", "-Mon", "Pon"]
)
def test_days_are_refused_rather_than_read_in_part(days):
    with pytest.raises(ValueError, match="are not like"):
        parse_week(f"{days} 9-12")


@pytest.mark.parametrize("clock", ["8-25", "8-24:30", "24:01-8", "8-17:60", "8-"])
def test_an_hour_that_no_clock_shows_is_refused(clock):
    with pytest.raises(ValueError, match="are not like"):
        parse_week(f"Mon {clock}")


def test_a_public_holiday_closes_those_who_name_their_country():
    new_year, day = date(2026, 1, 1), date(2026, 1, 2)
    czech = OpeningHours(country="CZ")
    assert (is_holiday(czech, new_year), is_holiday(czech, day)) == (True, False)
    assert is_holiday(czech, date(2027, 1, 1))
    assert not is_holiday(replace(czech, country=""), new_year)
    assert not is_holiday(replace(czech, holidays_too=True), new_year)


def test_a_country_whose_holidays_nobody_knows_is_refused():
    check_country("CZ")
    with pytest.raises(ValueError, match="no public holidays are known of 'XX'"):
        check_country("XX")


def test_spans_come_in_order_and_the_one_that_ends_now_is_over():
    week = parse_week("Thu 13-15, Thu 8-12, Wed 22-2")
    hours = OpeningHours()
    wednesday_night = (at("2026-01-15T01:00"), at("2026-01-15T02:00"))
    morning = (at("2026-01-15T08:00"), at("2026-01-15T12:00"))
    noon = (at("2026-01-15T13:00"), at("2026-01-15T15:00"))

    def first_two(moment):
        spans = open_spans(hours, week, moment)
        return [next(spans), next(spans)]

    assert first_two(at("2026-01-15T01:00")) == [wednesday_night, morning]
    assert first_two(at("2026-01-15T02:00")) == [morning, noon]
    last = morning[1] - MICRO
    assert first_two(last) == [(last, morning[1]), noon]


def test_days_are_those_of_the_departments_own_zone():
    hours = OpeningHours("Pacific/Auckland")  # 13 hours ahead: Friday there, Thursday in UTC
    first = next(open_spans(hours, parse_week("Fri 9-10"), at("2026-01-15T19:30")))
    assert first == (at("2026-01-15T20:00"), at("2026-01-15T21:00"))


def test_a_promise_may_end_with_the_span_and_lies_within_sixty_days():
    mondays = OpeningHours(guaranteed=parse_week("Mon 8-9"), available=ALWAYS)
    thursday = at("2026-01-15T12:00")
    assert answer_expected(mondays, HOURS, thursday) == at("2026-01-19T09:00")
    assert answer_expected(mondays, HOURS + MICRO, thursday) == at("2026-01-26T08:00") + MICRO
    assert answer_expected(mondays, 8 * HOURS, thursday) == at("2026-03-09T09:00")
    assert answer_expected(mondays, 9 * HOURS, thursday) is None  # Monday 16 March is too far


def test_an_outage_has_a_promise_of_its_own_where_one_is_given():
    now = at("2026-01-15T12:00")
    team = Department("web", {}, within=8 * HOURS, outage_within=HOURS)
    promised = {each: team.answer_by(each, now) for each in Priority}
    assert promised == dict.fromkeys(Priority, now + 8 * HOURS) | {Priority.OUTAGE: now + HOURS}
    assert replace(team, outage_within=None).answer_by(Priority.OUTAGE, now) == now + 8 * HOURS
    assert replace(team, within=None).answer_by(Priority.HIGH, now) is None
    assert Department("x", {}).answer_by(Priority.LOW, now) == now + 24 * HOURS


def test_a_department_has_a_name_in_every_language():
    named = Department("a", {"en": "Web", "cs": ""})
    assert [named.name(lang) for lang in ("en", "cs", "de")] == ["Web", "Web", "Web"]
    both = Department("a", {"en": "Web", "cs": "Weby"})
    assert [both.name(lang) for lang in ("en", "cs", "de")] == ["Web", "Weby", "Web"]
    assert [Department("a", {}).name(lang) for lang in ("en", "cs")] == [
        "Customer support", "Zákaznická podpora",
    ]  # fmt: skip


def test_the_first_department_of_a_category_answers_and_the_first_spare_one_the_rest():
    teams = [
        Department("spare", {}),
        Department("a", {}, ("web",)),
        Department("b", {}, ("web", "mail")),
        Department("spare2", {}),
    ]
    assert [department(teams, c).id for c in ("web", "mail", "domain")] == ["a", "b", "spare"]
    assert department(teams[1:3], "domain").id == "a"


def test_followers_of_a_cause_and_unknown_areas_suggest_no_category():
    follower = replace(judged("mail.mx.missing"), cause="dns.ns.lame")
    strange = judged("elsewhere.x.y")
    assert category_of(report(follower, strange, judged("web.redirect.loop"))) == "web"
    assert category_of(report(follower, strange), "mail") == "mail"
    assert category_of(report()) == "other"
    assert [category_of_finding(each) for each in ("mailbox", "service.x", "mail.a.b", "x.mail")] == [
        "mail", "billing", "mail", "",
    ]  # fmt: skip


def test_only_known_categories_are_taken():
    assert [known_category(c) for c in (*CATEGORIES, "Web", "")] == [*CATEGORIES, "", ""]
    assert known_category("web", ["mail"]) == ""


def test_a_failure_makes_an_invoice_urgent_too_and_a_warning_nothing():
    failed = report(judged("web.redirect.loop"))
    assert priority_of("billing", failed) is Priority.HIGH
    critical = judged("a.b.c", FindingStatus.WARN, Severity.CRITICAL)
    assert priority_of("billing", report(critical)) is Priority.OUTAGE
    warned = report(judged("quota.disk.near", FindingStatus.WARN, Severity.WARNING))
    assert priority_of("billing", warned) is Priority.LOW
    assert priority_of("other", report()) is Priority.NORMAL
