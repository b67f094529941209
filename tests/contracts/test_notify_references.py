"""Jobs of messages name the change they tell of; the words are written as each leaves."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from db.tables.jobs import jobs
from jobs.model import Job
from notify import webhooks
from status.events import CHANGED
from status.incidents.incident_editing import AnnouncementText
from status.model import Condition
from tests.notify_fixtures import NotifyHouse

MARA, TOMAS = "mara@people.example", "tomas@people.example"
DOWN = Condition.MAJOR_OUTAGE


@pytest.fixture
def house(database, clock, tmp_path):
    return NotifyHouse(database, clock, folder=tmp_path)


def test_jobs_name_the_change_and_hold_no_word_of_it(house, clock):
    """Thousands of endpoints are thousands of references, not of bodies."""
    house.confirmed(MARA, url="https://hooks.else.example/status")
    house.confirmed(TOMAS)
    house.incidents.open({"en": "Disk is full"}, AnnouncementText({"en": "We look"}), "olu")
    house.run_kind(CHANGED)
    with house.db.read() as conn:
        rows = conn.execute(select(jobs.c.kind, jobs.c.payload)).all()
    payloads = {kind: payload for kind, payload in rows if kind != "status.publish"}
    assert {"mail.send", "hook.send", "channel.send"} <= payloads.keys()
    for payload in payloads.values():
        assert "Disk" not in payload
        assert "We look" not in payload
        assert "example" not in payload
    house.run_jobs()
    assert house.endpoint.bodies[-1]["incident"]["name"] == "Disk is full"
    assert [x.subject for x in house.chat.letters] == ["Incident: Disk is full"]


def test_a_retry_tells_how_things_are_by_then_under_the_same_id(house, clock):
    house.confirmed(MARA, url="https://hooks.else.example/status")
    house.endpoint.status = 503
    incident = house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "a"}), "olu")
    house.run_jobs()
    (_, first, headers) = house.endpoint.calls[-1]
    clock.advance(webhooks.LONGEST_PAUSE)
    house.incidents.update(incident.id, AnnouncementText({"en": "It is a cable"}), "olu")
    house.endpoint.status = 200
    house.run_jobs()
    (_, second, again) = next(
        c for c in house.endpoint.calls[::-1] if c[2]["Jasno-Delivery"] == headers["Jasno-Delivery"]
    )
    assert (
        json.loads(second)["incident"]["id"] == json.loads(first)["incident"]["id"] == incident.id
    )
    words = [u["body"] for u in json.loads(second)["incident"]["incident_updates"]]
    assert words == ["It is a cable", "a"]
    assert again["Jasno-Signature"] != headers["Jasno-Signature"]


def test_messages_that_an_older_release_put_on_their_way_still_leave(house, clock):
    house.confirmed(MARA, url="https://hooks.else.example/status")
    (mara,) = house.store.active()
    old = {
        "hook.send": {
            "subscriber": mara.id,
            "key": "k1",
            "body": '{"old": "[[subscription:leave]]"}',
        },
        "channel.send": {"channel": "chat", "key": "k2", "subject": "Disk", "text": "Down"},
    }
    house.store.enqueue_all([Job(k, json.dumps(v), v["key"], clock.now()) for k, v in old.items()])
    house.run_jobs()
    assert house.endpoint.bodies[-1]["old"].endswith("/leave")
    assert [(x.subject, x.text) for x in house.chat.letters] == [("Disk", "Down")]


def test_a_message_on_its_way_is_not_sent_to_who_wants_it_no_longer(house):
    path = house.confirmed(MARA, url="https://hooks.else.example/status")
    house.incidents.open(
        {"en": "Disk"}, AnnouncementText({"en": "a"}, components={"web": DOWN}), "olu"
    )
    house.run_kind(CHANGED)
    answer = house.browser().post(
        path, {"go": "save", "scope": "some", "component": "mail", "message_language": "en"}
    )
    assert answer.status_code in (200, 303)
    before = len(house.endpoint.calls)
    house.run_jobs()
    assert len(house.endpoint.calls) == before
