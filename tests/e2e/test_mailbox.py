"""Mara has her mailbox tried, with and without JavaScript, over real processes; and the password is
in no file that they leave behind."""

from __future__ import annotations

import sqlite3

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.e2e.site_fixtures import MARA, House, check, sign_in, wait_done

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]
BOX = "mara@orchard.example"
RIGHT = "orchard-demo"
WRONG = "Vlaštovka-nad-Labem-88"


def tried(page: Page, house: House, password: str) -> str:
    """The words of the report on a test of the mailbox."""
    check(page, house, BOX, "mailbox_sign_in")
    page.click("a[href$='/mailbox']")
    page.wait_for_selector("#password")
    assert page.input_value("#mailbox") == BOX
    page.fill("#password", password)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: not url.endswith("/mailbox"))
    wait_done(page)
    return page.locator("main").inner_text()


def test_the_answer_and_where_the_password_is_not(person: BrowserContext, house: House) -> None:
    page = person.new_page()
    sign_in(page, house, MARA)
    page_text = tried(page, house, RIGHT)
    assert "Name and password of mara@orchard.example are right" in page_text
    assert "almost full" in page_text
    assert "Odeslaná (520 MB)" in page_text
    page_text = tried(page, house, WRONG)
    assert "The password of mara@orchard.example is not accepted" in page_text
    page.goto(page.url + "/evidence")
    assert WRONG not in page.content()
    files = [p for p in (*house.var.rglob("*"), house.log) if p.is_file()]
    assert any(p.suffix == ".db" for p in files)
    forms = (WRONG.encode(), WRONG.encode("utf-16-le"))
    assert [p.name for p in files if any(f in p.read_bytes() for f in forms)] == []
    database = next(p for p in files if p.suffix == ".db")
    copy = sqlite3.connect(":memory:")
    source = sqlite3.connect(database)
    source.backup(copy)
    source.close()
    assert WRONG not in "\n".join(copy.iterdump())
    boxes = copy.execute("SELECT count(*) FROM diagnostics_sealed WHERE engine <> ''").fetchone()
    copy.close()
    assert boxes == (0,), "the engine has deleted what it took"
