"""What cookies browsers get: whole, as a browser is told, and which one opens a stranger's run."""

from __future__ import annotations

from dataclasses import dataclass
from http.cookies import SimpleCookie

import pytest

from accounts.store import LIFETIME
from db.engine import connect
from tests.desk_fixtures import SECRET, House
from tests.diagnostics_rooms import DOMAIN, full_disk
from tests.unit.test_run_access import run
from web.site import Site
from wizard.page_context import COOKIE, cookie_hash, requester_with_cookie, visible_watch
from wizard.runs.store import hash_token

YEAR = str(365 * 24 * 3600)
SITES = [("http://portal.example", "", ""), ("https://portal.example", "__Host-", True)]


@pytest.fixture
def database(sqlite_url, clock):
    db = connect(sqlite_url, clock=clock)
    yield db
    db.close()


def sent(answer, name):
    """One cookie of an answer with all that it says to the browser; None where it is not sent."""
    jar = SimpleCookie()
    for line in answer.headers.getlist("Set-Cookie"):
        jar.load(line)
    return jar.get(name)


def reach(cookie):
    """How far a cookie goes: for how long, under which path, to whom."""
    return tuple(cookie[key] for key in ("max-age", "path", "httponly", "samesite", "secure"))


@pytest.mark.parametrize(("url", "prefix", "secure"), SITES)
def test_signing_in_brings_two_cookies_bound_to_this_host(database, clock, url, prefix, secure):
    browser = House(database, clock, Site(name="Sunny", url=url)).browser()
    browser.get("/sign-in?next=/me", base_url=url)
    form = {"email": "mara@people.example", "password": SECRET}
    answer = browser.post("/sign-in", form, base_url=url, headers={"Origin": url})
    assert answer.status_code == 303
    session, remembered = (sent(answer, f"{prefix}jasno_{name}") for name in ("session", "browser"))
    assert reach(session) == (str(int(LIFETIME.total_seconds())), "/", True, "Lax", secure)
    assert reach(remembered) == (YEAR, "/", True, "Lax", secure)
    assert session.value != remembered.value
    again = browser.get("/sign-in", base_url=url)
    assert (again.status_code, again.location) == (303, "/me")


@dataclass(frozen=True)
class Owned:
    """A watch, as far as pages decide about it."""

    person: str


def test_the_watch_on_a_public_run_is_for_whom_it_is_and_for_staff(database, clock):
    house = House(database, clock)

    def look(person):
        watch = visible_watch(lambda _run: Owned(person) if person else None, run())
        return watch.person if watch else ""

    house.app.add_url_rule("/watched-by/<person>", view_func=look)
    house.app.add_url_rule("/unwatched", view_func=lambda: look(""))
    browsers = {name: house.browser(name) for name in ("mara", "tomas", "ben", "")}
    seen_by = {name for name, b in browsers.items() if b.get("/watched-by/mara").text == "mara"}
    assert seen_by == {"mara", "ben"}
    assert {b.get("/unwatched").text for b in browsers.values()} == {""}


class RequesterPage:
    """A house whose one page tells who asks, as pages that start runs do."""

    def __init__(self, database, clock, url="http://localhost"):
        self.house = House(database, clock, Site(url=url))
        self.house.app.add_url_rule("/ask", view_func=self.ask)
        self.url = url
        self.requesters, self.hashes = [], []

    def ask(self):
        self.hashes.append(cookie_hash())
        self.requesters.append(requester_with_cookie())
        return "asked"

    def get(self, value="", browser=None):
        """The cookie that the answer brings; None where the browser keeps its own."""
        headers = {"Cookie": f"{COOKIE}={value}"} if value else {}
        client = browser or self.house.app.test_client(use_cookies=False)
        answer = client.get("/ask", headers=headers, base_url=self.url)
        return sent(answer, COOKIE)


@pytest.mark.parametrize(("url", "prefix", "secure"), SITES)
def test_a_stranger_s_browser_gets_a_cookie_for_a_year(database, clock, url, prefix, secure):
    del prefix
    page = RequesterPage(database, clock, url)
    cookie = page.get()
    assert reach(cookie) == (YEAR, "/", True, "Lax", secure)
    assert len(cookie.value) == 32
    assert page.requesters[0].cookie == hash_token(cookie.value)
    assert page.requesters[0].visitor.person is None
    assert page.get().value != cookie.value


def test_a_cookie_of_20_characters_is_kept_and_a_shorter_one_is_none(database, clock):
    page = RequesterPage(database, clock)
    assert page.get("c" * 20) is None
    replaced = page.get("c" * 19)
    assert page.hashes == [hash_token("c" * 20), ""]
    assert [requester.cookie for requester in page.requesters] == [
        hash_token("c" * 20),
        hash_token(replaced.value),
    ]


def test_who_is_signed_in_asks_as_themselves_from_their_own_network(database, clock):
    page = RequesterPage(database, clock)
    browser = page.house.browser("mara")
    page.get(browser=browser)
    page.get(browser=page.house.browser())
    mara, stranger = page.requesters
    assert (mara.visitor.person.id, stranger.visitor.person) == ("mara", None)
    assert mara.address == stranger.address == "127.0.0.1"


def test_a_run_is_whole_in_the_browser_that_began_it(rooms):
    browser, other = rooms.browser(), rooms.browser()
    place = rooms.begin(browser, "other.example")
    rooms.finish(place, full_disk())
    assert sent(browser.get(place), COOKIE) is None
    assert rooms.run(place).session
    assert browser.get(place).text != other.get(place).text


def test_a_mailbox_test_needs_hosts_of_ours_a_contact_and_their_own_run(rooms):
    mara, ben = rooms.browser("mara"), rooms.browser("ben")
    own, foreign = (rooms.begin(b, f"mara@{DOMAIN}", "mailbox_sign_in") for b in (mara, ben))
    for place in (own, foreign):
        rooms.finish(place)
    assert f"{own}/mailbox" in mara.get(own).text
    assert f"{foreign}/mailbox" not in ben.get(foreign).text
