"""Writes the locks: `make lock`. Each names every package with its version and hashes.

Owns the list of locks and their form. Needs nothing but Python: uv resolves, from the path
where that one is of our version, else from a folder of its own that is thrown away. Whether the locks fit is asked in `deploy/lock_check.py`.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV_FROM, UV_BELOW = (0, 9), (1, 0)  # versions of uv that write locks alike
UV = f"uv>={UV_FROM[0]}.{UV_FROM[1]},<{UV_BELOW[0]}.{UV_BELOW[1]}"
OLDEST = "3.11"
FIRST = "# Made by `make lock`; do not edit. Install with: pip install --require-hashes -r {name}"


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock, the file it is made from, and the locks whose versions it shares."""

    name: str
    source: str
    shares: tuple[str, ...] = ()


LOCKS = (
    Lock("requirements.lock", "requirements.txt"),
    Lock("requirements-apprise.lock", "requirements-apprise.txt", ("requirements.lock",)),
    Lock(
        "requirements-dev.lock",
        "requirements-dev.txt",
        ("requirements.lock", "requirements-apprise.lock"),
    ),
)


def digest(text: str) -> str:
    """The SHA-256 of a text, however its lines end."""
    return hashlib.sha256("\n".join(text.splitlines()).encode()).hexdigest()


def sources(root: Path, name: str) -> list[str]:
    """A requirement file and those it includes with `-r`, each once."""
    files = [name]
    for line in (root / name).read_text("utf-8").splitlines():
        if line.startswith("-r "):
            files += sources(root, line.removeprefix("-r ").strip())
    return list(dict.fromkeys(files))


def header(root: Path, lock: Lock, body: str) -> str:
    """What a lock was made from, so that a change of either side shows without a network."""
    rows = [FIRST.format(name=lock.name)]
    rows += [
        f"# from {name} sha256:{digest((root / name).read_text('utf-8'))}"
        for name in sources(root, lock.source)
    ]
    return "\n".join([*rows, f"# body sha256:{digest(body)}", ""])


def parts(text: str) -> tuple[str, str]:
    """The header of a lock and its body."""
    lines = text.splitlines(keepends=True)
    head = [n for n, line in enumerate(lines) if line.startswith("# body ")]
    cut = head[0] + 1 if head else 0
    return "".join(lines[:cut]), "".join(lines[cut:])


def write(root: Path, *, upgrade: bool) -> None:
    """Make every lock anew: as little changes as must, or with `upgrade` the newest of all."""
    with tempfile.TemporaryDirectory() as folder:
        uv = _uv(Path(folder))
        for lock in LOCKS:
            _resolve(uv, root, lock, upgrade=upgrade)
            body = parts((root / lock.name).read_text("utf-8"))[1]
            (root / lock.name).write_text(header(root, lock, body) + body, "utf-8")


def _uv(folder: Path) -> str:
    if (program := shutil.which("uv")) and writes_alike(_output(program, "--version")):
        return program
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q"]
    subprocess.run([*pip, "--disable-pip-version-check", UV], check=True)
    return str(folder / "bin" / "uv")


def _output(*command: str) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def writes_alike(version: str) -> bool:
    """Whether the uv that says this of itself ("uv 0.9.5 (…)") writes the locks as they are."""
    match = re.match(r"uv (\d+)\.(\d+)", version)
    return match is not None and UV_FROM <= (int(match[1]), int(match[2])) < UV_BELOW


def _resolve(uv: str, root: Path, lock: Lock, *, upgrade: bool) -> None:
    command = [uv, "pip", "compile", "-q", "--universal", "--python-version", OLDEST]
    command += ["--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
    command += [f"--constraint={shared}" for shared in lock.shares]
    command += ["--upgrade"] if upgrade else []
    subprocess.run([*command, lock.source, "-o", lock.name], check=True, cwd=root)


if __name__ == "__main__":
    write(ROOT, upgrade="--upgrade" in sys.argv[1:])
