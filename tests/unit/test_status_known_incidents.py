"""Matching open incidents and maintenance with the servers and the domain of a diagnosis."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from clock import ManualClock
from context import context
from settings import load
from status.model import Component, Condition, IncidentState, MaintenanceState, Update
from status.monitoring import state_file
from status.monitoring.incident_matching import IncidentMatcher
from status.room import StatusRoom
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, MAIL, RACK, WEB, incident, probe, snapshot, work

URL = "https://status.example"
PROBES = (probe("web-http", target="https://www.sklep.example/login"),)


@pytest.fixture
def known_incident_of(tmp_path):
    def remember(conditions=None, **words):
        shot = snapshot(conditions, words=PublicStatements(**words))
        state_file.save(tmp_path, state_file.StateFile(shot, {}))
        return IncidentMatcher(tmp_path, URL, PROBES, ("cs", "en"))

    return remember


def test_an_open_incident_on_the_customers_server(known_incident_of):
    match = known_incident_of(incidents=(incident(),))(["MX1.sklep.example"])
    assert match.title == incident().title
    assert match.title["cs"] == "Pošta je pomalá"
    assert match.url == {
        "cs": f"{URL}/cs/incidents/abc123def456",
        "en": f"{URL}/en/incidents/abc123def456",
    }
    assert match.component == "Mailboxes"
    assert match.since == AT - timedelta(hours=2)


def test_it_says_which_of_the_servers_are_touched_and_whether_it_is_planned(known_incident_of):
    look = known_incident_of(incidents=(incident(),))
    match = look(["web1.sklep.example", "MX1.sklep.example"])
    assert (match.servers, match.planned) == (("mx1.sklep.example",), False)
    now = work(starts_at=AT - timedelta(hours=1), ends_at=AT + timedelta(hours=1))
    rack = {replace(RACK, servers=("rack1",)): Condition.OPERATIONAL}
    assert known_incident_of(rack, maintenances=(now,))(["rack1"]).planned


def test_another_server_is_another_matter(known_incident_of):
    assert known_incident_of(incidents=(incident(),))(["web1.sklep.example"]) is None
    assert known_incident_of(incidents=(incident(),))([]) is None
    assert known_incident_of(incidents=(incident(draft=True),))(["mx1.sklep.example"]) is None


def test_what_stands_below_explains_what_stands_above(known_incident_of):
    site = Component("site", "Sites", servers=("web9.sklep.example",), depends_on=("rack",))
    shared_incident = incident(components=("rack",))
    up = Condition.OPERATIONAL
    match = known_incident_of({RACK: up, site: up}, incidents=(shared_incident,))(
        ["web9.sklep.example"]
    )
    assert match.component == "Data centre"
    assert match.servers == ("web9.sklep.example",)


def test_a_component_that_is_down_is_known_without_an_incident(known_incident_of):
    look = known_incident_of({WEB: Condition.MAJOR_OUTAGE, MAIL: Condition.OPERATIONAL})
    match = look(["web1.sklep.example"])
    title = {"en": "Web servers: Outage", "cs": "Web servers: Výpadek"}
    assert (match.id, match.title) == ("", title)
    assert look(["mx1.sklep.example"]) is None
    assert look(domain="www.sklep.example").title == title
    assert look(domain="sklep.example") is None


def test_work_under_way_is_known_and_work_to_come_is_not(known_incident_of):
    up = {RACK: Condition.OPERATIONAL, WEB: Condition.OPERATIONAL}
    rack = replace(RACK, servers=("rack1",))
    up = {rack: Condition.OPERATIONAL}
    now = work(starts_at=AT - timedelta(hours=1), ends_at=AT + timedelta(hours=1))
    assert known_incident_of(up, maintenances=(now,))(["rack1"]).title["en"] == "New switches"
    assert known_incident_of(up, maintenances=(work(),))(["rack1"]) is None
    noted = Update("n1", MaintenanceState.VERIFYING, AT - timedelta(minutes=1), {"en": "We look."})
    checked = replace(now, notes={now.id: (noted,)})
    matcher = known_incident_of(up, maintenances=(checked,))
    assert matcher(["rack1"]).planned
    assert not matcher.is_over(now.id)


def test_what_is_open_anywhere_is_told_to_whom_we_do_not_know(known_incident_of):
    assert known_incident_of().open_now() is None
    assert known_incident_of(incidents=(incident(draft=True),)).open_now() is None
    assert known_incident_of({WEB: Condition.MAJOR_OUTAGE}).open_now() is None
    assert known_incident_of(incidents=(incident(),)).open_now().id == "abc123def456"
    now = work(starts_at=AT - timedelta(hours=1), ends_at=AT + timedelta(hours=1))
    both = known_incident_of({RACK: Condition.OPERATIONAL}, maintenances=(now,)).open_now()
    assert (both.id, both.planned) == (now.id, True)


def test_what_is_no_longer_open_is_over(known_incident_of):
    over = incident(id="over", state=IncidentState.RESOLVED, resolved_at=AT)
    now = work(starts_at=AT - timedelta(hours=1), ends_at=AT + timedelta(hours=1))
    statements = {"incidents": (incident(), over), "maintenances": (now,)}
    matcher = known_incident_of({RACK: Condition.OPERATIONAL}, **statements)
    ids = ("abc123def456", now.id, "over", "forgotten")
    assert [matcher.is_over(id_) for id_ in ids] == [False, False, True, True]


def test_of_several_all_are_named_the_worst_first(known_incident_of):
    def opened(id, title, condition):
        entry = Update(
            "u1", "investigating", AT - timedelta(hours=2), {"en": "x"}, {"mail": condition}
        )
        return incident(id=id, title=title, updates=(entry,))

    slow = opened("slow", {"en": "Mail is slow", "cs": "Pošta je pomalá"}, "degraded_performance")
    down = opened("down", {"en": "Mail is away"}, "major_outage")
    slow_only = known_incident_of(incidents=(slow,))(["mx1.sklep.example"])
    assert (slow_only.id, slow_only.is_outage) == ("slow", False)
    now = work(
        starts_at=AT - timedelta(hours=1), ends_at=AT + timedelta(hours=1), components=("mail",)
    )
    look = known_incident_of(incidents=(slow, down), maintenances=(now,))
    match = look(["mx1.sklep.example"])
    assert match.title["en"] == "Mail is away; Mail is slow; New switches"
    assert match.title["cs"].startswith("Mail is away; Pošta je pomalá; ")
    assert match.id.split() == ["down", "slow", now.id]
    assert (match.is_outage, match.planned, match.since) == (True, False, None)
    assert match.url["en"] == f"{URL}/en/"
    assert match.servers == ("mx1.sklep.example",)
    assert look.open_now().title == match.title
    worst_is_over = replace(down, state=IncidentState.RESOLVED, resolved_at=AT)
    assert not known_incident_of(incidents=(slow, worst_is_over)).is_over(match.id)
    assert known_incident_of(incidents=(worst_is_over,)).is_over(match.id)
    many = known_incident_of(
        incidents=tuple(opened(f"i{n}", {"en": "A"}, "major_outage") for n in range(7))
    )
    assert many(["mx1.sklep.example"]).title["en"] == "A; A; A; A; A; …"


def test_before_anything_was_published_nothing_is_known(tmp_path):
    assert IncidentMatcher(tmp_path, URL)(["web1.sklep.example"]) is None
    assert not IncidentMatcher(tmp_path, URL).is_over("x")
    (tmp_path / state_file.FILE).write_text("{ not json")
    assert IncidentMatcher(tmp_path, URL)(["web1.sklep.example"]) is None


@pytest.mark.parametrize("languages", [("cs",), ("cs", "en")])
def test_a_site_without_english_is_not_led_to_english_pages(tmp_path, languages):
    """Only pages of the site's languages are published."""
    (tmp_path / "jasno.toml").write_text(f"[site]\nlanguages = {list(languages)!r}\n")
    env = {"JASNO_VAR": str(tmp_path / "var")}
    room = StatusRoom(context(load(env=env, cwd=tmp_path), ManualClock()))
    room.published.mkdir(parents=True)
    shot = snapshot(words=PublicStatements(incidents=(incident(),)))
    state_file.save(room.published, state_file.StateFile(shot, {}))
    match = room.known_incident(("mx1.sklep.example",), "")
    assert set(match.url) == set(languages)
    assert all(f"/{lang}/incidents/" in url for lang, url in match.url.items())
