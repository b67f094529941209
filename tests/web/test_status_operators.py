"""Operators' pages: Olu works with them, Ben is refused, Zed learns nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from db.tables.accounts import audit
from jobs.database_queue import DatabaseSender
from status.incidents.incident_editing import AnnouncementText
from status.model import (
    Condition,
    Impact,
    Incident,
    IncidentState,
    Maintenance,
    Update,
)
from status.state.statements import open_incidents
from status.storage.history import HistoryStore, PastStatements
from tests.operator_house import operator_house

HOUR = timedelta(hours=1)
PAGES = ("/ops", "/ops/incidents/new", "/ops/maintenance/new", "/ops/components/web")


@pytest.fixture
def house(sqlite_url, clock, tmp_path):
    with operator_house(sqlite_url, clock, tmp_path) as new_house:
        yield new_house


@pytest.fixture
def olu(house):
    return house.browser("olu")


def acts(house):
    with house.db.read() as conn:
        rows = conn.execute(select(audit).where(audit.c.actor == "olu").order_by(audit.c.id))
        return [r.action for r in rows if not r.action.startswith("session")]


@pytest.mark.parametrize("path", PAGES)
def test_who_is_let_in(house, path):
    assert house.browser("olu").get(path).status_code == 200
    assert house.browser("ben").get(path).status_code == 403
    assert house.browser("zed").get(path).status_code == 404
    assert house.browser("mara").get(path).status_code == 404
    stranger = house.browser().get(path)
    assert stranger.status_code == 303
    assert stranger.location.startswith("/sign-in?next=")


@pytest.mark.parametrize("name", ["ben", "zed", "mara"])
def test_nobody_else_may_say_anything(house, name):
    incident = house.incidents.open({"en": "Down"}, AnnouncementText({"en": "a"}), "olu")
    browser = house.browser(name)
    before = house.store.statements()
    for path, form in (
        ("/ops/incidents/new", {"title-en": "x", "text-en": "x"}),
        (f"/ops/incidents/{incident.id}", {"text-en": "x", "state": "resolved"}),
        (f"/ops/incidents/{incident.id}", {"go": "approve"}),
        ("/ops/components/web", {"condition": "major_outage", "hours": "1"}),
        ("/ops/maintenance/abc/finish", {}),
    ):
        assert browser.post(path, form).status_code in (403, 404)
    assert house.store.statements() == before


def test_olu_previews_then_publishes_in_two_languages(house, olu):
    form = {
        "title-en": "Mail is slow",
        "title-cs": "Pošta je pomalá",
        "text-en": "A disk is failing.",
        "state": "identified",
        "on-mail": "degraded_performance",
        "on-web": "",
    }
    page = olu.post("/ops/incidents/new", form | {"title-cs": "", "go": "preview"})
    assert page.status_code == 200
    assert "How readers will see it" in page.text
    assert "shown in English: nothing is written in this language" in page.text
    assert "Affected: Mailboxes" in page.text
    assert "Dotčené služby: Mailboxes" in page.text
    assert 'value="Mail is slow"' in page.text  # nothing typed is lost
    assert house.incidents.all() == ()
    for go in ("preview", "publish"):
        sent = olu.post("/ops/incidents/new", form | {"go": go})
        assert sent.status_code == 422
        assert "Čeština: there is a headline, but no text." in sent.text
        assert 'value="Pošta je pomalá"' in sent.text
    sent = olu.post("/ops/incidents/new", form | {"text-cs": "Disk.", "go": "publish"})
    assert sent.status_code == 303
    (incident,) = open_incidents(house.incidents.all())
    assert sent.location == f"/ops/incidents/{incident.id}"
    assert incident.title["cs"] == "Pošta je pomalá"
    assert incident.components == ("mail",)
    assert incident.updates[0].components == {"mail": Condition.DEGRADED_PERFORMANCE}
    assert acts(house) == ["incident.opened"]


def test_olu_updates_and_resolves(house, olu):
    incident = house.incidents.open(
        {"en": "Down"},
        AnnouncementText({"en": "a"}, components={"web": Condition.MAJOR_OUTAGE}),
        "cli",
    )
    path = f"/ops/incidents/{incident.id}"
    assert olu.post(path, {"text-en": "b", "state": "monitoring"}).status_code == 303
    assert olu.post(path, {"text-en": "c", "state": "resolved"}).status_code == 303
    seen = olu.get(path).text
    assert seen.index(">c<") < seen.index(">b<") < seen.index(">a<")
    assert house.incidents.get(incident.id).resolved_at
    assert acts(house) == ["incident.updated", "incident.updated"]


def test_a_form_with_a_mistake_comes_back_with_what_was_typed(house, olu):
    answer = olu.post("/ops/incidents/new", {"title-en": "Only a headline", "go": "publish"})
    assert answer.status_code == 422
    assert "Say it in at least one language." in answer.text
    assert 'value="Only a headline"' in answer.text
    bad = {"title-en": "x", "text-en": "y", "on-web": "no_data", "go": "publish"}
    assert olu.post("/ops/incidents/new", bad).status_code == 422
    bad = {"title-en": "x", "text-en": "y", "on-nothing": "major_outage", "go": "publish"}
    assert olu.post("/ops/incidents/new", bad).status_code == 422
    assert house.incidents.all() == ()


def test_olu_approves_a_draft(house, olu):
    incident = house.incidents.open({"en": "Down"}, AnnouncementText({"en": "a"}), "", draft=True)
    assert "Waiting for your approval" in olu.get("/ops").text
    assert "This is a draft" in olu.get(f"/ops/incidents/{incident.id}").text
    olu.post(f"/ops/incidents/{incident.id}", {"go": "approve"})
    assert open_incidents(house.incidents.all())
    assert "Waiting for your approval" not in olu.get("/ops").text


def test_olu_discards_a_draft(house, olu):
    incident = house.incidents.open({"en": "Down"}, AnnouncementText({"en": "a"}), "", draft=True)
    page = f"/ops/incidents/{incident.id}"
    assert olu.post(page, {"go": "discard"}).status_code == 303
    assert "Waiting for your approval" not in olu.get("/ops").text
    page_text = olu.get(page).text
    assert "was discarded" in page_text
    assert "Approve and publish" not in page_text
    olu.post(page, {"go": "approve"})
    assert open_incidents(house.incidents.all()) == ()
    assert acts(house) == ["incident.discarded"]


def test_olu_keeps_a_new_incident_as_a_draft(house, olu):
    form = {"title-en": "Disk", "text-en": "a", "state": "investigating", "go": "draft"}
    assert olu.post("/ops/incidents/new", form).status_code == 303
    assert open_incidents(house.incidents.all()) == ()
    assert "Waiting for your approval" in olu.get("/ops").text


def test_olu_plans_and_cancels_work(house, olu, clock):
    form = {
        "title-en": "New switches",
        "text-en": "Short breaks.",
        "starts_at": "2026-01-16T22:00",
        "ends_at": "2026-01-16T23:30",
        "parts": "web",
        "go": "publish",
    }
    assert olu.post("/ops/maintenance/new", form | {"ends_at": "soon"}).status_code == 422
    assert olu.post("/ops/maintenance/new", form | {"parts": ""}).status_code == 422
    assert olu.post("/ops/maintenance/new", form).status_code == 303
    (work,) = house.incidents.maintenances()
    assert work.ends_at - work.starts_at == timedelta(hours=1, minutes=30)
    assert "New switches" in olu.get("/ops").text
    assert olu.post(f"/ops/maintenance/{work.id}/finish").status_code == 303
    assert house.incidents.maintenances()[0].cancelled
    assert olu.post("/ops/maintenance/nothing/finish").status_code == 404
    assert acts(house) == ["maintenance.planned", "maintenance.cancelled"]


def test_an_unknown_incident_is_nothing(house, olu):
    assert olu.get("/ops/incidents/nothing").status_code == 404
    assert olu.post("/ops/incidents/nothing", {"text-en": "x"}).status_code == 404


def test_a_foreign_form_is_refused(house, olu):
    sent = {"title-en": "x", "text-en": "y"}
    assert olu.client.post("/ops/incidents/new", data=sent).status_code == 403
    assert house.incidents.all() == ()


def test_czech_operators_read_czech_pages(house, olu):
    assert 'lang="cs"' in olu.get("/ops?lang=cs").text


def test_olu_is_asked_before_news_leaves_out_services_or_languages(house, olu):
    page = "/ops/incidents/new"
    assert 'name="ask" value="yes"' in olu.get(page).text
    form = {"title-en": "Down", "text-en": "It broke.", "go": "publish", "ask": "yes"}
    question = olu.post(page, form).text
    assert "It is not published yet" in question
    assert "Nothing is written in these languages: Čeština." in question
    assert "No service is chosen." in question
    assert 'name="ask"' not in question
    assert house.store.statements().incidents == ()
    assert olu.post(page, {n: v for n, v in form.items() if n != "ask"}).status_code == 303
    (incident,) = house.store.statements().incidents
    update = {"text-en": "It works.", "state": "monitoring", "ask": "yes"}
    assert olu.post(f"/ops/incidents/{incident.id}", update).status_code == 303, "as it began"
    assert olu.post(page, form | {"go": "draft"}).status_code == 303, "nobody sees a draft"


def test_olu_chooses_how_often_work_comes_again(house, olu):
    form = {
        "title-en": "Updates",
        "text-en": "Short breaks.",
        "starts_at": "2026-01-18T02:00",
        "ends_at": "2026-01-18T03:00",
        "parts": "web",
        "repeat": "monthly-weekday",
        "every": "2",
        "until": "2026-12-31",
    }
    assert "Give a number" in olu.post("/ops/maintenance/new", form | {"every": "many"}).text
    assert olu.post("/ops/maintenance/new", form).status_code == 303
    (planned,) = house.store.maintenances()
    assert planned.rrule == "FREQ=MONTHLY;BYDAY=3SU;INTERVAL=2;UNTIL=20261231"


@pytest.mark.parametrize(
    ("hours", "rule", "complaint"),
    [
        (1, {"repeat": "monthly-last"}, "the first date is another one"),
        (1, {"repeat": "workdays"}, "the first date is another one"),
        (1, {"rrule": "FREQ=WEEKLY;BYDAY=MO"}, "the first date is another one"),
        (30, {"rrule": "FREQ=WEEKLY;BYDAY=SU,FR,SA"}, "before this one has ended"),
        (30, {"repeat": "daily"}, "before this one has ended"),
    ],
)
def test_dates_that_were_not_meant_are_refused(house, olu, hours, rule, complaint):
    begin = datetime(2026, 1, 18, 2, tzinfo=UTC)  # the third Sunday of its month
    form = {
        "title-en": "Updates",
        "text-en": "Short breaks.",
        "starts_at": f"{begin:%Y-%m-%dT%H:%M}",
        "ends_at": f"{begin + timedelta(hours=hours):%Y-%m-%dT%H:%M}",
        "zone": "UTC",
        "parts": "web",
    }
    answer = olu.post("/ops/maintenance/new", form | rule)
    assert (answer.status_code, complaint in answer.text) == (422, True)
    assert house.store.maintenances() == ()


def test_work_of_whole_days_may_come_each_day_also_when_clocks_change(house, olu):
    form = {
        "title-en": "Updates",
        "text-en": "Short breaks.",
        "starts_at": "2026-01-18T02:30",
        "ends_at": "2026-01-19T02:30",
        "zone": "Europe/Prague",
        "parts": "web",
        "repeat": "daily",
    }
    assert olu.post("/ops/maintenance/new", form).status_code == 303


def test_what_another_page_told_without_words_can_be_looked_at_and_put_right(house, olu, clock):
    now = clock.now()
    work = Maintenance("work00000001", {"en": "Racks"}, {}, now + HOUR, now + 2 * HOUR, (), now)
    entries = (
        Update("u2", "resolved", now, {}),
        Update("u1", "investigating", now - HOUR, {"en": "Dark."}),
    )
    incident = Incident(
        "past00000001", {"en": "Power"}, IncidentState.RESOLVED, Impact.MAJOR, now - HOUR, entries,
        resolved_at=now,
    )  # fmt: skip
    history = HistoryStore(house.db, clock, DatabaseSender())
    history.write(PastStatements((incident,), (work,)), "cli", "cstate")
    for path in ("/ops", "/ops/incidents/past00000001", "/ops/maintenance/work00000001"):
        assert olu.get(path).status_code == 200, path
    assert "Dark." in olu.get("/ops/incidents/past00000001").text
