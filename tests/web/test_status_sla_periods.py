"""What the uptime report says of a period: to come, running, over, final, or empty."""

from __future__ import annotations

import pytest

from db.engine import connect
from jobs.database_queue import DatabaseSender
from status.operator_pages import sla as pages
from status.sla.store import SlaStore
from status.storage.store import StatusStore
from tests.desk_fixtures import House
from tests.status_fixtures import MAIL, WEB


@pytest.mark.parametrize(
    ("period", "sentence"),
    [
        ("2030-05", "The period has not begun yet."),
        ("2026-01", "The period still runs"),
        ("2020-05", "nothing was recorded in it"),
    ],
)
def test_a_period_is_told_as_it_is(sqlite_url, clock, period, sentence):
    database = connect(sqlite_url, clock=clock)
    house = House(database, clock)
    store = StatusStore(database, clock, DatabaseSender())
    sla = SlaStore(store, database, clock, (WEB, MAIL))
    house.app.register_blueprint(pages.blueprint(sla))
    try:
        assert sentence in house.browser("olu").get(f"/ops/sla/{period}").text
    finally:
        database.close()
