"""The snapshot of the panel: what is kept, how old it is, and how it is renewed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select, update

from context import RoomContext
from db.tables import hosting as tables
from db.tables.jobs import jobs
from hosting.model import Account, HostedService, HostingFacts, Resource, ServiceKind, Usage
from hosting.panel import PanelError
from hosting.room import HostingRoom
from hosting.store import HostingStore, StoredAccount
from hosting.sync import handlers, sync
from jobs.database_queue import DatabaseQueue, DatabaseSender
from jobs.model import ClaimLimit, Job, Retry
from settings import load

AT = datetime(2026, 1, 15, 11, tzinfo=UTC)
SHOP, BLOG = "shop.example", "blog.example"
MARA = Account("A1", "Mara", (SHOP, BLOG))
PROJECT = HostedService("S1", ServiceKind.PROJECT, SHOP, expires=date(2026, 2, 1))


def facts(account, used, at=AT, *, mail=True):
    usage = (Usage(Resource.DISK, used, None, "bytes", at, "lab"),)
    return HostingFacts(account, (PROJECT,), usage, (), (), (), at, mail_local=mail)


class OnePanel:
    """A panel with one account, which may be away."""

    name = "one"

    def __init__(self):
        self.there = MARA
        self.away = None
        self.facts_by_domain = {
            SHOP: facts(MARA, 1),
            BLOG: facts(MARA, 2, AT - timedelta(hours=1), mail=False),
        }

    def account(self, id):
        if self.away:
            raise self.away
        return self.there

    def account_of(self, domain):
        return self.there

    def services(self, account):
        return (PROJECT,)

    def facts(self, account, domain):
        if domain not in self.facts_by_domain:
            raise PanelError("no such domain", permanent=True)
        return self.facts_by_domain[domain]

    def ping(self):
        pass


@pytest.fixture
def store(database, clock):
    return HostingStore(database, clock, DatabaseSender())


def test_nothing_is_known_before_the_first_sync(store):
    assert store.account("A1") is None
    assert store.account_of(SHOP) is None
    assert store.services("A1") == ()
    assert store.facts_by_domain("A1") == {}
    assert store.seen_at("A1") is None


def test_a_sync_keeps_everything_with_its_age(store, clock):
    assert sync(OnePanel(), store, "A1")
    assert store.account("A1") == store.account_of("Shop.Example") == MARA
    assert store.services("A1") == (PROJECT,)
    assert list(store.facts_by_domain("A1")) == [SHOP, BLOG]
    assert store.facts_by_domain("A1")[SHOP] == facts(MARA, 1)
    assert store.seen_at("A1") == clock.now()
    assert store.accounts() == (MARA,)


def test_a_second_sync_replaces_the_first(store):
    panel = OnePanel()
    sync(panel, store, "A1")
    panel.there = replace(MARA, domains=(SHOP,))
    panel.facts_by_domain = {}
    sync(panel, store, "A1")
    assert store.account_of(BLOG) is None
    assert store.account_of(SHOP).domains == (SHOP,)
    assert store.facts_by_domain("A1") == {}


def test_a_domain_that_moved_belongs_to_its_new_account_only(store):
    sync(OnePanel(), store, "A1")
    other = Account("A2", "Zed", (BLOG,))
    store.keep(StoredAccount(other, (), {BLOG: facts(other, 9)}))
    assert store.account_of(BLOG) == other
    assert list(store.facts_by_domain("A1")) == [SHOP]


def test_an_account_the_panel_no_longer_has_is_forgotten(store):
    panel = OnePanel()
    sync(panel, store, "A1")
    panel.there = None
    assert not sync(panel, store, "A1")
    assert (store.account("A1"), store.account_of(SHOP)) == (None, None)


def test_a_panel_that_is_away_leaves_the_snapshot_and_is_asked_again(store, clock):
    panel = OnePanel()
    sync(panel, store, "A1")
    run = handlers(panel, store)["hosting.sync"].run
    job = Job("hosting.sync", '{"account":"A1"}', "k", clock.now())
    panel.away = PanelError("the panel is away")
    with pytest.raises(Retry):
        run(job)
    panel.away = PanelError("wrong token", permanent=True)
    with pytest.raises(PanelError):
        run(job)
    assert store.account("A1") == MARA


def test_asking_for_a_sync_is_one_job_a_minute_and_wakes_the_engine(database, clock):
    woken = []
    store = HostingStore(database, clock, DatabaseSender(lambda: woken.append(1)))
    store.request_sync(["A1", "A2"])
    store.request_sync(["A1"])
    with database.read() as conn:
        rows = conn.execute(select(jobs.c.kind, jobs.c.payload).order_by(jobs.c.id)).all()
    assert [tuple(row) for row in rows] == [
        ("hosting.sync", '{"account":"A1"}'),
        ("hosting.sync", '{"account":"A2"}'),
    ]
    clock.advance(timedelta(minutes=1))
    store.request_sync(["A1"])
    with database.read() as conn:
        assert len(conn.execute(select(jobs.c.id)).all()) == 3
    assert len(woken) == 3


def test_old_snapshots_are_found_for_renewal(store, clock):
    sync(OnePanel(), store, "A1")
    clock.advance(timedelta(hours=2))
    assert store.stale(timedelta(hours=1)) == ("A1",)
    assert store.stale(timedelta(hours=3)) == ()


def test_a_document_from_another_version_is_not_misread(store, database):
    sync(OnePanel(), store, "A1")
    with database.write() as conn:
        conn.execute(update(tables.domains).values(facts={"schema": 99, "value": {}}))
        conn.execute(update(tables.accounts).values(services={"schema": 1, "value": [{"id": 5}]}))
    assert store.facts_by_domain("A1") == {}
    assert store.services("A1") == ()
    assert store.account("A1") == MARA
    with database.read() as conn:
        documents = conn.execute(select(tables.domains.c.facts)).scalars().all()
    assert documents == [{"schema": 99, "value": {}}] * 2, "kept for the version that reads them"


def test_everybodys_snapshots_are_asked_for_evenly_and_in_short_transactions(database, clock):
    store = HostingStore(database, clock, DatabaseSender())
    began = []
    event.listen(database.engine, "begin", lambda _conn: began.append(1))
    ids = [f"A{n}" for n in range(1200)]
    store.request_sync(ids, over=timedelta(hours=1))
    store.request_sync(ids, over=timedelta(hours=1))  # the same minute: nothing more
    assert len(began) == 6, "500 at a time"
    with database.read() as conn:
        times = conn.execute(select(jobs.c.run_after).order_by(jobs.c.id)).scalars().all()
    assert len(times) == 1200
    assert times[0] == clock.now()
    assert times[600] == clock.now() + timedelta(minutes=30)
    assert times[-1] < clock.now() + timedelta(hours=1)


def test_the_hourly_refresh_asks_once_about_an_account_that_already_waits(
    database, clock, tmp_path
):
    ground = load(env={"JASNO_VAR": str(tmp_path)}, cwd=tmp_path)
    room = HostingRoom(RoomContext(ground, clock, database=database))
    for number in range(10):
        account = Account(f"A{number}", "Mara", (f"shop{number}.example",))
        room.store.keep(StoredAccount(account, (), {}))
    clock.advance(timedelta(hours=7))
    for _ in range(5):
        room.refresh_stale()
        clock.advance(timedelta(hours=1))
    queue = DatabaseQueue(database)
    assert [(c.kind, c.waiting) for c in queue.counts()] == [("hosting.sync", 10)]
    # One that is given up is asked for again by the next round, and so is one that is done.
    for claimed in queue.claim({"hosting.sync": ClaimLimit(timedelta(minutes=1), 10)}, "a"):
        assert queue.fail(claimed, "wrong token")
    room.refresh_stale()
    assert [(c.waiting, c.failed) for c in queue.counts()] == [(10, 10)]
