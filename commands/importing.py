"""`app.py import gatus|uptime-kuma|statuspage|cstate FILE…`: another status page as our configuration or history.
Configuration goes to standard output, history into the database, and what could not be brought to
standard error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from commands import processes
from commands.import_files import SourceFile, read_file, read_site
from commands.kuma_database import opened_tables
from commands.loading import load_settings
from commands.processes import CannotRun
from commands.texts import Command
from context import context
from db.engine import DatabaseAway
from exit_status import FINE
from importers.configuration import ImportedConfiguration, to_toml
from importers.cstate import history as cstate_history
from importers.cstate import site as cstate
from importers.gatus import endpoints as gatus
from importers.history import HistoryTarget, ImportedHistory
from importers.source import ImportNote, UnreadableSource
from importers.statuspage import export as statuspage
from importers.statuspage import history as statuspage_history
from importers.uptime_days import uptime_days
from importers.uptime_kuma import history as uptime_kuma_history
from importers.uptime_kuma import monitors as uptime_kuma
from settings.choices import time_zone
from status.incidents.cli import BY
from status.model import Component
from status.publishing.data_files import default_language
from status.state.statements import PUBLISHED_HISTORY
from status.storage.history import HistoryCounts, HistoryStore, PastStatements
from web.site import Site
from wiring.rooms import build

Files = Sequence[SourceFile]
HistoryReader = Callable[[Files, HistoryTarget, bool], ImportedHistory]
"""The last says whether uptime is wanted, where the source measured it."""


def _kuma_history(files: Files, target: HistoryTarget, uptime: bool) -> ImportedHistory:  # noqa: FBT001
    """Raises CannotRun."""
    if len(files) != 1 or files[0].database is None:
        raise CannotRun("name one database (kuma.db): a backup holds no history")
    with opened_tables(files[0].database) as tables:
        return uptime_kuma_history.read_history(tables, target, uptime=uptime)


def _texts(files: Files) -> Mapping[str, str]:
    return {file.name: file.text for file in files}


@dataclass(frozen=True, slots=True)
class Source:
    """Another program: its name, and how its files are read; one folder, for some."""

    title: str
    configuration: Callable[[Mapping[str, str]], ImportedConfiguration]
    history: HistoryReader | None = None
    is_folder: bool = False


SOURCES = {
    "gatus": Source("Gatus", gatus.read),
    "uptime-kuma": Source("Uptime Kuma", uptime_kuma.read, _kuma_history),
    "statuspage": Source(
        "Statuspage",
        statuspage.read,
        lambda files, target, _: statuspage_history.read_history(_texts(files), target),
    ),
    "cstate": Source(
        "cState",
        cstate.read,
        lambda files, target, _: cstate_history.read_history(_texts(files), target),
        is_folder=True,
    ),
}


ALIASES = {"kuma": "uptime-kuma"}


def options(command: Command) -> None:
    """`import SOURCE FILE…`."""
    to = command("import", _import, "bring the configuration or history of another status page")
    to.add_argument("source", choices=(*SOURCES, *ALIASES), help="which program wrote it")
    to.add_argument("file", nargs="+", type=Path, help="what that program exported")
    to.add_argument("--history", action="store_true", help="bring its history, into the database")
    to.add_argument("--dry-run", action="store_true", help="say what would come, and write nothing")
    to.add_argument("--uptime", action="store_true", help="also bring uptime, as it was told")
    to.add_argument(
        "--zone", default="", help="the time zone of times that have none; else the site's"
    )
    to.add_argument(
        "--lang", default="", help="the language it is written in; else the site's first"
    )


def _import(args: argparse.Namespace) -> int:
    args.source = ALIASES.get(args.source, args.source)
    source = SOURCES[args.source]
    if not args.history and (args.dry_run or args.uptime or args.zone or args.lang):
        raise CannotRun("--dry-run, --uptime, --zone and --lang belong to --history")
    if source.is_folder and len(args.file) > 1:
        raise CannotRun("name one folder")
    files = (
        read_site(args.file[0])
        if source.is_folder
        else [read_file(path, args.source) for path in args.file]
    )
    try:
        return _history(args, source, files) if args.history else _configuration(source, files)
    except UnreadableSource as error:
        raise CannotRun(f"{_named(args.file, source, error.file)}: {error}") from None


def _named(paths: Sequence[Path], source: Source, file: str) -> str:
    """The file that cannot be read, or all of them."""
    if not file:
        return ", ".join(map(str, paths))
    return str(paths[0] / file) if source.is_folder else file


def _configuration(source: Source, files: Files) -> int:
    configuration = source.configuration(_texts(files))
    print(to_toml(configuration, source.title), end="")
    _print_leftovers(configuration.leftovers)
    counts = [f"probes brought: {len(configuration.probes)}"]
    if configuration.services:
        counts = [f"services brought: {len(configuration.services)}"]
    print("; ".join([*counts, f"to look at: {len(configuration.leftovers)}"]), file=sys.stderr)
    return FINE


def _history(args: argparse.Namespace, source: Source, files: Files) -> int:
    """Raises SettingsError, DatabaseAway."""
    if source.history is None:
        raise CannotRun(f"{source.title} has no history that could be brought (docs/importing.md)")
    loaded = load_settings(args)
    status, site = (rooms := build(context(loaded))).status, rooms.ctx.site
    if args.lang and args.lang not in site.languages:
        raise CannotRun(f"--lang: the site speaks {', '.join(site.languages)}")
    now = rooms.ctx.clock.now()
    history = source.history(files, _target(args, status.components, site, now), args.uptime)
    past = PastStatements(history.incidents, history.maintenances, history.former)
    if args.uptime:
        past = replace(past, days=uptime_days(history, status.components, now))
    _print_leftovers(history.leftovers)
    if args.dry_run:
        _print_counts(history, _comparison(status.history, past), "would be new")
        return FINE
    processes.prepare_database(loaded)
    _print_counts(history, counts := status.history.write(past, BY, args.source), "new")
    if any((past.days or {}).values()) and counts.incidents and not counts.days:
        print("its days are there already: what is new changes no uptime of them", file=sys.stderr)
    if counts.days:
        print("restart the engine: bars show the days from its next start on", file=sys.stderr)
    old = [
        i for i in history.incidents if i.resolved_at and now - i.resolved_at > PUBLISHED_HISTORY
    ]
    if old:
        print(f"older than a year, kept and not published: {len(old)}", file=sys.stderr)
    return FINE


def _target(
    args: argparse.Namespace, components: tuple[Component, ...], site: Site, now: datetime
) -> HistoryTarget:
    usual = default_language(site)
    return HistoryTarget(
        components,
        (usual, *(lang for lang in site.languages if lang != usual)),
        time_zone(site.time_zone, "[site] time_zone"),
        now,
        args.lang,
        time_zone(args.zone, "--zone") if args.zone else None,
    )


def _comparison(store: HistoryStore, past: PastStatements) -> HistoryCounts:
    try:
        return store.compare(past)
    except DatabaseAway as away:  # before the first start there is none
        print(f"{away}; counted as if it were empty", file=sys.stderr)
        updates = sum(len(i.updates) for i in past.incidents)
        days = sum(map(len, (past.days or {}).values()))
        return HistoryCounts(len(past.incidents), updates, len(past.maintenances), days)


def _print_counts(history: ImportedHistory, counts: HistoryCounts, word: str) -> None:
    for incident in history.incidents:
        if incident.id in counts.unlike:
            title = next(iter(incident.title.values()))
            note = "has fewer entries here than there, and stays so"
            print(ImportNote(f"{incident.id}, {title}", note), file=sys.stderr)
    incidents = (
        f"{counts.incidents} {word}, {len(history.incidents) - counts.incidents} there already"
    )
    work = len(history.maintenances) - counts.maintenances
    print(f"incidents: {incidents}; their updates: {counts.updates} {word}")
    print(f"maintenance: {counts.maintenances} {word}, {work} there already")
    print(f"days of uptime: {counts.days} {word}")
    if not counts.is_anything_new:
        print("nothing was new, nothing was written")
    print(f"to look at: {len(history.leftovers)}", file=sys.stderr)


def _print_leftovers(leftovers: Sequence[ImportNote]) -> None:
    for leftover in leftovers:
        print(leftover, file=sys.stderr)
