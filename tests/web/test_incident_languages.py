"""The same incident on /check and in a report: each reader has it in the own language."""

from __future__ import annotations

from clock import ManualClock
from context import context
from diagnostics.evidence.keys import MatchingIncident
from settings import load
from status.monitoring import state_file
from status.state.statements import PublicStatements
from tests.checks_fixtures import Scene
from tests.diagnostics_rooms import Incident
from tests.status_fixtures import incident as published_incident
from tests.status_fixtures import snapshot
from wiring.rooms import build


def test_a_known_incident_is_told_in_the_reader_s_language(rooms) -> None:
    rooms.open_incident = Incident()
    page = rooms.browser().get("/check?lang=cs")
    assert "Úložiště je pomalé" in page.text
    assert 'href="/cs/incidents/i1"' in page.text
    assert "Storage is slow" not in page.text


def test_a_report_tells_a_known_incident_in_the_reader_s_language(rooms) -> None:
    """On the page, on paper and as JSON, by one run that was gathered once."""
    browser = rooms.browser("mara")
    report_path = rooms.begin(browser)
    incident = Incident()
    kept = MatchingIncident(incident.id, incident.title, None, incident.url)
    rooms.finish(report_path, Scene(known_incidents=kept))
    english, czech = (browser.get(f"{report_path}?lang={lang}").text for lang in ("en", "cs"))
    assert ("Storage is slow" in english, "Úložiště" in english) == (True, False)
    assert ("Storage is slow" in czech, "Úložiště je pomalé" in czech) == (False, True)
    published = browser.get(f"{report_path}.json?lang=cs").json["incident"]
    assert (published["title"], published["url"]) == ("Úložiště je pomalé", "/cs/incidents/i1")


def test_a_report_says_when_what_it_names_is_over(rooms) -> None:
    """A report is of its moment; who reads it later is not left waiting for us."""
    browser, incident = rooms.browser("mara"), Incident()
    report_path = rooms.begin(browser)
    kept = MatchingIncident(incident.id, incident.title, None, incident.url)
    rooms.finish(report_path, Scene(known_incidents=kept))
    assert "is over by now" not in browser.get(report_path).text
    rooms.over = {"i1"}
    assert "is over by now" in browser.get(report_path).text


def test_what_is_published_as_open_stands_on_the_page_of_checks(rooms, tmp_path) -> None:
    """As the house is wired: nobody has named a domain yet, so it may be anybody's incident."""
    settings = load(env={"JASNO_VAR": str(tmp_path)}, cwd=tmp_path)
    house = build(context(settings, ManualClock()))
    shot = snapshot(words=PublicStatements(incidents=(published_incident(),)))
    house.status.published.mkdir(parents=True)
    state_file.save(house.status.published, state_file.StateFile(shot, {}))
    rooms.open_incident = house.wizard.page_parts().incident()
    page = rooms.browser().get("/check?lang=en")
    assert "There is a known incident: Mail is slow" in page.text
    rooms.open_incident = Incident(planned=True)
    assert "Planned work is under way: Storage is slow" in rooms.browser().get("/check").text
