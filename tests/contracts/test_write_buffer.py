"""What was seen, when the database refuses a write: nothing is lost but the row at fault."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from db.engine import connect
from jobs.database_queue import DatabaseSender
from status.model import Condition, Grade, Observation, Signal, Transition
from status.monitoring.write_buffer import MAX_REFUSALS, RETRY, WriteBuffer
from status.state.component_states import ComponentStates
from status.state.uptime import UptimeAccumulator
from status.storage.store import StatusStore
from tests.status_fixtures import WEB, probe

OK, BAD = Condition.OPERATIONAL, Condition.MAJOR_OUTAGE
SECOND = timedelta(seconds=1)


class Place:
    """A buffer over a real database, with ten observations and one transition that wait."""

    def __init__(self, db, clock):
        self.db, self.clock, self.start = db, clock, clock.now()
        self.store = StatusStore(db, clock, DatabaseSender(lambda: None))
        probes = {f"p{n}": probe(f"p{n}") for n in range(10)}
        self.states = ComponentStates((WEB,), {WEB.id: list(probes.values())})
        since = self.start - timedelta(minutes=1)
        self.states.accumulators[WEB.id] = UptimeAccumulator(OK, since, since)
        self.states.transitions.append(Transition(WEB.id, OK, BAD, self.start, "refused"))
        self.buffer = WriteBuffer(self.store, self.states, probes)
        for name in probes:
            signal = Signal(Grade.UP, "said")
            self.buffer.add(Observation(name, self.start, timedelta(milliseconds=5), signal))

    def refuse(self, when):
        """Let the database refuse observations, as a fault or a deadlock would."""
        with self.db.write() as conn:
            conn.exec_driver_sql(
                f"CREATE TRIGGER refusal BEFORE INSERT ON status_observations WHEN {when} "
                "BEGIN SELECT RAISE(ABORT, 'no'); END"
            )

    def accept(self):
        with self.db.write() as conn:
            conn.exec_driver_sql("DROP TRIGGER refusal")

    async def flush(self):
        self.clock.advance(RETRY + SECOND)
        await self.buffer.flush(self.clock.now())

    def stored(self):
        return [n for n in range(10) if self.store.observations(f"p{n}")]


@pytest.fixture
def place(sqlite_url, clock):
    db = connect(sqlite_url, clock=clock)
    yield Place(db, clock)
    db.close()


async def test_a_refusal_that_passes_loses_nothing(place, caplog):
    place.refuse("true")
    with caplog.at_level(logging.CRITICAL):
        await place.flush()
    assert (len(place.buffer), place.buffer.dropped) == (10, 0)
    assert "refused" in place.buffer.database_error
    assert place.store.transitions(WEB.id) == ()
    place.accept()
    await place.flush()
    assert place.stored() == list(range(10))
    assert len(place.store.transitions(WEB.id)) == 1
    assert place.store.days(place.start.date())[WEB.id]
    assert (len(place.buffer), place.buffer.database_error) == (0, "")


@pytest.mark.parametrize("at_fault", [(0,), (7,), (2, 9), tuple(range(10))])
async def test_only_the_rows_at_fault_are_dropped_and_counted(place, at_fault):
    names = ", ".join(f"'p{n}'" for n in at_fault)
    place.refuse(f"NEW.probe IN ({names})")
    for _ in range(MAX_REFUSALS):
        await place.flush()
        assert (len(place.buffer), place.buffer.dropped) == (10, 0)
    await place.flush()
    assert place.stored() == [n for n in range(10) if n not in at_fault]
    assert (len(place.buffer), place.buffer.dropped) == (0, len(at_fault))
    assert len(place.store.transitions(WEB.id)) == 1
    assert place.store.days(place.start.date())[WEB.id]
    assert place.buffer.database_error == ""
