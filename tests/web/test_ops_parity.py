"""Nothing that can be done on an operators' page cannot be done by API and by command line."""

from __future__ import annotations

import shlex

import pytest

from clock import ManualClock
from commands.main import parser
from context import context
from settings import load
from tests.ops_client import Described
from wiring.rooms import build
from wiring.web import create_app

WORDS = "--title a --text b"
# A page's address, with the button where one has several → the API's operation, a command.
SAME: dict[str, tuple[str, str]] = {
    "/ops/incidents/new publish": ("openIncident", f"incident open {WORDS} --on web=major_outage"),
    "/ops/incidents/new draft": ("openIncident", f"incident open {WORDS} --draft"),
    "/ops/incidents/<id> publish": ("updateIncident", "incident update I --text a --at 2026-01-01"),
    "/ops/incidents/<id> approve": ("approveIncident", "incident approve I"),
    "/ops/incidents/<id> discard": ("discardIncident", "incident discard I"),
    "/ops/incidents/<id> release": ("publishIncident", "incident release I"),
    "/ops/maintenance/new": (
        "planMaintenance",
        f"maintenance plan {WORDS} --on web --from 2026-01-01 --until 2026-01-02 --rrule R",
    ),
    "/ops/maintenance/<id>": ("noteMaintenance", "maintenance note W --text a --state verifying"),
    "/ops/maintenance/<id>/move": (
        "moveMaintenance", "maintenance move W --from 2026-01-01 --until 2026-01-02",
    ),
    "/ops/maintenance/<id>/finish": ("finishMaintenance", "maintenance finish W"),
    "/ops/incidents/<id>/correct": ("correctIncident", "incident correct I --title a"),
    "/ops/incidents/<id>/updates/<entry>/correct": (
        "correctUpdate", "incident correct I --entry E --text a",
    ),
    "/ops/maintenance/<id>/correct": (
        "correctMaintenance", "maintenance correct W --title a --text b",
    ),
    "/ops/maintenance/<id>/updates/<entry>/correct": (
        "correctMaintenanceUpdate", "maintenance correct W --entry E --text a",
    ),
    "/ops/announcements/<id>/correct": ("correctAnnouncement", "announce correct N --text a"),
    "/ops/components/<id> set": ("override", "override set web operational --hours 2"),
    "/ops/components/<id> clear": ("relent", "override clear web"),
    "/ops/announcements": ("announce", f"announce publish {WORDS} --from 2026-01-01"),
    "/ops/announcements/<id>/withdraw": ("withdrawAnnouncement", "announce withdraw N"),
    "/ops/heartbeats/<probe>/address": ("heartbeatAddress", "heartbeat token P"),
    "/ops/heartbeats/<probe>/address/drop": ("dropHeartbeatAddress", "heartbeat drop P"),
    "/ops/heartbeats/<probe>/word": ("sayHeartbeat", "heartbeat say P down --because tape"),
    "/ops/heartbeats/vantages": ("addVantage", "vantage token praha"),
    "/ops/heartbeats/vantages/<name>/drop": ("dropVantage", "vantage drop praha"),
    "/ops/subscribers/<id>/remove": ("removeSubscriber", "subscriber remove S"),
    "/ops/channels/<id>/test": ("testChannel", "channel test oncall"),
    "/ops/tokens": ("addToken", "token add exporter --role read"),
    "/ops/tokens/<id>/revoke": ("revokeToken", "token revoke K"),
    "/ops/jobs/<int:id>/retry": ("retryJob", "health --retry 7"),
}  # fmt: skip
# What is only read there.
READ: dict[str, tuple[str, str]] = {
    "/ops": ("components", "incident list"),
    "/ops/subscribers": ("subscribers", "subscriber list"),
    "/ops/channels": ("channels", "channel list"),
    "/ops/tokens": ("tokens", "token list"),
    "/ops/audit": ("audit", "audit --actor cli"),
    "/ops/health": ("health", "health"),
    "/ops/heartbeats": ("heartbeats", "heartbeat list"),
    "/ops/heartbeats/<probe>": ("heartbeatSignals", "heartbeat signals P"),
    "/ops/sla": ("uptime", "sla"),
    "/ops/sla/<name>": ("uptime", "sla 2026-Q1"),
    "/ops/sla/<name>.<form>": ("uptime", "sla 2026 --csv"),
    "/ops/incidents/new": ("templates", "incident templates"),
    "/ops/incidents/<id>": ("incident", "incident show I"),
    "/ops/maintenance/new": ("maintenances", "maintenance list"),
    "/ops/maintenance/<id>": ("maintenance", "maintenance show W"),
    "/ops/maintenance/<id>/move": ("maintenance", "maintenance show W"),
    "/ops/announcements": ("announcements", "announce list"),
    "/ops/incidents/<id>/correct": ("incident", "incident show I"),
    "/ops/incidents/<id>/updates/<entry>/correct": ("incident", "incident show I"),
    "/ops/maintenance/<id>/correct": ("maintenance", "maintenance show W"),
    "/ops/maintenance/<id>/updates/<entry>/correct": ("maintenance", "maintenance show W"),
    "/ops/announcements/<id>/correct": ("announcements", "announce list"),
    "/ops/components/<id>": ("observations", "override list"),
}

MOVED = {"/ops/told", "/ops/told/<probe>"}  # where the heartbeats stood


@pytest.fixture
def app(sqlite_url, tmp_path):
    env = {"JASNO_VAR": str(tmp_path / "var"), "JASNO_DATABASE_URL": sqlite_url}
    rooms = build(context(load(env=env, cwd=tmp_path), ManualClock()))
    yield create_app(rooms)
    rooms.close()
    rooms.ctx.db.close()


def addresses(app, method):
    rules = app.url_map.iter_rules()
    return {r.rule for r in rules if r.rule.split("/")[1] == "ops" and method in r.methods}


def test_every_deed_and_every_page_of_operators_is_in_the_tables(app):
    assert {name.partition(" ")[0] for name in SAME} == addresses(app, "POST")
    assert set(READ) == addresses(app, "GET") - MOVED


def test_each_has_an_operation_of_the_api(app):
    operation_ids = {o["operationId"] for _, _, o in Described(app).operations()}
    for name, (operation, _) in (*SAME.items(), *READ.items()):
        assert operation in operation_ids, name


@pytest.mark.parametrize("command", sorted({c for _, c in (*SAME.values(), *READ.values())}))
def test_each_has_a_command(command):
    assert parser().parse_args(shlex.split(command)).act


def test_buttons_that_share_an_address_are_all_named(app):
    """The words that forms send as `go`, as the pages have them."""
    env = app.extensions["jasno"].pages.env
    sources = {
        name: env.loader.get_source(env, f"status/operator_pages/{name}.html")[0]
        for name in ("incident_new", "incident")
    }
    named = {n.partition(" ")[2] for n in SAME if n.startswith("/ops/incidents/")}
    for deed in ("draft", "approve", "discard", "release"):
        assert deed in named
        assert any(f'"{deed}"' in text for text in sources.values())
