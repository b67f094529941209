"""A real engine whose machine's clock is set forward and back under it (libfaketime)."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

import pytest

from tests.engine.test_processes import place, rows
from tests.process_fixtures import process, until

__all__ = ("place",)  # a fixture
pytestmark = pytest.mark.real


@pytest.fixture
def library(not_run) -> Path:
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not libraries:
        not_run("setting the clock under a running engine", "Debian's libfaketime")
    return libraries[0]


def test_probing_and_publishing_go_on(place, library):
    clock = place / "clock"
    clock.write_text("+0")
    env = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    database, log = place / "var" / "jasno.db", place / "log"
    fresh = place / "var" / "published" / "public" / "freshness.json"
    with process("engine", var=place / "var", log=log, **env):
        until(lambda: rows(database) > 2, what="observations")
        for offset in (3600, -7200, 0):
            clock.write_text(f"{offset:+d}")
            wanted = time.time() + offset
            before = rows(database)
            until(lambda n=before: rows(database) > n + 2, 15, "observations after the step")

            def is_published(wanted=wanted) -> bool:
                checked = json.loads(fresh.read_bytes())["checked_at"]
                at = time.strptime(checked[:19], "%Y-%m-%dT%H:%M:%S")
                return abs(time.mktime(at) - time.timezone - wanted) < 90

            until(is_published, 15, f"a publication at {offset:+d} s")
        text = log.read_text()
        assert text.count("the clock of this machine was set by") == 3
        assert "Traceback" not in text
    with sqlite3.connect(database) as conn:
        day = "SELECT max(operational + major_outage + partial_outage) FROM status_days"
        assert conn.execute(day).fetchone()[0] < 300  # the hours leapt over were not invented
