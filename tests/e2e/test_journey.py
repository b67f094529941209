"""The whole mission, walked in a real browser as Mara and Ben, with and without JavaScript."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.site_fixtures import BEN, MARA, OLU, ZED, House, check, sign_in, wait_done

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]
BROKEN = "gallery.example"  # the disk is full, the site answers 500


def says(page: Page, words: str, where: str = "main", seconds: float = 5) -> None:
    """Wait until a part of the page says something."""
    for _ in range(int(seconds * 10)):
        if words in page.locator(where).first.inner_text():
            return
        page.wait_for_timeout(100)
    pytest.fail(
        f"{page.url} {where} does not say {words!r}: {page.locator(where).first.inner_text()[:300]!r}"
    )


def other(person: BrowserContext) -> BrowserContext:
    """Somebody else's browser, with the same habits about JavaScript."""
    browser = person.browser
    assert browser is not None
    return browser.new_context(locale="en-GB")


def write_ticket(page: Page, words: str) -> str:
    """From the report to a sent ticket; its address."""
    page.click("main a[href^='/tickets/new']")
    says(page, "Your disk space is full", "main")
    page.locator("main textarea").first.fill(words)
    page.locator("main form[method=post] button[type=submit]").last.click()
    anew, thread = page.locator("button[name=go][value=new]"), page.locator("ol.thread")
    anew.or_(thread).first.wait_for()  # a click does not wait for the page that it leads to
    if anew.count():  # an open request about the same thing is offered first
        anew.click()
    page.wait_for_url(re.compile(r"/tickets/(?!new)"))
    return page.url


def test_mara_and_ben_walk_the_whole_journey(house: House, person: BrowserContext) -> None:
    words = f"The gallery shows an error since this morning ({id(person)})."
    mara = person.new_page()
    mara.goto(house.url + "/en/")
    mara.click("text=Check my service")
    sign_in(mara, house, MARA)
    check(mara, house, BROKEN)
    says(mara, "Your disk space is full", "h1")
    says(mara, "You, in your account", "main")
    mara.click("main >> text=The disk space of my hosting is full")
    says(mara, "The disk space of my hosting is full", "h1")
    mara.go_back()
    ticket = write_ticket(mara, words)
    says(mara, words, "main")

    office = other(person)
    ben = office.new_page()
    sign_in(ben, house, BEN)
    ben.goto(house.url + "/desk")
    number = ticket.rsplit("/", 1)[1].split("?")[0]
    ben.goto(f"{house.url}/desk/tickets/{number}")
    says(ben, "owner contact, signed in", "main")
    says(ben, "Your disk space is full", "main")
    ben.fill(
        "form[action$='/reply'] textarea", "Please delete the old backups, then run this check."
    )
    ben.click("button[value=reply]")
    says(ben, "Please delete the old backups", "ol.thread")
    ben.click("form[action$='/invite'] button")
    link = ben.locator(".notice code").inner_text()

    mara.goto(ticket)
    says(mara, "Please delete the old backups", "main")
    mara.goto(link)
    says(mara, BROKEN, "main")
    mara.check("input[name=consent]")
    mara.click("main form[method=post] button[type=submit]")
    mara.wait_for_url("**/r/*")
    wait_done(mara)
    says(mara, "Your disk space is full", "h1")

    for _ in range(30):
        ben.goto(f"{house.url}/desk/tickets/{number}")
        thread = ben.locator("ol.thread").inner_text()
        if "Nothing has changed since the last report." in thread:
            break
        ben.wait_for_timeout(300)
    assert "Nothing has changed since the last report." in thread
    assert thread.count("owner contact") >= 2  # the letter's and the runner's statement
    office.close()


def test_zed_sees_nothing_and_asks_nothing(house: House, person: BrowserContext) -> None:
    mara = other(person).new_page()
    sign_in(mara, house, MARA)
    report = check(mara, house, BROKEN)
    ticket = write_ticket(mara, "A letter that is none of Zed's business.")

    zed = person.new_page()
    sign_in(zed, house, ZED)
    answer = zed.goto(ticket)
    assert answer is not None
    assert answer.status == 404
    zed.goto(report)
    seen = zed.content()
    assert "disk space is full" not in seen
    assert "10 GB" not in seen
    check(zed, house, BROKEN)
    assert "disk space is full" not in zed.content().lower()
    says(zed, "error", "main")
    for path in ("/desk", "/ops", "/desk/tickets/1"):
        refused = zed.goto(house.url + path)
        assert refused is not None
        assert refused.status in (403, 404)


def test_an_incident_reaches_the_public_page(house: House, person: BrowserContext) -> None:
    title = f"Webmail is slow {id(person)}"
    olu = person.new_page()
    sign_in(olu, house, OLU)
    olu.goto(house.url + "/ops/incidents/new")
    for box in olu.locator("main form input[type=text], main form textarea").all():
        box.fill(title)
    olu.locator("main form select[name^=on-]").first.select_option("degraded_performance")
    with olu.expect_navigation():
        olu.click("main form button[value=publish]")
    if olu.locator("[role=alert] button").count():  # the other browser's incident is open
        says(olu, "Please look at this first", "[role=alert]")
        olu.locator("[role=alert] button").first.click()
    reader = other(person).new_page()
    for _ in range(30):
        reader.goto(house.url + "/en/")
        if title in reader.content():
            break
        reader.wait_for_timeout(300)
    says(reader, title, "main")
    summary = json.load(urllib.request.urlopen(house.url + "/api/v2/summary.json", timeout=5))
    assert title in [incident["name"] for incident in summary["incidents"]]


def test_a_newcomer_sees_how_fast_services_answer(house: House, person: BrowserContext) -> None:
    page = person.new_page()
    for _ in range(40):  # publications are half a minute apart
        page.goto(house.url + "/en/component/website")
        if page.locator("figure.times").count() == 4:
            break
        page.wait_for_timeout(1000)
    says(page, "Half of the answers came within")
    assert page.locator("figure.times").count() == 4
    assert "There was no good answer" not in page.locator("main").inner_text()


def test_the_page_survives_a_dead_engine(house: House, browser: Browser) -> None:
    page = browser.new_page()
    answer = page.goto(house.url + "/en/")
    assert answer is not None
    assert answer.status == 200
    assert answer.headers.get("etag")


def test_the_question_before_publishing_has_the_keyboard(
    house: House, person: BrowserContext
) -> None:
    olu = person.new_page()
    sign_in(olu, house, OLU)
    olu.goto(house.url + "/ops/incidents/new")
    for box in olu.locator("main form input[type=text], main form textarea").all():
        box.fill("Something, somewhere")  # of no service: that is asked about
    olu.click("main form button[value=publish]")
    says(olu, "Please look at this first", "[role=alert]")
    focused = "document.activeElement.textContent"
    assert "Please look at this first" in olu.evaluate(focused)
    olu.keyboard.press("Tab")
    assert olu.evaluate(focused).strip() == "Publish it so"
