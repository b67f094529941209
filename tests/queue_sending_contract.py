"""Putting jobs in, one or many, and what is remembered of it, whichever queue it is."""

from __future__ import annotations

from sqlalchemy import select

from db.tables.jobs import effects as effects_table
from jobs import effects
from jobs.model import Job
from tests.queue_contract import HOUR, KIND, LEASE


class SendingContract:
    """With the fixtures of QueueContract."""

    def test_many_at_once_are_those_whose_key_the_kind_has_not_had(
        self, queue, ask, take, database, clock
    ):
        ask("done and forgotten")
        queue.complete(take()[0])
        clock.advance(LEASE)
        assert queue.forget(clock.now(), clock.now()) == 1
        ask("done")
        queue.complete(take()[0])
        ask("of-another-kind", "ticket.note")
        keys = ("done", "done and forgotten", "of-another-kind", "new", "new")
        with database.write() as conn:
            queue.enqueue_many(conn, [Job(KIND, "{}", key, clock.now()) for key in keys])
            queue.enqueue_many(conn, [])
        assert sorted(c.job.key for c in take(limit=9)) == ["new", "of-another-kind"]
        assert ask("new") is False

    def test_effects_are_remembered_by_when_they_were_due(self, queue, database, clock):
        with database.write() as conn:
            for key, hours in (("early", 1), ("limit", 2), ("late", 3)):
                queue.enqueue_many(conn, [Job(KIND, "{}", key, clock.now() + hours * HOUR)])
        assert effects.forget(database, clock.now() + 2 * HOUR) == 1
        with database.read() as conn:
            remembered = (
                conn.execute(select(effects_table.c.key).order_by(effects_table.c.key))
                .scalars()
                .all()
            )
        assert remembered == ["late", "limit"]

    def test_a_job_that_outlives_the_memory_of_its_effect_stays_as_it_is(
        self, queue, ask, take, database, clock
    ):
        ask()
        ask("two")
        assert effects.forget(database, clock.now() + HOUR) == 2
        with database.write() as conn:
            assert queue.enqueue(conn, Job(KIND, "{}", "one", clock.now())) is False
            queue.enqueue_many(conn, [Job(KIND, "{}", "two", clock.now())])
        assert [c.job.payload for c in take(limit=9)] == ['{"note": 1}'] * 2

    def test_what_is_claimed_is_what_was_put_in(self, ask, take, clock):
        asked_at = clock.now()
        ask("one", after=LEASE)
        clock.advance(HOUR)
        (claimed,) = take()
        assert claimed.job == Job(
            KIND, '{"note": 1}', "one", asked_at + LEASE, claimed.job.id, attempts=1
        )

    def test_the_done_are_not_forgotten_by_the_time_of_the_failed(self, queue, ask, take, clock):
        for key in ("done", "failed"):
            ask(key)
        done, failed = take(limit=2)
        queue.complete(done)
        queue.fail(failed, "no")
        assert queue.forget(clock.now(), clock.now() + LEASE) == 1
        (counts,) = queue.counts()
        assert (counts.done, counts.failed) == (1, 0)
