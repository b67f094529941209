"""What each registry does after expiry, and when."""

from __future__ import annotations

from datetime import date

import pytest

from diagnostics.lifecycle import CALENDARS, WHAT, Stage, begins, calendar, coming, stage

END = date(2026, 3, 1)


def on(day: int) -> date:
    return date.fromordinal(END.toordinal() + day)


@pytest.mark.parametrize(
    ("tld", "day", "expected"),
    [
        ("cz", -1, Stage.ACTIVE),
        ("cz", 0, Stage.ACTIVE),
        ("cz", 1, Stage.GRACE),
        ("cz", 30, Stage.GRACE),
        ("cz", 31, Stage.STOPPED),
        ("cz", 60, Stage.STOPPED),
        ("cz", 61, Stage.RELEASED),
        ("sk", 0, Stage.ACTIVE),
        ("sk", 1, Stage.STOPPED),
        ("sk", 40, Stage.STOPPED),
        ("sk", 41, Stage.DELETING),
        ("sk", 42, Stage.RELEASED),
        ("pl", 1, Stage.STOPPED),
        ("pl", 30, Stage.STOPPED),
        ("pl", 31, Stage.RELEASED),
        ("hr", 1, Stage.REGISTRAR),
        ("hr", 400, Stage.REGISTRAR),
        ("eu", 1, Stage.RESTORE),
        ("eu", 40, Stage.RESTORE),
        ("eu", 41, Stage.RELEASED),
        *(
            (tld, day, expected)
            for tld in ("com", "net", "org", "info")
            for day, expected in (
                (0, Stage.ACTIVE),
                (1, Stage.REGISTRAR),
                (45, Stage.REGISTRAR),
                (46, Stage.RESTORE),
                (75, Stage.RESTORE),
                (76, Stage.DELETING),
                (80, Stage.DELETING),
                (81, Stage.RELEASED),
            )
        ),
        ("de", 1, Stage.REGISTRAR),
        ("at", 1, Stage.REGISTRAR),
        ("hu", 45, Stage.REGISTRAR),
        ("hu", 46, Stage.RESTORE),
        ("hu", 106, Stage.RELEASED),
        ("si", 30, Stage.STOPPED),
        ("si", 31, Stage.RELEASED),
    ],
)
def test_stage_on_a_day(tld: str, day: int, expected: Stage) -> None:
    rules = calendar(f"cafe.{tld}")
    assert rules is not None
    assert stage(rules, END, on(day)) is expected


def test_what_comes_next_is_dated_and_in_order() -> None:
    rules = calendar("cafe.cz")
    assert rules is not None
    told = [(c.on, c.stage) for c in coming(rules, END, on(10))]
    assert told == [(on(31), Stage.STOPPED), (on(61), Stage.RELEASED)]
    assert coming(rules, END, on(61)) == ()
    assert begins(rules, END, Stage.DELETING) is None


@pytest.mark.parametrize("tld", sorted(CALENDARS))
def test_what_is_told_to_come_is_never_past_and_follows_the_stage(tld: str) -> None:
    """Each day of half a year: a stage that has begun is told no more, any other one still is."""
    rules = calendar(f"cafe.{tld}")
    assert rules is not None
    for day in range(-3, 180):
        ahead = coming(rules, END, on(day))
        assert all(step.on >= on(day) for step in ahead)
        now = stage(rules, END, on(day))
        stages = [what for _, what in rules.steps]
        begun = stages.index(now) + 1 if now in stages else 0
        assert [step.stage for step in ahead] == stages[begun:], day


def test_the_day_a_registry_counts_from_may_be_the_last_good_one() -> None:
    """The earlier date is told for a loss; on that day itself nothing is called lost."""
    rules = calendar("cafe.sk")
    assert rules is not None
    assert begins(rules, END, Stage.DELETING) == on(40)
    assert stage(rules, END, on(40)) is Stage.STOPPED
    assert coming(rules, END, on(40))[0].on == on(40)


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
        assert all(WHAT[what] for _, what in rules.steps)


def test_every_named_registry_is_there() -> None:
    named = ["cz", "sk", "pl", "hr", "eu", "com", "net", "org", "info", "de", "at", "hu", "si"]
    assert set(named) <= set(CALENDARS)
