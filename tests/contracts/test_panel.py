"""What every panel adapter must do. A new one joins by its line in PANELS."""

import json
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hosting.model import (
    Account,
    FirewallLockout,
    HostedService,
    HostedSite,
    HostingFacts,
    Mailbox,
    MailboxState,
    PanelContact,
    Redirect,
    Resource,
    ResourceLimit,
    ServiceKind,
    Usage,
)
from hosting.panel import PanelAccess, PanelError
from hosting.panels import PANELS, connect
from hosting.panels.circuit_breaker import FAILURE_THRESHOLD
from observe.network import Network
from tests.fake_panels import FAKES, serving

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
MARA = Account(
    "A/1", "Mara Nováková", ("shop.example",), (PanelContact("mara@shop.example", "Mara", "owner"),)
)
SERVICES = (
    HostedService(
        "S1", ServiceKind.PROJECT, "shop.example", expires=date(2026, 2, 1), server="web12"
    ),
)
FACTS = HostingFacts(
    MARA,
    SERVICES,
    (
        Usage(Resource.DISK, 5, 10, "bytes", AT, "panel"),
        Usage(Resource.INODES, 7, None, "count", AT, "panel"),
    ),
    (ResourceLimit("memory", 3, AT - timedelta(days=1), AT),),
    (Redirect("shop.example", "https://www.shop.example/"),),
    (HostedSite("shop.example", "/www", ("31.0.0.1",), "web12"),),
    AT,
    mail_local=True,
)

BOX = Mailbox(
    "mara@shop.example", MailboxState.ACTIVE, AT, used=900, limit=1000, sent=3, send_limit=200
)
LOCKED = FirewallLockout("93.184.216.34", locked=True, as_of=AT, service="imap", since=AT)


class Api:
    """The JSON API of docs/hosting.md over two accounts; `say` replaces the next answers."""

    token = "panel-token"

    def __init__(self):
        self.say = None
        self.requests = []

    def reply_for(self, path, domain):
        own = domain == "shop.example"
        return {
            "/ping": {"ok": True},
            "/accounts": MARA if own else None,
            "/accounts/A%2F1": MARA,
            "/accounts/A%2F1/services": SERVICES,
            "/accounts/A%2F1/facts": FACTS if own else None,
            "/accounts/A%2F1/mailbox": BOX,
            "/accounts/A%2F1/lockout": LOCKED,
        }.get(path)


@contextmanager
def served(api):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            api.requests.append((self.path, self.headers["Authorization"]))
            if api.say is not None:
                status, body = api.say
            elif self.headers["Authorization"] != f"Bearer {api.token}":
                status, body = 401, b"{}"
            else:
                parts = urlsplit(self.path)
                value = api.reply_for(parts.path, parse_qs(parts.query).get("domain", [""])[0])
                status, body = (404, b"{}") if value is None else (200, msgspec.json.encode(value))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def api():
    return Api()


@pytest.fixture(params=PANELS, ids=lambda kind: kind.name)
def panel(request, api):
    """A panel that is there, empty for kinds that keep nothing."""
    if request.param.name in FAKES:
        fake = FAKES[request.param.name]()
        with serving(fake) as url:
            access = PanelAccess(url, fake.token, user=fake.user)
            yield connect(request.param.name, access, Network(closed=True))
        return
    with served(api) as url:
        yield connect(request.param.name, PanelAccess(url, api.token), Network(closed=True))


@pytest.fixture
def http_panel(api):
    with served(api) as url:
        access = PanelAccess(url + "/", api.token, timedelta(seconds=1))
        yield connect("http", access, Network(closed=True))


# ------------------------------------------------------------------ every panel
def test_a_stranger_has_nothing(panel):
    assert panel.account("nobody") is None
    assert panel.account_of("stranger.example") is None


@pytest.mark.parametrize(
    "call", [lambda p: p.services("nobody"), lambda p: p.facts("nobody", "x.example")]
)
def test_asking_for_an_account_that_is_not_there_is_a_permanent_error(panel, call):
    with pytest.raises(PanelError) as error:
        call(panel)
    assert error.value.permanent


def test_a_panel_that_is_there_answers_its_ping(panel):
    assert panel.ping() is None


def test_what_one_call_says_the_others_say_too(panel):
    account = panel.account_of("shop.example")
    if account is not None:
        assert panel.account(account.id) == account
        facts = panel.facts(account.id, "shop.example")
        assert facts.account == account
        assert set(facts.services) <= set(panel.services(account.id))


def test_what_a_panel_cannot_tell_of_mail_is_none(panel):
    assert panel.mailbox("nobody", "zed@stranger.example") is None
    assert panel.lockout("nobody", "93.184.216.34") is None


@pytest.mark.parametrize(
    "hostile", ["", "../secret", "a?b=c", "%2e%2e", "\x00", "ž" * 300, "a/b#c"]
)
def test_hostile_ids_and_domains_find_nothing(panel, hostile):
    assert panel.account_of(hostile) is None
    with suppress(PanelError):  # refused is as good as absent
        assert panel.account(hostile) is None


def test_an_unknown_kind_names_the_known_ones():
    with pytest.raises(KeyError, match=r"plesk.*none, http"):
        connect("plesk", PanelAccess(), Network())


# ------------------------------------------------------------------ the one behind HTTP
def test_everything_comes_back_as_it_was_said(http_panel, api):
    assert http_panel.account("A/1") == MARA
    assert http_panel.account_of("shop.example") == MARA
    assert http_panel.services("A/1") == SERVICES
    assert http_panel.facts("A/1", "shop.example") == FACTS
    assert http_panel.mailbox("A/1", "mara@shop.example") == BOX
    assert http_panel.lockout("A/1", "93.184.216.34") == LOCKED
    assert {token for _, token in api.requests} == {"Bearer panel-token"}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"Traceback (most recent call last): secret"),
        (302, b""),
        (200, b""),
        (200, b"<html>maintenance secret</html>"),
        (200, b"[]"),
        (200, b"null"),
        (200, b'{"id": 5}'),
        (200, b'{"id": "A/2", "name": "Zed", "domains": ["secret.example"]}'),
        (200, b'{"id": "A/1", "name": "Mara", "domains": "shop.example"}'),
        (200, b"[" * 200_000),
        (200, b"\xff\xfe"),
        (200, b" " * 3_000_000),
    ],
)
def test_malformed_answers_are_panel_errors_and_repeat_nothing(http_panel, api, status, body):
    api.say = (status, body)
    calls = (
        lambda: http_panel.account("A/1"),
        lambda: http_panel.account_of("shop.example"),
        lambda: http_panel.facts("A/1", "shop.example"),
    )
    for call in calls:
        with pytest.raises(PanelError) as error:
            call()
        assert "secret" not in str(error.value)
        assert "panel-token" not in str(error.value)


@pytest.mark.parametrize(
    "change",
    [
        {"as_of": "2026-01-15T12:00:00"},
        {"as_of": "yesterday"},
        {"usage": [{"resource": "disk", "used": -1, "limit": 5, "unit": "bytes"}]},
        {"usage": [{"resource": "disk", "used": "5", "limit": 5, "unit": "bytes"}]},
        {"usage": [{"resource": "moon", "used": 5, "limit": 5, "unit": "bytes"}]},
        {"services": None},
    ],
)
def test_figures_that_cannot_be_are_refused(http_panel, api, change):
    for item in change.get("usage", ()) or ():
        item.update(as_of=AT.isoformat(), source="panel")
    body = json.loads(msgspec.json.encode(FACTS)) | change
    api.say = (200, json.dumps(body).encode())
    with pytest.raises(PanelError):
        http_panel.facts("A/1", "shop.example")


@pytest.mark.parametrize(
    "change", [{"address": "vera@shop.example"}, {"used": -1}, {"as_of": "2026-01-15T12:00:00"}]
)
def test_another_mailbox_or_an_impossible_figure_is_refused(http_panel, api, change):
    body = json.loads(msgspec.json.encode(BOX)) | change
    api.say = (200, json.dumps(body).encode())
    with pytest.raises(PanelError):
        http_panel.mailbox("A/1", "mara@shop.example")


def test_another_address_locked_out_is_refused(http_panel):
    with pytest.raises(PanelError):
        http_panel.lockout("A/1", "93.184.216.35")


def test_no_limit_is_unlimited_and_new_fields_do_no_harm(http_panel, api):
    body = json.loads(msgspec.json.encode(FACTS)) | {"colour": "green"}
    api.say = (200, json.dumps(body).encode())
    assert http_panel.facts("A/1", "shop.example").usage[1].limit is None


def test_a_wrong_token_is_permanent(http_panel, api):
    api.token = "another"
    with pytest.raises(PanelError) as error:
        http_panel.account("A/1")
    assert error.value.permanent


def test_a_failing_panel_is_left_alone_for_a_moment(http_panel, api):
    api.say = (503, b"")
    for _ in range(FAILURE_THRESHOLD + 2):
        with pytest.raises(PanelError) as error:
            http_panel.ping()
        assert not error.value.permanent
    assert len(api.requests) == FAILURE_THRESHOLD


def test_a_panel_that_is_away_is_worth_another_try():
    with served(Api()) as url:
        pass
    away = connect("http", PanelAccess(url, "t"), Network())
    with pytest.raises(PanelError) as error:
        away.ping()
    assert not error.value.permanent


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
@given(
    body=st.binary(max_size=200)
    | st.text(max_size=60).map(lambda t: json.dumps({"id": t}).encode())
)
def test_any_answer_is_a_value_or_a_panel_error(http_panel, api, body):
    api.say = (200, body)
    with pytest.raises(PanelError):
        http_panel.facts("A/1", "shop.example")
