"""What is no zone of its own is understood, and the report says what was looked at instead."""

from __future__ import annotations

import pytest

from render.i18n import translate
from subject import RejectedSubject, parse_subject
from wizard.reports.report import subject_note


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("cafe.example", ""),
        ("www.cafe.example", ""),
        ("shop.cafe.example", "shop.cafe.example is a name inside the domain cafe.example."),
        ("mara@cafe.example", "the domain behind it: cafe.example"),
        ("https://cafe.example/menu", "we took the domain cafe.example and looked at it."),
        ("https://shop.cafe.example/basket?id=1", "we took the name shop.cafe.example"),
    ],
)
def test_the_reader_is_told_what_was_looked_at(typed: str, message: str) -> None:
    note = subject_note(parse_subject(typed), "en")
    assert message in note
    assert bool(message) == bool(note)
    assert "{" not in note


@pytest.mark.parametrize("typed", ["a\x01b.example", "caf\ue000e.example", "x\x7f.example"])
def test_what_cannot_be_read_is_refused_in_a_sentence(typed: str) -> None:
    rejected = parse_subject(typed)
    assert isinstance(rejected, RejectedSubject)
    assert rejected.reason.endswith("Please type it again.")
    assert translate("cs", rejected.reason) != rejected.reason
