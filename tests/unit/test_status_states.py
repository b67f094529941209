"""Verdict and uptime of each component from tick to tick: what is weighed again, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from status.model import Condition, Grade, MaintenanceState, Override, Transition, Update
from status.state import maintenance_windows, uptime
from status.state.component_states import ComponentStates
from status.state.composition import PublicStatements
from status.state.damping import DampingSample, DebouncedState
from tests.status_fixtures import AT, MAIL, RACK, WEB, incident, probe, work

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
PATIENCE = timedelta(seconds=190)  # three minutes and ten seconds of probe()
QUIET = PublicStatements()
UP, DOWN = Condition.OPERATIONAL, Condition.MAJOR_OUTAGE


def settled(grade, last=AT, since=AT - HOUR, reason=""):
    return DebouncedState(grade, since, (DampingSample(last, grade),), reason=reason)


def watching(*probes, components=(WEB,), begun=AT - HOUR):
    """Component states that begin without any time."""
    by_component = {c.id: [p for p in probes if p.component == c.id] for c in components}
    states = ComponentStates(components, by_component)
    states.accumulators = {c.id: uptime.new_accumulator(begun) for c in components}
    return states


@pytest.fixture
def web():
    """One component with one probe, seen well at noon."""
    states = watching(probe("p"))
    assert states.evaluate({"p": settled(Grade.UP)}, QUIET, AT) is True
    return states


def condition(states, component="web"):
    return states.verdicts[component].condition


def override(component="web", until=AT + HOUR, to=Condition.PARTIAL_OUTAGE):
    return PublicStatements(overrides=(Override(component, to, until, "olu"),))


def test_a_change_is_told_once_with_its_beginning_and_reason(web):
    assert list(web.transitions) == [Transition("web", Condition.NO_DATA, UP, AT - HOUR)]
    web.transitions.clear()
    later = AT + timedelta(minutes=3)
    down = {"p": settled(Grade.DOWN, later, AT + timedelta(minutes=1), "HTTP 500")}
    web.mark_observed("web")
    assert web.evaluate(down, QUIET, later) is True
    change = Transition("web", UP, DOWN, AT + timedelta(minutes=1), "HTTP 500")
    assert list(web.transitions) == [change]
    web.mark_observed("web")
    assert web.evaluate(down, QUIET, later + SECOND) is False
    assert list(web.transitions) == [change]


def test_what_has_not_moved_is_not_weighed_again_until_its_word_grows_old(web):
    down = {"p": settled(Grade.DOWN)}
    for at in (AT, AT + SECOND, AT + PATIENCE):
        assert web.evaluate(down, QUIET, at) is False, at
    web.mark_observed("mail")
    assert web.evaluate(down, QUIET, AT + PATIENCE) is False
    assert web.evaluate(down, QUIET, AT + PATIENCE + SECOND) is True
    assert condition(web) is Condition.NO_DATA
    assert web.evaluate({"p": settled(Grade.UP, AT + HOUR)}, QUIET, AT + HOUR) is False


def test_a_word_that_is_heard_at_its_last_moment_grows_old_a_moment_later(web):
    up = {"p": settled(Grade.UP)}
    web.mark_observed("web")
    assert web.evaluate(up, QUIET, AT + PATIENCE) is False
    assert web.evaluate(up, QUIET, AT + PATIENCE + SECOND) is True
    assert condition(web) is Condition.NO_DATA


def test_of_several_probes_the_first_that_falls_silent_is_noticed_then_the_next():
    states = watching(probe("a"), probe("b"), probe("new"))
    minute = timedelta(minutes=1)
    debounced = {"a": settled(Grade.DOWN), "b": settled(Grade.UP, AT + minute)}
    undecided = DebouncedState(recent=(DampingSample(AT - minute, Grade.DOWN),))
    states.evaluate({**debounced, "new": undecided}, QUIET, AT + minute)
    assert condition(states) is Condition.PARTIAL_OUTAGE
    for at in (AT + PATIENCE - SECOND, AT + PATIENCE):  # "new" is as good as silent
        assert states.evaluate({}, QUIET, at) is False
    assert states.evaluate(debounced, QUIET, AT + PATIENCE + SECOND) is True
    assert condition(states) is UP
    assert states.evaluate(debounced, QUIET, AT + minute + PATIENCE) is False
    assert states.evaluate(debounced, QUIET, AT + minute + PATIENCE + SECOND) is True
    assert condition(states) is Condition.NO_DATA


def test_what_people_say_counts_at_once_and_no_longer_than_they_said(web):
    up = {"p": settled(Grade.UP)}
    assert web.evaluate(up, override(until=AT + 2 * SECOND), AT + SECOND) is True
    assert condition(web) is Condition.PARTIAL_OUTAGE
    assert web.evaluate(up, override(until=AT + 2 * SECOND), AT + 2 * SECOND) is True
    assert condition(web) is UP
    assert web.evaluate({"p": settled(Grade.DOWN)}, QUIET, AT + 3 * SECOND) is False


def test_what_people_say_may_change_while_it_counts(web):
    up = {"p": settled(Grade.UP)}
    assert web.evaluate(up, override(to=Condition.PARTIAL_OUTAGE), AT + SECOND) is True
    assert web.evaluate(up, override(to=Condition.PARTIAL_OUTAGE), AT + 2 * SECOND) is False
    assert web.evaluate(up, override(to=DOWN), AT + 3 * SECOND) is True
    assert condition(web) is DOWN


def test_a_component_without_probes_is_what_people_say_of_it():
    by_hand = replace(WEB, policy="manual")
    states = ComponentStates((by_hand, MAIL), {})
    states.accumulators = {c: uptime.new_accumulator(AT) for c in ("web", "mail")}
    assert states.evaluate({}, QUIET, AT) is True
    assert (condition(states), condition(states, "mail")) == (UP, Condition.NO_DATA)
    assert states.evaluate({}, override(), AT + SECOND) is True
    assert condition(states) is Condition.PARTIAL_OUTAGE


def test_work_whose_result_is_being_checked_is_still_under_way(web):
    """As the pages and docs/telling.md say: services stay under maintenance until its end."""
    note = Update("n1", "verifying", AT, {"en": "We check it."})
    planned = work(
        starts_at=AT - HOUR,
        ends_at=AT + HOUR,
        components=("web",),
        notes={"work12345678": (note,)},
    )
    assert maintenance_windows.state(planned, AT) is MaintenanceState.VERIFYING
    down = {"p": settled(Grade.DOWN, AT)}
    web.mark_observed("web")
    web.evaluate(down, PublicStatements(maintenances=(planned,)), AT + SECOND)
    assert condition(web) is Condition.UNDER_MAINTENANCE
    web.evaluate(down, PublicStatements(maintenances=(planned,)), AT + HOUR)
    assert condition(web) is not Condition.UNDER_MAINTENANCE


@pytest.mark.parametrize("components", [(WEB, RACK), (RACK, WEB)])
def test_one_change_among_many_components_is_a_change(components):
    rack = probe("r", "rack")
    states = watching(probe("p"), rack, components=components)
    well = {"p": settled(Grade.UP), "r": settled(Grade.UP)}
    assert states.evaluate(well, QUIET, AT) is True
    for said in (override("web"), QUIET):
        assert states.evaluate(well, said, AT + SECOND) is True
        assert condition(states, "rack") is UP


# ------------------------------------------------------------------ time and what is stored of it
def test_time_is_written_up_to_now_for_those_who_are_asked_about():
    states = watching(components=(WEB, MAIL), begun=AT)
    states.accumulate(AT + HOUR, ["web"])
    assert (states.accumulators["web"].until, states.accumulators["mail"].until) == (AT + HOUR, AT)
    states.accumulate(AT + HOUR)
    assert states.accumulators["mail"].until == AT + HOUR


def test_days_are_unsaved_until_they_are_stored_and_today_goes_on():
    states = watching(begun=AT - timedelta(days=2))
    assert states.unsaved_days("web") == ()
    states.accumulate(AT)

    def unsaved():
        return [day.on.day for day in states.unsaved_days("web")]

    assert unsaved() == [13, 14, 15]
    states.mark_saved(["web"], date(2026, 1, 15))
    assert unsaved() == [15]
    states.accumulate(AT + timedelta(days=1))
    assert unsaved() == [15, 16]
    states.mark_saved(["mail"], date(2026, 1, 16))
    assert unsaved() == [15, 16]


def test_a_change_dated_back_into_a_stored_day_has_that_day_stored_again():
    states = watching(probe("p"), begun=AT - timedelta(days=3))
    states.evaluate({"p": settled(Grade.UP, since=AT - timedelta(days=3))}, QUIET, AT)
    states.mark_saved(["web"], AT.date())
    states.mark_observed("web")
    yesterday = AT - timedelta(days=1)
    states.evaluate({"p": settled(Grade.DOWN, since=yesterday)}, QUIET, AT)
    assert [day.on.day for day in states.unsaved_days("web")] == [14, 15]
    assert states.unsaved_days("web")[0].seconds == {UP: 12 * 3600, DOWN: 12 * 3600}
    assert states.accumulators["web"].since == yesterday
    states.accumulate(AT + HOUR)
    assert [day.on.day for day in states.unsaved_days("web")] == [14, 15]


def test_a_clock_set_forward_counts_for_nobody_and_all_is_weighed_anew(web):
    before = dict(uptime.seconds_by_condition(web.accumulators["web"].days))
    now = AT + HOUR + timedelta(minutes=1)  # a minute has passed, and an hour was leapt over
    web.clock_stepped(HOUR, now)
    web.accumulate(now + timedelta(minutes=1))
    after = uptime.seconds_by_condition(web.accumulators["web"].days)
    assert after == {UP: before[UP] + 120}
    assert web.evaluate({"p": settled(Grade.DOWN, now)}, QUIET, now + timedelta(minutes=1)) is True
    assert condition(web) is DOWN


def test_a_clock_set_back_has_all_weighed_anew_and_no_second_is_written_twice(web):
    seconds = uptime.seconds_by_condition(web.accumulators["web"].days)
    web.clock_stepped(-HOUR, AT - HOUR)
    assert web.accumulators["web"].until == AT
    down = {"p": settled(Grade.DOWN, AT - HOUR, AT - HOUR)}
    assert web.evaluate(down, QUIET, AT - HOUR + SECOND) is True
    web.accumulate(AT)
    moved = uptime.seconds_by_condition(web.accumulators["web"].days)
    assert sum(moved.values()) == sum(seconds.values())


def test_a_draft_or_closed_incident_has_nothing_weighed_again(web):
    down = {"p": settled(Grade.DOWN)}
    quiet = PublicStatements(incidents=(incident(draft=True, components=("web",)),))
    assert web.evaluate(down, quiet, AT + SECOND) is False
    assert condition(web) is UP
