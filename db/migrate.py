"""Making and upgrading databases: an operator's act, or a first start's. Nobody else's.

After the first start a missing database stays missing: silently starting afresh would hide a
loss. A marker beside it (`var/installed`) remembers that there was one.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from clock import Clock
from db.engine import Database, connect, sqlite_path

FOLDER = Path(__file__).resolve().parent / "migrations"
MARKER = "installed"


class Standing(StrEnum):
    """How a database's tables relate to this version."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    AHEAD = "ahead"  # made by a newer version


def _config(conn: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


def head() -> str:
    """The newest revision this version knows."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def standing(db: Database) -> Standing:
    """How the tables relate to this version. Raises DatabaseAway."""
    with db.read() as conn:
        found = MigrationContext.configure(conn).get_current_revision()
    if found is None:
        return Standing.EMPTY
    known = {s.revision for s in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found not in known:
        return Standing.AHEAD
    return Standing.CURRENT if found == head() else Standing.BEHIND


def upgrade(db: Database) -> str:
    """Bring the tables to this version, making a SQLite file if there is none; all or nothing.

    Says the revision it stands at now. Raises DatabaseAway; OSError when no file can be made.
    """
    path = sqlite_path(db.engine.url.render_as_string(hide_password=False))
    if path is not None and not path.exists():
        _touch(path)
    with db.write() as conn:
        command.upgrade(_config(conn), "head")
    return head()


def _touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def first_start(url: str, var: Path, clock: Clock) -> bool:
    """Make the database if this data folder never had one; True when it did so.

    Raises DatabaseAway, or OSError when the folder cannot be written.
    """
    marker = var / MARKER
    if marker.exists():
        return False
    path = sqlite_path(url)
    fresh = path is not None and not path.exists()
    db = connect(url, clock=clock)
    try:
        if fresh or standing(db) is Standing.EMPTY:
            upgrade(db)
            fresh = True
    finally:
        db.close()
    var.mkdir(parents=True, exist_ok=True)
    marker.write_text(f"{clock.now():%Y-%m-%dT%H:%M:%SZ}\n")
    return fresh
