"""What strangers have checked, on SQLite and on PostgreSQL: how long and how much of it is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from db.tables.diagnostics import evidence, runs
from diagnostics.model import Item, Missing, Scope
from jobs.database_queue import DatabaseSender
from subject import Subject, SubjectKind
from tests.people_rows import add_people
from tests.run_places import FIRST
from tests.unit.test_tickets_store import draft
from tickets.store import TicketStore
from wizard.runs.anonymous.store import AnonymousRuns
from wizard.runs.store import MAX_EVIDENCE, TOO_MUCH, RunStore
from wizard.watches.store import WatchStore

SHOP = Subject(SubjectKind.DOMAIN, "shop.example", "shop.example", "shop.example")
WEEK = timedelta(days=7)


@pytest.fixture
def store(database, clock):
    add_people(database, "mara", "mara-1")
    return RunStore(database, clock, DatabaseSender())


@pytest.fixture
def anonymous(database, clock):
    return AnonymousRuns(database, clock)


def ended(store, clock, size=1000, **more):
    """A run that has ended, with so much evidence, and the clock a minute on."""
    run, _ = store.create(
        SHOP, more.pop("scope", Scope.PUBLIC), "site_down", **{"place": FIRST, **more}
    )
    store.claim(run.id)
    store.save_item(run.id, item("known", clock, size))
    store.finish(run.id)
    clock.advance(timedelta(minutes=1))
    return run


def item(key, clock, size):
    return Item(key, None, clock.now(), missing=Missing.TROUBLE, detail="x" * size)


def left(store):
    return {run.id for run in store.recent(domain="shop.example", limit=50)}


def test_a_strangers_run_is_forgotten_after_a_week_and_not_before(store, anonymous, clock):
    run = ended(store, clock)
    waiting, _ = store.create(SHOP, Scope.PUBLIC, "site_down", place=FIRST)
    assert anonymous.forget(clock.now() - WEEK) == 0
    clock.advance(WEEK)
    assert anonymous.forget(clock.now() - WEEK) == 1
    assert left(store) == {waiting.id}
    assert store.evidence(run.id).items == {}


def test_what_belongs_to_somebody_is_kept(store, anonymous, database, clock):
    hers = ended(store, clock, person="mara")
    accounts = ended(store, clock, scope=Scope.CONTACT, account="A100")
    watched, ticketed, shared = (ended(store, clock) for _ in range(3))
    watches = WatchStore(database, clock, b"s" * 32, DatabaseSender())
    watches.begin(watched, "mara", "mara@people.example", "en", confirmed=True)
    tickets = TicketStore(database, clock, DatabaseSender())
    tickets.submit(replace(draft(clock), run=ticketed.id), priority=1, answer_by=None)
    store.share(shared.id, timedelta(days=30))
    clock.advance(timedelta(days=8))
    assert anonymous.forget(clock.now() - WEEK) == 0
    assert left(store) == {run.id for run in (hers, accounts, watched, ticketed, shared)}
    clock.advance(timedelta(days=30))
    assert anonymous.forget(clock.now() - WEEK) == 1, "the link has expired"
    assert shared.id not in left(store)


def test_a_link_that_was_taken_back_keeps_nothing(store, anonymous, clock):
    run = ended(store, clock)
    link, _ = store.share(run.id, timedelta(days=30))
    store.revoke(run.id, link.id)
    clock.advance(WEEK)
    assert anonymous.forget(clock.now() - WEEK) == 1


def test_a_link_keeps_its_run_until_the_moment_it_ends(store, anonymous, clock):
    shared = ended(store, clock)
    store.share(shared.id, timedelta(days=30))
    clock.advance(timedelta(days=30) - timedelta(seconds=1))
    assert anonymous.forget(clock.now() - WEEK) == 0
    clock.advance(timedelta(seconds=1))
    assert anonymous.forget(clock.now() - WEEK) == 1
    assert left(store) == set()


def test_another_shared_run_is_no_reason_to_keep_one(store, anonymous, clock):
    shared, other = ended(store, clock), ended(store, clock)
    store.share(shared.id, timedelta(days=30))
    clock.advance(WEEK)
    assert anonymous.forget(clock.now() - WEEK) == 1
    assert left(store) & {shared.id, other.id} == {shared.id}


def test_beyond_what_strangers_may_fill_their_oldest_go_first(store, anonymous, clock):
    hers = ended(store, clock, 50_000, person="mara")
    strangers = [ended(store, clock, 10_000) for _ in range(10)]
    store.share(strangers[0].id, timedelta(days=30))
    assert anonymous.forget_beyond(200_000) == 0
    assert anonymous.forget_beyond(55_000) == 5, "a link does not help to fill the disk"
    assert left(store) == {hers.id, *(run.id for run in strangers[5:])}
    assert anonymous.forget_beyond(55_000) == 0


def test_a_strangers_run_holds_so_much_and_the_rest_is_told_as_not_seen(store, clock):
    run, _ = store.create(SHOP, Scope.PUBLIC, "site_down", place=FIRST)
    store.claim(run.id)
    for key in ("known", "dns", "mail"):
        assert store.save_item(run.id, item(key, clock, MAX_EVIDENCE // 2 - 500))
    items = store.evidence(run.id).items
    assert [items[key].detail == TOO_MUCH for key in ("known", "dns", "mail")] == [
        False, False, True,
    ]  # fmt: skip
    assert items["mail"].missing is Missing.TROUBLE


def test_of_an_account_everything_is_kept(store, clock):
    run, _ = store.create(
        SHOP, Scope.CONTACT, "site_down", account="A100", person="mara", place=FIRST
    )
    store.claim(run.id)
    store.save_item(run.id, item("known", clock, MAX_EVIDENCE * 2))
    assert len(store.evidence(run.id).items["known"].detail) == MAX_EVIDENCE * 2


def test_an_item_that_is_replaced_counts_no_longer(store, database, clock):
    run, _ = store.create(SHOP, Scope.PUBLIC, "site_down", place=FIRST)
    store.claim(run.id)
    for _ in range(4):
        store.save_item(run.id, item("known", clock, MAX_EVIDENCE // 2))
    store.save_item(run.id, item("dns", clock, 1000))
    items = store.evidence(run.id).items
    assert TOO_MUCH not in {items["known"].detail, items["dns"].detail}
    with database.read() as conn:
        size = conn.execute(select(runs.c.evidence_size)).scalar_one()
        bodies = conn.execute(select(evidence.c.body)).scalars().all()
    assert size == sum(map(len, bodies))


def test_a_run_that_is_worked_on_again_has_room_again(store, clock):
    run, _ = store.create(SHOP, Scope.PUBLIC, "site_down", place=FIRST)
    for _ in range(3):
        store.claim(run.id)
        store.save_item(run.id, item("known", clock, MAX_EVIDENCE // 2))
    assert store.evidence(run.id).items["known"].detail != TOO_MUCH
