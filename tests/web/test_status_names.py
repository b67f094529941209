"""What services are called on published pages, also when they are no longer there; and what readers
are offered on an incident's page."""

from __future__ import annotations

import html
import json
from dataclasses import replace

import pytest

from clock import ManualClock
from context import context
from notify.model import AffectedComponent
from notify.news_messages import affected_lines
from settings import SettingsError, load
from status import labels
from status.incidents.service_placeholders import name_services
from status.model import Component, Condition, IncidentState, KnownComponent
from status.publishing import statuspage
from status.publishing.pages import PageMemory, published_files
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, MAIL, SITE, WEB, incident, pages, snapshot, work
from wiring.rooms import build

PAGES = pages()
INCIDENT = "/en/incidents/abc123def456"


def published(shot):
    """Path → what is published there as text."""
    files = published_files(shot, SITE, PAGES)
    return {path: html.unescape(file.fresh.decode()) for path, file in files.items()}


def test_what_is_gone_is_called_as_it_was():
    gone = KnownComponent("old", "Legacy", "Old server", AT, AT)
    statements = PublicStatements((incident(components=("old",)),), (work(components=("old",)),))
    texts = published(snapshot(words=replace(statements, known_components=(gone,))))
    for path in ("/en/", INCIDENT, "/en/maintenance", "/maintenance.ics"):
        assert "Old server" in texts[path]


def test_a_page_is_rendered_anew_when_only_a_former_name_changed():
    gone = KnownComponent("old", "Legacy", "Old server", AT, AT)
    statements = PublicStatements((incident(components=("old",)),), known_components=(gone,))
    memory = PageMemory()
    published_files(snapshot(words=statements), SITE, PAGES, memory)
    renamed = replace(statements, known_components=(replace(gone, name="Very old server"),))
    files = published_files(snapshot(words=renamed), SITE, PAGES, memory)
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


MAIL_BOX = Component(
    *("box", "Mailboxes", "Mail", "Your letters."),
    names={"cs": "Schránky"},
    group_names={"cs": "Pošta"},
    descriptions={"cs": "Vaše dopisy."},
)


def test_each_language_has_its_own_names_at_the_same_address():
    shot = snapshot(
        {MAIL_BOX: Condition.MAJOR_OUTAGE, WEB: Condition.OPERATIONAL},
        words=PublicStatements((incident(components=("box",)),), (work(components=("box",)),)),
    )
    texts = published(shot)
    for path in ("/group/mail", "/", "/uptime"):
        assert "Mailboxes" in texts[f"/en{path}"]
        assert "Schránky" not in texts[f"/en{path}"]
        for word in ("Schránky", "Pošta"):
            assert word in texts[f"/cs{path}"]
        assert "Mailboxes" not in texts[f"/cs{path}"]
    assert "Vaše dopisy." in texts["/cs/group/mail"]
    assert "Schránky" in texts["/cs/incidents/abc123def456"]
    assert "Schránky" in texts["/cs/maintenance.ics"]
    assert "Mailboxes" in texts["/maintenance.ics"]


def test_programs_read_the_names_of_the_language_they_ask():
    shot = snapshot({MAIL_BOX: Condition.OPERATIONAL})
    names = {}
    for lang in ("en", "cs"):
        page = statuspage.PageAddress("Sklep", "https://status.example", lang)
        components = json.loads(statuspage.documents(shot, page)["/api/v2/components.json"])
        names[lang] = [(c["id"], c["name"]) for c in components["components"]]
    assert [name for _, name in names["cs"]] == ["Schránky", "Pošta"]
    assert [name for _, name in names["en"]] == ["Mailboxes", "Mail"]
    assert [own for own, _ in names["cs"]] == [own for own, _ in names["en"]]


def test_ready_words_name_services_in_each_language():
    texts = {"en": "Down: {parts:list}", "cs": "Nejede: {parts:list}"}
    named = name_services(texts, [MAIL_BOX, WEB])
    assert named == {
        "en": "Down: Mailboxes and Web servers",
        "cs": "Nejede: Schránky a\xa0Web servers",
    }
    assert labels.joined_title([MAIL_BOX], ("en", "cs")) == {"en": "Mailboxes", "cs": "Schránky"}


def test_letters_name_services_in_the_language_of_the_reader():
    touched = (AffectedComponent("box", "Mailboxes", "Mail", "", {"cs": "Schránky"}),)
    assert affected_lines(touched, "cs") == ["- Schránky"]
    assert affected_lines(touched, "en") == ["- Mailboxes"]


def test_names_in_a_language_that_the_site_lacks_are_refused(tmp_path):
    config = (
        '[site]\nlanguages = ["en"]\n[[component]]\nid = "web"\nname = "Web"\nnames = {xx = "W"}\n'
    )
    (tmp_path / "jasno.toml").write_text(config)
    ctx = context(load(env={"JASNO_VAR": str(tmp_path)}, cwd=tmp_path), ManualClock())
    with pytest.raises(SettingsError, match=r'"web" names'):
        _ = build(ctx).status.components
