"""The database gone, damaged, locked, full, foreign or far away: pages without accounts go on, the
others say calmly that they rest, and what was there before is there afterwards."""

from __future__ import annotations

import logging
import resource
import shutil
import sqlite3
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from clock import ManualClock
from context import context
from settings import load
from tests.hostile_fixtures import Browser, Fort, harms
from wiring.rooms import build
from wiring.web import create_app

PUBLIC = ("/check", "/kb", "/kb/disk-full", "/kb/search?q=dns", "/sign-in", "/healthz")


@pytest.fixture
def fort(sqlite_url, tmp_path):
    new_fort = Fort(tmp_path, sqlite_url)
    new_fort.file = tmp_path / "jasno.db"
    yield new_fort
    new_fort.close()


def settled(fort):
    """All that was written is in the one file."""
    with fort.rooms.ctx.db.engine.connect() as conn:
        conn.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    fort.rooms.ctx.db.close()


@contextmanager
def gone(fort):
    away = fort.file.with_suffix(".away")
    fort.file.rename(away)
    yield
    away.rename(fort.file)


@contextmanager
def garbage(fort):
    """Another file in its place, by somebody's mistake."""
    settled(fort)
    with gone(fort):
        fort.file.write_bytes(b"%PDF-1.7 not a database" * 4000)
        yield
        fort.file.unlink()


@contextmanager
def torn(fort):
    """The first pages are sound, the rest is noise."""
    settled(fort)
    with gone(fort):
        sound = fort.file.with_suffix(".away").read_bytes()
        fort.file.write_bytes(sound[:8192] + b"\xa5" * (len(sound) - 8192))
        yield
        fort.rooms.ctx.db.close()
        fort.file.unlink()


@contextmanager
def empty(fort):
    """A fresh file without a table: `db upgrade` was forgotten."""
    settled(fort)
    with gone(fort):
        sqlite3.connect(fort.file).close()
        fort.file.touch()
        yield
        settled(fort)
        fort.file.unlink()


@contextmanager
def full(fort):
    """Not one more byte fits onto the disk."""
    fort.rooms.ctx.db.close()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def folder(fort):
    with gone(fort):
        fort.file.mkdir()
        yield
        fort.file.rmdir()


@pytest.mark.parametrize(
    "harm", [gone, garbage, torn, empty, full, folder], ids=lambda h: h.__name__
)
def test_a_database_that_is_not_there(fort, harm, caplog) -> None:
    caplog.set_level(logging.WARNING)
    mara, nobody = fort.browser("mara"), fort.browser("")
    before = fort.rooms.tickets.store.ticket(fort.ticket)
    fields = {"text": "Is anybody there?", "key": "once"}
    form = {"target": "cafe.example", "symptom": "site_down"}
    with harm(fort):
        for path in PUBLIC:
            assert nobody.get(path).status_code == 200, path
        for browser in (mara, nobody):
            for method, rule in fort.routes():
                if rule.startswith("/sign-out"):
                    continue
                path = fort.fill(rule)
                answer = (
                    browser.get(path) if method == "GET" else browser.post(path, {**fields, **form})
                )
                assert answer.status_code in (200, 202, 303, 400, 401, 403, 404, 422, 503), (
                    method,
                    path,
                )
                assert not [h for h in harms(answer) if h != "status 503"], (method, path)
                if answer.status_code == 503 and rule != "/readyz":
                    assert int(answer.headers["Retry-After"]) >= 1, path
                    assert "status page keeps working" in answer.text, path
        if harm is not full:
            assert mara.get(f"/tickets/{fort.ticket}").status_code == 503
        answer = mara.post(f"/tickets/{fort.ticket}", {"text": "Hello?", "key": "hello"})
        assert answer.status_code == 503
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert fort.rooms.tickets.store.ticket(fort.ticket) == before
    answer = mara.post(f"/tickets/{fort.ticket}", {"text": "Hello?", "key": "hello"})
    assert answer.status_code == 303
    assert mara.get(f"/tickets/{fort.ticket}").text.count("Hello?") == 1


def test_a_writer_that_never_lets_go(fort) -> None:
    """Readers read on; a form that waits says so, and is taken once when it is sent again."""
    mara = fort.browser("mara")
    other = sqlite3.connect(fort.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    form = {"text": "Knock knock", "key": "knock"}
    answer = mara.post(f"/tickets/{fort.ticket}", form)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    began = time.monotonic()
    assert "oven is cold" in mara.get(f"/tickets/{fort.ticket}").text
    assert time.monotonic() - began < 2
    other.execute("ROLLBACK")
    other.close()
    for _ in range(2):
        assert mara.post(f"/tickets/{fort.ticket}", form).status_code == 303
    assert mara.get(f"/tickets/{fort.ticket}").text.count("Knock knock") == 1


def test_a_postgresql_that_nobody_answers(fort, tmp_path) -> None:
    env = {
        "JASNO_VAR": str(tmp_path / "far"),
        "JASNO_DATABASE_URL": "postgresql://jasno:hush-hush@127.0.0.1:1/jasno",
    }
    rooms = build(context(load(env=env, cwd=tmp_path), ManualClock()))
    client = create_app(rooms).test_client()
    client.set_cookie("jasno_session", "s" * 40)
    for path in PUBLIC:
        assert client.get(path).status_code == 200, path
    for path in (
        "/me",
        f"/r/{fort.run_token}",
        f"/r/{fort.run_token}.json",
        f"/invite/{fort.invite}",
    ):
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert "hush-hush" not in answer.text
        assert "127.0.0.1" not in answer.text
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert "hush-hush" not in ready.text
    rooms.close()
    rooms.ctx.db.close()


def test_rows_that_no_longer_read(fort) -> None:
    """Somebody edited the database by hand: the pages stand, what cannot be read is left out."""
    fort.rooms.ctx.db.close()
    shutil.copy(fort.file, fort.file.with_suffix(".copy"))
    conn = sqlite3.connect(fort.file)
    for table, column in (
        ("diagnostics_evidence", "body"),
        ("hosting_accounts", "services"),
        ("hosting_accounts", "account"),
        ("hosting_domains", "facts"),
    ):
        conn.execute(f"UPDATE {table} SET {column} = '{{\"schema\": 99}}'")
    conn.commit()
    conn.close()
    fort.clock.advance(timedelta(minutes=1))
    for name in ("mara", "ben", ""):
        browser = fort.browser(name)
        for method, rule in fort.routes():
            if method == "GET" and rule != "/readyz":
                answer = browser.get(fort.fill(rule))
                assert answer.status_code < 500, (name, rule)
                assert not harms(answer), (name, rule)
    assert isinstance(browser, Browser)


def test_without_a_database_a_page_says_only_what_is_true_of_it(fort) -> None:
    mara, here = fort.browser("mara"), {"Origin": "http://localhost"}
    form = {"target": "cafe.example", "symptom": "site_down"}
    with gone(fort):
        read = mara.get(f"/tickets/{fort.ticket}")
        sent = mara.post(f"/tickets/{fort.ticket}", {"text": "Hello?", "key": "h"}, headers=here)
        check = mara.post("/check", form, headers=here)
        foreign = mara.post(f"/tickets/{fort.ticket}", {"text": "Buy this now", "key": "h"})
    assert "cannot tell whether what you sent was taken" not in read.text
    for answer, typed in ((sent, "Hello?"), (check, "cafe.example")):
        assert answer.status_code == 503
        assert "cannot tell whether what you sent was taken" in answer.text
        assert f'<p class="typed" dir="auto">{typed}</p>' in answer.text
        assert "Your words stand only on this page" in answer.text
        assert 'href="/tickets/new"' not in answer.text
    assert "Buy this now" not in foreign.text
    for answer in (read, sent, check):
        assert "nothing of yours is lost" not in answer.text
        assert "Accounts and tickets" not in answer.text
