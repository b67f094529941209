"""One demo and one browser for all end-to-end tests."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Error as PlaywrightError

from tests.e2e.site_fixtures import CHROMIUM, House, chromium, demo


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    with demo() as running:
        yield running


@pytest.fixture(scope="session")
def browser(not_run: Callable[[str, str], None]) -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        not_run("looking with a browser", "Debian's chromium")
    with chromium() as running:
        yield running


@pytest.fixture(params=[True, False], ids=["with-js", "without-js"])
def person(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser, with and without JavaScript."""
    context = browser.new_context(java_script_enabled=request.param, locale="en-GB")
    yield context
    context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure what its pages showed, whoever's browser they stand in."""
    report = yield
    browser = getattr(item, "funcargs", {}).get("browser")
    if report.failed and report.when == "call" and browser is not None:
        for page in [page for context in browser.contexts for page in context.pages]:
            with suppress(PlaywrightError):
                report.sections.append((page.url, page.locator("body").inner_text(timeout=2_000)))
    return report
