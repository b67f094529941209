"""Where a heartbeat stands, by what was sent in and when it was due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from settings import SettingsError, load
from status.model import Grade
from status.probing.configuration import checked_probe, configured_probes
from status.probing.kinds import heartbeat
from status.probing.probe_kind import InternalFacts, PushedSignal
from tests.status_fixtures import AT, probe

UP, SLOW, DOWN, UNKNOWN = Grade.UP, Grade.DEGRADED, Grade.DOWN, Grade.UNKNOWN
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
BEAT = probe("nightly", kind="heartbeat", target="")


def heard(ago, state="up", **more):
    at = AT - ago
    return InternalFacts(
        {"nightly": PushedSignal(at, state, good_at=at if state == "up" else None, **more)}
    )


@pytest.mark.parametrize(
    ("inside", "settings", "grade", "reason"),
    [
        (InternalFacts(), {}, UNKNOWN, "cannot be asked"),
        (InternalFacts({}), {}, UNKNOWN, "no heartbeat has come yet"),
        (heard(timedelta(minutes=5)), {}, UP, "heard 5 minutes ago"),
        (heard(timedelta(minutes=64)), {}, UP, ""),
        (heard(timedelta(minutes=66)), {}, DOWN, "66 minutes ago"),
        (heard(timedelta(hours=26)), {"every": "1d", "grace": "1h"}, DOWN, "26 hours"),
        (heard(SECOND, "down", message="exit code 3"), {}, DOWN, "exit code 3"),
        (heard(SECOND, ping=2 * SECOND), {"slow_after": 1}, SLOW, "2.00 s"),
        (heard(SECOND, running=(AT - timedelta(hours=2),)), {"longest": "3h"}, UP, ""),
        (heard(SECOND, running=(AT - timedelta(hours=2),)), {"longest": 0}, UP, ""),
        # without a success within the grace, as healthchecks has it
        (heard(6 * MINUTE, running=(AT - 6 * MINUTE,)), {}, DOWN, "not ended"),
        (heard(6 * MINUTE, running=(AT - 4 * MINUTE,)), {}, UP, ""),
        # a run that never ended is made up for by a later success, and by nothing earlier
        (heard(SECOND, running=(AT - timedelta(hours=2),)), {"longest": "1h"}, UP, ""),
        (heard(90 * MINUTE, running=(AT - timedelta(hours=2),)), {"longest": "1h"}, DOWN, "ended"),
        # one that began in time is not late before it may be called hung
        (heard(70 * MINUTE, running=(AT - 8 * MINUTE,)), {"longest": "1h"}, UP, ""),
        (heard(70 * MINUTE, running=(AT - 2 * MINUTE,)), {"longest": "1h"}, DOWN, "was due"),
        # nor ever when it may take as long as it likes, unless a success has come since it began
        (heard(70 * MINUTE, running=(AT - 8 * MINUTE,)), {"longest": 0}, UP, ""),
        (heard(70 * MINUTE, running=(AT - 2 * MINUTE,)), {"longest": 0}, DOWN, "was due"),
        (heard(70 * MINUTE, running=(AT - 80 * MINUTE,)), {"longest": 0}, DOWN, "was due"),
    ],
)
def test_heartbeat(inside, settings, grade, reason):
    verdict, _ = heartbeat.judge(BEAT, heartbeat.HeartbeatProbeSettings(**settings), inside, AT)
    assert (verdict.grade, reason in verdict.reason) == (grade, True), verdict


@pytest.mark.parametrize(
    ("last", "phase", "due_in"),
    [
        (None, "new", None),
        (PushedSignal(AT, "start", running=(AT,)), "started", HOUR),
        (PushedSignal(AT - HOUR + SECOND, "up", good_at=AT - HOUR + SECOND), "up", SECOND),
        (PushedSignal(AT - HOUR - SECOND, "up", good_at=AT - HOUR - SECOND), "late", -SECOND),
        (PushedSignal(AT - 2 * HOUR, "up", good_at=AT - 2 * HOUR), "down", -HOUR),
        (PushedSignal(AT, "down", good_at=AT - 9 * HOUR), "down", HOUR),
        (PushedSignal(AT, "start", running=(AT - HOUR,)), "down", HOUR),
    ],
)
def test_the_state_of_a_heartbeat_and_when_the_next_is_due(last, phase, due_in):
    state = heartbeat.heartbeat_state(heartbeat.HeartbeatProbeSettings(), last, AT)
    assert (state.phase, state.due_at) == (phase, AT + due_in if last else None)
    assert state.deadline == (state.due_at and state.due_at + 5 * MINUTE)


# ------------------------------------------------------------------ cron
PRAGUE = "Europe/Prague"


def moment(text, zone=PRAGUE, fold=0):
    """A time on the clocks of a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "after", "due"),
    [
        ("0 3 * * *", PRAGUE, "2026-10-24 03:00", "2026-10-25 03:00"),  # 25 hours later
        ("0 3 * * *", PRAGUE, "2026-03-28 03:00", "2026-03-29 03:00"),  # 23 hours later
        ("30 2 * * *", PRAGUE, "2026-03-28 02:30", "2026-03-29 03:00"),  # 02:30 does not come
        ("0 3 * * 1-5", PRAGUE, "2026-01-16 03:05", "2026-01-19 03:00"),  # Friday to Monday
        ("0 3 * * MON-FRI", PRAGUE, "2026-01-16 03:05", "2026-01-19 03:00"),
        ("15 4 1 * *", PRAGUE, "2026-01-31 12:00", "2026-02-01 04:15"),
        ("0 0 L * *", PRAGUE, "2026-02-01 00:00", "2026-02-28 00:00"),
        ("0 6 * * 5L", PRAGUE, "2026-01-16 06:00", "2026-01-30 06:00"),
        (
            "0 6 13 * 5",
            PRAGUE,
            "2026-01-16 07:00",
            "2026-01-23 06:00",
        ),  # either day, as cron has it
        ("@monthly", "America/New_York", "2026-01-15 00:00", "2026-02-01 00:00"),
        ("@Daily", "Asia/Kolkata", "2026-01-15 12:00", "2026-01-16 00:00"),
        ("*/20 * * * *", PRAGUE, "2026-01-15 12:05", "2026-01-15 12:20"),
        # some seconds early counts for the run that was due, and so does one just in time
        ("0 3 * * *", PRAGUE, "2026-01-15 02:59:57", "2026-01-16 03:00"),
        ("0 3 * * *", PRAGUE, "2026-01-15 02:59:20", "2026-01-16 03:00"),
        ("0 3 * * *", PRAGUE, "2026-01-15 02:58:00", "2026-01-16 03:00"),
        ("0 3 * * *", PRAGUE, "2026-01-15 02:57:59", "2026-01-15 03:00"),
        # of runs that follow each other soon, less: this one was for the minute before
        ("* * * * *", PRAGUE, "2026-01-15 12:05:46", "2026-01-15 12:07"),
        ("* * * * *", PRAGUE, "2026-01-15 12:05:44", "2026-01-15 12:06"),
        ("*/5 * * * *", PRAGUE, "2026-01-15 12:03:46", "2026-01-15 12:10"),
        ("*/5 * * * *", PRAGUE, "2026-01-15 12:03:44", "2026-01-15 12:05"),
    ],
)
def test_when_a_word_is_due_by_cron(cron, zone, after, due):
    settings = heartbeat.HeartbeatProbeSettings(cron=cron, time_zone=zone)
    assert settings.due_after(moment(after, zone)) == moment(due, zone)


def test_a_run_through_the_hour_that_comes_twice_is_not_due_in_the_past():
    """It began at the first 02:30 and ended 40 minutes later, when it was 02:10 again."""
    settings = heartbeat.HeartbeatProbeSettings(cron="30 2 * * *", time_zone=PRAGUE)
    began, ended = moment("2026-10-25 02:30"), moment("2026-10-25 02:10", fold=1)
    assert ended - began == 40 * MINUTE
    assert settings.due_after(ended) == moment("2026-10-26 02:30")


@pytest.mark.parametrize("night", ["2026-10-25", "2026-03-29", "2026-01-15"])
def test_a_daily_job_is_up_all_day_however_long_the_day(night):
    settings = heartbeat.HeartbeatProbeSettings(cron="0 3 * * *", time_zone=PRAGUE)
    after_it = (datetime.fromisoformat(night) + timedelta(days=1)).date()
    starts = [moment(f"{day} 03:00") for day in (night, after_it)]
    before = moment(f"{datetime.fromisoformat(night).date() - timedelta(days=1)} 03:00")
    heard_at = before
    at = before
    while at < starts[1] + HOUR:
        heard_at = max([heard_at, *(s + MINUTE for s in starts if s + MINUTE <= at)])
        pushed = InternalFacts({"nightly": PushedSignal(heard_at, "up", good_at=heard_at)})
        assert heartbeat.judge(BEAT, settings, pushed, at)[0].grade is UP, at
        at += MINUTE
    silent = InternalFacts({"nightly": PushedSignal(before, "up", good_at=before)})
    deadline = starts[0] + 5 * MINUTE
    assert heartbeat.judge(BEAT, settings, silent, deadline)[0].grade is UP
    late, _ = heartbeat.judge(BEAT, settings, silent, deadline + SECOND)
    assert (late.grade, f"was due {starts[0]:%Y-%m-%d %H:%M} UTC" in late.reason) == (DOWN, True)


@given(
    minute=st.sampled_from(["0", "7", "*/20", "5,50"]),
    hour=st.sampled_from(["*", "3", "1-4", "*/6"]),
    weekday=st.sampled_from(["*", "1-5", "0,6", "7"]),
    zone=st.sampled_from(["UTC", "Asia/Kolkata", "America/St_Johns", PRAGUE]),
    minutes=st.integers(0, 200 * 24 * 60),
)
@settings(max_examples=60)
def test_due_is_what_a_clock_shows_first(minute, hour, weekday, zone, minutes):
    """Walks minute by minute over days without a change of clocks, and matches each by itself."""
    after = datetime(2026, 4, 1, tzinfo=UTC) + minutes * MINUTE
    wanted = [
        _numbers(minute, 60),
        _numbers(hour, 24),
        {n % 7 for n in _numbers(weekday, 8)},
    ]
    at = after + MINUTE
    while True:
        local = at.astimezone(ZoneInfo(zone))
        cron_fields = (local.minute, local.hour, local.isoweekday() % 7)
        if all(n in numbers for n, numbers in zip(cron_fields, wanted, strict=True)):
            break
        at += MINUTE
    assume(at - after > 2 * MINUTE)  # a word that soon before was meant for it
    cron = f"{minute} {hour} * * {weekday}"
    assert heartbeat.HeartbeatProbeSettings(cron=cron, time_zone=zone).due_after(after) == at


def _numbers(field, most):
    """The numbers of a field, written out."""
    numbers = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        bounds = (0, most - 1) if first == "*" else (int(first), int(last or first))
        numbers |= set(range(bounds[0], bounds[1] + 1, int(step or 1)))
    return numbers


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            {"cron": "61 3 * * *"},
            'cron "61 3 * * *": "61" is no minute; the fields are minute, hour',
        ),
        ({"cron": "0 24 * * *"}, '"24" is no hour'),
        ({"cron": "0 3 * * FRI-MON"}, '"FRI-MON" is no day of week'),
        ({"cron": "0 3 31 2 *"}, '"31" is no day of month'),
        ({"cron": "0 3 * *"}, "has 4 fields; cron has 5: minute, hour, day of month, month"),
        ({"cron": "0 0 3 * * *"}, "has 6 fields"),
        ({"cron": "@reboot"}, "has 1 fields; @hourly"),
        ({"cron": "9" * 5000}, "has 1 fields"),
        ({"cron": "*/0 * * * *"}, '"*/0" is no minute'),
        (
            {"cron": "@daily", "time_zone": "Europe/Brague"},
            'time_zone is "Europe/Brague"; did you mean Europe/Prague',
        ),
        ({"cron": "@daily", "every": "1d"}, "not by both"),
        ({"every": "1d", "time_zone": PRAGUE}, "is that of `cron`"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_told_with_its_field(given, reason):
    with pytest.raises(SettingsError) as refusal:
        checked_probe(probe("nightly", kind="heartbeat", target="", settings=given))
    assert '[[probe]] "nightly": ' in str(refusal.value)
    assert reason in str(refusal.value)


def test_cron_without_a_zone_is_of_the_sites(tmp_path):
    (tmp_path / "jasno.toml").write_text(CONFIG)
    loaded = load(env={}, cwd=tmp_path)
    zones = [p.settings.get("time_zone") for p in configured_probes(loaded.settings)]
    assert zones == [PRAGUE, "UTC", None]


CONFIG = """
[site]
time_zone = "Europe/Prague"
[[component]]
id = "backups"
name = "Backups"
[[probe]]
name = "nightly"
kind = "heartbeat"
component = "backups"
cron = "0 3 * * *"
[[probe]]
name = "weekly"
kind = "heartbeat"
component = "backups"
cron = "@weekly"
time_zone = "UTC"
[[probe]]
name = "hourly"
kind = "heartbeat"
component = "backups"
"""
