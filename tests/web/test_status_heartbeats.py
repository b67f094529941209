"""Words sent in over HTTP: by cron jobs, by Uptime Kuma's agents, and by whoever guesses."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from db.engine import connect
from status.model import Grade, Observation, Signal
from status.probing.heartbeats import web
from status.probing.heartbeats.store import HeartbeatStore
from status.probing.vantages import api, model
from status.probing.vantages.store import VantageStore
from tests.desk_fixtures import House
from tests.status_fixtures import probe

PROBES = (
    probe("web-http", vantages=("local", "praha"), settings={"contains": "OK"}),
    probe("mail", vantages=("wien",)),
    probe("own"),
)


@pytest.fixture
def house(sqlite_url, clock):
    database = connect(sqlite_url, clock=clock)
    new_house = House(database, clock)
    new_house.beats, new_house.places = (
        HeartbeatStore(database, clock),
        VantageStore(database, clock),
    )
    new_house.app.register_blueprint(web.blueprint(new_house.beats))
    new_house.app.register_blueprint(api.blueprint(new_house.places, PROBES))
    new_house.client = new_house.app.test_client()
    yield new_house
    database.close()


@pytest.fixture
def token(house):
    return house.beats.make_token("nightly")


def last(house):
    return house.beats.pushed()["nightly"]


@pytest.mark.parametrize(
    ("path", "state", "message"),
    [
        ("", "up", ""),
        ("/0", "up", ""),
        ("/fail", "down", "the job said that it failed"),
        ("/3", "down", "exit code 3"),
        ("?msg=done", "up", "done"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_a_job_says_how_it_went(house, token, path, state, message, method):  # noqa: PLR0917 - a table
    assert getattr(house.client, method)(f"/heartbeat/{token}{path}").status_code == 200
    assert (last(house).state, last(house).message) == (state, message)


def test_start_output_and_duration(house, token, clock):
    house.client.post(f"/heartbeat/{token}/start")
    clock.advance(timedelta(seconds=90))
    answer = house.client.post(f"/heartbeat/{token}/1", data="disk full\nbackup stopped")
    assert answer.text == "OK"
    assert (last(house).message, last(house).ping) == (
        "disk full\nbackup stopped",
        timedelta(seconds=90),
    )


def test_agents_of_uptime_kuma_are_understood(house, token):
    answer = house.client.get(f"/api/push/{token}?status=up&msg=OK&ping=12.5")
    assert answer.json == {"ok": True}
    assert (last(house).state, last(house).ping) == ("up", timedelta(milliseconds=12.5))
    house.client.get(f"/api/push/{token}?status=down&msg=no&ping=nan")
    assert (last(house).state, last(house).message, last(house).ping) == ("down", "no", None)
    house.client.get(f"/api/push/{token}")
    assert last(house).state == "up"
    house.client.get(f"/api/push/{token}?status=DOWN&msg=odd")  # to Kuma all but "up" is down
    assert (last(house).state, last(house).message) == ("down", "odd")
    wrong = house.client.get("/api/push/nobody?status=up")
    assert (wrong.status_code, wrong.json["ok"]) == (404, False)


def test_zed_guesses_and_is_soon_told_to_wait(house):
    answers = [house.client.get(f"/heartbeat/guess{n}").status_code for n in range(35)]
    assert set(answers[:30]) == {404}
    assert answers[-1] == 429
    assert house.client.get("/heartbeat/x/../../etc").status_code == 404


def test_one_job_cannot_flood_us(house, token):
    answers = {house.client.get(f"/heartbeat/{token}").status_code for _ in range(70)}
    assert answers == {200, 429}


def test_nonsense_words_are_refused(house, token):
    for word in ("999", "nonsense", "²", "9" * 5000):
        assert house.client.get(f"/heartbeat/{token}/{word}").status_code == 404
    assert house.beats.pushed() == {}


# ------------------------------------------------------------------ vantages
def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def looks(clock, *names, at=None, vantage="praha"):
    seen = [
        model.to_push(
            Observation(
                n, at or clock.now(), timedelta(seconds=1), Signal(Grade.DOWN, "500"), True,
                vantage, "{}",
            )
        )
        for n in names
    ]  # fmt: skip
    return msgspec.json.encode(model.ObservationPush(tuple(seen)))


def test_a_vantage_gets_its_own_probes_only(house):
    token = house.places.make_token("praha")
    answer = house.client.get("/api/vantage/probes", headers=bearer(token))
    work = msgspec.json.decode(answer.data, type=model.ProbeAssignment)
    assert (work.vantage, [p.name for p in work.probes]) == ("praha", ["web-http"])
    assert work.probes[0].settings == {"contains": "OK"}
    assert model.to_probe(work.probes[0]).interval == timedelta(seconds=60)


def test_what_a_vantage_brings_counts_as_its_own_and_only_for_its_probes(house, clock):
    token = house.places.make_token("praha")
    reader = house.places.pushed_observations()
    path = "/api/vantage/observations"
    body = looks(clock, "web-http", "mail", "own", "unknown", vantage="wien")
    answer = house.client.post(path, data=body, headers=bearer(token))
    assert answer.json == {"taken": 1, "refused": 3}
    (seen,) = reader()
    assert (seen.probe, seen.vantage, seen.signal.grade) == ("web-http", "praha", Grade.DOWN)
    for odd in (clock.now() + timedelta(hours=1), clock.now() - timedelta(days=3)):
        body = looks(clock, "web-http", at=odd)
        answer = house.client.post(path, data=body, headers=bearer(token))
        assert answer.json["refused"] == 1
    for body in (
        b"",
        b"[]",
        b'{"observations": [{"probe": 1}]}',
        b'{"observations": [], "schema": 9}',
    ):
        assert house.client.post(path, data=body, headers=bearer(token)).status_code == 422


def test_zed_has_no_vantage(house, clock):
    for headers in ({}, bearer("guess"), {"Authorization": "Basic eDp5"}):
        assert house.client.get("/api/vantage/probes", headers=headers).status_code == 404
        body = looks(clock, "web-http")
        path = "/api/vantage/observations"
        assert house.client.post(path, data=body, headers=headers).status_code == 404
    statuses = [
        house.client.get("/api/vantage/probes", headers=bearer(f"g{n}")).status_code
        for n in range(20)
    ]
    assert statuses[-1] == 429
