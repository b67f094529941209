"""Operators' page of a component: evidence, charts, a word by hand."""

from __future__ import annotations

import argparse
import dataclasses
import re
from datetime import timedelta

import pytest

from status.incidents import cli
from status.incidents.incident_editing import AnnouncementText
from status.model import (
    Condition,
    Grade,
    Observation,
    Signal,
)
from status.monitoring import state_file
from status.monitoring.state_file import StateFile
from status.operator_pages.incident_concerns import IncidentConcerns
from status.state.damping import DampingSample, DebouncedState
from status.state.uptime import UptimeAccumulator
from status.storage.store import ObservationBatch
from tests.operator_house import operator_house
from tests.status_fixtures import AT, WEB, probe, snapshot

HOUR = timedelta(hours=1)


@pytest.fixture
def house(sqlite_url, clock, tmp_path):
    with operator_house(sqlite_url, clock, tmp_path) as new_house:
        yield new_house


@pytest.fixture
def olu(house):
    return house.browser("olu")


def test_olu_sees_the_evidence_of_a_failure(house, olu, clock):
    now = clock.now()
    bad = Signal(Grade.DOWN, "answered 500 <Oops>")
    fact = '{"sent":"GET /","hops":[{"ip":"31.60.1.1","status":500}]}'
    seen = Observation("web-http", now, timedelta(seconds=1), bad, vantage="praha", fact=fact)
    house.store.write(ObservationBatch((seen,)))
    settled = {"web-http": DebouncedState(Grade.DOWN, now)}
    votes = {
        "web-http": {"praha": DebouncedState(Grade.DOWN, now, (DampingSample(now, Grade.DOWN),))}
    }
    shot = snapshot({WEB: Condition.MAJOR_OUTAGE})
    state_file.save(house.folder, state_file.StateFile(shot, settled, votes))
    text = olu.get("/ops/components/web").text
    assert "answered 500 &lt;Oops&gt;" in text
    for item in ("Seen from", "<code>praha</code>", "<code>GET /</code>", "<code>500</code>"):
        assert item in text
    assert "&#34;status&#34;: 500" in text
    assert "From praha" in text
    assert "Outage" in text
    assert olu.get("/ops/components/nothing").status_code == 404
    czech = olu.get("/ops/components/web", headers={"Accept-Language": "cs"}).text
    assert '<span lang="cs">odpověděl 500 &lt;Oops&gt;</span>' in czech


def test_olu_overrules_a_probe_and_takes_it_back(house, olu):
    path = "/ops/components/web"
    sent = {"condition": "operational", "hours": "4", "reason": "the probe is wrong"}
    assert olu.post(path, sent).status_code == 303
    (override,) = house.store.statements().overrides
    assert (override.by, override.condition) == ("olu", Condition.OPERATIONAL)
    assert "the probe is wrong" in olu.get(path).text
    assert "set by hand" not in olu.get("/ops").text  # nothing was published yet
    assert "Choose one of the offered times." in olu.post(path, sent | {"hours": "9999"}).text
    for condition in ("no_data", "under_maintenance", ""):
        refused = olu.post(path, sent | {"condition": condition})
        assert refused.status_code == 422
        assert "Choose one of the offered states." in refused.text
    assert olu.post(path, {"condition": "operational", "hours": "0"}).status_code == 303
    assert house.incidents.overrides() == ()


def test_a_refused_override_keeps_what_was_chosen(house, olu):
    """Somebody else was quicker; sending again must not publish something else."""
    path = "/ops/components/web"
    house.incidents.override("web", Condition.MAJOR_OUTAGE, house.incidents.now() + HOUR, "ben")
    chosen = {"condition": "degraded_performance", "hours": "24", "reason": "A slow disk"}
    refused = olu.post(path, chosen | {"version": "0"})
    assert refused.status_code == 422
    assert "what you typed is still here" in refused.text
    assert '<option value="degraded_performance" selected>' in refused.text
    assert '<option value="24" selected>' in refused.text
    assert 'value="A slow disk"' in refused.text
    (override,) = house.incidents.overrides()
    assert override.by == "ben"


def test_what_a_program_set_can_be_taken_back(house, olu):
    until = house.incidents.now() + HOUR
    house.incidents.override("web", Condition.UNDER_MAINTENANCE, until, "token")
    taken_back = {"condition": "under_maintenance", "hours": "0"}
    assert olu.post("/ops/components/web", taken_back).status_code == 303
    assert house.incidents.overrides() == ()


def test_a_probes_response_times_are_drawn_for_operators(house, olu, clock):
    page = "/ops/components/web"
    assert "<figure" not in olu.get(page).text
    at = clock.now()
    for days in (0, 3):
        took = timedelta(milliseconds=100 + days)
        looked = Observation("web-http", at - timedelta(days=days), took, Signal(Grade.UP))
        house.store.write(ObservationBatch((looked,)))
    clock.advance(HOUR)
    house.timeseries.roll_up("web-http")
    day, week = (olu.get(page + query).text for query in ("", "?window=7d"))
    assert day.count("<figure") == week.count("<figure") == 1
    assert "web-http: response times. The last 24 hours" in day
    assert "the slowest took 100\N{NO-BREAK SPACE}ms." in day
    assert "web-http: response times. The last 7 days" in week
    assert "the slowest took 103\N{NO-BREAK SPACE}ms." in week
    assert olu.get(page + "?window=1000y").text.count("The last 24 hours") == day.count(
        "The last 24 hours"
    )


def test_an_outage_is_not_drawn_beyond_now(house, olu, clock):
    at = clock.now().replace(minute=1, second=0, microsecond=0)
    accumulator = UptimeAccumulator(Condition.MAJOR_OUTAGE, at, at)
    state = StateFile(
        snapshot({WEB: Condition.MAJOR_OUTAGE}), {}, accumulators={"web": accumulator}
    )
    state_file.save(house.folder, state)
    clock.advance(at - clock.now())
    looked = Observation("web-http", at, timedelta(milliseconds=100), Signal(Grade.UP))
    house.store.write(ObservationBatch((looked,)))
    clock.advance(timedelta(minutes=2))
    house.timeseries.roll_up("web-http")
    page_text = olu.get("/ops/components/web").text
    assert "Shaded: 1 outage of 2 minutes." in page_text


def chosen(text):
    """The condition that the form of one's own word offers first."""
    (options,) = re.findall(r'<select id="condition".*?</select>', text, re.DOTALL)
    selected = re.search(r'value="(\w*)" selected', options) or re.search(r'value="(\w*)"', options)
    return selected[1]


def test_nobody_says_that_a_fallen_service_works_by_pressing_a_button_alone(house, olu):
    page = "/ops/components/web"
    assert chosen(olu.get(page).text) == ""  # nothing is known of it
    refused = olu.post(page, {"condition": "", "hours": "1"})
    assert refused.status_code == 422
    for condition in (Condition.MAJOR_OUTAGE, Condition.OPERATIONAL, Condition.NO_DATA):
        state_file.save(house.folder, StateFile(snapshot({WEB: condition}), {}))
        assert chosen(olu.get(page).text) == ""  # it may have fallen since the page was opened
    kept = olu.post(page, {"condition": "partial_outage", "hours": "999"}).text
    assert chosen(kept) == "partial_outage"


def opened(house):
    return house.incidents.open(
        {"en": "Down"},
        AnnouncementText({"en": "a"}, components={"web": Condition.MAJOR_OUTAGE}),
        "cli",
    )


RESOLVED = {"text-en": "It works.", "text-cs": "Funguje to.", "state": "resolved", "ask": "yes"}


def test_whoever_resolves_what_a_probe_still_sees_is_asked_once(house, olu, clock):
    looked = DampingSample(clock.now(), Grade.DOWN)
    down = DebouncedState(Grade.DOWN, clock.now() - HOUR, (looked,), reason="answered 500 <b>")
    state_file.save(
        house.folder, StateFile(snapshot({WEB: Condition.MAJOR_OUTAGE}), {"web-http": down})
    )
    incident = opened(house)
    path = f"/ops/incidents/{incident.id}"
    question = olu.post(path, RESOLVED)
    assert "It is not published yet. Please look at this first:" in question.text
    assert "the probe web-http has seen trouble (answered 500 &lt;b&gt;)" in question.text
    assert house.incidents.get(incident.id).resolved_at is None
    czech = olu.post(path, RESOLVED, headers={"Accept-Language": "cs"}).text
    assert "odpověděl 500 &lt;b&gt;" in czech
    assert olu.post(path, RESOLVED | {"ask": ""}).status_code == 303
    assert house.incidents.get(incident.id).resolved_at


@pytest.mark.parametrize(
    ("grade", "newest", "entry"),
    [
        (Grade.UP, Grade.UP, {}),
        (Grade.DOWN, Grade.UP, {}),
        (Grade.DOWN, Grade.DOWN, {"on-web": "degraded_performance"}),
        (Grade.DOWN, Grade.DOWN, {"state": "monitoring"}),
    ],
)
def test_nobody_is_asked_about_what_speaks_against_nothing(house, olu, grade, newest, entry):
    state = DebouncedState(grade, AT, (DampingSample(AT, newest),))
    state_file.save(
        house.folder, StateFile(snapshot({WEB: Condition.OPERATIONAL}), {"web-http": state})
    )
    assert olu.post(f"/ops/incidents/{opened(house).id}", RESOLVED | entry).status_code == 303


@pytest.mark.parametrize("newest", [Grade.DOWN, Grade.DEGRADED])
def test_a_last_look_that_failed_again_is_asked_about(house, olu, newest):
    """One look does not change what the probe amounts to, but whoever resolves should know of it."""
    state = DebouncedState(
        Grade.UP, AT, (DampingSample(AT - HOUR, Grade.UP), DampingSample(AT, newest))
    )
    state_file.save(
        house.folder, StateFile(snapshot({WEB: Condition.OPERATIONAL}), {"web-http": state})
    )
    path = f"/ops/incidents/{opened(house).id}"
    assert "the probe web-http counts as well, but its last look" in olu.post(path, RESOLVED).text
    assert olu.post(path, RESOLVED | {"ask": ""}).status_code == 303


SECOND = {
    "title-en": "Web is down",
    "title-cs": "Web nejede",
    "text-en": "We look.",
    "text-cs": "Díváme se.",
    "state": "investigating",
    "ask": "yes",
    "go": "publish",
}


def test_whoever_opens_a_second_incident_of_a_service_is_asked_once(house, olu):
    first = opened(house)
    form = SECOND | {"on-web": "major_outage"}
    question = olu.post("/ops/incidents/new", form)
    assert "It is not published yet. Please look at this first:" in question.text
    assert f"An open incident tells of {WEB.name} already: “Down”, since" in question.text
    assert f'<a href="/ops/incidents/{first.id}">Write another entry</a>' in question.text
    assert 'name="ask"' not in question.text
    czech = olu.post("/ops/incidents/new", form, headers={"Accept-Language": "cs"}).text
    assert "Otevřený incident" in czech
    assert len(house.incidents.all()) == 1
    assert olu.post("/ops/incidents/new", form | {"ask": ""}).status_code == 303
    assert len(house.incidents.all()) == 2
    for more in ({"on-mail": "major_outage"}, {"on-web": "major_outage", "go": "draft"}):
        assert olu.post("/ops/incidents/new", SECOND | more).status_code == 303, more
    house.incidents.resolve(first.id, {"en": "Over"}, "cli")
    for incident in house.incidents.all():
        if incident.resolved_at is None and not incident.draft:
            house.incidents.resolve(incident.id, {"en": "Over"}, "cli")
    assert olu.post("/ops/incidents/new", form).status_code == 303


def test_the_terminal_says_what_speaks_against_an_incident(house, clock, capsys):
    parser = argparse.ArgumentParser()
    cli.incident_options(parser)
    concerns = IncidentConcerns(
        house.incidents, (probe("web-http", component="web"),), house.folder
    )

    def run_command(*argv):
        args = parser.parse_args(argv)
        assert cli.incident(args, house.incidents, concerns=concerns.written) == 0
        return capsys.readouterr()

    open_web = ("open", "--title", "Web", "--text", "x", "--on", "web=major_outage")
    first = run_command(*open_web)
    assert first.err == ""
    assert f"note: An open incident tells of {WEB.name} already" in run_command(*open_web).err
    draft = run_command(*open_web, "--draft")
    assert draft.err == ""
    approved = run_command("approve", draft.out.split("\t")[0])
    assert f"note: An open incident tells of {WEB.name} already" in approved.err
    down = DebouncedState(Grade.DOWN, clock.now(), (DampingSample(clock.now(), Grade.DOWN),))
    state_file.save(
        house.folder, StateFile(snapshot({WEB: Condition.MAJOR_OUTAGE}), {"web-http": down})
    )
    incident_id = first.out.split("\t")[0]
    assert (
        "the probe web-http has seen trouble"
        in run_command("resolve", incident_id, "--text", "Over").err
    )


def test_a_word_by_hand_is_shown_before_it_is_published(house, olu, clock):
    state_file.save(house.folder, StateFile(snapshot({WEB: Condition.OPERATIONAL}), {}))
    clock.advance(HOUR)
    page, waits = "/ops/components/web", "changed, not published yet"
    assert waits not in olu.get(page).text + olu.get("/ops").text
    form = {"condition": "major_outage", "hours": "4", "reason": "disk"}
    assert olu.post(page, form).status_code == 303
    for path in (page, "/ops"):
        text = olu.get(path).text.partition("<h2")[0] if path == page else olu.get(path).text
        assert '<span class="pill" data-state="major_outage">' in text, path
        assert waits in text, path
    clock.advance(HOUR)
    later = dataclasses.replace(snapshot({WEB: Condition.MAJOR_OUTAGE}), at=clock.now())
    state_file.save(house.folder, StateFile(later, {}))
    assert waits not in olu.get(page).text
    clock.advance(HOUR)
    assert olu.post(page, form | {"hours": "0"}).status_code == 303
    assert waits in olu.get(page).text


def kept_draft(house, olu, **more):
    form = SECOND | {"on-web": "major_outage", "go": "draft", "ask": ""} | more
    answer = olu.post("/ops/incidents/new", form)
    assert answer.status_code == 303, answer.text
    return house.incidents.get(answer.location.rpartition("/")[2])


def recovered(house, clock):
    """What the engine publishes once the web's probe is well again."""
    at = clock.now()
    state = DebouncedState(Grade.UP, at, (DampingSample(at, Grade.UP),))
    state_file.save(house.folder, StateFile(snapshot({}), {"web-http": state}))


def test_whoever_approves_a_draft_is_asked_what_whoever_publishes_is(house, olu, clock):
    far = kept_draft(
        house, olu, **{"text-cs": "", "title-cs": "", "publish_at": "2031-01-01T10:00"}
    )
    draft = kept_draft(house, olu)
    opened(house)
    clock.advance(HOUR)
    recovered(house, clock)
    for incident, questions in (
        (draft, ("“Down”, since", "no probe has seen trouble. Should readers still be told?")),
        (far, ("more than two years ahead", "Nothing is written in these languages: Čeština.")),
    ):
        path = f"/ops/incidents/{incident.id}"
        form = {"go": "approve", "ask": "yes", "version": str(incident.version)}
        assert 'name="ask" value="yes"' in olu.get(path).text
        text = olu.post(path, form).text
        assert "It is not published yet. Please look at this first:" in text
        for question in questions:
            assert question in text
        assert '<button class="button button--primary" type="submit" form="waiting"' in text
        waiting_form = text.partition('id="waiting"')[2].partition("</form>")[0]
        assert 'name="ask"' not in waiting_form
        assert house.incidents.get(incident.id).draft
        assert olu.post(path, form | {"ask": ""}).status_code == 303
        assert not house.incidents.get(incident.id).draft
    release = {"go": "release", "ask": "yes"}
    text = olu.post(f"/ops/incidents/{far.id}", release).text
    assert "Nothing is written in these languages" in text
    assert "two years ahead" not in text  # it is published now
    assert olu.post(f"/ops/incidents/{far.id}", release | {"ask": ""}).status_code == 303
    assert house.incidents.get(far.id).publish_at is None


def test_a_draft_that_nothing_speaks_against_is_approved_at_once(house, olu, clock):
    recovered(house, clock)  # well before it was written: its writer knows better
    clock.advance(HOUR)
    draft = kept_draft(house, olu)
    path, form = f"/ops/incidents/{draft.id}", {"go": "approve", "ask": "yes"}
    stale = olu.post(path, form | {"version": str(draft.version - 1)})
    assert "Somebody else has changed this since you opened it." in stale.text
    assert house.incidents.get(draft.id).draft
    assert olu.post(path, form | {"version": str(draft.version)}).status_code == 303
    assert not house.incidents.get(draft.id).draft
    assert olu.post(path, {"go": "approve"}).status_code == 303


def test_a_draft_that_calls_over_what_a_probe_still_sees_is_asked_about(house, olu, clock):
    draft = kept_draft(house, olu)
    house.incidents.resolve(draft.id, {"en": "Over"}, "olu")
    looked = DampingSample(clock.now(), Grade.DOWN)
    down = DebouncedState(Grade.DOWN, looked.at, (looked,), reason="answered 500")
    state_file.save(house.folder, StateFile(snapshot({}), {"web-http": down}))
    form = {"go": "approve", "ask": "yes"}
    assert "has seen trouble (answered 500)" in olu.post(f"/ops/incidents/{draft.id}", form).text


def test_planned_work_that_readers_do_not_see_yet_is_marked(house, olu, clock):
    waits = "changed, not published yet"
    state_file.save(house.folder, StateFile(snapshot({}), {}))
    clock.advance(HOUR)
    window = (clock.now() + HOUR, clock.now() + 2 * HOUR)
    house.incidents.plan({"en": "Work"}, {"en": "x"}, window, ("web",), "olu")
    assert waits in olu.get("/ops").text
    later = dataclasses.replace(snapshot({}), at=clock.now())
    state_file.save(house.folder, StateFile(later, {}))
    assert waits not in olu.get("/ops").text


def test_services_are_called_as_the_operator_s_language_calls_them(sqlite_url, clock, tmp_path):
    """Under /ops a Czech operator read "Web hosting", beside readers who read "Webhosting"."""
    named = dataclasses.replace(WEB, names={"cs": "Webhosting Čeština"})
    with operator_house(sqlite_url, clock, tmp_path, components=(named,)) as house:
        olu = house.browser("olu")
        news = AnnouncementText({"en": "Away"}, components={WEB.id: Condition.MAJOR_OUTAGE})
        opened = house.incidents.open({"en": "Away"}, news, "olu")
        for path in ("", "/incidents/new", "/maintenance/new", f"/components/{WEB.id}", f"/incidents/{opened.id}"):  # fmt: skip
            czech, english = (olu.get(f"/ops{path}?lang={lang}").text for lang in ("cs", "en"))
            assert named.names["cs"] in czech, path
            assert named.names["cs"] not in english, path
            assert WEB.name in english, path
