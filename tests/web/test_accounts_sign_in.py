"""Signing in and out as people see it, and what Zed cannot learn."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db.engine import connect
from tests.desk_fixtures import SECRET, House
from web.site import Site


@pytest.fixture
def database(sqlite_url, clock):
    db = connect(sqlite_url, clock=clock)
    yield db
    db.close()


@pytest.fixture
def house(database, clock):
    return House(database, clock)


def sign_in(browser, email="mara@people.example", password=SECRET, **kw):
    return browser.post("/sign-in", {"email": email, "password": password, **kw})


def test_mara_signs_in_and_goes_on_where_she_was(house):
    browser = house.browser()
    answer = sign_in(browser, next="/tickets/new?run=abc&kept=def")
    assert answer.status_code == 303
    assert answer.location == "/tickets/new?run=abc&kept=def"
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "session" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert browser.get("/sign-in").status_code == 303


def test_an_address_may_be_pasted_with_its_name(house):
    answer = sign_in(house.browser(), "Mara Nová <Mara@people.example>")
    assert (answer.status_code, answer.location) == (303, "/me")
    page = house.browser().get("/sign-in").text
    assert 'type="email"' not in page, "a browser would send nothing of it"


def marks(answer):
    """What an answer tells the browser's scripts of who is signed in."""
    sent = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("jasno_signed_in=")]
    assert not any("HttpOnly" in cookie for cookie in sent)
    return [cookie.partition(";")[0].partition("=")[2] for cookie in sent]


def test_pages_that_are_the_same_for_all_can_tell_that_somebody_is_signed_in(house):
    browser = house.browser()
    assert marks(browser.get("/sign-in")) == []
    assert marks(sign_in(browser)) == ["1"]
    assert marks(browser.get("/me")) == []
    browser.client.delete_cookie("jasno_signed_in")
    assert marks(browser.get("/me")) == ["1"], "a session from before the mark existed"
    assert marks(browser.post("/sign-out", {})) == [""]
    sign_in(browser)
    browser.client.delete_cookie("jasno_session")
    assert marks(browser.get("/sign-in")) == [""], "the session has ended elsewhere"
    assert marks(sign_in(house.browser(), password="wrong")) == []


def test_over_https_the_cookie_stays_on_https_and_this_host(database, clock):
    house = House(database, clock, Site(url="https://portal.example"))
    browser = house.browser()
    browser.get("/sign-in", base_url="https://localhost")
    answer = browser.post(
        "/sign-in",
        {"email": "mara@people.example", "password": SECRET},
        base_url="https://localhost",
    )
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "session" in c)
    assert cookie.startswith("__Host-jasno_session=")
    assert "Secure" in cookie


def test_staff_arrive_at_the_desk(house):
    assert sign_in(house.browser(), "ben@people.example").location == "/desk"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_nobody_is_led_to_another_site(house, target):
    assert sign_in(house.browser(), next=target).location == "/me"
    page = house.browser().get("/sign-in", query_string={"next": target})
    assert "evil.example" not in page.text


def test_a_wrong_password_and_an_unknown_address_look_the_same(house):
    def refusal_of(email):
        browser = house.browser()
        answer = sign_in(browser, email, "not the password")
        assert answer.status_code == 422
        assert not any("session" in c for c in answer.headers.getlist("Set-Cookie"))
        assert "do not go together" in answer.text
        return answer.text.replace(email, "X").replace(browser._token, "T")

    assert refusal_of("mara@people.example") == refusal_of("who@people.example")


def test_a_second_sign_in_changes_the_token(house):
    browser = house.browser("mara")
    first = browser.client.get_cookie("jasno_session").value
    sign_in(browser)
    second = browser.client.get_cookie("jasno_session").value
    assert first != second
    assert len(house.accounts.sessions("mara")) == 1
    assert house.accounts.visitor(first).person is None


def test_a_planted_cookie_is_not_taken_over(house):
    browser = house.browser()
    browser.client.set_cookie("jasno_session", "chosen-by-zed")
    sign_in(browser)
    assert browser.client.get_cookie("jasno_session").value != "chosen-by-zed"
    assert house.accounts.visitor("chosen-by-zed").person is None


def test_signing_out_ends_the_session_on_the_server(house):
    browser = house.browser("mara")
    token = browser.client.get_cookie("jasno_session").value
    assert browser.post("/sign-out").status_code == 303
    assert house.accounts.visitor(token).person is None
    assert browser.client.get_cookie("jasno_session") is None


def test_zed_cannot_end_maras_session(house):
    house.browser("mara")
    session = house.accounts.sessions("mara")[0].id
    assert house.browser("zed").post(f"/sign-out/{session}").status_code == 404
    assert house.browser().post(f"/sign-out/{session}").status_code == 401
    assert len(house.accounts.sessions("mara")) == 1


def test_guessing_is_slowed_and_comes_to_an_end_by_itself(house, clock):
    browser = house.browser()
    codes = [sign_in(browser, password=f"guess number {n}").status_code for n in range(22)]
    assert codes == [422] * 20 + [429] * 2
    refused = sign_in(browser)  # even the right one must wait
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    clock.advance(timedelta(minutes=10))
    assert sign_in(browser).status_code == 303


def test_without_the_form_token_nothing_happens(house):
    answer = house.app.test_client().post(
        "/sign-in", data={"email": "mara@people.example", "password": SECRET}
    )
    assert answer.status_code == 403
    assert house.accounts.sessions("mara") == ()


@pytest.mark.parametrize(
    "email",
    ["<script>alert(1)</script>", "x" * 100_000, "a\0b@c.example", "\u202egnp@x.example",
     "' OR 1=1 --", "%00%ff"],
)  # fmt: skip
def test_hostile_text_ends_in_a_calm_page(house, email):
    answer = sign_in(house.browser(), email, "x" * 3000 + "\0<b>")
    assert answer.status_code in (400, 422)
    assert "<script>alert" not in answer.text
    assert "<b>" not in answer.text
