"""Programs that people point at a status page, run against ours over a socket."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import feedparser
import icalendar
import pytest
import recurring_ical_events
from prometheus_client.parser import text_string_to_metric_families

from tests.status_fixtures import AT
from tests.status_server import serving

NAMES = (
    *("summary", "status", "components", "incidents", "incidents/unresolved"),
    *("scheduled-maintenances", "scheduled-maintenances/upcoming"),
    "scheduled-maintenances/active",
)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("published")) as served_address:
        yield served_address


def get(url: str, **headers: str):
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as other:
        with other:
            return other.code, dict(other.headers), other.read()


@pytest.mark.parametrize("name", NAMES)
def test_each_document_may_be_read_from_anywhere_and_is_not_sent_twice(address, name):
    status, headers, body = get(f"{address}/api/v2/{name}.json")
    assert status == 200
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Content-Type"].startswith("application/json")
    assert json.loads(body)["page"]["name"] == "Sklep Hosting"
    headers_sent = {"If-None-Match": headers["ETag"]}
    assert get(f"{address}/api/v2/{name}.json", **headers_sent)[0] == 304


def test_statuspage_prometheus_exporter_reads_everything(address, tmp_path):
    listed = {"sklep": {"url": f"{address}/api/v2/summary.json", "name": "Sklep"}}
    (tmp_path / "services.json").write_text(json.dumps(listed))
    program = Path(sys.executable).parent / "statuspage-prometheus-exporter"
    env = {
        **os.environ,
        "SERVICES_JSON_PATH": str(tmp_path / "services.json"),
        "RUN_MODE": "once",
        "NO_PROXY": "127.0.0.1",
    }
    run = subprocess.run(
        [program], check=False, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60
    )
    written = list(tmp_path.rglob("*.prom"))
    assert written, run.stdout + run.stderr
    families = text_string_to_metric_families(written[0].read_text())
    samples = [s for family in families for s in family.samples]
    state = [s for s in samples if s.name == "statuspage_component_status"]
    parts = {s.labels["component_name"]: s.value for s in state}
    assert (parts["Name servers"], parts["Web servers"], parts["Data centre"]) == (1, 0, 0)
    assert any(s.labels.get("shortlink", "").endswith("/incidents/abc123def456") for s in samples)
    assert any("New switches" in str(s.labels) for s in samples)


def test_feed_readers_and_calendars_read_a_running_instance(address):
    for path in ("/history.atom", "/history.rss"):
        parsed = feedparser.parse(get(address + path)[2])
        assert not parsed.bozo
        assert parsed.entries[0].title.startswith("Mail is slow")
    for form in ("atom", "rss"):  # the same entries in each language
        tongues = [feedparser.parse(get(f"{address}/{x}/history.{form}")[2]) for x in ("cs", "en")]
        assert tongues[0].entries[0].title.startswith("Pošta je pomalá")
        assert [e.id for e in tongues[0].entries] == [e.id for e in tongues[1].entries]
    status, headers, body = get(f"{address}/history.json")
    assert (status, headers["Content-Type"]) == (200, "application/feed+json; charset=utf-8")
    assert json.loads(body)["items"][0]["title"].startswith("Mail is slow")
    status, headers, body = get(f"{address}/maintenance.ics")
    assert (status, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    calendar = icalendar.Calendar.from_ical(body)
    month = recurring_ical_events.of(calendar).between(AT, AT.replace(day=31))
    assert len(month) == 5  # under way, planned once, and each week from tomorrow on


def test_the_widget_may_stand_in_anybodys_frame_and_nothing_else_may(address):
    _, headers, body = get(f"{address}/embed", **{"Accept-Language": "cs"})
    assert "frame-ancestors *" in headers["Content-Security-Policy"]
    assert b"<script" not in body
    assert b'lang="cs"' in body
    assert "frame-ancestors *" in get(f"{address}/en/embed")[1]["Content-Security-Policy"]
    for path in ("/", "/en/history", "/api/v2/summary.json"):
        assert "frame-ancestors 'none'" in get(address + path)[1]["Content-Security-Policy"]


def test_badges_are_served_to_everyone(address):
    _, headers, body = get(f"{address}/badge/web.svg")
    assert headers["Content-Type"] == "image/svg+xml"
    assert "Outage" in body.decode()
    document = json.loads(get(f"{address}/badge/_all.json")[2])
    assert document["schemaVersion"] == 1


def test_months_have_pages_of_their_own(address):
    assert b"Mail is slow" in get(f"{address}/en/history/2026-01")[2]
    assert get(f"{address}/en/history/2019-01")[0] == 404
