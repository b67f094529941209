"""How a database's tables relate to this version, and making them at a first start.

After the first start a missing database stays missing: silently starting afresh would hide a
loss. A marker beside it (`var/installed`) remembers that there was one. Alembic itself is loaded
only when there is something to do, because loading it costs a third of a second at every start.
"""

from __future__ import annotations

import fcntl
import importlib
from enum import StrEnum
from pathlib import Path
from typing import Protocol, cast

from sqlalchemy import inspect, text

from clock import Clock
from db.engine import Database, DatabaseAway, connect, sqlite_path
from db.row_repairs import QuarantinedRow

VERSIONS = Path(__file__).resolve().parent / "migrations" / "versions"
# The numbers that the migrations' files begin with, oldest first.
REVISIONS = tuple(sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py")))
MARKER = "installed"


class SchemaStatus(StrEnum):
    """How a database's tables relate to this version."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    AHEAD = "ahead"  # made by a newer version


class _Migrate(Protocol):
    def upgrade(self, db: Database, to: str = "head") -> tuple[QuarantinedRow, ...]: ...


def schema_status(db: Database) -> SchemaStatus:
    """How the tables relate to this version. Raises DatabaseAway."""
    with db.read() as conn:
        if not inspect(conn).has_table("alembic_version"):
            return SchemaStatus.EMPTY
        revision = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is None:
        return SchemaStatus.EMPTY
    if revision not in REVISIONS:
        return SchemaStatus.AHEAD
    return SchemaStatus.CURRENT if revision == REVISIONS[-1] else SchemaStatus.BEHIND


def upgrade(db: Database, to: str = "head") -> tuple[QuarantinedRow, ...]:
    """Bring the tables to this version (or to a revision); see db.migrate.upgrade."""
    return cast("_Migrate", importlib.import_module("db.migrate")).upgrade(db, to)


def first_start(url: str, var: Path, clock: Clock) -> bool:
    """Make the database if this data folder never had one; True when it did so.

    Raises DatabaseAway, or OSError when the folder cannot be written.
    """
    marker = var / MARKER
    if marker.exists():
        return False
    var.mkdir(parents=True, exist_ok=True)
    with (var / f".{MARKER}").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)  # two first starts at once make one database
        if marker.exists():
            return False
        fresh = _created_if_empty(url, clock)
        mark(var, clock)
        return fresh


def _created_if_empty(url: str, clock: Clock) -> bool:
    path = sqlite_path(url)
    fresh = path is not None and not path.exists()
    db = connect(url, clock=clock)
    try:
        if fresh or schema_status(db) is SchemaStatus.EMPTY:
            upgrade(db)
            return True
    finally:
        db.close()
    return False


def mark(var: Path, clock: Clock) -> None:
    """Remember that this data folder has had a database. Raises OSError."""
    var.mkdir(parents=True, exist_ok=True)
    if not (var / MARKER).exists():
        (var / MARKER).write_text(f"{clock.now():%Y-%m-%dT%H:%M:%SZ}\n")


def schema_message(db: Database) -> str:
    """ "" or what is wrong with the database, for /readyz."""
    try:
        status = schema_status(db)
    except DatabaseAway as away:
        return str(away)
    return (
        "" if status is SchemaStatus.CURRENT else f"its tables are {status}; run: app.py db upgrade"
    )
