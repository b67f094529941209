"""What each registry does after expiry, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from standards.registration.lifecycle import (
    CALENDARS,
    LifecycleCalendar,
    LifecycleStage,
    calendar,
    is_unpaid_renewal,
    stage_on,
    stage_start,
    upcoming_events,
    year_before,
)
from wizard.reports.registration import STAGE_SENTENCES

END = date(2026, 3, 1)


def on(day: int) -> date:
    return date.fromordinal(END.toordinal() + day)


@pytest.mark.parametrize(
    ("tld", "day", "expected"),
    [
        ("cz", -1, LifecycleStage.ACTIVE),
        ("cz", 0, LifecycleStage.ACTIVE),
        ("cz", 1, LifecycleStage.GRACE),
        ("cz", 30, LifecycleStage.GRACE),
        ("cz", 31, LifecycleStage.STOPPED),
        ("cz", 60, LifecycleStage.STOPPED),
        ("cz", 61, LifecycleStage.RELEASED),
        ("sk", 0, LifecycleStage.ACTIVE),
        ("sk", 1, LifecycleStage.STOPPED),
        ("sk", 40, LifecycleStage.STOPPED),
        ("sk", 41, LifecycleStage.DELETING),
        ("sk", 42, LifecycleStage.RELEASED),
        ("pl", 1, LifecycleStage.STOPPED),
        ("pl", 30, LifecycleStage.STOPPED),
        ("pl", 31, LifecycleStage.RELEASED),
        ("hr", 1, LifecycleStage.REGISTRAR),
        ("hr", 400, LifecycleStage.REGISTRAR),
        ("eu", 1, LifecycleStage.RESTORE),
        ("eu", 40, LifecycleStage.RESTORE),
        ("eu", 41, LifecycleStage.RELEASED),
        *(
            (tld, day, expected)
            for tld in ("com", "net", "org", "info")
            for day, expected in (
                (0, LifecycleStage.ACTIVE),
                (1, LifecycleStage.REGISTRAR),
                (45, LifecycleStage.REGISTRAR),
                (46, LifecycleStage.RESTORE),
                (75, LifecycleStage.RESTORE),
                (76, LifecycleStage.DELETING),
                (80, LifecycleStage.DELETING),
                (81, LifecycleStage.RELEASED),
            )
        ),
        ("de", 1, LifecycleStage.REGISTRAR),
        ("at", 1, LifecycleStage.REGISTRAR),
        ("hu", 45, LifecycleStage.REGISTRAR),
        ("hu", 46, LifecycleStage.RESTORE),
        ("hu", 106, LifecycleStage.RELEASED),
        ("si", 30, LifecycleStage.STOPPED),
        ("si", 31, LifecycleStage.RELEASED),
    ],
)
def test_stage_on_a_day(tld: str, day: int, expected: LifecycleStage) -> None:
    rules = calendar(f"cafe.{tld}")
    assert rules is not None
    assert stage_on(rules, END, on(day)) is expected


def test_what_comes_next_is_dated_and_in_order() -> None:
    rules = calendar("cafe.cz")
    assert rules is not None
    events = [(c.on, c.stage) for c in upcoming_events(rules, END, on(10))]
    assert events == [(on(31), LifecycleStage.STOPPED), (on(61), LifecycleStage.RELEASED)]
    assert upcoming_events(rules, END, on(61)) == ()
    assert stage_start(rules, END, LifecycleStage.DELETING) is None


@pytest.mark.parametrize("tld", sorted(CALENDARS))
def test_what_is_told_to_come_is_never_past_and_follows_the_stage(tld: str) -> None:
    """Each day of half a year: a stage that has begun is told no more, any other one still is."""
    rules = calendar(f"cafe.{tld}")
    assert rules is not None
    for day in range(-3, 180):
        ahead = upcoming_events(rules, END, on(day))
        assert all(step.on >= on(day) for step in ahead)
        now = stage_on(rules, END, on(day))
        stages = [what for _, what in rules.steps]
        begun = stages.index(now) + 1 if now in stages else 0
        assert [step.stage for step in ahead] == stages[begun:], day


def test_the_day_a_registry_counts_from_may_be_the_last_good_one() -> None:
    """The earlier date is told for a loss; on that day itself nothing is called lost."""
    rules = calendar("cafe.sk")
    assert rules is not None
    assert stage_start(rules, END, LifecycleStage.DELETING) == on(40)
    assert stage_on(rules, END, on(40)) is LifecycleStage.STOPPED
    assert upcoming_events(rules, END, on(40))[0].on == on(40)


def test_rules_hold_for_the_registry_not_for_the_letters() -> None:
    assert calendar("cafe.com.pl") is CALENDARS["pl"]
    assert calendar("cafe.eu.com") is None, "another company's registry below .com"
    assert calendar("cafe.example") is None


def test_each_calendar_is_in_order_and_names_its_sources() -> None:
    for rules in CALENDARS.values():
        days = [day for day, _ in rules.steps]
        assert days == sorted(set(days)), rules.tld
        assert rules.sources, rules.tld
        assert all(source.startswith(("https://", "http://")) for source in rules.sources)
        assert all(STAGE_SENTENCES[what] for _, what in rules.steps)


def test_every_named_registry_is_there() -> None:
    named = ["cz", "sk", "pl", "hr", "eu", "com", "net", "org", "info", "de", "at", "hu", "si"]
    assert set(named) <= set(CALENDARS)


def test_a_stage_known_to_fill_its_first_day_begins_with_that_day() -> None:
    steps = ((0, LifecycleStage.GRACE), (1, LifecycleStage.STOPPED), (2, LifecycleStage.RELEASED))
    whole = LifecycleCalendar("x", steps, (), whole_days=True)
    begun = [stage_on(whole, END, on(day)) for day in range(4)]
    assert begun == [
        LifecycleStage.ACTIVE,
        LifecycleStage.STOPPED,
        LifecycleStage.RELEASED,
        LifecycleStage.RELEASED,
    ]
    some_time = replace(whole, whole_days=False)
    assert [stage_on(some_time, END, on(day)) for day in range(4)] == [
        LifecycleStage.ACTIVE,
        LifecycleStage.GRACE,
        LifecycleStage.STOPPED,
        LifecycleStage.RELEASED,
    ]


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2024, 2, 29), date(2023, 2, 28)),
        (date(2024, 2, 28), date(2023, 2, 28)),
        (date(2025, 2, 28), date(2024, 2, 28)),
        (date(2025, 3, 29), date(2024, 3, 29)),
        (date(2025, 12, 31), date(2024, 12, 31)),
    ],
)
def test_the_same_day_a_year_earlier(day: date, before: date) -> None:
    assert year_before(day) == before


@pytest.mark.parametrize(
    ("registry", "registrar", "unpaid"),
    [
        (on(365), on(0), True),  # the registrar's date has come, the registry's jumped
        (on(365), on(-40), True),
        (on(365), on(1), False),  # not expired by anybody's date
        (on(200), on(0), False),  # no jump by a year
        (on(201), on(0), True),
        (on(365), on(365), False),
        (None, on(0), False),
        (None, None, False),
    ],
)
def test_a_date_that_jumped_ahead_of_the_registrars_is_nobodys_payment(
    registry: date | None, registrar: date | None, *, unpaid: bool
) -> None:
    assert is_unpaid_renewal((), registry, registrar, END) is unpaid
    # the registrar's own date decides, whatever the state says
    assert is_unpaid_renewal(("autoRenewPeriod",), registry, registrar, END) is unpaid


def test_without_a_registrars_date_the_renewal_period_decides() -> None:
    assert is_unpaid_renewal(("ok", "autoRenewPeriod"), on(365), None, END) is True
    assert is_unpaid_renewal(("ok", "renewPeriod"), on(365), None, END) is False
