"""Making and upgrading tables with Alembic: an operator's act, or a first start's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from db.engine import Database, sqlite_path
from db.row_repairs import QuarantinedRow, report

FOLDER = Path(__file__).resolve().parent / "migrations"


def _config(conn: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


def upgrade(db: Database, to: str = "head") -> tuple[QuarantinedRow, ...]:
    """Bring the tables to this version, making a SQLite file if there is none; all or nothing.

    Answers with the rows that could not be taken over as they were (they are in db_quarantine).
    Raises DatabaseAway; OSError when no file can be made.
    """
    path = sqlite_path(db.engine.url.render_as_string(hide_password=False))
    if path is not None and not path.exists():
        _touch(path)
    with _without_foreign_keys(db), db.write() as conn:
        if not db.is_sqlite:
            conn.execute(text("SET LOCAL statement_timeout = 0"))
        before = max((row.id for row in report(conn)), default=0)
        command.upgrade(_config(conn), to)
        if db.is_sqlite and (broken := conn.execute(text("PRAGMA foreign_key_check")).all()):
            raise RuntimeError(f"rows refer to nothing after the upgrade: {broken[:5]}")
        return report(conn, before)


def draft_revision(db: Database, number: str, title: str) -> str:
    """Write the revision that brings a database to the tables as declared; the path of its file."""
    with db.write() as conn:
        script = command.revision(_config(conn), title, autogenerate=True, rev_id=number)
    if script is None or isinstance(script, list):
        raise RuntimeError("Alembic wrote no single revision")
    return script.path


@contextmanager
def _without_foreign_keys(db: Database) -> Iterator[None]:
    """SQLite changes a table by making it anew; while it does, dropping the old one must not
    delete what refers to it. The pragma counts only outside of a transaction, for one connection,
    so every connection of the pool is opened anew, before and after."""
    if not db.is_sqlite:
        yield
        return

    def relax(dbapi: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = dbapi.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.close()

    db.engine.dispose()
    event.listen(db.engine, "connect", relax)
    try:
        yield
    finally:
        event.remove(db.engine, "connect", relax)
        db.engine.dispose()


def _touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
