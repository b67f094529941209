"""`make tree` leads a newcomer to the file to change: every module once, with a line that says what it is."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from docs.tree import ROOT, entries, first_line

NOT_SHOWN = (
    *("tests/", "bench/", "findings/", "db/migrations/versions/", "."),
    *("var/", "screenshots/", "mutants/"),
)


def modules() -> list[Path]:
    """Every module of the product; a package is known by its `__init__.py`."""
    paths = (path.relative_to(ROOT).as_posix() for path in sorted(ROOT.rglob("*.py")))
    return [ROOT / path for path in paths if not path.startswith(NOT_SHOWN)]


@pytest.fixture(scope="module", name="printed")
def entries_of_the_checkout() -> list[tuple[str, str]]:
    return list(entries())


def test_each_module_stands_there_once_with_its_first_line(printed):
    expected = {
        path.relative_to(ROOT).as_posix().removesuffix("__init__.py"): (
            ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        ).partition("\n")[0]
        for path in modules()
    }
    assert {path: n for path, n in Counter(path for path, _ in printed).items() if n > 1} == {}
    assert {path: words for path, words in printed if path in expected} == expected


def test_what_nobody_changes_by_hand_is_left_out(printed):
    paths = [path for path, _ in printed]
    assert [path for path in paths if path.startswith(NOT_SHOWN)] == []
    assert [path for path in paths if path.endswith((".po", ".lock", "/cs.md"))] == []


def test_no_first_line_is_too_long_to_be_one(printed):
    assert [path for path, words in printed if len(words) > 130] == []


def test_each_first_line_ends_a_sentence(printed):
    """Cut in the middle it would say half of what the file is."""
    assert [
        f"{path}: {words}"
        for path, words in printed
        if path.endswith((".py", ".html", "/")) and not words.endswith((".", "?"))
    ] == []


def test_no_two_files_claim_the_same(printed):
    counted = Counter(words for path, words in printed if words and path.endswith((".py", ".html")))
    assert [words for words, n in counted.items() if n > 1] == []


def test_a_complaint_leads_to_its_file(printed):
    """As docs/architecture.md says: by a word of the complaint, on the path or beside it."""
    by_word = [path for path, words in printed if "whois" in f"{path} {words}".lower()]
    assert {"standards/registration/dates.py", "standards/registration/whois.py"} <= {*by_word}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.py", '"""One line.\n\nMore.\n"""\n', "One line."),
        ("b.html", "{# A page. #}\n<p>", "A page."),
        ("c.toml", "# Words of a\n# language. More.\nx = 1\n", "Words of a language."),
        ("d", "#!/bin/sh\n# Runs 1.2 of it: so. And more.\n", "Runs 1.2 of it: so."),
        ("e.md", '---\ntitle: "A title"\n---\n', "A title"),
        ("f.toml", "x = 1\n", ""),
    ],
)
def test_what_a_file_says_first(tmp_path, name, text, words):
    (tmp_path / name).write_text(text, "utf-8")
    assert first_line(tmp_path / name) == words
