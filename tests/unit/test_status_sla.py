"""Uptime against a slow, obviously right model; a simulated year; frozen months; the report."""

from __future__ import annotations

import csv
import io
import json
import random
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clock import ManualClock
from db.engine import connect
from jobs.database_queue import DatabaseSender
from status.model import Component, Condition, UptimeDay
from status.sla import export
from status.sla.frozen_months import Month
from status.sla.report import build_report, parse_period
from status.sla.store import SlaStore
from status.state import uptime
from status.state.uptime import Planned, UptimeMethod
from status.storage.store import ObservationBatch, StatusStore

UP, DOWN = Condition.OPERATIONAL, Condition.MAJOR_OUTAGE
PART, SLOW = Condition.PARTIAL_OUTAGE, Condition.DEGRADED_PERFORMANCE
WORK, NOTHING = Condition.UNDER_MAINTENANCE, Condition.NO_DATA
BEGIN = datetime(2026, 1, 30, 22, 0, tzinfo=UTC)
STEP = timedelta(minutes=7)  # the model's grain: everything happens on it
METHODS = st.builds(
    UptimeMethod,
    st.sampled_from((0.0, 0.3, 0.5, 1.0)),
    st.sampled_from((0.0, 0.1)),
    st.sampled_from(tuple(Planned)),
)
CHANGES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 5), st.sampled_from(tuple(Condition))), max_size=25
)


def slow(tape: list[Condition], method: UptimeMethod) -> Fraction | None:
    """The model: one look at each step of a tape, and a sum in words anybody can check."""
    counted, lost = 0, Fraction(0)
    for condition in tape:
        if condition is NOTHING or (condition is WORK and method.maintenance == "excluded"):
            continue
        counted += 1
        if condition is DOWN or (condition is WORK and method.maintenance == "down"):
            lost += 1
        elif condition is PART:
            lost += Fraction(str(method.partial))
        elif condition is SLOW:
            lost += Fraction(str(method.degraded))
    return 1 - lost / counted if counted else None


@given(CHANGES, METHODS)
@settings(max_examples=150, deadline=None)
def test_time_is_weighed_as_the_slow_model_weighs_it(changes, method):
    tape: list[Condition] = []
    book, began = uptime.new_accumulator(BEGIN), 0
    for steps, back, condition in changes:
        tape += [book.condition] * steps
        at = BEGIN + STEP * len(tape)
        book = uptime.advance(book, at)
        if condition is book.condition:
            continue
        first = max(len(tape) - back, began)  # dated back to the first bad look, never further
        tape[first:] = [condition] * (len(tape) - first)
        book = uptime.rewrite(book, ((BEGIN + STEP * first, condition),), at)
        began = first
    seconds = uptime.seconds_by_condition(book.days)
    assert seconds == {c: tape.count(c) * int(STEP.total_seconds()) for c in Condition if c in tape}
    assert uptime.weigh_seconds(seconds, method).exact == slow(tape, method)
    for day in book.days:
        assert sum(day.seconds.values()) <= 86400


def outages(rng: random.Random, storms: list[tuple[int, int]]) -> list[tuple[int, int, Condition]]:
    """(from, until, condition) in seconds of the year: storms that all share, and one's own."""
    marks = [(a, b, DOWN) for a, b in storms]
    for _ in range(rng.randrange(3, 9)):
        start = rng.randrange(0, 364 * 86400)
        length = rng.randrange(60, 4 * 3600)
        marks.append((start, start + length, rng.choice((DOWN, PART, SLOW, WORK, NOTHING))))
    marks.sort()
    clean: list[tuple[int, int, Condition]] = []
    for mark in marks:
        if not clean or mark[0] > clean[-1][1]:
            clean.append(mark)
    return clean


@pytest.mark.parametrize("size", [20, pytest.param(100, marks=pytest.mark.soak)])
def test_a_simulated_year_with_storms_gives_exactly_the_known_uptime(size, sqlite_url):
    rng = random.Random(2026)
    first = datetime(2025, 1, 1, tzinfo=UTC)
    clock = ManualClock(first)
    db = connect(sqlite_url, clock=clock)
    store = StatusStore(db, clock, DatabaseSender())
    parts = tuple(Component(f"c{n}", f"Part {n}", f"Group {n % 4}") for n in range(size))
    sla = SlaStore(store, db, clock, parts)
    storms = [(d * 86400 + 80000, d * 86400 + 80000 + 9000) for d in range(20, 360, 37)]
    plans = {c.id: outages(rng, storms) for c in parts}
    books = {c.id: uptime.new_accumulator(first) for c in parts}
    for day in range(1, 366):
        begin, end = (day - 1) * 86400, day * 86400
        for part in parts:
            book = _lived(books[part.id], plans[part.id], (begin, end), first)
            books[part.id] = book
        clock.at = first + timedelta(seconds=end)
        since = (clock.at - timedelta(days=2)).date()
        fresh = {n: tuple(d for d in b.days if d.on >= since) for n, b in books.items()}
        store.write(ObservationBatch(days=fresh))
        if clock.at.day == 5:
            sla.freeze()
    clock.at += timedelta(days=4)
    sla.freeze()
    report = sla.report(parse_period("2025", clock.at.date()))
    db.close()
    assert report.over
    assert report.frozen
    for line in report.lines[:size]:
        assert line.uptime == _expected_uptime(plans[line.id]), line.id
        assert sum(line.seconds.values()) == 365 * 86400
    mean = sum((_expected_uptime(plans[f"c{n}"]) for n in range(0, size, 4)), Fraction(0)) / (
        size // 4
    )
    assert next(x for x in report.lines if x.name == "Group 0").uptime == mean


def _lived(book, plan, span, first):
    """One day of a component, told as the engine tells it: at each change, and at midnight."""
    begin, end = span
    moments = {m for a, b, _ in plan for m in (a, b) if begin <= m < end}
    for moment in sorted({begin, *moments}):
        condition = next((c for a, b, c in plan if a <= moment < b), UP)
        at = first + timedelta(seconds=moment)
        book = uptime.rewrite(book, ((at, condition),), at)
    return uptime.trim(uptime.advance(book, first + timedelta(seconds=end)))


def _expected_uptime(plan) -> Fraction:
    spent = {c: sum(b - a for a, b, its in plan if its is c) for c in Condition}
    counted = 365 * 86400 - spent[WORK] - spent[NOTHING]
    return 1 - (spent[DOWN] + Fraction("0.3") * spent[PART]) / counted


# ------------------------------------------------------------------ the report
PARTS = (Component("web", "Web", "Hosting"), Component("db", "=Databases", "Hosting"))
AT = datetime(2026, 3, 2, tzinfo=UTC)


def days(month: int, count: int, **seconds: int) -> tuple[UptimeDay, ...]:
    spent = {Condition(c): n for c, n in seconds.items()}
    return tuple(UptimeDay(date(2026, month, n + 1), spent) for n in range(count))


def report_of(
    method: UptimeMethod = uptime.DEFAULT_METHOD, frozen: tuple[Month, ...] = (), at: datetime = AT
):
    days_by_component = {
        "web": days(1, 31, operational=86300, major_outage=100),
        "db": days(1, 31, operational=43200, no_data=43200),
    }
    return build_report(
        parse_period("2026-01", at.date()), PARTS, days_by_component, frozen, at=at, method=method
    )


def test_days_told_by_another_page_are_a_mean_too():
    for counts, mean in (((30, 30), 30), ((30, 0), 15), ((1, 0), 1), ((0, 0), 0)):
        imported = dict(zip(("web", "db"), counts, strict=True))
        *_, group = build_report(
            parse_period("2026-01", AT.date()), PARTS, {}, (), at=AT, imported=imported
        ).lines
        assert group.imported_days == mean


def test_a_group_is_the_mean_of_its_components():
    web, db, group = report_of().lines
    assert web.uptime == 1 - Fraction(100, 86400)
    assert (db.uptime, db.coverage) == (1, 0.5)
    assert group.uptime == 1 - Fraction(50, 86400)
    assert group.coverage == 0.75
    assert {c: n // 31 for c, n in group.seconds.items() if n} == {
        UP: (86300 + 43200) // 2, DOWN: 50, NOTHING: 21600
    }  # fmt: skip
    assert sum(group.seconds.values()) == sum(web.seconds.values()) == 31 * 86400


def test_time_that_nobody_recorded_is_no_data():
    half = build_report(parse_period("2026-01", AT.date()), PARTS[:1], {"web": days(1, 10, operational=86400)}, (), at=AT)  # fmt: skip
    assert half.lines[0].uptime == 1
    assert half.lines[0].coverage == pytest.approx(10 / 31)


def test_a_frozen_month_stays_as_it_was_counted():
    kept = Month("web", date(2026, 1, 1), {UP: 50, PART: 50}, UptimeMethod(0.5), AT)
    now = report_of(UptimeMethod(0.3), (kept,))
    assert now.lines[0].uptime == Fraction(3, 4)
    assert now.methods == (UptimeMethod(0.3), UptimeMethod(0.5))
    assert not now.frozen


@pytest.mark.parametrize(
    ("text", "first", "after", "months"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 3, 1), 1),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1), 3),
        ("2026", date(2026, 1, 1), date(2027, 1, 1), 12),
        ("", date(2026, 2, 1), date(2026, 3, 1), 1),
    ],
)
def test_periods(text, first, after, months):
    period = parse_period(text, date(2026, 3, 2))
    assert (period.first, period.after, len(period.months)) == (first, after, months)


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "soon", "1", "2026-2", "9999"])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(ValueError):
        parse_period(text, date(2026, 3, 2))


def test_json_and_csv_name_the_method_and_agree():
    sla = report_of()
    document = json.loads(export.as_json(sla))
    assert document["schema"] == 1
    assert document["methods"][0]["text"].startswith("time-weighted; outage 1; partial 0.3")
    assert document["components"][0]["uptime"] == pytest.approx(1 - 100 / 86400)
    rows = list(csv.DictReader(io.StringIO(export.as_csv(sla).decode())))
    assert [r["kind"] for r in rows] == ["component", "component", "group"]
    assert float(rows[0]["uptime_percent"]) == pytest.approx(
        document["components"][0]["uptime"] * 100, abs=1e-5
    )
    assert rows[1]["name"] == "'=Databases"
    assert all("partial 0.3" in r["method"] for r in rows)


def test_the_rules_say_what_was_chosen():
    sentences = " ".join(export.method_sentences(UptimeMethod(0.5, 0.1, Planned.DOWN), "en"))
    assert "partial outage as 50% of one" in sentences
    assert "Slow or unstable service counts as 10% of an outage" in sentences
    assert "Announced maintenance counts as an outage" in sentences
