"""The database of an Uptime Kuma (SQLite), which is only read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from commands.processes import CannotRun
from importers.source import Fields
from importers.uptime_kuma.days import Heartbeat
from importers.uptime_kuma.history import KumaTables
from importers.uptime_kuma.monitors import backup_of, from_row

HEADER = b"SQLite format 3\0"


def is_database(path: Path) -> bool:
    """Whether a file is one. Raises CannotRun."""
    try:
        with path.open("rb") as source:
            return source.read(len(HEADER)) == HEADER
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}") from None


def monitors_as_backup(path: Path) -> str:
    """Its monitors, as a backup has them. Raises CannotRun."""
    with _opened(path) as database:
        return backup_of(database.rows("monitor"))


@contextmanager
def opened_tables(path: Path) -> Iterator[KumaTables]:
    """What its history is read from, while it is open. Raises CannotRun."""
    with _opened(path) as database:
        monitors_of: dict[str, tuple[str, ...]] = {}
        for row in database.rows("monitor_maintenance", optional=True):
            key = str(row.get("maintenance_id"))
            monitors_of[key] = (*monitors_of.get(key, ()), str(row.get("monitor_id")))
        yield KumaTables(
            tuple(from_row(row) for row in database.rows("monitor")),
            tuple(database.rows("incident", optional=True)),
            tuple(database.rows("maintenance", optional=True)),
            monitors_of,
            database.looks,
            database.counts,
        )


@contextmanager
def _opened(path: Path) -> Iterator[_KumaDatabase]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            yield _KumaDatabase(connection)
    except (sqlite3.Error, OSError) as error:
        raise CannotRun(f"{path}: {error}") from None


@dataclass(frozen=True, slots=True)
class _KumaDatabase:
    """Raises sqlite3.Error."""

    connection: sqlite3.Connection

    def rows(self, table: str, *, optional: bool = False) -> list[Fields]:
        """All rows of a table that is not long; older versions lack some of them."""
        if optional and not self._has(table):
            return []
        answer = self.connection.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 - ours
        columns = [column[0] for column in answer.description]
        return [dict(zip(columns, row, strict=True)) for row in answer]

    def looks(self, monitor: str) -> Iterable[Heartbeat]:
        """A monitor's heartbeats, oldest first."""
        if not self._has("heartbeat"):
            return ()
        query = (
            "SELECT time, status FROM heartbeat WHERE monitor_id = CAST(? AS INTEGER) ORDER BY time"
        )
        return self.connection.execute(query, (monitor,))

    def counts(self, monitor: str) -> Mapping[date, int]:
        """How many looks the statistics of version 2 count for each day."""
        if not self._has("stat_daily"):
            return {}
        query = "SELECT timestamp, up + down FROM stat_daily WHERE monitor_id = CAST(? AS INTEGER)"
        return {
            datetime.fromtimestamp(at, UTC).date(): looks
            for at, looks in self.connection.execute(query, (monitor,))
            if isinstance(at, int) and isinstance(looks, int) and 0 < at < 10**10
        }

    def _has(self, table: str) -> bool:
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return self.connection.execute(query, (table,)).fetchone() is not None
