"""axe-core finds nothing on any page, in both themes and both widths; nothing is too wide."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.e2e.screenshots import ROLES, SIZES, THEMES
from tests.e2e.site_fixtures import House, sign_in

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.mark.parametrize(("role", "email", "pages"), ROLES, ids=[r[0] for r in ROLES])
def test_no_barriers(browser: Browser, house: House, role: str, email: str, pages) -> None:
    context = browser.new_context(locale="en-GB")
    walker = context.new_page()
    if email:
        sign_in(walker, house, email)
    barriers: list[str] = []
    for name, url in pages(house, walker):
        page = context.new_page()
        for theme in THEMES:
            for width, height in SIZES:
                page.emulate_media(color_scheme=theme)
                page.set_viewport_size({"width": width, "height": height})
                page.goto(url)
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    barriers.append(f"{role} {name}: too wide at {width}")
                for broken in Axe().run(page, options=RULES).response["violations"]:
                    nodes = [n["html"][:160] for n in broken["nodes"][:3]]
                    barriers.append(f"{role} {name} {theme} {width}: {broken['id']} {nodes}")
        page.close()
    context.close()
    assert not barriers, "\n".join(sorted(set(barriers)))
