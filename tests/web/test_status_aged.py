"""What is out of date says so: to readers in amber, to programs by no longer saying that anything works."""

from __future__ import annotations

import json
from datetime import timedelta

from status.model import Condition
from tests.status_fixtures import MAIL, WEB, snapshot
from tests.web.test_status_published import plain, publisher, visitor  # noqa: F401 - fixtures


def test_past_its_time_the_page_says_so_in_amber(publisher, visitor):  # noqa: F811 - the fixtures
    publisher.publish(snapshot())
    fresh = visitor.get("/en/")
    visitor.clock.advance(timedelta(minutes=3))
    status, headers, body = visitor.get("/en/")
    seen = plain(body)
    assert status == 200
    assert "This page has not been refreshed for a while" in seen
    assert "All services work" not in seen
    assert "15 Jan 2026, 11:59 UTC" in seen
    assert b'class="banner" data-state="stale"' in body
    assert headers["ETag"] != fresh[1]["ETag"]
    assert visitor.get("/en/", if_none_match=fresh[1]["ETag"])[0] == 200
    assert json.loads(visitor.get("/freshness.json")[2])["fresh"] is False
    assert visitor.app.ready() == "aged"


def test_past_its_time_a_page_without_a_check_time_points_to_none(publisher, visitor):  # noqa: F811 - the fixtures
    publisher.publish(snapshot())
    assert "Checked" not in visitor.text("/en/group/hosting")
    visitor.clock.advance(timedelta(minutes=3))
    seen = visitor.text("/en/group/hosting")
    assert "Our checks have not reported for a while" in seen
    assert "time below" not in seen
    assert "Our checks have not reported since the time below" in visitor.text("/en/")


def test_past_its_time_no_document_says_that_anything_works(publisher, visitor):  # noqa: F811 - the fixtures
    """Programs must not take what is out of date for good news, whoever serves it."""
    publisher.publish(snapshot({WEB: Condition.OPERATIONAL, MAIL: Condition.MAJOR_OUTAGE}))
    paths = ("/api/v2/summary.json", "/api/v2/status.json", "/badge/web.json", "/badge/web.svg")
    fresh = {path: visitor.get(path) for path in paths}
    visitor.clock.advance(timedelta(minutes=3))
    public = publisher.folder / "public"
    for path in paths[:1] + paths[2:]:
        _, headers, body = visitor.get(path)
        assert b"perational" not in body, path
        assert headers["ETag"] != fresh[path][1]["ETag"]
        stem, _, end = path[1:].rpartition(".")
        assert (public / f"{stem}.aged.{end}").read_bytes() == body
    statuses = {c["name"]: c["status"] for c in json.loads(visitor.get(paths[0])[2])["components"]}
    assert (statuses["Web servers"], statuses["Mailboxes"]) == (
        "degraded_performance",
        "major_outage",
    )
    assert json.loads(visitor.get("/badge/mail.json")[2])["message"] == "Outage"
    publisher.publish(snapshot({WEB: Condition.OPERATIONAL}))
    visitor.clock.advance(timedelta(minutes=3))
    status = json.loads(visitor.get("/api/v2/status.json")[2])["status"]
    assert status == {"indicator": "minor", "description": "Some Systems Not Seen"}
