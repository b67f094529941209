"""Verdicts to the last field: since when, why, when it was last looked; and where each limit lies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from status.model import (
    Announcement,
    Component,
    Condition,
    IncidentState,
    Override,
    Update,
)
from status.state import composition
from status.state.operator_conditions import claims_by_component, next_publication
from status.state.statements import CLOSED, PublicStatements, is_visible, open_incidents
from tests.status_fixtures import AT, MAIL, RACK, WEB, incident, snapshot, work

SECOND, MINUTE, HOUR, DAY = (
    timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days")
)
UP, SLOW = Condition.OPERATIONAL, Condition.DEGRADED_PERFORMANCE
PART, DOWN = Condition.PARTIAL_OUTAGE, Condition.MAJOR_OUTAGE


def test_the_gravest_of_conditions_and_of_none():
    assert composition.worst([UP, PART, SLOW]) is PART
    assert composition.worst([Condition.NO_DATA, UP]) is UP
    assert composition.worst([SLOW, Condition.UNDER_MAINTENANCE]) is SLOW
    assert composition.worst([]) is Condition.NO_DATA


# ------------------------------------------------------------------ what people say
def claims(component=WEB, at=AT, **statements):
    by_component = claims_by_component((component,), PublicStatements(**statements), at)
    return by_component.get(component.id, ())


def published_as(component=WEB, seen=UP, at=AT, **statements):
    """What is published, since when by whose claim, and its reason."""
    listed = claims(component, at, **statements)
    condition, claim = composition.published_condition(component, seen, listed, at)
    return (condition, claim and claim.starts_at, claim and claim.reason)


def opened(condition, component="web", at=AT - HOUR, **more):
    update = Update("u1", "investigating", at, {"en": "We look."}, {component: condition})
    return incident(updates=(update,), components=(component,), started_at=at, **more)


def test_an_override_is_told_with_its_reason_while_it_lasts():
    word = Override("web", PART, AT - HOUR, AT + SECOND, "olu", "half of it")
    other = replace(word, component="mail", condition=DOWN)
    assert published_as(overrides=(other, word)) == (PART, AT - HOUR, "half of it")
    assert published_as(overrides=(other, replace(word, until=AT))) == (UP, None, None)
    newer = replace(word, condition=SLOW, since=AT - MINUTE)
    assert published_as(overrides=(newer, word))[0] is SLOW


def test_maintenance_is_told_since_it_began():
    running = work(starts_at=AT - HOUR, ends_at=AT + HOUR)
    under = (Condition.UNDER_MAINTENANCE, AT - HOUR, "")
    assert published_as(RACK, maintenances=(running,)) == under
    assert published_as(WEB, maintenances=(running,)) == (UP, None, None)
    assert published_as(RACK, maintenances=(replace(running, cancelled=True),))[0] is UP
    announced_late = replace(running, created_at=AT - MINUTE)
    assert published_as(RACK, maintenances=(announced_late,))[1] == AT - MINUTE


def test_a_component_of_draft_policy_is_well_unless_nothing_is_known():
    careful = replace(WEB, policy="draft")
    assert published_as(careful, DOWN)[0] is UP
    assert published_as(careful, Condition.NO_DATA)[0] is Condition.NO_DATA


def test_an_incident_is_told_since_its_update_when_it_is_worse_than_what_is_seen():
    assert published_as(incidents=(opened(PART),)) == (PART, AT - HOUR, "abc123def456")
    for seen in (DOWN, PART):
        assert published_as(seen=seen, incidents=(opened(PART),)) == (seen, None, None)


def test_an_incident_that_probes_tell_claims_nothing_where_they_are_believed():
    by_probes = opened(DOWN, cause="web")
    assert claims(incidents=(by_probes,)) == ()
    careful = replace(WEB, policy="draft")
    assert published_as(careful, incidents=(by_probes,))[0] is DOWN
    taken_over = replace(by_probes, cause="", probes_until=AT - MINUTE)
    assert published_as(incidents=(taken_over,)) == (DOWN, AT - MINUTE, "abc123def456")


def test_of_several_open_incidents_the_gravest_counts():
    many = tuple(opened(c, id=c.value) for c in (SLOW, DOWN, PART))
    assert published_as(incidents=many)[2] == "major_outage"
    assert published_as(MAIL, incidents=many)[0] is UP


def test_an_incident_counts_once_it_is_published_and_then_from_its_beginning():
    scheduled = opened(DOWN, publish_at=AT)
    assert published_as(incidents=(scheduled,))[:2] == (DOWN, AT - HOUR)
    assert published_as(at=AT - SECOND, incidents=(scheduled,))[0] is UP
    assert not is_visible(replace(scheduled, draft=True), AT)
    later = replace(scheduled, publish_at=AT + HOUR)
    statements = PublicStatements((later, replace(later, publish_at=AT + MINUTE), scheduled))
    assert next_publication(statements, AT) == AT + MINUTE
    assert next_publication(PublicStatements(), AT) is None


def test_each_entry_holds_until_the_next_that_names_the_component_or_the_end():
    entries = (
        Update("u1", "investigating", AT - 3 * HOUR, {"en": "a"}, {"web": DOWN}),
        Update("u2", "identified", AT - 2 * HOUR, {"en": "b"}, {"mail": SLOW}),
        Update("u3", "monitoring", AT - HOUR, {"en": "c"}, {"web": PART}),
        Update("u4", "resolved", AT - MINUTE, {"en": "d"}, {"web": UP}),
        Update("u5", "postmortem", AT, {"en": "e"}, {}),
    )
    whole = incident(
        updates=entries[::-1],
        components=("web",),
        started_at=AT - 3 * HOUR,
        state=IncidentState.POSTMORTEM,
    )
    spans = [(c.condition, c.starts_at, c.ends_at) for c in claims(incidents=(whole,))]
    assert spans == [
        (DOWN, AT - 3 * HOUR, AT - 2 * HOUR),
        (DOWN, AT - 2 * HOUR, AT - HOUR),
        (PART, AT - HOUR, AT - MINUTE),
    ]


def test_an_incident_told_when_it_was_over_counts_from_its_beginning_to_its_end():
    entry = Update("u1", "resolved", AT - HOUR, {"en": "x"}, {"web": DOWN})
    past = incident(
        updates=(entry,),
        components=("web",),
        started_at=AT - 2 * HOUR,
        state=IncidentState.RESOLVED,
        resolved_at=AT - HOUR,
    )
    (claim,) = claims(incidents=(past,))
    assert (claim.condition, claim.starts_at, claim.ends_at) == (DOWN, AT - 2 * HOUR, AT - HOUR)


# ------------------------------------------------------------------ what is published
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


def test_planned_work_is_published_for_a_year_after_its_end():
    ends = (AT - 365 * DAY, AT - 365 * DAY + SECOND, AT + DAY)
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


@pytest.mark.parametrize("state", CLOSED)
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
    named = tuple(replace(kept, id=name) for name, kept in cases.items())
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
    assert [i.id for i in open_incidents(cases)] == ["open", "scheduled"]
