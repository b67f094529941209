"""What becomes of a reader's choice when groups are renamed and services are taken out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notify.model import Preferences
from notify.subscribers.choice_renewal import current_choice, is_choice_gone
from status.model import Component, KnownComponent
from tests.status_fixtures import AT

DAY = timedelta(days=1)


def known_component(component, group="", last_seen=AT):
    return KnownComponent(component, group, component, AT - 9 * DAY, last_seen)


REMEMBERED = (
    known_component("web", "Hosting"),
    known_component("db", "Hosting"),
    known_component("old", "Gone", AT - 2 * DAY),
)


@pytest.mark.parametrize(
    ("today", "chosen"),
    [
        ((Component("web", "W", "Hosting"),), Preferences((), ("Hosting",))),
        (
            (Component("web", "W", "Sites"), Component("db", "D", "Sites")),
            Preferences((), ("Hosting", "Sites")),
        ),
        (
            (Component("web", "W", "Mail"), Component("mail", "M", "Mail"), Component("db", "D")),
            Preferences(("web", "db"), ("Hosting",)),
        ),
        ((Component("mail", "M", "Mail"),), Preferences((), ("Hosting",))),
    ],
    ids=["as it was", "renamed", "split and merged", "taken out"],
)
def test_a_choice_follows_what_was_in_a_group(today, chosen):
    choice = current_choice(Preferences((), ("Hosting",)), today, REMEMBERED)
    assert choice == chosen
    assert current_choice(choice, today, REMEMBERED) == choice


@pytest.mark.parametrize(
    ("choice", "gone"),
    [
        (Preferences(), False),
        (Preferences(("old",)), True),
        (Preferences(("old", "web")), False),
        (Preferences(("old",), ("Hosting",)), False),
        (Preferences((), ("Gone",)), True),
        (Preferences(("never",)), True),
        (Preferences(("db",)), False),
    ],
)
def test_a_choice_is_gone_when_nothing_of_it_has_been_there_for_a_day(choice, gone):
    today = (Component("web", "Web", "Hosting"),)
    assert is_choice_gone(choice, today, REMEMBERED, AT + DAY / 2) is gone


def test_what_left_a_group_long_before_its_end_is_no_member():
    remembered = (
        known_component("webmail", "Hosting", AT - 300 * DAY),
        known_component("db", "Hosting", AT - DAY / 24),
        known_component("web", "Hosting"),
    )
    today = (
        *(Component("web", "W", "Sites"), Component("db", "D", "Sites")),
        *(Component("webmail", "M", "Mail"), Component("alone", "A")),
    )
    choice = current_choice(Preferences((), ("Hosting",)), today, remembered)
    assert choice == Preferences((), ("Hosting", "Sites"))
