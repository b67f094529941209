"""A known incident is gathered in all its languages; who reads the report decides which is told."""

from __future__ import annotations

import msgspec
import pytest

from diagnostics.evidence.keys import MatchingIncident
from tests.checks_fixtures import AT, Scene
from wizard.reports import stored_evidence
from wizard.reports.report import document, headline, report_lines

STORAGE = MatchingIncident(
    "i1",
    {"en": "Storage is away", "cs": "Úložiště nejede"},
    AT,
    {
        "en": "https://status.example/en/incidents/i1",
        "cs": "https://status.example/cs/incidents/i1",
    },
)


@pytest.mark.parametrize(
    ("lang", "title", "page"),
    [
        ("en", "Storage is away", "/en/incidents/i1"),
        ("cs", "Úložiště nejede", "/cs/incidents/i1"),
        ("de", "Storage is away", "/en/incidents/i1"),
    ],
)
def test_an_open_incident_is_the_verdict_in_the_reader_s_language(lang, title, page) -> None:
    """One and the same evidence; which of its languages is told is decided by who reads."""
    report = Scene(known_incidents=STORAGE).report()
    verdict = headline(report, lang)
    assert verdict is not None
    assert verdict.id == "incident.open"
    assert title in verdict.text
    line = next(x for x in report_lines(report, lang) if x.id == "incident.known.open")
    assert title in line.seen
    assert any(page in step for step in line.steps)
    assert line.args["title"] == title
    published = document(report, lang)
    assert published["incident"] == {
        "id": "i1",
        "title": title,
        "since": msgspec.to_builtins(AT),
        "url": f"https://status.example{page}",
        "planned": False,
        "areas": (),
        "is_outage": True,
    }


def test_an_incident_gathered_by_an_older_version_keeps_its_only_title() -> None:
    kept = {"key": "known", "at": AT.isoformat(), "elapsed": "P0D", "schema": 1}
    value = {"id": "i1", "title": "Storage is away", "since": None, "url": "https://x.example/"}
    item = stored_evidence.decode(msgspec.json.encode(kept | {"value": value}))
    scene = Scene(known_incidents=item.value)
    for lang in ("en", "cs"):
        verdict = headline(scene.report(), lang)
        assert verdict is not None
        assert "Storage is away" in verdict.text
    nothing = {"id": "", "title": "", "since": None, "url": ""}
    for value in (nothing, None):
        item = stored_evidence.load(kept | {"value": value})
        assert item.value == (value and MatchingIncident())
