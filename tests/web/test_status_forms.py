"""Operators' forms: all mistakes at once, each at its field; times that clocks skip or show twice."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from db.engine import connect
from jobs.database_queue import DATABASE_QUEUE
from status.incidents.incident_editing import AnnouncementText, IncidentEditor
from status.model import Condition
from status.operator_pages import announcements, web
from status.operator_pages import maintenance as works
from status.storage.store import StatusStore
from tests.desk_fixtures import House
from tests.status_fixtures import MAIL, WEB
from web.site import Site

WORK = {
    "title-en": "Updates",
    "text-en": "Short breaks.",
    "starts_at": "2026-03-29T01:00",
    "ends_at": "2026-03-29T04:00",
    "parts": "web",
}


@pytest.fixture
def house(sqlite_url, clock, tmp_path):
    database = connect(sqlite_url, clock=clock)
    site = Site(name="Sunny Hosting", time_zone="Europe/Prague")
    new_house = House(database, clock, site=site)
    store = StatusStore(database, clock, DATABASE_QUEUE)
    new_house.incidents = IncidentEditor(store, clock, (WEB, MAIL))
    folder = tmp_path / "published"
    folder.mkdir()
    for blueprint in (
        web.blueprint(new_house.incidents, store, (), folder),
        works.blueprint(new_house.incidents),
        announcements.blueprint(new_house.incidents),
    ):
        new_house.app.register_blueprint(blueprint)
    yield new_house
    database.close()


@pytest.fixture
def olu(house):
    return house.browser("olu")


def errors_of(answer):
    """What stands at the fields, by field."""
    assert answer.status_code == 422
    return dict(re.findall(r'<p class="error" id="([\w-]+)-error">(.*?)</p>', answer.text))


def test_a_plan_is_told_all_its_mistakes_each_at_its_field(house, olu):
    form = {
        "title-cs": "Výměna",
        "text-en": "Short breaks.",
        "starts_at": "2026-03-29T02:15",
        "ends_at": "",
        "repeat": "weekly",
        "every": "many",
        "until": "2026-03-01",
        "ask": "yes",
    }
    answer = olu.post("/ops/maintenance/new", form)
    assert errors_of(answer).keys() == {"title-en", "text-cs", "starts_at", "ends_at"}
    assert "Say which services the work touches." in answer.text
    assert "Nothing is written in these languages: Čeština." in answer.text, "asked at once, too"
    begun = olu.post("/ops/maintenance/new", form | WORK)
    assert errors_of(begun).keys() == {"text-cs", "every", "until"}
    assert "The last day lies before the first one." in begun.text
    assert 'value="2026-03-01"' in begun.text
    assert house.incidents.series() == ()


def test_an_incident_is_told_all_its_mistakes_each_at_its_field(house, olu):
    form = {
        "title-en": "Down",
        "text-cs": "Nejde to.",
        "state": "resolved",
        "on-web": "no_data",
        "started_at": "2027-01-01T00:00",
        "publish_at": "soon",
        "ask": "yes",
    }
    answer = olu.post("/ops/incidents/new", form)
    assert errors_of(answer).keys() == {"text-en", "title-cs", "state", "publish_at"}
    assert "Choose one of the offered states." in answer.text
    later = errors_of(olu.post("/ops/incidents/new", form | {"publish_at": ""}))
    assert later["started_at"] == "It cannot begin in the future."
    incident = house.incidents.open({"en": "Down"}, AnnouncementText({"en": "a"}), "olu")
    update = {"text-en": "", "state": "postmortem", "at": "2020-01-01T00:00", "ask": "yes"}
    answer = olu.post(f"/ops/incidents/{incident.id}", update)
    assert errors_of(answer).keys() == {"state", "at"}
    assert "Say it in at least one language." in answer.text


def test_news_are_told_all_their_mistakes_each_at_its_field(house, olu):
    form = {"title-en": "Terms", "starts_at": "x", "ends_at": "2020-01-01T00:00"}
    answer = olu.post("/ops/announcements", form)
    assert errors_of(answer).keys() == {"starts_at"}
    assert "Say it in at least one language." in answer.text
    assert errors_of(olu.post("/ops/announcements", form | {"starts_at": ""})).keys() == {"ends_at"}
    assert house.incidents.announcements() == ()


def test_an_hour_that_a_night_does_not_have_is_refused_and_said(house, olu):
    skipped = WORK | {"starts_at": "2026-03-29T02:15", "ends_at": "2026-03-29T03:00"}
    answer = olu.post("/ops/maintenance/new", skipped)
    assert errors_of(answer).keys() == {"starts_at"}
    assert "in Europe/Prague they are put forward from 02:00 to 03:00" in answer.text
    assert olu.post("/ops/maintenance/new", skipped | {"starts_at": "2026-03-29T01:15"}).location
    (planned,) = house.incidents.maintenances()
    assert planned.ends_at - planned.starts_at == timedelta(minutes=45)


def test_of_an_hour_that_comes_twice_one_is_chosen(house, olu):
    twice = WORK | {"starts_at": "2026-10-25T02:15", "ends_at": "2026-10-25T02:45"}
    answer = olu.post("/ops/maintenance/new", twice)
    assert errors_of(answer).keys() == {"starts_at", "ends_at"}
    assert 'name="starts_at-which"' in answer.text
    chosen = twice | {"starts_at-which": "first", "ends_at-which": "second"}
    assert olu.post("/ops/maintenance/new", chosen).status_code == 303
    (planned,) = house.incidents.maintenances()
    assert planned.starts_at == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert planned.ends_at == datetime(2026, 10, 25, 1, 45, tzinfo=UTC)
    page = f"/ops/maintenance/{planned.id}/move"
    assert olu.get(page).text.count('<option value="second" selected>') == 1
    moved = {k: chosen[k] for k in chosen if k.startswith(("starts", "ends"))}
    assert olu.post(page, moved | {"ends_at-which": "first"}).status_code == 303
    assert house.incidents.get_maintenance(planned.id).ends_at == planned.ends_at - timedelta(
        hours=1
    )


def test_the_end_of_running_work_moves_whatever_second_it_began_at(house, olu, clock):
    clock.advance(timedelta(seconds=30))
    window = clock.now(), clock.now() + timedelta(hours=1)
    planned = house.incidents.plan({"en": "W"}, {"en": "t"}, window, ("web",), "program")
    clock.advance(timedelta(minutes=5))
    page = f"/ops/maintenance/{planned.id}/move"
    typed = dict(re.findall(r'name="(starts_at|ends_at)"[^>]* value="([^"]+)"', olu.get(page).text))
    later = {**typed, "ends_at": "2026-01-15T23:30"}
    assert olu.post(page, later).status_code == 303
    moved = house.incidents.get_maintenance(planned.id)
    assert moved.starts_at == planned.starts_at
    assert moved.ends_at == datetime(2026, 1, 15, 22, 30, tzinfo=UTC)


def test_a_reason_is_kept_whole_or_refused(house, olu):
    long = "because " * 30
    chosen = {"condition": "major_outage", "hours": "1", "reason": long}
    answer = olu.post("/ops/components/web", chosen)
    assert errors_of(answer)["reason"] == "This is too long: 200 characters at most."
    assert f'value="{long}"' in answer.text
    assert house.incidents.overrides() == ()
    until = house.incidents.now() + timedelta(hours=1)
    with pytest.raises(Exception, match="200 characters at most"):
        house.incidents.override("web", Condition.MAJOR_OUTAGE, until, "cli", long)
