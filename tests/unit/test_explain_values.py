"""Each pasted text is read and advised as was agreed to, down to the last value."""

from __future__ import annotations

import pytest

from tests.explanation_values import FOLDER, advice_lines, letter_lines, lines_of, pasted

WRITE = "agreed? python -m tests.explanation_values"
TEXTS = pasted()
pytestmark = pytest.mark.xdist_group("explained")  # the same explanations


def agreed(name: str) -> list[str]:
    return (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()


@pytest.mark.parametrize("file", TEXTS)
def test_texts_are_read_as_agreed_to(file: str) -> None:
    lines = [line for case, text in TEXTS[file].items() for line in lines_of(case, text)]
    assert lines == agreed(file), WRITE


def test_advice_is_given_in_the_words_agreed_to() -> None:
    assert advice_lines() == agreed("advice"), WRITE


def test_whole_messages_are_read_as_agreed_to() -> None:
    assert list(letter_lines()) == agreed("letters"), WRITE
