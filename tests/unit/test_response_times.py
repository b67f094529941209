"""Response times: percentiles and windows agree with a slow model that keeps every look."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clock import ManualClock
from db.engine import DatabaseAway, UnavailableReason
from jobs.database_queue import DatabaseSender
from observe.transport.ping import PingResult
from status.model import Component, Grade, Observation, Signal
from status.probing.kinds import KINDS, ping
from status.storage.store import ObservationBatch, StatusStore
from status.timeseries import distribution
from status.timeseries.response_times import (
    CACHED,
    FIRST,
    HIGH,
    ComponentReader,
    MeasuredComponent,
    ResponseTimes,
    TimesReader,
    measured_components,
)
from status.timeseries.store import HOUR as HOURS
from status.timeseries.store import TimeseriesStore
from status.timeseries.windows import DAY_WINDOW, WINDOWS, edges
from tests.status_fixtures import MAIL, WEB, probe

ZONES = ("UTC", "Europe/Prague", "Asia/Kathmandu", "America/Havana", "Australia/Lord_Howe")
# Days on which some of these zones change their clocks, and one on which none does.
DAYS = ("2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-01-15")
HOUR = timedelta(hours=1)


def nearest_rank(times, share):
    """The plain definition of a percentile."""
    return sorted(times)[max(1, math.ceil(share * len(times))) - 1]


@given(st.lists(st.integers(0, 35_000_000_000), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_at_most_five_percent_beside_the_answer_it_stands_for(times, share):
    counts = distribution.count(times)
    assert distribution.decode(distribution.encode(counts)) == counts
    seen, exact = distribution.percentile(counts, share), nearest_rank(times, share)
    assert abs(seen - exact) <= max(0.05 * exact, 1)


@given(st.lists(st.lists(st.integers(0, 10**9))), st.floats(0.01, 1))
def test_added_up_counts_are_those_of_all_looks(groups, share):
    total = {}
    for group in groups:
        distribution.add(total, distribution.count(group))
    together = distribution.count([took for group in groups for took in group])
    assert total == together
    assert distribution.percentile(total, share) == distribution.percentile(together, share)


def test_nothing_has_no_percentile():
    assert distribution.percentile({}, 0.5) is None
    assert distribution.encode({}) == ""


# ------------------------------------------------------------------ windows
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("window", WINDOWS, ids=lambda w: w.name)
def test_parts_begin_at_full_hours_of_the_sites_clock_also_where_clocks_change(zone, day, window):
    tz = ZoneInfo(zone)
    until = datetime.fromisoformat(f"{day}T20:35:00+00:00")
    at = edges(window, until, tz)
    assert at[-1] == until
    assert list(at) == sorted(set(at))
    local = [moment.astimezone(tz) for moment in at[:-1]]
    if window is DAY_WINDOW:
        assert timedelta(hours=23, minutes=30) <= until - at[0] <= timedelta(hours=24)
        assert {b - a for a, b in pairwise(at[:-1])} == {timedelta(minutes=30)}
        return
    today = until.astimezone(tz).date()
    assert local[0].date() == today - timedelta(days=window.days - 1)
    days = {moment.date() for moment in local}
    assert len(days) == window.days
    midnights = [moment for moment in local if moment.hour < window.hours]
    assert len(midnights) == window.days  # each day begins one part, also one of 23 or 25 hours
    for a, b in pairwise(at):
        assert b - a <= timedelta(hours=window.hours + 1)


def test_a_day_of_clock_changes_is_an_hour_shorter_or_longer():
    tz = ZoneInfo("Europe/Prague")
    at = edges(WINDOWS[-1], datetime(2026, 11, 10, tzinfo=UTC), tz)
    lengths = {a.astimezone(tz).date().isoformat(): b - a for a, b in pairwise(at)}
    assert lengths["2026-10-24"] == 24 * HOUR
    assert lengths["2026-10-25"] == 25 * HOUR


# ------------------------------------------------------------------ against every look
LOOK = st.tuples(
    st.integers(0, 95 * 24 * 3600),  # seconds before the end
    st.sampled_from(["up", "up", "up", "degraded", "down", "unknown"]),
    st.integers(1, 20_000_000),
    st.booleans(),
)


def observation(name, at, grade, took, *, reliable=True):
    return Observation(name, at, timedelta(microseconds=took), Signal(Grade(grade)), reliable)


def model(looks, begins, ends):
    """What a part must say, from every look."""
    inside = [o for o in looks if begins <= o.at < ends and o.reliable]
    good = [o for o in inside if o.signal.grade in (Grade.UP, Grade.DEGRADED)]
    return [o.elapsed // timedelta(microseconds=1) for o in good], sum(
        o.signal.grade is Grade.DOWN for o in inside
    )


def agrees(part, looks):
    times, failures = model(looks, part.begins, part.ends)
    assert (part.answers, part.failures) == (len(times), failures)
    if not times:
        assert part.median is part.high is part.fastest is part.slowest is None
        return
    assert part.fastest == min(times) / 1000
    assert part.slowest == max(times) / 1000
    for seen, share in ((part.median, 0.5), (part.high, HIGH)):
        exact = nearest_rank(times, share) / 1000
        assert abs(seen - exact) <= max(0.05 * exact, 0.001)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    looks=st.lists(LOOK, min_size=1, max_size=60, unique_by=lambda look: look[0]),
    zone=st.sampled_from(ZONES),
    day=st.sampled_from(DAYS),
    stops=st.lists(st.integers(0, 95 * 24), max_size=4),
)
def test_every_part_is_what_the_looks_within_it_say(database, looks, zone, day, stops):
    """Counted and read at several moments, as an engine does that runs all along."""
    with database.write() as conn:
        for table in ("status_observations", "status_rollups"):
            conn.exec_driver_sql(f"DELETE FROM {table}")
    end = datetime.fromisoformat(f"{day}T21:00:00+00:00")
    clock = ManualClock(end)
    store, series = StatusStore(database, clock, DatabaseSender()), TimeseriesStore(database, clock)
    seen = sorted(
        (
            observation(
                f"p{n % 2}", end - timedelta(seconds=ago, microseconds=1), grade, took,
                reliable=reliable,
            )
            for n, (ago, grade, took, reliable) in enumerate(looks)
        ),
        key=lambda look: look.at,
    )  # fmt: skip
    every = tuple(seen)
    reader = ComponentReader(MeasuredComponent("web", "http", ("p0", "p1")), series, ZoneInfo(zone))
    for stop in (*sorted({end - n * HOUR for n in stops}), end):
        clock.at = stop
        due = [look for look in seen if look.at < stop]
        store.write(ObservationBatch(tuple(due)))
        del seen[: len(due)]
        for name in ("p0", "p1"):
            series.roll_up(name)
        times = reader.read(stop)
    for window in times.series:
        agrees(window.whole, every)
        for part in window.parts:
            agrees(part, every)


# ------------------------------------------------------------------ what is measured, and when
def test_the_probes_of_one_kind_tell_how_fast_a_component_is():
    probes = [
        probe("told", kind="heartbeat"),
        probe("a"),
        probe("echo", kind="ping"),
        probe("b"),
        probe("only", "mail", kind="heartbeat"),
    ]
    assert measured_components((WEB, MAIL), probes, {"http", "ping"}) == (
        MeasuredComponent("web", "http", ("a", "b")),
    )


def test_times_are_read_when_more_is_counted_and_outlive_the_database(database, clock):
    store, series = StatusStore(database, clock, DatabaseSender()), TimeseriesStore(database, clock)

    def look(took):
        store.write(ObservationBatch((observation("a", clock.now(), "up", took),)))
        clock.advance(CACHED)
        series.roll_up("a")

    measured = measured_components((WEB, Component("x", "X")), [probe("a")], {"http"})
    times = ResponseTimes(series, clock, measured, "UTC")
    assert times() == {"web": None}
    store.write(ObservationBatch((observation("a", clock.now(), "up", 100_000),)))
    clock.advance(FIRST)
    series.roll_up("a")
    assert times()["web"].until == clock.now()  # not yet the end of these five minutes
    reader = TimesReader(series, measured, "UTC", clock)
    assert reader.component("web").until == clock.now()
    assert reader.probe(probe("a"), DAY_WINDOW).until == clock.now()
    first = times()["web"]
    assert first.series[0].whole.median == pytest.approx(100, rel=0.05)
    assert times()["web"] is first
    clock.advance(CACHED)
    look(400_000)
    second = times()["web"]
    assert [s.whole.answers for s in second.series] == [2, 2, 2, 2]
    look(100_000)
    times._store = AwayStore()
    clock.advance(CACHED)
    assert times()["web"] is second


class AwayStore:
    """Roll-ups whose database is away."""

    def counted_until(self, _probes):
        raise DatabaseAway(UnavailableReason.UNREACHABLE)


def test_what_an_older_version_counted_is_counted_anew_from_the_looks_that_are_left(
    database, clock
):
    store, series = StatusStore(database, clock, DatabaseSender()), TimeseriesStore(database, clock)
    start = clock.now()
    for hours in range(48):
        store.write(ObservationBatch((observation("a", start + hours * HOUR, "up", 100_000),)))
    clock.advance(48 * HOUR)
    series.roll_up("a")
    with database.write() as conn:
        conn.exec_driver_sql("UPDATE status_rollups SET times = NULL")
    assert series.counted_until(["a"]) is None
    series.roll_up("a")
    until = series.counted_until(["a"])
    assert until == start + 47 * HOUR + timedelta(minutes=5)
    reader = ComponentReader(MeasuredComponent("web", "http", ("a",)), series, ZoneInfo("UTC"))
    week = reader.read(until).series[1].whole
    assert (week.answers, week.median) == (48, 100)


def test_a_silent_probe_does_not_hold_the_others_back(database, clock):
    store, series = StatusStore(database, clock, DatabaseSender()), TimeseriesStore(database, clock)
    start = clock.now()
    looks = [observation("a", start, "up", 1), observation("b", start, "up", 1)]
    looks += [observation("a", start + n * HOUR, "up", 1) for n in range(1, 6)]
    store.write(ObservationBatch(tuple(looks)))
    clock.advance(6 * HOUR)
    for name in "ab":
        series.roll_up(name)
    assert series.counted_until("ab") == start + 5 * HOUR + timedelta(minutes=5)


def test_hours_forget_how_their_times_were_spread_and_keep_the_rest(database, clock):
    store, series = StatusStore(database, clock, DatabaseSender()), TimeseriesStore(database, clock)
    start = clock.now()
    store.write(ObservationBatch((observation("a", start, "up", 100_000),)))
    for days in (1, 91, 93):
        clock.at = start + timedelta(days=days)
        series.roll_up_and_prune(["a"])
        (row,) = series.response_times("a", HOURS, start)
        assert (row.answers, row.slowest_us) == (1, 100_000)
        assert bool(row.times) == (days < 92)


def test_the_time_of_a_ping_is_its_quickest_round_trip(clock):
    def run_of(milliseconds):
        fact = PingResult("web1", clock.now(), "127.0.0.1", 2, milliseconds)
        return ping.quickest(fact)

    assert run_of((timedelta(milliseconds=9), timedelta(milliseconds=4))) == timedelta(
        milliseconds=4
    )
    assert run_of(()) is None
    timed = {kind.name for kind in KINDS if kind.has_response_time}
    assert timed == {"http", "dns", "tcp", "tls", "smtp", "imap", "pop3", "ping"}
