"""`app.py import gatus|uptime-kuma FILE…`: another status page's configuration as ours, on standard
output, and on standard error what could not be brought."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from commands.processes import CannotRun
from commands.texts import Command
from importers import gatus, uptime_kuma
from importers.configuration import UnreadableSource, to_toml

MAX_BYTES = 20_000_000
SQLITE = b"SQLite format 3\0"
SOURCES = {"gatus": ("Gatus", gatus.read), "uptime-kuma": ("Uptime Kuma", uptime_kuma.read)}


def options(command: Command) -> None:
    """`import SOURCE FILE…`."""
    to = command("import", _import, "bring the configuration of another status page")
    to.add_argument("source", choices=tuple(SOURCES), help="whose it is")
    to.add_argument("file", nargs="+", type=Path, metavar="FILE")


def _import(args: argparse.Namespace) -> int:
    title, read = SOURCES[args.source]
    texts = [_text(path, args.source) for path in args.file]
    try:
        configuration = read(texts)
    except UnreadableSource as error:
        raise CannotRun(f"{', '.join(map(str, args.file))}: {error}") from None
    print(to_toml(configuration, title), end="")
    for leftover in configuration.leftovers:
        print(leftover, file=sys.stderr)
    brought, left = len(configuration.probes), len(configuration.leftovers)
    print(f"probes brought: {brought}; to look at: {left}", file=sys.stderr)
    return 0


def _database(path: Path) -> str:
    """The monitors of an Uptime Kuma's own database, which is only read."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            answer = database.execute("SELECT * FROM monitor ORDER BY id")
            columns = [column[0] for column in answer.description]
            rows = [dict(zip(columns, row, strict=True)) for row in answer]
    except sqlite3.Error as error:
        raise CannotRun(f"{path}: {error}") from None
    return uptime_kuma.backup_of(rows)


def _text(path: Path, whose: str) -> str:
    try:
        with path.open("rb") as source:
            if whose == "uptime-kuma" and source.read(len(SQLITE)) == SQLITE:
                return _database(path)
            source.seek(0)
            content = source.read(MAX_BYTES + 1)
    except OSError as error:
        raise CannotRun(f"{path}: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise CannotRun(f"{path} is longer than {MAX_BYTES // 1_000_000} MB")
    return content.decode("utf-8-sig", "replace")
