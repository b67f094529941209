"""Follows a page of docs/adding to the letter, in a copy of the tree.

A page's blocks are steps when their fence names what they are for: "```python PATH" is a new file, or the
end of one that is there; "```diff PATH" are lines to add behind or before the lines shown; "```sh"
are commands. Any other block only illustrates.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_FENCE = re.compile(r"^( *)```(\w+)(?: (\S+))?\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_NOT_COPIED = (
    ".git",
    ".venv",
    "var",
    ".*_cache",
    ".hypothesis",
    "screenshots",
    "mutants",
    "node_modules",
)
COMMAND_SECONDS = 300


class PageError(AssertionError):
    """A page cannot be followed; the message says at which step and why."""


@dataclass(frozen=True, slots=True)
class Step:
    """One block that a reader acts upon. `path` is empty for commands."""

    kind: str
    path: str
    body: str


def steps_of(text: str) -> Iterator[Step]:
    """What a page tells its reader to do, in its order."""
    for match in _FENCE.finditer(text):
        _, kind, path, body = match.groups()
        if path or kind == "sh":
            yield Step(kind, path or "", textwrap.dedent(body))


def unnamed_paths(text: str) -> list[str]:
    """Files of steps that the page's own words do not name: a rendered page hides fences' paths."""
    words = _FENCE.sub("", text)
    return [s.path for s in steps_of(text) if s.path and f"`{s.path}`" not in words]


def copy_tree(target: Path) -> Path:
    """The checkout without what is made in it. A copy that is there already is made like it again,
    and what was compiled in it stays: Python compiles anew what has another time or size."""
    wanted, present = dict(_files(ROOT, _NOT_COPIED)), dict(_files(target, ()))
    for path in present.keys() - wanted.keys():
        (target / path).unlink()
        with suppress(OSError):  # until a folder that still holds something
            for folder in path.parents:
                (target / folder).rmdir()
    for path, form in wanted.items():
        if present.get(path) != form:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, target / path)
    return target


def _files(root: Path, left_out: tuple[str, ...]) -> Iterator[tuple[Path, tuple[int, int]]]:
    """Every file below a folder with its size and time, but what Python compiled."""
    for folder, folders, names in os.walk(root):
        skipped = ("__pycache__", *left_out)
        folders[:] = [n for n in folders if not any(fnmatch(n, pattern) for pattern in skipped)]
        for path in (Path(folder, name) for name in names):
            if not any(fnmatch(path.name, pattern) for pattern in skipped):
                about = path.stat()
                yield path.relative_to(root), (about.st_size, about.st_mtime_ns)


def environment() -> dict[str, str]:
    """For commands in a copy: this environment's programs first, and what is compiled is kept."""
    programs = str(Path(sys.executable).parent)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JASNO_", "PYTEST_"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": ""}


def follow(text: str, tree: Path) -> tuple[set[str], set[str]]:
    """Carry out a page's steps in a tree; the files that a hand wrote, and those that commands alone
    did. Raises PageError."""
    by_hand, by_commands = set[str](), set[str]()
    for step in steps_of(text):
        if step.kind == "sh":
            before = contents(tree)
            run_commands(step.body, tree)
            after = contents(tree)
            by_commands |= {path for path in after if after[path] != before.get(path)}
            continue
        path = tree / step.path
        if step.kind == "diff":
            add_lines(path, step.body)
        else:
            add_text(path, step.body)
        by_hand.add(step.path)
    return by_hand, by_commands - by_hand


def contents(tree: Path) -> dict[str, bytes]:
    """A digest of every file of a tree, but what is made in it."""
    return {
        path.as_posix(): hashlib.sha256((tree / path).read_bytes()).digest()
        for path, _ in _files(tree, _NOT_COPIED)
    }


def add_text(path: Path, body: str) -> None:
    """A new file, or the end of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text("utf-8") if path.exists() else ""
    gap = {".py": "\n\n", ".po": "\n"}.get(path.suffix, "") if before else ""
    path.write_text(before + gap + body, "utf-8")


def add_lines(path: Path, body: str) -> None:
    """The block's "+" lines where its other lines stand, which must be one place. Raises PageError."""
    lines = body.splitlines(keepends=True)
    if not path.is_file() or any(line[0] not in " +-" for line in lines):
        raise PageError(f"{path}: not there, or a line that begins with neither space, + nor -")
    before = "".join(line[1:] for line in lines if line[0] != "+")
    after = "".join(line[1:] for line in lines if line[0] != "-")
    text = path.read_text("utf-8")
    if (places := text.count(before)) != 1:
        raise PageError(f"{path}: {places} places have these lines:\n{before}")
    path.write_text(text.replace(before, after), "utf-8")


def run_commands(body: str, tree: Path) -> None:
    """Each line in a shell, with this environment's programs first. Raises PageError."""
    for command in body.splitlines():
        done = subprocess.run(
            command, shell=True, cwd=tree, env=environment(), timeout=COMMAND_SECONDS,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise PageError(f"$ {command}\n{done.stdout[-6000:]}")
