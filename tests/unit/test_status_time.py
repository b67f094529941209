"""The account of time against the slow model, at every moment, also after every end: random
interleavings of looks, silence, work (also recurring, over a change of clocks), overrides,
incidents, policies, restarts and a dead database. What the API tells is compared with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from status.model import (
    Condition,
    Grade,
)
from tests import status_time_company
from tests.status_time_company import NUMBERED, Company, do_looks, do_open, do_past, do_series
from tests.status_time_model import (
    BY_COMPONENT,
    COMPONENTS,
    GRID,
    PLACES,
)

IDS = st.sampled_from([c.id for c in COMPONENTS])
CONDITIONS = st.sampled_from([c for c in Condition if c is not Condition.NO_DATA])
GRADES = st.sampled_from([Grade.UP, Grade.UP, Grade.DOWN, Grade.DOWN, Grade.DEGRADED])
SPANS = st.integers(1, 40)
ACTIONS = st.one_of(
    st.tuples(st.just("pass"), st.integers(1, 30)),
    st.tuples(
        st.just("looks"),
        st.integers(0, len(PLACES) - 1),
        st.lists(GRADES, min_size=1, max_size=8),
        st.integers(1, 3),
    ),
    st.tuples(st.just("storm"), st.integers(0, len(PLACES) - 1), st.integers(4, 14), GRADES),
    st.tuples(st.just("late"), st.integers(0, len(PLACES) - 1), GRADES, st.integers(0, 20)),
    st.tuples(st.just("work"), IDS, st.integers(-12, 20), SPANS),
    st.tuples(st.just("series"), IDS, st.integers(-12, 200), SPANS),
    st.tuples(st.just("cancel series"), st.integers(0, 9)),
    st.tuples(st.just("policy"), IDS, st.sampled_from(["auto", "draft", "manual"])),
    st.tuples(st.just("end work"), st.integers(0, 9)),
    st.tuples(st.just("cancel work"), st.integers(0, 9)),
    st.tuples(st.just("override"), IDS, CONDITIONS, SPANS),
    st.tuples(st.just("relent"), IDS),
    st.tuples(st.just("open"), IDS, CONDITIONS, st.integers(0, 30), st.booleans()),
    st.tuples(st.just("past"), IDS, CONDITIONS, st.integers(2, 40), st.integers(1, 30)),
    st.tuples(st.just("probes open"), IDS, CONDITIONS),
    st.tuples(st.just("schedule"), IDS, CONDITIONS, st.integers(1, 20)),
    st.tuples(st.just("update"), st.integers(0, 9), IDS, CONDITIONS, st.integers(0, 5)),
    st.tuples(st.just("take over"), st.integers(0, 9)),
    st.tuples(st.just("resolve"), st.integers(0, 9)),
    st.tuples(st.just("approve"), st.integers(0, 9)),
    st.tuples(st.just("database"), st.booleans()),
    st.tuples(st.just("keep")),
    st.tuples(st.just("restart"), st.integers(0, 30)),
)


def perform(company, step, number):
    name, *details = step
    act = vars(status_time_company)[f"do_{name.replace(' ', '_')}"]
    act(company, *details, **({"number": number} if name in NUMBERED else {}))


@settings(max_examples=190, deadline=None)
@given(st.lists(ACTIONS, min_size=15, max_size=40))
def test_time_is_accounted_for_as_it_truly_was(steps):
    company = Company()
    company.keep()
    for number, step in enumerate(steps):
        perform(company, step, number)
        if number % 5 == 4:
            company.compare()
    company.now += 60 * GRID
    company.compare()


def test_a_statement_that_is_too_old_to_be_handed_over_goes_on_to_count():
    company = Company()
    company.now += 6 * GRID
    do_past(company, "web", Condition.MAJOR_OUTAGE, 5, 3, number=1)
    company.hear()
    company.say(incidents=())
    company.now += 6 * GRID
    company.keep()
    company.restart()
    do_past(company, "web", Condition.PARTIAL_OUTAGE, 12, 1, number=2)  # weighs all of it anew
    company.hear()
    company.states.accumulate(company.now)
    (day,) = company.states.accumulators["web"].days
    assert day.seconds == {
        Condition.NO_DATA: 80,
        Condition.MAJOR_OUTAGE: 30,
        Condition.PARTIAL_OUTAGE: 10,
    }


def test_recurring_work_that_would_begin_in_the_skipped_hour_is_not_cut_short():
    company = Company()
    do_series(company, "web", 180, 600, number=1)  # from 02:10 to 03:50 by the clock
    company.keep()
    for _ in range(15):
        company.now += 60 * GRID
        company.compare()
    today = company.states.accumulators["web"].days[-1]
    assert today.seconds[Condition.UNDER_MAINTENANCE] == 6000


@pytest.mark.parametrize(
    ("components", "probes"),
    [
        (COMPONENTS, {**BY_COMPONENT, "web": BY_COMPONENT["web"][1:]}),
        ((replace(COMPONENTS[0], policy="manual"), *COMPONENTS[1:]), BY_COMPONENT),
    ],
)
def test_another_configuration_does_not_change_what_was(components, probes):
    """An outage that only a probe saw which is gone now, or a policy that believed it."""
    company = Company()
    do_looks(company, 0, [Grade.DOWN] * 6, 2)
    company.keep()
    before = company.states.accumulators["web"].days
    company.restart(components, probes)
    do_open(company, "web", Condition.DEGRADED_PERFORMANCE, 10, False, number=1)
    company.hear()
    company.states.accumulate(company.now)
    assert Condition.MAJOR_OUTAGE in before[0].seconds
    assert company.states.accumulators["web"].days == before
    company.now += 6 * GRID
    company.hear()
    company.states.accumulate(company.now)
    (day,) = company.states.accumulators["web"].days
    assert day.seconds[Condition.DEGRADED_PERFORMANCE] == 60


def test_an_open_incident_that_is_dated_back_counts_from_the_moment_it_names():
    """As docs/incidents.md says; no further back than the time is known that it would change."""
    company = Company()
    do_looks(company, 0, [Grade.UP] * 10, 2)
    company.compare()
    (before,) = company.states.accumulators["web"].days
    assert Condition.MAJOR_OUTAGE not in before.seconds
    do_open(company, "web", Condition.MAJOR_OUTAGE, 9, False, number=1)
    company.compare()
    (day,) = company.states.accumulators["web"].days
    assert day.seconds[Condition.MAJOR_OUTAGE] == 90
    company.keep()
    company.restart((replace(COMPONENTS[0], policy="manual"), *COMPONENTS[1:]))
    do_open(company, "web", Condition.MAJOR_OUTAGE, 30, False, number=2)
    company.now += 3 * GRID
    company.hear()
    company.states.accumulate(company.now)
    (day,) = company.states.accumulators["web"].days
    assert day.seconds[Condition.MAJOR_OUTAGE] == 90 + 30, (
        "what was counted by another policy stays"
    )
