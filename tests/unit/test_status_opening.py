"""Incidents that probes tell: one for each cause, joined, changed, resolved, never twenty."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.languages import LANGUAGES
from status.incidents import probe_incidents
from status.incidents.incident_editing import with_entry
from status.incidents.probe_incidents import MonitoredState, latest_conditions, opening_delays
from status.incidents.templates import BUILT_IN, IncidentTemplate, IncidentTemplates
from status.model import Component, Condition, Impact, IncidentState, Override, Update
from status.state import recurrence
from status.state.composition import ComponentVerdict
from status.state.statements import CLOSED, PublicStatements
from tests.status_fixtures import AT, work

UP, DOWN, PART = Condition.OPERATIONAL, Condition.MAJOR_OUTAGE, Condition.PARTIAL_OUTAGE
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class Sim:
    """Components whose probes say what they are told to; incidents in memory."""

    def __init__(self, *parts: Component, wait: timedelta = timedelta(0), **more) -> None:
        self.parts, self.now = parts, AT
        self.probed = {c.id: ComponentVerdict(UP, AT) for c in parts}
        self.incidents, self.events, self.more = {}, [], more
        self.wait = opening_delays(parts, {c.id: wait for c in parts})
        self.wordings = more.pop("wordings", IncidentTemplates())

    def say(self, condition: Condition, *names: str) -> Sim:
        for name in names:
            self.probed[name] = ComponentVerdict(condition, self.now)
        return self

    def beat(self, by: timedelta = SECOND) -> tuple:
        self.now += by
        words = PublicStatements(tuple(self.incidents.values()), **self.more)
        view = MonitoredState(self.parts, self.probed, words, self.now, self.wait)
        taken = probe_incidents.plan_changes(view, self.wordings)
        for step in taken:
            self.incidents[step.after.id] = step.after
            if step.event:
                self.events.append(step.event)
        return taken

    @property
    def live(self) -> list:
        return [i for i in self.incidents.values() if i.state not in CLOSED]


def rack(size: int = 20, root: str = "rack", **more) -> tuple[Component, ...]:
    on = tuple(
        Component(f"{root}-web{n}", f"Web {n}", "Hosting", depends_on=(root,), **more)
        for n in range(size)
    )
    return (Component(root, f"Data centre {root}", "Hosting"), *on)


def test_a_fall_is_told_once_changed_and_resolved():
    sim = Sim(Component("mail", "Mailboxes", "Mail"))
    (step,) = sim.say(PART, "mail").beat()
    assert step.after.title["en"] == "Trouble with Mailboxes"
    assert set(step.after.title) == set(LANGUAGES)
    assert step.after.impact is Impact.MAJOR
    assert step.after.cause == "mail"
    assert sim.beat() == ()
    sim.say(DOWN, "mail").beat(2 * MINUTE)
    (incident,) = sim.live
    assert latest_conditions(incident) == {"mail": DOWN}
    assert incident.impact is Impact.CRITICAL
    sim.say(UP, "mail").beat()
    assert sim.live == []
    (incident,) = sim.incidents.values()
    assert incident.resolved_at == sim.now
    assert incident.cause == ""
    assert [e.what for e in sim.events] == [
        "incident.opened", "incident.updated", "incident.resolved",
    ]  # fmt: skip
    assert sim.beat(MINUTE) == ()


def test_a_fallen_rack_is_one_incident_however_its_services_fall():
    sim = Sim(*rack())
    sim.say(DOWN, "rack", "rack-web1", "rack-web2").beat()
    sim.say(DOWN, *(f"rack-web{n}" for n in range(3, 20))).beat()
    assert len(sim.events) == 1
    sim.beat(MINUTE)
    (incident,) = sim.incidents.values()
    assert incident.title["en"] == "Trouble with Data centre rack"
    assert len(latest_conditions(incident)) == 20
    assert "12 more" in incident.updates[0].text["en"]
    assert len(sim.events) == 2
    sim.say(UP, "rack", *(f"rack-web{n}" for n in range(10))).beat(MINUTE)
    assert sim.live == [sim.incidents[incident.id]]
    sim.say(UP, *(f"rack-web{n}" for n in range(20))).beat()
    assert sim.live == []
    assert len(sim.incidents) == 1


def test_services_that_fall_before_their_rack_wait_for_it():
    sim = Sim(*rack(), wait=3 * MINUTE)
    sim.say(DOWN, "rack-web1", "rack-web2").beat()
    assert sim.incidents == {}
    sim.say(DOWN, "rack").beat(2 * MINUTE)
    (incident,) = sim.live
    assert incident.cause == "rack"
    alone = Sim(*rack(), wait=3 * MINUTE)
    alone.say(DOWN, "rack-web1").beat()
    alone.beat(3 * MINUTE)
    assert alone.live[0].cause == "rack-web1"


def test_a_rack_that_falls_late_takes_its_services_incidents_over():
    sim = Sim(*rack(), *rack(2, "far"))
    sim.say(DOWN, "rack-web1").beat()
    sim.say(DOWN, "rack-web2").beat(10 * MINUTE)
    assert len(sim.live) == 2
    sim.say(DOWN, "rack").beat()
    sim.beat(2 * MINUTE)
    (incident,) = sim.live
    assert set(latest_conditions(incident)) == {"rack", "rack-web1", "rack-web2"}
    merged = next(i for i in sim.incidents.values() if i.state in CLOSED)
    assert "same cause" in merged.updates[0].text["en"]


def test_two_racks_are_two_causes():
    sim = Sim(*rack(), *rack(5, "far"))
    sim.say(DOWN, "rack", "far").beat()
    assert sorted(i.cause for i in sim.live) == ["far", "rack"]


def test_falls_without_a_known_cause_share_an_incident_in_a_storm():
    parts = tuple(Component(f"c{n}", f"Part {n}", f"Group {n % 40}") for n in range(200))
    sim = Sim(*parts)
    for n in range(200):
        sim.say(DOWN, f"c{n}").beat()
    assert 1 <= len(sim.live) <= 4
    sim.beat(MINUTE)
    component_ids = [c for i in sim.live for c in latest_conditions(i)]
    assert sorted(component_ids) == sorted(c.id for c in parts)


def test_who_waits_for_approval_is_drafted_and_not_named_beside_the_others():
    sim = Sim(Component("a", "A", "G", policy="draft"), Component("b", "B", "G"))
    sim.say(DOWN, "a", "b").beat()
    by_cause = {i.cause: i for i in sim.live}
    assert by_cause["a"].draft
    assert by_cause["b"].components == ("b",)
    assert [e.id for e in sim.events] == [by_cause["b"].id]


def test_a_discarded_draft_stays_away_until_all_was_well():
    sim = Sim(Component("mail", "Mailboxes", "Mail", policy="draft"))
    sim.say(DOWN, "mail").beat()
    (draft,) = sim.live
    sim.incidents[draft.id] = replace(draft, discarded=True)
    assert sim.beat(10 * MINUTE) == ()
    sim.say(UP, "mail").beat(MINUTE)
    assert sim.live == []
    sim.say(DOWN, "mail").beat(10 * MINUTE)
    (again,) = sim.live
    assert (again.draft, again.discarded) == (True, False)
    assert sim.events == []


def test_who_falls_again_returns_to_its_incident():
    sim = Sim(*rack())
    sim.say(DOWN, "rack-web0").beat()
    sim.say(DOWN, "rack-web2").beat(2 * MINUTE)
    sim.say(UP, "rack-web2").beat(2 * MINUTE)
    sim.say(DOWN, "rack-web2").beat(10 * MINUTE)
    (incident,) = sim.live
    assert latest_conditions(incident) == {"rack-web0": DOWN, "rack-web2": DOWN}


def test_what_is_told_by_hand_is_left_to_people():
    sim = Sim(Component("a", "A", policy="manual"), *rack(3))
    sim.say(DOWN, "a").beat()
    assert sim.incidents == {}
    sim.say(DOWN, "rack").beat()
    (incident,) = sim.live
    entry = Update("u9", "identified", sim.now, {"en": "A cable."}, {"rack": DOWN})
    sim.incidents[incident.id] = replace(with_entry(incident, entry), cause="")
    sim.say(DOWN, "rack-web1", "rack-web2").beat(MINUTE)
    sim.say(UP, "rack", "rack-web1").beat(MINUTE)
    assert len(sim.incidents) == 1
    assert sim.live[0].state is IncidentState.IDENTIFIED


def test_an_operators_word_and_planned_work_excuse_a_fall():
    over = (Override("rack", UP, AT, AT + timedelta(hours=1), "olu"),)
    sim = Sim(*rack(3), overrides=over)
    sim.say(DOWN, "rack").beat()
    assert sim.incidents == {}
    planned = (work(starts_at=AT, ends_at=AT + timedelta(hours=1)),)
    sim = Sim(*rack(3), maintenances=planned)
    sim.say(DOWN, "rack", "rack-web1").beat()
    assert sim.incidents == {}


HOUR = timedelta(hours=1)
EXCUSES = {
    "one-off work": {"maintenances": (work(starts_at=AT + 2 * MINUTE, ends_at=AT + HOUR, components=("mail",)),)},
    "a date of recurring work": {
        "maintenances": recurrence.expand_occurrences(
            (
                work(
                    starts_at=AT + 2 * MINUTE - timedelta(days=7),
                    ends_at=AT + HOUR - timedelta(days=7),
                    components=("mail",),
                    rrule="FREQ=WEEKLY",
                ),
            ),
            AT,
        )
    },
    "an override": {"overrides": (Override("mail", UP, AT + 2 * MINUTE, AT + HOUR, "olu"),)},
    "a graver override": {"overrides": (Override("mail", DOWN, AT + 2 * MINUTE, AT + HOUR, "olu"),)},
}  # fmt: skip


@pytest.mark.parametrize("excuse", EXCUSES)
def test_nothing_works_again_because_work_begins_while_it_is_down(excuse):
    sim = Sim(Component("mail", "Mailboxes"), Component("web", "Web"), **EXCUSES[excuse])
    sim.say(DOWN, "mail").beat()
    (first,) = sim.live
    for _ in range(90):
        assert sim.beat(MINUTE) == ()
    assert [i.id for i in sim.live] == [first.id]
    assert len(sim.incidents) == 1
    sim.say(UP, "mail").beat(MINUTE)
    assert sim.live == []
    assert [e.what for e in sim.events] == ["incident.opened", "incident.resolved"]


def test_what_recovers_during_work_is_told_at_once_and_beside_others_not_before():
    sim = Sim(Component("mail", "Mailboxes"), Component("web", "Web"), **EXCUSES["one-off work"])
    sim.say(DOWN, "mail", "web").beat()
    sim.say(UP, "web").beat(10 * MINUTE)
    (incident,) = sim.live
    assert latest_conditions(incident) == {"mail": DOWN, "web": UP}
    assert incident.updates[0].text["en"] == "Working again: Web."
    sim.say(UP, "mail").beat(10 * MINUTE)
    assert sim.live == []


def test_silence_resolves_nothing():
    sim = Sim(Component("mail", "Mailboxes"))
    sim.say(DOWN, "mail").beat()
    sim.say(Condition.NO_DATA, "mail").beat(MINUTE)
    assert len(sim.live) == 1


def test_two_engines_write_the_same_entry():
    sim = Sim(Component("mail", "Mailboxes"))
    sim.say(DOWN, "mail").beat()
    sim.say(UP, "mail")
    view = MonitoredState(
        sim.parts, sim.probed, PublicStatements(tuple(sim.incidents.values())), sim.now + SECOND
    )
    first, two = (probe_incidents.plan_changes(view, IncidentTemplates())[0] for _ in range(2))
    assert first.entry.id == two.entry.id


def test_operators_words_take_the_place_of_ours():
    own = IncidentTemplate("auto-open", "", {"en": "Oh, {name}."}, {"en": "{name}!"})
    sim = Sim(Component("mail", "Mailboxes"), wordings=IncidentTemplates((own,)))
    (step,) = sim.say(DOWN, "mail").beat()
    assert step.after.title == {"en": "Mailboxes!"}
    assert step.entry.text == {"en": "Oh, Mailboxes."}


FLEET = (*rack(4), *rack(3, "far"), Component("x", "X", "Other"), Component("y", "Y", "Other"))
MOVES = st.lists(
    st.tuples(
        st.sampled_from([c.id for c in FLEET]),
        st.sampled_from((UP, DOWN, PART, Condition.NO_DATA)),
        st.sampled_from((1, 30, 90, 600)),
    ),
    max_size=40,
)


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_no_component_is_ever_in_two_open_incidents_and_all_ends_well(moves):
    sim = Sim(*FLEET)
    for name, condition, seconds in moves:
        sim.say(condition, name).beat(timedelta(seconds=seconds))
        causes = [i.cause for i in sim.live]
        assert len(causes) == len(set(causes))
        bad = [
            c
            for i in sim.live
            for c, now in latest_conditions(i).items()
            if now in probe_incidents.FALLEN
        ]
        assert len(bad) == len(set(bad))
    for _ in range(3):
        sim.beat(2 * MINUTE)
    down = {c for c, v in sim.probed.items() if v.condition in probe_incidents.FALLEN}
    listed = {c for i in sim.live for c in latest_conditions(i)}
    assert down <= listed
    sim.say(UP, *sim.probed).beat(2 * MINUTE)
    assert sim.live == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_built_in_template_can_be_said(lang):
    wordings = IncidentTemplates()
    for template in wordings.offered:
        text = wordings.text(template.id, {"parts": ["Mail"], "name": "Mail"})[lang]
        assert text
        assert "{" not in text


@pytest.mark.parametrize("template", BUILT_IN, ids=lambda t: t.id)
def test_ready_words_promise_nothing_that_nobody_can_know(template):
    """They are one click from publication, by somebody who does not know yet what has happened."""
    words = " ".join((*template.title.values(), *template.text.values())).lower()
    assert not re.search(r"\d|\bdata\b|\bsafe\b|nobody|within|minute|hour|carrier", words)
