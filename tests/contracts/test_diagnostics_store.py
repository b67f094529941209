"""Runs as rows, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from db.stored import health_message
from db.tables.diagnostics import places as places_table
from db.tables.diagnostics import runs as runs_table
from db.tables.diagnostics import shares as shares_table
from db.tables.jobs import jobs
from diagnostics.evidence.keys import KNOWN_INCIDENT, MatchingIncident
from diagnostics.model import Item, Missing, RunState, Scope
from jobs.database_queue import DatabaseSender
from standards.dns_types import Trouble
from subject import Subject, SubjectKind
from tests.people_rows import add_people
from tests.run_places import FIRST
from wizard.runs.limits import KINDS, Lane, RequesterKeys
from wizard.runs.store import RunPlace, RunStore, place_in

SUBJECT = Subject(SubjectKind.MAILBOX, "m@shop.example", "shop.example", "shop.example")


@pytest.fixture
def woken():
    return []


@pytest.fixture
def store(database, clock, woken):
    add_people(database, "mara", "zed")
    return RunStore(database, clock, DatabaseSender(lambda: woken.append(1)))


def queued(database, kind):
    with database.read() as conn:
        rows = conn.execute(select(jobs.c.key, jobs.c.payload).where(jobs.c.kind == kind)).all()
    return [(key, msgspec.json.decode(payload)) for key, payload in rows]


def test_a_run_and_its_job_are_one_transaction(store, database, woken) -> None:
    run, token = store.create(
        SUBJECT, Scope.CONTACT, "site_down", account="A100", person="mara", place=FIRST
    )
    assert queued(database, "diagnosis.run") == [(run.id, {"run": run.id})]
    assert woken == [1]
    assert store.by_id(run.id) == run
    assert store.by_token(token) == run
    assert store.by_token(run.token_hash) is None
    assert store.by_token("") is None


def test_the_token_is_nowhere_in_the_database(store, database) -> None:
    run, token = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    _, shared = store.share(run.id, timedelta(days=1))
    with database.read() as conn:
        everything = [
            str(row)
            for table in (runs_table, shares_table, jobs)
            for row in conn.execute(select(table))
        ]
    assert not [row for row in everything if token in row or shared in row]


def test_what_goes_wrong_beside_a_run_undoes_it(store, database) -> None:
    def refuse(_conn, _run):
        raise ValueError("no runs left")

    with pytest.raises(ValueError, match="no runs left"):
        store.create(SUBJECT, Scope.PUBLIC, "site_down", in_transaction=refuse, place=FIRST)
    assert queued(database, "diagnosis.run") == []
    assert store.recent(domain="shop.example") == ()


def test_a_run_lives_from_queue_to_end(store, database, clock) -> None:
    run, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    clock.advance(timedelta(seconds=1))
    claimed = store.claim(run.id)
    assert claimed is not None
    assert (claimed.state, claimed.started_at) == (RunState.RUNNING, clock.now())
    known_incidents = Item(
        "known",
        MatchingIncident("i1", {"en": "Storage"}, clock.now()),
        clock.now(),
        timedelta(seconds=2),
    )
    lost = Item("web", None, clock.now(), missing=Missing.TROUBLE, trouble=Trouble.TIMEOUT)
    assert store.save_item(run.id, known_incidents)
    assert store.save_item(run.id, lost)
    assert store.save_item(run.id, known_incidents)
    assert store.evidence(run.id).items == {"known": known_incidents, "web": lost}
    assert store.finish(run.id)
    assert not store.finish(run.id)
    assert queued(database, "diagnosis.finished") == [(run.id, {"run": run.id})]
    assert store.claim(run.id) is None
    assert not store.save_item(run.id, lost)
    assert store.by_id(run.id).finished_at == clock.now()


def test_a_run_may_begin_again_after_its_engine_died(store) -> None:
    run, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    assert store.claim(run.id) is not None
    assert store.claim(run.id) is not None
    assert store.claim("nothing") is None


def test_everything_that_changes_changes_the_version(store, clock) -> None:
    run, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    seen = [store.version(run.id)]
    store.claim(run.id)
    seen.append(store.version(run.id))
    store.save_item(run.id, Item("known", MatchingIncident(), clock.now()))
    seen.append(store.version(run.id))
    store.answer(run.id, {"since": "yesterday"})
    seen.append(store.version(run.id))
    store.finish(run.id)
    seen.append(store.version(run.id))
    assert len(set(seen)) == len(seen)
    assert store.by_id(run.id).answers == {"since": "yesterday"}


def test_the_queue_has_places(store, clock) -> None:
    first, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    clock.advance(timedelta(seconds=1))
    second, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    assert (store.count_before(first), store.count_before(second), store.count_waiting()) == (
        0,
        1,
        2,
    )
    store.claim(first.id)
    assert (store.count_before(second), store.count_waiting()) == (0, 1)


def test_each_lane_has_its_own_kind_of_job_and_its_own_places(store, database, clock) -> None:
    for lane in Lane:
        clock.advance(timedelta(seconds=1))
        run, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=place_in(lane))
        assert queued(database, KINDS[lane]) == [(run.id, {"run": run.id})]
        assert store.count_waiting(lane) == 1
        assert store.count_before(run) == 0, "no lane waits for another"
    live_runs = store.live()
    assert sorted(run.lane for run in live_runs) == sorted(Lane)
    assert all(run.waiting and run.domain == "shop.example" for run in live_runs)


def test_a_place_is_held_until_the_end_and_nothing_of_it_stays(store, database, clock) -> None:
    place = RunPlace(RequesterKeys("k", "n"), lambda _live: Lane.FIRST)
    run, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=place)
    store.claim(run.id)
    (live_run,) = store.live()
    assert (live_run.asker, live_run.network, live_run.waiting) == ("k", "n", False)
    store.finish(run.id)
    with database.read() as conn:
        assert conn.execute(select(places_table)).all() == []
    store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    clock.advance(timedelta(hours=2))
    assert store.live() == (), "a run that never ends does not hold its place for ever"


def test_a_share_link_expires_and_can_be_ended(store, clock) -> None:
    run, own = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    _, day = store.share(run.id, timedelta(days=1))
    week, week_token = store.share(run.id, timedelta(days=7))
    assert store.by_share(day) == run
    assert store.by_share(own) is None
    assert store.by_token(day) is None
    clock.advance(timedelta(days=1))
    assert store.by_share(day) is None
    assert store.shares(run.id) == (week,)
    assert not store.revoke("another", week.id)
    assert store.revoke(run.id, week.id)
    assert not store.revoke(run.id, week.id)
    assert store.by_share(week_token) is None


def test_evidence_that_no_longer_reads_is_told_as_not_seen(store, database) -> None:
    run, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    store.claim(run.id)
    store.save_item(run.id, Item("known", MatchingIncident(), store.clock.now()))
    with database.write() as conn:
        conn.exec_driver_sql("UPDATE diagnostics_evidence SET body = '{\"key\": 1}'")
    evidence = store.evidence(run.id)
    assert KNOWN_INCIDENT not in evidence
    assert evidence.items["known"].detail == "unreadable"
    assert "diagnostics.evidence" in health_message()


def test_old_runs_are_forgotten_with_all_that_belongs_to_them(store, clock) -> None:
    old, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    store.claim(old.id)
    store.save_item(old.id, Item("known", MatchingIncident(), clock.now()))
    store.share(old.id, timedelta(days=900))
    store.finish(old.id)
    clock.advance(timedelta(days=400))
    young, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", previous=old.id, place=FIRST)
    assert store.forget(clock.now() - timedelta(days=365)) == 1
    assert [r.id for r in store.recent(domain="shop.example")] == [young.id]
    assert store.evidence(old.id).items == {}


def test_a_run_that_still_waits_or_works_is_never_forgotten(store, clock) -> None:
    waiting, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    working, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    store.claim(working.id)
    store.save_item(working.id, Item("known", MatchingIncident(), clock.now()))
    clock.advance(timedelta(days=400))
    assert store.forget(clock.now()) == 0
    assert store.by_id(waiting.id) is not None
    assert KNOWN_INCIDENT in store.evidence(working.id)


def test_a_run_is_forgotten_after_its_time_not_at_it(store, clock) -> None:
    run, _ = store.create(SUBJECT, Scope.PUBLIC, "site_down", place=FIRST)
    store.claim(run.id)
    store.finish(run.id)
    assert store.forget(run.created_at) == 0
    assert store.forget(run.created_at + timedelta(seconds=1)) == 1
    assert store.forget(run.created_at + timedelta(seconds=1)) == 0


def test_recent_runs_of_a_person_or_account(store, clock) -> None:
    store.create(SUBJECT, Scope.PUBLIC, "site_down", person="zed", place=FIRST)
    clock.advance(timedelta(seconds=1))
    hers, _ = store.create(
        SUBJECT, Scope.CONTACT, "site_down", person="mara", account="A100", place=FIRST
    )
    assert [r.id for r in store.recent(person="mara")] == [hers.id]
    assert [r.id for r in store.recent(account="A100")] == [hers.id]
    assert len(store.recent(domain="shop.example")) == 2
    assert len(store.recent(domain="shop.example", limit=1)) == 1
