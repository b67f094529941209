"""The history of an Uptime Kuma's database: posts, single maintenance, and uptime by its looks."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest

from commands.kuma_database import opened_tables
from commands.main import main
from importers.uptime_kuma.days import DOWN, MAINTENANCE, PENDING, UP, days_of
from importers.uptime_kuma.history import read_history
from status.model import Component, Condition
from tests.import_fixtures import lines_of, target

SCHEMA = """
CREATE TABLE monitor (id INTEGER PRIMARY KEY, name, type, active, interval, url, parent, accepted_statuscodes_json);
CREATE TABLE incident (id INTEGER PRIMARY KEY, title, content, style, created_date, last_updated_date, pin, active);
CREATE TABLE maintenance (id INTEGER PRIMARY KEY, title, description, active, strategy, start_date, end_date, timezone);
CREATE TABLE monitor_maintenance (id INTEGER PRIMARY KEY, monitor_id, maintenance_id);
CREATE TABLE heartbeat (id INTEGER PRIMARY KEY, monitor_id, status, time, important);
CREATE TABLE stat_daily (id INTEGER PRIMARY KEY, monitor_id, timestamp, up, down);
INSERT INTO monitor VALUES (1, 'Web', 'http', 1, 60, 'https://www.skyhost.example/', NULL, '["200-299"]'),
 (2, 'Mail', 'http', 1, 300, 'https://mail.skyhost.example/', NULL, '["200-299"]'),
 (3, 'Old', 'http', 0, 60, 'https://old.skyhost.example/', NULL, '["200-299"]');
INSERT INTO incident VALUES (1, 'Power', '**Half** of the rack is down.', 'danger', '2024-01-03 08:00:00', '2024-01-03 09:30:00', 0, 0),
 (2, 'New rooms', 'We move.', 'info', '2024-01-05 10:00:00', NULL, 0, 1),
 (3, 'DNS', 'Answers are late.', 'warning', '2024-01-14 07:00:00', '2024-01-14 08:00:00', 1, 1),
 (4, '', 'x', 'info', '2024-01-05 10:00:00', NULL, 0, 1), (5, 'Soon', 'x', 'info', '2030-01-01 00:00:00', NULL, 1, 1),
 (6, 'When', 'x', 'info', 'x', NULL, 1, 1);
INSERT INTO maintenance VALUES (1, 'Switches', 'Short breaks.', 1, 'single', '2024-01-02 22:00:00', '2024-01-03 01:00:00', 'Europe/Prague'),
 (2, 'Nightly', '', 1, 'recurring-weekday', NULL, NULL, NULL), (3, 'Disk', '', 1, 'single', '2026-02-02 22:00', '2026-02-03 01:00', 'SAME_AS_SERVER'),
 (4, 'Off', '', 0, 'single', '2024-01-02 22:00:00', '2024-01-03 01:00:00', 'UTC'), (5, 'Back', '', 1, 'single', '2024-01-03', '2024-01-02', 'UTC');
INSERT INTO monitor_maintenance VALUES (1, 1, 1), (2, 3, 1), (3, 2, 3);
"""
COMPONENTS = (Component("web", "Web"), Component("mail", "Mail"))
START = datetime(2024, 1, 10, tzinfo=UTC)


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "kuma.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
        web = [
            (1, UP if n % 60 else DOWN, stamp(START + n * MINUTE), 0) for n in range(2 * 24 * 60)
        ]
        sparse = [
            (2, UP, stamp(START), 1),
            (2, DOWN, stamp(START + 5 * MINUTE), 1),
            (2, UP, stamp(START + 65 * MINUTE), 1),
        ]
        connection.executemany(
            "INSERT INTO heartbeat (monitor_id, status, time, important) VALUES (?, ?, ?, ?)",
            web + sparse,
        )
        counts = [
            (2, int((START + n * DAY).timestamp()), 288 if n < 2 else 20, 12) for n in range(3)
        ]
        connection.executemany(
            "INSERT INTO stat_daily (monitor_id, timestamp, up, down) VALUES (?, ?, ?, ?)", counts
        )
        connection.execute(
            "INSERT INTO heartbeat (monitor_id, status, time) VALUES (2, 1, ?)",
            (stamp(START + 3 * DAY),),
        )
        connection.execute("INSERT INTO heartbeat (monitor_id, status, time) VALUES (2, 'x', 7)")
        connection.commit()
    return path


MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.250")


def test_posts_and_single_maintenance_at_their_true_times(database):
    with opened_tables(database) as tables:
        history = read_history(tables, target(*COMPONENTS), uptime=False)
    lines = [line.partition(" [")[0] for line in lines_of(history)]
    ids = [i.id for i in history.incidents]
    assert lines == [
        f"incident {ids[0]} {{'en': 'Power'}}",
        "  resolved none 2024-01-03T08:00:00+00:00 … 2024-01-03T09:30:00+00:00",
        "  on ",
        "  - 2024-01-03T09:30:00+00:00 resolved {} ",
        "  - 2024-01-03T08:00:00+00:00 investigating {'en': 'Half of the rack is down.'} ",
        f"incident {ids[1]} {{'en': 'New rooms'}}",
        "  resolved none 2024-01-05T10:00:00+00:00 … 2024-01-05T10:00:00+00:00",
        "  on ",
        "  - 2024-01-05T10:00:00+00:00 resolved {'en': 'We move.'} ",
        f"incident {ids[2]} {{'en': 'DNS'}}",
        "  investigating none 2024-01-14T07:00:00+00:00 … None",
        "  on ",
        "  - 2024-01-14T07:00:00+00:00 investigating {'en': 'Answers are late.'} ",
        f"maintenance {history.maintenances[0].id} {{'en': 'Switches'}}",
        "  2024-01-02T21:00:00+00:00 … 2024-01-03T00:00:00+00:00",
        "  on web old; announced 2024-01-02T21:00:00+00:00",
        "  {'en': 'Short breaks.'}",
        f"maintenance {history.maintenances[1].id} {{'en': 'Disk'}}",
        "  2026-02-02T21:00:00+00:00 … 2026-02-03T00:00:00+00:00",
        "  on mail; announced 2026-01-15T12:00:00+00:00",
        "  {}",
        "former old 'Old' in ''",
        "! words: are taken for English; --lang says otherwise",
        "! incident 3, DNS: is open there, and now here too: nobody was written to; close it here",
        "! incident 4: not brought: it has no title",
        "! incident 5, Soon: not brought: created_date: it is no time that has passed",
        '! incident 6, When: not brought: created_date: "x" is no time',
        "! Old: is not configured here: it is named, and counts for no uptime",
        "! maintenance 2, Nightly: not brought: strategy: only single dates are; plan it anew: app.py maintenance plan --rrule",
        "! maintenance 4, Off: not brought: active: it is switched off",
        "! maintenance 5, Back: not brought: start_date, end_date: they do not say from when until when",
        "! times: 2 name no zone and were read by the clock of Europe/Prague",
    ]


def test_a_post_that_was_resolved_at_no_known_time_is_over(database):
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE incident SET active = 0, last_updated_date = NULL WHERE id = 3")
        connection.commit()
    with opened_tables(database) as tables:
        history = read_history(tables, target(*COMPONENTS), uptime=False)
    dns = next(i for i in history.incidents if i.title == {"en": "DNS"})
    assert (dns.state, dns.resolved_at) == ("resolved", dns.started_at)


def test_uptime_is_brought_where_enough_of_a_day_was_looked_at(database):
    with opened_tables(database) as tables:
        history = read_history(tables, target(*COMPONENTS), uptime=True)
    web, mail = history.days["web"], history.days["mail"]
    assert [(d.on, dict(d.seconds)) for d in web] == [
        (
            date(2024, 1, 10),
            {Condition.MAJOR_OUTAGE: 24 * 60, Condition.OPERATIONAL: 23 * 60 * 60 + 36 * 60},
        ),
        (
            date(2024, 1, 11),
            {Condition.MAJOR_OUTAGE: 24 * 60, Condition.OPERATIONAL: 23 * 60 * 60 + 36 * 60},
        ),
    ]
    assert [(d.on, dict(d.seconds)) for d in mail] == [
        (date(2024, 1, 10), {Condition.OPERATIONAL: 82_800, Condition.MAJOR_OUTAGE: 3600}),
        (date(2024, 1, 11), {Condition.OPERATIONAL: 86_400}),
    ]
    assert [str(leftover) for leftover in history.leftovers[-2:]] == [
        "Web: 1 days have too few looks for a true uptime: they stay without data",
        "Mail: 1 days have too few looks for a true uptime: they stay without data",
    ]


def slow_model(
    looks: list[tuple[datetime, int]], patience: int
) -> dict[date, dict[Condition, int]]:
    """Second by second: what the last look said, if it is not too long ago; what was tried again is
    what it came to."""
    outcome = dict.fromkeys((UP,), Condition.OPERATIONAL) | {
        DOWN: Condition.MAJOR_OUTAGE, MAINTENANCE: Condition.UNDER_MAINTENANCE,
    }  # fmt: skip
    seconds: dict[date, dict[Condition, int]] = {}
    for (at, status), after in zip(looks, [*looks[1:], (looks[-1][0] + DAY, UP)], strict=True):
        position = looks.index((at, status))
        if status == PENDING:
            later = next((s for _, s in looks[position:] if s != PENDING), None)
            if later is None:
                continue
            outcome_of_tries = DOWN if later == DOWN else UP
        second = at
        while second < after[0] and (second - at).total_seconds() < patience:
            of_day = seconds.setdefault(second.date(), {})
            condition = outcome[outcome_of_tries if status == PENDING else status]
            of_day[condition] = of_day.get(condition, 0) + 1
            second += timedelta(seconds=1)
    return {day: s for day, s in seconds.items() if sum(s.values()) >= 0.5 * 86_400}


@pytest.mark.parametrize("seed", range(4))
def test_days_agree_with_a_slow_model(seed):
    chance = random.Random(seed)
    at, looks = START, []
    while at < START + 2 * DAY:
        looks.append((at, chance.choices((UP, DOWN, PENDING, MAINTENANCE), (90, 4, 5, 1))[0]))
        at += timedelta(seconds=chance.choices((60, 20, 600), (95, 4, 1))[0])
    given = [(at.strftime("%Y-%m-%d %H:%M:%S"), status) for at, status in looks]
    days, _ = days_of(given, {}, MINUTE, date(2027, 1, 1))
    assert {d.on: dict(d.seconds) for d in days} == slow_model(looks, 180)


@pytest.mark.parametrize(("gap", "seconds"), [(3, 21 * 3600 + 120), (11, 13 * 3600 + 120), (13, 0)])
def test_a_day_on_which_it_stood_still_is_known_for_the_rest(gap, seconds):
    hours = set(range(24)) - set(range(6, 6 + gap))
    looks = [
        (f"2024-05-07 {hour:02}:{minute:02}:00", UP)
        for hour in sorted(hours)
        for minute in range(60)
    ]
    days, left_out = days_of(looks, {}, MINUTE, date(2027, 1, 1))
    day_seconds = {day.on: dict(day.seconds) for day in days if day.on == date(2024, 5, 7)}
    assert day_seconds == ({date(2024, 5, 7): {Condition.OPERATIONAL: seconds}} if seconds else {})
    assert left_out == (1 if seconds else 2), "what is heard after midnight is too little of a day"


def test_looks_of_any_kind_never_end_it():
    odd = [
        (None, 1),
        (7, 1),
        ("x", 1),
        ("0001-01-01", 1),
        ("2024-01-10 00:00:00", None),
        ("2024-01-10", 9),
        ("2024-01-10T00:00:00+02:00", 2),
    ]
    assert days_of(odd, {}, MINUTE, date(2027, 1, 1)) == ((), 0)


def test_the_command(database, tmp_path, capsys, monkeypatch):
    assert main(["import", "uptime-kuma", str(database)]) == 0
    out, err = capsys.readouterr()
    assert "history: of the database it is brought by --history" in err
    config = tmp_path / "jasno.toml"
    config.write_text(out)
    monkeypatch.setenv("JASNO_VAR", str(tmp_path / "var"))
    command = [
        "import",
        "uptime-kuma",
        str(database),
        "--history",
        "--uptime",
        "--config",
        str(config),
    ]
    assert main(command) == 0
    assert "days of uptime: 4 new" in capsys.readouterr().out
    assert main(command) == 0
    assert "nothing was new" in capsys.readouterr().out
    backup = tmp_path / "backup.json"
    backup.write_text('{"monitorList": []}')
    assert main(["import", "uptime-kuma", str(backup), "--history", "--config", str(config)]) == 2
    assert "a backup holds no history" in capsys.readouterr().err
    with database.open("r+b") as damaged:
        damaged.seek(4096)
        damaged.write(b"x" * 4096)
    assert main(command) == 2
