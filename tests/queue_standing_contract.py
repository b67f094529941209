"""When the work of a kind stands, whichever queue it is; for /readyz. See queue_contract.py."""

from __future__ import annotations

from tests.queue_contract import HOUR, KIND, LEASE


class StandingContract:
    """With the fixtures of QueueContract."""

    def test_a_kind_stands_while_none_of_its_due_jobs_ends_or_is_put_off(
        self, queue, ask, take, clock
    ):
        asked_at = clock.now()
        for key in ("a", "b", "c"):
            ask(key)
        ask("elsewhere", kind="ticket.open")
        ask("later", kind="hook.send", after=3 * HOUR)
        assert queue.standing(asked_at) == {}
        clock.advance(HOUR)
        recently = clock.now() - HOUR / 2
        both = {KIND: asked_at, "ticket.open": asked_at}
        assert queue.standing(recently) == both
        first, second = take(limit=2)
        assert queue.standing(recently) == both  # one that never ends moves nothing
        queue.retry(first, LEASE, "no")
        assert queue.standing(recently) == {"ticket.open": asked_at}
        clock.advance(HOUR)
        recently += HOUR
        assert queue.standing(recently) == both
        queue.fail(second, "no")
        assert queue.standing(recently) == {"ticket.open": asked_at}
        (ticket,) = take(kind="ticket.open")
        queue.complete(ticket)
        assert queue.standing(recently) == {}
