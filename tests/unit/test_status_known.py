"""What is known already of the servers and the domain somebody asks about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from status.model import Component, Condition
from status.monitoring import state_file
from status.monitoring.known_incidents import KnownIncidents
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, MAIL, RACK, WEB, incident, probe, snapshot, work

URL = "https://status.example"
PROBES = (probe("web-http", target="https://www.sklep.example/login"),)


@pytest.fixture
def known(tmp_path):
    def remember(conditions=None, **words):
        shot = snapshot(conditions, words=PublicStatements(**words))
        state_file.save(tmp_path, state_file.StateFile(shot, {}))
        return KnownIncidents(tmp_path, URL, PROBES)

    return remember


def test_an_open_incident_on_the_customers_server(known):
    found = known(incidents=(incident(),))(["MX1.sklep.example"], lang="cs")
    assert found.title == "Pošta je pomalá"
    assert found.url == f"{URL}/cs/incidents/abc123def456"
    assert found.component == "Mailboxes"
    assert found.since == AT - timedelta(hours=2)


def test_another_server_is_another_matter(known):
    assert known(incidents=(incident(),))(["web1.sklep.example"]) is None
    assert known(incidents=(incident(),))([]) is None
    assert known(incidents=(incident(draft=True),))(["mx1.sklep.example"]) is None


def test_what_stands_below_explains_what_stands_above(known):
    site = Component("site", "Sites", servers=("web9.sklep.example",), depends_on=("rack",))
    one = incident(components=("rack",))
    up = Condition.OPERATIONAL
    found = known({RACK: up, site: up}, incidents=(one,))(["web9.sklep.example"])
    assert found.component == "Data centre"


def test_a_component_that_is_down_is_known_without_an_incident(known):
    look = known({WEB: Condition.MAJOR_OUTAGE, MAIL: Condition.OPERATIONAL})
    found = look(["web1.sklep.example"])
    assert (found.id, found.title) == ("", "Web servers: Outage")
    assert look(["mx1.sklep.example"]) is None
    assert look(domain="www.sklep.example").title == "Web servers: Outage"
    assert look(domain="sklep.example") is None


def test_work_under_way_is_known_and_work_to_come_is_not(known):
    up = {RACK: Condition.OPERATIONAL, WEB: Condition.OPERATIONAL}
    rack = replace(RACK, servers=("rack1",))
    up = {rack: Condition.OPERATIONAL}
    now = work(starts_at=AT - timedelta(hours=1), ends_at=AT + timedelta(hours=1))
    assert known(up, maintenances=(now,))(["rack1"]).title == "New switches"
    assert known(up, maintenances=(work(),))(["rack1"]) is None


def test_before_anything_was_published_nothing_is_known(tmp_path):
    assert KnownIncidents(tmp_path, URL)(["web1.sklep.example"]) is None
    (tmp_path / state_file.FILE).write_text("{ not json")
    assert KnownIncidents(tmp_path, URL)(["web1.sklep.example"]) is None
