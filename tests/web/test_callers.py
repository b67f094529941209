"""A caller's code: Mara reads it out, Ben verifies it, guessing gets nowhere, Zed learns nothing."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from accounts.caller_codes import LIFETIME, CallerCodes, code_of_session
from accounts.order_policy import POLICY
from accounts.room import AccountsRoom
from clock import ManualClock
from context import context
from db.engine import connect
from portal import callers, desk, me
from portal.callers import CallerPages
from settings import load
from tests.desk_fixtures import ACCOUNT
from tests.ticket_fixtures import DeskHouse

SERVICE = "shop.example"


class CallersHouse(DeskHouse):
    """The desk with callers' codes."""

    def __post_init__(self):
        super().__post_init__()
        self.codes = CallerCodes(self.accounts, self.clock, b"c" * 32)
        pages = CallerPages(self.accounts, self.hosting, self.codes, POLICY)
        self.app.register_blueprint(callers.blueprint(pages))
        own = me.MePages(self.accounts, self.tickets, self.hosting, code_of=self.codes.code_of)
        self.app.register_blueprint(me.blueprint(own), name="me_with_code", url_prefix="/coded")
        seam = self.diagnoses.seam()
        queue = desk.DeskPages(self.work, self.accounts, self.hosting, seam, verifies_callers=True)
        self.app.register_blueprint(desk.blueprint(queue), name="d2", url_prefix="/coded")


@pytest.fixture
def house(sqlite_url, clock):
    database = connect(sqlite_url, clock=clock)
    yield CallersHouse(database, clock)
    database.close()


def shown_code(browser):
    match = re.search(r'class="caller-code">(\d{3} \d{3})<', browser.get("/coded/me").text)
    return match[1] if match else ""


def verify(house, code, service=SERVICE, name="ben"):
    form = {"service": service, "code": code}
    return house.browser(name).post("/desk/caller", form, follow_redirects=True)


def acts(house, action):
    return [a for _, a in house.accounts.entries(action=action)]


@pytest.mark.parametrize("service", [SERVICE, f"info@{SERVICE}", ACCOUNT, "mara@people.example"])
def test_the_agent_learns_who_calls_and_what_they_may_order(house, service):
    code = shown_code(house.browser("mara"))
    for spoken in (code, code.replace(" ", ""), f" {code.replace(' ', '-')} "):
        answer = verify(house, spoken, service)
        assert answer.status_code == 200
        text = html.unescape(answer.text)
        assert "It is Mara, mara@people.example: still signed in, and the code" in text
        assert "owner contact" in text
        assert "change contacts and ownership" in text
        assert "confirmed in a second way" not in text  # what the code has done
    (act, *_) = acts(house, "caller.verified")
    assert (act.actor, act.subject) == ("ben", "person:mara")
    assert act.detail == {"service": service, "accounts": ACCOUNT}


def test_the_role_stays_what_it_is(house):
    text = verify(house, shown_code(house.browser("vera"))).text
    assert "It is Vera" in text
    assert "A billing contact cannot order technical changes" in text


def test_a_code_works_for_an_hour_and_a_new_sign_in_ends_it(house, clock):
    mara = house.browser("mara")
    first = shown_code(mara)
    clock.advance(LIFETIME - timedelta(seconds=1))
    assert verify(house, first).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert verify(house, first).status_code == 422
    second = shown_code(mara)
    assert second != first
    clock.advance(timedelta(minutes=1))
    newer = house.browser("mara")
    assert verify(house, second).status_code == 422
    assert shown_code(mara) == shown_code(newer) != second
    for browser in (newer, mara):
        browser.post("/sign-out")
    assert house.codes.code_of("mara") is None


def test_guessing_is_counted_for_everybody_it_may_hit_and_audited(house):
    right = shown_code(house.browser("mara"))
    wrong = "".join("1" if c == "0" else "0" if c.isdigit() else c for c in right)
    services = (SERVICE, f"x@{SERVICE}", ACCOUNT)  # other names of the same people
    for turn in range(10):
        answer = verify(house, wrong, services[turn % 3])
        assert answer.status_code == 422
        assert "Nobody who may speak for this service" in answer.text
        assert wrong in answer.text
    refused = verify(house, right, "mara@people.example")
    assert refused.status_code == 429
    assert "Within this hour too many wrong codes were tried" in refused.text
    assert "requests from your side" not in refused.text  # words for customers
    assert len(acts(house, "caller.refused")) == 10
    assert acts(house, "caller.verified") == []


def test_right_codes_count_for_nothing(house):
    code = shown_code(house.browser("mara"))
    assert [verify(house, code).status_code for _ in range(15)] == [200] * 15


def test_an_unknown_service_is_limited_too(house):
    statuses = [verify(house, "123456", "nobody.example").status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


@pytest.mark.parametrize("code", ["4829", "4829137", "48291x", "٤٨٢٩١٣", "- - -"])
def test_what_is_no_six_digits_is_told_and_counts_for_nothing(house, code):
    for _ in range(12):
        answer = verify(house, code)
        assert answer.status_code == 422
        assert "Please type the six digits that the caller reads out." in answer.text
        assert "Nobody who may speak for this service" not in answer.text
    assert acts(house, "caller.refused") == []


@pytest.mark.parametrize(("service", "code"), [("", "123456"), (SERVICE, ""), ("x" * 501, "1")])
def test_what_is_missing_is_said_and_what_was_typed_stays(house, service, code):
    answer = verify(house, code, service)
    assert answer.status_code == 422
    assert f'value="{service}"' in answer.text
    assert acts(house, "caller.") == []


def test_nobody_else_sees_any_of_it(house):
    assert shown_code(house.browser("zed")) == ""  # a contact of nothing
    assert shown_code(house.browser("ben")) == ""
    for name in ("mara", "zed"):
        assert house.browser(name).get("/desk/caller").status_code == 403
        assert verify(house, "123456", name=name).status_code == 403
    assert house.browser().get("/desk/caller").status_code in (303, 401)


def test_the_ways_to_it(house):
    ben, ticket = house.browser("ben"), house.ticket_of()
    assert 'href="/desk/caller"' in ben.get("/coded/desk").text
    assert f'href="/desk/caller?service={SERVICE}"' in ben.get(f"/coded/desk/tickets/{ticket}").text
    assert "/desk/caller" not in ben.get("/desk").text
    assert f'value="{SERVICE}"' in ben.get(f"/desk/caller?service={SERVICE}").text


def test_the_operator_may_do_without(tmp_path):
    for text, used in (("", True), ("[policy]\ncaller_codes = false\n", False)):
        (tmp_path / "jasno.toml").write_text(text)
        settings = load(env={"JASNO_VAR": str(tmp_path / "var")}, cwd=tmp_path)
        room = AccountsRoom(context(settings, ManualClock()))
        assert (room.caller_codes is not None) is used


def test_codes_differ_between_sessions_hours_and_secrets(house, clock):
    house.browser("mara"), house.browser("mara")
    newest, other = house.accounts.sessions("mara")
    now = clock.now()
    codes = {
        code_of_session(newest, now, b"a").digits,
        code_of_session(other, now, b"a").digits,
        code_of_session(newest, now + LIFETIME, b"a").digits,
        code_of_session(newest, now, b"b").digits,
    }
    assert len(codes) == 4
    assert all(re.fullmatch(r"\d{6}", code) for code in codes)
