"""What senders and workers lean on, whichever queue it is: QueueContract for the queue itself,
worker_contract.py for a worker over it. A test subclasses both and gives the fixture `queue`."""

from __future__ import annotations

import itertools
import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from db.tables.jobs import effects as effects_table
from db.tables.jobs import jobs
from jobs.model import ClaimLimit, Job

LEASE = timedelta(seconds=60)
HOUR = timedelta(hours=1)
KIND = "mail.send"


class QueueContract:
    """Promises of a queue."""

    @pytest.fixture
    def queue(self, database):
        """The queue under test, over the database under test."""
        raise NotImplementedError

    @pytest.fixture
    def ask(self, queue, database, clock):
        """Put a job in, in a transaction of its own."""

        def ask(key="one", kind=KIND, after=timedelta(0)):
            with database.write() as conn:
                return queue.enqueue(conn, Job(kind, '{"note": 1}', key, clock.now() + after))

        return ask

    @pytest.fixture
    def take(self, queue):
        """Claim jobs of one kind."""

        def take(owner="a", limit=1, kind=KIND):
            return queue.claim({kind: ClaimLimit(LEASE, limit)}, owner)

        return take

    # ------------------------------------------------------------------ asking
    def test_the_same_key_is_one_job_while_it_waits_runs_and_when_it_is_done(
        self, queue, ask, take
    ):
        assert ask() is True
        assert ask() is False
        (mine,) = take()
        assert ask() is False
        assert queue.complete(mine)
        assert ask() is False
        assert take() == ()

    def test_the_same_key_is_one_effect_after_its_job_is_forgotten(
        self, queue, ask, take, clock, database
    ):
        ask()
        queue.complete(take()[0])
        clock.advance(HOUR)
        assert queue.forget(clock.now(), clock.now()) == 1
        assert queue.counts() == ()
        assert ask() is False
        with database.read() as conn:
            remembered = conn.execute(select(effects_table.c.kind, effects_table.c.key)).all()
        assert remembered == [(KIND, "one")]

    def test_a_key_belongs_to_its_kind(self, ask):
        assert ask("one", "mail.send")
        assert ask("one", "ticket.note")

    def test_a_rolled_back_sender_leaves_no_job_and_no_effect(
        self, queue, ask, take, database, clock
    ):
        with pytest.raises(ZeroDivisionError), database.write() as conn:  # noqa: PT012 - the block is the case
            queue.enqueue(conn, Job(KIND, "{}", "one", clock.now()))
            assert 1 / 0
        assert take() == ()
        assert ask() is True

    def test_two_senders_of_one_key_at_once_make_one_job(self, queue, database, clock):
        start, enqueued = threading.Barrier(4), []

        def sender():
            start.wait(10)
            for n in range(20):
                with database.write() as conn:
                    enqueued.append(queue.enqueue(conn, Job(KIND, "{}", str(n), clock.now())))

        threads = [threading.Thread(target=sender) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert (len(enqueued), sum(enqueued)) == (80, 20)

    # ------------------------------------------------------------------ claiming
    def test_a_job_is_due_and_claimed_once_and_not_before_its_time(self, queue, ask, take, clock):
        ask(after=LEASE)
        assert queue.due([KIND]) == frozenset()
        assert take() == ()
        clock.advance(LEASE)
        assert queue.due([KIND, "ticket.note"]) == {KIND}
        (mine,) = take()
        assert (mine.job.payload, mine.job.attempts) == ('{"note": 1}', 1)
        assert queue.due([KIND]) == frozenset()
        assert take("b") == ()

    def test_nothing_is_due_of_no_kinds(self, queue, ask):
        ask()
        assert queue.due([]) == frozenset()

    def test_the_longest_due_are_taken_first(self, ask, take, clock):
        for key, minutes in (("late", 3), ("early", 1), ("middle", 2)):
            ask(key, after=timedelta(minutes=minutes))
        clock.advance(HOUR)
        assert [c.job.key for c in take(limit=2)] == ["early", "middle"]

    def test_a_crowd_of_one_kind_keeps_no_other_waiting(self, queue, ask):
        for n in range(50):
            ask(f"crowd{n}")
        ask("alone", "ticket.note")
        claims = queue.claim({KIND: ClaimLimit(LEASE, 4), "ticket.note": ClaimLimit(LEASE, 4)}, "a")
        assert sorted(c.job.kind for c in claims) == [KIND] * 4 + ["ticket.note"]

    def test_many_claimants_never_share_a_job(self, ask, take):
        for n in range(60):
            ask(str(n))
        seen: list[str] = []

        def grab(owner):
            while claims := take(owner, limit=3):
                seen.extend(c.job.key for c in claims)

        threads = [threading.Thread(target=grab, args=(f"w{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        # a claimant that lost every race may leave early; nobody may have had what another has
        seen.extend(c.job.key for c in take("last", limit=60))
        assert sorted(seen, key=int) == [str(n) for n in range(60)]

    # ------------------------------------------------------------------ leases and fences
    def test_a_silent_worker_loses_its_job_and_cannot_finish_it(self, queue, ask, take, clock):
        ask()
        (slow,) = take("slow")
        clock.advance(LEASE + timedelta(seconds=1))
        (quick,) = take("quick")
        assert not queue.complete(slow)
        assert not queue.renew(slow, LEASE)
        assert not queue.retry(slow, LEASE, "late")
        assert not queue.release(slow)
        assert not queue.fail(slow, "late")
        assert queue.complete(quick)
        assert not queue.complete(quick)

    def test_a_lease_holds_to_its_last_moment_and_can_be_renewed(self, queue, ask, take, clock):
        ask()
        (mine,) = take("slow")
        clock.advance(LEASE)
        assert take("quick") == ()
        assert queue.renew(mine, LEASE)
        clock.advance(LEASE)
        assert take("quick") == ()
        clock.advance(timedelta(seconds=1))
        assert len(take("quick")) == 1

    def test_jobs_of_a_killed_owner_are_free_at_once(self, queue, ask, take):
        ask()
        ask("two")
        (lost,) = take("dead")
        take("alive")
        assert queue.owners() == {"alive", "dead"}
        assert queue.orphan(["dead"]) == 1
        (mine,) = take("next", limit=5)
        assert (mine.job.key, mine.job.attempts) == (lost.job.key, 2)
        assert not queue.complete(lost)

    def test_of_a_killed_owner_only_what_it_still_held_is_freed(self, queue, ask, take):
        for key in ("done", "handed back", "held"):
            ask(key)
        done, handed_back, _ = take("dead", limit=3)
        queue.complete(done)
        queue.release(handed_back)
        assert queue.orphan(["dead"]) == 1

    def test_what_was_to_wait_waits_no_longer_when_the_clock_goes_back(
        self, queue, ask, take, clock
    ):
        ask("due")
        ask("later", after=timedelta(minutes=10))
        clock.at -= HOUR
        assert queue.shift(-HOUR) == 2
        assert [c.job.key for c in take(limit=9)] == ["due"]

    def test_a_crowd_waits_no_longer_when_the_clock_goes_back_and_writers_come_in_between(
        self, queue, database, clock
    ):
        due, count = clock.now() + timedelta(minutes=10), 1_201
        with database.write() as conn:
            queue.enqueue_many(conn, [Job(KIND, "{}", str(n), due) for n in range(count)])
        moved_at_once = []

        def meanwhile(conn, _cursor, statement, parameters, _context, executemany):
            if statement.startswith("UPDATE"):
                moved_at_once.append(len(parameters) if executemany else 1)

        def committed(_conn):
            moved_at_once.append("commit")

        event.listen(database.engine, "before_cursor_execute", meanwhile)
        event.listen(database.engine, "commit", committed)
        clock.at -= HOUR
        assert queue.shift(-HOUR) == count
        event.remove(database.engine, "before_cursor_execute", meanwhile)
        event.remove(database.engine, "commit", committed)
        slices = [n for n in moved_at_once if n != "commit"]
        assert sum(slices) == count
        assert max(slices) <= 500
        assert all(
            after == "commit"
            for before, after in itertools.pairwise(moved_at_once)
            if before != "commit"
        ), "each slice is committed before the next"
        assert queue.due([KIND]) == frozenset()
        clock.advance(timedelta(minutes=10))
        assert queue.due([KIND]) == {KIND}
        assert queue.shift(-HOUR) == 0

    def test_which_jobs_are_open_is_told_by_their_keys(self, queue, ask, take):
        for key in ("waits", "runs", "done", "failed"):
            ask(key)
        ask("other", kind="ticket.note")
        by_key = {claimed.job.key: claimed for claimed in take(limit=4)}
        queue.complete(by_key["done"])
        queue.fail(by_key["failed"], "no such desk")
        queue.release(by_key["waits"])
        assert queue.open_keys(KIND) == {"waits", "runs"}

    def test_only_what_waits_for_its_time_is_moved_with_the_clock(
        self, queue, ask, take, clock, database
    ):
        for key in ("running", "failed"):
            ask(key)
        _, failed = take(limit=2)
        queue.fail(failed, "no")
        ask("due")
        clock.advance(-HOUR)
        ask("due now")
        assert queue.shift(-HOUR) == 1  # "due"; the others do not wait, or need not any longer
        with database.read() as conn:
            times = dict(conn.execute(select(jobs.c.key, jobs.c.run_after)).all())
        assert times == dict.fromkeys(("running", "failed"), clock.now() + HOUR) | dict.fromkeys(
            ("due", "due now"), clock.now()
        )

    # ------------------------------------------------------------------ outcomes
    def test_a_job_to_be_tried_again_waits_its_time(self, queue, ask, take, clock):
        ask()
        assert queue.retry(take()[0], timedelta(minutes=5), "away " * 200)
        assert queue.unfinished(KIND, "ne")[0] == 1
        trouble = queue.unfinished(KIND, "one")[1]
        assert (trouble.error[:5], len(trouble.error)) == ("away ", 500)
        clock.advance(timedelta(minutes=5) - timedelta(seconds=1))
        assert take() == ()
        clock.advance(timedelta(seconds=1))
        assert take()[0].job.attempts == 2

    def test_a_job_handed_back_is_free_and_has_cost_no_attempt(self, queue, ask, take):
        ask()
        assert queue.release(take()[0])
        (again,) = take("b")
        assert again.job.attempts == 1
        assert queue.retry(again, timedelta(0), "away")
        assert queue.release(take()[0])  # its second attempt
        assert take()[0].job.attempts == 2

    def test_a_begun_job_handed_back_counts_as_an_attempt(self, queue, ask, take):
        """Its effect may be out already: no attempts means that nothing was ever sent."""
        ask()
        assert queue.release(take()[0], begun=True)
        assert take("b")[0].job.attempts == 2

    def test_a_failed_job_stays_for_operators_who_may_run_it_again(self, queue, ask, take):
        ask()
        (mine,) = take()
        assert queue.fail(mine, "no such desk")
        (failed,) = queue.failed()
        assert (failed.kind, failed.key, failed.error) == (KIND, "one", "no such desk")
        assert queue.run_again(failed.id) is True
        assert queue.run_again(failed.id) is False
        assert take()[0].job.attempts == 1

    def test_only_the_failed_job_that_was_named_runs_again(self, queue, ask, take, clock):
        for key in ("a", "b", "c"):
            ask(key)
        for claimed in take(limit=3):
            queue.fail(claimed, "no")
        clock.advance(HOUR)
        by_key = {f.key: f.id for f in queue.failed()}
        assert list(by_key) == ["c", "b", "a"]
        assert [f.key for f in queue.failed(limit=2)] == ["c", "b"]
        assert queue.run_again(by_key["b"]) is True
        assert [f.key for f in queue.failed()] == ["c", "a"]
        assert queue.counts()[0].due_since == clock.now()
        assert [c.job.key for c in take(limit=9)] == ["b"]

    def test_what_is_unfinished_of_one_ending_and_its_newest_error(self, queue, ask, take):
        for key in ("a:1%", "b:1%", "c:1%", "d:12", "e:1%"):
            ask(key)
        ask("f:1%", "ticket.note")
        queue.fail(take(kind="ticket.note")[0], "of another kind")
        first, second, third, _, fifth = take(limit=5)
        queue.fail(first, "old")
        queue.retry(second, LEASE, "newer")
        queue.complete(third)
        count, trouble = queue.unfinished(KIND, ":1%")
        assert (count, trouble.key, trouble.error) == (3, "b:1%", "newer")  # a, b, and e runs
        queue.release(fifth)
        count, trouble = queue.unfinished(KIND, "e:1%")
        assert (count, trouble) == (1, None)
        assert queue.unfinished(KIND, "1%%") == (0, None)

    def test_counts_tell_how_the_jobs_stand(self, queue, ask, take, clock):
        for key in ("a", "b", "c", "d"):
            ask(key)
        done, failed = take(limit=2)
        queue.complete(done)
        queue.fail(failed, "no")
        take()
        (counts,) = queue.counts()
        assert (counts.waiting, counts.running, counts.done, counts.failed) == (1, 1, 1, 1)
        assert counts.due_since == clock.now()

    def test_counts_are_by_kind_and_nothing_is_late_before_its_time(self, queue, ask, take, clock):
        ask("a", "z.kind")
        ask("b", "a.kind", after=HOUR)
        ask("c", "a.kind", after=2 * HOUR)
        take(kind="z.kind")
        first, last = queue.counts()
        assert (first.kind, first.waiting, first.running, first.due_since) == ("a.kind", 2, 0, None)
        assert (last.kind, last.waiting, last.running, last.due_since) == ("z.kind", 0, 1, None)
        clock.advance(2 * HOUR)
        assert queue.counts()[0].due_since == clock.now() - HOUR

    def test_ended_jobs_are_forgotten_each_after_its_time_the_others_never(
        self, queue, ask, take, clock
    ):
        for key in ("done", "failed", "running", "waiting"):
            ask(key)
        done, failed, _ = take(limit=3)
        queue.complete(done)
        queue.fail(failed, "no")
        now = clock.now()
        assert queue.forget(now, now) == 0
        assert queue.forget(now + LEASE, now) == 1
        assert [f.key for f in queue.failed()] == ["failed"]
        assert queue.forget(now, now + LEASE) == 1
        (counts,) = queue.counts()
        assert (counts.waiting, counts.running, counts.done, counts.failed) == (1, 1, 0, 0)

    def test_forgetting_goes_in_slices(self, queue, ask, take, clock):
        for n in range(520):
            ask(str(n))
        for claimed in take(limit=520):
            queue.complete(claimed)
        later = clock.now() + LEASE
        assert [queue.forget(later, later) for _ in range(3)] == [500, 20, 0]
