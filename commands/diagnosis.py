"""`app.py judge|registration|registries|spf|instructions|explain`: single questions, and what a check asks, in a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import wizard.cli
import wizard.spf.cli
from commands.loading import load_rooms, zone_of, zone_option
from commands.processes import CannotRun
from context import REGISTRIES
from diagnostics.symptoms import INSTRUCTIONS, RECORDS_ANSWER
from exit_status import FINE
from explain.cli import explain_file
from observe.registry.bootstrap import BootstrapRefresh, RefreshFailed
from render.languages import DEFAULT, NAMES
from render.message_format import terminal_moment
from wizard.reports.saved import MAX_SIZE
from wizard.runs.start import MAX_ANSWER

Command = Callable[[str, object, str], argparse.ArgumentParser]


def options(command: Command) -> None:
    """Add the commands."""
    judge = command("judge", _judge, "judge saved evidence again, offline")
    judge.add_argument(
        "file", metavar="FILE", help="what `diagnose --json` wrote, or - for standard input"
    )
    registration = command("registration", _registration, "show what the registry says of a domain")
    registration.add_argument("domain")
    for command_parser in (judge, registration):
        command_parser.add_argument("--lang", default=DEFAULT, choices=tuple(NAMES))
    registries = command(
        "registries", _registries, "show how old IANA's list of registries is, or fetch it"
    )
    registries.add_argument("--refresh", action="store_true", help="fetch it from IANA now")
    spf = command("spf", _spf, "tell whether a server may send mail for a sender")
    for name in ("ip", "sender", "helo"):
        spf.add_argument(name)
    instructions = command(
        "instructions", _instructions, "compare records another provider wants set"
    )
    instructions.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="the instructions; else standard input"
    )
    instructions.add_argument(
        "--domain", required=True, metavar="DOMAIN", help="whose records they are"
    )
    instructions.add_argument("--lang", default=DEFAULT, choices=tuple(NAMES))
    explained = command(
        "explain", _explain, "explain a pasted bounce, SMTP line, web or database error"
    )
    explained.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="the text; else standard input"
    )
    explained.add_argument("--lang", default=DEFAULT, choices=tuple(NAMES))
    for command_parser in (judge, instructions, registries):
        zone_option(command_parser)
    for command_parser in (judge, registration, spf, instructions, explained):
        command_parser.add_argument("--json", action="store_true")


def _judge(args: argparse.Namespace) -> int:
    rooms = load_rooms(args)
    return wizard.cli.judge_file(
        _content(args.file),
        rooms.wizard.evaluator,
        lang=args.lang,
        zone=zone_of(args, rooms),
        as_json=args.json,
        articles=rooms.kb.articles_for,
    )


def _content(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(MAX_SIZE + 1)
    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_SIZE + 1)
    except OSError as error:
        raise CannotRun(f"{name} cannot be read: {error.strerror}") from error


def _registration(args: argparse.Namespace) -> int:
    network = load_rooms(args).ctx.network
    return wizard.cli.registration(args.domain, network, lang=args.lang, as_json=args.json)


def _registries(args: argparse.Namespace) -> int:
    rooms = load_rooms(args)
    table = rooms.ctx.network.registries.table()
    if args.refresh:
        try:
            table = BootstrapRefresh(rooms.ctx.network, rooms.ctx.var / REGISTRIES).refresh()
        except RefreshFailed as failed:
            raise CannotRun(f"the list of registries was not refreshed: {failed}") from failed
    published, zone = table.published, zone_of(args, rooms)
    since = terminal_moment(published, zone) if published else "with this version"
    print(f"{len(table.rdap)} endings from IANA, published {since}; {len(table.extra)} of our own")
    return FINE


def _spf(args: argparse.Namespace) -> int:
    network = load_rooms(args).ctx.network
    return wizard.spf.cli.spf(args.ip, args.sender, args.helo, network, as_json=args.json)


def _instructions(args: argparse.Namespace) -> int:
    rooms = load_rooms(args)
    text = _content(args.file).decode("utf-8", "replace")
    if len(text) > MAX_ANSWER:
        raise CannotRun(f"the instructions are longer than the {MAX_ANSWER} characters we read")
    return wizard.cli.diagnose(
        args.domain,
        rooms.wizard.sources(),
        rooms.wizard.evaluator,
        symptom=INSTRUCTIONS,
        lang=args.lang,
        zone=zone_of(args, rooms),
        as_json=args.json,
        articles=rooms.kb.articles_for,
        answers={RECORDS_ANSWER: text},
    )


def _explain(args: argparse.Namespace) -> int:
    return explain_file(args.file, as_json=args.json, lang=args.lang)  # needs no configuration
