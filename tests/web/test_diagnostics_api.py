"""Diagnoses for programs."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from db.engine import connect
from diagnostics.model import Scope
from tests.diagnostics_rooms import DOMAIN, Rooms, full_disk
from web.rate_limits import Rate
from wizard.runs.limits import RunLimits


def begin_by_api(rooms, body, **more):
    client = rooms.browser().client
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return client.post("/api/diagnoses", data=raw, content_type="application/json", **more)


def test_the_api_starts_a_public_run(rooms) -> None:
    answer = begin_by_api(rooms, {"target": DOMAIN, "symptom": "site_down"})
    assert answer.status_code == 202
    report_path = answer.headers["Location"]
    assert rooms.run(report_path).scope is Scope.PUBLIC
    response = rooms.browser().get(report_path)
    assert (response.json["state"], response.headers["Retry-After"]) == ("queued", "1")
    rooms.finish(report_path, full_disk())
    response = rooms.browser().get(report_path)
    assert response.json["state"] == "done"
    assert "Retry-After" not in response.headers
    assert response.json["findings"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"target": "192.0.2.1"}, 422),
        ({"target": DOMAIN, "symptom": "nonsense"}, 422),
        ({"target": DOMAIN, "scope": "staff"}, 422),
        ({"target": 5}, 422),
        ({}, 422),
        ([], 422),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'"' + b"x" * 50_000 + b'"', 413),
    ],
)
def test_the_api_refuses_in_problem_documents(rooms, body, status) -> None:
    answer = begin_by_api(rooms, body)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert rooms.store.recent() == ()


def test_the_api_has_limits(sqlite_url, clock) -> None:
    limits = RunLimits(asker=Rate(1, timedelta(minutes=1)))
    rooms = Rooms(connect(sqlite_url, clock=clock), clock, limits)
    begin_by_api(rooms, {"target": DOMAIN})
    answer = begin_by_api(rooms, {"target": DOMAIN})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert answer.mimetype == "application/problem+json"


def test_a_pasted_error_is_explained_to_programs_and_not_kept(rooms) -> None:
    text = "550 5.1.1 <jan@shop.example>: no such user (Message-ID: <a1@cafe.example>)"
    answer = rooms.browser().client.post("/api/explain", json={"text": text})
    assert answer.status_code == 200, answer.text
    (item,) = answer.json["items"]
    assert (item["reason"], item["permanent"]) == ("recipient_unknown", True)
    assert answer.json["message"]["ids"] == ["a1@cafe.example"]
    assert rooms.store.recent() == ()
    assert rooms.browser().client.post("/api/explain", json={"txt": text}).status_code == 422
    assert (
        rooms.browser().client.post("/api/explain", json={"text": "x" * 500_000}).status_code == 413
    )
