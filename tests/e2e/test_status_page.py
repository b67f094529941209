"""The published pages in a real browser: axe, keyboard, without scripts, on a phone, in the dark."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from clock import ManualClock
from status.model import Component, Condition
from status.publishing.publisher import Publisher
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, MAIL, RACK, SITE, WEB, incident, pages, snapshot, work
from tests.unit.test_status_charts import times
from web.middleware.published import PublishedMiddleware
from web.middleware.static_files import StaticFiles

pytestmark = pytest.mark.real
PATHS = ("/", "/cs/", "/history", "/uptime", "/maintenance", "/group/hosting", "/component/web")
PERMALINK = "/en/incidents/abc123def456"
HALO = 4  # pixels around a text of a chart, which count as its own


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def elsewhere(environ, start):
    start("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
    return [b""]


@pytest.fixture(scope="module")
def publisher(tmp_path_factory):
    latest = {"web": times(*[400] * 20, None, *[120] * 9, zone="UTC")}
    folder = tmp_path_factory.mktemp("published")
    return Publisher(folder, SITE, pages(), response_times=lambda: latest)


@pytest.fixture(scope="module")
def clock():
    return ManualClock(AT)


@pytest.fixture(scope="module")
def every_state():
    """Every state at once, with an incident and planned work."""
    long_name = Component(
        "long", "Donaudampfschifffahrtsgesellschaftsserver 12", "Hosting", "x" * 90
    )
    parts = {
        replace(WEB, charts=True): Condition.MAJOR_OUTAGE,
        RACK: Condition.UNDER_MAINTENANCE,
        long_name: Condition.PARTIAL_OUTAGE,
        MAIL: Condition.DEGRADED_PERFORMANCE,
        Component("dns", "Name servers", "Domains"): Condition.NO_DATA,
        Component("www", "Website", "Domains"): Condition.OPERATIONAL,
    }
    return snapshot(parts, words=PublicStatements((incident(),), (work(),)))


@pytest.fixture(scope="module")
def site(publisher, clock, every_state):
    """The pages, served on loopback."""
    publisher.publish(every_state)
    app = StaticFiles(PublishedMiddleware(elsewhere, publisher.folder, clock))
    server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_is_cut_off(browser, site, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    errors = []
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    for path in (*PATHS, PERMALINK):
        page.goto(site + path)
        for fold in page.locator("details").all():
            fold.locator("summary").click()
        violations = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in violations] == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert errors == []
    page.close()


def test_the_bars_are_one_stop_that_arrows_walk(browser, site):
    page = browser.new_page()
    page.goto(site + "/en/")
    chart = page.get_by_role("slider").first
    chart.focus()

    def value_text():
        return chart.get_attribute("aria-valuetext")

    assert value_text() == "January 15, 2026: Outage"
    page.keyboard.press("ArrowLeft")
    assert value_text() == "January 14, 2026: Operational"
    page.keyboard.press("Home")
    assert value_text() == "October 18, 2025: No data"
    page.keyboard.press("End")
    assert value_text() == "January 15, 2026: Outage"
    page.close()


def test_without_scripts_everything_is_there(browser, site):
    context = browser.new_context(java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto(site + "/")
    text = page.locator("main").inner_text()
    for words in ("Some services are down", "A disk is failing.", "New switches", "No data"):
        assert words in text
    page.get_by_text("Day by day").first.click()
    assert "15 January 2026" in page.locator("main").inner_text()
    assert (
        page.get_by_role("link", name="Is it only me?").get_attribute("href").startswith("/check")
    )
    context.close()


def test_a_page_that_stays_open_reads_itself_anew(browser, site, publisher, clock, every_state):
    """Folds and focus stay, a new headline is read out, and nobody asks while nobody looks."""
    page = browser.new_page()
    page.clock.install()
    page.goto(site + "/en/")
    heading = page.locator("h1")
    title = page.title()
    page.get_by_text("Day by day").first.click()
    open_folds = "document.querySelectorAll('details[open]').length"
    assert page.evaluate(open_folds) == 1
    publisher.publish(snapshot({WEB: Condition.DEGRADED_PERFORMANCE, MAIL: Condition.OPERATIONAL}))
    clock.advance(timedelta(seconds=1))  # the server looks for what is new once in a while
    with page.expect_response("**/en/"):
        page.clock.run_for(61_000)
    expect(heading).not_to_have_text(title.partition(" – ")[0])
    expect(page.get_by_role("status")).to_have_text(page.title())
    assert page.title() != title
    assert page.evaluate(open_folds) == 1
    page.get_by_text("Day by day").first.focus()
    publisher.publish(snapshot({WEB: Condition.MAJOR_OUTAGE, MAIL: Condition.OPERATIONAL}))
    clock.advance(timedelta(seconds=1))  # the server looks for what is new once in a while
    with page.expect_response("**/en/"):
        page.clock.run_for(61_000)
    expect(heading).to_contain_text("down")
    assert page.evaluate(open_folds) == 1
    assert page.evaluate("document.activeElement.textContent") == "Day by day"
    assert page.locator(".ago").count() == page.locator("time[data-ago]").count()
    page.close()
    publisher.publish(every_state)  # for whichever test comes next
    clock.advance(timedelta(seconds=1))


def test_who_is_signed_in_is_not_asked_to_sign_in(browser, site):
    context = browser.new_context(locale="en")
    page = context.new_page()
    page.goto(site + "/en/")
    assert page.get_by_role("link", name="Sign in").get_attribute("href") == "/sign-in"
    context.add_cookies([{"name": "jasno_signed_in", "value": "1", "url": site}])
    page.reload()
    assert page.get_by_role("link", name="My account").get_attribute("href") == "/me"
    assert page.get_by_role("link", name="Sign in").count() == 0
    context.close()


@pytest.mark.parametrize(
    ("zone", "own"),
    [("Europe/Prague", r" · \d?\d:\d\d"), ("Pacific/Kiritimati", r" · \d+\. \d+\. \d?\d:\d\d")],
)
def test_a_reader_elsewhere_reads_their_own_clock(browser, site, zone, own):
    """With the day only where it is another one, and never as a word that can be misread."""
    context = browser.new_context(locale="cs", timezone_id=zone)
    page = context.new_page()
    page.goto(site + "/cs/history")
    assert re.search(own, page.locator(".ago").first.inner_text())
    context.close()


def test_what_stands_beside_a_time_is_in_the_language_around_it_and_by_24_hours(browser, site):
    """A preview stands in another language than its page."""
    context = browser.new_context(locale="en-US", timezone_id="America/New_York")
    page = context.new_page()
    times = "".join(
        f'<p lang="{lang}"><time data-ago datetime="2020-01-15T21:30:00+00:00">then</time></p>'
        for lang in ("en", "cs")
    )
    body = f'<html lang="en"><script src="/static/jasno.js" defer></script>{times}'
    page.route("**/two-languages", lambda route: route.fulfill(content_type="text/html", body=body))
    page.goto(site + "/two-languages")
    english, czech = page.locator(".ago").all_inner_texts()
    assert re.fullmatch(r" ?\([\d,]+ days ago · 16:30 EST\)", english)
    assert re.match(r" ?\(před ", czech)
    context.close()


def test_charts_keep_their_words_readable_and_within_the_picture(browser, site):
    for width in (320, 390, 1280):
        page = browser.new_page(viewport={"width": width, "height": 900})
        for path in ("/en/component/web", "/cs/component/web"):
            page.goto(site + path)
            assert page.locator("figure.times").count() == 4
            for figure in page.locator("figure.times > svg").all():
                frame = figure.bounding_box()
                boxes = [text.bounding_box() for text in figure.locator("text").all()]
                assert len(boxes) >= 4
                for box in boxes:
                    assert box["height"] >= 10
                    assert frame["x"] - HALO <= box["x"]
                    assert box["x"] + box["width"] <= frame["x"] + frame["width"] + HALO
                below = sorted(
                    (b for b in boxes if b["y"] > frame["y"] + 120), key=lambda b: b["x"]
                )
                for left, right in pairwise(below):
                    assert left["x"] + left["width"] <= right["x"] + HALO, (width, path)
        page.close()
