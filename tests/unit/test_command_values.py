"""The terminal offers what was agreed to: each command, option, default and word of help."""

from __future__ import annotations

from tests.command_values import FOLDER, lines


def test_commands_and_options_are_those_agreed_to() -> None:
    agreed = (FOLDER / "commands.jsonl").read_text("utf-8").splitlines()
    assert list(lines()) == agreed, "agreed? python -m tests.command_values"
