"""`make tree` leads a newcomer to the file to change: every module once, with a line that says what it is."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from docs.tree import ROOT, first_line, lines

NOT_SHOWN = ("tests/", "bench/", "db/migrations/versions/", ".", "var/", "screenshots/", "mutants/")


def entries_of(output: list[str]) -> list[tuple[str, str]]:
    """The path and the words of each line, from its indentation."""
    folders: list[str] = []
    entries = []
    for line in output:
        name, _, words = line.strip().partition("  ")
        depth = (len(line) - len(line.lstrip())) // 2
        folders = [*folders[:depth], name]
        entries.append(("".join(folders), words.strip()))
    return entries


def modules() -> list[Path]:
    """Every module of the product; a package is known by its `__init__.py`."""
    paths = (path.relative_to(ROOT).as_posix() for path in sorted(ROOT.rglob("*.py")))
    return [ROOT / path for path in paths if not path.startswith(NOT_SHOWN)]


@pytest.fixture(scope="module", name="entries")
def entries_of_the_checkout() -> list[tuple[str, str]]:
    return entries_of(list(lines(ROOT)))


def test_each_module_stands_there_once_with_its_first_line(entries):
    printed = [(path, words) for path, words in entries if path.endswith((".py", "/"))]
    expected = {
        path.relative_to(ROOT).as_posix().removesuffix("__init__.py"): (
            ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        ).partition("\n")[0]
        for path in modules()
    }
    assert {path: n for path, n in Counter(path for path, _ in printed).items() if n > 1} == {}
    assert {path: words for path, words in printed if path in expected} == expected


def test_what_nobody_changes_by_hand_is_left_out(entries):
    paths = [path for path, _ in entries]
    assert [path for path in paths if path.startswith(NOT_SHOWN)] == []
    assert [path for path in paths if path.endswith((".po", ".lock", "/cs.md"))] == []


def test_no_line_is_wider_than_a_wide_terminal():
    assert [line for line in lines(ROOT) if len(line) > 160] == []


def test_each_first_line_ends_a_sentence(entries):
    """Cut in the middle it would say half of what the file is."""
    assert [
        f"{path}: {words}"
        for path, words in entries
        if path.endswith((".py", ".html")) and not words.endswith((".", "?"))
    ] == []


def test_no_two_files_claim_the_same(entries):
    counted = Counter(words for path, words in entries if words and path.endswith((".py", ".html")))
    assert [words for words, n in counted.items() if n > 1] == []


def test_a_folder_of_one_file_is_one_line(tmp_path):
    alone = tmp_path / "kept" / "store.py"
    alone.parent.mkdir()
    alone.write_text('"""Rows."""\n', "utf-8")
    (tmp_path / "empty").mkdir()
    assert entries_of(list(lines(tmp_path))) == [("kept/store.py", "Rows.")]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.py", '"""One line.\n\nMore.\n"""\n', "One line."),
        ("b.html", "{# A page. #}\n<p>", "A page."),
        ("c.toml", "# Words of a\n# language. More.\nx = 1\n", "Words of a language."),
        ("d", "#!/bin/sh\n# Runs 1.2 of it: so.\n", "Runs 1.2 of it:"),
        ("e.md", '---\ntitle: "A title"\n---\n', "A title"),
        ("f.toml", "x = 1\n", ""),
    ],
)
def test_what_a_file_says_first(tmp_path, name, text, words):
    (tmp_path / name).write_text(text, "utf-8")
    assert first_line(tmp_path / name) == words
