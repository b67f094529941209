"""Operators tell the public: ready words, other times, recurring work, news, uptime reports."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from datetime import date, timedelta

import msgspec
import pytest
from sqlalchemy import select

from db.tables.jobs import jobs
from status.events import CHANGED, StatusChanged
from status.incidents.incident_automation import (
    REMINDER,
    IncidentAutomation,
    ReminderPayload,
    ReminderPolicy,
)
from status.incidents.incident_editing import AnnouncementText, Backdating
from status.incidents.probe_incidents import MonitoredState
from status.incidents.templates import IncidentTemplate, IncidentTemplates
from status.incidents.validation import RuleViolation
from status.model import Condition, IncidentState, MaintenanceState, UptimeDay
from status.state import maintenance_windows
from status.state.statements import PublicStatements
from status.storage.store import ObservationBatch
from tests.operator_house import operator_house
from tests.status_fixtures import MAIL, WEB

HOUR = timedelta(hours=1)
PAGES = ("/ops/announcements", "/ops/sla", "/ops/sla/2025-12", "/ops/sla/2025-12.csv")
OWN = IncidentTemplate("disk", "A disk", {"en": "A disk of {parts:list} failed."}, {"en": "Disk"})


@pytest.fixture
def house(sqlite_url, clock, tmp_path):
    with operator_house(
        sqlite_url, clock, tmp_path, templates=IncidentTemplates((OWN,))
    ) as new_house:
        yield new_house


@pytest.fixture
def olu(house):
    return house.browser("olu")


def queued_changes(house):
    with house.db.read() as conn:
        rows = conn.execute(select(jobs).where(jobs.c.kind == CHANGED).order_by(jobs.c.id))
        return [str(msgspec.json.decode(r.payload, type=StatusChanged).what) for r in rows]


def local(at):
    return f"{at:%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize("path", PAGES)
def test_who_is_let_in(house, path):
    assert house.browser("olu").get(path).status_code == 200
    assert house.browser("ben").get(path).status_code == 403
    assert house.browser("zed").get(path).status_code == 404
    assert house.browser().get(path).status_code == 303


@pytest.mark.parametrize("name", ["ben", "zed", "mara"])
def test_nobody_else_announces(house, name):
    house.browser(name).post("/ops/announcements", {"title-en": "x", "text-en": "y"})
    assert house.incidents.announcements() == ()


# ------------------------------------------------------------------ incidents
def test_ready_words_stand_in_the_form(olu):
    assert "Something is slow" in olu.get("/ops/incidents/new").text
    assert "A disk of [services] failed." in olu.get("/ops/incidents/new?template=disk").text
    assert "A disk" in olu.get("/ops/incidents/new").text
    assert olu.get("/ops/incidents/new?template=nothing").status_code == 200


def test_ready_words_name_the_services_that_are_chosen(house, olu):
    fields = {"title-en": "Outage: [services]", "text-en": "A disk of {parts:list} failed."}
    fields |= {"title-cs": "Výpadek: [služby]", "text-cs": "Disk.", "state": "investigating"}
    empty = olu.post("/ops/incidents/new", fields)
    assert empty.status_code == 422
    assert "choose the services" in empty.text
    chosen = fields | {"on-web": "major_outage", "on-mail": "major_outage"}
    assert "Outage: Web servers and Mailboxes" in (
        olu.post("/ops/incidents/new", chosen | {"go": "preview"}).text
    )
    olu.post("/ops/incidents/new", chosen)
    (incident,) = house.incidents.all()
    assert incident.title["en"] == "Outage: Web servers and Mailboxes"
    assert incident.title["cs"] == "Výpadek: Web servers a\xa0Mailboxes"
    assert incident.updates[0].text["en"] == "A disk of Web servers and Mailboxes failed."
    page = f"/ops/incidents/{incident.id}"
    assert "[services]: not available" in olu.get(f"{page}?template=outage").text
    olu.post(page, {"text-en": "[services]: still down.", "state": "identified"})
    olu.post(page, {"text-en": "[services]: slow.", "on-mail": "degraded_performance"})
    newest, before, _ = house.incidents.get(incident.id).updates
    assert before.text["en"] == "Web servers and Mailboxes: still down."
    assert newest.text["en"] == "Mailboxes: slow."


@pytest.mark.parametrize("text", ["Outage: …", "[services]", "{parts:list} are down", "…: slow"])
def test_nothing_is_published_with_a_gap(house, olu, clock, text):
    incident = {"title-en": text, "text-en": "x"}
    assert olu.post("/ops/incidents/new", incident).status_code == 422
    assert olu.post("/ops/incidents/new", {**incident, "go": "draft"}).status_code == 422
    assert olu.post("/ops/announcements", incident).status_code == 422
    opened = house.incidents.open({"en": "Down"}, AnnouncementText({"en": "a"}), "olu")
    page = f"/ops/incidents/{opened.id}"
    assert olu.post(page, {"text-en": text, "state": "identified"}).status_code == 422
    assert house.incidents.all() == (opened,)
    assert house.incidents.announcements() == ()


def test_ready_words_that_a_program_sends_back_are_filled(house):
    """Programs read templates unfilled, and send them with the components they name."""
    ready = next(t for t in IncidentTemplates().offered if t.id == "outage")
    title, text = (ready.unfilled(words, ("en", "cs")) for words in (ready.title, ready.text))
    with pytest.raises(RuleViolation) as refused:
        house.incidents.open(title, AnnouncementText(text), "token")
    assert set(refused.value.fields) == {"title.en", "title.cs", "text.en", "text.cs"}
    down = AnnouncementText(text, components={"web": Condition.MAJOR_OUTAGE})
    incident = house.incidents.open(title, down, "token")
    assert incident.title == {"en": "Outage: Web servers", "cs": "Výpadek: Web servers"}
    assert not any("{" in words for words in incident.updates[0].text.values())


def test_planned_work_names_its_services(house, olu, clock):
    _, (work,) = plan(house, olu, clock, **{"title-en": "Work on [services]"})
    assert work.title["en"] == "Work on Web servers"


def test_an_incident_is_added_afterwards(house, olu, clock):
    fields = {"title-en": "Mail was slow", "text-en": "A disk.", "state": "resolved"}
    began = clock.now() - 5 * HOUR
    fields |= {"started_at": local(began), "ended_at": local(began + HOUR)}
    assert olu.post("/ops/incidents/new", fields).status_code == 303
    (incident,) = house.incidents.all()
    assert (incident.started_at, incident.resolved_at) == (began, began + HOUR)
    assert queued_changes(house) == []
    bad = olu.post("/ops/incidents/new", fields | {"started_at": local(clock.now() + HOUR)})
    assert bad.status_code == 422
    assert "cannot begin in the future" in bad.text


async def test_an_incident_waits_for_its_time_and_is_then_told_once(house, olu, clock):
    later = clock.now() + HOUR
    fields = {"title-en": "Soon", "text-en": "Words.", "publish_at": local(later)}
    olu.post("/ops/incidents/new", fields)
    (incident,) = house.incidents.all()
    assert "Scheduled for later" in olu.get("/ops").text
    assert queued_changes(house) == []
    clock.advance(2 * HOUR)
    view = MonitoredState((WEB, MAIL), {}, house.store.statements(), clock.now())
    assert await IncidentAutomation(house.store).run(view)
    await IncidentAutomation(house.store).run(view)
    assert queued_changes(house) == ["incident.opened"]
    assert house.incidents.get(incident.id).publish_at is None


def test_what_is_scheduled_may_be_published_at_once(house, olu, clock):
    when = {"publish_at": local(clock.now() + HOUR)}
    olu.post("/ops/incidents/new", {"title-en": "Soon", "text-en": "Words.", **when})
    (incident,) = house.incidents.all()
    assert "Publish now" in olu.get(f"/ops/incidents/{incident.id}").text
    olu.post(f"/ops/incidents/{incident.id}", {"go": "release"})
    assert house.incidents.get(incident.id).publish_at is None
    assert queued_changes(house) == ["incident.opened"]


def test_what_happened_is_written_once_it_is_over(house, olu):
    incident = house.incidents.open({"en": "Down"}, AnnouncementText({"en": "a"}), "olu")
    page = f"/ops/incidents/{incident.id}"
    early = olu.post(page, {"text-en": "Because.", "state": "postmortem"})
    assert "once it is over" in early.text
    olu.post(page, {"text-en": "Well.", "state": "resolved"})
    olu.post(page, {"text-en": "Because.", "state": "postmortem"})
    assert house.incidents.get(incident.id).state is IncidentState.POSTMORTEM
    assert queued_changes(house) == ["incident.opened", "incident.resolved", "incident.postmortem"]


# ------------------------------------------------------------------ planned work
def plan(house, olu, clock, **more):
    starts = clock.now() + 24 * HOUR
    fields = {
        "title-en": "New switches", "text-en": "Breaks.", "parts": ["web"],
        "starts_at": local(starts), "ends_at": local(starts + HOUR), **more,
    }  # fmt: skip
    answer = olu.post("/ops/maintenance/new", fields)
    return answer, house.incidents.maintenances()


def test_work_is_moved_and_calendars_learn_of_it(house, olu, clock):
    _, (work,) = plan(house, olu, clock)
    new = clock.now() + 48 * HOUR
    page = f"/ops/maintenance/{work.id}/move"
    assert local(work.starts_at) in olu.get(page).text
    olu.post(page, {"starts_at": local(new), "ends_at": local(new + HOUR)})
    (after,) = house.incidents.maintenances()
    assert (after.starts_at, after.sequence, after.id) == (new, 1, work.id)
    wrong = olu.post(page, {"starts_at": local(new), "ends_at": local(new - HOUR)})
    assert wrong.status_code == 422
    assert queued_changes(house) == ["maintenance.announced", "maintenance.changed"]
    assert olu.get("/ops/maintenance/nothing/move").status_code == 404


def test_running_work_is_told_of_checked_and_prolonged(house, olu, clock):
    _, (work,) = plan(house, olu, clock)
    page = f"/ops/maintenance/{work.id}"
    early = olu.post(page, {"text-en": "Soon.", "state": "verifying"})
    assert "The clock has not brought it there" in early.text
    olu.post(page, {"text-en": "We bring a ladder."})
    clock.advance(24 * HOUR)
    olu = house.browser("olu")
    assert "Checking the result" in olu.get(page).text  # may be chosen
    assert olu.post(page, {"text-en": "All is in.", "state": "verifying"}).status_code == 303
    (now,) = house.incidents.maintenances()
    assert maintenance_windows.state(now, clock.now()) is MaintenanceState.VERIFYING
    page_text = olu.get(page).text
    assert "We bring a ladder." in page_text
    assert "The work has begun." in page_text
    window = {"starts_at": local(work.starts_at), "ends_at": local(work.ends_at + HOUR)}
    later = window | {"starts_at": local(work.starts_at + HOUR)}
    assert "only its end can be moved" in olu.post(f"{page}/move", later).text
    olu.post(f"{page}/move", window)
    olu.post(page, {"text-en": "Once more.", "state": "in_progress"})
    (now,) = house.incidents.maintenances()
    assert now.ends_at == work.ends_at + HOUR
    assert maintenance_windows.state(now, clock.now()) is MaintenanceState.IN_PROGRESS
    assert queued_changes(house) == [
        "maintenance.announced", "maintenance.updated", "maintenance.updated",
        "maintenance.changed", "maintenance.updated",
    ]  # fmt: skip


def test_words_belong_to_one_date_of_recurring_work(house, olu, clock):
    _, works = plan(house, olu, clock, rrule="FREQ=WEEKLY")
    first, second = sorted(works, key=lambda w: w.starts_at)[:2]
    olu.post(f"/ops/maintenance/{first.id}", {"text-en": "This one is short."})
    by_id = {w.id: w for w in house.incidents.maintenances()}
    assert [n.text for n in maintenance_windows.updates_of(by_id[first.id])] == [
        {"en": "This one is short."}
    ]
    assert maintenance_windows.updates_of(by_id[second.id]) == ()
    assert first.id in olu.get(f"/ops/maintenance/{first.series}").text
    series = olu.post(f"/ops/maintenance/{first.series}", {"text-en": "x"})
    assert series.status_code == 422


def test_recurring_work_is_moved_and_cancelled_date_by_date(house, olu, clock):
    _, works = plan(house, olu, clock, rrule="FREQ=WEEKLY", zone="Europe/Prague")
    first, second, third = sorted(works, key=lambda w: w.starts_at)[:3]
    assert "Recurring maintenance" in olu.get("/ops").text
    moved = second.starts_at + HOUR
    olu.post(
        f"/ops/maintenance/{second.id}/move",
        {"starts_at": local(moved), "ends_at": local(moved + HOUR)},
    )
    olu.post(f"/ops/maintenance/{third.id}/finish")
    by_id = {w.id: w for w in house.incidents.maintenances()}
    assert by_id[second.id].starts_at == moved
    assert by_id[third.id].cancelled
    assert not by_id[first.id].cancelled
    olu.post(f"/ops/maintenance/{first.series}/finish")
    ahead = {maintenance_windows.state(w, clock.now()) for w in house.incidents.maintenances()}
    assert ahead == {MaintenanceState.CANCELLED}


def test_a_rule_that_nobody_understands_is_refused(house, olu, clock):
    answer, works = plan(house, olu, clock, rrule="every sunday")
    assert answer.status_code == 422
    assert "FREQ=WEEKLY" in answer.text
    assert works == ()


async def test_work_is_told_before_at_its_start_and_at_its_end_each_once(house, olu, clock):
    plan(house, olu, clock)
    keeper = IncidentAutomation(house.store, reminder_policy=ReminderPolicy(before=4 * HOUR))
    seen = []
    for _ in range(30):
        clock.advance(HOUR)
        view = MonitoredState((WEB,), {}, house.store.statements(), clock.now())
        await keeper.run(view)
        await IncidentAutomation(house.store, reminder_policy=keeper.reminder_policy).run(
            view
        )  # another engine
        seen.append(queued_changes(house))
    assert seen[-1] == [
        "maintenance.announced", "maintenance.reminder", "maintenance.started", "maintenance.ended",
    ]  # fmt: skip
    assert seen[18] == ["maintenance.announced"]


async def test_operators_are_reminded_of_a_long_silence_again_and_again(house, clock):
    began = Backdating(started_at=clock.now() - 99 * HOUR)  # readers have had news just now
    house.incidents.open({"en": "Down"}, AnnouncementText({"en": "a"}), "olu", when=began)
    keeper = IncidentAutomation(house.store, reminder_policy=ReminderPolicy(silent=4 * HOUR))
    for _ in range(9):
        clock.advance(HOUR)
        await keeper.run(MonitoredState((WEB,), {}, house.store.statements(), clock.now()))
    with house.db.read() as conn:
        rows = conn.execute(select(jobs).where(jobs.c.kind == REMINDER).order_by(jobs.c.id)).all()
    spans = [msgspec.json.decode(r.payload, type=ReminderPayload).silent for r in rows]
    assert spans == [4 * 3600, 8 * 3600]
    quiet = IncidentAutomation(house.store, reminder_policy=ReminderPolicy(silent=None))
    assert not await quiet.run(
        MonitoredState((WEB,), {}, PublicStatements(house.incidents.all()), clock.now())
    )


async def test_operators_are_told_once_of_a_draft_that_waits(house, clock):
    draft = house.incidents.open({"en": "Down"}, AnnouncementText({"en": "a"}), "olu", draft=True)
    for _ in range(3):  # three engines, one after the other
        keeper = IncidentAutomation(house.store, reminder_policy=ReminderPolicy(silent=None))
        await keeper.run(MonitoredState((WEB,), {}, house.store.statements(), clock.now()))
    with house.db.read() as conn:
        rows = conn.execute(select(jobs).where(jobs.c.kind == REMINDER)).all()
    (payload,) = [msgspec.json.decode(r.payload, type=ReminderPayload) for r in rows]
    assert (payload.incident, payload.draft) == (draft.id, True)


# ------------------------------------------------------------------ announcements, uptime
def test_a_preview_of_news_shows_no_state_of_an_incident(olu):
    news = {"title-en": "New offices", "text-en": "We have moved.", "go": "preview"}
    page_text = olu.post("/ops/announcements", news).text
    assert "How readers will see it" in page_text
    assert "Investigating" not in page_text


def test_news_is_shown_and_taken_off(house, olu, clock):
    fields = {"title-en": "We move", "text-en": "On Monday."}
    preview = olu.post("/ops/announcements", fields | {"go": "preview"})
    assert "How readers will see it" in preview.text
    assert house.incidents.announcements() == ()
    olu.post("/ops/announcements", fields)
    (news,) = house.incidents.announcements()
    assert queued_changes(house) == ["announcement.published"]
    assert "We move" in olu.get("/ops/announcements").text
    olu.post(f"/ops/announcements/{news.id}/withdraw")
    assert house.incidents.announcements() == ()
    assert olu.post("/ops/announcements/nothing/withdraw").status_code == 404


def test_the_uptime_report_as_page_csv_json_and_html(house, olu, clock):
    spent = {Condition.OPERATIONAL: 86300, Condition.MAJOR_OUTAGE: 100}
    days = tuple(UptimeDay(date(2025, 12, n), spent) for n in range(1, 32))
    house.store.write(ObservationBatch(days={"web": days}))
    seen = olu.get("/ops/sla").text
    assert "Uptime from 1 December 2025 to 31 December 2025" in seen
    assert "99.88%" in seen
    assert "a partial outage as 30% of one" in seen
    rows = list(csv.DictReader(io.StringIO(olu.get("/ops/sla/2025-12.csv").text)))
    assert float(rows[0]["uptime_percent"]) == pytest.approx(99.884259)
    document = json.loads(olu.get("/ops/sla/2025-Q4.json").text)
    assert document["period"] == "2025-Q4"
    assert len(document["components"][0]["months"]) == 3
    answer = olu.get("/ops/sla/2025.html")
    alone = answer.text
    style = alone.partition("<style>")[2].partition("</style>")[0]
    assert "@media print" in style
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
    assert "<h1" in alone
    assert "99.88%" in alone
    for wrong in ("/ops/sla/2025-13", "/ops/sla/2025-12.pdf", "/ops/sla/soon.csv"):
        assert olu.get(wrong).status_code == 404
