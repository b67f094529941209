"""Form errors for agents and readers: each has a reason, and what was typed stays."""

from __future__ import annotations

import html
from pathlib import Path

import pytest

from accounts.form_fields import FormFields
from db.engine import connect
from tests.notify_fixtures import NotifyHouse
from tests.web.test_ops_pages import house as operators_house  # noqa: F401 - a fixture
from tickets.model import TicketState

LINK = {"subject": "shop.example", "symptom": "site_down", "days": "7", "runs": "3"}


@pytest.mark.parametrize(
    ("field", "typed", "reason"),
    [
        ("days", "0", "Please give a whole number from 1 to 30."),
        ("days", "999", "Please give a whole number from 1 to 30."),
        ("days", "x<b>", "Please give a whole number from 1 to 30."),
        ("days", "", "Please give a whole number from 1 to 30."),
        ("days", "1.5", "Please give a whole number from 1 to 30."),
        ("days", "٣", "Please give a whole number from 1 to 30."),
        ("runs", "51", "Please give a whole number from 1 to 50."),
        ("runs", "-1", "Please give a whole number from 1 to 50."),
        ("subject", "a" * 501, "At most 500 characters, please; these are 501."),
        ("message", "ž" * 2001, "At most 2,000 characters, please; these are 2,001."),
    ],
)
def test_a_check_link_takes_no_other_numbers_and_cuts_nothing(house, field, typed, reason):
    ticket, ben = house.ticket_of(), house.browser("ben")
    answer = ben.post(f"/desk/tickets/{ticket}/invite", {**LINK, field: typed})
    assert answer.status_code == 422
    page_text = html.unescape(answer.text)
    assert reason in page_text
    assert f'id="{field}-error"' in answer.text
    assert typed in page_text
    assert house.invites.invites_of(ticket) == ()


def test_the_bounds_themselves_are_taken(house):
    ticket, ben = house.ticket_of(), house.browser("ben")
    for days, runs in (("1", "1"), ("30", "50"), (" 2 ", "3")):
        sent = {**LINK, "days": days, "runs": runs}
        assert ben.post(f"/desk/tickets/{ticket}/invite", sent).status_code == 303
    assert sorted(i.runs_left for i in house.invites.invites_of(ticket)) == [1, 3, 50]


def test_a_long_answer_comes_back_whole(house):
    ticket = house.ticket_of()
    words = "x" * 20_000 + " the end"
    for name, path in (("ben", f"/desk/tickets/{ticket}/reply"), ("mara", f"/tickets/{ticket}")):
        answer = house.browser(name).post(path, {"text": words, "key": "k"})
        assert answer.status_code == 422
        assert words in answer.text


def test_a_new_ticket_cuts_no_service(house):
    form = {"filled": "1", "go": "send", "category": "web", "text": "It is down"}
    answer = house.browser("mara").post("/tickets/new", {**form, "service": "a" * 254})
    assert answer.status_code == 422
    assert "a" * 254 in answer.text
    assert 'id="service-error"' in answer.text


def test_a_check_of_ones_own_says_what_is_wrong_beside_its_field(house):
    ticket, ben = house.ticket_of(), house.browser("ben")
    path = f"/desk/tickets/{ticket}/check"
    for typed, reason in (("b" * 501, "these are 501"), ("not a domain", "We found no domain")):
        answer = ben.post(path, {"subject": typed, "symptom": "site_down"})
        assert answer.status_code == 422
        assert f'value="{typed}"' in answer.text
        error = answer.text.partition('id="own-subject-error">')[2].partition("<")[0]
        assert reason in error


def test_a_character_that_no_text_holds_costs_nobody_a_form(house):
    """NUL is left out like other control characters, wherever people type; all else stays."""
    mara = house.browser("mara")
    form = {"filled": "1", "go": "send", "category": "web", "service": "shop\0.example"}
    answer = mara.post("/tickets/new", {**form, "text": "It is\0 down"})
    assert answer.status_code == 303
    (ticket,) = house.tickets.queue(tuple(TicketState))
    assert (ticket.draft.service, ticket.draft.text) == ("shop.example", "It is down")


@pytest.mark.parametrize("typed", ["mara\u202e@people.example", "ma\u200bra@people.example"])
def test_an_address_with_what_nobody_sees_is_asked_about(sqlite_url, clock, tmp_path, typed):
    database = connect(sqlite_url, clock=clock)
    house = NotifyHouse(database, clock, folder=tmp_path)
    answer = house.browser().post("/subscribe", {"email": typed, "scope": "all"})
    assert answer.status_code == 422
    assert "a character that nobody can see" in answer.text
    assert typed in html.unescape(answer.text)
    house.run_jobs()
    assert house.letters() == []
    database.close()


def test_a_word_by_hand_is_not_cut(operators_house):  # noqa: F811 - the fixture
    olu, words = operators_house.browser("olu"), "y" * 501
    answer = olu.post("/ops/heartbeats/nightly/word", {"state": "up", "because": words})
    assert answer.status_code == 422
    assert "At most 500 characters, please; these are 501." in answer.text
    assert words in answer.text
    long_name = olu.post("/ops/heartbeats/vantages", {"name": "p" * 70})
    assert long_name.status_code == 422
    assert "p" * 70 in long_name.text


def test_a_tokens_name_is_not_cut_either(operators_house):  # noqa: F811 - the fixture
    olu, name = operators_house.browser("olu"), "n" * 81
    answer = olu.post("/ops/tokens", {"name": name, "role": "write"})
    assert answer.status_code == 422
    assert "At most 80 characters, please; these are 81." in answer.text
    assert f'value="{name}"' in answer.text
    assert '<option value="write" selected>' in answer.text
    wrong = olu.post("/ops/tokens", {"name": "exporter", "role": "root"}).text
    assert 'id="role-error"' in wrong
    assert 'id="name-error"' not in wrong
    assert operators_house.keys.all() == ()


def test_fields_are_read_whole_or_refused():
    fields = FormFields({"a": " one\u202e \x07two ", "b": "1\r\n2\r3", "n": "007"})
    assert (fields.line("a", 7), fields.text("b", 5)) == ("one two", "1\n2\n3")
    assert (fields.number("n", 1, 7, absent=3), fields.number("m", 1, 7, absent=3)) == (7, 3)
    assert fields.errors == {}
    assert fields.line("a", 6) == "one two"
    assert fields.messages("en") == {"a": "At most 6 characters, please; these are 7."}


def test_no_browser_cuts_what_is_pasted():
    """A field with a length of its own cuts in silence; ours are judged, and come back whole."""
    templates = Path(__file__).parents[2] / "templates"
    assert [p.name for p in templates.rglob("*.html") if "maxlength" in p.read_text()] == []


def test_a_long_address_of_a_subscriber_comes_back_whole(sqlite_url, clock, tmp_path):
    database = connect(sqlite_url, clock=clock)
    house = NotifyHouse(database, clock, folder=tmp_path)
    email, url = f"{'a' * 300}@people.example", "https://hooks.example/" + "u" * 600
    answer = house.browser().post("/subscribe", {"email": email, "url": url, "scope": "all"})
    page_text = html.unescape(answer.text)
    assert answer.status_code == 422
    assert (email in page_text, url in page_text) == (True, True)
    assert "At most 254 characters, please; these are 315." in page_text
    assert "At most 500 characters, please; these are 622." in page_text
    database.close()
