"""Two people have one page open: the second is told, and keeps what they typed."""

from __future__ import annotations

import re

import pytest

from accounts.api_tokens.model import ApiTokenRole
from app import create_app
from clock import ManualClock
from context import context
from db.engine import connect
from jobs.embedded import EMBEDDED
from settings import load
from status.incidents.incident_editing import AnnouncementText, IncidentEditor
from status.model import Condition
from status.operator_pages import maintenance, web
from status.storage.store import StatusStore
from tests.ops_client import Client, Described
from tests.status_fixtures import MAIL, WEB, probe
from tests.ticket_fixtures import DeskHouse
from tickets.model import TicketState
from wiring.rooms import build

CHANGED = "Somebody else has changed this since you opened it"


@pytest.fixture
def house(sqlite_url, clock, tmp_path):
    database = connect(sqlite_url, clock=clock)
    new_house = DeskHouse(database, clock)
    store = StatusStore(database, clock, EMBEDDED)
    new_house.incidents = IncidentEditor(store, clock, (WEB, MAIL))
    pages = web.blueprint(new_house.incidents, store, (probe("web-http"),), tmp_path)
    new_house.app.register_blueprint(pages)
    new_house.app.register_blueprint(maintenance.blueprint(new_house.incidents))
    yield new_house
    database.close()


def version(text):
    return re.search(r'name="version" value="(\d+)"', text)[1]


def test_an_incident_two_operators_have_open(house):
    incident = house.incidents.open(
        {"en": "Disk"},
        AnnouncementText({"en": "a"}, components={WEB.id: Condition.MAJOR_OUTAGE}),
        "olu",
    )
    olu, path = house.browser("olu"), f"/ops/incidents/{incident.id}"
    seen = version(olu.get(path).text)
    house.incidents.update(incident.id, AnnouncementText({"en": "The disk is changed"}), "other")
    form = {"text-en": "We look for the cause", "state": "identified", "version": seen}
    refused = olu.post(path, form)
    assert refused.status_code == 422
    assert CHANGED in refused.text
    assert "We look for the cause" in refused.text, "what she typed"
    assert "The disk is changed" in refused.text, "and what is new"
    assert len(house.incidents.get(incident.id).updates) == 2
    again = olu.post(path, form | {"version": version(refused.text)})
    assert again.status_code == 303
    assert len(house.incidents.get(incident.id).updates) == 3
    assert olu.post(path, {k: v for k, v in form.items() if k != "version"}).status_code == 303


def test_a_component_two_operators_have_open(house):
    olu, path = house.browser("olu"), f"/ops/components/{WEB.id}"
    form = {"condition": "major_outage", "hours": "1", "version": version(olu.get(path).text)}
    assert olu.post(path, form).status_code == 303
    refused = olu.post(path, form | {"condition": "operational"})
    assert refused.status_code == 422
    assert CHANGED in refused.text
    (held,) = house.incidents.overrides()
    assert held.condition is Condition.MAJOR_OUTAGE


def test_a_ticket_two_agents_have_open(house):
    ticket = house.ticket_of()
    ben, path = house.browser("ben"), f"/desk/tickets/{ticket}"
    seen = version(ben.get(path).text)
    olu = house.browser("olu")
    first = {"text": "Olu was here", "key": "a1", "version": seen}
    assert olu.post(f"{path}/reply", first).status_code == 303
    refused = ben.post(f"{path}/reply", {"text": "My long answer", "key": "b1", "version": seen})
    assert refused.status_code == 422
    assert "Somebody has written or changed something here" in refused.text
    assert "My long answer" in refused.text
    assert "Olu was here" in refused.text
    closing = {"outcome": "later", "key": "b2", "version": seen}
    assert ben.post(f"{path}/close", closing).status_code == 422
    assert house.tickets.ticket(ticket).state is TicketState.WAITING
    closing["version"] = version(refused.text)
    assert ben.post(f"{path}/close", closing).status_code == 303
    czech = ben.post(f"{path}/close?lang=cs", closing | {"key": "b3"})
    assert czech.status_code == 422


def test_a_program_that_names_an_old_version_is_refused(sqlite_url, tmp_path):
    (tmp_path / "jasno.toml").write_text('[[component]]\nid = "web"\nname = "Web"\n')
    env = {"JASNO_VAR": str(tmp_path / "var"), "JASNO_DATABASE_URL": sqlite_url}
    rooms = build(context(load(env=env, cwd=tmp_path), ManualClock()))
    token = rooms.accounts.tokens.add("writer", ApiTokenRole.WRITE, "olu")[1]
    call = Client(Described(create_app(rooms)), token)
    _, incident = call(
        "POST",
        "/api/ops/incidents",
        {"title": {"en": "Disk"}, "text": {"en": "a"}, "state": "identified"},
    )
    path = f"/api/ops/incidents/{incident['id']}/updates"
    entry = {"text": {"en": "b"}, "state": "monitoring"}
    status, after = call("POST", path, entry | {"version": incident["version"]})
    assert (status, after["version"]) == (201, incident["version"] + 1)
    status, refused = call("POST", path, entry | {"version": incident["version"]})
    assert (status, refused["errors"][0]["field"]) == (409, "version")
    assert call("POST", path, entry)[0] == 201, "a program that names none goes on as before"
    rooms.close()
    rooms.ctx.db.close()
