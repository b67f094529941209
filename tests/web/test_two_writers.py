"""Two people have one page open: the second is told, and keeps what they typed."""

from __future__ import annotations

import re

import pytest

from accounts.api_tokens.model import ApiTokenRole
from clock import ManualClock
from context import context
from db.engine import connect
from jobs.database_queue import DatabaseSender
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
from wiring.web import create_app

CHANGED = "Somebody else has changed this since you opened it"


@pytest.fixture
def house(sqlite_url, clock, tmp_path):
    database = connect(sqlite_url, clock=clock)
    new_house = DeskHouse(database, clock)
    store = StatusStore(database, clock, DatabaseSender())
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
    (override,) = house.incidents.overrides()
    assert override.condition is Condition.MAJOR_OUTAGE


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


# ------------------------------------------------------------------ ETag and If-Match
@pytest.fixture
def program(sqlite_url, tmp_path):
    """Calls the API as a program does: method, path, body, ETag; answers with the response."""
    (tmp_path / "jasno.toml").write_text('[[component]]\nid = "web"\nname = "Web"\n')
    env = {"JASNO_VAR": str(tmp_path / "var"), "JASNO_DATABASE_URL": sqlite_url}
    rooms = build(context(load(env=env, cwd=tmp_path), ManualClock()))
    token = rooms.accounts.tokens.add("writer", ApiTokenRole.WRITE, "olu")[1]
    client = create_app(rooms).test_client()

    def call(method, path, body=None, tag=None):
        headers = {"Authorization": f"Bearer {token}"} | ({"If-Match": tag} if tag else {})
        return client.open(f"/api/ops/{path}", method=method, json=body, headers=headers)

    yield call
    rooms.close()
    rooms.ctx.db.close()


def opened(call, **more):
    words = {"title": {"en": "Disk"}, "text": {"en": "a"}, "state": "identified"}
    return call("POST", "incidents", words | more)


NEWS = {"text": {"en": "b"}, "state": "monitoring"}
WORDS = {"text": {"en": "b"}}
LATER = "2026-02-01T10:00:00Z", "2026-02-01T12:00:00Z"
WINDOW = {"starts_at": LATER[0], "ends_at": LATER[1]}
OVERRIDE = {"condition": "major_outage", "until": LATER[0]}


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("updates", NEWS),
        ("resolve", WORDS),
        ("publish", None),
        ("discard", None),
        ("approve", None),
    ],
)
def test_what_was_not_read_is_neither_changed_nor_published(program, act, body):
    answer = opened(program, draft=True)
    path = f"incidents/{answer.json['id']}"
    assert answer.headers["ETag"] == program("GET", path).headers["ETag"] == '"1"'
    newer = program("POST", f"{path}/updates", NEWS, '"1"')
    assert (newer.status_code, newer.headers["ETag"]) == (201, '"2"')
    refused = program("POST", f"{path}/{act}", body, '"1"')
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (
        412, "precondition_failed",
    )  # fmt: skip
    assert program("GET", path).json == newer.json, "nothing was written"
    for tag in ('"7", "2"', "*", 'W/"4"', '"5-gzip"'):  # proxies change a tag
        assert program("POST", f"{path}/updates", NEWS, tag).status_code == 201
    latest = program("GET", path).headers["ETag"]
    done = program("POST", f"{path}/{act}", body, latest)
    assert done.status_code in (200, 201, 422)  # 422: a draft is not published by its time
    assert done.status_code != 422 or act == "publish"


def test_a_postmortem_is_written_to_what_was_read(program):
    answer = opened(program)
    path = f"incidents/{answer.json['id']}"
    over = program("POST", f"{path}/resolve", WORDS, '"1"')
    assert program("POST", f"{path}/postmortem", WORDS, '"1"').status_code == 412
    assert program("POST", f"{path}/postmortem", WORDS, over.headers["ETag"]).status_code == 201


@pytest.mark.parametrize(
    ("method", "act", "body"),
    [("PUT", "window", WINDOW), ("POST", "updates", WORDS), ("POST", "finish", None)],
)
def test_planned_work_is_changed_as_it_was_read(program, method, act, body):
    words = {"title": {"en": "a"}, "text": {"en": "b"}, "components": ["web"]}
    answer = program("POST", "maintenances", words | WINDOW)
    path = f"maintenances/{answer.json['id']}"
    assert (answer.json["version"], answer.headers["ETag"]) == (1, '"1"')
    moved = program("PUT", f"{path}/window", WINDOW, '"1"')
    assert (moved.json["version"], moved.headers["ETag"]) == (2, '"2"')
    assert program(method, f"{path}/{act}", body, '"1"').status_code == 412
    assert program("GET", path).headers["ETag"] == '"2"'
    assert program(method, f"{path}/{act}", body, '"2"').status_code in (200, 201)


def test_a_word_on_a_component_is_replaced_as_it_was_read(program):
    path = "components/web/override"
    assert program("PUT", path, OVERRIDE, '"1"').status_code == 412, "there is none"
    created = program("PUT", path, OVERRIDE)
    assert program("PUT", path, OVERRIDE, created.headers["ETag"]).headers["ETag"] == '"2"'
    assert program("DELETE", path, None, '"1"').status_code == 412
    assert program("PUT", path, OVERRIDE | {"version": 1}).status_code == 409, "as before"
    assert program("DELETE", path, None, '"2"').status_code == 204
