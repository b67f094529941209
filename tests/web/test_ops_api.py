"""The API of operators: every call against its own description, every role at its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select

from accounts.api_tokens.model import ApiTokenRole
from clock import ManualClock
from context import context
from db.tables.accounts import audit, keys
from db.tables.jobs import jobs
from jobs.model import JobState
from messages import RefusalReason
from notify.model import Preferences, SubscriberKind
from render.languages import LANGUAGES
from settings import load
from status.incidents.incident_editing import AnnouncementText
from status.model import Grade
from status.monitoring import state_file
from status.monitoring.state_file import StateFile
from status.probing.heartbeats.signals import HeartbeatSignal
from status.publishing.statuspage import PageAddress, documents
from status.state.damping import DampingSample, DebouncedState
from status.state.statements import open_incidents
from tests.ops_client import Client, Described
from tests.ops_components import use_component_routes
from tests.ops_corrections import put_words_right
from tests.status_fixtures import snapshot
from web.logs.redaction import redacted
from wiring.rooms import build
from wiring.web import create_app

CONFIG = """
[[component]]
id = "web"
name = "Web hosting"
group = "Hosting"
[[component]]
id = "mail"
name = "Mail"
[[probe]]
name = "web-http"
kind = "http"
component = "web"
target = "http://web.example/"
[[probe]]
name = "nightly"
kind = "heartbeat"
component = "mail"
every = "1d"
[[channel]]
id = "oncall"
url = "json://127.0.0.1:9/"
"""
ZONED = "2026-01-20T22:00:00Z"


@pytest.fixture
def rooms(sqlite_url, tmp_path):
    (tmp_path / "jasno.toml").write_text(CONFIG)
    env = {"JASNO_VAR": str(tmp_path / "var"), "JASNO_DATABASE_URL": sqlite_url}
    new_rooms = build(context(load(env=env, cwd=tmp_path), ManualClock()))
    yield new_rooms
    new_rooms.close()
    new_rooms.ctx.db.close()


@pytest.fixture
def described(rooms):
    return Described(create_app(rooms))


@pytest.fixture
def client(rooms, described):
    def client_with_role(role):
        return Client(
            described, rooms.accounts.tokens.add(f"a {role}", ApiTokenRole(role), "olu")[1]
        )

    return client_with_role


def acts(rooms):
    with rooms.ctx.db.read() as conn:
        rows = conn.execute(select(audit).order_by(audit.c.id))
        return [(r.actor.partition(":")[0], r.action) for r in rows]


# ------------------------------------------------------------------ the description
def test_every_address_is_described_and_every_description_is_served(described):
    rules = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in described.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }
    published = {
        ("GET", path) for path in documents(snapshot(), PageAddress("x", "http://x.example", "en"))
    }
    operations = {(method, path) for method, path, _ in described.operations()}
    assert operations == rules | published


def test_the_description_is_well_formed(described):
    document = described.document
    assert document["openapi"].startswith("3.1")
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    names = [operation["operationId"] for _, _, operation in described.operations()]
    assert len(names) == len(set(names))
    for ref in re.findall(
        r'"\$ref":\s*"#/components/schemas/([^"]+)"', str(document).replace("'", '"')
    ):
        assert ref in document["components"]["schemas"]


# ------------------------------------------------------------------ who may
def concrete(path):
    return re.sub(r"\{\w+\}", "1", path)


def test_without_a_good_token_nothing_is_told_or_done(rooms, described):
    guarded = [(m, p) for m, p, o in described.operations() if o["security"]]
    assert len(guarded) > 25
    for method, path in guarded[:25]:
        for token in ("", "jasno_wrong", "x"):
            status, problem = Client(described, token)(method, concrete(path))
            assert status in (401, 429)
            assert problem["status"] == status
    assert acts(rooms) == []


@pytest.mark.parametrize("role", ["read", "write"])
def test_a_role_reaches_no_further(rooms, described, client, role):
    mine = client(role)
    refused = [
        (m, p)
        for m, p, o in described.operations()
        if o["security"] and f"`{role}`" not in o["description"] and _higher(o, role)
    ]
    assert refused
    for method, path in refused:
        assert mine(method, concrete(path))[0] == 403
    assert acts(rooms) == [("olu", "token.added")]


def _higher(operation, role):
    needed = re.search(r"role `(\w+)`", operation["description"])[1]
    order = list(ApiTokenRole)
    return order.index(needed) > order.index(role)


def test_a_session_opens_no_api(rooms, described):
    """Only tokens do: a browser that is signed in could be made to send what it does not want."""
    browser = described.app.test_client()
    browser.set_cookie("jasno_session", "whatever")
    assert browser.get("/api/ops/incidents").status_code == 401


def test_a_revoked_token_opens_nothing(rooms, described, client):
    mine = client("operator")
    (token,) = mine("GET", "/api/ops/tokens")[1]
    assert mine("DELETE", f"/api/ops/tokens/{token['id']}")[0] == 204
    assert mine("GET", "/api/ops/tokens")[0] == 401


def test_tokens_are_stored_hashed(rooms):
    _, token = rooms.accounts.tokens.add("exporter", ApiTokenRole.READ, "cli")
    with rooms.ctx.db.read() as conn:
        assert token not in str(conn.execute(select(keys)).all())
    assert rooms.accounts.tokens.by_token(token).name == "exporter"
    assert rooms.accounts.tokens.by_token(token + "x") is None


def test_tokens_and_links_stay_out_of_the_log(rooms):
    _, token = rooms.accounts.tokens.add("exporter", ApiTokenRole.READ, "cli")
    link = rooms.notify.subscribers.links.unsubscribe_url("abc")
    redacted_line = redacted(f"asked with {token} and POST {link} 200")
    assert token not in redacted_line
    assert rooms.notify.subscribers.links.token("abc") not in redacted_line
    assert "asked with jasno_… and POST" in redacted_line


def test_guessing_tokens_is_slowed(described):
    statuses = [Client(described, f"jasno_{n}")("GET", "/api/ops/incidents")[0] for n in range(32)]
    assert statuses == [401] * 30 + [429] * 2


# ------------------------------------------------------------------ what can be done
def test_everything_can_be_done_and_is_audited(rooms, described, client):
    """One long story in which each operation goes well once."""
    ask = client("operator")
    use_component_routes(rooms, ask)
    _incidents(ask)
    _works(ask)
    _use_heartbeat_routes(rooms, ask)
    _the_rest(rooms, ask)
    put_words_right(ask)
    named = {o["operationId"] for _, _, o in described.operations() if o["security"]}
    assert described.used == named
    done = acts(rooms)
    assert ("token", "incident.opened") in done
    for act in (
        *("override.set", "maintenance.planned", "maintenance.corrected", "subscriber.removed"),
        *("heartbeat.token", "heartbeat.said", "vantage.token", "vantage.dropped"),
    ):
        assert ("token", act) in done


def _incidents(ask):
    new = {"title": {"en": "Disk"}, "text": {"en": "a"}, "components": {"web": "major_outage"}}
    status, incident = ask("POST", "/api/ops/incidents", new)
    assert (status, incident["impact"], incident["state"]) == (201, "critical", "investigating")
    path = f"/api/ops/incidents/{incident['id']}"
    more = {"text": {"en": "b"}, "state": "identified"}
    assert len(ask("POST", f"{path}/updates", more)[1]["updates"]) == 2
    assert ask("POST", f"{path}/resolve", {"text": {"en": "c"}})[1]["resolved_at"]
    assert ask("POST", f"{path}/postmortem", {"text": {"en": "d"}})[1]["state"] == "postmortem"
    assert ask("GET", path)[1]["updates"][0]["text"] == {"en": "d"}
    draft = ask("POST", "/api/ops/incidents", new | {"draft": True})[1]
    assert ask("POST", f"/api/ops/incidents/{draft['id']}/approve")[1]["draft"] is False
    unwanted = ask("POST", "/api/ops/incidents", new | {"draft": True})[1]["id"]
    assert ask("POST", f"/api/ops/incidents/{unwanted}/discard")[1]["discarded"] is True
    assert ask("POST", f"/api/ops/incidents/{unwanted}/discard")[0] == 422
    late = ask("POST", "/api/ops/incidents", new | {"publish_at": ZONED})[1]
    assert late["publish_at"]
    assert ask("POST", f"/api/ops/incidents/{late['id']}/publish")[1]["publish_at"] is None
    assert len(ask("GET", "/api/ops/incidents")[1]) == 3


def _works(ask):
    new = {
        "title": {"en": "Switches"}, "text": {"en": "a"}, "components": ["web"],
        "starts_at": ZONED, "ends_at": "2026-01-20T23:00:00Z",
    }  # fmt: skip
    maintenance = ask("POST", "/api/ops/maintenances", new)[1]
    path = f"/api/ops/maintenances/{maintenance['id']}"
    window = {"starts_at": "2026-01-21T22:00:00+01:00", "ends_at": "2026-01-21T23:00:00+01:00"}
    assert ask("PUT", f"{path}/window", window)[1]["starts_at"] == "2026-01-21T21:00:00Z"
    noted = ask("POST", f"{path}/updates", {"text": {"en": "We bring a ladder."}})[1]
    assert [u["state"] for u in noted["updates"]] == ["scheduled", "scheduled"]
    assert ask("POST", f"{path}/finish")[1]["state"] == "cancelled"
    assert ask("GET", path)[1]["cancelled"] is True
    again = ask("POST", "/api/ops/maintenances", new | {"rrule": "FREQ=WEEKLY;BYDAY=TU"})[1]
    dates = [w for w in ask("GET", "/api/ops/maintenances")[1] if w["series"] == again["id"]]
    assert len(dates) > 3
    words = {"title": {"en": "We move"}, "text": {"en": "a"}}
    news = ask("POST", "/api/ops/announcements", words)[1]
    assert [n["id"] for n in ask("GET", "/api/ops/announcements")[1]] == [news["id"]]
    assert ask("DELETE", f"/api/ops/announcements/{news['id']}")[0] == 204


def _use_heartbeat_routes(rooms, ask):
    beats = "/api/ops/heartbeats"
    address = ask("POST", f"{beats}/nightly/address")[1]
    assert (
        rooms.status.heartbeats.receive(address["heartbeat"].rpartition("/")[2], HeartbeatSignal())
        == "nightly"
    )
    assert ask("POST", f"{beats}/web-http/address")[0] == 404
    assert ask("POST", f"{beats}/nightly/words", {"state": "down", "because": "no tape"})[0] == 204
    assert ask("GET", f"{beats}/nightly/signals")[1][0]["message"] == "no tape"
    assert ask("GET", f"{beats}/web-http/signals")[0] == 404
    (beat,) = ask("GET", beats)[1]
    assert (beat["state"], beat["message"], beat["phase"]) == ("down", "no tape", "down")
    assert beat["made_at"]
    assert ask("DELETE", f"{beats}/nightly/address")[0] == 204
    assert ask("DELETE", f"{beats}/nightly/address")[0] == 404
    token = ask("POST", "/api/ops/vantages", {"name": "praha"})[1]["token"]
    assert rooms.status.vantages.authenticate(token) == "praha"
    assert [v["name"] for v in ask("GET", "/api/ops/vantages")[1]] == ["praha"]
    assert ask("DELETE", "/api/ops/vantages/praha")[0] == 204
    ready = {t["id"]: t for t in ask("GET", "/api/ops/templates")[1]}
    assert set(ready["outage"]["text"]) == set(LANGUAGES)
    report = ask("GET", "/api/ops/uptime/2026-01")[1]
    assert [c["id"] for c in report["components"]] == ["web", "mail"]
    assert report["methods"][0]["partial"] == 0.3
    assert ask("GET", "/api/ops/uptime/soon")[0] == 404


def _the_rest(rooms, ask):
    rooms.notify.subscribers.subscribe(
        SubscriberKind.EMAIL, "mara@people.example", "mara@people.example", Preferences()
    )
    (mara,) = ask("GET", "/api/ops/subscribers")[1]
    assert (mara["address"], mara["state"]) == ("mara@people.example", "pending")
    assert ask("DELETE", f"/api/ops/subscribers/{mara['id']}")[0] == 204
    assert ask("DELETE", f"/api/ops/subscribers/{mara['id']}")[0] == 404
    assert ask("POST", "/api/ops/channels/oncall/test")[0] == 204
    (channel,) = ask("GET", "/api/ops/channels")[1]
    assert (channel["id"], channel["waiting"]) == ("oncall", 1)
    assert "json://" not in str(channel)
    rooms.notify.deliveries.mark_refused("k", "oncall", RefusalReason.MESSAGE, "no such room")
    (channel,) = ask("GET", "/api/ops/channels")[1]
    assert channel["refusal"] == "no such room"
    assert channel["refused_at"]
    token = ask("POST", "/api/ops/tokens", {"name": "exporter", "role": "read"})[1]
    assert token["token"].startswith("jasno_")
    assert token["token"] not in str(ask("GET", "/api/ops/tokens")[1])
    assert ask("DELETE", f"/api/ops/tokens/{token['id']}")[0] == 204
    log = ask("GET", "/api/ops/audit?action=token.&actor=olu")[1]
    assert [e["action"] for e in log] == ["token.added"]
    first = ask("GET", "/api/ops/audit")[1]
    assert ask("GET", f"/api/ops/audit?before={first[0]['number']}")[1][0] == first[1]
    with rooms.ctx.db.write() as conn:
        values = {"state": JobState.FAILED, "finished_at": rooms.ctx.clock.now()}
        conn.execute(jobs.update().where(jobs.c.kind == "channel.send").values(**values))
    health = ask("GET", "/api/ops/health")[1]
    assert health["parts"]["engine"]  # it does not run here, and that is said
    (given_up,) = health["failed"]
    assert ask("POST", f"/api/ops/jobs/{given_up['id']}/retry")[0] == 204
    assert ask("POST", f"/api/ops/jobs/{given_up['id']}/retry")[0] == 404


# ------------------------------------------------------------------ what does not fit
WORDS = {"title": {"en": "x"}, "text": {"en": "y"}}


@pytest.mark.parametrize(
    ("call", "body", "field"),
    [
        ("POST incidents", {"title": {"en": "x"}}, "body"),
        ("POST incidents", {"title": {}, "text": {"en": "y"}}, "title"),
        ("POST incidents", {**WORDS, "state": "over"}, "state"),
        ("POST incidents", {**WORDS, "titel": 1}, "body"),
        ("POST incidents", {**WORDS, "components": {"nothing": "major_outage"}}, "components"),
        ("POST incidents", {**WORDS, "started_at": "2026-01-01T10:00:00"}, "started_at"),
        ("POST maintenances", {**WORDS, "starts_at": ZONED, "ends_at": ZONED, "components": ["web"]}, "ends_at"),
        ("PUT components/web/override", {"condition": "no_data", "until": ZONED}, "components"),
        ("POST tokens", {"name": "", "role": "read"}, "name"),
        ("POST tokens", {"name": "x", "role": "root"}, "role"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_by_field(rooms, client, call, body, field):
    method, path = call.split()
    status, problem = client("operator")(method, f"/api/ops/{path}", body, wrong=True)
    assert status == 422
    fields = [e["field"] for e in problem["errors"]]  # the field, and which of its items
    assert fields[0] == field
    assert all(f == field or f.startswith("components.") for f in fields)
    assert rooms.status.incidents.all() == ()


def test_broken_json_and_unknown_things_are_told_apart(rooms, described, client):
    ask = client("operator")
    _, token = rooms.accounts.tokens.add("x", ApiTokenRole.OPERATOR, "olu")
    sent = described.app.test_client().post(
        "/api/ops/incidents", data=b"{", headers={"Authorization": f"Bearer {token}"}
    )
    assert sent.status_code == 400
    assert sent.mimetype == "application/problem+json"
    for method, path in (
        *(("GET", f"{room}/nothing") for room in ("incidents", "components", "maintenances")),
        ("GET", "probes/nothing/observations"),
        ("DELETE", "announcements/nothing"),
        ("POST", "channels/nothing/test"),
        ("POST", "jobs/x/retry"),
        ("POST", "incidents/nothing/publish"),
    ):
        assert ask(method, f"/api/ops/{path}")[0] == 404, path
    wrong = ("subscribers?limit=0", "subscribers?limit=0000000010000", f"audit?before={10**18 + 1}")
    assert [ask("GET", f"/api/ops/{path}")[0] for path in (*wrong, "audit?before=x")] == [422] * 4


def test_a_program_is_told_what_speaks_against_its_incident(rooms, client):
    new, send = WORDS | {"components": {"web": "major_outage"}}, client("write")
    entries = (new, new | {"publish_at": "2030-01-01T00:00:00Z"}, new, new | {"draft": True})
    opened = [send("POST", "/api/ops/incidents", entry, lang="cs-CZ")[1] for entry in entries]
    approved = send("POST", f"/api/ops/incidents/{opened[3]['id']}/approve")[1]
    assert [len(answer["concerns"]) for answer in (*opened, approved)] == [0, 1, 1, 0, 2]
    assert "už se týká služeb Web hosting: „x“" in opened[1]["concerns"][0]
    looked = DampingSample(rooms.ctx.clock.now(), Grade.DOWN)
    down = DebouncedState(Grade.DOWN, looked.at, (looked,), reason="answered 500")
    rooms.status.published.mkdir(parents=True, exist_ok=True)
    state_file.save(rooms.status.published, StateFile(snapshot({}), {"web-http": down}))
    resolve = f"/api/ops/incidents/{opened[0]['id']}/resolve"
    (concern,) = send("POST", resolve, {"text": {"en": "Over"}})[1]["concerns"]
    assert "has seen trouble (answered 500)" in concern


def test_what_a_program_says_reaches_readers(rooms, client):
    client("write")("POST", "/api/ops/incidents", WORDS)
    (incident,) = open_incidents(rooms.status.incidents.all())
    assert incident.title == {"en": "x"}
    rooms.status.incidents.update(incident.id, AnnouncementText({"en": "z"}, "monitoring"), "olu")
    with rooms.ctx.db.read() as conn:
        kinds = list(conn.execute(select(jobs.c.kind)).scalars())
    assert kinds.count("status.changed") == 2
    assert "status.publish" in kinds


def test_the_docs_name_every_address(described):
    page = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text("utf-8")
    missing = [p for _, p, _ in described.operations() if p not in page]
    assert missing == []
