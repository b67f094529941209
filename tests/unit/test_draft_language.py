"""A language that is a draft is a whole one for those who use it: every door of a site in English and
German is walked, in a checkout of its own whose German is half translated."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from render.languages import LANGUAGES, catalogue_of

ROOT = Path(__file__).resolve().parent.parent.parent
# What finds its place by where it lies is copied; the rest is linked.
COPIED = ("app.py", "render", "translations", "tests")
BEGUN = {
    "Outage: {parts:list}": "Ausfall: {parts:list}",
    "Trouble with {name}": "Störung bei {name}",
    "The recipient's mailbox is full": "Das Postfach ist voll",
    "Incident: {title}": "Störung: {title}",
}
HEADER = """msgid ""
msgstr ""
"Language: de\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"""


def checkout(folder: Path) -> Path:
    """A tree of ours in which German is a draft."""
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.name in COPIED and path.is_dir():
            skip = shutil.ignore_patterns("__pycache__", "cases", "golden", "fuzz")
            shutil.copytree(path, folder / path.name, ignore=skip)
        elif path.name in COPIED:
            shutil.copy(path, folder / path.name)
        elif not path.name.startswith((".", "__")) and path.name != "var":
            (folder / path.name).symlink_to(path)
    german = catalogue_of(folder / "translations", "de")
    german.parent.mkdir(parents=True)
    entries = "".join(f'\nmsgid "{text}"\nmsgstr "{here}"\n' for text, here in BEGUN.items())
    german.write_text(HEADER + entries, "utf-8")
    return folder


def test_every_door_speaks_a_draft(tmp_path) -> None:
    assert "de" not in LANGUAGES
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/draft_site.py"],
        cwd=checkout(tmp_path / "tree"), env={**os.environ, "PYTEST_ADDOPTS": ""}, capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]
