"""What another page told in the past, kept once and whole, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from db.tables import status as t
from db.tables.accounts import audit
from db.tables.jobs import jobs
from importers.statuspage import export as statuspage
from importers.statuspage import history as statuspage_history
from importers.uptime_days import uptime_days
from jobs.database_queue import DatabaseSender
from status.events import CHANGED
from status.model import Condition, Incident, UptimeDay
from status.sla import export
from status.sla.report import parse_period
from status.sla.store import SlaStore
from status.storage.history import HistoryCounts, HistoryStore, PastStatements
from status.storage.store import PUBLISH, ObservationBatch, StatusStore
from tests.import_fixtures import components_of, target
from tests.unit.test_statuspage_import import TEXTS

COMPONENTS = components_of(statuspage.read(TEXTS))
HISTORY = statuspage_history.read_history(TEXTS, target(*COMPONENTS))


@pytest.fixture
def past(clock):
    days = uptime_days(HISTORY, COMPONENTS, clock.now())
    return PastStatements(HISTORY.incidents, HISTORY.maintenances, HISTORY.former, days)


@pytest.fixture
def history(database, clock):
    return HistoryStore(database, clock, DatabaseSender())


@pytest.fixture
def store(database, clock):
    return StatusStore(database, clock, DatabaseSender())


def rows(database, table):
    with database.read() as conn:
        return conn.execute(select(table)).all()


def test_all_of_it_is_kept_once_and_nobody_is_written_to(history, store, database, past):
    counts = history.write(past, "cli", "statuspage")
    assert counts == HistoryCounts(3, 7, 2, sum(map(len, past.days.values())))
    assert {i.id: i for i in HISTORY.incidents} == {
        i.id: store.incident(i.id) for i in HISTORY.incidents
    }
    assert store.maintenance("m0switch0001") == HISTORY.maintenances[0]
    assert [k.name for k in store.known_components()] == ["Old webmail"]
    assert store.days(date(2025, 1, 1)) == past.days
    assert [job.kind for job in rows(database, jobs)] == [PUBLISH]
    (entry,) = rows(database, audit)
    assert (entry.actor, entry.action, entry.subject) == (
        "cli",
        "history.imported",
        "history:statuspage",
    )
    assert entry.detail["updates"] == "7"
    before = {
        table: rows(database, table)
        for table in (t.incidents, t.updates, t.maintenances, t.days, audit, jobs)
    }
    again = history.write(past, "cli", "statuspage")
    assert again == HistoryCounts()
    assert {table: rows(database, table) for table in before} == before


def test_a_comparison_writes_nothing(history, database, past):
    assert history.compare(past).incidents == 3
    assert not rows(database, t.incidents)
    assert not rows(database, audit)


def test_it_is_all_or_nothing(history, database, past):
    work = HISTORY.maintenances[0]
    broken = replace(work, id="broken000001", ends_at=work.starts_at)
    with pytest.raises(Exception, match="ends_at"):
        history.write(replace(past, maintenances=(work, broken)), "cli", "statuspage")
    for table in (t.incidents, t.updates, t.maintenances, t.days, t.known_components, audit, jobs):
        assert not rows(database, table), table


def test_what_was_put_right_here_stays_and_what_went_on_there_is_told(history, store, past):
    first = HISTORY.incidents[0]
    shorter: Incident = replace(first, title={"en": "Put right"}, updates=first.updates[1:])
    history.write(PastStatements((shorter,)), "cli", "statuspage")
    counts = history.write(past, "cli", "statuspage")
    assert (counts.incidents, counts.unlike) == (2, (first.id,))
    assert store.incident(first.id) == shorter


def test_days_that_were_measured_here_are_never_replaced(history, store, database, clock, past):
    measured = UptimeDay(date(2026, 1, 5), {Condition.OPERATIONAL: 86_400})
    store.write(ObservationBatch(days={"hosting-web-servers": (measured,)}))
    frozen = {
        "component": "mail",
        "month": date(2025, 12, 1),
        "seconds": {},
        "frozen_at": clock.now(),
    }
    with database.write() as conn:
        conn.execute(insert(t.months).values(method={"v": 1}, **frozen))
    history.write(past, "cli", "statuspage")
    days = store.days(date(2025, 1, 1))
    assert days["hosting-web-servers"][-1] == measured
    assert {d.on.month for d in days["mail"]} == {11, 1}


def test_no_event_goes_to_subscribers_for_work_that_is_over(history, store, database, clock, past):
    history.write(past, "cli", "statuspage")
    clock.advance(timedelta(hours=1))
    assert [job.kind for job in rows(database, jobs) if job.kind == CHANGED] == []
    published = store.statements()
    assert {i.id for i in published.incidents} == {i.id for i in HISTORY.incidents}
    assert {m.id for m in published.maintenances} == {m.id for m in HISTORY.maintenances}


def test_a_notice_that_was_to_come_and_is_over_by_the_next_import_is_still_one(
    history, store, past
):
    history.write(past, "cli", "cstate")
    over = replace(HISTORY.incidents[0], id=HISTORY.maintenances[0].id)
    assert history.write(PastStatements((over,)), "cli", "cstate") == HistoryCounts()
    assert store.incident(over.id) is None


def test_days_that_another_page_told_are_marked_in_the_report(
    history, store, database, clock, past
):
    history.write(past, "cli", "statuspage")
    component, days = next((c, listed) for c, listed in past.days.items() if listed)
    year = days[0].on.year
    own = UptimeDay(clock.now().date(), {Condition.OPERATIONAL: 3600})
    store.write(ObservationBatch((), {component: (own,)}))
    imported = sum(day.on.year == year for day in days)
    for again in (days, ()):  # also when the engine writes the same days anew
        store.write(ObservationBatch((), {component: tuple(again)}))
        sla = SlaStore(store, database, clock, COMPONENTS)
        report = sla.report(parse_period(str(year), clock.now().date()))
        line = next(x for x in report.lines if x.id == component)
        assert line.imported_days == imported
    page = json.loads(export.as_json(report))
    assert {c["id"]: c["imported_days"] for c in page["components"]}[component] == imported
    today = sla.report(parse_period(f"{clock.now():%Y-%m}", clock.now().date()))
    line = next(x for x in today.lines if x.id == component)
    assert line.imported_days == sum(d.on >= today.period.first for d in days)
