"""Every page of docs/adding works when it is followed to the letter, and names each file it means."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

from render.languages import LANGUAGES
from tests.adding_pages import (
    ROOT,
    PageError,
    Step,
    add_lines,
    copy_tree,
    follow,
    run_commands,
    steps_of,
    unnamed_paths,
)
from tests.architecture_rules import EMPTY_NAMES, vague_names
from tests.test_architecture import LINES

PAGES = sorted((ROOT / "docs" / "adding").glob("*.md"))
ROW = re.compile(r"^\| (.*?docs/adding/.*?) \| (\d+)(.*?) \|", re.MULTILINE)  # of CONTRIBUTING.md
PAGE = re.compile(r"docs/adding/([\w-]+)\.md")
EVERY = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def rows():
    """Of CONTRIBUTING.md: the pages of a change, how many files a hand touches, and what else."""
    table = ROW.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    return [(PAGE.findall(change), int(count), more) for change, count, more in table]


@pytest.mark.timeout(900)  # several commands each, on a machine that may be busy
@pytest.mark.parametrize(
    ("pages", "more"),
    [row[::2] for row in rows()],
    ids=lambda x: "-".join(x) if isinstance(x, list) else "",
)
def test_a_page_works_to_the_letter_and_commands_write_what_is_counted(pages, more, tree):
    by_hand, by_commands = set(), set()
    for page in pages:
        text = (ROOT / "docs" / "adding" / f"{page}.md").read_text("utf-8")
        written, generated = follow(text, tree)
        by_hand |= written
        by_commands |= generated
    bracket = re.match(r" \((\d+)\)", more)
    assert len(by_commands - by_hand) == int(bracket[1] if bracket else 0), by_commands
    python = [path for path in by_hand if path.endswith(".py")]
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *python],
            cwd=tree, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert not python or done.returncode == 0, done.stdout
    texts = {path: (tree / path).read_text("utf-8") for path in python}
    assert {path for path, text in texts.items() if text.count("\n") > LINES} == set()
    parsed = {path: ast.parse(text) for path, text in texts.items()}
    assert list(vague_names(parsed, EMPTY_NAMES)) == []


@EVERY
def test_a_page_has_steps_and_commands_and_names_its_files(page):
    text = page.read_text("utf-8")
    kinds = [step.kind for step in steps_of(text)]
    assert kinds[-1] == "sh", "a page ends with what shows that it was followed"
    assert len(kinds) > 1
    assert unnamed_paths(text) == []


def touched(page):
    """Files that a hand touches, but not what a page only tells operators, nor what another recipe of its page does."""
    text = (ROOT / "docs" / "adding" / f"{page}.md").read_text("utf-8")
    text = re.split(r"\n## (?:A document|Shipping it)", text)[0]
    return {s.path for s in steps_of(text) if s.path and not s.path.startswith("docs/")}


def test_contributing_counts_the_files_of_every_page():
    assert {page for pages, _, _ in rows() for page in pages} == {page.stem for page in PAGES}
    for pages, count, more in rows():
        files = set().union(*map(touched, pages))
        languages = len(LANGUAGES) if "one a language" in more else 0
        assert len(files) == count + languages, (pages, files)


def test_a_copy_is_made_like_the_checkout_again(tree):
    changed, added, database = tree / "app.py", tree / "kb" / "new" / "x.md", tree / "var" / "x.db"
    for path in (added, database):
        path.parent.mkdir(parents=True)
        path.write_text("x")
    changed.write_text("x")
    copy_tree(tree)
    assert changed.read_text() == (ROOT / "app.py").read_text()
    assert not added.parent.exists()
    assert not database.parent.exists()


def test_steps_are_read_with_their_place_and_without_their_indentation():
    text = "1. Words:\n\n   ```python a/b.py\n   x = 1\n   ```\n```toml\nno = 'step'\n```\n```sh\nls\n```\n"
    assert list(steps_of(text)) == [Step("python", "a/b.py", "x = 1\n"), Step("sh", "", "ls\n")]
    assert unnamed_paths(text) == ["a/b.py"]
    assert unnamed_paths("In `a/b.py`:\n" + text) == []


def test_lines_go_where_the_others_stand(tmp_path):
    file = tmp_path / "list.py"
    file.write_text("A = (\n    1,\n    2,\n)\n")
    add_lines(file, "     1,\n+    5,\n-    2,\n+    3,\n")
    assert file.read_text() == "A = (\n    1,\n    5,\n    3,\n)\n"


@pytest.mark.parametrize("diff", ["     9,\n+    5,\n", "     1,\n+    5,\n", "1,\n"])
def test_lines_that_are_nowhere_or_twice_are_an_error(tmp_path, diff):
    file = tmp_path / "list.py"
    file.write_text("A = (\n    1,\n)\nB = (\n    1,\n)\n")
    with pytest.raises(PageError):
        add_lines(file, diff)


def test_a_command_that_fails_is_an_error_with_its_output(tmp_path):
    run_commands("true\n", tmp_path)
    with pytest.raises(PageError, match="said this"):
        run_commands("true\necho said this; false\n", tmp_path)
