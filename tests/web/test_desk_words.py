"""What agents read is in their language, down to the reasons."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from diagnostics.model import Evidence, Item, Missing
from standards.dns_types import Trouble
from tests.desk_fixtures import WHEN, judged, run_of
from tickets.reports import ReportView


def test_what_was_not_seen_is_said_in_words(house) -> None:
    run, _ = run_of(house.diagnoses, judged("web.redirect.loop"))
    report = house.diagnoses.reports[run]
    items = (
        Item("web", object(), WHEN),
        Item("hosting", None, WHEN, missing=Missing.WITHHELD),
        Item("known", None, WHEN, missing=Missing.TROUBLE, trouble=Trouble.TIMEOUT),
    )
    view = ReportView(report=replace(report, evidence=Evidence({i.key: i for i in items})))
    assert [(item.title, bool(item.missing)) for item in view.gathered] == [
        ("What the website answered", False),
        ("Your hosting account", True),
        ("Known incidents", True),
    ]
    codes = {member.value for member in (*Missing, *Trouble)}
    assert not any(item.missing in codes for item in view.gathered)


def test_a_checks_note_is_in_the_language_of_whoever_reads_it(house) -> None:
    form = {"go": "new", "filled": "1", "category": "web", "service": "shop.example", "text": "Nic"}
    place = house.browser("mara").post("/tickets/new?lang=cs", form).location
    ticket = place.split("/")[-1].split("?")[0]
    own = {"subject": "shop.example", "symptom": "site_down"}
    house.browser("ben").post(f"/desk/tickets/{ticket}/check", own)
    house.finished("r1", judged("web.redirect.loop"))
    url, czech = f"/desk/tickets/{ticket}", {"Accept-Language": "cs"}
    assert "Výsledek kontroly shop.example" in house.browser("ben").get(url, headers=czech).text
    assert "Result of checking shop.example" in house.browser("ben").get(url).text


@pytest.mark.parametrize(
    ("path", "whom"),
    [("/desk", "agents who"), ("/ops", "operators who"), ("/me", "signed-in customers")],
)
def test_signing_in_says_whom_the_page_behind_it_is_for(house, path, whom) -> None:
    page = house.browser().get(f"/sign-in?next={path}").text
    assert f"This page is for {whom}" in page
    assert "You will be led back to it." in page


def test_an_act_at_the_desk_without_a_session_says_whom_it_is_for(house) -> None:
    refused = house.browser().post("/desk/tickets/t1/hand-over", {"key": "k"})
    assert refused.status_code == 401
    assert "This page is for agents who are signed in." in refused.text


def test_two_open_check_links_are_told_apart(house):
    ticket, ben = house.ticket_of(), house.browser("ben")
    for symptom in ("site_down", "mail_not_sent"):
        house.clock.advance(timedelta(hours=1))
        form = {"subject": "shop.example", "symptom": symptom, "days": "7", "runs": "3"}
        assert ben.post(f"/desk/tickets/{ticket}/invite", form).status_code == 303
    page = house.browser("mara").get(f"/tickets/{ticket}").text
    lines = [
        part.partition("<")[0] for part in page.split('<p class="small muted">Ben asked for it')[1:]
    ]
    assert len(set(lines)) == len(lines) == 2
    form = {"text": "Thanks, we look.", "key": "k" * 24, "go": "reply"}
    assert house.browser("mara").post(f"/tickets/{ticket}", form).status_code == 303
    page = house.browser("mara").get(f"/tickets/{ticket}").text
    lines = [
        re.sub("<[^>]*>", "", part.partition("</p>")[0])
        for part in page.split("You can still run the check of")[1:]
    ]
    assert len(set(lines)) == len(lines) == 2
    assert all("until" in line for line in lines)
