"""A backup of Uptime Kuma as components and probes that our own settings take."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from commands.main import main
from importers.configuration import to_toml
from importers.source import UnreadableSource
from importers.uptime_kuma import monitors as uptime_kuma
from settings import load
from status.probing.configuration import configured_probes

USUAL = {
    "active": True, "interval": 60, "retryInterval": 60, "maxretries": 2, "timeout": 48,
    "maxredirects": 10, "accepted_statuscodes": ["200-299"], "method": "GET", "body": None,
    "headers": None, "ignoreTls": False, "upsideDown": False, "parent": None, "tags": [],
}  # fmt: skip
MONITORS = [
    {"id": 1, "name": "Hosting", "type": "group"},
    {"id": 2, "name": "Web", "type": "http", "url": "https://www.hosting.example/", "parent": 1,
     "headers": '{"Accept": "text/html"}', "basic_auth_user": "u", "basic_auth_pass": "p"},
    {"id": 3, "name": "Web", "type": "keyword", "url": "http://www.hosting.example/", "keyword": "OK",
     "maxredirects": 0, "ignoreTls": True, "tags": [{"name": "x"}]},
    {"id": 4, "name": "API", "type": "json-query", "url": "https://api.hosting.example/",
     "jsonPath": "$.checks[0].state", "expectedValue": "up"},
    {"id": 5, "name": "Query", "type": "json-query", "url": "https://api.hosting.example/",
     "jsonPath": "$sum(a)", "expectedValue": "3"},
    {"id": 6, "name": "Database", "type": "port", "hostname": "2001:db8::1", "port": 5432},
    {"id": 7, "name": "Edge", "type": "ping", "hostname": "edge.hosting.example"},
    {"id": 8, "name": "Zone", "type": "dns", "hostname": "hosting.example", "dns_resolve_type": "MX",
     "dns_resolve_server": "192.0.2.53, 192.0.2.54"},
    {"id": 9, "name": "Nightly", "type": "push", "pushToken": "R4w1yBFx7pQmLdS0", "interval": 90000},
    {"id": 10, "name": "Queue", "type": "mqtt"},
    {"id": 11, "name": "Old", "type": "http", "url": "http://old.example/", "active": False},
    {"id": 12, "name": "Not there", "type": "http", "url": "http://x.example/", "upsideDown": True},
    {"id": 13, "name": "Odd", "type": "http", "url": "http://x.example/", "headers": "{",
     "accepted_statuscodes": 7},
]  # fmt: skip
BACKUP = json.dumps({
    "version": "1.23.16", "notificationList": [{"name": "chat"}], "proxyList": [],
    "monitorList": [USUAL | monitor for monitor in MONITORS],
})  # fmt: skip


@pytest.fixture(scope="module")
def brought():
    return uptime_kuma.read({"backup.json": BACKUP})


def test_probes_that_our_settings_take(brought, tmp_path):
    (tmp_path / "jasno.toml").write_text(to_toml(brought, "Uptime Kuma"))
    loaded = load(env={}, cwd=tmp_path).settings
    probes = {p.name: p for p in configured_probes(loaded)}
    assert {name: (p.kind, p.target) for name, p in probes.items()} == {
        "web": ("http", "https://www.hosting.example/"),
        "web-2": ("http", "http://www.hosting.example/"),
        "api": ("http", "https://api.hosting.example/"),
        "database": ("tcp", "[2001:db8::1]:5432"),
        "edge": ("ping", "edge.hosting.example"),
        "zone": ("dns", "hosting.example"),
        "nightly": ("heartbeat", ""),
    }
    assert {c.name: c.group for c in loaded.component}["API"] == ""
    assert loaded.component[0].group == "Hosting"
    site = probes["web"]
    assert (site.interval.total_seconds(), site.timeout.total_seconds()) == (60, 48)
    assert (site.fail_after, site.recover_after) == (3, 1)
    assert site.settings == {
        "method": "GET", "slow_after": 0, "follow": True, "max_redirects": 10,
        "headers": {"Accept": "text/html", "Authorization": "Basic dTpw"}, "status": ["200-299"],
    }  # fmt: skip
    assert probes["web-2"].settings == {
        "method": "GET", "slow_after": 0, "trust": False, "contains": "OK", "status": ["200-299"],
    }  # fmt: skip
    assert probes["api"].settings["json"] == ['checks[0].state == "up"']
    assert probes["zone"].settings == {"type": "MX", "servers": ["192.0.2.53", "192.0.2.54"]}
    assert probes["nightly"].settings == {"every": "25h", "grace": "2m"}


def test_what_could_not_be_brought_is_told(brought):
    assert [str(leftover) for leftover in brought.leftovers] == [
        "backup.json: notificationList: operators hear by [[channel]] (docs/notify.md)",
        "backup.json: monitorList 3, Web: tags are not kept",
        "backup.json: monitorList 5, Query: not brought: jsonPath: it is more than a path: $sum(a) ==",
        "backup.json: monitorList 9, Nightly: its address: app.py heartbeat token NAME --keep R4w1yBFx7pQmLdS0",
        "backup.json: monitorList 10, Queue: not brought: type: nothing here looks at mqtt",
        "backup.json: monitorList 11, Old: not brought: active: it is paused",
        "backup.json: monitorList 12, Not there: not brought: upsideDown: it is upside down, and nothing here is well when it fails",
        "backup.json: monitorList 13, Odd: not brought: headers: they are no JSON",
        "history: of the database it is brought by --history; a backup holds none",
    ]


def test_the_database_says_the_same_as_the_backup(brought, tmp_path, capsys):
    """Version 2 makes no backups; its database has the columns that these are made of."""
    names = {v: k for k, v in uptime_kuma.COLUMNS.items()}
    rows = [
        {names.get(k, k): v for k, v in (USUAL | m).items() if k not in ("tags", "accepted_statuscodes")}
        | {"accepted_statuscodes_json": json.dumps(["200-299"])}
        for m in MONITORS
    ]  # fmt: skip
    columns = sorted({column for row in rows for column in row})
    with closing(sqlite3.connect(tmp_path / "kuma.db")) as database:
        database.execute(f"CREATE TABLE monitor ({', '.join(columns)})")
        places = ", ".join("?" * len(columns))
        values = [[row.get(column) for column in columns] for row in rows]
        database.executemany(f"INSERT INTO monitor VALUES ({places})", values)
        database.commit()
    assert main(["import", "uptime-kuma", str(tmp_path / "kuma.db")]) == 0
    assert capsys.readouterr().out == to_toml(brought, "Uptime Kuma")
    (tmp_path / "other.db").write_bytes(b"SQLite format 3\0 and no more")
    assert main(["import", "uptime-kuma", str(tmp_path / "other.db")]) == 2


def test_what_is_no_monitor_or_would_be_refused_is_told():
    backup = {"monitorList": [7, USUAL | {"name": "\u200e", "type": "ping", "hostname": "a.example"},
                              USUAL | {"name": "Star", "type": "ping", "hostname": "*.a.example"},
                              USUAL | {"name": "Lost", "type": "ping", "hostname": "a.example", "parent": 77}]}  # fmt: skip
    result = uptime_kuma.read({"backup.json": json.dumps(backup)})
    assert [p.name for p in result.probes] == ["Lost"]
    assert [str(leftover) for leftover in result.leftovers][:4] == [
        "backup.json: monitorList 1: not brought: it has no keys",
        "backup.json: monitorList 2: not brought: its name is made of characters that nobody sees",
        'backup.json: monitorList 3, Star: not brought: target "*.a.example" stands for many hosts; allowed is one, by its name or IP address',
        'backup.json: monitorList 4, Lost: parent: "77" is no group in this file',
    ]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"monitorList": 7}', "[" * 5000])
def test_what_is_no_backup(text):
    with pytest.raises(UnreadableSource):
        uptime_kuma.read({"backup.json": text})


def test_the_command(tmp_path, capsys):
    (tmp_path / "backup.json").write_text(BACKUP)
    assert main(["import", "kuma", str(tmp_path / "backup.json")]) == 0
    by_its_short_name = capsys.readouterr().out
    assert main(["import", "uptime-kuma", str(tmp_path / "backup.json")]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("# Brought from Uptime Kuma.")
    assert out == by_its_short_name
    assert "probes brought: 7; to look at: 9" in err
    assert main(["import", "uptime-kuma", str(tmp_path / "jasno.toml")]) == 2
