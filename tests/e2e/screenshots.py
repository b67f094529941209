"""`make screenshots`: every page, in both themes, at 320 and 1280 px, into screenshots/."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.site_fixtures import BEN, MARA, OLU, ROOT, House, check, chromium, demo, sign_in

OUT = ROOT / "screenshots"
SIZES = ((320, 700), (1280, 900))
THEMES = ("light", "dark")


def slug(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name).strip("-")


def public_pages(house: House, page: Page) -> Iterator[tuple[str, str]]:
    """(name, address) of what a stranger sees; reports are made on the way."""
    for path in (
        *("/en/", "/cs/", "/en/history", "/en/uptime", "/en/maintenance"),
        *("/en/embed", "/en/component/website"),
    ):
        yield path, house.url + path
    page.goto(house.url + "/en/history")
    link = page.locator("main a[href*='/incidents/']").first
    if link.count():
        yield "incident", house.url + str(link.get_attribute("href"))
    page.goto(house.url + "/en/")
    link = page.locator("main a[href*='/group/']").first
    if link.count():
        yield "group", house.url + str(link.get_attribute("href"))
    for path in (
        "/check",
        "/check/lost-mail",
        "/kb",
        "/kb/search?q=nefunguje+mail",
        "/sign-in",
        "/subscribe",
        "/no-such-page",
    ):
        yield path, house.url + path
    page.goto(house.url + "/kb")
    yield (
        "kb-article",
        house.url + str(page.locator("main a[href^='/kb/']").nth(3).get_attribute("href")),
    )
    yield "report-stranger", check(page, house, "carousel.example")


def customer_pages(house: House, page: Page) -> Iterator[tuple[str, str]]:
    report = check(page, house, "gallery.example")
    yield "report", report
    healthy = check(page, house, "orchard.example")
    yield "report-healthy", healthy
    open_ticket(page, report)
    yield "ticket-new", page.url
    send_ticket(page)
    yield "ticket", page.url
    for path in ("/me", "/tickets"):
        yield path, house.url + path


def open_ticket(page: Page, report: str) -> None:
    """From a report to the prefilled form."""
    if page.url != report:
        page.goto(report)
    page.click("a[href^='/tickets/new']")
    page.wait_for_url("**/tickets/new*")


def send_ticket(page: Page) -> None:
    """Fill what the form asks for and send it."""
    for box in page.locator(
        "main form[method=post] textarea, main form[method=post] input[type=text]"
    ).all():
        if not box.input_value():
            box.fill("Since this morning. I changed nothing.")
    page.locator("main form[method=post] button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/tickets/new$|sent=1"))
    if page.url.endswith("/new"):  # there is an open request about this already
        page.get_by_role("button", name="It is something else").click()
        page.wait_for_url(re.compile("sent=1"))


def ask_for_help(house: House, browser: Browser) -> None:
    """Somebody else's request, so that the desk is not empty."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    sign_in(page, house, MARA)
    open_ticket(page, check(page, house, "gallery.example"))
    send_ticket(page)
    context.close()


def agent_pages(house: House, page: Page) -> Iterator[tuple[str, str]]:
    if page.context.browser:
        ask_for_help(house, page.context.browser)
    yield "/desk", house.url + "/desk"
    page.goto(house.url + "/desk")
    yield (
        "desk-ticket",
        house.url + str(page.locator("a[href^='/desk/tickets/']").first.get_attribute("href")),
    )


def operator_pages(house: House, page: Page) -> Iterator[tuple[str, str]]:
    for path in ("/ops", "/ops/incidents/new", "/ops/maintenance/new"):
        yield path, house.url + path
    for path in (
        *("told", "subscribers", "channels", "tokens", "audit", "health"),
        *("announcements", "sla", "sla/2026"),
    ):
        yield f"ops-{path}", f"{house.url}/ops/{path}"
    page.goto(house.url + "/ops")
    link = page.locator("a[href^='/ops/components/']").first
    if link.count():
        yield "ops-component", house.url + str(link.get_attribute("href"))
    link = page.locator("#works ~ ul a[href^='/ops/maintenance/']").first
    if link.count():
        yield "ops-work", house.url + str(link.get_attribute("href"))


ROLES = (
    ("public", "", public_pages),
    ("mara", MARA, customer_pages),
    ("ben", BEN, agent_pages),
    ("olu", OLU, operator_pages),
)


def shoot(context: BrowserContext, role: str, name: str, url: str) -> None:
    page = context.new_page()
    for theme in THEMES:
        for width, height in SIZES:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.set_viewport_size({"width": width, "height": height})
            page.goto(url)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                print(f"too wide at {width}: {role} {name} is {wide}")
            page.screenshot(path=OUT / f"{role}-{slug(name)}-{width}-{theme}.png", full_page=True)
    page.close()


def tour(browser: Browser, house: House) -> None:
    for role, email, pages in ROLES:
        context = browser.new_context(locale="en-GB")
        walker = context.new_page()
        if email:
            sign_in(walker, house, email)
        for name, url in pages(house, walker):
            shoot(context, role, name, url)
        context.close()


def main(folder: Path = OUT) -> None:
    folder.mkdir(exist_ok=True)
    with demo() as house, chromium() as browser:
        tour(browser, house)
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder.name}/", file=sys.stderr)


if __name__ == "__main__":
    main()
