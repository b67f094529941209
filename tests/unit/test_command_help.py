"""`--help` reads as one book: every command and argument says what it is, in words a person types."""

from __future__ import annotations

import argparse

import pytest

from commands.main import parser


def commands(of, name="app.py"):
    """Every command below a parser, by what is typed."""
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below, inner in action.choices.items():
                yield f"{name} {below}", inner
                yield from commands(inner, f"{name} {below}")


COMMANDS = dict(commands(parser()))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_argument_says_what_it_is(name) -> None:
    command = COMMANDS[name]
    assert command.description
    below = [a for a in command._actions if isinstance(a, argparse._SubParsersAction)]
    arguments = [a for a in command._actions if a not in below and a.help != argparse.SUPPRESS]
    assert [a.dest for a in arguments if not a.help] == []
    assert below or "--config FILE" in command.format_help()
    assert "{," not in command.format_usage(), "an option that is not given is no choice of it"


def test_what_is_lacking_is_named_as_the_usage_names_it(capsys) -> None:
    for typed, lacking in ((["incident"], "COMMAND"), (["incident", "show"], "ID"), (["config"], "{check,reference}")):  # fmt: skip
        with pytest.raises(SystemExit):
            parser().parse_args(typed)
        assert f"the following arguments are required: {lacking}\n" in capsys.readouterr().err
