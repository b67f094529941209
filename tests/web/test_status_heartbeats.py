"""Words sent in over HTTP: by cron jobs, by Uptime Kuma's agents, and by whoever guesses."""

from __future__ import annotations

import io
import re
import uuid
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
from web.problems import Problem

PROBES = (
    probe("web-http", vantages=("local", "praha"), settings={"contains": "OK"}),
    probe("mail", vantages=("wien",)),
    probe("own"),
)


KEY = "fqOOd6-F4MMNuCEnzTU01w"


@pytest.fixture
def house(sqlite_url, clock):
    database = connect(sqlite_url, clock=clock)
    new_house = House(database, clock)
    new_house.beats, new_house.places = (
        HeartbeatStore(database, clock),
        VantageStore(database, clock),
    )
    named = frozenset({"nightly", "backup"})
    new_house.app.register_blueprint(web.blueprint(new_house.beats, KEY, named))
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


@pytest.mark.parametrize("path", ["", "/0", "/start", "/fail", "/log"])
@pytest.mark.parametrize("root", ["/heartbeat", "/ping"])
def test_a_slash_at_the_end_loses_no_word(house, token, root, path):
    assert house.client.get(f"{root}/{token}{path}/").status_code == 200
    assert house.beats.signals_of("nightly")


def test_a_slash_at_the_end_of_a_push_address(house, token):
    assert house.client.get(f"/api/push/{token}/?status=up").json == {"ok": True}


def test_programs_for_healthchecks_find_what_they_know(house, token):
    answer = house.client.post(f"/ping/{token.upper()}", data=b"done")
    assert (answer.status_code, answer.text) == (200, "OK")
    assert answer.headers["Ping-Body-Limit"] == "10000"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-store"
    assert last(house).message == "done"
    assert house.client.get("/ping/not-a-uuid").status_code == 404
    assert house.client.get(f"/ping/{uuid.uuid4()}").status_code == 404
    assert house.client.get(f"/ping/{token}?rid=7").status_code == 400
    assert house.client.get(f"/ping/{token}/256").status_code == 404


def test_one_key_opens_every_heartbeat_by_its_name(house, clock):
    run = uuid.uuid4()
    assert house.client.post(f"/ping/{KEY}/backup/start?rid={run}").text == "OK"
    clock.advance(timedelta(seconds=5))
    assert house.client.post(f"/ping/{KEY}/backup/0/?rid={run}", data="done").status_code == 200
    ended, begun = house.beats.signals_of("backup")
    assert (ended.duration, ended.snippet, begun.state) == (timedelta(seconds=5), "done", "start")
    (status,) = house.beats.list_probes()
    assert (status.probe, status.made_at) == ("backup", None)  # it has no address of its own


@pytest.mark.parametrize(
    "path",
    [
        "/ping/{key}x/backup",
        "/ping/{lower}/backup",
        "/ping/{key}/web-http",
        "/ping/{key}/new?create=1",
        "/ping/{key}/backup/nonsense",
        "/ping/{key}",
        "/ping/%C3%A9/backup",
    ],
)
def test_zed_without_the_key_and_names_of_no_heartbeat(house, path):
    address = path.format(key=KEY, lower=KEY.lower())
    assert house.client.get(address).status_code == 404
    assert house.beats.list_probes() == ()


def test_without_a_key_nothing_is_opened_by_name(house):
    shut = web.HeartbeatEndpoints(house.beats, "", frozenset({"backup"}))
    with house.app.test_request_context("/ping//backup"), pytest.raises(Problem):
        shut.named("", "backup")


def test_a_page_elsewhere_may_send_a_word(house, token):
    foreign = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert house.client.post(f"/ping/{token}", headers=foreign, data="done").status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "snippet"),
    [
        (b"a\0b", "text/plain", "a b"),
        (b"note=%00&b=1", "application/x-www-form-urlencoded", "note=%00&b=1"),
        (b"--x\r\nhalf a form", "multipart/form-data; boundary=x", "--x\nhalf a form"),
        (b"\xff\xfe latin", "", "\ufffd\ufffd latin"),
        (b"\x1b[31mred\x1b[0m\x07", "text/plain", "red"),
        (b"", "text/plain", ""),
    ],
)
def test_no_body_loses_the_word_of_a_job(house, token, body, kind, snippet):
    answer = house.client.post(f"/heartbeat/{token}/1", data=body, content_type=kind)
    assert answer.status_code == 200
    assert house.beats.signals_of("nightly")[0].snippet == snippet
    assert last(house).state == "down"


def test_of_a_long_log_the_beginning_and_the_end_stay(house, token):
    log = b"begun\n" + b"x" * 3_000_000 + b"\nfailed at the end"
    answer = house.client.post(f"/heartbeat/{token}/1", data=log)
    assert answer.status_code == 200
    snippet = house.beats.signals_of("nightly")[0].snippet
    assert snippet.startswith("begun\nxxx")
    assert snippet.endswith("\nfailed at the end")
    (left_out,) = re.findall(r"… (\d+) bytes left out …", snippet)
    assert int(left_out) == len(log) - 2000 - len("failed at the end")
    assert len(snippet.encode()) < 10_100
    answer = house.client.post(f"/heartbeat/{token}/1", data=b"x" * 50_000 + b"\nthe end")
    assert house.beats.signals_of("nightly")[0].snippet.endswith("the end")


def test_the_end_of_a_long_log_holds_no_piece_of_a_secret(house, token):
    key = b"-----BEGIN PRIVATE KEY-----\n" + b"TUlJRXZB\n" * 20_000 + b"-----END PRIVATE KEY-----\n"
    house.client.post(f"/heartbeat/{token}/1", data=b"x\n" * 60_000 + key + b"the end\n")
    snippet = house.beats.signals_of("nightly")[0].snippet
    assert "TUlJ" not in snippet
    assert snippet.endswith("left out …]\nthe end")


class Body(io.BytesIO):
    """A body that knows whether it was read."""

    was_read = False

    def read(self, *size):
        self.was_read = True
        return super().read(*size)

    def readinto(self, buffer):
        self.was_read = True
        return super().readinto(buffer)


def test_what_a_stranger_sends_is_not_read(house, token):
    for path, status, is_read in (
        ("/heartbeat/nobody/1?rid=7", 404, False),
        ("/ping/wrong/backup", 404, False),
        (f"/heartbeat/{token}/1", 200, True),
    ):
        body = Body(b"output")
        answer = house.client.post(path, input_stream=body, headers={"Content-Length": "6"})
        assert (answer.status_code, body.was_read) == (status, is_read), path


def test_overlapping_runs_are_told_apart(house, token, clock):
    first, second = uuid.uuid4(), uuid.uuid4()
    house.client.get(f"/ping/{token}/start?rid={first}")
    clock.advance(timedelta(seconds=10))
    house.client.get(f"/ping/{token}/start?rid={second}")
    clock.advance(timedelta(seconds=5))
    house.client.get(f"/ping/{token}/0?rid={second}")
    assert last(house).ping == timedelta(seconds=5)
    assert last(house).running == (clock.now() - timedelta(seconds=15),)
    house.client.post(f"/ping/{token}/7?rid={first}", data="disk full")
    ended, *_ = house.beats.signals_of("nightly")
    assert (ended.run, ended.exit_status, ended.state) == (str(first), 7, "down")
    assert ended.duration == timedelta(seconds=15)
    assert last(house).running == ()


def test_a_log_says_nothing_of_how_it_went(house, token):
    house.client.get(f"/heartbeat/{token}/start")
    assert house.client.post(f"/heartbeat/{token}/log", data="half way").text == "OK"
    assert last(house).running
    (logged, begun) = house.beats.signals_of("nightly")
    assert (logged.state, logged.snippet, begun.is_open) == ("log", "half way", True)
    assert house.client.get("/heartbeat/nobody/log").status_code == 404


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
