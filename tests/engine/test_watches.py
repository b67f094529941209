"""Watch until fixed: it looks again with growing pauses, tells once, and ends by itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from context import context
from db.engine import connect
from db.tables.diagnostics import watches as watches_table
from db.tables.jobs import jobs
from diagnostics.model import Missing, Scope
from jobs.model import Job
from settings import load
from tests.watch_fixtures import House, expired, full, healthy
from wiring.rooms import build
from wizard.runs.limits import Lane
from wizard.runs.store import place_in
from wizard.watches.model import LANDED_JOB, LOOK_JOB, WatchState
from wizard.watches.recheck_pauses import MAX_LOOKS, pause_after
from wizard.watches.store import AlreadyTaken

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def house(sqlite_url, clock):
    db = connect(sqlite_url, clock=clock)
    yield House(db, clock)
    db.close()


def flaky():
    """The disk cannot be seen."""
    scene = healthy()
    scene.missing["hosting"] = Missing.TROUBLE
    return scene


async def test_it_tells_once_when_it_is_well_and_then_rests(house) -> None:
    watch = house.watch()
    await house.pass_(20 * MINUTE, MINUTE)
    assert house.kinds() == ["begun"], "not before it is well"
    looked = house.watches.by_id(watch.id).looks
    assert 2 <= looked <= 4, "pauses grow"
    house.scene = healthy
    await house.pass_(HOUR, MINUTE)
    assert house.kinds() == ["begun", "well"]
    ended = house.watches.by_id(watch.id)
    assert (ended.state, ended.next_at) == (WatchState.RECOVERED, None)
    await house.pass_(2 * DAY, HOUR)
    assert house.watches.by_id(watch.id).looks == ended.looks
    assert house.kinds() == ["begun", "well"]


def test_the_portal_has_the_end_of_a_watched_run_judged(sqlite_url, tmp_path, clock) -> None:
    """Runs know nothing of watches: what follows from the end of one is handed to them."""
    env = {"JASNO_VAR": str(tmp_path / "var"), "JASNO_DATABASE_URL": sqlite_url}
    portal = build(context(load(env=env, cwd=tmp_path), clock))
    house = House(portal.ctx.db, clock)
    watch = house.watch()
    with portal.ctx.db.read() as conn:
        payload = conn.scalar(select(jobs.c.payload).where(jobs.c.kind == LOOK_JOB))
    house.looking.look(Job(LOOK_JOB, payload, watch.id, clock.now()))
    portal.wizard.runs.finish(house.watches.by_id(watch.id).run)
    with portal.ctx.db.read() as conn:
        assert conn.scalar(select(jobs.c.key).where(jobs.c.kind == LANDED_JOB))
    portal.close()
    portal.ctx.db.close()


async def test_a_letter_names_what_anybody_may_see_and_counts_the_rest(house) -> None:
    """Mailboxes are read by others: the full disk is in the report, not in the letter."""
    house.watch()
    house.scene = healthy
    await house.pass_(10 * MINUTE, MINUTE)
    letter = house.letters[-1]
    assert "disk" not in letter.text.lower()
    assert "in your hosting account: 1" in letter.text
    assert letter.to == "mara@people.example"


async def test_a_letter_is_in_the_readers_language_and_names_what_is_gone(house) -> None:
    house.scene = expired
    house.watch(lang="cs")
    house.scene = healthy
    await house.pass_(10 * MINUTE, MINUTE)
    letter = house.letters[-1]
    assert letter.key.endswith(":well")
    assert "cafe.example je zase v pořádku" in letter.subject
    assert "- Certifikát" in letter.text
    assert "{" not in letter.text


async def test_links_work_and_are_nowhere_stored(house) -> None:
    watch = house.watch()
    house.scene = healthy
    await house.pass_(10 * MINUTE, MINUTE)
    with house.db.read() as conn:
        kept = [str(row) for table in (jobs, watches_table) for row in conn.execute(select(table))]
    page = house.watches.token(watch.id)
    report = house.watches.report_token(house.watches.by_id(watch.id).look_name)
    assert not [row for row in kept if page in row or report in row]
    begun, well = (house.watches.with_links(x.text, "https://s.example") for x in house.letters)
    assert f"https://s.example/watch/{page}" in begun
    assert f"https://s.example/r/{report}" in well
    assert house.watches.by_token(page).id == watch.id
    assert house.runs.by_token(report).id == house.watches.by_id(watch.id).run


async def test_a_look_has_the_scope_of_the_first_run_and_passes_caches(house) -> None:
    first = house.run()
    watch = house.watch(first)
    await house.pass_(5 * MINUTE, MINUTE)
    run = house.runs.by_id(house.watches.by_id(watch.id).run)
    assert (run.scope, run.account, run.person) == (Scope.CONTACT, "A100", "mara")
    assert (run.previous, run.fresh, run.subject) == (first.id, True, first.subject)


async def test_it_ends_within_a_week_and_a_bounded_number_of_looks(house) -> None:
    watch = house.watch()
    await house.pass_(8 * DAY, HOUR)
    ended = house.watches.by_id(watch.id)
    assert ended.state is WatchState.GAVE_UP
    assert 20 < ended.looks <= MAX_LOOKS
    assert ended.ended_at - ended.created_at < timedelta(days=7, hours=2)
    assert house.kinds() == ["begun", "gave_up"]
    assert "https://sunny.example/tickets/new" in house.letters[-1].text
    assert len(house.runs.recent(domain="cafe.example", limit=100)) == ended.looks + 1


async def test_a_stopped_watch_looks_and_writes_no_more(house) -> None:
    watch = house.watch()
    await house.pass_(5 * MINUTE, MINUTE)
    assert house.watches.stop(watch.id)
    assert not house.watches.stop(watch.id)
    looks = house.watches.by_id(watch.id).looks
    house.scene = healthy
    await house.pass_(DAY, HOUR)
    assert house.watches.by_id(watch.id).looks == looks
    assert house.kinds() == ["begun"]


async def test_one_good_look_between_bad_ones_is_not_called_well(house) -> None:
    house.watch()
    await house.pass_(3 * MINUTE, MINUTE)
    for _ in range(3):
        house.scene = healthy
        while not house.watches.of_person("mara")[0].good:
            await house.pass_(MINUTE, MINUTE)
        house.scene = full
        await house.pass_(5 * MINUTE, MINUTE)
    assert house.kinds() == ["begun"]


async def test_what_could_not_be_seen_is_not_well(house) -> None:
    house.watch()
    house.scene = flaky
    await house.pass_(3 * HOUR, 10 * MINUTE)
    assert house.kinds() == ["begun"]


async def test_something_else_that_breaks_is_not_well(house) -> None:
    house.watch()
    house.scene = expired
    await house.pass_(3 * HOUR, 10 * MINUTE)
    assert house.kinds() == ["begun"]


async def test_a_contact_who_is_none_any_more_hears_nothing_more(house) -> None:
    watch = house.watch()
    await house.pass_(5 * MINUTE, MINUTE)
    house.people["mara"] = replace(house.people["mara"], contacts=())
    before = house.watches.by_id(watch.id).looks
    house.scene = healthy
    await house.pass_(DAY, HOUR)
    ended = house.watches.by_id(watch.id)
    assert (ended.state, ended.looks) == (WatchState.STOPPED, before)
    assert house.kinds() == ["begun"]


async def test_an_unconfirmed_watch_does_nothing_and_grows_too_old(house, clock) -> None:
    watch = house.watch(confirmed=False)
    await house.pass_(DAY, HOUR)
    assert (house.kinds(), house.watches.by_id(watch.id).looks) == (["confirm"], 0)
    clock.advance(DAY + HOUR)
    assert not house.watches.confirm(watch.id)
    assert house.watches.by_token(house.watches.token(watch.id)) is None
    assert house.watches.of_person("mara") == ()


async def test_confirming_twice_begins_once(house) -> None:
    watch = house.watch(confirmed=False)
    assert house.watches.confirm(watch.id)
    assert not house.watches.confirm(watch.id)
    await house.pass_(5 * MINUTE, MINUTE)
    assert house.watches.by_id(watch.id).looks == 1


async def test_people_who_wait_go_first(house) -> None:
    watch = house.watch()
    for _ in range(25):
        place = place_in(Lane.KNOWN)
        house.runs.create(full().subject(), Scope.PUBLIC, "site_down", place=place)
    house.clock.advance(2 * MINUTE)
    job = next(j for j in _waiting(house) if j.kind == "diagnosis.watch")
    assert job.run_after <= house.clock.now()
    with pytest.raises(Exception, match="many people"):
        house.looking.look(job)
    assert house.watches.by_id(watch.id).looks == 0


def _waiting(house):
    with house.db.read() as conn:
        return conn.execute(select(jobs).where(jobs.c.state == "waiting")).all()


async def test_jobs_that_run_twice_double_nothing(house) -> None:
    """As after kill -9 between an effect and the end of its job."""
    house.twice = True
    watch = house.watch()
    await house.pass_(10 * MINUTE, MINUTE)
    house.scene = healthy
    await house.pass_(HOUR, MINUTE)
    keys = [letter.key for letter in house.letters]
    # the handler of mail.send here counts every call; notify itself remembers what was sent
    assert sorted(set(keys)) == [f"watch:{watch.id}:begun", f"watch:{watch.id}:well"]
    ended = house.watches.by_id(watch.id)
    assert len(house.runs.recent(domain="cafe.example", limit=100)) == ended.looks + 1
    with house.db.read() as conn:
        mails = conn.execute(select(jobs.c.key).where(jobs.c.kind == "mail.send")).all()
    assert len(mails) == 2


async def test_two_engines_double_nothing(house) -> None:
    watch = house.watch()
    for minute in range(60):
        if minute == 20:
            house.scene = healthy
        house.clock.advance(MINUTE)
        await asyncio.gather(house.drain("one"), house.drain("two"))
    ended = house.watches.by_id(watch.id)
    assert ended.state is WatchState.RECOVERED
    assert sorted(house.kinds()) == ["begun", "well"]
    assert len(house.runs.recent(domain="cafe.example", limit=100)) == ended.looks + 1


async def test_no_look_begins_before_the_last_one_is_judged(house) -> None:
    """As when a job of the next look is there twice, or early."""
    watch = house.watch()
    house.clock.advance(10 * MINUTE)
    run = house.run()

    def begin(watch):
        with house.db.write() as conn:
            house.watches.record_look(conn, watch, run.id)

    begin(watch)
    under_way = house.watches.by_id(watch.id)
    assert (under_way.looks, under_way.judged) == (1, 0)
    for watch_run in (watch, under_way):
        with pytest.raises(AlreadyTaken):
            begin(watch_run)
    assert house.watches.by_id(watch.id) == under_way
    assert house.watches.schedule_look(under_way, 0, MINUTE)
    assert not house.watches.schedule_look(under_way, 0, MINUTE)
    begin(house.watches.by_id(watch.id))
    assert house.watches.by_id(watch.id).looks == 2


def test_pauses_grow_and_are_bounded() -> None:
    pauses = [pause_after(n) for n in range(1, 60)]
    assert pauses[0] == 4 * MINUTE
    assert pauses == sorted(pauses)
    assert pauses[-1] == 6 * HOUR


def test_one_watch_at_a_time_for_a_domain_and_a_person(house) -> None:
    first, second = house.watch(), house.watch()
    assert first.id == second.id
    house.watches.stop(first.id)
    third = house.watch()
    assert third.id != first.id
    assert house.watches.count("mara") == 1


def test_old_watches_are_forgotten_and_living_ones_stay(house, clock) -> None:
    old = house.watch()
    house.watches.stop(old.id)
    living = house.watch()
    clock.advance(100 * DAY)
    assert house.watches.forget(clock.now() - DAY) == 1
    assert house.watches.by_id(living.id) is not None
