"""The rows of status/, alike on SQLite and PostgreSQL; and the operators' door to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import msgspec
import pytest
from sqlalchemy import insert, select

from db.tables import status as t
from db.tables.accounts import audit
from db.tables.jobs import jobs
from jobs.database_queue import DatabaseSender
from status.events import CHANGED, StatusChanged
from status.incidents.incident_editing import (
    AnnouncementText,
    IncidentEditor,
    NotFound,
    RuleViolation,
)
from status.incidents.maintenance_editing import Recurrence
from status.model import (
    Condition,
    Grade,
    Impact,
    IncidentState,
    Observation,
    Signal,
    Transition,
    UptimeDay,
)
from status.state import maintenance_windows
from status.state.statements import open_incidents, recent_maintenances
from status.storage.incident_queries import MAX_CLOSED
from status.storage.rows import INCIDENTS
from status.storage.store import PUBLISH, ObservationBatch, StatusStore
from tests.status_fixtures import MAIL, RACK, WEB

HOUR = timedelta(hours=1)
OK, BAD = Condition.OPERATIONAL, Condition.MAJOR_OUTAGE


@pytest.fixture
def knocks():
    return []


@pytest.fixture
def store(database, clock, knocks):
    return StatusStore(database, clock, DatabaseSender(lambda: knocks.append(1)))


@pytest.fixture
def incidents(store, clock):
    return IncidentEditor(store, clock, (WEB, MAIL, RACK))


def observed(at, grade=Grade.UP, probe="web-http", **more):
    return Observation(probe, at, timedelta(milliseconds=120), Signal(grade, "said"), **more)


def test_a_batch_may_be_written_twice(store, clock):
    now = clock.now()
    seen = (observed(now), observed(now + HOUR, Grade.DOWN, fact='{"status":500}'))
    days = {"web": (UptimeDay(now.date(), {OK: 100, BAD: 20}),)}
    moved = (Transition("web", OK, BAD, now, "answered 500"),)
    store.write(ObservationBatch(seen, days, moved))
    store.write(ObservationBatch(seen, days, moved))
    assert store.observations("web-http") == seen[::-1]
    assert store.observations("web-http", failed=True) == seen[1:]
    assert store.days(now.date()) == days
    assert store.transitions("web") == moved


def test_a_day_is_rewritten_when_more_is_known_of_it(store, clock):
    on = clock.now().date()
    store.write(ObservationBatch(days={"web": (UptimeDay(on, {OK: 100}),)}))
    store.write(ObservationBatch(days={"web": (UptimeDay(on, {OK: 60, BAD: 60}),)}))
    assert store.days(on)["web"] == (UptimeDay(on, {OK: 60, BAD: 60}),)
    assert store.days(on + timedelta(days=1)) == {}


def test_days_come_in_order_and_from_the_asked_one_on(store):
    days = tuple(UptimeDay(date(2026, 1, n), {OK: n}) for n in (3, 1, 2))
    store.write(ObservationBatch(days={"web": days}))
    assert [d.on.day for d in store.days(date(2026, 1, 2))["web"]] == [2, 3]


def test_two_vantages_may_look_at_the_same_moment(store, clock):
    now = clock.now()
    store.write(ObservationBatch((observed(now), observed(now, vantage="brno"))))
    assert len(store.observations("web-http")) == 2


def test_what_a_hostile_server_says_is_stored_without_harm(store, clock):
    odd = Signal(Grade.DOWN, "a\0b\udc80" + "x" * 5000)
    seen = Observation("web-http", clock.now(), timedelta(0), odd, fact='{"reason":"\0"}')
    store.write(
        ObservationBatch(
            (seen,), transitions=(Transition("web", OK, BAD, clock.now(), odd.reason),)
        )
    )
    (observations,) = store.observations("web-http")
    assert observations.signal.reason.startswith("a b")
    assert len(observations.signal.reason) <= 500


def rows(database, table):
    with database.read() as conn:
        return conn.execute(select(table)).all()


def test_opening_is_one_act_row_record_and_wish_to_publish(incidents, database, knocks, clock):
    incident = incidents.open(
        {"en": "Mail is slow ", "cs": ""},
        AnnouncementText({"en": "We look."}, components={"mail": Condition.PARTIAL_OUTAGE}),
        "olu",
    )
    assert incident.title == {"en": "Mail is slow"}
    assert incident.impact is Impact.MAJOR
    assert incidents.get(incident.id) == incident
    assert open_incidents(incidents.all()) == (incident,)
    by_kind = {job.kind: job.payload for job in rows(database, jobs)}
    assert by_kind.pop(PUBLISH) == "{}"
    changed = msgspec.json.decode(by_kind.pop(CHANGED), type=StatusChanged)
    assert (changed.what, changed.id) == ("incident.opened", incident.id)
    assert changed.components == ("mail",)
    assert by_kind == {}
    (record,) = rows(database, audit)
    assert (record.actor, record.action) == ("olu", "incident.opened")
    assert record.subject == f"incident:{incident.id}"
    assert knocks == [1]


def test_the_timeline_grows_newest_first_until_it_is_over(incidents, clock):
    incident = incidents.open(
        {"en": "Down"}, AnnouncementText({"en": "a"}, components={"web": BAD}), "olu"
    )
    clock.advance(HOUR)
    incidents.update(incident.id, AnnouncementText({"en": "b"}, "identified"), "olu")
    clock.advance(HOUR)
    over = incidents.resolve(incident.id, {"en": "c", "cs": "d"}, "olu")
    assert over.resolved_at == clock.now()
    assert over.impact is Impact.CRITICAL
    assert [u.text["en"] for u in incidents.get(incident.id).updates] == ["c", "b", "a"]
    assert incidents.get(incident.id).updates[0].components == {"web": OK}
    assert open_incidents(incidents.all()) == ()
    assert incidents.all() == (incidents.get(incident.id),)
    clock.advance(HOUR)
    after = incidents.update(
        incident.id, AnnouncementText({"en": "why"}, IncidentState.POSTMORTEM), "olu"
    )
    assert after.resolved_at == over.resolved_at
    again = incidents.update(incident.id, AnnouncementText({"en": "back"}, "investigating"), "olu")
    assert again.resolved_at is None
    assert open_incidents(incidents.all()) == (incidents.get(incident.id),)


def test_old_incidents_leave_the_history_but_not_the_store(incidents, clock):
    incident = incidents.open({"en": "Down"}, AnnouncementText({"en": "a"}), "olu")
    incidents.resolve(incident.id, {"en": "c"}, "olu")
    clock.advance(timedelta(days=366))
    assert incidents.all() == ()
    assert incidents.get(incident.id).state is IncidentState.RESOLVED


def test_an_open_incident_is_told_however_many_are_over_since(incidents, store, clock, database):
    news = AnnouncementText({"en": "t"}, "identified", {"web": BAD})
    opened = incidents.open({"en": "T"}, news, "olu")
    begin = clock.now() + HOUR
    past = replace(opened, state=IncidentState.RESOLVED, started_at=begin, resolved_at=begin + HOUR)
    rows = [INCIDENTS.to_row(replace(past, id=f"past{n}")) for n in range(MAX_CLOSED + 1)]
    with database.write() as conn:
        conn.execute(insert(t.incidents), rows)
    listed = store.statements(begin + 2 * HOUR).incidents
    assert len(listed) == MAX_CLOSED + 1
    assert listed[-1].id == opened.id, "the newest first"


def test_a_draft_waits_for_its_approval_and_is_approved_once(incidents, clock):
    incident = incidents.open({"en": "Down"}, AnnouncementText({"en": "a"}), "", draft=True)
    assert open_incidents(incidents.all()) == ()
    assert incidents.approve(incident.id, "olu")
    assert not incidents.approve(incident.id, "olu")
    assert [i.id for i in open_incidents(incidents.all())] == [incident.id]


def test_a_discarded_draft_is_never_published(incidents):
    incident = incidents.open({"en": "Down"}, AnnouncementText({"en": "a"}), "", draft=True)
    saved_draft = incidents.open({"en": "Up"}, AnnouncementText({"en": "a"}), "")
    assert incidents.discard(incident.id, "olu")
    assert not incidents.discard(incident.id, "olu")
    assert not incidents.discard(saved_draft.id, "olu")
    assert not incidents.approve(incident.id, "olu")
    assert [i.id for i in incidents.all()] == [saved_draft.id]
    assert incidents.get(incident.id).state is IncidentState.RESOLVED


def test_words_on_work_come_back_as_they_were_said(incidents, clock):
    now = clock.now()
    maintenance = incidents.plan({"en": "a"}, {"en": "b"}, (now, now + HOUR), ("web",), "olu")
    incidents.note(
        maintenance.id, {"en": "We check it.", "cs": "Kontrolujeme."}, "verifying", "olu"
    )
    (note,) = maintenance_windows.updates_of(incidents.get_maintenance(maintenance.id))
    assert note.text == {"en": "We check it.", "cs": "Kontrolujeme."}
    assert (note.state, note.at) == ("verifying", now)


@pytest.mark.parametrize(
    ("title", "news", "field"),
    [
        ({}, AnnouncementText({"en": "x"}), "title"),
        ({"en": "  "}, AnnouncementText({"en": "x"}), "title"),
        ({"en": "x" * 201}, AnnouncementText({"en": "x"}), "title.en"),
        ({"xx": "x"}, AnnouncementText({"xx": "x"}), "title.xx"),
        ({"en": "a\0b"}, AnnouncementText({"en": "x"}), "title.en"),
        ({"en": "x"}, AnnouncementText({}), "text"),
        ({"en": "x"}, AnnouncementText({"en": "x" * 5001}), "text.en"),
        ({"en": "x"}, AnnouncementText({"en": "x", "cs": "y"}), "title.cs"),
        ({"en": "x", "cs": "y"}, AnnouncementText({"en": "x"}), "text.cs"),
        ({"en": "x"}, AnnouncementText({"en": "x"}, "fixed"), "state"),
        ({"en": "x"}, AnnouncementText({"en": "x"}, "resolved"), "state"),
        ({"en": "x"}, AnnouncementText({"en": "x"}, components={"nope": BAD}), "components"),
        (
            {"en": "x"},
            AnnouncementText({"en": "x"}, components={"web": Condition.NO_DATA}),
            "components",
        ),
    ],
)
def test_what_cannot_be_published_is_refused_by_name(incidents, database, title, news, field):
    with pytest.raises(RuleViolation) as error:
        incidents.open(title, news, "olu")
    assert next(iter(error.value.fields)) == field
    others = {"title.xx": {"text.xx"}, "components": {"components.nope", "components.web"}}
    assert set(error.value.fields) <= {field, *others.get(field, ())}
    assert rows(database, jobs) == []


def test_work_is_planned_cancelled_and_finished(incidents, clock):
    now = clock.now()
    work = incidents.plan({"en": "W"}, {"en": "t"}, (now + HOUR, now + 3 * HOUR), ("web",), "olu")
    assert incidents.maintenances() == (work,)
    clock.advance(2 * HOUR)
    done = incidents.finish(work.id, "olu")
    assert (done.ends_at, done.cancelled, done.sequence) == (clock.now(), False, 1)
    now = clock.now()
    next_one = incidents.plan({"en": "W"}, {"en": "t"}, (now + HOUR, now + 2 * HOUR), ("web",), "o")
    assert incidents.finish(next_one.id, "olu").cancelled


def test_impossible_work_is_refused(incidents, clock):
    now = clock.now()
    for window, field in (
        ((now + HOUR, now + HOUR), "ends_at"),
        ((now - 2 * HOUR, now - HOUR), "ends_at"),
        ((now, now + timedelta(days=40)), "ends_at"),
    ):
        with pytest.raises(RuleViolation) as error:
            incidents.plan({"en": "W"}, {"en": "t"}, window, ("web",), "olu")
        assert list(error.value.fields) == [field]
    with pytest.raises(RuleViolation) as error:
        incidents.plan({"en": "W"}, {"en": "t"}, (now, now + HOUR), (), "olu")
    assert list(error.value.fields) == ["components"]


def test_work_that_is_over_is_shown_as_long_as_incidents(incidents, store, clock):
    now = clock.now()
    planned = incidents.plan(
        {"en": "W"}, {"en": "t"}, (now + HOUR, now + 2 * HOUR), ("web",), "olu"
    )
    for days, is_listed in ((200, True), (166, False)):
        clock.advance(timedelta(days=days))
        read = store.statements().maintenances
        assert [m.id for m in read] == ([planned.id] if is_listed else [])
        assert bool(recent_maintenances((planned,), clock.now())) is is_listed


def test_an_override_holds_until_its_time(incidents, store, clock):
    override = incidents.override("web", BAD, clock.now() + HOUR, "olu", "the probe is wrong")
    assert store.statements().overrides == (override,)
    clock.advance(HOUR / 2)
    changed = incidents.override("web", OK, clock.now() + HOUR, "olu")
    assert incidents.overrides() == (changed,)
    ended = replace(override, until=clock.now(), version=2)
    assert store.statements().overrides == (ended, changed)
    clock.advance(HOUR)
    assert incidents.overrides() == ()
    assert len(store.statements().overrides) == 2, "what held is remembered"
    clock.advance(timedelta(days=90))
    assert store.statements().overrides == ()


def test_saying_the_same_again_moves_the_end_and_adds_no_row(incidents, store, clock):
    first = incidents.override("web", BAD, clock.now() + HOUR, "olu", "the probe is wrong")
    for _ in range(5):
        clock.advance(HOUR / 2)
        incidents.override("web", BAD, clock.now() + HOUR, "olu", "the probe is wrong")
    (override,) = store.statements().overrides
    assert override == replace(first, until=clock.now() + HOUR, version=6)
    incidents.override("web", BAD, clock.now() + HOUR, "ben", "the probe is wrong")
    clock.advance(2 * HOUR)
    incidents.override("web", BAD, clock.now() + HOUR, "ben", "the probe is wrong")
    assert [o.by for o in store.statements().overrides] == ["olu", "ben", "ben"]


def test_overrides_of_the_same_moment_follow_each_other(incidents, store, clock):
    for condition in (BAD, OK, BAD):
        override = incidents.override("web", condition, clock.now() + HOUR, "olu")
        assert store.statements().overrides == (override,)
        incidents.override("web", condition, clock.now(), "olu")
        assert incidents.overrides() == ()


def test_an_override_after_a_clock_was_set_back_is_the_last_word(incidents, store, clock):
    before = incidents.override("web", BAD, clock.now() + 2 * HOUR, "olu")
    for minutes in (20, 40):
        clock.advance(timedelta(minutes=minutes))
        incidents.override("web", OK, clock.now() + HOUR, str(minutes))
    clock.advance(-HOUR / 2 - HOUR / 4)
    after = incidents.override("web", BAD, clock.now() + HOUR, "ben")
    ended = replace(before, until=clock.now(), version=2)
    assert store.statements().overrides == (ended, after)


@pytest.mark.parametrize(
    ("rule", "hours", "field"),
    [
        ("FREQ=WEEKLY;UNTIL=20200101", 1, "rrule"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 1, "rrule"),
        ("FREQ=DAILY", 25, "ends_at"),
    ],
)
def test_recurring_work_has_dates_that_do_not_overlap(incidents, clock, rule, hours, field):
    window = (clock.now(), clock.now() + hours * HOUR)
    with pytest.raises(RuleViolation) as refused:
        incidents.plan(
            {"en": "W"}, {"en": "w"}, window, ("web",), "olu", recurrence=Recurrence(rule)
        )
    assert list(refused.value.fields) == [field]


def test_taking_an_override_back_is_audited_as_that(incidents, store, clock, database):
    incidents.override("web", BAD, clock.now() + HOUR, "olu")
    clock.advance(HOUR / 2)
    incidents.override("web", BAD, clock.now(), "olu")
    assert incidents.overrides() == ()
    with database.read() as conn:
        rows = conn.execute(select(audit.c.action).order_by(audit.c.id)).scalars().all()
    assert rows == ["override.set", "override.ended"]


def test_what_is_not_there_is_unknown(incidents):
    with pytest.raises(NotFound):
        incidents.get("nothing")
    with pytest.raises(NotFound):
        incidents.finish("nothing", "olu")
    with pytest.raises(NotFound):
        incidents.update("nothing", AnnouncementText({"en": "x"}), "olu")
