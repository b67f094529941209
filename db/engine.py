"""The database behind one door: SQLite in WAL mode, or PostgreSQL by its URL.

Owns connections and transactions. It never creates or migrates anything (db/migrate.py does,
when an operator or a first start asks), and every way of being unusable is one DatabaseAway.
"""

from __future__ import annotations

import functools
import logging
import os
import random
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import ParamSpec, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from clock import Clock
from db.act_step import end_step

BUSY_MS = 3_000  # how long a SQLite writer waits for another; a request may wait for it twice
_WRITE = "jasno_write"
TRIES = 4  # of an act that the database takes back for the sake of another
FIRST_PAUSE = 0.02  # seconds between them, then doubled; spread by half so that two writers part
P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger("jasno.db")


class UnavailableReason(StrEnum):
    """Why the database cannot be used."""

    UNREACHABLE = "unreachable"
    LOCKED = "locked"
    CORRUPT = "corrupt"
    FULL = "full"
    READ_ONLY = "read_only"
    SCHEMA = "schema"  # there, but `db upgrade` has not been run
    SUPERSEDED = "superseded"  # there, but another engine does our work
    CONFLICT = "conflict"  # there, but it took back what we wrote for the sake of another writer


_MESSAGES = {
    UnavailableReason.UNREACHABLE: "the database cannot be reached",
    UnavailableReason.LOCKED: "the database is held by another process",
    UnavailableReason.CORRUPT: "the database file is damaged; restore it from a backup",
    UnavailableReason.FULL: "the disk of the database is full",
    UnavailableReason.READ_ONLY: "the database may not be written to",
    UnavailableReason.SCHEMA: "the database does not have the tables of this version; run: app.py db upgrade",
    UnavailableReason.SUPERSEDED: "another engine does this work now",
    UnavailableReason.CONFLICT: "the database took a change back for the sake of another; try again",
}
_SQLITE = {
    sqlite3.SQLITE_CANTOPEN: UnavailableReason.UNREACHABLE,
    sqlite3.SQLITE_IOERR: UnavailableReason.UNREACHABLE,
    sqlite3.SQLITE_PERM: UnavailableReason.UNREACHABLE,
    sqlite3.SQLITE_BUSY: UnavailableReason.LOCKED,
    sqlite3.SQLITE_LOCKED: UnavailableReason.LOCKED,
    sqlite3.SQLITE_CORRUPT: UnavailableReason.CORRUPT,
    sqlite3.SQLITE_NOTADB: UnavailableReason.CORRUPT,
    sqlite3.SQLITE_FULL: UnavailableReason.FULL,
    sqlite3.SQLITE_READONLY: UnavailableReason.READ_ONLY,
}
_POSTGRES = {
    "42P01": UnavailableReason.SCHEMA,  # undefined_table
    "42703": UnavailableReason.SCHEMA,  # undefined_column
    "53100": UnavailableReason.FULL,
    "25006": UnavailableReason.READ_ONLY,
    "55P03": UnavailableReason.LOCKED,
    "40001": UnavailableReason.CONFLICT,  # serialization_failure
    "40P01": UnavailableReason.CONFLICT,  # deadlock_detected
}

# What PostgreSQL and its library say (patterns), and what that means; the first that fits counts.
_POSTGRES_SAYS = (
    ("server does not support SSL", "{where} has no TLS, and sslmode asks for it"),
    ("root certificate file .* does not exist", "there is no sslrootcert to know {where} by"),
    ("does not match host name", "the certificate of {where} is for another name"),
    ("certificate verify failed", "the certificate of {where} is not one that sslrootcert trusts"),
    ("requires a valid client certificate", "{where} wants a client's certificate (sslcert)"),
    (
        r"no pg_hba\.conf entry.*(?:SSL off|no encryption)",
        "{where} does not let the user {user} in from here without TLS (pg_hba.conf, sslmode)",
    ),
    ("password authentication failed", "{where} does not take the password of the user {user}"),
    ('role ".*" does not exist', "{where} knows no user {user}"),
    ("too many connections for role", "{where} has no connection left for the user {user}"),
    ("too many connections for database", "{where} has no connection left for the database {name}"),
    ("not permitted to log in", "{where} does not let the user {user} log in"),
    ("permission denied for database", "{where} keeps the user {user} out of the database {name}"),
    ("not currently accepting connections", "{where} has closed the database {name}"),
    ("starting up", "{where} is starting"),
    ("shutting down", "{where} is ending"),
    (r"no pg_hba\.conf entry", "{where} does not let the user {user} in from here (pg_hba.conf)"),
    ("authentication failed", "{where} does not let the user {user} in"),
    ('database ".*" does not exist', "{where} has no database {name}"),
    ("resolve host", "there is no address for the host {host}"),
    ("could not translate host name", "there is no address for the host {host}"),
    ("too many clients", "{where} has no connection left"),
    ("remaining connection slots", "{where} has no connection left"),
    ("timeout", "{where} does not answer in time"),
    ("refused", "nothing listens at {where}"),
    ("No such file or directory", "nothing listens at {where}"),
)


class DatabaseAway(Exception):
    """The database cannot be used now. `reason` says why; the message is for people.

    `may_repeat`: it was there, nothing of this transaction was kept, and the same may well succeed
    at once (`repeat_on_conflict`).
    """

    def __init__(
        self, reason: UnavailableReason, detail: str = "", *, may_repeat: bool = False
    ) -> None:
        super().__init__(f"{_MESSAGES[reason]}: {detail}" if detail else _MESSAGES[reason])
        self.reason = reason
        self.may_repeat = may_repeat


@dataclass(frozen=True, slots=True)
class Database:
    """Connections to one database. Safe to share between threads, not between forks.

    `guard` is called within each writing transaction and may refuse it with DatabaseAway.
    """

    engine: Engine
    clock: Clock
    guard: Callable[[Connection], None] | None = None

    @property
    def is_sqlite(self) -> bool:
        """True on SQLite, False on PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection whose reads see one moment. Raises DatabaseAway."""
        with _translated(self.engine.url), self.engine.connect() as conn, conn.begin():
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in a writing transaction; commits at exit, rolls back on an exception.

        On SQLite it begins IMMEDIATE, so two writers queue instead of failing. Raises DatabaseAway.
        """
        transaction = _Transaction()
        with _translated(self.engine.url, transaction), self.engine.connect() as conn:
            conn.execution_options(**{_WRITE: True})
            with conn.begin():
                transaction.is_open = True
                if self.guard is not None:
                    self.guard(conn)
                yield conn
                transaction.is_open = False  # a commit that breaks off may have been kept
            end_step(conn)

    def guarded(self, guard: Callable[[Connection], None]) -> Database:
        """The same connections, for writes that need a consent."""
        return replace(self, guard=guard)

    def ping(self) -> None:
        """Return when the database answers; raise DatabaseAway when it does not."""
        with self.read() as conn:
            conn.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        """Close every idle connection."""
        self.engine.dispose()


@dataclass(slots=True)
class _Transaction:
    """Whether a connection was had and its commit has not been asked for."""

    is_open: bool = False


@contextmanager
def _translated(url: URL, transaction: _Transaction | None = None) -> Iterator[None]:
    try:
        yield
    except exc.TimeoutError as error:  # the pool is exhausted
        detail = "all connections of this process are in use"
        raise DatabaseAway(UnavailableReason.UNREACHABLE, detail) from error
    except exc.DBAPIError as error:
        reason = _reason(error)
        if reason is None:
            raise
        is_lost = (
            reason is UnavailableReason.UNREACHABLE
            and transaction is not None
            and transaction.is_open
        )
        detail = (
            why_unreachable(url, str(error.orig)) if reason is UnavailableReason.UNREACHABLE else ""
        )
        may_repeat = is_lost or reason is UnavailableReason.CONFLICT
        raise DatabaseAway(reason, detail, may_repeat=may_repeat) from error


def _reason(error: exc.DBAPIError) -> UnavailableReason | None:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_ERROR and str(cause).startswith(("no such table", "no such col")):
            return UnavailableReason.SCHEMA
        return _SQLITE.get(code)
    state = getattr(cause, "sqlstate", None)
    if state in _POSTGRES:
        return _POSTGRES[state]
    lost = isinstance(error, exc.OperationalError | exc.InterfaceError)
    return UnavailableReason.UNREACHABLE if lost else None


def why_unreachable(url: URL, error: str) -> str:
    """One phrase for a database at `url` that could not be opened, or was lost, with this error."""
    if url.get_backend_name() == "sqlite":
        return _file(Path(url.database or ""))
    host, port = url.host or url.query.get("host") or "its local socket", url.port or 5432
    words = {
        "where": f"PostgreSQL at {host}:{port}" if url.host else f"PostgreSQL at {host}",
        "host": str(host),
        "user": url.username or "of this process",
        "name": url.database or url.username or "",
    }
    text = next(
        (text for mark, text in _POSTGRES_SAYS if re.search(mark, error)),
        "{where} gave no connection",
    )
    return text.format_map(words)


def _file(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"there is no data folder {folder}; JASNO_VAR says where it is"
    try:
        path.stat()
    except FileNotFoundError:
        return (
            f"there is no file {path}; is this the data folder (JASNO_VAR)? A lost database comes"
            " back with app.py restore"
        )
    except OSError:
        return f"the user {os.geteuid()} may not enter {folder}"
    if not os.access(path, os.R_OK | os.W_OK):
        return f"the user {os.geteuid()} may not open {path}"
    return f"{path} cannot be opened"


def repeat_on_conflict(act: Callable[P, T]) -> Callable[P, T]:
    """An act that may be done anew from its beginning, tried up to four times within half a second.

    PostgreSQL ends one of two writers that wait for each other, and a connection may be lost in
    the middle: nothing was kept, and the same done anew succeeds. On SQLite writers queue instead.
    For functions whose effects all lie in one `Database.write` or in several of which each may be
    repeated; not for one that sends something, that is itself called within a transaction, or that
    is handed what can be walked over only once.
    Raises what the last try raised.
    """

    @functools.wraps(act)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> T:
        for number in range(TRIES - 1):
            try:
                return act(*args, **kwargs)
            except DatabaseAway as away:
                if not away.may_repeat:
                    raise
                log.info("%s is done anew: %s", act.__qualname__, away)
            spread = random.uniform(0.5, 1.5)  # noqa: S311 - spread, no secret
            time.sleep(FIRST_PAUSE * 2**number * spread)
        return act(*args, **kwargs)

    return repeated


def sqlite_path(url: str) -> Path | None:
    """The file of a SQLite URL, or None for another database."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    return Path(parsed.database or "").absolute()


def connect(url: str, *, clock: Clock) -> Database:
    """A Database for `sqlite:///path` or `postgresql://…`. Opens nothing yet.

    Raises ValueError for any other address, without repeating it (it may hold a password).
    """
    try:
        backend = make_url(url).get_backend_name()
    except (exc.ArgumentError, ValueError):
        backend = ""
    if backend not in ("sqlite", "postgresql", "postgres"):
        raise ValueError("it is no address such as postgresql://user:password@host/name")
    path = sqlite_path(url)
    if path is not None:
        return Database(_sqlite(path), clock)
    return Database(_postgres(make_url(url)), clock)


def libpq_url(url: str) -> str:
    """A PostgreSQL address as the server's own library takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _postgres(url: URL) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=8,
        pool_timeout=5,
        connect_args={
            "connect_timeout": 3,
            "application_name": "jasno",
            "options": "-c timezone=UTC -c lock_timeout=3000 -c statement_timeout=30000",
        },
    )


def _sqlite(path: Path) -> Engine:
    def opened() -> sqlite3.Connection:
        conn = sqlite3.connect(
            f"file:{quote(str(path))}?mode=rw",  # never created by opening it
            uri=True,
            check_same_thread=False,
            isolation_level=None,  # we begin by ourselves
            timeout=BUSY_MS / 1000,
        )
        for pragma in ("foreign_keys=ON", "synchronous=FULL", "journal_mode=WAL"):
            conn.execute(f"PRAGMA {pragma}").close()
        return conn

    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        creator=opened,
        pool_size=8,
        max_overflow=24,
        pool_timeout=5,
    )
    event.listen(engine, "begin", _begin)
    event.listen(engine, "connect", _remember(path))
    event.listen(engine, "checkout", _same_file(path))
    return engine


def _begin(conn: Connection) -> None:
    writing = conn.get_execution_options().get(_WRITE, False)
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        file_status = os.stat(path)  # noqa: PTH116 - called at every checkout; Path is four times slower
    except OSError:
        return None
    return file_status.st_dev, file_status.st_ino


def _remember(path: Path) -> Callable[[DBAPIConnection, ConnectionPoolEntry], None]:
    def remember(_dbapi: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info["file"] = _inode(path)

    return remember


def _same_file(
    path: Path,
) -> Callable[[DBAPIConnection, ConnectionPoolEntry, PoolProxiedConnection], None]:
    """Refuse a pooled connection to a file that was deleted or replaced: what is written there
    would be lost without a word."""

    def check(
        _dbapi: DBAPIConnection, entry: ConnectionPoolEntry, _: PoolProxiedConnection
    ) -> None:
        if entry.info.get("file") != _inode(path):
            raise exc.DisconnectionError

    return check
