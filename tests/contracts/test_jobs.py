"""Every queue keeps its promises (tests/*_contract.py), on both
databases."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from db.tables.jobs import jobs
from jobs.database_queue import DatabaseQueue
from jobs.model import JobState
from tests.queue_contract import KIND, QueueContract
from tests.queue_sending_contract import SendingContract
from tests.queue_stalled_contract import StalledContract
from tests.worker_contract import WorkerContract


class TestDatabaseQueue(QueueContract, SendingContract, StalledContract, WorkerContract):
    """The queue in our own tables."""

    @pytest.fixture
    def queue(self, database):
        """Rows."""
        return DatabaseQueue(database)

    def test_an_idle_worker_reads_once_and_writes_nothing(self, queue, database):
        """Fourteen kinds are one statement, and no writer is kept waiting for it."""
        kinds, statements = [f"room.kind{n}" for n in range(14)], []
        queue.due(kinds)

        def note(_conn, _cursor, statement, *_):
            statements.append(statement.split()[0] + (" IMMEDIATE" * ("IMMEDIATE" in statement)))

        event.listen(database.engine, "before_cursor_execute", note)
        assert queue.due(kinds) == frozenset()
        event.remove(database.engine, "before_cursor_execute", note)
        assert [s for s in statements if s != "BEGIN"] == ["SELECT"]

    def test_rows_that_the_last_release_left_behind_are_taken(self, queue, database, clock, take):
        with database.write() as conn:
            row = {"kind": KIND, "key": "old", "payload": "{}", "run_after": clock.now()}
            conn.execute(jobs.insert().values(**row, state="waiting"))
        assert take()[0].job.key == "old"
        with database.read() as conn:
            assert conn.execute(select(jobs.c.state)).scalar() == JobState.RUNNING
