"""`--help`: descriptions and placeholders of arguments that many commands share."""

# ruff: noqa: SLF001, argparse shows its commands and arguments in no other way

from __future__ import annotations

import argparse
from collections.abc import Iterator

CONFIG = "the configuration; else JASNO_CONFIG names it, else jasno.toml"
_WORDS = {  # by destination; an argument that says something of its own keeps it
    "account": "the id of a hosting account",
    "articles": "a folder of articles, instead of ours and the configured ones",
    "component": "the id of a component in the configuration",
    "condition": "what readers see",
    "csv": "a table of comma-separated values",
    "dir": "a folder",
    "domain": "a domain",
    "email": "the address they sign in with",
    "ends_at": "when it ends, such as 2026-03-01T18:00",
    "file": "a file",
    "helo": "the name that the server calls itself",
    "id": "an id, as `list` shows it",
    "ip": "the address of the server",
    "json": "one JSON document on standard output",
    "lang": "the language of what is printed",
    "name": "a name",
    "on": "a service, by its id in the configuration; again for each further one",
    "query": "what to look for",
    "role": "what it may do",
    "sender": "the address or domain that the mail comes from",
    "staff": "what they may do as staff; customers without it",
    "starts_at": "when it begins, such as 2026-03-01T16:00",
    "state": "where it stands",
    "text": "what readers should know; again for each further language",
    "title": "the headline; again for each further language",
    "zone": "the time zone of given and printed times; else the site's",
}


def complete_help(root: argparse.ArgumentParser) -> None:
    """Give every command the words and names that it has not been given, and those below others
    `--config`."""
    for subcommands, depth in _subcommands(root):
        words = {choice.dest: choice.help for choice in subcommands._choices_actions}
        for name, command in subcommands.choices.items():
            command.description = command.description or words[name]
            if depth:
                command.add_argument(
                    "--config", default=argparse.SUPPRESS, metavar="FILE", help=CONFIG
                )
            for argument in command._actions:
                _complete(argument)


def _subcommands(
    parser: argparse.ArgumentParser, depth: int = 0
) -> Iterator[tuple[argparse._SubParsersAction[argparse.ArgumentParser], int]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield action, depth
            for command in action.choices.values():
                yield from _subcommands(command, depth + 1)


def _complete(argument: argparse.Action) -> None:
    if isinstance(argument, argparse._SubParsersAction):
        argument.metavar = "COMMAND"
        return
    argument.help = argument.help or _WORDS.get(argument.dest)
    if argument.metavar is not None:
        return
    if argument.choices is not None:  # "" stands for an option that was not given
        argument.metavar = f"{{{','.join(str(choice) for choice in argument.choices if choice)}}}"
    elif argument.nargs != 0:
        argument.metavar = argument.dest.upper()
