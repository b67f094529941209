"""Backup and restore: all rows of one moment as one file, and back into an empty SQLite or PostgreSQL.

A gzip of JSON lines: a head, for each table its name and columns and then its rows, a foot with
the number of rows. Sessions, rate limits, half-written forms, who leads and whatever is marked as
fleeting (sealed passwords) are left out: they mean nothing later.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    ColumnClause,
    Connection,
    Date,
    MetaData,
    Table,
    column,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError

import db.tables  # noqa: F401 - registers every table
from db.engine import Database
from db.metadata import Moment, metadata
from db.schema_status import REVISIONS, SchemaStatus, schema_status, upgrade

FORMAT = 1
LEFT_OUT = (
    "accounts_sessions",
    "web_buckets",
    "engine_roles",
    "tickets_drafts",
    "diagnostics_places",
)
CHUNK = 1000  # rows in one statement
LONGEST = 64 << 20  # bytes of a line


class UnusableBackup(Exception):
    """The file cannot be restored here; the message says why."""


class TableHeader(msgspec.Struct):
    """The first line. `key` signs links in letters that have gone out; "" when settings hold it."""

    jasno_backup: int
    revision: str
    made_at: datetime
    key: str = ""


class BackupHeader(msgspec.Struct):
    """A table begins."""

    table: str
    columns: tuple[str, ...]


class BackupFooter(msgspec.Struct):
    """The last line; without it the file is cut off."""

    rows: int


def saved(table: Table) -> bool:
    """Whether a table's rows are part of a backup."""
    return table.name not in LEFT_OUT and not table.info.get("fleeting")


# ------------------------------------------------------------------ saving
def save(db: Database, path: Path, key: str = "") -> int:
    """Write all rows, as they stand at one moment, into a new file that only we may read; how many.

    The database goes on being used meanwhile. Raises DatabaseAway; OSError, FileExistsError too.
    """
    with private(path) as raw:
        try:
            with gzip.GzipFile("", "wb", 6, raw) as packed:
                rows = _write(db, cast("BinaryIO", packed), key)
            raw.flush()
            os.fsync(raw.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return rows


def private(path: Path) -> BinaryIO:
    """A new file that only we may read. Raises FileExistsError and other OSErrors."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _write(db: Database, out: BinaryIO, key: str) -> int:
    encode = msgspec.json.Encoder().encode
    rows = 0
    with db.read() as conn:
        if not db.is_sqlite:
            conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            conn.execute(text("SET LOCAL statement_timeout = 0"))
        out.write(encode(TableHeader(FORMAT, _revision(conn), db.clock.now(), key)) + b"\n")
        for table, columns in _tables(conn):
            names = tuple(str(c.name) for c in columns)
            out.write(encode(BackupHeader(str(table.name), names)) + b"\n")
            for row in conn.execution_options(yield_per=CHUNK).execute(
                select(*columns).select_from(table)
            ):
                out.write(encode(tuple(row)) + b"\n")
                rows += 1
    out.write(encode(BackupFooter(rows)) + b"\n")
    return rows


def _revision(conn: Connection) -> str:
    """The revision the tables stand at."""
    if not inspect(conn).has_table("alembic_version"):
        return REVISIONS[-1]
    return str(conn.execute(text("SELECT version_num FROM alembic_version")).scalar())


def _tables(conn: Connection) -> Iterator[tuple[Table, list[ColumnClause[Any]]]]:
    """What is saved, as far as it is there: the tables may be of an older version."""
    there = inspect(conn)
    for table in metadata.sorted_tables:
        if saved(table) and there.has_table(table.name):
            have = {c["name"] for c in there.get_columns(table.name)}
            yield table, [column(name, c.type) for name, c in _columns_by_name(table, have)]


def _columns_by_name(table: Table, names: Collection[str]) -> Iterator[tuple[str, Column[Any]]]:
    """Those of a table's columns that are among some names, by the name they have there: one that
    was renamed has its former one in older tables."""
    for each in table.columns:
        name = next((n for n in (each.name, each.info.get("former")) if n in names), None)
        if name:
            yield name, each


# ------------------------------------------------------------------ restoring
def living(db: Database) -> bool:
    """Whether there is anything that a restore would overwrite. Raises DatabaseAway."""
    with db.read() as conn:
        table_names = set(inspect(conn).get_table_names())
        return any(
            conn.execute(select(table.primary_key.columns[0]).limit(1)).first() is not None
            for table in metadata.sorted_tables
            if table.name in table_names
        )


def restore(db: Database, path: Path) -> tuple[TableHeader, int]:
    """Make the tables if there are none, and put every row back, all or nothing; how many.

    Rows of an older version come into tables of theirs, which are then upgraded like any: what
    does not fit today is reported by db_quarantine. Only into a database that is not living.
    Raises UnusableBackup, DatabaseAway, OSError.
    """
    head = _head(path)
    fresh = schema_status(db) is SchemaStatus.EMPTY
    if fresh:
        upgrade(db, head.revision)
    try:
        with db.write() as conn:
            _defer(db, conn)
            rows = _read(conn, path, as_saved=fresh)
            if not db.is_sqlite:
                _count_on(conn)
    except IntegrityError as error:
        raise UnusableBackup(
            f"{path.name} holds rows that these tables refuse; restore it into an empty place"
        ) from error
    if fresh:
        upgrade(db)
    return head, rows


def _defer(db: Database, conn: Connection) -> None:
    """A row may refer to one that comes later; what refers to nothing is refused at the end."""
    if db.is_sqlite:
        conn.execute(text("PRAGMA defer_foreign_keys = ON"))
        return
    conn.execute(text("SET LOCAL statement_timeout = 0"))
    conn.execute(text("SET CONSTRAINTS ALL DEFERRED"))


def _head(path: Path) -> TableHeader:
    try:
        head = msgspec.json.decode(next(_lines(path), b""), type=TableHeader)
    except msgspec.DecodeError as error:
        raise _foreign(path) from error
    if head.jasno_backup != FORMAT or head.revision not in REVISIONS:
        raise UnusableBackup(
            "this backup was made by a newer version of Jasno; upgrade the program"
        )
    return head


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of the file. Raises Unusable when it is none of ours, or is damaged."""
    try:
        with gzip.open(path, "rb") as packed:
            while line := packed.readline(LONGEST):
                yield line
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise _foreign(path) from error


def _foreign(path: Path) -> UnusableBackup:
    return UnusableBackup(f"{path.name} is no backup of Jasno, or is damaged")


def _read(conn: Connection, path: Path, *, as_saved: bool) -> int:
    tables_by_name = {t.name: t for t in metadata.sorted_tables if saved(t)}
    rows, chunk = 0, _Chunk(conn, as_saved=as_saved)
    foot = None
    lines = _lines(path)
    next(lines)
    try:
        for line in lines:
            if line.startswith(b'{"table"'):
                start = msgspec.json.decode(line, type=BackupHeader)
                chunk.turn_to(tables_by_name.get(start.table), start.columns)
            elif line.startswith(b"["):
                chunk.add(msgspec.json.decode(line, type=list[object]))
                rows += 1
            else:
                foot = msgspec.json.decode(line, type=BackupFooter)
    except msgspec.DecodeError as error:
        raise _foreign(path) from error
    chunk.flush()
    if foot is None or foot.rows != rows:
        raise UnusableBackup(f"{path.name} is cut off; it holds {rows} rows")
    return rows


class _Chunk:
    """Rows of one table on their way in. Columns that are gone since are dropped; those that came
    since get their defaults, unless the tables are `as_saved` and do not have them yet."""

    def __init__(self, conn: Connection, *, as_saved: bool) -> None:
        self._conn = conn
        self._as_saved = as_saved
        self._table: Table | None = None
        self._columns: tuple[str, ...] = ()
        self._rows: list[dict[str, object]] = []

    def turn_to(self, table: Table | None, columns: tuple[str, ...]) -> None:
        self.flush()
        self._table, self._columns = table, columns
        if table is None:
            return
        by_name = dict(_columns_by_name(table, columns))
        if self._as_saved:
            have = (Column(name, c.type) for name, c in by_name.items())
            self._table = Table(table.name, MetaData(), *have)
        else:
            self._columns = tuple(by_name[n].name if n in by_name else n for n in columns)

    def add(self, values: Iterable[object]) -> None:
        if self._table is None:
            return
        have = self._table.columns
        by_column = zip(self._columns, values, strict=True)
        self._rows.append({n: _value(have[n].type, v) for n, v in by_column if n in have})
        if len(self._rows) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        if self._rows and self._table is not None:
            self._conn.execute(insert(self._table), self._rows)
        self._rows = []


def _value(kind: object, value: object) -> object:
    """A value as the column takes it."""
    if value is None:
        return None
    if isinstance(kind, Moment):
        return msgspec.convert(value, datetime)
    if isinstance(kind, Date):
        return msgspec.convert(value, date)
    return bool(value) if isinstance(kind, Boolean) else value


def _count_on(conn: Connection) -> None:
    """Automatic numbers go on after those that were restored."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        sequence = conn.execute(
            select(func.pg_get_serial_sequence(table.name, column.name))
        ).scalar()
        last = conn.execute(select(func.max(column))).scalar()
        if sequence and last:
            conn.execute(select(func.setval(sequence, last)))
