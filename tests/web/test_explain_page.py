"""A pasted error in the wizard's box: explained at once, kept nowhere, shown without its markup."""

from __future__ import annotations

import re

import pytest

from db.engine import connect
from tests.diagnostics_rooms import Rooms


@pytest.fixture
def rooms(sqlite_url, clock):
    db = connect(sqlite_url, clock=clock)
    yield Rooms(db, clock)
    db.close()


def words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_a_pasted_bounce_is_explained_and_nothing_is_stored(rooms) -> None:
    page = rooms.browser().post(
        "/check", {"target": "550 5.1.1 <jan@shop.example>: no such user", "symptom": ""}
    )
    assert page.status_code == 200
    told = words(page)
    assert "mailbox does not exist" in told
    assert "jan@shop.example" in told
    assert "Check shop.example" in told
    assert "Write to us about it" in told
    assert page.text.count("<h1") == 1
    assert rooms.store.recent() == ()
    assert rooms.asked == []


def test_zed_and_markup_get_no_further(rooms) -> None:
    evil = "550 5.1.1 <script>alert(1)</script> <b>user unknown</b> boss@other.test"
    page = rooms.browser().post("/check", {"target": evil, "symptom": ""})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<b>user" not in page.text


def test_a_letter_goes_the_usual_way(rooms) -> None:
    page = rooms.browser().post("/check", {"target": "it is broken", "symptom": ""})
    assert page.status_code == 422
