"""When the work of a kind stands, whichever queue it is; for /readyz. See queue_contract.py."""

from __future__ import annotations

from jobs.model import ClaimLimit
from tests.queue_contract import HOUR, KIND, LEASE


class StalledContract:
    """With the fixtures of QueueContract."""

    def test_a_kind_stands_while_none_of_its_due_jobs_ends_or_is_put_off(
        self, queue, ask, take, clock
    ):
        asked_at = clock.now()
        for key in ("a", "b", "c"):
            ask(key)
        ask("elsewhere", kind="ticket.open")
        ask("later", kind="hook.send", after=3 * HOUR)
        assert queue.stalled(asked_at) == {}
        clock.advance(HOUR)
        recently = clock.now() - HOUR / 2
        both = {KIND: asked_at, "ticket.open": asked_at}
        assert queue.stalled(recently) == both
        first, second = take(limit=2)
        assert queue.stalled(recently) == both  # one that never ends moves nothing
        queue.retry(first, LEASE, "no")
        assert queue.stalled(recently) == {"ticket.open": asked_at}
        clock.advance(HOUR)
        recently += HOUR
        assert queue.stalled(recently) == both
        queue.fail(second, "no")
        assert queue.stalled(recently) == {"ticket.open": asked_at}
        (ticket,) = take(kind="ticket.open")
        queue.complete(ticket)
        assert queue.stalled(recently) == {}

    def test_what_is_done_or_in_hand_does_not_stand(self, queue, ask, take, clock):
        for key in ("done", "failed", "in hand"):
            ask(key)
        done, failed, _ = take(limit=3)
        queue.complete(done)
        queue.fail(failed, "no")
        clock.advance(LEASE)
        assert queue.stalled(clock.now()) == {}

    def test_only_what_ended_or_was_tried_and_waits_again_shows_that_a_kind_moves(
        self, queue, ask, take, clock
    ):
        due = clock.now()
        ask("stands")
        take("dead")
        ask("new", after=3 * HOUR)
        clock.advance(LEASE / 2)
        since = clock.now()
        for key in ("put off", "done"):
            ask(key)
        put_off, done = queue.claim({KIND: ClaimLimit(HOUR, 2)}, "alive")
        clock.advance(LEASE)
        assert queue.stalled(since) == {KIND: due}  # what runs shows nothing
        queue.retry(put_off, LEASE, "no")
        again_at = clock.now() + LEASE
        assert queue.stalled(again_at) == {}
        assert queue.stalled(again_at + LEASE) == {KIND: due}
        clock.advance(2 * LEASE)
        queue.complete(done)
        assert queue.stalled(clock.now()) == {}
        assert queue.stalled(clock.now() + LEASE) == {KIND: due}
