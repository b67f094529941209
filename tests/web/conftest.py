"""What tests of diagnosing's pages share."""

from __future__ import annotations

import pytest

from db.engine import connect
from tests.diagnostics_rooms import Rooms


@pytest.fixture
def rooms(sqlite_url, clock):
    """The diagnosing rooms over a database of their own."""
    db = connect(sqlite_url, clock=clock)
    yield Rooms(db, clock)
    db.close()
