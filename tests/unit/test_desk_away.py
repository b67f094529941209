"""A desk or a mail server that is away for a night and a morning: nothing on its way to it is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobs.database_queue import DatabaseSender
from jobs.model import Handler, Job, Retry
from jobs.worker import pause
from notify.email_delivery import handlers as email_handlers
from tests.people_rows import add_people, add_run
from tests.unit.test_tickets_store import draft, note, queued, submit
from tickets.desks.desk_delivery import handlers
from tickets.desks.quiet import InMemoryDesk
from tickets.store import NOTE_KIND, OPEN_KIND, TicketCommand, TicketStore

NIGHT = timedelta(hours=14)
DAYS = timedelta(days=4)


@pytest.fixture
def store(database, clock):
    add_people(database, "mara", "ben")
    add_run(database, "r1")
    return TicketStore(database, clock, DatabaseSender())


def tries_of(handler: Handler, job: Job, wait):
    """Run a job as a worker does, until it is done or given up; how often it ran."""
    attempt = 1
    while True:
        try:
            handler.run(Job(job.kind, job.payload, job.key, job.run_after, attempts=attempt))
        except Retry as again:
            assert attempt < handler.tries, "given up"
            wait(again.after or pause(attempt))
            attempt += 1
        else:
            return attempt


def test_a_request_and_its_note_reach_a_desk_that_was_away_for_a_night(store, database, clock):
    desk, until = InMemoryDesk(), clock.now() + NIGHT
    desk.away = True
    kinds = handlers(desk, store, lambda _ticket: ())
    ticket, _ = submit(store, draft(clock))
    (opening,) = queued(database, OPEN_KIND)

    def wait(time):
        clock.advance(time)
        desk.away = clock.now() < until

    assert tries_of(kinds[OPEN_KIND], opening, wait) < 100, "pauses grow"
    assert store.ticket(ticket.id).ref is not None
    assert until <= clock.now() < until + timedelta(minutes=20)


def test_what_is_on_its_way_is_tried_for_days(store, clock):
    kinds = {
        **handlers(InMemoryDesk(), store, lambda _ticket: ()),
        **email_handlers(None, None, {}),
    }
    assert len(kinds) == 3
    for handler in kinds.values():
        waits = (pause(attempt) for attempt in range(1, handler.tries))
        assert sum(waits, timedelta()) > DAYS


def test_a_note_waits_as_long_as_its_ticket(store, database, clock):
    kinds = handlers(InMemoryDesk(), store, lambda _ticket: ())
    ticket, _ = submit(store, draft(clock))
    command = TicketCommand("mara", "ticket.said", note(clock), notify_desk=True)
    store.apply(ticket.id, command)
    (noting,) = queued(database, NOTE_KIND)
    with pytest.raises(Retry) as again:
        kinds[NOTE_KIND].run(noting)
    assert again.value.after is None, "by the worker's growing pauses"
