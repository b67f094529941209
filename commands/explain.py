"""`explain`: what a pasted bounce or error message means. Needs no configuration and no database."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from explain.cli import explain_file
from render.languages import DEFAULT, NAMES


def options(command: Callable[[str, object, str], argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = command("explain", _explain, "a pasted bounce, SMTP line, web or database error")
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="else standard input")
    parser.add_argument("--lang", default=DEFAULT, choices=tuple(NAMES))
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")


def _explain(args: argparse.Namespace) -> int:
    return explain_file(args.file, as_json=args.json, lang=args.lang)
