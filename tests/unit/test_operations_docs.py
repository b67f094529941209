"""The commands that exist are the commands that docs name."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.main import parser, status_when_broken

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_command_stands_in_the_docs():
    pages = " ".join(p.read_text("utf-8") for p in (ROOT / "docs").rglob("*.md"))
    pages += (ROOT / "README.md").read_text("utf-8")
    commands = next(a for a in parser()._actions if a.choices and "run" in a.choices)
    missing = [c for c in commands.choices if f"app.py {c}" not in pages and f"`{c} " not in pages]
    assert missing == []


@pytest.mark.parametrize(
    ("words", "status"),
    [(["engine"], 70), (["vantage"], 70), (["vantage", "list"], 2), (["config", "check"], 2)],
)
def test_what_runs_on_is_started_again_when_it_breaks(words, status):
    assert status_when_broken(parser().parse_args(words)) == status
