"""Verdict and uptime of each component from tick to tick: what is weighed again, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from status.model import Condition, Grade, MaintenanceState, Override, Transition, Update
from status.state import maintenance_windows, uptime
from status.state.component_states import HERE, ComponentStates
from status.state.composition import ComponentVerdict
from status.state.damping import DampingSample, DebouncedState
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, MAIL, RACK, WEB, incident, probe, work

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PATIENCE = timedelta(seconds=190)  # three minutes and ten seconds of probe()
QUIET = PublicStatements()
UP, DOWN = Condition.OPERATIONAL, Condition.MAJOR_OUTAGE
BEFORE = DebouncedState()


def settled(grade, last=AT, since=AT - HOUR, reason=""):
    return DebouncedState(grade, since, (DampingSample(last, grade),), reason=reason)


def watching(*probes, components=(WEB,), begun=AT - HOUR):
    """Component states that begin without any time."""
    by_component = {c.id: [p for p in probes if p.component == c.id] for c in components}
    states = ComponentStates(components, by_component)
    states.accumulators = {c.id: uptime.new_accumulator(begun) for c in components}
    return states


def see(states, name, after, before=BEFORE, component="web"):
    """A probe has looked."""
    states.reasons[name] = after.reason
    states.observe(probe(name, component), HERE, before, after)


@pytest.fixture
def web():
    """One component with one probe, seen well at noon."""
    states = watching(probe("p"))
    see(states, "p", settled(Grade.UP))
    assert states.evaluate(QUIET, AT) is True
    return states


def condition(states, component="web"):
    return states.verdicts[component].condition


def override(component="web", until=AT + HOUR, to=Condition.PARTIAL_OUTAGE):
    return PublicStatements(overrides=(Override(component, to, AT, until, "olu"),))


def test_a_change_is_told_once_with_its_beginning_and_reason(web):
    assert list(web.transitions) == [Transition("web", Condition.NO_DATA, UP, AT - HOUR)]
    web.transitions.clear()
    later = AT + timedelta(minutes=3)
    down = settled(Grade.DOWN, later, AT + timedelta(minutes=1), "HTTP 500")
    see(web, "p", down, settled(Grade.UP))
    assert web.evaluate(QUIET, later) is True
    change = Transition("web", UP, DOWN, AT + timedelta(minutes=1), "HTTP 500")
    assert list(web.transitions) == [change]
    see(web, "p", replace(down, recent=(DampingSample(later + SECOND, Grade.DOWN),)), down)
    assert web.evaluate(QUIET, later + SECOND) is False
    assert list(web.transitions) == [change]
    assert web.verdicts["web"].checked_at == web.measured["web"].checked_at == later + SECOND


def test_a_word_that_is_heard_at_its_last_moment_grows_old_a_moment_later(web):
    for at in (AT, AT + SECOND, AT + PATIENCE):
        assert web.evaluate(QUIET, at) is False, at
    assert web.evaluate(QUIET, AT + PATIENCE + SECOND) is True
    assert condition(web) is Condition.NO_DATA
    assert web.measured["web"] == ComponentVerdict(
        Condition.NO_DATA, AT, "no recent observation", AT
    )
    assert web.accumulators["web"].since == AT


def test_of_several_probes_the_first_that_falls_silent_is_noticed_then_the_next():
    states = watching(probe("a"), probe("b"), probe("new"))
    minute = timedelta(minutes=1)
    see(states, "a", settled(Grade.DOWN))
    see(states, "b", settled(Grade.UP, AT + minute))
    see(states, "new", DebouncedState(recent=(DampingSample(AT - minute, Grade.DOWN),)))
    states.evaluate(QUIET, AT + minute)
    assert condition(states) is Condition.PARTIAL_OUTAGE
    for at in (AT + PATIENCE - SECOND, AT + PATIENCE):  # "new" is as good as silent
        assert states.evaluate(QUIET, at) is False
    assert states.evaluate(QUIET, AT + PATIENCE + SECOND) is True
    assert condition(states) is UP
    assert states.evaluate(QUIET, AT + minute + PATIENCE) is False
    assert states.evaluate(QUIET, AT + minute + PATIENCE + SECOND) is True
    assert condition(states) is Condition.NO_DATA


def test_what_people_say_counts_at_once_and_no_longer_than_they_said(web):
    statements = override(until=AT + 2 * SECOND)
    assert web.evaluate(statements, AT + SECOND) is True
    assert condition(web) is Condition.PARTIAL_OUTAGE
    assert web.evaluate(statements, AT + 2 * SECOND) is True
    assert condition(web) is UP
    assert web.evaluate(QUIET, AT + 3 * SECOND) is False
    web.accumulate(AT + 3 * SECOND)
    seconds = uptime.seconds_by_condition(web.accumulators["web"].days)
    assert seconds == {UP: 3601, Condition.PARTIAL_OUTAGE: 2}


def test_a_word_that_begins_just_after_an_alarm_is_not_missed(web):
    """The alarm is for a silence that did not come; the override begins before it is heard."""
    later = AT + timedelta(minutes=3)
    see(web, "p", settled(Grade.UP, later), settled(Grade.UP))
    word = Override("web", DOWN, AT + PATIENCE + SECOND, AT + HOUR, "olu")
    statements = PublicStatements(overrides=(word,))
    assert web.evaluate(statements, later) is False
    assert web.evaluate(statements, AT + PATIENCE + 2 * SECOND) is True
    assert (condition(web), web.accumulators["web"].since) == (DOWN, AT + PATIENCE + SECOND)


def test_what_was_published_late_counts_from_its_moment(web):
    entry = Update("u1", "investigating", AT + SECOND, {"en": "x"}, {"web": DOWN})
    scheduled = incident(
        updates=(entry,),
        components=("web",),
        started_at=AT + SECOND,
        publish_at=AT + 5 * SECOND,
    )
    statements = PublicStatements(incidents=(scheduled,))
    assert web.evaluate(statements, AT + 4 * SECOND) is False
    assert web.evaluate(statements, AT + 5 * SECOND) is True
    assert (condition(web), web.accumulators["web"].since) == (DOWN, AT + SECOND)


def test_what_people_say_may_change_while_it_counts(web):
    assert web.evaluate(override(to=Condition.PARTIAL_OUTAGE), AT + SECOND) is True
    assert web.evaluate(override(to=Condition.PARTIAL_OUTAGE), AT + 2 * SECOND) is False
    assert web.evaluate(override(to=DOWN), AT + 3 * SECOND) is True
    assert condition(web) is DOWN


def test_a_component_without_probes_is_what_people_say_of_it():
    by_hand = replace(WEB, policy="manual")
    states = ComponentStates((by_hand, MAIL), {})
    states.accumulators = {c: uptime.new_accumulator(AT) for c in ("web", "mail")}
    assert states.evaluate(QUIET, AT) is True
    assert (condition(states), condition(states, "mail")) == (UP, Condition.NO_DATA)
    assert states.evaluate(override(), AT + SECOND) is True
    assert condition(states) is Condition.PARTIAL_OUTAGE


def test_work_whose_result_is_being_checked_is_still_under_way(web):
    """As the pages and docs/incidents.md say: services stay under maintenance until its end."""
    note = Update("n1", "verifying", AT, {"en": "We check it."})
    planned = work(
        starts_at=AT - HOUR,
        ends_at=AT + HOUR,
        components=("web",),
        notes={"work12345678": (note,)},
    )
    assert maintenance_windows.state(planned, AT) is MaintenanceState.VERIFYING
    see(web, "p", settled(Grade.DOWN, AT + SECOND, AT + SECOND), settled(Grade.UP))
    statements = PublicStatements(maintenances=(planned,))
    web.evaluate(statements, AT + SECOND)
    assert condition(web) is Condition.UNDER_MAINTENANCE
    web.evaluate(statements, AT + HOUR)
    assert condition(web) is not Condition.UNDER_MAINTENANCE


@pytest.mark.parametrize("components", [(WEB, RACK), (RACK, WEB)])
def test_one_change_among_many_components_is_a_change(components):
    states = watching(probe("p"), probe("r", "rack"), components=components)
    see(states, "p", settled(Grade.UP))
    see(states, "r", settled(Grade.UP), component="rack")
    assert states.evaluate(QUIET, AT) is True
    for statements in (override("web"), QUIET):
        assert states.evaluate(statements, AT + SECOND) is True
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
    up = settled(Grade.UP, since=AT - timedelta(days=3))
    see(states, "p", up)
    states.evaluate(QUIET, AT)
    states.mark_saved(["web"], AT.date())
    yesterday = AT - timedelta(days=1)
    see(states, "p", settled(Grade.DOWN, AT + SECOND, yesterday), up)
    states.evaluate(QUIET, AT + SECOND)
    assert [day.on.day for day in states.unsaved_days("web")] == [14, 15]
    assert states.rewritten == {"web"}
    assert states.unsaved_days("web")[0].seconds == {UP: 12 * 3600, DOWN: 12 * 3600}
    assert states.accumulators["web"].since == yesterday
    states.accumulate(AT + HOUR)
    assert [day.on.day for day in states.unsaved_days("web")] == [14, 15]
    states.mark_saved(["web"], AT.date())
    assert states.rewritten == set()


def test_a_clock_set_forward_counts_for_nobody_and_all_is_weighed_anew(web):
    before = dict(uptime.seconds_by_condition(web.accumulators["web"].days))
    now = AT + HOUR + timedelta(minutes=1)  # a minute has passed, and an hour was leapt over
    web.clock_stepped(HOUR, now)
    web.accumulate(now + timedelta(minutes=1))
    after = uptime.seconds_by_condition(web.accumulators["web"].days)
    assert after == {UP: before[UP] + 120}
    later = now + timedelta(minutes=2)
    see(web, "p", settled(Grade.DOWN, later, AT - HOUR), settled(Grade.UP, later - SECOND))
    assert web.evaluate(QUIET, later) is True
    assert (condition(web), web.accumulators["web"].since) == (DOWN, now)
    assert uptime.seconds_by_condition(web.accumulators["web"].days) == {
        UP: before[UP] + 60,
        DOWN: 120,
    }


def test_a_clock_set_back_has_all_weighed_anew_and_no_second_is_written_twice(web):
    seconds = uptime.seconds_by_condition(web.accumulators["web"].days)
    web.clock_stepped(-HOUR, AT - HOUR)
    assert web.accumulators["web"].until == AT
    down = settled(Grade.DOWN, AT - HOUR + SECOND, AT - HOUR)
    see(web, "p", down, settled(Grade.UP, AT - HOUR))
    assert web.evaluate(QUIET, AT - HOUR + SECOND) is True
    assert condition(web) is DOWN
    web.accumulate(AT)
    assert uptime.seconds_by_condition(web.accumulators["web"].days) == seconds


def test_a_look_before_the_clock_was_set_back_is_told_by_the_new_time(web):
    see(web, "p", settled(Grade.UP, AT + MINUTE, AT - HOUR), settled(Grade.UP))
    web.clock_stepped(-2 * HOUR, AT + MINUTE - 2 * HOUR)
    now = AT + 2 * MINUTE - 2 * HOUR
    web.evaluate(QUIET, now)
    assert web.verdicts["web"].checked_at <= now
    later = now + MINUTE
    see(web, "p", settled(Grade.UP, later, now), settled(Grade.UP, now, now))
    web.evaluate(QUIET, later)
    assert web.verdicts["web"].checked_at == web.measured["web"].checked_at == later


def test_a_draft_incident_has_nothing_weighed_again(web):
    quiet = PublicStatements(incidents=(incident(draft=True, components=("web",)),))
    assert web.evaluate(quiet, AT + SECOND) is False
    assert condition(web) is UP


def test_what_is_measured_lasts_as_long_as_its_probes_agree():
    states = watching(probe("a"), probe("b"))
    minute = timedelta(minutes=1)
    see(states, "a", settled(Grade.DOWN, AT, AT - 30 * minute, "HTTP 500"))
    well = settled(Grade.UP, AT - minute, AT - 40 * minute)
    see(states, "b", well)
    see(states, "b", settled(Grade.DOWN, AT, AT - 10 * minute, "timeout"), well)
    states.evaluate(QUIET, AT)
    assert states.measured["web"] == ComponentVerdict(DOWN, AT - 10 * minute, "HTTP 500", AT)
    better = settled(Grade.UP, AT + minute, AT)
    see(states, "a", better, settled(Grade.DOWN, AT))
    states.evaluate(QUIET, AT + minute)
    part = Condition.PARTIAL_OUTAGE
    assert states.measured["web"] == ComponentVerdict(part, AT, "timeout", AT + minute)
    assert uptime.seconds_by_condition(states.accumulators["web"].days) == {
        Condition.NO_DATA: 1200,
        UP: 600,
        part: 1200 + 60,
        DOWN: 600,
    }
