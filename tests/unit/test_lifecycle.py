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
        ("cz", 29, Stage.GRACE),
        ("cz", 30, Stage.STOPPED),
        ("cz", 59, Stage.STOPPED),
        ("cz", 60, Stage.RELEASED),
        ("sk", 1, Stage.STOPPED),
        ("sk", 40, Stage.DELETING),
        ("sk", 41, Stage.RELEASED),
        ("pl", 1, Stage.STOPPED),
        ("pl", 30, Stage.RELEASED),
        ("hr", 400, Stage.REGISTRAR),
        ("eu", 1, Stage.RESTORE),
        ("eu", 40, Stage.RELEASED),
        ("com", 1, Stage.REGISTRAR),
        ("net", 45, Stage.RESTORE),
        ("org", 75, Stage.DELETING),
        ("info", 80, Stage.RELEASED),
        ("de", 1, Stage.REGISTRAR),
        ("at", 1, Stage.REGISTRAR),
        ("hu", 45, Stage.RESTORE),
        ("hu", 105, Stage.RELEASED),
        ("si", 29, Stage.STOPPED),
        ("si", 30, Stage.RELEASED),
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
    assert told == [(on(30), Stage.STOPPED), (on(60), Stage.RELEASED)]
    assert coming(rules, END, on(61)) == ()
    assert begins(rules, END, Stage.DELETING) is None


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
