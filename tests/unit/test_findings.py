"""Each find keeps the form that findings/README.md states. The finds themselves need a network and are not run here."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FINDS = sorted((ROOT / "findings").glob("*.sh"))
ROOMS = {path.name for path in ROOT.iterdir() if (path / "__init__.py").is_file()}


@pytest.mark.parametrize("find", FINDS, ids=lambda path: path.stem)
def test_a_find_keeps_the_form(find):
    text = find.read_text("utf-8")
    assert os.access(find, os.X_OK)
    assert "mktemp -d" in text
    assert "trap 'rm -rf \"$dir\"' EXIT" in text
    for label in ("# Versions: ", "# Guessed: ", "# Seen: ", "# So: "):
        assert f"\n{label}" in text, label
    assert "exit 1" in text
    line = r"(?:pip\" install|npm install) (.*?)(?: 2>.*)?$"
    installed = " ".join(re.findall(line, text.replace("\\\n", ""), re.MULTILINE))
    words = [word for word in installed.split() if not word.startswith(("-", '"'))]
    assert words
    assert all(re.search(r"(==|@)\d", word) for word in words), words
    imported = set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE))
    assert not imported & ROOMS, "a find runs without Jasno"
    assert subprocess.run(["bash", "-n", find], check=False).returncode == 0


def test_the_readme_lists_every_find():
    listed = re.findall(r"\]\(([\w-]+\.sh)\)", (ROOT / "findings" / "README.md").read_text("utf-8"))
    assert sorted(listed) == [find.name for find in FINDS]
