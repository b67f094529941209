"""`app.py backup FILE`, `restore FILE`: all data in one file, and back into an empty place."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from clock import SystemClock
from commands.loading import load_settings
from commands.processes import CannotRun
from context import context
from db import backup as keep
from db.engine import Database, connect, sqlite_path
from db.schema_status import SchemaStatus, mark, schema_status
from exit_status import FINE
from render.message_format import terminal_moment
from settings import LoadedSettings, restore_secret_key, secret_key

Command = Callable[[str, object, str], argparse.ArgumentParser]


def options(command: Command) -> None:
    """Put the commands on the parser."""
    backup_parser = command("backup", backup, "write all data to one file, while everything runs")
    restore_parser = command(
        "restore", restore, "read a backup into an empty data folder or database"
    )
    backup_parser.add_argument("file", type=Path, help="a new file")
    restore_parser.add_argument("file", type=Path, help="what `backup` wrote")


def backup(args: argparse.Namespace) -> int:
    """Write the file. Raises CannotRun, DatabaseAway."""
    loaded = load_settings(args)
    db = context(loaded).db
    if (status := schema_status(db)) not in (SchemaStatus.CURRENT, SchemaStatus.BEHIND):
        raise CannotRun(f"there is nothing that could be saved: the database's tables are {status}")
    key = "" if loaded.settings.secret_key else secret_key(loaded).decode("ascii")
    try:
        rows = keep.save(db, args.file, key)
    except FileExistsError:
        raise CannotRun(f"{args.file} is there already; give a name that is free") from None
    except OSError as error:
        raise CannotRun(f"{args.file} cannot be written: {error.strerror}") from error
    print(f"{rows} rows in {args.file} ({args.file.stat().st_size} bytes)")
    return FINE


def restore(args: argparse.Namespace) -> int:
    """Read the file. Raises CannotRun, DatabaseAway."""
    loaded = load_settings(args)
    url = loaded.database_url
    path = sqlite_path(url)
    try:
        if path is None:
            head, rows = restore_into(context(loaded).db, args.file)
        else:
            head, rows = restore_into_new_file(path, args.file)
        write_secret_key(loaded, head.key)
        mark(loaded.var, SystemClock())
    except keep.UnusableBackup as error:
        raise CannotRun(str(error)) from error
    except OSError as error:
        where = error.filename or args.file
        raise CannotRun(f"{where} cannot be used: {error.strerror or error}") from error
    print(
        f"{rows} rows of {terminal_moment(head.made_at, loaded.settings.site.time_zone)} are back"
    )
    if not head.key and not loaded.settings.secret_key:
        print("set secret_key to what it was: links in letters need it", file=sys.stderr)
    return FINE


def restore_into(db: Database, file: Path) -> tuple[keep.TableHeader, int]:
    if keep.living(db):
        raise CannotRun("there is data in this database already; restore into an empty one")
    return keep.restore(db, file)


def restore_into_new_file(path: Path, file: Path) -> tuple[keep.TableHeader, int]:
    """Into a new SQLite file that takes its place only when it is whole."""
    if path.exists():
        raise CannotRun(f"there is a database already; move {path} away first")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.restoring")
    remove_database_file(part)
    db = connect(f"sqlite:///{part}", clock=SystemClock())
    try:
        keep.private(part).close()
        head, rows = keep.restore(db, file)
        with db.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        part.replace(path)
    finally:
        db.close()
        remove_database_file(part)
    return head, rows


def remove_database_file(part: Path) -> None:
    for name in (part, *(part.with_name(part.name + end) for end in ("-wal", "-shm"))):
        name.unlink(missing_ok=True)


def write_secret_key(loaded: LoadedSettings, key: str) -> None:
    """What signs links, unless the settings hold it."""
    if not key or loaded.settings.secret_key:
        return
    if not restore_secret_key(loaded, key):
        print("the backup's secret_key is too short; the start makes a new one", file=sys.stderr)
