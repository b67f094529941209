"""What readers are told, from probes and from people; what explains what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from status import labels
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
from status.state.dependencies import root_causes
from status.state.operator_conditions import claims_by_component
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, MAIL, RACK, WEB, incident, snapshot, work

HOUR = timedelta(hours=1)


def published(component=WEB, *grades, **statements):
    """What is published of a component now, and by whose word: (condition, claim or None)."""
    measured = composition.measured_condition(component, grades)
    claims = claims_by_component((component,), PublicStatements(**statements), AT)
    return composition.published_condition(component, measured, claims.get(component.id, ()), AT)


def condition_of(component=WEB, *grades, **statements):
    return published(component, *grades, **statements)[0]


def test_all_probes_down_is_an_outage_some_is_a_part():
    assert condition_of(WEB, Grade.DOWN, Grade.DOWN) is Condition.MAJOR_OUTAGE
    assert condition_of(WEB, Grade.DOWN, Grade.UP) is Condition.PARTIAL_OUTAGE
    assert condition_of(WEB, Grade.DEGRADED, Grade.UP) is Condition.DEGRADED_PERFORMANCE
    assert condition_of(WEB, Grade.UP, Grade.UP) is Condition.OPERATIONAL


def test_a_silent_probe_does_not_outvote_one_that_speaks():
    assert condition_of(WEB, None, Grade.UP) is Condition.OPERATIONAL
    assert condition_of(WEB, None, None) is Condition.NO_DATA


def test_without_probes_there_is_no_data_unless_it_is_told_by_hand():
    assert condition_of(WEB) is Condition.NO_DATA
    assert condition_of(replace(WEB, policy="manual")) is Condition.OPERATIONAL


def test_an_open_incident_makes_it_worse_but_never_better():
    open_one = incident()
    assert condition_of(MAIL, Grade.UP, incidents=(open_one,)) is Condition.DEGRADED_PERFORMANCE
    assert condition_of(MAIL, Grade.DOWN, incidents=(open_one,)) is Condition.MAJOR_OUTAGE


def test_a_draft_and_a_resolved_incident_say_nothing():
    end = Update("u3", "resolved", AT - timedelta(minutes=1), {"en": "Over."}, {})
    over = incident(state=IncidentState.RESOLVED, updates=(end, *incident().updates))
    for quiet in (incident(draft=True), over):
        assert condition_of(MAIL, Grade.UP, incidents=(quiet,)) is Condition.OPERATIONAL


def test_the_newest_update_that_names_a_component_counts():
    better = Update("u3", "monitoring", AT, {"en": "x"}, {"mail": Condition.OPERATIONAL})
    quiet = Update("u4", "monitoring", AT + HOUR, {"en": "y"}, {})
    incident_now = incident(updates=(quiet, better, *incident().updates))
    assert condition_of(MAIL, Grade.UP, incidents=(incident_now,)) is Condition.OPERATIONAL


def test_maintenance_hides_what_probes_say_and_an_override_beats_all():
    now = work(starts_at=AT - HOUR, ends_at=AT + HOUR)
    during, claim = published(RACK, Grade.DOWN, maintenances=(now,))
    assert (during, claim.starts_at) == (Condition.UNDER_MAINTENANCE, AT - HOUR)
    word = Override("rack", Condition.OPERATIONAL, AT - HOUR, AT + HOUR, "olu")
    assert condition_of(RACK, Grade.DOWN, maintenances=(now,), overrides=(word,)) is (
        Condition.OPERATIONAL
    )
    over = replace(word, until=AT)
    assert condition_of(RACK, Grade.DOWN, overrides=(over,)) is Condition.MAJOR_OUTAGE


def test_a_component_under_draft_policy_is_not_painted_by_its_probes():
    careful = replace(WEB, policy="draft")
    assert condition_of(careful, Grade.DOWN) is Condition.OPERATIONAL


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
    causes = root_causes((rack, server, site, other), conditions)
    assert causes == {"server": "rack", "site": "rack"}
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
    return labels.headline(snapshot(parts, **more))


def test_one_sentence_for_every_state():
    ok, bad, none = Condition.OPERATIONAL, Condition.MAJOR_OUTAGE, Condition.NO_DATA
    assert headline(ok, ok).text == "All services work"
    assert headline(ok, bad).text == "Some services are down"
    assert headline(bad, bad).text == "All services are down"
    assert headline(bad, ok).since == AT - HOUR
    assert "only begun to look" in headline(none, none).text
    assert headline(ok, none).tone == "no_data"
    assert headline().text == "No services are watched yet"
    assert headline(ok, cut_off=True).tone == "stale"


def test_an_open_incident_is_never_under_a_green_banner():
    open_one = incident(updates=(Update("u", "investigating", AT, {"en": "x"}),))
    headline_now = headline(Condition.OPERATIONAL, words=PublicStatements((open_one,)))
    assert headline_now.text == "We are working on an incident"
    assert headline_now.tone != "operational"


def test_an_incident_stands_in_the_month_that_its_page_tells():
    night = incident(started_at=datetime(2025, 10, 31, 23, 30, tzinfo=UTC))
    ((month, month_incidents),) = by_month((night,), "Europe/Prague")
    assert (month, month_incidents) == (date(2025, 11, 1), (night,))
    assert by_month((night,), "UTC")[0][0] == date(2025, 10, 1)
