"""The same incident on /check and in a report: each reader has it in the own language."""

from __future__ import annotations

from diagnostics.evidence.keys import MatchingIncident
from tests.checks_fixtures import Scene
from tests.diagnostics_rooms import Incident


def test_a_known_incident_is_told_in_the_reader_s_language(rooms) -> None:
    rooms.open_incident = Incident()
    page = rooms.browser().get("/check?lang=cs")
    assert "Úložiště je pomalé" in page.text
    assert 'href="/cs/incidents/i1"' in page.text
    assert "Storage is slow" not in page.text


def test_a_report_tells_a_known_incident_in_the_reader_s_language(rooms) -> None:
    """On the page, on paper and as JSON, by one run that was gathered once."""
    browser = rooms.browser("mara")
    place = rooms.begin(browser)
    incident = Incident()
    kept = MatchingIncident(incident.id, incident.title, None, incident.url)
    rooms.finish(place, Scene(known_incidents=kept))
    english, czech = (browser.get(f"{place}?lang={lang}").text for lang in ("en", "cs"))
    assert ("Storage is slow" in english, "Úložiště" in english) == (True, False)
    assert ("Storage is slow" in czech, "Úložiště je pomalé" in czech) == (False, True)
    published = browser.get(f"{place}.json?lang=cs").json["incident"]
    assert (published["title"], published["url"]) == ("Úložiště je pomalé", "/cs/incidents/i1")
