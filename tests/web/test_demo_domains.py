"""A demo knows only its own domains, and says so of every other."""

from __future__ import annotations

from db.engine import connect
from tests.diagnostics_rooms import DOMAIN, Rooms, words


def test_a_demo_says_that_a_real_domain_is_not_its_to_judge(sqlite_url, clock) -> None:
    own = ("gallery.example", DOMAIN, "orchard.example", "tower.example")
    rooms = Rooms(connect(sqlite_url, clock=clock), clock, demo_domains=own)
    browser = rooms.browser()
    assert "It knows only the demo" in words(browser.get("/check"))
    for target in ("seznam.cz", "https://www.seznam.cz/mail", "jan@seznam.cz"):
        page = browser.post("/check", {"target": target, "symptom": "site_down"})
        assert page.status_code == 422
        assert "Whatever seznam.cz is on the internet" in words(page)
        assert "gallery.example" in words(page)
    pasted = {"domain": "seznam.cz", "text": "@ MX 10 mail.elsewhere.example."}
    assert browser.post("/check/instructions", pasted).status_code == 422
    assert rooms.store.recent() == ()
    rooms.begin(browser, f"www.{DOMAIN}")


def test_no_word_of_a_demo_where_this_is_none(rooms) -> None:
    assert "demo" not in words(rooms.browser().get("/check"))
