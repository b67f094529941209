"""Tickets, threads and check links, on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select, text

from accounts.model import Contact, ContactRole, Person
from db.stored import health_message
from db.tables import tickets as tables
from db.tables.jobs import jobs
from jobs.database_queue import DatabaseSender
from jobs.model import Job, Retry
from tests.people_rows import add_people, add_run
from tickets.desks.desk_delivery import Delivery, handlers
from tickets.desks.local import LocalDesk
from tickets.desks.quiet import InMemoryDesk
from tickets.emails.outgoing_emails import arrival_refs, reply_ref
from tickets.invites.store import InviteStore
from tickets.model import AuthenticationSnapshot, Draft, Note, NoteKind, TicketRef, TicketState
from tickets.store import AddNote, OpenTicket, TicketCommand, TicketStore


@pytest.fixture
def store(database, clock):
    add_people(database, "mara", "zed", "tomas")
    add_run(database, "r1")
    return TicketStore(database, clock, DatabaseSender())


@pytest.fixture
def invites(database, clock):
    return InviteStore(database, clock, b"k" * 32)


def draft(clock, n=1, **kw):
    snapshot = AuthenticationSnapshot(
        "Mara", "mara@shop.example", "owner", "password", 2, clock.now()
    )
    draft_row = Draft(
        fingerprint=f"f{n}", person="mara", account="A1", service="shop.example", category="web",
        department="web", priority="high", subject=f"Subject {n}", text="It fails ‹šílený› 🧨",
        statement=snapshot, lang="cs", answers={"url": "https://shop.example/"},
        consents={"may_change": True}, run="r1", findings=("web.redirect.loop",),
    )  # fmt: skip
    return replace(draft_row, **kw)


def submit(store, new_draft, priority=1):
    return store.submit(new_draft, priority=priority, answer_by=None)


def queued(database, kind):
    with database.read() as conn:
        rows = conn.execute(jobs.select().where(jobs.c.kind == kind).order_by(jobs.c.id)).all()
    return [Job(r.kind, r.payload, r.key, r.run_after) for r in rows]


def note(clock, key="n1", kind=NoteKind.REPLY, text="Hello"):
    return Note(key, kind, "ben", text, clock.now())


def test_a_ticket_comes_back_as_it_was(store, clock):
    ticket, new = submit(store, draft(clock))
    assert new
    assert store.ticket(ticket.id) == ticket
    assert ticket.draft == draft(clock)
    assert (ticket.number, ticket.state, ticket.ref) == (1, TicketState.NEW, None)
    (first,) = store.thread(ticket.id, internal=False)
    assert (first.text, first.run, first.statement) == (
        draft(clock).text, "r1", draft(clock).statement,
    )  # fmt: skip


def test_the_same_fingerprint_is_one_ticket_and_one_job(store, database, clock):
    results = []

    def send():
        results.append(submit(store, draft(clock))[0].id)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(results)) == 1
    assert len(results) == 6
    (job,) = queued(database, "ticket.open")
    assert msgspec.json.decode(job.payload, type=OpenTicket).ticket == results[0]


def test_a_ticket_and_its_job_stand_or_fall_together(store, database, clock):
    with database.write() as conn:
        conn.execute(text("ALTER TABLE jobs RENAME TO jobs_away"))
    try:
        with pytest.raises(Exception, match=r"tables|jobs"):
            submit(store, draft(clock))
    finally:
        with database.write() as conn:
            conn.execute(text("ALTER TABLE jobs_away RENAME TO jobs"))
    assert store.queue(TicketState) == ()
    submit(store, draft(clock))
    assert len(store.queue(TicketState)) == 1


def test_the_queue_is_in_order_of_urgency_then_arrival(store, clock):
    for n, priority in enumerate((2, 1, 2, 0), 1):
        submit(store, draft(clock, n), priority)
    assert [t.number for t in store.queue([TicketState.NEW])] == [4, 2, 1, 3]
    assert store.queue([TicketState.CLOSED]) == ()


def test_a_draft_of_another_version_leaves_its_ticket_in_the_queue(store, database, clock):
    old, _ = submit(store, draft(clock, 1))
    submit(store, draft(clock, 2))
    newer = {"schema": 7, "draft": {"words": "?"}}
    with database.write() as conn:
        conn.execute(
            tables.tickets.update().where(tables.tickets.c.id == old.id).values(draft=newer)
        )
    first, second = store.queue([TicketState.NEW])
    assert second.draft == draft(clock, 2)
    assert (first.id, first.draft.subject, first.draft.account) == (old.id, "Subject 1", "A1")
    (note,) = store.thread(old.id, internal=False)
    assert note.text == draft(clock).text, "what was written is still there"
    assert "tickets.draft of schema 7" in health_message()
    with database.read() as conn:
        kept = select(tables.tickets.c.draft).where(tables.tickets.c.id == old.id)
        assert conn.execute(kept).scalar() == newer


def test_delivery_survives_an_absent_desk_and_repeats(store, database, clock):
    desk = InMemoryDesk()
    done = handlers(desk, store, lambda _ticket: ())
    ticket, _ = submit(store, draft(clock))
    act = TicketCommand(
        "mara", "ticket.said", note(clock, "m1", NoteKind.CUSTOMER), notify_desk=True
    )
    store.apply(ticket.id, act)
    (opening,), (noting,) = queued(database, "ticket.open"), queued(database, "ticket.note")
    with pytest.raises(Retry):
        done["ticket.note"].run(noting)  # before the ticket itself
    desk.away = True
    with pytest.raises(Retry):
        done["ticket.open"].run(opening)
    assert store.ticket(ticket.id).ref is None
    desk.away = False
    for _ in range(2):
        done["ticket.open"].run(opening)
        done["ticket.note"].run(noting)
    assert len(desk.opened) == 1
    desk.away = True
    done["ticket.open"].run(opening)  # a desk that has it is not asked again
    assert [n.text for n in desk.notes["q1"].values()] == ["Hello"]
    assert store.ticket(ticket.id).ref.number == "1"
    lost = msgspec.json.encode(AddNote("nowhere", "x")).decode()
    Delivery(desk, store, lambda _ticket: ()).note(
        Job("ticket.note", lost, "k", clock.now())
    )  # nothing to do


def test_a_crash_between_desk_and_memory_gives_the_same_ticket(store, database, clock):
    desk = InMemoryDesk()
    ticket, _ = submit(store, draft(clock))
    first = desk.open(ticket.draft)  # the desk took it; we died before writing it down
    handlers(desk, store, lambda _ticket: ())["ticket.open"].run(queued(database, "ticket.open")[0])
    assert store.ticket(ticket.id).ref == first


def test_a_crash_before_the_letters_are_asked_for_loses_none(store, database, clock):
    """Our own desk writes its number into the ticket itself, a step before the letters."""
    ticket, _ = submit(store, draft(clock))
    desk = LocalDesk(store)
    desk.open(ticket.draft)
    done = handlers(desk, store, lambda ticket: arrival_refs(ticket, ("desk@host.example",)))
    for _ in range(2):
        done["ticket.open"].run(queued(database, "ticket.open")[0])
    keys = [job.key for job in queued(database, "mail.send")]
    assert len(keys) == 2
    assert keys[0] == f"{ticket.id}:receipt"


def test_one_act_is_written_whole_and_once(store, database, clock):
    ticket, _ = submit(store, draft(clock))
    letter = reply_ref(ticket.id, "n1")
    act = TicketCommand(
        "ben", "ticket.replied", note(clock), TicketState.WAITING, agent="ben", counts_as_answer=True,
        emails=(letter,), notify_desk=True,
    )  # fmt: skip
    assert store.apply(ticket.id, act)
    clock.advance(timedelta(hours=1))
    assert not store.apply(ticket.id, replace(act, state=TicketState.CLOSED))
    stored = store.ticket(ticket.id)
    assert (stored.state, stored.agent) == (TicketState.WAITING, "ben")
    assert stored.answered_at == clock.now() - timedelta(hours=1)
    assert len(queued(database, "mail.send")) == len(queued(database, "ticket.note")) == 1
    assert len(store.thread(ticket.id, internal=True)) == 2
    store.apply(
        ticket.id, TicketCommand("ben", "ticket.closed", state=TicketState.CLOSED, outcome="later")
    )
    assert store.ticket(ticket.id).closed_at == clock.now()
    store.apply(ticket.id, TicketCommand("mara", "ticket.said", state=TicketState.OPEN))
    stored = store.ticket(ticket.id)
    assert (stored.closed_at, stored.outcome) == (None, "")
    assert stored.answered_at == clock.now() - timedelta(hours=1)  # the first answer stays


def test_the_first_answer_is_the_one_that_counts(store, clock):
    """Reports of service levels are made of it: a later answer must not make it later."""
    ticket, _ = submit(store, draft(clock))
    clock.advance(timedelta(minutes=5))
    first = clock.now()
    for key in ("n1", "n2"):
        act = TicketCommand("ben", "ticket.replied", note(clock, key), counts_as_answer=True)
        assert store.apply(ticket.id, act)
        clock.advance(timedelta(hours=1))
    stored = store.ticket(ticket.id)
    assert stored.answered_at == first
    assert stored.updated_at == first + timedelta(hours=1)


def test_what_another_desk_has_is_not_opened_on_todays_desk(store, database, clock):
    """The operator changed the desk, and the job of an older ticket ran once more."""
    ticket, _ = submit(store, draft(clock))
    older = TicketRef("zammad", "42", "42")
    store.mark_delivered(ticket.id, older)
    desk = InMemoryDesk()
    handlers(desk, store, lambda _ticket: ())["ticket.open"].run(queued(database, "ticket.open")[0])
    assert desk.opened == {}
    assert store.ticket(ticket.id).ref == older


def test_the_first_desk_that_took_a_ticket_has_it(store, clock):
    ticket, _ = submit(store, draft(clock))
    first = TicketRef("zammad", "42", "42")
    store.mark_delivered(ticket.id, first)
    store.mark_delivered(ticket.id, TicketRef("zammad", "43", "43"))
    assert store.ticket(ticket.id).ref == first


def test_a_note_goes_to_no_other_desks_ticket(store, database, clock):
    """Number 42 of the older desk is another customer's ticket on today's."""
    desk = InMemoryDesk()
    strangers = desk.open(draft(clock, 2, person="zed"))
    ticket, _ = submit(store, draft(clock))
    store.mark_delivered(ticket.id, replace(strangers, desk="zammad"))
    text = note(clock, "m1", NoteKind.CUSTOMER, "my private words")
    store.apply(ticket.id, TicketCommand("mara", "ticket.said", text, notify_desk=True))
    (noting,) = queued(database, "ticket.note")
    with pytest.raises(Retry, match="on the desk zammad, not on quiet") as waits:
        handlers(desk, store, lambda _ticket: ())["ticket.note"].run(noting)
    assert waits.value.after >= timedelta(minutes=5)
    assert desk.notes == {}


def test_a_note_to_a_ticket_of_our_own_rows_stands_there_already(store, database, clock):
    ticket, _ = submit(store, draft(clock))
    store.mark_delivered(ticket.id, TicketRef("local", ticket.id, "1"))
    text = note(clock, "m1", NoteKind.CUSTOMER)
    store.apply(ticket.id, TicketCommand("mara", "ticket.said", text, notify_desk=True))
    (noting,) = queued(database, "ticket.note")
    desk = InMemoryDesk()
    handlers(desk, store, lambda _ticket: ())["ticket.note"].run(noting)  # no reason to try again
    assert desk.notes == {}


def test_internal_notes_are_for_staff(store, clock):
    ticket, _ = submit(store, draft(clock))
    store.add_note(ticket.id, note(clock, "i", NoteKind.INTERNAL, "secret"))
    assert "secret" in [n.text for n in store.thread(ticket.id, internal=True)]
    assert "secret" not in [n.text for n in store.thread(ticket.id, internal=False)]


def test_open_tickets_about_the_same_are_found(store, clock):
    ticket, _ = submit(store, draft(clock))
    assert store.find_open_duplicate(draft(clock)) is None  # it is the very same
    assert store.find_open_duplicate(draft(clock, 2)).id == ticket.id
    assert store.find_open_duplicate(draft(clock, 2, account="B1")) is None
    assert store.find_open_duplicate(draft(clock, 2, account="", person="zed")) is None
    store.apply(ticket.id, TicketCommand("ben", "ticket.closed", state=TicketState.CLOSED))
    assert store.find_open_duplicate(draft(clock, 2)) is None


def test_lists_hold_ones_own_and_ones_accounts(store, clock):
    own, _ = submit(store, draft(clock))
    two, _ = submit(store, draft(clock, 2, account="", person="zed"))
    tomas = Person("tomas", "t@x.example", "T", contacts=(Contact("A1", ContactRole.TECHNICAL),))
    assert [t.id for t in store.tickets_of(tomas)] == [own.id]
    assert [t.id for t in store.tickets_of(Person("zed", "z@x.example", "Z"))] == [two.id]
    three, _ = submit(store, draft(clock, 3))
    assert [t.id for t in store.earlier_tickets(three)] == [own.id]
    assert store.earlier_tickets(two) == ()


def invite(invites, ticket, runs=2, valid=timedelta(days=1)):
    return invites.create(
        ticket.id, "shop.example", "site_down", by="ben", valid=valid, runs=runs, message="Hi"
    )


WHO = AuthenticationSnapshot("Mara", "mara@shop.example", "owner", "password", 2, None)


def test_a_link_is_found_by_its_token_only(store, invites, database, clock):
    ticket, _ = submit(store, draft(clock))
    link, token = invite(invites, ticket)
    assert invites.by_token(token) == link
    assert invites.token(link.id) == token
    assert invites.by_token(link.id) is None
    with database.read() as conn:
        assert token not in str(conn.execute(text("SELECT * FROM tickets_invites")).all())
    other = InviteStore(database, clock, b"another secret")
    assert other.token(link.id) != token
    written = f"See [[invite:{link.id}]] or [[invite:zz]]"
    assert invites.with_links(written, "https://p.example") == (
        f"See https://p.example/invite/{token} or [[invite:zz]]"
    )


def test_runs_are_counted_under_parallel_claims(store, invites, clock):
    ticket, _ = submit(store, draft(clock))
    link, _ = invite(invites, ticket, runs=3)
    who = replace(WHO, at=clock.now())
    claimed = []
    threads = [
        threading.Thread(target=lambda: claimed.append(invites.claim(link, who))) for _ in range(9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    claims = [c for c in claimed if c]
    assert len(claimed) == 9
    assert len(claims) == 3
    assert invites.claim_with_invite(claims[0].id)[1].ticket == ticket.id
    assert invites.claim_with_invite(claims[0].id)[0].statement == who
    invites.release_claim(claims[0])
    invites.release_claim(claims[0])
    assert invites.invites_of(ticket.id)[0].runs_left == 1
    assert invites.claim_with_invite("nothing") is None


def test_links_end_by_time_and_others_than_allowed_are_refused(store, invites, clock):
    ticket, _ = submit(store, draft(clock))
    for runs, valid in ((0, 1), (51, 1), (1, 0), (1, 31)):
        with pytest.raises(ValueError, match="a check link"):
            invite(invites, ticket, runs=runs, valid=timedelta(days=valid))
    link, token = invite(invites, ticket, runs=50, valid=timedelta(days=30))
    assert link.runs_left == 50
    assert link.expires_at == clock.now() + timedelta(days=30)
    clock.advance(timedelta(days=30))
    assert invites.by_token(token) == link
    assert invites.claim(link, replace(WHO, at=clock.now())) is None
    assert invites.usable_invites(ticket.id) == ()
