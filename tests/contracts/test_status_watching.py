"""Words sent in, vantages and roll-ups, on SQLite and on PostgreSQL."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, select

from db.tables.status_probing import rollups as t
from jobs.database_queue import DatabaseSender
from status.model import Grade, Observation, Signal
from status.probing.heartbeats.signals import HeartbeatSignal
from status.probing.heartbeats.store import (
    MOST_OPEN,
    MOST_SIGNALS,
    RETENTION,
    HeartbeatStore,
    hashed,
)
from status.probing.vantages.model import PushedObservation
from status.probing.vantages.store import VantageStore
from status.storage.store import ObservationBatch, StatusStore
from status.timeseries.store import DAY, FIVE, HOUR, RetentionPeriods, TimeseriesStore

MINUTE = timedelta(minutes=1)


# ------------------------------------------------------------------ heartbeats
@pytest.fixture
def beats(database, clock):
    return HeartbeatStore(database, clock)


def test_a_token_opens_one_probe_and_a_new_one_closes_the_old(beats, clock):
    old = beats.make_token("nightly")
    assert beats.receive(old, HeartbeatSignal("up", "done")) == "nightly"
    new = beats.make_token("nightly")
    assert beats.receive(old, HeartbeatSignal()) == ""
    assert beats.receive(new, HeartbeatSignal("down", "disk full\0")) == "nightly"
    last = beats.pushed()["nightly"]
    assert (last.state, last.message, last.at) == ("down", "disk full", clock.now())
    assert last.good_at == clock.now()
    assert beats.drop_token("nightly")
    assert not beats.drop_token("nightly")
    assert beats.receive(new, HeartbeatSignal()) == ""


def test_tokens_are_stored_hashed(beats, database):
    token = beats.make_token("nightly")
    with database.read() as conn:
        rows = str(conn.exec_driver_sql("SELECT * FROM status_heartbeats").all())
    assert token not in rows
    assert hashed(token) in rows


def test_a_run_is_timed_from_its_start(beats, clock):
    token = beats.make_token("nightly")
    beats.receive(token, HeartbeatSignal("start"))
    assert beats.pushed()["nightly"].running == (clock.now(),)
    clock.advance(MINUTE)
    beats.receive(token, HeartbeatSignal("up"))
    last = beats.pushed()["nightly"]
    assert (last.ping, last.running) == (MINUTE, ())
    beats.receive(token, HeartbeatSignal("start"))
    assert beats.pushed()["nightly"].state == "up"  # the last outcome stands


def test_a_start_takes_the_place_of_the_one_before(beats, clock):
    token = beats.make_token("nightly")
    beats.receive(token, HeartbeatSignal("start"))
    clock.advance(MINUTE)
    beats.receive(token, HeartbeatSignal("start"))
    assert beats.pushed()["nightly"].running == (clock.now(),)
    beats.receive(token, HeartbeatSignal("start", run="a"))
    beats.receive(token, HeartbeatSignal("up", run="b"))
    assert len(beats.pushed()["nightly"].running) == 2
    beats.receive(token, HeartbeatSignal("down"))  # of no run in particular: of all
    assert beats.pushed()["nightly"].running == ()


def test_the_newest_signals_of_each_probe_stay(beats):
    token, other = beats.make_token("nightly"), beats.make_token("other")
    beats.receive(other, HeartbeatSignal("up", snippet="kept"))
    for n in range(MOST_SIGNALS + 20):
        beats.receive(token, HeartbeatSignal("up", exit_status=0, snippet=str(n)))
    kept = beats.signals_of("nightly")
    assert [k.snippet for k in kept] == [str(n) for n in range(119, 19, -1)]
    assert [k.snippet for k in beats.signals_of("other")] == ["kept"]


@pytest.mark.parametrize("chatter", ["log", "runs"])
def test_a_hung_run_is_not_forgotten_for_what_comes_after(beats, clock, chatter):
    beats.receive_by_name("nightly", HeartbeatSignal("start", run="hung"))
    began = clock.now()
    for n in range(MOST_SIGNALS + 10):
        clock.advance(MINUTE)
        if chatter == "log":
            beats.receive_by_name("nightly", HeartbeatSignal("log", "still here"))
            continue
        beats.receive_by_name("nightly", HeartbeatSignal("start", run=str(n)))
        beats.receive_by_name("nightly", HeartbeatSignal("down", run=str(n)))
    assert beats.pushed()["nightly"].running == (began,)
    clock.advance(RETENTION)
    beats.prune()
    assert beats.pushed()["nightly"].running == (began,)
    beats.receive_by_name("nightly", HeartbeatSignal("up", run="other"))
    beats.prune()
    assert beats.pushed()["nightly"].running == ()


def test_runs_without_end_are_bounded_and_the_oldest_stay(beats, clock):
    began = clock.now()
    for n in range(MOST_OPEN + 10):
        beats.receive_by_name("nightly", HeartbeatSignal("start", run=str(n)))
        clock.advance(MINUTE)
    running = beats.pushed()["nightly"].running
    assert (len(running), running[0]) == (MOST_OPEN, began)
    beats.receive_by_name("nightly", HeartbeatSignal("up", run="0"))
    beats.receive_by_name("nightly", HeartbeatSignal("start", run="a"))  # takes its place
    clock.advance(MINUTE)
    beats.receive_by_name("nightly", HeartbeatSignal("start", run="b"))
    assert len(beats.pushed()["nightly"].running) == 2  # the others were before a success


def test_an_id_from_elsewhere_is_taken_over(beats):
    kept = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
    beats.keep_token("nightly", kept.upper())
    assert beats.receive(kept, HeartbeatSignal()) == "nightly"
    with pytest.raises(ValueError, match="nightly"):
        beats.keep_token("other", kept)
    beats.keep_token("other", "R4w1yBFx7pQmLdS0tUvA9cEe")  # as Uptime Kuma makes them
    assert beats.receive("R4w1yBFx7pQmLdS0tUvA9cEe", HeartbeatSignal()) == "other"
    for wrong in ("", "nightly", "{" + kept + "}", "a/b" * 9):
        with pytest.raises(ValueError, match="UUID"):
            beats.keep_token("other", wrong)


def test_words_by_hand(beats):
    beats.record_by_hand("by-hand", HeartbeatSignal("degraded", "slow disks"))
    assert beats.pushed()["by-hand"].state == "degraded"
    (probes,) = beats.list_probes()
    assert (probes.probe, probes.made_at) == ("by-hand", None)


# ------------------------------------------------------------------ vantages
@pytest.fixture
def places(database, clock):
    return VantageStore(database, clock)


def a_look(clock, probe="web-http", grade=Grade.UP, ago=timedelta(0)):
    return PushedObservation(probe, clock.now() - ago, 0.25, grade, "200", True, '{"a": 1}')


def test_a_vantage_is_known_by_its_token(places, clock):
    token = places.make_token("praha")
    assert places.authenticate("nonsense") == ""
    assert places.authenticate(token) == "praha"
    (place,) = places.list_vantages()
    assert (place.name, place.seen_at) == ("praha", clock.now())
    assert places.drop("praha")
    assert places.authenticate(token) == ""


def test_every_engine_reads_every_push_once(places, clock):
    places.make_token("praha"), places.make_token("wien")
    pushed, two = places.pushed_observations(), places.pushed_observations()
    places.push("praha", [a_look(clock), a_look(clock, "other", Grade.DOWN, MINUTE)])
    pushed_rows = pushed()
    assert [o.probe for o in pushed_rows] == ["other", "web-http"]  # oldest first
    assert {o.vantage for o in pushed_rows} == {"praha"}
    assert pushed() == ()
    assert len(two()) == 2
    clock.advance(MINUTE)
    places.push("wien", [a_look(clock)])
    assert [o.vantage for o in pushed()] == ["wien"]
    clock.advance(timedelta(hours=2))
    assert places.prune() == 2
    assert pushed() == ()


def test_a_vantage_that_was_dropped_meanwhile_pushes_nothing(places, clock):
    places.make_token("praha")
    read = places.pushed_observations()
    places.drop("praha")
    places.push("praha", [a_look(clock)])
    assert read() == ()


# ------------------------------------------------------------------ roll-ups
def observed(probe, at, grade, took, *, reliable=True):
    return Observation(probe, at, took, Signal(grade), reliable)


@dataclass(frozen=True, slots=True)
class Rollup:
    """What a probe saw within a span: looks by grade, and how long the good ones took."""

    at: datetime
    up: int
    degraded: int
    down: int
    unknown: int
    fastest: timedelta
    slowest: timedelta
    mean: timedelta

    @property
    def looks(self) -> int:
        """All of them."""
        return self.up + self.degraded + self.down + self.unknown


def rollups_of(database, probe, span, since):
    """A probe's roll-ups of a span from a moment on, oldest first."""
    query = select(t).where(t.c.probe == probe, t.c.span == span, t.c.at >= since).order_by(t.c.at)
    with database.read() as conn:
        rows = conn.execute(query).all()
    return tuple(
        Rollup(
            r.at, r.up, r.degraded, r.down, r.unknown,
            timedelta(microseconds=r.fastest_us), timedelta(microseconds=r.slowest_us),
            timedelta(microseconds=r.total_us // max(1, r.up + r.degraded)),
        )
        for r in rows
    )  # fmt: skip


def test_rollups_agree_with_counting_by_hand_however_often_they_are_counted(database, clock):
    store, series = StatusStore(database, clock, DatabaseSender()), TimeseriesStore(database, clock)
    chance = random.Random(7)
    start = clock.now() - timedelta(days=3)
    seen = []
    for n in range(3 * 24 * 20):
        grade = chance.choice([Grade.UP] * 8 + [Grade.DEGRADED, Grade.DOWN])
        took = timedelta(milliseconds=chance.randrange(5, 2000))
        at = start + n * 3 * MINUTE + timedelta(seconds=chance.random())
        seen.append(observed("p", at, grade, took, reliable=chance.random() > 0.05))
    store.write(ObservationBatch(tuple(seen[:1000])))
    clock.at = seen[999].at + MINUTE
    series.roll_up_and_prune(["p"])
    store.write(ObservationBatch(tuple(seen[1000:])))
    clock.at = start + timedelta(days=3)
    series.roll_up_and_prune(["p"])
    series.roll_up_and_prune(["p"])
    for span in (FIVE, HOUR, DAY):
        buckets = {}
        for item in seen:
            buckets.setdefault(int(item.at.timestamp()) // span, []).append(item)
        rollups = rollups_of(database, "p", span, start - timedelta(days=1))
        assert [int(r.at.timestamp()) // span for r in rollups] == sorted(buckets)
        for rollup in rollups:
            inside = buckets[int(rollup.at.timestamp()) // span]
            counted = [o for o in inside if o.reliable]
            by = {g: sum(o.signal.grade is g for o in counted) for g in Grade}
            assert (rollup.up, rollup.degraded, rollup.down) == (
                by[Grade.UP], by[Grade.DEGRADED], by[Grade.DOWN],
            )  # fmt: skip
            assert rollup.looks == len(inside)
            good = [o.elapsed for o in counted if o.signal.grade in (Grade.UP, Grade.DEGRADED)]
            assert rollup.fastest == min(good, default=timedelta(0))
            assert rollup.slowest == max(good, default=timedelta(0))
            if good:
                mean = sum(good, timedelta(0)) / len(good)
                assert abs(rollup.mean - mean) <= timedelta(microseconds=1)


def test_years_of_silence_are_counted_in_a_few_steps(database, clock):
    store, series = StatusStore(database, clock, DatabaseSender()), TimeseriesStore(database, clock)
    start = clock.now()
    clock.advance(timedelta(days=4000))
    moments = (start, start + 2 * MINUTE, clock.now() - MINUTE)
    store.write(ObservationBatch(tuple(observed("p", at, Grade.UP, MINUTE) for at in moments)))
    statements = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: statements.append(given))
    series.roll_up("p")
    assert len(statements) < 30
    for span in (FIVE, HOUR, DAY):
        assert [r.up for r in rollups_of(database, "p", span, start - timedelta(days=1))] == [2, 1]


def test_what_is_forgotten_has_been_counted(database, clock):
    keep = RetentionPeriods(
        raw=timedelta(days=2), five_minutes=timedelta(days=5), hours=timedelta(days=20)
    )
    store, series = (
        StatusStore(database, clock, DatabaseSender()),
        TimeseriesStore(database, clock, keep),
    )
    start = clock.now()
    for day in range(30):
        clock.at = start + timedelta(days=day)
        looks = [
            observed("p", clock.at + n * timedelta(hours=1), Grade.UP, MINUTE) for n in range(24)
        ]
        store.write(ObservationBatch(tuple(looks)))
        clock.at += timedelta(days=1)
        series.roll_up_and_prune(["p"])
    assert 24 * 2 <= len(store.observations("p", limit=10_000)) <= 24 * 3
    counts = {
        span: rollups_of(database, "p", span, start - timedelta(days=1))
        for span in (FIVE, HOUR, DAY)
    }
    assert sum(r.up for r in counts[DAY]) == 30 * 24
    assert 20 * 24 <= len(counts[HOUR]) <= 21 * 24
    assert 5 * 24 <= len(counts[FIVE]) <= 6 * 24


def test_the_last_failures_are_found_among_many_successes(database, clock):
    store = StatusStore(database, clock, DatabaseSender())
    looks = [observed("p", clock.now() + n * MINUTE, Grade.UP, MINUTE) for n in range(50)]
    bad = [observed("p", clock.now() + n * MINUTE, Grade.DOWN, MINUTE) for n in range(51, 71)]
    other = [observed("q", clock.now() + n * MINUTE, Grade.DOWN, MINUTE) for n in range(9)]
    store.write(ObservationBatch((*looks, *bad, *other)))
    observations = store.observations("p", failed=True, limit=15)
    assert observations == tuple(reversed(bad))[:15]
    assert len(store.observations("p", limit=100)) == 70
