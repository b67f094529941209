"""What is installed is what was locked, and a lock that no longer fits is told without a network."""

from __future__ import annotations

import re
import shutil

import pytest

from deploy.lock import LOCKS, ROOT, writes_alike
from deploy.lock_check import pins, required, troubles

FILES = {name for lock in LOCKS for name in (lock.name, lock.source)}


@pytest.fixture
def tree(tmp_path):
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_locks_of_this_tree_fit():
    assert troubles(ROOT) == []


def test_every_requirement_is_read_and_locked():
    required_names = {r.name for lock in LOCKS for _, r in required(ROOT, lock.source)}
    assert {"flask", "urllib3", "apprise", "psycopg", "atheris", "mypy"} <= required_names
    run = pins((ROOT / "requirements.lock").read_text("utf-8"))
    dev = pins((ROOT / "requirements-dev.lock").read_text("utf-8"))
    assert {"flask", "werkzeug", "psycopg-binary"} <= set(run) <= set(dev)
    assert "apprise" not in run


def test_every_pin_has_hashes():
    """A pin that the reader of locks does not know would be one that nobody checks."""
    for lock in LOCKS:
        text = (ROOT / lock.name).read_text("utf-8")
        lines = [line for line in text.splitlines() if "==" in line and line[0].isalnum()]
        assert len(lines) == sum(len(v) for v in pins(text).values())


def test_line_endings_are_no_change(tree):
    for name in FILES:
        (tree / name).write_bytes((ROOT / name).read_bytes().replace(b"\n", b"\r\n"))
    assert troubles(tree) == []


def test_a_changed_requirement_is_told(tree):
    edit(tree / "requirements.txt", "flask>=3.1,<4", "flask>=4,<5")
    messages = "\n".join(troubles(tree))
    assert (
        "requirements.txt has changed since requirements.lock was made: run `make lock`" in messages
    )
    assert "requirements.txt has changed since requirements-dev.lock was made" in messages
    assert "requirements.lock has flask 3." in messages


def test_a_new_requirement_is_told(tree):
    with (tree / "requirements-apprise.txt").open("a", encoding="utf-8") as file:
        file.write("gntp>=1,<2\n")
    assert "requirements-apprise.lock lacks gntp of requirements-apprise.txt" in " ".join(
        troubles(tree)
    )


def test_a_missing_package_is_told(tree):
    path = tree / "requirements.lock"
    text = path.read_text("utf-8")
    start = text.index("\nurllib3==")
    path.write_text(text[:start] + text[text.index("\nuvloop==") :], "utf-8")
    assert troubles(tree) == [
        "requirements.lock was edited by hand: run `make lock`",
        "requirements.lock lacks urllib3 of requirements.txt: run `make lock`",
    ]


def test_a_version_changed_by_hand_is_told(tree):
    version = next(iter(pins((tree / "requirements.lock").read_text("utf-8"))["nh3"]))
    edit(tree / "requirements.lock", f"nh3=={version}", "nh3==0.3.0")
    assert troubles(tree) == [
        "requirements.lock was edited by hand: run `make lock`",
        "requirements-dev.lock and requirements.lock have different versions of nh3: run `make lock`",
    ]


def test_a_changed_hash_and_an_address_are_told(tree):
    path = tree / "requirements-dev.lock"
    with path.open("a", encoding="utf-8") as file:
        file.write("--extra-index-url https://packages.example/simple\n")
    assert troubles(tree) == [
        "requirements-dev.lock was edited by hand: run `make lock`",
        "requirements-dev.lock holds an address or an option of an installer: run `make lock`",
    ]
    shutil.copy(ROOT / path.name, path)
    edit(path, "--hash=sha256:", "--hash=sha256:0")
    assert "requirements-dev.lock was edited by hand: run `make lock`" in troubles(tree)


def test_a_missing_lock_is_told(tree):
    (tree / "requirements-apprise.lock").unlink()
    assert troubles(tree) == ["requirements-apprise.lock is missing: run `make lock`"]


def test_a_requirement_without_an_upper_bound_is_told(tree):
    edit(tree / "requirements.txt", "nh3>=0.2.21,<1", "nh3>=0.2.21")
    assert "requirements.txt: nh3 has no upper bound" in troubles(tree)


def test_the_doors_install_from_the_locks():
    """`make run` and `make test` ask for hashes and name no requirement file."""
    text = (ROOT / "Makefile").read_text("utf-8")
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert installs
    assert all(line.count("--require-hashes") == line.count("pip install") for line in installs)
    assert "requirements.txt" not in text
    assert "requirements-dev.txt" not in text


def test_the_reasons_name_files_that_are_there():
    """docs/dependencies.md says of each hand-written part why it stays: of the part as it is."""
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py)?)`", page))
    assert len(named) > 50
    assert not [name for name in named if not (ROOT / name).exists()]
    stated = {
        name: int(lines) for name, lines in re.findall(r"`([a-z_/]+\.py)`, (\d+) lines", page)
    }
    assert len(stated) > 15
    counts = {name: len((ROOT / name).read_text("utf-8").splitlines()) for name in stated}
    assert {n: (stated[n], c) for n, c in counts.items() if abs(c - stated[n]) > 10 + c / 5} == {}


@pytest.mark.parametrize(
    ("version", "alike"),
    [("uv 0.9.5 (d5f39331a 2025-10-21)\n", True), ("uv 0.10.0", True), ("uv 0.4.30 (x)", False),
     ("uv 1.0.0", False), ("uv 0.2", False), ("", False), ("pip 24.0", False)],
)  # fmt: skip
def test_an_old_uv_of_somebody_writes_no_lock(version, alike):
    assert writes_alike(version) is alike
