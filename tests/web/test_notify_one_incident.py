"""Waiting for the end of one incident: who hears of it, how often, and when it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete

from db.engine import connect
from db.tables.status import incidents
from notify.model import SubscriberKind
from portal.ops_api import subscriber_document
from status.incidents.corrections import Wording
from status.incidents.incident_editing import AnnouncementText
from tests.contracts.test_backup import house as configured
from tests.notify_fixtures import NotifyHouse, link

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
    form = {"email": MARA, "incident": disk.id, "message_language": "en"}
    house.browser().post("/subscribe", form)
    house.run_jobs()
    (letter,) = house.letters()
    assert "of this incident:\n\nDisk\n\nWe do so already" in letter.text


def test_the_letter_and_the_page_that_ask_for_a_yes_name_the_incident(house):
    disk = house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "A"}), "olu")
    browser = house.browser()
    form = {"email": MARA, "incident": disk.id, "message_language": "cs"}
    browser.post("/subscribe", form)
    house.run_jobs()
    (letter,) = house.letters()
    assert "\n\nDisk\n\n" in letter.text
    assert "becomes of this incident: Disk<" in browser.get(link(letter)).text
    house.incidents.correct(disk.id, Wording({"en": "A slow disk"}), "olu")
    browser.post(link(letter), {"go": "confirm"})
    assert "becomes of this incident: A slow disk<" in browser.get(link(letter)).text


def test_who_ends_waiting_for_one_is_not_told_that_all_news_end(house):
    disk = house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "A"}), "olu")
    page = house.browser().get(f"/subscribe?incident={disk.id}&lang=en").text
    assert "forgotten, unless you also asked for other news" in page
    house.confirmed(MARA)
    path = house.confirmed(MARA, incident=disk.id)
    assert "We forget the address" not in house.browser().get(path).text
    answer = house.browser().post(path, {"go": "leave"}).text
    assert "other news that you asked for goes on" in answer
    assert "No more news is sent" not in answer
    (left,) = house.store.all()
    assert (left.address, left.preferences.incident) == (MARA, "")
    path = house.confirmed(MARA, incident=disk.id)
    assert "other news that you asked for goes on" in house.browser().post(f"{path}/leave").text


def test_no_letter_is_written_of_an_incident_that_is_hidden_meanwhile(house):
    disk = house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "A"}), "olu")
    form = {"email": MARA, "incident": disk.id, "message_language": "en"}
    house.browser().post("/subscribe", form)
    with house.db.write() as conn:
        conn.execute(delete(incidents))
    house.run_jobs()
    assert house.letters() == []


def test_nobody_waits_for_what_is_over_or_hidden(house):
    over = house.incidents.open({"en": "Disk"}, AnnouncementText({"en": "A"}), "olu")
    house.incidents.resolve(over.id, {"en": "B"}, "olu")
    for incident in (over.id, "unknown"):
        assert (
            "is not open, or no longer"
            in house.browser().get(f"/subscribe?incident={incident}").text
        )
        form = {"email": MARA, "incident": incident, "message_language": "en"}
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
