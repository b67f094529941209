"""Operators' pages and commands beside status: Olu works with them, Ben is refused, Zed learns nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.api_tokens.model import ApiTokenRole
from accounts.api_tokens.store import ApiTokenStore
from commands.main import main
from db.engine import connect
from db.tables.accounts import audit
from db.tables.jobs import jobs
from jobs.database_queue import DatabaseQueue
from jobs.model import JobState
from notify.channel import ChannelError
from notify.model import ChannelSubscription, Preferences, SubscriberKind
from notify.store import Deliveries
from portal import heartbeat_administration_pages, ops
from portal.administration import Administration
from portal.heartbeat_administration import HeartbeatAdministration
from status.probing.heartbeats.signals import HeartbeatSignal
from status.probing.heartbeats.store import HeartbeatStore
from status.probing.vantages.store import VantageStore
from tests.notify_fixtures import NotifyHouse
from tests.status_fixtures import WEB, probe
from web.forms.results import COOKIE, VALID_FOR

MARA = "mara@people.example"
PAGES = (
    "/ops/heartbeats",
    "/ops/heartbeats/nightly",
    "/ops/subscribers",
    "/ops/channels",
    "/ops/tokens",
    "/ops/audit",
    "/ops/health",
)
ACTS = (
    "/ops/subscribers/{id}/remove",
    "/ops/channels/chat/test",
    "/ops/tokens/{key}/revoke",
    "/ops/jobs/{job}/retry",
    "/ops/heartbeats/nightly/address",
    "/ops/heartbeats/nightly/address/drop",
    "/ops/heartbeats/nightly/word",
    "/ops/heartbeats/vantages/praha/drop",
)


@pytest.fixture
def house(sqlite_url, clock, tmp_path):
    database = connect(sqlite_url, clock=clock)
    new_house = NotifyHouse(database, clock, folder=tmp_path)
    new_house.keys = ApiTokenStore(database, clock)
    desk = Administration(
        new_house.store,
        {"chat": ChannelSubscription("chat", Preferences((), ("Hosting",)), ("incident.opened",))},
        Deliveries(database, clock),
        DatabaseQueue(database),
        new_house.accounts,
        new_house.keys,
        clock,
        "Sunny Hosting",
        lambda: {"database": "", "engine": "has not been seen for an hour"},
    )
    new_house.app.register_blueprint(ops.blueprint(desk))
    new_house.heartbeat_administration = HeartbeatAdministration(
        HeartbeatStore(database, clock),
        VantageStore(database, clock),
        (
            probe("nightly", kind="heartbeat"),
            probe("by-hand", kind="manual"),
            probe("web-http"),
            probe("rack", kind="group"),
        ),
        "https://status.example",
        clock,
        (replace(WEB, id="web", name="Web servers"),),
    )
    new_house.app.register_blueprint(
        heartbeat_administration_pages.blueprint(new_house.heartbeat_administration)
    )
    yield new_house
    database.close()


def acts(house):
    with house.db.read() as conn:
        rows = conn.execute(select(audit).order_by(audit.c.id))
        return [(r.actor, r.action) for r in rows if not r.action.startswith(("session", "person"))]


def filled(house):
    """One of everything; the values of ACTS."""
    house.store.subscribe(
        SubscriberKind.EMAIL, MARA, MARA, Preferences(("web",), (), maintenance=False)
    )
    key, _ = house.keys.add("exporter", ApiTokenRole.READ, "cli")
    house.heartbeat_administration.address("nightly", "cli")
    house.heartbeat_administration.vantage("praha", "cli")
    with house.db.write() as conn:
        given_up = {"state": JobState.FAILED, "finished_at": house.clock.now()}
        conn.execute(jobs.update().values(**given_up, error="the mail server is away"))
    with house.db.read() as conn:
        (job,) = conn.execute(select(jobs.c.id)).scalars()
    (incident,) = house.store.all()
    return {"id": incident.id, "key": key.id, "job": job}


@pytest.mark.parametrize("path", PAGES)
def test_who_is_let_in(house, path):
    filled(house)
    assert house.browser("olu").get(path).status_code == 200
    assert house.browser("ben").get(path).status_code == 403
    for name in ("zed", "mara"):
        answer = house.browser(name).get(path)
        assert answer.status_code == 404
        assert MARA not in answer.text.replace(f"{name}@people.example", "")
    assert house.browser().get(path).status_code == 303


@pytest.mark.parametrize("name", ["ben", "zed", "mara", ""])
def test_nobody_else_changes_anything(house, name):
    values = filled(house)
    browser = house.browser(name)
    before = acts(house)
    for path in ACTS:
        assert browser.post(path.format(**values)).status_code in (303, 401, 403, 404)
    browser.post("/ops/tokens", {"name": "mine", "role": "operator"})
    browser.post("/ops/heartbeats/vantages", {"name": "mine"})
    assert acts(house) == before
    assert house.store.by_id(values["id"])
    assert len(house.keys.all()) == 1


def test_olu_gives_a_job_its_address_and_speaks_for_it(house):
    olu = house.browser("olu")
    page_text = olu.post("/ops/heartbeats/nightly/address", follow_redirects=True).text
    token = re.search(r"https://status.example/heartbeat/([\w-]+)", page_text)[1]
    assert (
        house.heartbeat_administration.heartbeats.receive(
            token, HeartbeatSignal("up", "done in 3 s")
        )
        == "nightly"
    )
    page_text = olu.get("/ops/heartbeats").text
    assert "done in 3 s" in page_text
    assert "As planned" in page_text
    snippet = HeartbeatSignal("down", exit_status=3, snippet="<b>tape</b> torn")
    house.heartbeat_administration.heartbeats.receive(token, snippet)
    job_page = olu.get("/ops/heartbeats/nightly").text
    assert "&lt;b&gt;tape&lt;/b&gt; torn" in job_page
    assert "Next word due" in job_page
    assert "<dd>3</dd>" in job_page
    assert token not in job_page
    assert olu.get("/ops/heartbeats/web-http").status_code == 404
    assert token not in page_text
    assert "web-http" not in page_text  # it looks by itself
    assert "rack" not in page_text  # nobody sends anything for a group
    assert olu.post("/ops/heartbeats/by-hand/word", {"state": "sideways"}).status_code == 422
    fields = {"state": "degraded", "because": "slow disks"}
    assert olu.post("/ops/heartbeats/by-hand/word", fields).status_code == 303
    assert "slow disks" in olu.get("/ops/heartbeats").text
    assert olu.post("/ops/heartbeats/web-http/word", fields).status_code == 404
    olu.post("/ops/heartbeats/nightly/address/drop")
    assert house.heartbeat_administration.heartbeats.receive(token, HeartbeatSignal()) == ""
    done = [action for actor, action in acts(house) if actor == "olu"]
    assert done == ["heartbeat.token", "heartbeat.said", "heartbeat.dropped"]


def test_bookmarks_of_where_the_heartbeats_stood_lead_on(house):
    olu = house.browser("olu")
    for tail in ("", "/nightly"):
        moved = olu.get(f"/ops/told{tail}")
        assert (moved.status_code, moved.headers["Location"]) == (301, f"/ops/heartbeats{tail}")


def test_olu_lets_a_vantage_in_and_out(house):
    olu = house.browser("olu")
    assert olu.post("/ops/heartbeats/vantages", {"name": "../x"}).status_code == 422
    answer = olu.post("/ops/heartbeats/vantages", {"name": "praha"}, follow_redirects=True)
    token = re.search(r"<code>([\w-]{30,})</code>", answer.text)[1]
    assert house.heartbeat_administration.vantage_store.authenticate(token) == "praha"
    assert "praha" in olu.get("/ops/heartbeats").text
    olu.post("/ops/heartbeats/vantages/praha/drop")
    assert house.heartbeat_administration.vantage_store.authenticate(token) == ""


def test_olu_sees_and_removes_a_subscriber(house):
    values, olu = filled(house), house.browser("olu")
    text = olu.get("/ops/subscribers").text
    assert MARA in text
    assert "Not confirmed yet" in text
    assert "no maintenance" in text
    house.store.confirm(values["id"])
    house.store.mark_failed(values["id"], "answered 500", last=False)
    when = f'<time datetime="{house.clock.now():%Y-%m-%dT%H:%M:%SZ}"'
    assert f"answered 500 · {when}" in olu.get("/ops/subscribers").text
    assert olu.post(f"/ops/subscribers/{values['id']}/remove").status_code == 303
    assert "Nobody has subscribed yet" in olu.get("/ops/subscribers").text
    assert olu.post(f"/ops/subscribers/{values['id']}/remove").status_code == 404
    assert acts(house)[-1] == ("olu", "subscriber.removed")


def test_olu_tests_a_channel(house):
    olu = house.browser("olu")
    assert "none yet" in olu.get("/ops/channels").text
    assert olu.post("/ops/channels/chat/test").status_code == 303
    house.run_jobs()
    (letter,) = house.chat.letters
    assert letter.subject == "A test from Sunny Hosting"
    assert "none yet" not in olu.get("/ops/channels").text
    assert olu.post("/ops/channels/nothing/test").status_code == 404
    assert acts(house)[-1] == ("olu", "channel.tested")


def test_olu_sees_that_a_channel_refused_a_message_for_good(house):
    olu = house.browser("olu")
    house.chat.error = ChannelError("not an address that Apprise knows", permanent=True)
    olu.post("/ops/channels/chat/test")
    house.run_jobs()
    text = olu.get("/ops/channels").text
    assert "is not tried again: not an address that Apprise knows" in text
    assert f'<time datetime="{house.clock.now():%Y-%m-%dT%H:%M:%SZ}"' in text
    assert "none yet" in text
    house.chat.error = None
    house.clock.advance(timedelta(minutes=1))
    olu.post("/ops/channels/chat/test")
    house.run_jobs()
    assert "is not tried again" not in olu.get("/ops/channels").text


def test_a_token_is_shown_once_and_works_until_it_is_revoked(house):
    olu = house.browser("olu")
    answer = olu.post("/ops/tokens", {"name": "exporter", "role": "write"})
    assert answer.status_code == 303, "loading the page again makes no second one"
    place, cookie = answer.location, answer.headers["Set-Cookie"]
    answer = olu.get(place)
    token = re.search(r"jasno_[\w-]{43}", answer.text)[0]
    assert "HttpOnly" in cookie
    assert token not in cookie, "nor does the browser's file of cookies hold it"
    assert token not in olu.get(place).text, "it is shown once"
    assert token not in olu.get("/ops/tokens").text
    other = house.browser("olu")
    other.client.set_cookie(COOKIE, cookie.split("=", 1)[1].split(";")[0])
    assert token not in other.get(place).text, "it is of another session"
    olu.client.set_cookie(COOKIE, cookie.split("=", 1)[1].split(";")[0], path="/ops/tokens")
    assert token in olu.get(place).text, "the cookie as it was"
    olu.client.set_cookie(COOKIE, cookie.split("=", 1)[1].split(";")[0], path="/ops/tokens")
    house.clock.advance(VALID_FOR + timedelta(seconds=1))
    assert token not in olu.get(place).text, "it is over"
    for nonsense in ("", "x", "gAAAAA", "é" * 90, "a." * 60):
        olu.client.set_cookie(COOKIE, nonsense, path="/ops/tokens")
        assert olu.get(place).status_code == 200
    key = house.keys.by_token(token)
    assert (key.name, key.role) == ("exporter", ApiTokenRole.WRITE)
    assert olu.post("/ops/tokens", {"name": " ", "role": "read"}).status_code == 422
    assert olu.post("/ops/tokens", {"name": "x", "role": "root"}).status_code == 422
    assert olu.post(f"/ops/tokens/{key.id}/revoke").status_code == 303
    assert house.keys.by_token(token) is None
    assert acts(house) == [("olu", "token.added"), ("olu", "token.revoked")]


def test_olu_reads_the_audit_log(house):
    values, olu = filled(house), house.browser("olu")
    olu.post(f"/ops/subscribers/{values['id']}/remove")
    text = olu.get("/ops/audit").text
    assert text.index("subscriber.removed") < text.index("token.added")
    assert ">Olu<" in text
    assert "token.added" not in olu.get("/ops/audit?action=subscriber.").text
    assert "token.added" not in olu.get("/ops/audit?actor=olu&before=1").text
    assert olu.get("/ops/audit?before=x&actor=%00").status_code == 200
    assert olu.get("/ops/audit?before=-1&subject=%25").status_code == 200


def test_olu_sees_the_portals_health_and_tries_a_job_again(house):
    values, olu = filled(house), house.browser("olu")
    text = olu.get("/ops/health").text
    assert "has not been seen for an hour" in text
    assert "the mail server is away" in text
    assert "<strong>Služba na pozadí (engine)</strong>" in olu.get("/ops/health?lang=cs").text
    olu.get("/ops/health?lang=en")
    assert olu.post(f"/ops/jobs/{values['job']}/retry").status_code == 303
    house.run_jobs()
    assert [x.to for x in house.letters()] == [MARA]
    assert "the mail server is away" not in olu.get("/ops/health").text
    assert olu.post(f"/ops/jobs/{values['job']}/retry").status_code == 404


def test_czech_operators_read_czech_pages(house):
    for path in PAGES:
        assert 'lang="cs"' in house.browser("olu").get(f"{path}?lang=cs").text


# ------------------------------------------------------------------ the same from the terminal
@pytest.fixture
def run(sqlite_url, tmp_path, monkeypatch, capsys):
    (tmp_path / "jasno.toml").write_text('[[channel]]\nid = "oncall"\nurl = "json://127.0.0.1:9"\n')
    monkeypatch.setenv("JASNO_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("JASNO_VAR", str(tmp_path / "var"))
    (tmp_path / "var").mkdir()
    monkeypatch.chdir(tmp_path)

    def ran(*words):
        status = main(words)
        return status, capsys.readouterr().out

    return ran


def test_tokens_from_the_terminal(run):
    status, token = run("token", "add", "exporter", "--role", "write")
    assert status == 0
    assert token.startswith("jasno_")
    _, listed = run("token", "list")
    assert "never used\texporter" in listed
    assert token.strip() not in listed
    id_ = listed.split("\t")[0]
    assert run("token", "revoke", id_)[0] == 0
    assert run("token", "revoke", id_)[0] == 2
    assert "revoked" in run("token", "list")[1]
    assert [line.split("\t")[3] for line in run("audit")[1].splitlines()] == [
        "token.revoked",
        "token.added",
    ]
    assert " UTC\tcli\t" in run("audit")[1]
    assert " JST\tcli\t" in run("audit", "--zone", "Asia/Tokyo")[1]


def test_subscribers_channels_and_health_from_the_terminal(run, house):
    house.store.subscribe(
        SubscriberKind.EMAIL, MARA, MARA, Preferences(("web",), (), maintenance=False)
    )
    assert f"{MARA}\tweb, no maintenance" in run("subscriber", "list")[1]
    assert run("subscriber", "remove", MARA)[0] == 0
    assert run("subscriber", "remove", MARA)[0] == 2
    assert "nothing sent yet" in run("channel", "list")[1]
    assert run("channel", "test", "oncall")[0] == 0
    assert run("channel", "test", "nothing")[0] == 2
    status, output = run("health")
    assert status == 1  # no engine runs here
    assert "channel.send\t1 waiting" in output
    assert run("health", "--retry", "99")[0] == 2
    assert "subscriber.removed" in run("audit", "--actor", "cli", "--action", "subscriber.")[1]


def test_a_probe_by_hand_is_given_no_advice_about_addresses(house):
    olu = house.browser("olu")
    by_hand = olu.get("/ops/heartbeats/by-hand").text
    assert "its address" not in by_hand
    assert "Nobody has said anything yet" in by_hand
    assert "Give the job its address" in olu.get("/ops/heartbeats/nightly").text
    for page in (by_hand, olu.get("/ops/heartbeats").text):
        assert '<a href="/ops/components/web">Web servers</a>' in page


def test_only_an_address_that_stood_is_said_to_work_no_longer(house):
    olu = house.browser("olu")
    pages = []
    for _ in range(2):
        sent = olu.post("/ops/heartbeats/nightly/address")
        pages.append(olu.get(sent.location).text)
    assert ["the old one no longer works" in page for page in pages] == [False, True]
    assert "This is the address for nightly." in pages[0]
