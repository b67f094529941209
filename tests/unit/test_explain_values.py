"""Each pasted text is read and advised as was agreed to, down to the last value."""

from __future__ import annotations

import pytest

from tests.agreed_lines import read
from tests.explanation_values import FOLDER, advice_lines, letter_lines, lines_of, pasted

AGREED = read(FOLDER)
TEXTS = {case: text for texts in pasted().values() for case, text in texts.items()}
WRITE = "agreed? python -m tests.explanation_values"


@pytest.mark.parametrize("case", TEXTS)
def test_a_text_is_read_as_agreed_to(case: str) -> None:
    assert lines_of(case, TEXTS[case]) == AGREED.get(case, []), WRITE


def test_advice_is_given_in_the_words_agreed_to() -> None:
    assert advice_lines() == (FOLDER / "advice.jsonl").read_text("utf-8").splitlines(), WRITE


def test_whole_messages_are_read_as_agreed_to() -> None:
    assert list(letter_lines()) == (FOLDER / "letters.jsonl").read_text("utf-8").splitlines(), WRITE
