"""Frozen months that hold less than what was published in them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from clock import ManualClock
from db.tables import status as t
from db.upsert import upsert
from jobs.database_queue import DatabaseSender
from status.incidents.incident_editing import AnnouncementText, Backdating, IncidentEditor
from status.model import Component, Condition
from status.sla.doubtful_months import DoubtfulMonth
from status.sla.frozen_months import Month
from status.sla.store import MONTHS, SlaStore
from status.state.uptime import DEFAULT_METHOD
from status.storage.store import StatusStore

MARCH = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEB = Component("web", "Web")
UP, DOWN = Condition.OPERATIONAL, Condition.MAJOR_OUTAGE
WORK, PART = Condition.UNDER_MAINTENANCE, Condition.PARTIAL_OUTAGE
WHOLE = 31 * 86400


@pytest.fixture
def clock():
    return ManualClock(MARCH)


@pytest.fixture
def sla(database, clock):
    return SlaStore(StatusStore(database, clock, DatabaseSender()), database, clock, (WEB,))


@pytest.fixture
def editor(database, clock):
    return IncidentEditor(StatusStore(database, clock, DatabaseSender()), clock, (WEB,))


def freeze(database, clock, month=date(2026, 3, 1), **seconds):
    spent = {Condition(c): n for c, n in seconds.items()}
    row = MONTHS.to_row(Month("web", month, spent, DEFAULT_METHOD, clock.now()))
    with database.write() as conn:
        upsert(conn, t.months, [row], overwrite=True)


def test_work_that_vanished_from_its_month_is_told(database, clock, sla, editor):
    editor.plan({"en": "W"}, {"en": "w"}, (MARCH, MARCH + 2 * HOUR), ("web",), "olu")
    clock.advance(timedelta(days=40))
    freeze(database, clock, operational=WHOLE)
    doubt = DoubtfulMonth("web", date(2026, 3, 1), WORK, 7200, 0, clock.now())
    assert sla.doubtful_months() == (doubt,)
    freeze(database, clock, operational=WHOLE - 7200, under_maintenance=7200 - 60)
    assert sla.doubtful_months() == ()
    freeze(database, clock, operational=WHOLE - 7200, under_maintenance=7200 - 61)
    assert [m.written for m in sla.doubtful_months()] == [7139]


def test_a_graver_condition_than_was_published_is_no_doubt(database, clock, sla, editor):
    when = Backdating(started_at=MARCH - 3 * HOUR, ended_at=MARCH - HOUR)
    text = AnnouncementText({"en": "x"}, "resolved", {"web": PART})
    editor.open({"en": "I"}, text, "olu", when=when)
    clock.advance(timedelta(days=400))  # long after what is published
    freeze(database, clock, operational=WHOLE)
    assert sla.doubtful_months() == (
        DoubtfulMonth("web", date(2026, 3, 1), PART, 7200, 0, clock.now()),
    )
    freeze(database, clock, operational=WHOLE - 7200, major_outage=7200)
    assert sla.doubtful_months() == ()


def test_each_month_is_weighed_by_what_was_said_of_it(database, clock, sla, editor):
    clock.at = datetime(2026, 3, 31, 23, tzinfo=UTC)
    editor.override("web", DOWN, clock.now() + 2 * HOUR, "olu")
    clock.advance(timedelta(days=40))
    freeze(database, clock, operational=WHOLE - 3600, major_outage=3600)
    freeze(database, clock, date(2026, 4, 1), operational=30 * 86400)
    assert sla.doubtful_months() == (
        DoubtfulMonth("web", date(2026, 4, 1), DOWN, 3600, 0, clock.now()),
    )
