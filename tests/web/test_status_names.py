"""What services are called on published pages, also when they are no longer there; and what readers
are offered on an incident's page."""

from __future__ import annotations

import html
from dataclasses import replace

from status.model import Condition, IncidentState, KnownComponent
from status.publishing.pages import published_files
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, MAIL, SITE, WEB, incident, pages, snapshot, work

PAGES = pages()
INCIDENT = "/en/incidents/abc123def456"


def published(shot):
    """Path → what is published there as text."""
    files = published_files(shot, SITE, PAGES)
    return {path: html.unescape(file.fresh.decode()) for path, file in files.items()}


def test_what_is_gone_is_called_as_it_was():
    gone = KnownComponent("old", "Legacy", "Old server", AT, AT)
    words = PublicStatements((incident(components=("old",)),), (work(components=("old",)),))
    texts = published(snapshot(words=replace(words, known_components=(gone,))))
    for path in ("/en/", INCIDENT, "/en/maintenance", "/maintenance.ics"):
        assert "Old server" in texts[path]


def test_a_page_is_rendered_anew_when_only_a_former_name_changed():
    gone = KnownComponent("old", "Legacy", "Old server", AT, AT)
    words = PublicStatements((incident(components=("old",)),), known_components=(gone,))
    rendered = {}
    published_files(snapshot(words=words), SITE, PAGES, rendered)
    renamed = replace(words, known_components=(replace(gone, name="Very old server"),))
    files = published_files(snapshot(words=renamed), SITE, PAGES, rendered)
    for path in ("/en/", INCIDENT):
        assert b"Very old server" in files[path].fresh


def test_one_down_and_one_unseen_is_not_all_that_is_down():
    shot = snapshot({WEB: Condition.MAJOR_OUTAGE, MAIL: Condition.NO_DATA})
    assert "Some services are down" in published(shot)["/en/"]


def test_who_sees_an_open_incident_may_ask_to_hear_of_its_end():
    shot = snapshot(words=PublicStatements((incident(),)))
    assert "/subscribe?lang=en&incident=abc123def456" in published(shot)[INCIDENT]
    over = incident(state=IncidentState.RESOLVED, resolved_at=AT)
    shot = snapshot(words=PublicStatements((over,)))
    assert "incident=abc123def456" not in published(shot)[INCIDENT]
