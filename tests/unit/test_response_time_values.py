"""Response times as whole values: classes, tallies, which roll-ups are read again, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from db.engine import DatabaseAway, UnavailableReason
from status.model import Condition, Interruption
from status.timeseries import distribution
from status.timeseries.document import (
    InterruptionDocument,
    PartDocument,
    WindowDocument,
    times_document,
)
from status.timeseries.response_times import (
    ComponentReader,
    ComponentTimes,
    MeasuredComponent,
    Part,
    ResponseSeries,
    ResponseTimes,
    Tally,
    TimesReader,
    measured_components,
)
from status.timeseries.store import FIVE, HOUR, TimesRow
from status.timeseries.windows import DAY_WINDOW, WINDOWS, TimeWindow, edges
from tests.status_fixtures import MAIL, WEB, probe

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOURS = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
WEEK = WINDOWS[1]
MEASURED = MeasuredComponent("web", "http", ("a",))


def at(text):
    return datetime.fromisoformat(f"{text}+00:00")


# ------------------------------------------------------------------ classes of time
@pytest.mark.parametrize(
    ("took", "number"),
    [(-5, 0), (0, 0), (1, 0), (2, 8), (3, 12), (1_000, 73), (1_000_000, 145), (10**11, 255)],
)
def test_a_class_is_the_smallest_whose_upper_end_is_not_exceeded(took, number):
    assert distribution.class_of(took) == number
    assert took <= distribution.GROWTH**number or number == distribution.HIGHEST


def test_a_class_stands_for_the_middle_between_its_ends():
    assert distribution.middle_of(0) == pytest.approx(2 / 2.1)
    assert distribution.middle_of(8) == pytest.approx(2 * 1.1**8 / 2.1)


@pytest.mark.parametrize(
    ("counts", "share", "number"),
    [
        ({20: 1, 10: 1}, 0.5, 10),
        ({20: 1, 10: 1}, 0.51, 20),
        ({10: 1}, 0.0, 10),
        ({10: 7, 20: 93}, 0.07, 10),  # 0.07 × 100 is a little more than seven
        ({10: 94, 20: 6}, 0.95, 20),
        ({10: 95, 20: 5}, 0.95, 10),
    ],
)
def test_a_percentile_is_that_of_the_nearest_rank(counts, share, number):
    assert distribution.percentile(counts, share) == distribution.middle_of(number)


def test_counts_are_stored_in_the_order_of_their_classes_and_ones_are_left_out():
    assert distribution.encode({0x6F: 12, 0x6E: 1, 0x0A: 2, 0xFF: 0}) == "0a2 6e 6f12"
    assert distribution.decode("0a2 6e 6f12") == {0x0A: 2, 0x6E: 1, 0x6F: 12}


# ------------------------------------------------------------------ windows
@pytest.mark.parametrize(
    ("until", "zone", "first", "second"),
    [
        ("2026-01-15T12:00:00", "UTC", "2026-01-14T12:00:00", "2026-01-14T12:30:00"),
        ("2026-01-15T12:00:01", "UTC", "2026-01-14T12:30:00", "2026-01-14T13:00:00"),
        ("2026-01-15T12:29:59", "UTC", "2026-01-14T12:30:00", "2026-01-14T13:00:00"),
        ("2026-01-15T12:30:00.000001", "UTC", "2026-01-14T13:00:00", "2026-01-14T13:30:00"),
        ("2026-01-15T12:00:00", "Asia/Kathmandu", "2026-01-14T12:15:00", "2026-01-14T12:45:00"),
    ],
)
def test_a_day_begins_at_a_half_hour_of_the_sites_clock(until, zone, first, second):
    moments = edges(DAY_WINDOW, at(until), ZoneInfo(zone))
    assert (*moments[:2], moments[-1]) == (at(first), at(second), at(until))


def test_at_midnight_the_day_that_ends_is_still_the_last_one():
    moments = edges(WEEK, at("2026-01-15T00:00:00"), ZoneInfo("UTC"))
    assert (moments[0], moments[-1]) == (at("2026-01-08T00:00:00"), at("2026-01-15T00:00:00"))
    assert len(moments) == 7 * 12 + 1
    assert {b - a for a, b in pairwise(moments)} == {2 * HOURS}
    later = edges(WEEK, at("2026-01-15T00:00:00.000001"), ZoneInfo("UTC"))
    assert later[0] == at("2026-01-09T00:00:00")


# ------------------------------------------------------------------ tallies
def test_a_tally_adds_up_and_knows_its_extremes_only_by_answers():
    tally = Tally()
    tally.add(TimesRow(NOON, 0, 3, 0, 0, {}))
    tally.add(TimesRow(NOON, 2, 1, 500, 900, {70: 2}))
    tally.add(TimesRow(NOON, 0, 1, 0, 0, {}))
    tally.add(TimesRow(NOON, 1, 0, 700, 2_000, {70: 1, 80: 1}))
    assert tally == Tally(3, 5, 500, 2_000, {70: 3, 80: 1})
    assert Tally.unpacked(tally.packed()) == tally


def test_a_percentile_lies_between_the_quickest_and_the_slowest():
    assert Tally(1, 0, 1_000, 1_000, {73: 1}).within(0.5) == 1.0
    wide = Tally(3, 0, 1, 10**9, {73: 3})
    assert wide.within(0.5) == pytest.approx(distribution.middle_of(73) / 1000)
    assert Tally().within(0.5) is None


def test_of_several_kinds_that_of_the_first_probe_that_is_timed_tells():
    probes = [probe("x", kind="heartbeat"), probe("p", kind="ping"), probe("h"), probe("m", "mail")]
    assert measured_components((MAIL, WEB), probes, {"http", "ping"}) == (
        MeasuredComponent("mail", "http", ("m",)),
        MeasuredComponent("web", "ping", ("p",)),
    )


# ------------------------------------------------------------------ what is read, and when again
class Rows:
    """Roll-ups in memory that write down what they are asked."""

    def __init__(self, until=NOON):
        self.kept = {}
        self.queries = []
        self.until = until
        self.counted = []  # the probes of each look whether more is counted
        self.on_read = lambda: None

    def response_times(self, probe, span, since):
        self.queries.append((probe, span, since))
        self.on_read()
        return [row for row in self.kept.get((probe, span), ()) if row.at >= since]

    def counted_until(self, probes):
        self.counted.append(tuple(probes))
        return self.until


def row(moment, took=1_000, answers=1, failures=0):
    times = {distribution.class_of(took): answers} if answers else {}
    return TimesRow(
        moment, answers, failures, took if answers else 0, took if answers else 0, times
    )


def reader_of(rows, zone="UTC", probes=("a",)):
    return ComponentReader(MeasuredComponent("web", "http", probes), rows, ZoneInfo(zone))


def test_only_parts_that_may_have_changed_are_read_again():
    rows = Rows()
    reader = reader_of(rows, probes=("a", "b"))
    reader.read(NOON)
    day, quarter = at("2026-01-14T12:00:00"), at("2025-10-18T00:00:00")
    assert rows.queries == [
        ("a", FIVE, day), ("b", FIVE, day), ("a", HOUR, quarter), ("b", HOUR, quarter),
    ]  # fmt: skip
    rows.queries.clear()
    reader.read(NOON + 30 * MINUTE)
    settled, today = at("2026-01-15T09:30:00"), at("2026-01-15T00:00:00")
    assert rows.queries == [
        ("a", FIVE, settled), ("b", FIVE, settled), ("a", HOUR, today), ("b", HOUR, today),
    ]  # fmt: skip


def test_a_part_is_settled_two_hours_and_ten_minutes_after_its_end():
    rows = Rows()
    reader = reader_of(rows)
    for _ in range(2):
        rows.queries.clear()
        reader.read(NOON + 10 * MINUTE, (DAY_WINDOW,))
    assert rows.queries == [("a", FIVE, at("2026-01-15T10:00:00"))]
    other = reader_of(rows)
    for _ in range(2):
        other.read(NOON + 9 * MINUTE, (DAY_WINDOW,))
    assert rows.queries[-1] == ("a", FIVE, at("2026-01-15T09:30:00"))


def test_each_answer_is_counted_in_its_part_and_remembered_there():
    rows = Rows()
    rows.kept["a", FIVE] = [
        row(at("2026-01-14T11:55:00"), answers=9),  # before the window
        row(at("2026-01-14T12:00:00"), 3_000),
        row(at("2026-01-14T12:25:00"), 1_000),
        row(at("2026-01-14T12:30:00"), answers=0, failures=2),
        row(at("2026-01-15T11:55:00"), 2_000),
        row(NOON, answers=9),  # after it
    ]
    reader = reader_of(rows)
    first = reader.read(NOON, (DAY_WINDOW,)).series[0]
    assert first.window is DAY_WINDOW
    begins = at("2026-01-14T12:00:00")
    half = 30 * MINUTE
    opening, failed, *_, last = first.parts
    assert (opening.begins, opening.ends) == (begins, begins + half)
    assert (opening.answers, opening.failures, opening.fastest, opening.slowest) == (2, 0, 1.0, 3.0)
    assert failed == Part(begins + half, begins + 2 * half, 0, 2, None, None, None, None)
    assert last == Part(NOON - half, NOON, 1, 0, 2.0, 2.0, 2.0, 2.0)
    whole = first.whole
    assert (whole.begins, whole.ends, whole.answers, whole.failures) == (begins, NOON, 3, 2)
    assert (whole.fastest, whole.median, whole.slowest) == (1.0, pytest.approx(2, rel=0.05), 3.0)
    assert whole.high == 3.0
    rows.kept["a", FIVE] = rows.kept["a", FIVE][-2:]
    assert reader.read(NOON, (DAY_WINDOW,)).series[0] == first


def test_hours_serve_where_every_part_begins_at_a_full_hour_of_the_world():
    rows = Rows()
    reader_of(rows, "Asia/Kathmandu").read(NOON, (WEEK,))
    reader_of(rows, "Europe/Prague").read(NOON, (WEEK,))
    assert [span for _, span, _ in rows.queries] == [FIVE, HOUR]


# ------------------------------------------------------------------ for operators, at once
class Hands:
    """A clock of two hands that a test sets."""

    def __init__(self):
        self.at, self.elapsed = NOON, 0.0

    def now(self):
        return self.at

    def monotonic(self):
        return self.elapsed


def test_an_operator_sees_the_days_of_the_site_and_only_what_is_measured():
    rows, clock = Rows(NOON + HOURS), Hands()
    reader = TimesReader(rows, (MEASURED,), "Europe/Prague", clock)
    times = reader.component("web")
    assert (times.measured, times.until) == (MEASURED, NOON)  # not what is still to come
    assert [s.window for s in times.series] == list(WINDOWS)
    assert times.series[1].whole.begins == at("2026-01-08T23:00:00")
    assert reader.component("mail") is None
    rows.until = NOON - HOURS
    seen = reader.probe(probe("z", "mail", kind="ping"), WEEK)
    assert seen.measured == MeasuredComponent("mail", "ping", ("z",))
    assert (seen.until, [s.window for s in seen.series]) == (NOON - HOURS, [WEEK])
    assert rows.counted == [("a",), ("z",)]
    rows.until = None
    assert reader.component("web") is None


# ------------------------------------------------------------------ for whoever publishes
def measured(*names):
    return [MeasuredComponent(name, "http", (f"{name}-1", f"{name}-2")) for name in names]


def answering(*names):
    rows = Rows()
    for each in measured(*names):
        for span in (FIVE, HOUR):
            rows.kept[each.probes[0], span] = [row(NOON - HOURS)]
    return rows


def test_nothing_measured_asks_nothing():
    rows = Rows()
    assert ResponseTimes(rows, Hands(), (), "UTC")() == {}
    assert rows.counted == []


def test_until_something_is_counted_it_is_asked_for_every_25_seconds_and_then_every_five_minutes():
    rows, clock = answering("web", "mail"), Hands()
    rows.until = None
    times = ResponseTimes(rows, clock, measured("web", "mail"), "UTC")

    def asks(after):
        clock.at += after
        rows.counted.clear()
        times()
        return len(rows.counted)

    assert [asks(timedelta(seconds=s)) for s in (0, 0, 24.9, 0.1, 24.9)] == [1, 0, 0, 1, 0]
    assert times() == {"web": None, "mail": None}
    rows.until = NOON
    assert asks(timedelta(seconds=1)) == 1
    assert rows.counted == [("web-1", "web-2", "mail-1", "mail-2")]
    assert [asks(timedelta(seconds=s)) for s in (25, 274.9, 0.1, 0)] == [0, 0, 1, 0]
    assert asks(-timedelta(seconds=1)) == 1  # the clock was set back


def test_nothing_is_read_anew_until_more_is_counted():
    rows, clock = answering("web"), Hands()
    times = ResponseTimes(rows, clock, measured("web"), "UTC")
    first = times()["web"]
    assert (first.measured, first.until) == (measured("web")[0], NOON)
    rows.queries.clear()
    clock.at += 5 * MINUTE
    assert times()["web"] is first
    assert rows.queries == []
    rows.until = NOON + 5 * MINUTE
    clock.at += 5 * MINUTE
    assert times()["web"].until == NOON + 5 * MINUTE
    rows.until = NOON + HOURS
    clock.at += 5 * MINUTE
    assert times()["web"].until == clock.at  # these minutes are not over yet


@pytest.mark.parametrize(("took", "first"), [(0.149, 2), (0.15, 1), (0.0, 3)])
def test_one_call_reads_for_a_third_of_a_second_and_the_next_goes_on(took, first):
    """Each component takes four readings: two probes, by five minutes and by the hour."""
    names = ("web", "mail", "shop")
    rows, clock = answering(*names), Hands()

    def spend():
        clock.elapsed += took / 2

    rows.on_read = spend
    times = ResponseTimes(rows, clock, measured(*names), "UTC")
    assert [bool(each) for each in times().values()] == [n < first for n in range(3)]
    for _ in range(2):
        times()
    assert all(times().values())
    assert len(rows.queries) == 3 * 4


def test_failures_alone_are_no_times():
    rows = Rows()
    rows.kept["web-1", FIVE] = rows.kept["web-1", HOUR] = [row(NOON - HOURS, answers=0, failures=3)]
    assert ResponseTimes(rows, Hands(), measured("web"), "UTC")() == {"web": None}


def test_what_a_lost_database_kept_from_being_read_is_read_with_the_next_call():
    rows, clock = answering("web"), Hands()

    def away():
        raise DatabaseAway(UnavailableReason.UNREACHABLE)

    rows.on_read = away
    times = ResponseTimes(rows, clock, measured("web"), "UTC")
    assert times() == {"web": None}
    rows.on_read = lambda: None
    assert times()["web"].until == NOON
    assert len(rows.counted) == 1


# ------------------------------------------------------------------ as programs read them
def test_the_document_rounds_to_microseconds_and_keeps_what_reaches_into_the_longest_window():
    first = NOON - timedelta(days=90)
    part = Part(NOON - HOURS, NOON, 7, 2, 1.23449, 2.0006, 3.5, 4.9996)
    empty = Part(first, NOON - HOURS, 0, 1, None, None, None, None)
    short = ResponseSeries(TimeWindow("24h", 1), part, (part,))
    long = ResponseSeries(TimeWindow("90d", 90, 24), empty, (empty, part))
    times = ComponentTimes(MeasuredComponent("web", "http", ("a", "b")), NOON, (short, long))
    spans = [
        Interruption(first - HOURS, first, Condition.MAJOR_OUTAGE),
        Interruption(first - HOURS, first + MINUTE, Condition.PARTIAL_OUTAGE),
        Interruption(NOON - HOURS, None, Condition.MAJOR_OUTAGE),
    ]
    document = times_document(times, spans, "Europe/Prague")
    rounded = PartDocument(NOON - HOURS, NOON, 7, 2, 1.234, 2.001, 3.5, 5.0)
    none = PartDocument(first, NOON - HOURS, 0, 1, None, None, None, None)
    assert document.windows == (
        WindowDocument("24h", rounded, (rounded,)),
        WindowDocument("90d", none, (none, rounded)),
    )
    assert (document.component, document.kind, document.probes) == ("web", "http", 2)
    assert (document.until, document.time_zone) == (NOON, "Europe/Prague")
    assert document.interruptions == (
        InterruptionDocument(first - HOURS, first + MINUTE, Condition.PARTIAL_OUTAGE),
        InterruptionDocument(NOON - HOURS, None, Condition.MAJOR_OUTAGE),
    )
