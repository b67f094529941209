"""Roll-ups as whole rows: what is counted from which looks, read, and forgotten at which bound."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from db.tables.status import observations
from db.tables.status_probing import rollups as t
from jobs.database_queue import DatabaseSender
from status.model import Grade, Observation, Signal
from status.storage.store import ObservationBatch, StatusStore
from status.timeseries import distribution
from status.timeseries.store import DAY, FIVE, HOUR, TimeseriesStore, TimesRow

MICRO = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
HOURS = timedelta(hours=1)
MIDNIGHT = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.fixture
def series(database, clock):
    return TimeseriesStore(database, clock)


@pytest.fixture
def write(database, clock):
    """Writes looks of a probe: moment, grade, microseconds, and whether it is reliable."""
    store = StatusStore(database, clock, DatabaseSender())

    def written(probe, *looks):
        batch = []
        for moment, grade, took, *reliable in looks:
            elapsed, signal = timedelta(microseconds=took), Signal(Grade(grade))
            batch.append(Observation(probe, moment, elapsed, signal, *reliable))
        store.write(ObservationBatch(tuple(batch)))

    return written


def add(database, *rows):
    """Roll-ups as they would stand: probe, span, moment, and other columns by name."""
    with database.write() as conn:
        for probe, span, moment, columns in rows:
            conn.execute(insert(t).values(probe=probe, span=span, at=moment, **columns))


def rows_of(database, probe, span):
    """All that is kept of a span, without its key."""
    columns = [c for c in t.c if c.name not in ("probe", "span")]
    query = select(*columns).where(t.c.probe == probe, t.c.span == span).order_by(t.c.at)
    with database.read() as conn:
        return [tuple(row) for row in conn.execute(query)]


def spread(*times):
    return distribution.encode(distribution.count(times))


def test_each_span_says_what_its_looks_said(database, clock, series, write):
    ten = MIDNIGHT + 10 * HOURS
    clock.at = ten + 70 * MINUTE
    write(
        "p",
        (ten, "up", 500),
        (ten + MINUTE, "degraded", 9_000),
        (ten + 2 * MINUTE, "down", 90_000),
        (ten + 3 * MINUTE, "up", 1, False),
        (ten + 5 * MINUTE - MICRO, "up", 500),
        (ten + 5 * MINUTE, "down", 70_000),
        (ten + 6 * MINUTE, "unknown", 3),
        (ten + 60 * MINUTE, "up", 200),
        (ten + 70 * MINUTE, "up", 100),  # now: its minutes have just begun
    )
    write("other", (ten, "up", 7))
    series.roll_up("p")
    first = (ten, 2, 1, 1, 1, 500, 9_000, 10_000, spread(500, 9_000, 500))
    assert rows_of(database, "p", FIVE) == [
        first,
        (ten + 5 * MINUTE, 0, 0, 1, 1, 0, 0, 0, ""),
        (ten + 60 * MINUTE, 1, 0, 0, 0, 200, 200, 200, spread(200)),
    ]
    assert rows_of(database, "p", HOUR) == [
        (ten, 2, 1, 2, 2, 500, 9_000, 10_000, spread(500, 9_000, 500)),
        (ten + HOURS, 1, 0, 0, 0, 200, 200, 200, spread(200)),
    ]
    assert rows_of(database, "p", DAY) == [(MIDNIGHT, 3, 1, 2, 2, 200, 9_000, 10_200, None)]
    assert rows_of(database, "other", FIVE) == []
    clock.at += MICRO
    series.roll_up("p")
    assert rows_of(database, "p", DAY) == [(MIDNIGHT, 4, 1, 2, 2, 100, 9_000, 10_300, None)]
    assert rows_of(database, "p", FIVE)[0] == first


def test_looks_that_come_up_to_two_hours_late_are_counted(database, clock, series, write):
    noon = MIDNIGHT + 12 * HOURS
    clock.at = noon + 5 * MINUTE
    write("p", (noon - 3 * HOURS, "up", 10), (noon, "up", 10))
    series.roll_up("p")
    write("p", (noon - 2 * HOURS, "down", 10))
    series.roll_up("p")
    assert [row[:4] for row in rows_of(database, "p", FIVE)] == [
        (noon - 3 * HOURS, 1, 0, 0), (noon - 2 * HOURS, 0, 0, 1), (noon, 1, 0, 0),
    ]  # fmt: skip
    assert rows_of(database, "p", DAY)[0][1:4] == (2, 0, 1)


def test_spans_are_whole_where_counting_stops_between_batches(database, clock, series, write):
    """A batch is two days from the first look: in the midst of five minutes, an hour and a day."""
    begin = MIDNIGHT + 10 * HOURS + 37 * MINUTE
    cut = begin + timedelta(days=2)
    moments = (begin, cut - 30 * MINUTE, cut - MINUTE, cut, cut + MINUTE, cut + HOURS)
    write("p", *((moment, "up", 100) for moment in moments))
    clock.at = cut + timedelta(days=3)
    series.roll_up("p")
    day = MIDNIGHT + timedelta(days=2)
    ten = day + 10 * HOURS
    assert [row[:2] for row in rows_of(database, "p", FIVE)[2:]] == [
        (ten + 35 * MINUTE, 3), (ten + 95 * MINUTE, 1),
    ]  # fmt: skip
    assert [row[:2] for row in rows_of(database, "p", HOUR)[1:]] == [(ten, 4), (ten + HOURS, 1)]
    assert [row[:2] for row in rows_of(database, "p", DAY)] == [(MIDNIGHT, 1), (day, 5)]


def test_times_are_read_from_a_moment_on_oldest_first(database, series):
    moments = [MIDNIGHT + n * 5 * MINUTE for n in range(3)]
    full = {"up": 3, "degraded": 2, "down": 4, "unknown": 7, "times": "0a2 14"}
    full |= {"fastest_us": 5, "slowest_us": 9, "total_us": 30}
    add(
        database,
        ("p", FIVE, moments[2], {"times": None}),
        ("p", FIVE, moments[1], full),
        ("p", FIVE, moments[0], full),
        ("p", HOUR, moments[1], full),
        ("q", FIVE, moments[1], full),
    )
    assert list(series.response_times("p", FIVE, moments[1])) == [
        TimesRow(moments[1], 5, 4, 5, 9, {10: 2, 20: 1}),
        TimesRow(moments[2], 0, 0, 0, 0, {}),
    ]


def test_probes_are_counted_together_unless_one_lags_by_more_than_ninety_minutes(database, series):
    noon, five = MIDNIGHT + 12 * HOURS, 5 * MINUTE
    add(
        database,
        ("new", FIVE, noon, {"times": ""}),
        ("new", FIVE, noon - HOURS, {"times": ""}),
        ("late", FIVE, noon - 90 * MINUTE, {"times": ""}),
        ("silent", FIVE, noon - 95 * MINUTE, {"times": ""}),
        ("silent", HOUR, noon, {"times": ""}),
        ("old", FIVE, noon - five, {"times": None}),
    )
    assert series.counted_until(["new"]) == noon + five
    assert series.counted_until(["new", "old", "none"]) == noon + five
    assert series.counted_until(iter(["silent", "new", "late"])) == noon - 90 * MINUTE + five
    assert series.counted_until(["silent", "new"]) == noon + five
    assert series.counted_until(["silent"]) == noon - 95 * MINUTE + five
    assert series.counted_until(["old", "none"]) is None
    assert series.counted_until([]) is None


def test_each_span_is_kept_for_its_time_also_of_probes_that_are_configured_no_more(
    database, clock, series
):
    kept = {FIVE: 90, HOUR: 3 * 365, DAY: 20 * 365}
    for probe in ("a", "b", "c"):
        for span, days in kept.items():
            last = clock.at - timedelta(days=days)
            add(database, (probe, span, last, {}), (probe, span, last - MICRO, {}))
    assert series.roll_up_and_prune(["b", "new"]) == 3 * 3
    for probe in ("a", "b", "c"):
        for span, days in kept.items():
            moments = [row[0] for row in rows_of(database, probe, span)]
            assert moments == [clock.at - timedelta(days=days)], (probe, span)


def test_looks_are_kept_for_a_fortnight_also_of_probes_that_are_configured_no_more(
    database, clock, series, write
):
    last = clock.at - timedelta(days=14)
    for probe in ("a", "b", "c"):
        write(probe, (last, "up", 10), (last - MICRO, "up", 10))
    assert series.roll_up_and_prune([]) == 3
    with database.read() as conn:
        assert conn.execute(select(observations.c.at)).scalars().all() == [last] * 3
    assert [sum(row[1] for row in rows_of(database, p, DAY)) for p in "abc"] == [2, 2, 2]


def test_only_hours_forget_how_their_times_were_spread_after_ninety_two_days(
    database, clock, series
):
    last = clock.at - timedelta(days=92)
    good = {"up": 1, "times": "0a"}
    add(
        database,
        ("p", HOUR, last, good),
        ("p", HOUR, last - MICRO, good),
        ("p", HOUR, last - timedelta(days=3), good),
        ("p", FIVE, clock.at - timedelta(days=90), good),
        ("q", HOUR, last - HOURS, good),
    )
    assert series.roll_up_and_prune(["p"]) == 0
    assert [(row[0], row[-1]) for row in rows_of(database, "p", HOUR)] == [
        (last - timedelta(days=3), None), (last - MICRO, None), (last, "0a"),
    ]  # fmt: skip
    assert [row[1] for row in rows_of(database, "p", HOUR)] == [1, 1, 1]
    assert rows_of(database, "p", FIVE)[0][-1] == "0a"
    assert rows_of(database, "q", HOUR)[0][-1] is None
