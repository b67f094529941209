"""All commands of the terminal with their options and help, as they were last agreed to.

`python -m tests.command_values` writes them to tests/cases/command_values/, a line for each argument. The
difference in git is what operators and their scripts will find otherwise than before: read it, then
commit it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from commands.main import parser
from tests.agreed_lines import CASES, line_of, write

FOLDER = CASES / "command_values"
_ATTRIBUTES = ("dest", "nargs", "default", "required", "metavar", "help")


def lines(of: argparse.ArgumentParser | None = None, name: str = "app.py") -> Iterator[str]:
    """A line for each argument of a command, then those of the commands below it."""
    of = of or parser()
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help for choice in action._choices_actions}
            yield line_of(name, {"commands": helps, "dest": action.dest})
            for below, inner in action.choices.items():
                yield from lines(inner, f"{name} {below}")
        else:
            values = {key: getattr(action, key) for key in _ATTRIBUTES}
            kinds = {"type": getattr(action.type, "__name__", ""), "act": type(action).__name__}
            choices = [str(choice) for choice in action.choices or ()]
            plain = {key: str(value) for key, value in values.items() if value not in (None, False)}
            options = list(action.option_strings)
            yield line_of(name, {"options": options, **plain, **kinds, "choices": choices})


if __name__ == "__main__":
    write(FOLDER, {"commands": lines()})
