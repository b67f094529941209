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


NAME = re.compile(r"\b(?:[a-z0-9-]+\.)+(?:com|net|org|eu|cz|sk|pl|hr|io)\b")
NOBODYS = (
    "example.com",
    "example.net",
    "example.org",
    "www.w3.org",
)  # and all that end in .example
INSTALL = re.compile(
    r"(?:pip\" install|npm install|apt-get download) (.*?)(?: 2?>.*)?$", re.MULTILINE
)


def assert_everything_is_pinned(text):
    """What is looked at, and every library that it brings along."""
    installed = INSTALL.findall(text.replace("\\\n", ""))
    words = [w for line in installed for w in line.split() if not w.startswith(("-", '"'))]
    assert words
    assert [w for w in words if not re.search(r"(=|@)\d", w)] == []
    assert text.count('pip" install') == text.count("--no-deps")


@pytest.mark.parametrize("find", FINDS, ids=lambda path: path.stem)
def test_a_find_keeps_the_form(find):
    text = find.read_text("utf-8")
    assert os.access(find, os.X_OK)
    assert "mktemp -d" in text
    assert "trap 'rm -rf \"$dir\"' EXIT" in text
    for label in ("# Versions: ", "# Guessed: ", "# Seen: ", "# So: "):
        assert f"\n{label}" in text, label
    assert "exit 1" in text
    assert_everything_is_pinned(text)
    assert {n for n in NAME.findall(text.lower()) if not n.endswith(NOBODYS)} == set()
    imported = set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE))
    assert not imported & ROOMS, "a find runs without Jasno"
    assert subprocess.run(["bash", "-n", find], check=False).returncode == 0


FAKE_ENVIRONMENT = """#!/bin/sh
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho something else\\n' > "$3/bin/python"
printf '#!/bin/sh\\nexit %s\\n' "$PIP" > "$3/bin/pip"
chmod +x "$3/bin/python" "$3/bin/pip"
"""
INSTALLERS = ("python3", "pip", "npm", "apt-get", "dpkg")


def run_with(tmp_path: Path, find: Path, broken: str) -> subprocess.CompletedProcess[str]:
    """A find with installers that install nothing, one of which fails with 1."""
    for name in ("npm", "apt-get", "dpkg", "node"):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {int(name == broken)}\n")
        (tmp_path / name).chmod(0o755)
    python = "#!/bin/sh\nexit 1\n" if broken == "python3" else FAKE_ENVIRONMENT
    (tmp_path / "python3").write_text(python)
    (tmp_path / "python3").chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PIP": str(int(broken == "pip"))}
    return subprocess.run([find], env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("find", "broken"),
    [
        pytest.param(find, name, id=f"{find.stem}-{name}")
        for find in FINDS
        for name in INSTALLERS
        if re.search(rf"\b{name}\b", find.read_text("utf-8"))
    ],
)
def test_what_cannot_be_installed_is_not_a_change(find, broken, tmp_path):
    assert run_with(tmp_path, find, broken).returncode == 2


def test_another_output_is_a_change(tmp_path):
    find = ROOT / "findings" / "auth-results-comments.sh"
    done = run_with(tmp_path, find, "")
    assert (done.returncode, "changed; was:" in done.stderr) == (1, True)


def test_the_readme_lists_every_find():
    listed = re.findall(r"\]\(([\w-]+\.sh)\)", (ROOT / "findings" / "README.md").read_text("utf-8"))
    assert sorted(listed) == [find.name for find in FINDS]
