"""`judge`, `registration`, `registries`, `spf` and `instructions`: single questions."""

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
from observe.registry.bootstrap import BootstrapRefresh, RefreshFailed
from render.languages import DEFAULT, NAMES
from render.message_format import terminal_moment
from wizard.reports.saved import MAX_SIZE
from wizard.runs.start import MAX_ANSWER

Command = Callable[[str, object, str], argparse.ArgumentParser]


def options(command: Command) -> None:
    """Add the four commands."""
    judge = command("judge", _judge, "judge saved evidence again, offline")
    judge.add_argument("file", metavar="FILE", help="what diagnose --json wrote, or - for stdin")
    registration = command("registration", _registration, "what the registry says of a domain")
    registration.add_argument("domain", metavar="DOMAIN")
    for command_parser in (judge, registration):
        command_parser.add_argument("--lang", default=DEFAULT, choices=tuple(NAMES))
    registries = command(
        "registries", _registries, "IANA's list of registries: which, how old, anew"
    )
    registries.add_argument("--refresh", action="store_true", help="fetch it from IANA now")
    spf = command("spf", _spf, "would this server be allowed to send mail for this sender")
    for name in ("ip", "sender", "helo"):
        spf.add_argument(name, metavar=name.upper())
    instructions = command(
        "instructions", _instructions, "compare records another provider wants set"
    )
    instructions.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="else standard input"
    )
    instructions.add_argument(
        "--domain", required=True, metavar="DOMAIN", help="whose records they are"
    )
    instructions.add_argument("--lang", default=DEFAULT, choices=tuple(NAMES))
    for command_parser in (judge, instructions, registries):
        zone_option(command_parser)
    for command_parser in (judge, registration, spf, instructions):
        command_parser.add_argument(
            "--json", action="store_true", help="one JSON document on standard output"
        )


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
        raise CannotRun(f"cannot read {name}: {error.strerror}") from error


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
