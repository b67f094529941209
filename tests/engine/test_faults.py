"""Disk, database and name servers fail under a running engine: the page stays, the log is calm."""

from __future__ import annotations

import json
import resource
import socket
import sqlite3
import time
from contextlib import contextmanager

import pytest

from tests.process_fixtures import NOBODY, alive, command, process, single_probe_config, until

BY_NAME = """
[[component]]
id = "web2"
name = "Web hosting 2"
[[probe]]
name = "web2-tcp"
kind = "tcp"
component = "web2"
target = "www.shop.example:80"
interval = "1s"
timeout = "1s"
"""


class House:
    def __init__(self, place):
        self.place, self.var, self.log = place, place / "var", place / "log"
        self.database = self.var / "jasno.db"
        self.target = socket.create_server(("127.0.0.1", 0), backlog=500)
        self.port = self.target.getsockname()[1]
        (place / "jasno.toml").write_text(single_probe_config(self.port, network=NOBODY))

    @contextmanager
    def engine(self):
        with process("engine", var=self.var, log=self.log) as new_engine:
            yield new_engine
            assert alive(new_engine.pid), self.log.read_text()

    def rows(self):
        try:
            with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as conn:
                return conn.execute("SELECT count(*) FROM status_observations").fetchone()[0]
        except sqlite3.Error:
            return 0

    def published_component(self, component):
        """What the publication says of a component."""
        summary = self.var / "published" / "public" / "api" / "v2" / "summary.json"
        document = json.loads(summary.read_bytes())["components"]
        return next(c["status"] for c in document if c["name"] == component)

    def falls(self):
        """The service falls, and the page tells so whatever else is broken."""
        self.target.close()
        until(
            lambda: self.published_component("Web hosting 1") == "major_outage",
            what="telling the outage",
        )

    def rises(self):
        self.target = socket.create_server(("127.0.0.1", self.port), backlog=500)
        until(
            lambda: self.published_component("Web hosting 1") == "operational",
            what="telling that it is well",
        )

    def troubles(self):
        try:
            return " ".join(
                json.loads((self.var / "engine.json").read_bytes())["troubles"].values()
            )
        except (OSError, ValueError):
            return ""

    def warnings(self):
        lines = self.log.read_text().splitlines()
        return [line for line in lines if " WARNING " in line or " ERROR " in line]


@pytest.fixture
def house(tmp_path):
    new_house = House(tmp_path)
    assert command("db", "upgrade", var=new_house.var).returncode == 0
    yield new_house
    new_house.target.close()
    assert "Traceback" not in new_house.log.read_text()


def test_a_locked_and_a_damaged_database(house):
    with house.engine():
        until(lambda: house.rows() > 2, what="observations")
        holder = sqlite3.connect(house.database, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        until(lambda: "held by another process" in house.troubles(), what="noticing the lock")
        before = house.rows()
        house.falls()
        holder.execute("ROLLBACK")
        holder.close()
        until(lambda: house.rows() > before + 5, what="what was seen meanwhile")
        until(lambda: not house.troubles(), what="being well again")

        good = house.place / "good.db"
        with sqlite3.connect(house.database) as conn, sqlite3.connect(good) as copy:
            conn.backup(copy)
        broken = house.place / "broken.db"
        broken.write_bytes(b"no database " * 4096)
        for extra in ("-wal", "-shm"):
            house.database.with_name(house.database.name + extra).unlink(missing_ok=True)
        broken.replace(house.database)
        until(lambda: "damaged" in house.troubles(), what="noticing the damage")
        house.rises()
        good.replace(house.database)
        until(lambda: not house.troubles(), what="being well after the restore")
    assert len(house.warnings()) <= 15, house.log.read_text()


def disk_of(engine, largest=resource.RLIM_INFINITY):
    """No file of the engine may grow beyond this, as on a disk that is full."""
    resource.prlimit(engine.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))


def test_a_full_disk(house):
    """Nothing new is stored, nothing old is spoilt; with room again all is written down."""
    index = house.var / "published" / "public" / "index.html"
    with house.engine() as engine:
        until(lambda: house.rows() > 2, what="observations")
        page, before = index.read_bytes(), house.rows()
        disk_of(engine, 40_000)
        until(lambda: "publishing failed" in house.log.read_text(), 60, "noticing")
        time.sleep(4)
        assert page.count(b"Web hosting") == index.read_bytes().count(b"Web hosting")
        assert index.read_bytes().rstrip().endswith(b"</html>")
        disk_of(engine)
        until(lambda: house.rows() > before + 5, what="what was seen meanwhile")
        until(lambda: not house.troubles(), 60, what="being well")
    assert len(house.warnings()) <= 15, house.log.read_text()
    with sqlite3.connect(house.database) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_name_servers_that_do_not_answer(house):
    """The resolvers of the host are gone: who is asked by address is still seen, who has only a
    name is not blamed, and all this is said once."""
    with (house.place / "jasno.toml").open("a") as config:
        config.write(BY_NAME)
    with house.engine():
        until(lambda: house.rows() > 6, what="observations")
        assert house.published_component("Web hosting 1") == "operational"
        until(lambda: "our own resolvers do not answer" in house.troubles(), what="noticing")
        house.falls()
        with sqlite3.connect(house.database) as conn:
            seen = conn.execute(
                "SELECT DISTINCT grade, reliable FROM status_observations WHERE probe = 'web2-tcp'"
            ).fetchall()
        assert seen == [("unknown", 0)]
        assert house.published_component("Web hosting 2") != "major_outage"
    assert len(house.warnings()) <= 3, house.log.read_text()
    assert house.log.read_text().count("our own resolvers do not answer") == 1
