"""What tests of pages share."""

from __future__ import annotations

import pytest

from db.engine import connect
from tests.diagnostics_rooms import Rooms
from tests.hostile_fixtures import fort_in
from tests.ticket_fixtures import DeskHouse


@pytest.fixture
def rooms(sqlite_url, clock):
    """The diagnosing rooms over a database of their own."""
    db = connect(sqlite_url, clock=clock)
    yield Rooms(db, clock)
    db.close()


@pytest.fixture
def house(sqlite_url, clock):
    """The tickets' rooms over a database of their own."""
    database = connect(sqlite_url, clock=clock)
    yield DeskHouse(database, clock)
    database.close()


@pytest.fixture(scope="module")
def fort(_sqlite_template, tmp_path_factory):
    """The real application, for all tests of a file."""
    with fort_in(tmp_path_factory.mktemp("fort"), _sqlite_template) as new_fort:
        yield new_fort
