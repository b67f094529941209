"""All data in one file and back, from either kind of database into either."""

from __future__ import annotations

import gzip
import os
import stat
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, make_url, select, text

from accounts.api_tokens.model import ApiTokenRole
from accounts.model import Assurance, StaffRole
from commands.main import main
from context import context
from db import backup, migrate
from db.engine import connect
from db.metadata import metadata
from db.schema_status import REVISIONS
from db.tables.mailbox_test import keys, sealed
from jobs.database_queue import DatabaseSender
from notify.model import Preferences, SubscriberKind
from settings import load
from status.incidents.incident_editing import AnnouncementText
from status.model import Condition, Grade, Observation, Signal, UptimeDay
from status.probing.heartbeats.signals import HeartbeatSignal
from status.storage.store import ObservationBatch, StatusStore
from tests.contracts.test_database_upgrade import database_of, run, watch
from tests.people_rows import add_run
from tests.web.test_ops_api import CONFIG
from wiring.rooms import build

HOUR = timedelta(hours=1)


def house(folder, clock, url=""):
    """A configured data folder; with all tables when `url` names a database that has them."""
    folder.mkdir()
    (folder / "jasno.toml").write_text(CONFIG)
    env = {"JASNO_VAR": str(folder / "var")} | ({"JASNO_DATABASE_URL": url} if url else {})
    return build(context(load(env=env, cwd=folder), clock))


def filled(rooms, clock):
    """One of many things, with characters that are easily lost."""
    now = clock.now()
    incident = rooms.status.incidents.open(
        {"en": "Disk", "cs": "Výpadek „disku“ 🙂"},
        AnnouncementText({"en": "line\nline\t\\", "cs": "řádek"}),
        "olu",
    )
    window = (now, now + HOUR)
    rooms.status.incidents.plan({"en": "a"}, {"en": "b"}, window, ("web",), "olu")
    rooms.status.incidents.override("web", Condition.OPERATIONAL, now + HOUR, "olu", "a 'quote'")
    look = Observation(
        "web-http",
        now,
        timedelta(microseconds=123_457),
        Signal(Grade.DOWN, "500 —"),
        fact='{"a":1}',
    )
    day = UptimeDay(now.date(), {Condition.OPERATIONAL: 86_400})
    rooms.status.store.write(ObservationBatch((look,), {"web": (day,)}))
    rooms.notify.subscribers.subscribe(
        SubscriberKind.EMAIL, "mara@people.example", "mara@people.example", Preferences()
    )
    rooms.accounts.tokens.add("exporter", ApiTokenRole.READ, "cli")
    rooms.status.heartbeats.record_by_hand("nightly", HeartbeatSignal("up", "done"))
    olu = rooms.accounts.store.add_person(
        "olu@host.example", "Olu", password="x", staff=StaffRole.OPERATOR
    )
    rooms.accounts.store.open_session(
        olu, "token-of-olu", method="password", assurance=Assurance.SIGNED_IN
    )
    return incident


def everything(db):
    with db.read() as conn:
        tables = (t for t in metadata.sorted_tables if backup.saved(t))
        return {t.name: sorted(map(repr, conn.execute(select(t)))) for t in tables}


def seal_a_password(db, clock):
    """A mailbox test is under way while the backup is made."""
    add_run(db, "under way")
    row = {"run": "under way", "engine": "e1", "ciphertext": "c2VhbGVk", "visitor": "198.51.100.77"}
    with db.write() as conn:
        conn.execute(insert(sealed).values(**row, expires_at=clock.now()))
        conn.execute(insert(keys).values(engine="e1", public="a2V5", seen_at=clock.now()))


@pytest.fixture
def empty_postgres(postgres_url):
    """The URL of another database on the same server, without tables."""
    name = f"restored_{os.getpid()}_{os.urandom(3).hex()}"
    server = connect(postgres_url, clock=None)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text(f"CREATE DATABASE {name}"))
    url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    yield url
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.close()


@pytest.fixture
def source(database, database_url, clock, tmp_path):
    """A house full of data, on SQLite and on PostgreSQL."""
    rooms = house(tmp_path / "source", clock, database_url)
    filled(rooms, clock)
    yield rooms
    rooms.close()
    rooms.ctx.db.close()


@pytest.fixture(params=["sqlite", "postgres"])
def target(request, tmp_path):
    """The URL of an empty database."""
    if request.param == "postgres":
        return request.getfixturevalue("empty_postgres")
    path = tmp_path / "target.db"
    path.touch()
    return f"sqlite:///{path}"


def test_every_row_comes_back_on_either_kind_of_database(source, target, clock, tmp_path):
    file = tmp_path / "all.jasno"
    seal_a_password(source.ctx.db, clock)
    before = everything(source.ctx.db)
    assert sum(len(rows) for rows in before.values()) > 15
    backup.save(source.ctx.db, file, "key")
    content = gzip.decompress(file.read_bytes())
    assert b"198.51.100.77" not in content, "who tests a mailbox from where"
    assert b"diagnostics_sealed" not in content
    assert b"diagnostics_engine_keys" not in content
    into = connect(target, clock=clock)
    assert not backup.living(into)
    head, rows = backup.restore(into, file)
    assert rows == sum(len(rows) for rows in before.values())
    assert (head.revision, head.key) == (REVISIONS[-1], "key")
    assert everything(into) == before
    assert backup.living(into)
    after = house(tmp_path / "target", clock, target)
    after.accounts.store.audit("olu", "tried", "x")  # automatic numbers go on
    (incident,) = after.status.incidents.all()
    assert incident.title["cs"] == "Výpadek „disku“ 🙂"
    after.close()
    after.ctx.db.close()
    into.close()


def test_a_damaged_a_cut_and_a_foreign_file_change_nothing(source, clock, tmp_path):
    file = tmp_path / "all.jasno"
    backup.save(source.ctx.db, file)
    whole = file.read_bytes()
    lines = gzip.decompress(whole).splitlines(keepends=True)
    row = next(n for n, line in enumerate(lines) if line.startswith(b"["))
    newer = lines[0].replace(REVISIONS[-1].encode(), b"9999")
    wrong = {
        "cut": whole[: len(whole) // 2],
        "short": gzip.compress(b"".join(lines[:row] + lines[row + 1 :])),
        "footless": gzip.compress(b"".join(lines[:-1])),
        "newer": gzip.compress(b"".join([newer, *lines[1:]])),
        "text": b"hello",
        "empty": b"",
        "bits": whole[:200] + bytes(b ^ 0x55 for b in whole[200:260]) + whole[260:],
    }
    for name, content in wrong.items():
        path = tmp_path / name
        path.write_bytes(content)
        (tmp_path / f"{name}.db").touch()
        into = connect(f"sqlite:///{tmp_path / name}.db", clock=clock)
        with pytest.raises(backup.UnusableBackup):
            backup.restore(into, path)
        assert not backup.living(into), name
        into.close()


def test_tables_of_an_older_version_are_saved_and_come_back_in_this_one(clock, tmp_path):
    path = tmp_path / "old.db"
    path.touch()
    old = connect(f"sqlite:///{path}", clock=clock)
    with old.write() as conn:
        migrate.command.upgrade(migrate._config(conn), "0001")  # as a first version left it
        conn.execute(
            text(
                "INSERT INTO status_incidents (id, title, state, impact, started_at, components,"
                " draft) VALUES ('abc123def456', '{\"en\": \"Disk\"}', 'resolved', 'minor', 1, '[]', 0)"
            )
        )
    file = tmp_path / "old.jasno"
    backup.save(old, file)
    (tmp_path / "new.db").touch()
    new = connect(f"sqlite:///{tmp_path / 'new.db'}", clock=clock)
    head, _ = backup.restore(new, file)
    assert head.revision == "0001"
    incident = StatusStore(new, clock, DatabaseSender()).incident("abc123def456")
    assert (incident.title, incident.discarded) == ({"en": "Disk"}, False)
    old.close()
    new.close()


@pytest.mark.parametrize("has_tables", [False, True])
def test_what_has_another_name_since_comes_back_under_it(clock, tmp_path, has_tables):
    """Into a new database, and into one whose tables are there and empty."""
    with database_of("0026", SimpleNamespace(param="sqlite"), tmp_path) as old:
        run(old, "r1", person=None, previous=None, invite=None)
        watch(old, "w1", person=None, run=None, standing="active")
        backup.save(old, tmp_path / "old.jasno")
    (tmp_path / "new.db").touch()
    new = connect(f"sqlite:///{tmp_path / 'new.db'}", clock=clock)
    if has_tables:
        migrate.upgrade(new)
    backup.restore(new, tmp_path / "old.jasno")
    with new.read() as conn:
        (watched,) = conn.execute(text("SELECT id, state FROM diagnostics_watches"))
    assert tuple(watched) == ("w1", "active")
    new.close()


# ------------------------------------------------------------------ the commands
@pytest.fixture
def alive(sqlite_url, clock, tmp_path, monkeypatch):
    """A house whose database and key lie in its data folder, and a configuration for commands."""
    folder = tmp_path / "alive"
    rooms = house(folder, clock)
    rooms.ctx.var.mkdir()
    (rooms.ctx.var / "jasno.db").write_bytes((tmp_path / "jasno.db").read_bytes())
    with rooms.ctx.db.write() as conn:
        conn.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        conn.execute(text(f"INSERT INTO alembic_version VALUES ('{REVISIONS[-1]}')"))
    filled(rooms, clock)
    monkeypatch.setenv("JASNO_VAR", str(rooms.ctx.var))
    yield rooms
    rooms.close()
    rooms.ctx.db.close()


def command(rooms, *words):
    return main([*words, "--config", str(rooms.ctx.loaded.config)])


def test_a_house_is_saved_and_comes_back_in_an_empty_folder(alive, tmp_path, monkeypatch, capsys):
    file = tmp_path / "all.jasno"
    assert command(alive, "backup", str(file)) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = gzip.decompress(file.read_bytes()).decode()
    assert "accounts_sessions" not in content
    assert command(alive, "backup", str(file)) == 2  # never over another one
    assert "free" in capsys.readouterr().err
    assert command(alive, "restore", str(file)) == 2  # never over a living one
    assert "move" in capsys.readouterr().err
    new = tmp_path / "new"
    monkeypatch.setenv("JASNO_VAR", str(new))
    assert command(alive, "restore", str(file)) == 0
    assert (new / "secret_key").read_text() == (alive.ctx.var / "secret_key").read_text()
    assert (new / "installed").exists()
    assert stat.S_IMODE((new / "jasno.db").stat().st_mode) == 0o600
    assert sorted(p.name for p in new.glob("*restoring*")) == []
    back = connect(f"sqlite:///{new / 'jasno.db'}", clock=alive.ctx.clock)
    assert everything(back) == everything(alive.ctx.db)
    back.close()


@pytest.mark.parametrize("content", [None, b"hello"])
def test_a_file_that_is_no_backup_leaves_the_folder_empty(
    alive, tmp_path, monkeypatch, capsys, content
):
    file = tmp_path / "x"
    if content:
        file.write_bytes(content)
    new = tmp_path / "new"
    monkeypatch.setenv("JASNO_VAR", str(new))
    assert command(alive, "restore", str(file)) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not new.exists() or list(new.iterdir()) == []
