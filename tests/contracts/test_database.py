"""The database: what it keeps, and how each way of losing it is told."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, Table, Text, insert, select, text

from db.engine import DatabaseAway, UnavailableReason, connect
from db.metadata import JsonType, Moment, metadata
from db.migrate import FOLDER, upgrade
from db.schema_status import MARKER, REVISIONS, SchemaStatus, first_start, schema_status
from db.tables.jobs import jobs
from db.upsert import insert_once
from jobs.database_queue import DatabaseSender
from jobs.model import Job


def put(db, key="one"):
    with db.write() as conn:
        return DatabaseSender().enqueue(conn, Job("mail.send", "{}", key, db.clock.now()))


def keys(db):
    with db.read() as conn:
        return [row.key for row in conn.execute(select(jobs.c.key).order_by(jobs.c.id))]


def away(db, act):
    with pytest.raises(DatabaseAway) as caught:
        act(db)
    return caught.value.reason


# ------------------------------------------------------------------ types and transactions
def test_moments_keep_their_instant_and_values_their_shape(database, clock):
    table = Table("t_types", MetaData(), Column("at", Moment), Column("what", JsonType))
    values = [None, 1, "ž\0", [1, {"a": None}], True]
    with database.write() as conn:
        table.create(conn)
    try:
        at = datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
        with database.write() as conn:
            for value in values:
                conn.execute(insert(table).values(at=at, what=value))
        with database.read() as conn:
            rows = conn.execute(select(table)).all()
            assert conn.execute(select(table).where(table.c.at <= at)).first()
            assert not conn.execute(select(table).where(table.c.at < at)).first()
        assert [row.what for row in rows] == values
        assert {row.at for row in rows} == {at}
        assert rows[0].at.tzinfo is UTC
        naive = insert(table).values(at=datetime(2026, 1, 1), what=1)  # noqa: DTZ001
        with database.write() as conn, pytest.raises(Exception, match="needs a zone"):
            conn.execute(naive)
    finally:
        with database.write() as conn:
            table.drop(conn)


def test_an_exception_undoes_everything(database):
    with pytest.raises(KeyError), database.write() as conn:  # noqa: PT012
        DatabaseSender().enqueue(conn, Job("mail.send", "{}", "one", database.clock.now()))
        raise KeyError("x")
    assert keys(database) == []


def test_writers_queue_instead_of_failing(database):
    def many(name):
        for n in range(25):
            put(database, f"{name}{n}")

    threads = [threading.Thread(target=many, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(keys(database)) == 100


def test_a_row_is_inserted_once(database):
    table = Table("t_once", MetaData(), Column("id", Text, primary_key=True))
    with database.write() as conn:
        table.create(conn)
        assert [insert_once(conn, table, {"id": x}) for x in "aab"] == [True, False, True]
        table.drop(conn)


# ------------------------------------------------------------------ ways of being away
def test_an_absent_file_is_away_and_stays_absent(tmp_path, clock):
    db = connect(f"sqlite:///{tmp_path}/none.db", clock=clock)
    assert away(db, keys) is UnavailableReason.UNREACHABLE
    assert list(tmp_path.iterdir()) == []


def test_a_deleted_file_is_noticed_though_connections_are_open(sqlite_url, clock, tmp_path):
    db = connect(sqlite_url, clock=clock)
    put(db)
    (tmp_path / "jasno.db").rename(tmp_path / "moved.db")
    assert away(db, put) is UnavailableReason.UNREACHABLE
    (tmp_path / "moved.db").rename(tmp_path / "jasno.db")
    assert keys(db) == ["one"]


def test_a_file_of_rubbish_is_damaged(tmp_path, clock):
    (tmp_path / "jasno.db").write_bytes(os.urandom(8192))
    assert (
        away(connect(f"sqlite:///{tmp_path}/jasno.db", clock=clock), keys)
        is UnavailableReason.CORRUPT
    )


def test_a_damaged_page_is_damaged(sqlite_url, clock, tmp_path):
    db = connect(sqlite_url, clock=clock)
    with db.write() as conn:
        for n in range(2000):
            DatabaseSender().enqueue(conn, Job("mail.send", "x" * 200, str(n), clock.now()))
    db.close()
    path = tmp_path / "jasno.db"
    for extra in ("-wal", "-shm"):
        path.with_name(path.name + extra).unlink(missing_ok=True)
    raw = bytearray(path.read_bytes())
    raw[8192 : len(raw) - 4096] = os.urandom(len(raw) - 12288)
    path.write_bytes(raw)
    assert away(connect(sqlite_url, clock=clock), keys) is UnavailableReason.CORRUPT


def test_an_empty_file_has_no_tables(tmp_path, clock):
    (tmp_path / "jasno.db").touch()
    db = connect(f"sqlite:///{tmp_path}/jasno.db", clock=clock)
    assert away(db, keys) is UnavailableReason.SCHEMA
    with pytest.raises(DatabaseAway, match=r"app\.py db upgrade"):
        put(db)


def test_a_held_database_is_locked_and_nothing_is_lost(sqlite_url, clock, tmp_path):
    db = connect(sqlite_url, clock=clock)
    holder = sqlite3.connect(tmp_path / "jasno.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert away(db, put) is UnavailableReason.LOCKED
    assert keys(db) == []  # readers go on
    holder.rollback()
    holder.close()
    put(db)
    assert keys(db) == ["one"]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody@127.0.0.1:1/none",
        "postgresql://nobody@/none?host=/no/such/folder",
    ],
)
def test_a_server_that_is_not_there_is_unreachable(url, clock):
    assert away(connect(url, clock=clock), keys) is UnavailableReason.UNREACHABLE


def test_a_server_that_drops_us_is_away_and_then_back(postgres_url, clock):
    db = connect(postgres_url, clock=clock)

    def inside(db):
        with db.write() as mine:
            pid = mine.execute(text("SELECT pg_backend_pid()")).scalar_one()
            killer = connect(postgres_url, clock=clock)
            with killer.write() as other:
                other.execute(text(f"SELECT pg_terminate_backend({pid})"))
            killer.close()
            mine.execute(text("SELECT 1"))

    assert away(db, inside) is UnavailableReason.UNREACHABLE
    db.ping()
    db.close()


FULL = """
import resource, signal, sys
from clock import ManualClock
from db.engine import connect, DatabaseAway
from jobs.model import Job
from jobs.database_queue import DatabaseSender
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
db = connect(sys.argv[1], clock=ManualClock())
limit = int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
done = 0
try:
    for n in range(20_000):
        with db.write() as conn:
            DatabaseSender().enqueue(conn, Job("mail.send", "x" * 5000, str(n), db.clock.now()))
        done += 1
except DatabaseAway as away:
    print(done, away.reason)
"""


def fill(url, limit=0):
    done = subprocess.run(
        [sys.executable, "-c", FULL, url, str(limit)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    count, reason = done.stdout.split()
    return int(count), reason


def test_a_file_that_may_not_grow_ends_plainly_and_loses_nothing(sqlite_url, clock):
    count, reason = fill(sqlite_url, limit=1_000_000)
    assert reason in ("full", "unreachable")
    assert len(keys(connect(sqlite_url, clock=clock))) == count > 10


@pytest.mark.real
def test_a_full_disk_ends_plainly_and_loses_nothing(sqlite_url, clock, tmp_path, not_run):
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(small)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        not_run("the full disk", "root and the right to mount")
    try:
        (small / "ballast").write_bytes(bytes(500_000))
        (tmp_path / "jasno.db").rename(tmp_path / "before.db")
        (small / "jasno.db").write_bytes((tmp_path / "before.db").read_bytes())
        url = f"sqlite:///{small}/jasno.db"
        count, reason = fill(url)
        db = connect(url, clock=clock)
        assert reason == "full"
        assert len(keys(db)) == count > 10
        (small / "ballast").unlink()  # room is made, and work goes on
        put(db, "after")
        assert "after" in keys(db)
        db.close()
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


# ------------------------------------------------------------------ migrations
@pytest.fixture(params=["sqlite", "postgres"])
def bare(request, tmp_path, clock):
    """A database without any table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/fresh.db"
        (tmp_path / "fresh.db").touch()
    else:
        server = request.getfixturevalue("postgres_url")
        admin = connect(server, clock=clock)
        name = f"bare_{uuid4().hex}"
        with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text(f"CREATE DATABASE {name}"))
        admin.close()
        url = server.replace("/jasno?", f"/{name}?")
    db = connect(url, clock=clock)
    yield db
    db.close()


def test_migrations_make_exactly_the_tables_we_use(bare):
    assert schema_status(bare) is SchemaStatus.EMPTY
    upgrade(bare)
    assert schema_status(bare) is SchemaStatus.CURRENT
    with bare.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    upgrade(bare)  # once more changes nothing
    put(bare)


def test_the_revisions_are_written_down():
    walked = ScriptDirectory(FOLDER).walk_revisions()
    assert tuple(reversed([script.revision for script in walked])) == REVISIONS


def test_sqlite_tables_without_rowid_stay_so_after_migrating(tmp_path, clock):
    db = connect(f"sqlite:///{tmp_path}/new.db", clock=clock)
    upgrade(db)
    wanted = {
        t.name for t in metadata.sorted_tables if t.dialect_options["sqlite"]["with_rowid"] is False
    }
    query = text("SELECT name FROM pragma_table_list WHERE wr = 1 AND schema = 'main'")
    with db.read() as conn:
        names = {row.name for row in conn.execute(query)} - {"sqlite_schema"}
    assert names == wanted


def test_a_database_of_a_newer_version_is_told(bare):
    upgrade(bare)
    with bare.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert schema_status(bare) is SchemaStatus.AHEAD


def test_the_first_start_makes_a_database_and_no_later_one_does(tmp_path, clock):
    var = tmp_path / "var"
    url = f"sqlite:///{var}/jasno.db"
    assert first_start(url, var, clock) is True
    assert (var / "jasno.db").stat().st_mode & 0o077 == 0
    (var / "jasno.db").unlink()
    assert first_start(url, var, clock) is False
    assert not (var / "jasno.db").exists()
    assert (var / MARKER).exists()
