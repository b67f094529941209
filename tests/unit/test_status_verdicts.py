"""Verdicts to the last field: since when, why, when it was last looked; and where each limit lies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from status.model import (
    Announcement,
    Component,
    Condition,
    Grade,
    IncidentState,
    Override,
    Update,
)
from status.state import composition, uptime
from status.state.composition import ComponentVerdict, PublicStatements
from status.state.damping import DampingSample, DebouncedState
from tests.status_fixtures import AT, MAIL, RACK, WEB, incident, probe, snapshot, work

SECOND, MINUTE, HOUR, DAY = (
    timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days")
)
PATIENCE = timedelta(seconds=190)  # of probe()
UP, SLOW = Condition.OPERATIONAL, Condition.DEGRADED_PERFORMANCE
PART, DOWN = Condition.PARTIAL_OUTAGE, Condition.MAJOR_OUTAGE


def settled(grade, since=AT - HOUR, last=AT, reason=""):
    return DebouncedState(grade, since, (DampingSample(last, grade),), reason=reason)


def measured(*states, component=WEB):
    pairs = [(probe(f"p{n}", component.id), state) for n, state in enumerate(states)]
    return composition.measured_verdict(component, pairs, AT)


# ------------------------------------------------------------------ what probes say
def test_the_verdict_is_that_of_the_bad_ones_since_the_last_of_them_fell():
    verdict = measured(
        settled(Grade.UP, AT - SECOND, AT, "well"),
        settled(Grade.DOWN, AT - HOUR, AT - MINUTE, "HTTP 500"),
        settled(Grade.DOWN, AT - 2 * HOUR, AT - MINUTE, "timeout"),
    )
    assert verdict == ComponentVerdict(PART, AT - HOUR, "HTTP 500", AT)
    slow = measured(settled(Grade.UP), settled(Grade.DEGRADED, AT - MINUTE, reason="3 s"))
    assert slow == ComponentVerdict(SLOW, AT - MINUTE, "3 s", AT)
    well = measured(settled(Grade.UP, AT - HOUR, AT - MINUTE, "a"), settled(Grade.UP, AT - MINUTE))
    assert well == ComponentVerdict(UP, AT - MINUTE, "a", AT)


def test_a_probe_has_its_say_until_its_patience_is_over():
    last = AT - PATIENCE
    assert measured(settled(Grade.UP, last=last)) == ComponentVerdict(UP, AT - HOUR, "", last)
    late = last - SECOND
    silent = ComponentVerdict(Condition.NO_DATA, late, "no recent observation", late)
    assert measured(settled(Grade.UP, last=late)) == silent


def test_who_has_decided_nothing_yet_has_no_say():
    undecided = DebouncedState(recent=(DampingSample(AT, Grade.DOWN),))
    assert measured(settled(Grade.UP), undecided).condition is UP
    nothing = ComponentVerdict(Condition.NO_DATA, AT, "no recent observation", AT)
    assert measured(undecided) == nothing
    never = ComponentVerdict(Condition.NO_DATA, AT, "no recent observation")
    assert measured(DebouncedState()) == never
    assert measured() == ComponentVerdict(Condition.NO_DATA, AT)


def test_a_verdict_without_a_beginning_begins_now():
    assert measured(settled(Grade.DOWN, since=None)).since == AT


def test_the_gravest_of_conditions_and_of_none():
    assert composition.worst([UP, PART, SLOW]) is PART
    assert composition.worst([Condition.NO_DATA, UP]) is UP
    assert composition.worst([SLOW, Condition.UNDER_MAINTENANCE]) is SLOW
    assert composition.worst([]) is Condition.NO_DATA


# ------------------------------------------------------------------ what people say
SEEN = ComponentVerdict(UP, AT - DAY, "well", AT - MINUTE)


def effective(component=WEB, seen=SEEN, **statements):
    return composition.effective_verdict(component, seen, PublicStatements(**statements), AT)


def opened(condition, component="web", at=AT - HOUR, **more):
    update = Update("u1", "investigating", at, {"en": "We look."}, {component: condition})
    return incident(updates=(update,), **more)


def test_an_override_is_told_with_its_reason_while_it_lasts():
    word = Override("web", PART, AT + SECOND, "olu", "half of it")
    other = replace(word, component="mail", condition=DOWN)
    told = ComponentVerdict(PART, AT, "half of it", AT - MINUTE)
    assert effective(overrides=(other, word)) == told
    assert effective(overrides=(other, replace(word, until=AT))) == SEEN


def test_maintenance_is_told_since_it_began():
    running = work(starts_at=AT - HOUR, ends_at=AT + HOUR)
    told = ComponentVerdict(Condition.UNDER_MAINTENANCE, AT - HOUR, "", AT - MINUTE)
    assert effective(RACK, maintenances=(running,)) == told
    assert effective(WEB, maintenances=(running,)) == SEEN


def test_a_component_of_draft_policy_is_well_unless_nothing_is_known():
    careful = replace(WEB, policy="draft")
    down = replace(SEEN, condition=DOWN)
    assert effective(careful, down) == ComponentVerdict(UP, AT, "", AT - MINUTE)
    unseen = replace(SEEN, condition=Condition.NO_DATA)
    assert effective(careful, unseen) == unseen


def test_an_incident_is_told_since_its_update_when_it_is_worse_than_what_is_seen():
    told = ComponentVerdict(PART, AT - HOUR, "abc123def456", AT - MINUTE)
    assert effective(incidents=(opened(PART),)) == told
    for seen in (DOWN, PART):
        worse = replace(SEEN, condition=seen)
        assert effective(seen=worse, incidents=(opened(PART),)) == worse


def test_an_incident_that_probes_tell_claims_nothing_where_they_are_believed():
    by_probes = opened(DOWN, cause="web")
    assert composition.incident_verdict(WEB, (by_probes,), AT) is None
    careful = replace(WEB, policy="draft")
    told = ComponentVerdict(DOWN, AT - HOUR, "abc123def456")
    assert composition.incident_verdict(careful, (by_probes,), AT) == told
    by_hand = opened(SLOW, id="by-hand")
    both = composition.incident_verdict(WEB, (by_probes, by_hand), AT)
    assert both == ComponentVerdict(SLOW, AT - HOUR, "by-hand")


def test_of_several_open_incidents_the_gravest_counts():
    many = tuple(opened(c, id=c.value) for c in (SLOW, DOWN, PART))
    assert composition.incident_verdict(WEB, many, AT).reason == "major_outage"
    assert composition.incident_verdict(MAIL, many, AT) is None
    assert composition.incident_verdict(WEB, (), AT) is None


def test_an_incident_counts_from_the_moment_it_is_published():
    scheduled = opened(DOWN, publish_at=AT)
    assert composition.incident_verdict(WEB, (scheduled,), AT).condition is DOWN
    assert composition.incident_verdict(WEB, (scheduled,), AT - SECOND) is None
    assert effective(incidents=(scheduled,)).condition is DOWN
    assert not composition.is_visible(replace(scheduled, draft=True), AT)


def test_what_is_over_or_hidden_no_longer_counts():
    states = {s: incident(id=s.value, state=s) for s in IncidentState}
    hidden = (incident(draft=True), incident(publish_at=AT + SECOND))
    running = work(id="runs", starts_at=AT, ends_at=AT + SECOND)
    over = work(id="over", starts_at=AT - HOUR, ends_at=AT)
    lasting = Override("web", PART, AT + SECOND, "olu")
    statements = PublicStatements(
        (*states.values(), *hidden),
        (work(), over, running, replace(running, cancelled=True)),
        (lasting, Override("web", DOWN, AT, "olu")),
        (Announcement("n", {}, {}, AT),),
    )
    assert composition.active_statements(statements, AT) == PublicStatements(
        tuple(states[s] for s in IncidentState if s.value not in ("resolved", "postmortem")),
        (running,),
        (lasting,),
    )


# ------------------------------------------------------------------ what is published
def test_a_verdict_from_the_future_begins_now():
    book = uptime.UptimeAccumulator(UP, AT - HOUR, AT - MINUTE)
    ahead = composition.accumulated(book, ComponentVerdict(DOWN, AT + HOUR), AT)
    assert (ahead.condition, ahead.since, ahead.until) == (DOWN, AT, AT)
    same = composition.accumulated(book, ComponentVerdict(UP, AT), AT)
    assert (same.since, same.until) == (AT - HOUR, AT)


def test_a_snapshot_tells_what_explains_what_and_when_it_was_looked():
    server = Component("server", "Server", depends_on=("rack",))
    shot = snapshot({RACK: DOWN, server: PART, WEB: UP})
    assert [s.caused_by for s in shot.states] == ["", "rack", ""]
    assert [s.condition for s in shot.states] == [DOWN, PART, UP]
    looked = AT - timedelta(seconds=20)
    assert {s.checked_at for s in shot.states} == {shot.checked_at} == {looked}
    assert {s.since for s in shot.states[:2]} == {AT - HOUR}
    assert {len(s.days) for s in shot.states} == {90}
    assert shot.states[0].days[-1].seconds == {UP: 11 * 3600, DOWN: 3600}
    unseen = snapshot({WEB: Condition.NO_DATA})
    assert (unseen.states[0].checked_at, unseen.checked_at, unseen.cut_off) == (None, AT, False)
    assert snapshot({}, cut_off=True).cut_off is True


def published(**statements):
    return snapshot(words=PublicStatements(**statements))


def test_planned_work_is_published_for_ninety_days_after_its_end():
    ends = (AT - 90 * DAY, AT - 90 * DAY + SECOND, AT + DAY)
    works = tuple(work(starts_at=end - HOUR, ends_at=end) for end in ends)
    recurs = tuple(replace(w, rrule="FREQ=DAILY") for w in works)
    assert published(maintenances=(*works, *recurs)).maintenances == works[1:]


def test_an_announcement_is_published_from_its_beginning_to_its_end():
    times = {
        "soon": (AT + SECOND, None),
        "soon and short": (AT + SECOND, AT + DAY),
        "now": (AT, None),
        "still": (AT - DAY, AT + SECOND),
        "over": (AT - DAY, AT),
    }
    news = tuple(Announcement(name, {}, {}, *window) for name, window in times.items())
    assert [n.id for n in published(announcements=news).announcements] == ["now", "still"]


@pytest.mark.parametrize("state", composition.CLOSED)
def test_incidents_are_published_for_a_year_after_they_ended_the_newest_first(state):
    year = timedelta(days=365)
    cases = {
        "open for long": incident(started_at=AT - 3 * year),
        "ended a year ago": incident(state=state, resolved_at=AT - year, started_at=AT - year),
        "ended lately": incident(
            state=state, resolved_at=AT - year + SECOND, started_at=AT - 2 * year
        ),
        "without an end": incident(state=state, started_at=AT - year + DAY),
        "without an end, old": incident(state=state, started_at=AT - year),
        "draft": incident(draft=True),
        "later": incident(publish_at=AT + SECOND),
    }
    named = tuple(replace(one, id=name) for name, one in cases.items())
    assert [i.id for i in published(incidents=named).incidents] == [
        "without an end",
        "ended lately",
        "open for long",
    ]


def test_open_incidents_are_neither_drafts_nor_closed():
    cases = (
        incident(id="open"),
        incident(draft=True),
        incident(state=IncidentState.RESOLVED),
        incident(state=IncidentState.RESOLVED, draft=True),
        incident(id="scheduled", publish_at=AT + DAY),
    )
    assert [i.id for i in composition.open_incidents(cases)] == ["open", "scheduled"]
