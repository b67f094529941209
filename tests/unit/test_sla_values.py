"""The uptime report figure by figure: as values, CSV, JSON and in the terminal."""

from __future__ import annotations

import argparse
import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from db.engine import connect
from jobs.database_queue import DatabaseSender
from status.model import Component, Condition, UptimeDay
from status.sla import cli, export
from status.sla.frozen_months import Month
from status.sla.report import build_report, parse_period
from status.sla.store import SlaStore
from status.state.uptime import Planned, UptimeMethod
from status.storage.store import ObservationBatch, StatusStore

WEB = Component("web", "=Web", "Hosting")
MAIL = Component("mail", "Mail", "Hosting")
LONE = Component("dns", "DNS", "")
GOOD, OUT, PART = Condition.OPERATIONAL, Condition.MAJOR_OUTAGE, Condition.PARTIAL_OUTAGE
METHOD = UptimeMethod()
AFTER = datetime(2026, 4, 2, tzinfo=UTC)


def days(first: date, count: int, **seconds: int) -> tuple[UptimeDay, ...]:
    spent = {Condition(name): n for name, n in seconds.items()}
    return tuple(UptimeDay(first + timedelta(days=n), spent) for n in range(count))


MARCH = date(2026, 3, 1)
HALF_OUT = days(MARCH, 31, operational=43_200, major_outage=43_200)
WHOLE = days(MARCH, 31, operational=86_400)


def report(period="2026-03", by_component=None, frozen=(), at=AFTER, **more):
    by_component = {"web": HALF_OUT, "mail": WHOLE} if by_component is None else by_component
    wanted = parse_period(period, at.date())
    return build_report(wanted, (WEB, MAIL, LONE), by_component, frozen, at=at, **more)


@pytest.mark.parametrize(
    ("text", "name", "first", "after", "months"),
    [
        ("2026-03", "2026-03", MARCH, date(2026, 4, 1), 1),
        (" 2026-12 ", "2026-12", date(2026, 12, 1), date(2027, 1, 1), 1),
        ("2026-Q1", "2026-Q1", date(2026, 1, 1), date(2026, 4, 1), 3),
        ("2026-Q4", "2026-Q4", date(2026, 10, 1), date(2027, 1, 1), 3),
        ("2026", "2026", date(2026, 1, 1), date(2027, 1, 1), 12),
        ("", "2025-12", date(2025, 12, 1), date(2026, 1, 1), 1),
        ("2000", "2000", date(2000, 1, 1), date(2001, 1, 1), 12),
        ("2200", "2200", date(2200, 1, 1), date(2201, 1, 1), 12),
    ],
)
def test_a_period_is_whole_months(text, name, first, after, months) -> None:
    period = parse_period(text, date(2026, 1, 31))
    assert (period.name, period.first, period.after, len(period.months)) == (
        name,
        first,
        after,
        months,
    )


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-Q5", "1999", "2201", "26", "2026-3", "soon"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        parse_period(text, MARCH)


def test_components_then_the_mean_of_each_group() -> None:
    web, mail, lone, hosting = report().lines
    assert (web.kind, web.uptime, web.coverage) == ("component", Fraction(1, 2), 1.0)
    assert web.months == ((MARCH, Fraction(1, 2)),)
    assert web.seconds[OUT] == 31 * 43_200
    assert (mail.uptime, mail.group) == (1, "Hosting")
    assert (lone.uptime, lone.coverage, lone.months) == (None, 0.0, ((MARCH, None),))
    assert (hosting.kind, hosting.id, hosting.name, hosting.group) == (
        "group",
        "",
        "Hosting",
        "Hosting",
    )
    assert (hosting.uptime, hosting.coverage) == (Fraction(3, 4), 1.0)
    assert hosting.seconds[OUT] == 31 * 21_600
    assert hosting.months == ((MARCH, Fraction(3, 4)),)


def test_of_a_group_those_without_data_do_not_count() -> None:
    hosting = report(by_component={"web": HALF_OUT}).lines[-1]
    assert (hosting.uptime, hosting.coverage) == (Fraction(1, 2), 0.5)


def month_of(component: str, method: UptimeMethod = METHOD) -> Month:
    return Month(component, MARCH, {OUT: 3_600, GOOD: 86_400 * 31 - 3_600}, method, AFTER)


def test_what_is_frozen_stands_with_its_method() -> None:
    old = UptimeMethod(partial=0.5)
    some = report(frozen=(month_of("web", old),))
    assert some.lines[0].seconds[OUT] == 3_600
    assert some.methods == (METHOD, old)
    assert (some.over, some.frozen) == (True, False)
    every = report(frozen=tuple(month_of(c.id, old) for c in (WEB, MAIL, LONE)))
    assert (every.frozen, every.methods) == (True, (old,))
    nothing = report(by_component={})
    assert (nothing.methods, nothing.frozen) == ((METHOD,), False)


@pytest.mark.parametrize(
    ("at", "over"),
    [
        (datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 4, 1, tzinfo=UTC), True),
    ],
)
def test_when_a_period_is_over(at: datetime, over: bool) -> None:  # noqa: FBT001
    seen = report(at=at, frozen=tuple(month_of(c.id) for c in (WEB, MAIL, LONE)))
    assert (seen.over, seen.frozen) == (over, over)


LINE = "time-weighted; outage 1; partial 0.3; degraded 0; maintenance excluded; no data excluded; group mean of components"


def test_csv_to_the_letter() -> None:
    body = export.as_csv(report()).decode()
    assert body.endswith("\r\n")
    head, web, mail, lone, hosting = csv.reader(io.StringIO(body, newline=""))
    seconds = [f"seconds_{c.value}" for c in Condition]
    assert head == [
        "period", "kind", "id", "name", "group", "uptime_percent", "coverage_percent", *seconds, "method",
        "imported_days",
    ]  # fmt: skip
    spent = dict(zip(head, web, strict=True))
    assert web[:7] == ["2026-03", "component", "web", "'=Web", "Hosting", "50.000000", "100.0000"]
    assert spent["seconds_major_outage"] == str(31 * 43_200)
    assert spent["seconds_partial_outage"] == "0"
    assert spent["method"] == LINE
    assert mail[5] == "100.000000"
    assert lone[2:7] == ["dns", "DNS", "", "", "0.0000"]
    assert hosting[1:6] == ["group", "", "Hosting", "Hosting", "75.000000"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_name_is_a_formula(start: str) -> None:
    odd = Component("x", f"{start}1", "", ())
    sla = build_report(parse_period("2026-03", MARCH), (odd,), {}, (), at=AFTER)
    rows = list(csv.reader(io.StringIO(export.as_csv(sla).decode(), newline="")))
    assert rows[1][3] == f"'{start}1"


def test_json_value_by_value() -> None:
    document = json.loads(export.as_json(report("2026-Q1", frozen=(month_of("mail"),))))
    components, groups = document.pop("components"), document.pop("groups")
    assert document == {
        "schema": 1, "period": "2026-Q1", "from": "2026-01-01", "until": "2026-04-01",
        "made_at": "2026-04-02T00:00:00Z", "over": True, "final": False,
        "methods": [{"partial": 0.3, "degraded": 0.0, "maintenance": "excluded", "text": LINE}],
    }  # fmt: skip
    web, mail, lone = components
    assert list(web) == [
        "id",
        "name",
        "group",
        "uptime",
        "coverage",
        "seconds",
        "imported_days",
        "months",
    ]
    assert (web["id"], web["name"], web["group"], web["uptime"]) == ("web", "=Web", "Hosting", 0.5)
    assert web["seconds"] == {c.value: 0 for c in Condition} | {
        "operational": 31 * 43_200, "major_outage": 31 * 43_200,
        "no_data": 59 * 86_400,
    }  # fmt: skip
    assert (web["coverage"], lone["coverage"]) == (0.344444, 0.0)  # 31 of 90 days
    assert web["months"] == [
        {"month": "2026-01", "uptime": None},
        {"month": "2026-02", "uptime": None},
        {"month": "2026-03", "uptime": 0.5},
    ]
    assert mail["uptime"] == round(1 - 3_600 / (86_400 * 31), 8)
    assert (lone["group"], lone["uptime"]) == (None, None)
    (hosting,) = groups
    assert list(hosting) == ["name", "uptime", "coverage", "seconds", "imported_days", "months"]
    assert hosting["name"] == "Hosting"


@pytest.mark.parametrize(
    ("method", "sentences"),
    [
        (METHOD, ("partial outage as 30% of one", "counts as available and is shown", "is left out.")),
        (UptimeMethod(partial=1, degraded=0.25, maintenance=Planned.DOWN),
         ("partial outage as 100% of one", "counts as 25% of an outage", "counts as an outage.")),
        (UptimeMethod(maintenance=Planned.UP), ("30%", "is shown", "maintenance counts as available.")),
    ],
)  # fmt: skip
def test_the_method_in_words(method: UptimeMethod, sentences: tuple[str, ...]) -> None:
    words = export.method_sentences(method, "en")
    assert len(words) == 6
    assert words[0].startswith("We count time, not answers")
    for sentence, part in zip(words[1:4], sentences, strict=True):
        assert part in sentence
    assert "Time without data is left out" in words[4]
    assert "A group is the mean of its services" in words[5]
    assert "Skupina je průměr" in export.method_sentences(method, "cs")[5]


# ---------------------------------------------------------------- the command
@pytest.fixture
def sla(sqlite_url, clock):
    db = connect(sqlite_url, clock=clock)
    store = StatusStore(db, clock, DatabaseSender())
    december = days(date(2025, 12, 1), 31, operational=43_200, major_outage=43_200)
    store.write(ObservationBatch(days={"web": december}))
    yield SlaStore(store, db, clock, (WEB, LONE))
    db.close()


def command(sla: SlaStore, *words: str) -> int:
    parser = argparse.ArgumentParser()
    cli.options(parser)
    return cli.run(
        parser.parse_args(words), sla, lambda made_report, lang: f"{made_report.period.name} {lang}"
    )


def test_the_report_in_the_terminal(sla, capsys) -> None:
    assert command(sla) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "=Web\t50.0000%\tobserved 100.00%",
        "DNS\tno data\tobserved 0.00%",
        "[Hosting]\t50.0000%\tobserved 100.00%",
    ]
    assert lines[3:] == list(export.method_sentences(METHOD, "en"))
    command(sla, "--lang", "cs")
    assert "Skupina je průměr" in capsys.readouterr().out


def test_other_shapes_and_periods(sla, capsys) -> None:
    assert command(sla, "2025-Q4", "--json") == 0
    assert json.loads(capsys.readouterr().out)["period"] == "2025-Q4"
    assert command(sla, "2025-12", "--csv") == 0
    assert (
        capsys.readouterr().out
        == export.as_csv(sla.report(parse_period("2025-12", MARCH))).decode()
    )
    assert command(sla, "2025", "--html", "--lang", "cs") == 0
    assert capsys.readouterr().out == "2025 cs\n"
    assert command(sla, "soon") == 2
    assert (
        capsys.readouterr().err == "a period is a month 2026-03, a quarter 2026-Q1 or a year 2026\n"
    )
    assert command(sla, "--doubtful") == 0
    assert capsys.readouterr().out == "every frozen month holds what was published in it\n"


def test_months_are_frozen_once_and_stand(sla) -> None:
    december = parse_period("2025-12", MARCH)
    assert sla.freeze() > 0
    assert sla.freeze() == 0
    (month,) = (m for m in sla.months(december.first, december.after) if m.component == "web")
    assert (month.seconds[OUT], month.method) == (31 * 43_200, METHOD)
