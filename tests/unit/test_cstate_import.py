"""A site of cState as components, and as the history that its issues tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from commands.import_files import read_site
from commands.main import main
from importers.configuration import to_toml
from importers.cstate import history as cstate_history
from importers.cstate import site as cstate
from importers.cstate.issues import entries_of
from importers.source import UnreadableSource
from importers.uptime_days import uptime_days
from settings import load
from status.model import Condition, IncidentState
from status.publishing.pages import published_files
from status.state.statements import PublicStatements
from tests.import_fixtures import CASES, NOW, components_of, lines_of, target
from tests.status_fixtures import SITE, pages, snapshot

FILES = {f.name: f.text for f in read_site(CASES / "cstate")}
CONFIGURATION = cstate.read(FILES)
HISTORY = cstate_history.read_history(FILES, target(*components_of(CONFIGURATION)))


def site(**issues: str) -> dict[str, str]:
    config = {"config.yml": "params: {systems: [{name: Web}]}"}
    return config | {f"content/issues/{name}.md": text for name, text in issues.items()}


def issue(body: str = "", **fields: object) -> str:
    head = {"title": "Down", "date": "2026-01-01 10:00:00", "section": "issue", "resolved": "true"}
    head |= {
        "resolvedWhen": "2026-01-01 12:00:00",
        "severity": "down",
        "affected": "[Web]",
    } | fields
    return "---\n" + "".join(f"{k}: {v}\n" for k, v in head.items()) + f"---\n{body}\n"


def brought(body: str = "", **fields: object):
    return cstate_history.read_history(site(one=issue(body, **fields)), target()).incidents[0]


def test_components_that_our_settings_take(tmp_path):
    text = to_toml(CONFIGURATION, "cState")
    assert text == (CASES / "cstate_expected.toml").read_text("utf-8")
    (tmp_path / "jasno.toml").write_text(text)
    assert len(load(env={}, cwd=tmp_path).settings.component) == 3
    assert [str(leftover) for leftover in CONFIGURATION.leftovers] == [
        "config.yml: systems 1, Mail: link: not kept",
        "config.yml: systems 5, web: not brought: name: it is there twice",
        "config.yml: systems 4: not brought: it has no keys",
        "issues: their history is brought by --history",
    ]


def test_issues_in_every_language_at_their_true_times():
    expected = (CASES / "cstate_expected_history.txt").read_text("utf-8")
    assert list(lines_of(HISTORY)) == expected.splitlines()


def test_uptime_counts_what_was_down_and_not_what_was_disrupted():
    days = uptime_days(HISTORY, components_of(CONFIGURATION), NOW)
    seconds = {c: {d.on: d.seconds for d in listed} for c, listed in days.items()}
    assert seconds["hosting-databases"][date(2025, 12, 1)][Condition.MAJOR_OUTAGE] == 7200
    assert seconds["hosting-web-servers"][date(2025, 12, 5)][Condition.MAJOR_OUTAGE] == 600
    assert seconds["mail"][date(2025, 11, 20)][Condition.DEGRADED_PERFORMANCE] == 5400
    assert min(seconds["mail"]) == date(2025, 11, 20)


def test_times_without_a_zone_are_of_the_site_they_stand_in_unless_somebody_says_otherwise():
    assert brought().started_at.hour == 10
    zoned = site(one=issue()) | {
        "config.yml": "timeZone: America/New_York\nparams: {systems: [{name: Web}]}"
    }
    history = cstate_history.read_history(zoned, target())
    assert history.incidents[0].started_at.hour == 15
    assert (
        str(history.leftovers[-1])
        == "times: 2 name no zone and were read by the clock of America/New_York"
    )
    zoned_history = cstate_history.read_history(zoned, target(zone=target().site_zone))
    assert zoned_history.incidents[0].started_at.hour == 9


def test_what_was_told_without_words_has_a_page_and_stands_in_the_feeds():
    statements = PublicStatements(HISTORY.incidents, HISTORY.maintenances)
    published = published_files(snapshot(words=statements, at=NOW), SITE, pages())
    quiet = next(i for i in HISTORY.incidents if i.title == {"cs": "Krátký výpadek"})
    page = published[f"/cs/incidents/{quiet.id}"].fresh.decode()
    assert "Weby byly nedostupné." in page
    assert '<p class="multiline"></p>' not in page
    news = next(i for i in HISTORY.incidents if i.title == {"cs": "Nové datacentrum"})
    assert "Trvání" not in published[f"/cs/incidents/{news.id}"].fresh.decode()
    assert "Trvání" in page
    assert "<p></p>" not in published["/cs/history"].fresh.decode()
    atom = published["/cs/history.atom"].fresh.decode()
    assert "&lt;strong&gt;Vyřešeno&lt;/strong&gt;&lt;/p&gt;" in atom
    assert "Long queues of mail" in published["/en/history"].fresh.decode()


def test_the_same_site_makes_the_same_ids():
    again = cstate_history.read_history(FILES, target(*components_of(CONFIGURATION)))
    assert again == HISTORY


@pytest.mark.parametrize(
    ("body", "entries"),
    [
        ("", []),
        ("One.\n\nTwo.", ["One.\n\nTwo."]),
        ('Old. {{< track "1" >}}\n\nNew. {{< track "2" >}}', ["Old.", "New."]),
        ('New. {{< track "2" >}}\n\nOld. {{< track "1" >}}', ["Old.", "New."]),
        ("*Investigating* - a\n\n**Resolved**: b", ["a", "b"]),
        ("__Resolved__ - b\n***\n*Investigating* – a", ["a", "b"]),
        ("*Update* - c\n\n*Update* - b\n\n*Investigating* - a", ["a\n\nb", "c"]),
        ("*Post-mortem*\n\nWhy.\n\n---\n\n*Investigating* - a", ["a", "Why."]),
        ("*Not a label* - and **bold** text", ["*Not a label* - and **bold** text"]),
    ],
)
def test_a_body_as_entries_the_oldest_first(body, entries):
    assert [e.text for e in entries_of(body)] == entries


@pytest.mark.parametrize(
    ("label", "state"),
    [
        ("**Behoben** -", IncidentState.RESOLVED),
        ("*Behoben:*", IncidentState.RESOLVED),
        ("Behoben:", IncidentState.RESOLVED),
        ("**Behoben (12:30)** –", IncidentState.RESOLVED),
        ("*Vyřešeno* -", IncidentState.RESOLVED),
        ("**Rozwiązano**:", IncidentState.RESOLVED),
        ("__Résolu__ -", IncidentState.RESOLVED),
        ("*Megoldva* -", IncidentState.RESOLVED),
        ("*Вирішено* -", IncidentState.RESOLVED),
        ("*Untersuchung* -", IncidentState.INVESTIGATING),
        ("*En cours d’investigation* -", IncidentState.INVESTIGATING),
        ("*Ursache gefunden* -", IncidentState.IDENTIFIED),
        ("*Zidentyfikowano* -", IncidentState.IDENTIFIED),
        ("*Beobachtung* -", IncidentState.MONITORING),
        ("*Sledujeme* -", IncidentState.MONITORING),
        ("*Aktualisierung* -", None),
    ],
)
def test_an_entry_tells_its_state_in_the_language_of_its_site(label, state):
    (entry,) = entries_of(f"{label} text")
    assert (entry.state, entry.text.strip()) == (state, "text")


@pytest.mark.parametrize("body", ["We fixed: the disk", "Web: all is well", "Resolved it at last"])
def test_a_sentence_is_no_label(body):
    assert [(e.state, e.text) for e in entries_of(body)] == [(None, body)]


def test_the_end_that_is_told_in_german_is_the_end():
    body = '**Behoben** - Läuft. {{< track "2026-01-01 12:00:00" >}}\n\n**Untersuchung** - Wir sehen nach.'
    states = [(u.state, dict(u.text)) for u in brought(body).updates]
    assert states == [
        (IncidentState.RESOLVED, {"en": "Läuft."}),
        (IncidentState.INVESTIGATING, {"en": "Wir sehen nach."}),
    ]
    still_open = brought(body, resolved="false", resolvedWhen="''")
    assert [u.state for u in still_open.updates] == [
        IncidentState.MONITORING,
        IncidentState.INVESTIGATING,
    ]


def test_the_end_is_that_of_the_front_matter():
    incident = brought(
        '*Resolved* - Over. {{< track "2026-01-01 11:00:00" >}}\n\n*Investigating* - a'
    )
    states = [(u.state, u.at.hour, dict(u.text)) for u in incident.updates]
    assert states == [
        (IncidentState.RESOLVED, 12, {}),
        (IncidentState.MONITORING, 11, {"en": "Over."}),
        (IncidentState.INVESTIGATING, 10, {"en": "a"}),
    ]
    assert incident.resolved_at - incident.started_at == timedelta(hours=2)


WRONG = (
    "[]",
    "7",
    "-1",
    "{a: 1}",
    "''",
    "yes",
    "2026-99-99",
    "9999-12-31 23:59:59",
    "'\u202e'",
    "&a [*a]",
)


@pytest.mark.parametrize(
    "key",
    [
        "title",
        "date",
        "resolved",
        "resolvedWhen",
        "severity",
        "affected",
        "section",
        "draft",
        "pin",
        "informational",
    ],
)
def test_wrong_types_and_missing_fields_never_end_it(key):
    for wrong in WRONG:
        files = site(one=issue("Text.", **{key: wrong}), two=issue("Text."))
        history = cstate_history.read_history(files, target())
        assert len(history.incidents) == 2 or any(
            x.where == "content/issues/one.md" for x in history.leftovers
        )
        assert any(i.title == {"en": "Down"} for i in history.incidents)


def notes_of(files: dict[str, str], **options: object) -> list[str]:
    history = cstate_history.read_history(files, target(**options))
    return [str(note) for note in history.leftovers if note.where not in ("words", "times", "Web")]


def test_a_system_in_a_category_that_is_none_is_told_and_makes_no_group():
    config = """params: {categories: [{name: Hosting}], systems: [
        {name: Web, category: Hosting}, {name: Mail, category: Hostin}, {name: DNS, category: X}, {name: FTP}]}"""
    configuration = cstate.read({"config.yml": config})
    assert [(s.name, s.group) for s in configuration.services] == [("Web", "Hosting"), ("FTP", "")]
    assert [str(note) for note in configuration.leftovers] == [
        'config.yml: systems 2, Mail: not brought: category: "Hostin" is none of the site\'s; the nearest is "Hosting"',
        'config.yml: systems 3, DNS: not brought: category: "X" is none of the site\'s',
    ]


def test_a_time_that_the_clock_skipped_is_refused_and_one_that_came_twice_is_told():
    prague = target().site_zone
    skipped = issue(date="2025-03-30 02:30:00", resolvedWhen="2025-03-30 04:00:00")
    end = issue(date="2025-03-30 01:30:00", resolvedWhen="2025-03-30 02:30:00")
    assert notes_of(site(one=skipped, two=end), zone=prague) == [
        'content/issues/one.md: not brought: date: the clock of Europe/Prague skipped "2025-03-30 02:30:00"',
        'content/issues/two.md: not brought: resolvedWhen: the clock of Europe/Prague skipped "2025-03-30 02:30:00"',
    ]
    twice = site(one=issue(date="2025-10-26 02:30:00", resolvedWhen="2025-10-26 04:00:00"))
    history = cstate_history.read_history(twice, target(zone=prague))
    assert history.incidents[0].started_at.hour == 0
    assert (
        str(history.leftovers[-1])
        == "times: 1 came twice by the clock of Europe/Prague: the first was taken"
    )


def test_a_page_does_not_say_how_long_it_lasted_when_nobody_knows():
    lasting = brought()
    moment = brought(resolvedWhen="''")
    statements = PublicStatements((lasting, replace(moment, id="moment")), ())
    published = published_files(snapshot(words=statements, at=NOW), SITE, pages())
    assert "Lasted" in published[f"/en/incidents/{lasting.id}"].fresh.decode()
    assert "Lasted" not in published["/en/incidents/moment"].fresh.decode()


def test_what_is_taken_otherwise_is_told_with_its_file_and_field():
    files = site(one=issue("Text.", severity="dwon", resolved="yes-ish", resolvedWhen="''"))
    files["config.yml"] = "timeZone: Europe/Pragu\nparams: {systems: [{name: Web}]}"
    assert notes_of(files) == [
        'config.yml: timeZone: "Europe/Pragu" is no time zone: UTC was taken',
        'content/issues/one.md: severity: "dwon" is none: taken as a notice',
        'content/issues/one.md: resolved: "yes-ish" is neither true nor false: taken as false',
        "content/issues/one.md: is open there, and now here too: nobody was written to; close it here",
    ]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"config.yml": ""},
        {"config.yml": "[]"},
        {"hugo.toml": "x"},
        {"config.yml": "params: {systems: 7}"},
    ],
)
def test_what_is_no_site_of_cstate(files):
    with pytest.raises(UnreadableSource):
        cstate.read(files)


def test_a_file_that_cannot_be_read_is_named(tmp_path, capsys):
    (tmp_path / "config.yml").write_text("params: {systems: [{name: Web}]}")
    (tmp_path / "notes.md").write_bytes(b"\xff is not looked at")
    page = tmp_path / "content" / "static" / "page.md"
    page.parent.mkdir(parents=True)
    page.write_bytes("Žluť".encode("iso-8859-2"))
    assert main(["import", "cstate", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"{page} is no text in UTF-8 (byte 1)\n"
    with page.open("wb") as long:
        long.truncate(19_999_999)
    assert main(["import", "cstate", str(tmp_path)]) == 2
    text = f"{page}: with it the folder's files have more than 20 MB\n"
    assert capsys.readouterr().err == text
    page.unlink()
    (tmp_path / "config.yml").write_text("params: [")
    assert main(["import", "cstate", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(f"{tmp_path / 'config.yml'}: this is no YAML")


def test_the_command_writes_once_and_says_so(tmp_path, capsys, monkeypatch):
    folder = tmp_path / "site"
    (folder / "content" / "issues").mkdir(parents=True)
    moments = {"date": "2024-03-01 10:00:00", "resolvedWhen": "2024-03-01 12:00:00"}
    for name, text in site(one=issue("Text.", **moments)).items():
        (folder / name).write_text(text)
    assert main(["import", "cstate", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert err.endswith("services brought: 1; to look at: 1\n")
    config = tmp_path / "jasno.toml"
    config.write_text('[site]\nlanguages = ["en", "cs"]\n' + out)
    monkeypatch.setenv("JASNO_VAR", str(tmp_path / "var"))
    command = ["import", "cstate", str(folder), "--history", "--uptime", "--config", str(config)]
    assert main([*command, "--dry-run"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(
        "incidents: 1 would be new, 0 there already; their updates: 2 would be new\n"
    )
    assert "counted as if it were empty" in err
    assert not (tmp_path / "var").exists()
    assert main(command) == 0
    out, err = capsys.readouterr()
    assert out.startswith(
        "incidents: 1 new, 0 there already; their updates: 2 new\nmaintenance: 0 new"
    )
    assert "restart the engine" in err
    assert "older than a year, kept and not published: 1" in err
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines() == [
        "incidents: 0 new, 1 there already; their updates: 0 new",
        "maintenance: 0 new, 0 there already",
        "days of uptime: 0 new",
        "nothing was new, nothing was written",
    ]
    page = folder / "content" / "issues" / "one.md"
    page.write_text(page.read_text() + '*Update* - More. {{< track "2024-03-01 11:00:00" >}}')
    assert main(command) == 0
    assert ", Down: has fewer entries here than there" in capsys.readouterr().err
    assert main(["import", "cstate", str(config)]) == 2
    assert main(["import", "cstate", str(folder), str(folder)]) == 2
    assert main([*command, "--lang", "pl"]) == 2
    assert main([*command, "--zone", "Prague"]) == 2
