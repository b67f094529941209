"""Ready words never reach readers with a gap where services should be named."""

from __future__ import annotations

import pytest

from status.incidents.service_placeholders import is_unfilled, name_services, with_marks


def test_marks_are_in_the_language_of_the_text():
    ready = {"en": "Outage: {parts:list}", "cs": "Výpadek: {name}"}
    marked = with_marks(ready)
    assert marked == {"en": "Outage: [services]", "cs": "Výpadek: [služby]"}
    named = {"en": "Outage: Web and Mail", "cs": "Výpadek: Web a\xa0Mail"}
    assert name_services(marked, ["Web", "Mail"]) == named
    assert name_services(ready, ["Web", "Mail"]) == named
    assert name_services(marked, []) == marked


@pytest.mark.parametrize(
    "text",
    ["Outage: …", "…: slow", "A disk of … failed.", "Outage: [services]", "{parts:list}", "{name} is"],
)  # fmt: skip
def test_what_nobody_has_filled_in_is_seen(text):
    assert is_unfilled(text, "cs")


@pytest.mark.parametrize(
    "text", ["We are looking into it…", "{parts} of a set", "a {b} c", "…and it goes on", "Web [1]"]
)
def test_peoples_own_words_are_theirs(text):
    assert is_unfilled(text, "en") is (text == "{parts} of a set")
