"""What readers are told, from probes and from people; what explains what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from status import words
from status.model import (
    Component,
    Condition,
    Grade,
    IncidentState,
    MaintenanceState,
    Override,
    Update,
)
from status.publishing.pages import by_month
from status.state import composition, maintenance_windows
from status.state.damping import DampingSample, DebouncedState
from status.state.dependencies import root_causes
from tests.status_fixtures import AT, MAIL, RACK, WEB, incident, probe, snapshot, work

HOUR = timedelta(hours=1)


def settled(grade, since=AT - HOUR, last=AT):
    return DebouncedState(grade, since, (DampingSample(last, grade),))


def told(component=WEB, *grades, **words_):
    seen = [(probe(f"p{n}", component.id), settled(g)) for n, g in enumerate(grades)]
    verdict = composition.measured_verdict(component, seen, AT)
    return composition.effective_verdict(
        component, verdict, composition.PublicStatements(**words_), AT
    )


def test_all_probes_down_is_an_outage_some_is_a_part():
    assert told(WEB, Grade.DOWN, Grade.DOWN).condition is Condition.MAJOR_OUTAGE
    assert told(WEB, Grade.DOWN, Grade.UP).condition is Condition.PARTIAL_OUTAGE
    assert told(WEB, Grade.DEGRADED, Grade.UP).condition is Condition.DEGRADED_PERFORMANCE
    assert told(WEB, Grade.UP, Grade.UP).condition is Condition.OPERATIONAL


def test_a_silent_probe_is_no_data_since_it_fell_silent():
    last = AT - HOUR
    seen = [(probe("p"), settled(Grade.UP, last=last))]
    verdict = composition.measured_verdict(WEB, seen, AT)
    assert (verdict.condition, verdict.since) == (Condition.NO_DATA, last)


def test_a_silent_probe_does_not_outvote_one_that_speaks():
    seen = [
        (probe("a"), settled(Grade.DOWN, last=AT - HOUR)),
        (probe("b"), settled(Grade.UP)),
    ]
    assert composition.measured_verdict(WEB, seen, AT).condition is Condition.OPERATIONAL


def test_without_probes_there_is_no_data_unless_it_is_told_by_hand():
    assert composition.measured_verdict(WEB, [], AT).condition is Condition.NO_DATA
    by_hand = replace(WEB, policy="manual")
    assert composition.measured_verdict(by_hand, [], AT).condition is Condition.OPERATIONAL


def test_an_open_incident_makes_it_worse_but_never_better():
    open_one = incident()
    assert told(MAIL, Grade.UP, incidents=(open_one,)).condition is Condition.DEGRADED_PERFORMANCE
    assert told(MAIL, Grade.DOWN, incidents=(open_one,)).condition is Condition.MAJOR_OUTAGE


def test_a_draft_and_a_resolved_incident_say_nothing():
    for quiet in (incident(draft=True), incident(state=IncidentState.RESOLVED)):
        assert told(MAIL, Grade.UP, incidents=(quiet,)).condition is Condition.OPERATIONAL


def test_the_newest_update_that_names_a_component_counts():
    better = Update("u3", "monitoring", AT, {"en": "x"}, {"mail": Condition.OPERATIONAL})
    quiet = Update("u4", "monitoring", AT + HOUR, {"en": "y"}, {})
    one = incident(updates=(quiet, better, *incident().updates))
    assert told(MAIL, Grade.UP, incidents=(one,)).condition is Condition.OPERATIONAL


def test_maintenance_hides_what_probes_say_and_an_override_beats_all():
    now = work(starts_at=AT - HOUR, ends_at=AT + HOUR)
    during = told(RACK, Grade.DOWN, maintenances=(now,))
    assert (during.condition, during.since) == (Condition.UNDER_MAINTENANCE, AT - HOUR)
    word = Override("rack", Condition.OPERATIONAL, AT + HOUR, "olu")
    assert told(RACK, Grade.DOWN, maintenances=(now,), overrides=(word,)).condition is (
        Condition.OPERATIONAL
    )
    over = replace(word, until=AT)
    assert told(RACK, Grade.DOWN, overrides=(over,)).condition is Condition.MAJOR_OUTAGE


def test_a_component_under_draft_policy_is_not_painted_by_its_probes():
    careful = replace(WEB, policy="draft")
    assert told(careful, Grade.DOWN).condition is Condition.OPERATIONAL


def test_work_follows_the_clock():
    planned = work(starts_at=AT, ends_at=AT + HOUR)
    states = [maintenance_windows.state(planned, AT + n * HOUR) for n in (-1, 0, 1)]
    assert states == [
        MaintenanceState.SCHEDULED,
        MaintenanceState.IN_PROGRESS,
        MaintenanceState.COMPLETED,
    ]
    assert (
        maintenance_windows.state(replace(planned, cancelled=True), AT)
        is MaintenanceState.CANCELLED
    )


def test_the_deepest_fallen_one_explains_its_dependents():
    rack = Component("rack", "Rack")
    server = Component("server", "Server", depends_on=("rack",))
    site = Component("site", "Site", depends_on=("server",))
    other = Component("other", "Other")
    down = Condition.MAJOR_OUTAGE
    conditions = {"rack": down, "server": down, "site": down, "other": down}
    found = root_causes((rack, server, site, other), conditions)
    assert found == {"server": "rack", "site": "rack"}
    assert root_causes((rack, server, site), {**conditions, "rack": Condition.OPERATIONAL}) == {
        "site": "server"
    }


def test_a_circle_of_dependencies_ends():
    a, b = Component("a", "A", depends_on=("b",)), Component("b", "B", depends_on=("a",))
    down = dict.fromkeys("ab", Condition.MAJOR_OUTAGE)
    assert root_causes((a, b), down) == {"a": "b", "b": "a"}


def test_what_is_well_needs_no_explanation():
    a, b = Component("a", "A", depends_on=("b",)), Component("b", "B")
    conditions = {"a": Condition.OPERATIONAL, "b": Condition.MAJOR_OUTAGE}
    assert root_causes((a, b), conditions) == {}


def headline(*conditions, **more):
    parts = {Component(f"c{n}", f"C{n}"): c for n, c in enumerate(conditions)}
    return words.headline(snapshot(parts, **more))


def test_one_sentence_for_every_state():
    ok, bad, none = Condition.OPERATIONAL, Condition.MAJOR_OUTAGE, Condition.NO_DATA
    assert headline(ok, ok).text == "All services work"
    assert headline(ok, bad).text == "Some services are down"
    assert headline(bad, bad).text == "All services are down"
    assert headline(bad, ok).since == AT - HOUR
    assert "not looked yet" in headline(none, none).text
    assert headline(ok, none).tone == "no_data"
    assert headline().text == "No services are watched yet"
    assert headline(ok, cut_off=True).tone == "stale"


def test_an_open_incident_is_never_under_a_green_banner():
    open_one = incident(updates=(Update("u", "investigating", AT, {"en": "x"}),))
    said = headline(Condition.OPERATIONAL, words=composition.PublicStatements((open_one,)))
    assert said.text == "We are working on an incident"
    assert said.tone != "operational"


def test_an_incident_stands_in_the_month_that_its_page_tells():
    night = incident(started_at=datetime(2025, 10, 31, 23, 30, tzinfo=UTC))
    ((month, found),) = by_month((night,), "Europe/Prague")
    assert (month, found) == (date(2025, 11, 1), (night,))
    assert by_month((night,), "UTC")[0][0] == date(2025, 10, 1)
