"""Where a heartbeat stands, by what was sent in and when it was due."""

from __future__ import annotations

from datetime import timedelta

import pytest

from status.model import Grade
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
        (heard(70 * MINUTE, running=(AT - 8 * MINUTE,)), {"longest": 0}, DOWN, "was due"),
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
