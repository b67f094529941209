"""Waiting for the end of one incident: who hears of it, how often, and when it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete

from db.engine import connect
from db.tables.status import incidents
from notify.model import SubscriberKind
from portal.ops_api import subscriber_document
from status.incidents.incident_editing import AnnouncementText
from tests.contracts.test_backup import house as configured
from tests.notify_fixtures import NotifyHouse

MARA, VERA = "mara@people.example", "vera@people.example"


@pytest.fixture
def house(sqlite_url, clock, tmp_path):
    database = connect(sqlite_url, clock=clock)
    yield NotifyHouse(database, clock, folder=tmp_path)
    database.close()


@pytest.fixture
def chores(sqlite_url, clock, tmp_path):
    """What the room does each hour, on the house's database."""
    rooms = configured(tmp_path / "configured", clock, sqlite_url)
    yield rooms.notify.chores()
    rooms.close()
    rooms.ctx.db.close()


def test_nobody_waits_longer_for_what_is_hidden(house, chores):
    disk = house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "A"}), "olu")
    house.confirmed(MARA, incident=disk.id)
    end = chores["ending subscriptions to incidents"]
    assert end() == 0
    with house.db.write() as conn:
        conn.execute(delete(incidents))
    assert end() == 1


def test_who_asks_hears_of_one_incident_until_it_is_over_and_is_forgotten(house, clock, chores):
    disk = house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "A"}), "olu")
    page = house.browser().get(f"/subscribe?incident={disk.id}&lang=en").text
    assert "Tell me when this is over" in page
    assert "Disk" in page
    path = house.confirmed(MARA, incident=disk.id)
    assert "Once it is over, this ends by itself" in house.browser().get(path).text
    house.browser().post(path, {"go": "save", "scope": "all"})  # no page offers it
    house.incidents.open({"en": "Mail"}, AnnouncementText({"en": "It broke."}), "olu")
    house.run_jobs()
    assert house.letters() == [], "another incident"
    clock.advance(timedelta(minutes=1))
    house.incidents.resolve(disk.id, {"en": "New disk."}, "olu")
    house.run_jobs()
    (letter,) = house.letters()
    assert letter.subject == "Sunny Hosting: Resolved: Disk"
    assert "this ends by itself after two days" in letter.text
    clock.advance(timedelta(days=1))
    house.incidents.postmortem(disk.id, {"en": "It was old."}, "olu")
    house.run_jobs()
    (letter,) = house.letters()
    assert letter.subject == "Sunny Hosting: What happened: Disk"
    end = chores["ending subscriptions to incidents"]
    assert (end(), house.browser().get(path).status_code) == (0, 200)
    clock.advance(timedelta(days=1))
    assert (end(), house.browser().get(path).status_code) == (1, 404)


def test_who_waits_for_an_incident_already_is_told_so(house):
    disk = house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "A"}), "olu")
    house.confirmed(MARA, incident=disk.id)
    form = {"email": MARA, "incident": disk.id, "tongue": "en"}
    house.browser().post("/subscribe", form)
    house.run_jobs()
    (letter,) = house.letters()
    assert "of one incident. We do so already" in letter.text


def test_nobody_waits_for_what_is_over_or_hidden(house):
    over = house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "A"}), "olu")
    house.incidents.resolve(over.id, {"en": "B"}, "olu")
    for incident in (over.id, "unknown"):
        assert (
            "is not open, or no longer"
            in house.browser().get(f"/subscribe?incident={incident}").text
        )
        form = {"email": MARA, "incident": incident, "tongue": "en"}
        assert house.browser().post("/subscribe", form).status_code == 422
    house.run_jobs()
    assert house.letters() == []


def test_a_reader_may_hear_of_all_and_wait_for_one(house, clock):
    disk = house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "A"}), "olu")
    house.confirmed(MARA)
    path = house.confirmed(MARA, incident=disk.id)
    assert len(house.store.all()) == 2
    clock.advance(timedelta(minutes=1))
    house.incidents.update(disk.id, AnnouncementText({"en": "B"}, "monitoring"), "olu")
    house.run_jobs()
    assert [x.to for x in house.letters()] == [MARA], "one letter for one change"
    house.confirmed(VERA, scope="some", component="alone")
    house.confirmed(VERA, incident=disk.id)
    clock.advance(timedelta(minutes=1))
    house.incidents.update(disk.id, AnnouncementText({"en": "C"}), "olu")
    house.run_jobs()
    assert sorted(x.to for x in house.letters()) == [MARA, VERA], "her services are not touched"
    assert house.browser().get(path).status_code == 200


def test_operators_see_who_hears_of_one_incident_only(house):
    disk = house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "A"}), "olu")
    house.confirmed(MARA, incident=disk.id)
    (subscriber,) = house.store.all()
    assert subscriber_document(subscriber).incident == disk.id


def test_only_mailboxes_wait_for_one_incident(house):
    disk = house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "A"}), "olu")
    house.subscribe(MARA, incident=disk.id, url="https://hooks.example/x")
    (subscriber,) = house.store.all()
    assert (subscriber.kind, subscriber.address) == (SubscriberKind.EMAIL, MARA)
