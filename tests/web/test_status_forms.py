"""Operators' forms: all mistakes at once, each at its field; times that clocks skip or show twice."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from status.incidents.incident_editing import AnnouncementText
from status.incidents.maintenance_editing import Recurrence
from status.model import Condition
from tests.operator_house import operator_house
from web.site import Site

SITE = Site(name="Sunny Hosting", time_zone="Europe/Prague")
WORK = {
    "title-en": "Updates",
    "text-en": "Short breaks.",
    "starts_at": "2026-03-29T01:00",
    "ends_at": "2026-03-29T04:00",
    "parts": "web",
}


@pytest.fixture
def house(sqlite_url, clock, tmp_path):
    with operator_house(sqlite_url, clock, tmp_path, site=SITE) as new_house:
        yield new_house


@pytest.fixture
def olu(house):
    return house.browser("olu")


def errors_of(answer):
    """What stands at the fields, by field."""
    assert answer.status_code == 422
    return dict(re.findall(r'<p class="error" id="([\w-]+)-error">(.*?)</p>', answer.text))


@pytest.mark.parametrize(
    "path", ["/ops/incidents/new", "/ops/maintenance/new", "/ops/announcements"]
)
def test_what_is_refused_says_what_was_not_done(olu, path):
    for go, refusal in (
        ("preview", "There is no preview yet"),
        ("publish", "It was not published yet"),
    ):
        answer = olu.post(path, {"title-en": "Disk", "go": go})
        assert answer.status_code == 422
        assert f"{refusal}: something needs another look." in answer.text
    draft = olu.post("/ops/incidents/new", {"title-en": "Disk", "go": "draft"})
    assert "It was not saved: something needs another look." in draft.text


def test_a_plan_is_told_all_its_mistakes_each_at_its_field(house, olu):
    form = {
        "title-cs": "Výměna",
        "text-en": "Short breaks.",
        "starts_at": "2026-03-29T02:15",
        "ends_at": "",
        "repeat": "weekly",
        "every": "many",
        "until": "2026-03-01",
        "ask": "yes",
    }
    answer = olu.post("/ops/maintenance/new", form)
    wrong = {"title-en", "text-cs", "starts_at", "ends_at", "every"}
    assert errors_of(answer).keys() == wrong
    assert "Say which services the work touches." in answer.text
    assert "Nothing is written in these languages" not in answer.text, "its field says it"
    nowhere = form | {"title-cs": "", "title-en": "Updates", "zone": "Europe/Nowhere"}
    answer = olu.post("/ops/maintenance/new", nowhere)
    assert errors_of(answer).keys() == {"starts_at", "ends_at", "every", "zone"}
    assert "Nothing is written in these languages: Čeština." in answer.text, "asked at once, too"
    begun = olu.post("/ops/maintenance/new", form | WORK)
    assert errors_of(begun).keys() == {"text-cs", "every", "until"}
    assert "The last day lies before the first one." in begun.text
    assert 'value="2026-03-01"' in begun.text
    assert house.incidents.series() == ()


def test_an_incident_is_told_all_its_mistakes_each_at_its_field(house, olu):
    form = {
        "title-en": "Down",
        "text-cs": "Nejde to.",
        "state": "resolved",
        "on-web": "no_data",
        "started_at": "2027-01-01T00:00",
        "publish_at": "soon",
        "ask": "yes",
    }
    answer = olu.post("/ops/incidents/new", form)
    assert errors_of(answer).keys() == {"text-en", "title-cs", "state", "publish_at"}
    assert "Choose one of the offered states." in answer.text
    later = errors_of(olu.post("/ops/incidents/new", form | {"publish_at": ""}))
    assert later["started_at"] == "It cannot begin in the future."
    incident = house.incidents.open({"en": "Down"}, AnnouncementText({"en": "a"}), "olu")
    update = {"text-en": "", "state": "postmortem", "at": "2020-01-01T00:00", "ask": "yes"}
    answer = olu.post(f"/ops/incidents/{incident.id}", update)
    assert errors_of(answer).keys() == {"state", "at"}
    assert "Say it in at least one language." in answer.text


def test_news_are_told_all_their_mistakes_each_at_its_field(house, olu):
    form = {"title-en": "Terms", "starts_at": "x", "ends_at": "2020-01-01T00:00"}
    answer = olu.post("/ops/announcements", form)
    assert errors_of(answer).keys() == {"starts_at"}
    assert "Say it in at least one language." in answer.text
    assert errors_of(olu.post("/ops/announcements", form | {"starts_at": ""})).keys() == {"ends_at"}
    assert house.incidents.announcements() == ()


def test_an_hour_that_a_night_does_not_have_is_refused_and_said(house, olu):
    skipped = WORK | {"starts_at": "2026-03-29T02:15", "ends_at": "2026-03-29T03:00"}
    answer = olu.post("/ops/maintenance/new", skipped)
    assert errors_of(answer).keys() == {"starts_at"}
    assert "in Europe/Prague they are put forward from 02:00 to 03:00" in answer.text
    assert olu.post("/ops/maintenance/new", skipped | {"starts_at": "2026-03-29T01:15"}).location
    (planned,) = house.incidents.maintenances()
    assert planned.ends_at - planned.starts_at == timedelta(minutes=45)


def test_of_an_hour_that_comes_twice_one_is_chosen(house, olu):
    twice = WORK | {"starts_at": "2026-10-25T02:15", "ends_at": "2026-10-25T02:45"}
    answer = olu.post("/ops/maintenance/new", twice)
    assert errors_of(answer).keys() == {"starts_at", "ends_at"}
    assert 'name="starts_at-which"' in answer.text
    chosen = twice | {"starts_at-which": "first", "ends_at-which": "second"}
    assert olu.post("/ops/maintenance/new", chosen).status_code == 303
    (planned,) = house.incidents.maintenances()
    assert planned.starts_at == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert planned.ends_at == datetime(2026, 10, 25, 1, 45, tzinfo=UTC)
    page = f"/ops/maintenance/{planned.id}/move"
    assert olu.get(page).text.count('<option value="second" selected>') == 1
    moved = {k: chosen[k] for k in chosen if k.startswith(("starts", "ends"))}
    assert olu.post(page, moved | {"ends_at-which": "first"}).status_code == 303
    assert house.incidents.get_maintenance(planned.id).ends_at == planned.ends_at - timedelta(
        hours=1
    )


def test_the_end_of_running_work_moves_whatever_second_it_began_at(house, olu, clock):
    clock.advance(timedelta(seconds=30))
    window = clock.now(), clock.now() + timedelta(hours=1)
    planned = house.incidents.plan({"en": "W"}, {"en": "t"}, window, ("web",), "program")
    clock.advance(timedelta(minutes=5))
    page = f"/ops/maintenance/{planned.id}/move"
    typed = dict(re.findall(r'name="(starts_at|ends_at)"[^>]* value="([^"]+)"', olu.get(page).text))
    later = {**typed, "ends_at": "2026-01-15T23:30"}
    assert olu.post(page, later).status_code == 303
    moved = house.incidents.get_maintenance(planned.id)
    assert moved.starts_at == planned.starts_at
    assert moved.ends_at == datetime(2026, 1, 15, 22, 30, tzinfo=UTC)


def test_a_reason_is_kept_whole_or_refused(house, olu):
    long = "because " * 30
    chosen = {"condition": "major_outage", "hours": "1", "reason": long}
    answer = olu.post("/ops/components/web", chosen)
    assert errors_of(answer)["reason"] == "This is too long: 200 characters at most."
    assert f'value="{long}"' in answer.text
    assert house.incidents.overrides() == ()
    until = house.incidents.now() + timedelta(hours=1)
    with pytest.raises(Exception, match="200 characters at most"):
        house.incidents.override("web", Condition.MAJOR_OUTAGE, until, "cli", long)


def test_a_preview_of_work_shows_what_readers_will_read(house, olu):
    weekly = WORK | {"repeat": "weekly", "until": "2026-04-12", "go": "preview"}
    page = olu.post("/ops/maintenance/new", weekly)
    assert page.status_code == 200
    text = page.text[page.text.index("How readers will see it") : page.text.index("<form class")]
    for words in (
        "Updates",
        "Short breaks.",
        "Affected: Web servers",
        "Dotčené služby: Web servers",
    ):
        assert words in text
    starts = re.findall(r'<dt>From</dt><dd><time datetime="([^"]+)"', text)
    assert starts == ["2026-03-29T01:00:00+01:00", "2026-04-05T01:00:00+02:00"]
    assert 'datetime="2026-04-12T01:00:00+02:00"' in text, "further dates"
    assert 'datetime="2026-03-29T04:00:00+02:00"' in text
    once = olu.post("/ops/maintenance/new", WORK | {"go": "preview"}).text
    assert once.count('datetime="2026-03-29T01:00:00+01:00"') == 2, "in each language"
    assert errors_of(olu.post("/ops/maintenance/new", WORK | {"ends_at": "", "go": "preview"}))
    far = WORK | {"starts_at": "2026-12-01T01:00", "ends_at": "2026-12-01T02:00"}
    far = olu.post("/ops/maintenance/new", far | {"repeat": "daily", "go": "preview"}).text
    assert "its dates are shown from 2 Sept 2026" in far
    assert 'datetime="2026-12-02T01:00:00+01:00"' in far
    assert house.incidents.maintenances() == ()


def test_the_page_of_recurring_work_shows_a_date_on_which_it_happens(house, olu, clock):
    begin = clock.now() - timedelta(days=20, hours=5)
    words, window = {"en": "Updates"}, (begin, begin + timedelta(hours=1))
    recurrence = Recurrence("FREQ=DAILY;INTERVAL=3", "Europe/Prague")
    planned = house.incidents.plan(words, words, window, ("web",), "olu", recurrence=recurrence)
    page = olu.get(f"/ops/maintenance/{planned.id}").text
    assert "<dt>From</dt>" not in page
    assert "<dt>Next date</dt><dd>16 Jan 2026, 08:00 CET to 16 Jan 2026, 09:00 CET</dd>" in page
    coming, _, past = page[page.index("Its dates") :].partition("Past dates")
    days = [re.findall(r">(\d+ Jan) 2026", part) for part in (coming, past)]
    assert days[0][:2] == ["16 Jan", "19 Jan"], "the next one first"
    assert days[1][:2] == ["13 Jan", "10 Jan"], "the last one first"
    house.incidents.finish(planned.id, "olu")
    assert (
        "<dt>Next date</dt><dd>None any more.</dd>"
        in olu.get(f"/ops/maintenance/{planned.id}").text
    )


def test_a_preview_of_an_entry_and_of_news_shows_what_readers_will_read(house, olu):
    entry = AnnouncementText({"en": "A disk."}, components={"web": Condition.MAJOR_OUTAGE})
    incident = house.incidents.open({"en": "Down"}, entry, "olu")
    update = {"text-en": "Replaced.", "state": "resolved", "go": "preview"}
    text = olu.post(f"/ops/incidents/{incident.id}", update).text
    text = text[text.index("How readers will see it") : text.index("<form class")]
    assert text.index("Replaced.") < text.index("A disk.")
    assert "Affected: Web servers" in text
    assert house.incidents.get(incident.id) == incident
    news = {"title-en": "Terms", "text-en": "New.", "starts_at": "2026-02-01T00:00"}
    text = olu.post("/ops/announcements", news | {"go": "preview"}).text
    assert 'datetime="2026-02-01T00:00:00+01:00"' in text
    assert house.incidents.announcements() == ()


def test_what_is_not_seen_is_not_in_a_preview_either(olu):
    form = {"title-en": "Out\u202egnp", "text-en": "We\u200b look.", "go": "preview"}
    for page in ("/ops/incidents/new", "/ops/announcements"):
        page_text = olu.post(page, form).text
        page_text = page_text[
            page_text.index("How readers will see it") : page_text.index("<form class")
        ]
        assert "Outgnp" in page_text
        assert "We look." in page_text


def test_work_in_a_year_far_ahead_is_asked_about_before_it_is_published(house, olu):
    far = {"starts_at": "2036-12-30T02:15", "ends_at": "2036-12-31T02:15"}
    question = olu.post("/ops/maintenance/new", WORK | far | {"ask": "yes"})
    assert (question.status_code, house.store.maintenances()) == (200, ())
    assert "Is the year right?" in question.text
    assert 'name="ask"' not in question.text  # nothing is asked twice
    path = olu.post("/ops/maintenance/new", WORK).location
    moved = olu.post(f"{path}/move", far | {"ask": "yes"})
    assert "Is the year right?" in moved.text
    (planned,) = house.store.maintenances()
    assert planned.ends_at.year == 2026
    assert olu.post(f"{path}/move", far).status_code == 303
    (planned,) = house.store.maintenances()
    assert planned.ends_at.year == 2036


def test_a_question_stands_at_the_top_with_its_answer(olu):
    far = {"starts_at": "2036-12-30T02:15", "ends_at": "2036-12-31T02:15"}
    path = olu.post("/ops/maintenance/new", WORK).location
    answer = {"ask": "yes", "go": "publish"}
    news = {"title-en": "Down", "text-en": "We look.", "state": "investigating"}
    for place, form, first in (
        ("/ops/incidents/new", news, "Ready words"),
        ("/ops/announcements", news, "On the status page"),
        ("/ops/maintenance/new", WORK | far, '<label for="starts_at">'),
        (f"{path}/move", far, '<label for="starts_at">'),
    ):
        question = olu.post(place, form | answer).text
        top = question[: question.index(first)]
        assert "It is not published yet. Please look at this first:" in top, place
        button = re.search(r'<button[^>]* form="entry"([^>]*)>Publish it so</button>', top)
        assert ('value="publish"' in button[1]) is (not place.endswith("/move")), place
        assert question.count('id="entry"') == 1, place
        focused = re.search(r"<div[^>]* autofocus>", top)
        assert 'tabindex="-1"' in focused[0], f"{place}: the keyboard begins at the question"
        assert question.count(" autofocus") == 1, place


def test_mistakes_come_before_questions(olu):
    """What is not right yet is not offered to be published so."""
    far = {"starts_at": "2036-12-30T02:15", "ends_at": "2036-12-31T02:15"}
    untitled = {
        "title-en": "",
        "title-cs": "",
        "text-en": "We look.",
        "ask": "yes",
        "go": "publish",
    }
    for place, form in (
        ("/ops/incidents/new", untitled | {"state": "investigating"}),
        ("/ops/maintenance/new", WORK | far | untitled),
    ):
        page = olu.post(place, form).text
        assert "It was not published yet: something needs another look." in page, place
        assert "Please look at this as well:" in page, place
        assert "It is not published yet" not in page, place
        assert "Publish it so" not in page, place


def test_a_preview_asks_what_publishing_would_ask(house, olu):
    far = {"starts_at": "2036-12-30T02:15", "ends_at": "2036-12-31T02:15"}
    news = {"title-en": "Down", "text-en": "We look."}
    words = {"en": "A disk.", "cs": "Disk."}
    entry = AnnouncementText(words, components={"web": Condition.MAJOR_OUTAGE})
    incident = house.incidents.open({"en": "Down", "cs": "Výpadek"}, entry, "olu")
    for place, form in (
        ("/ops/incidents/new", news | {"state": "investigating"}),
        (f"/ops/incidents/{incident.id}", {"text-en": "Replaced.", "state": "monitoring"}),
        ("/ops/announcements", news | {"starts_at": "1926-12-30T02:15"}),
        ("/ops/maintenance/new", WORK | far),
    ):
        preview = olu.post(place, form | {"ask": "yes", "go": "preview"}).text
        assert "How readers will see it" in preview, place
        assert "Please look at this first:" in preview, place
        assert 'name="ask"' not in preview, f"{place}: nothing is asked twice"
        assert "Please look at this first:" not in olu.post(place, form | {"go": "preview"}).text
    assert "Is the year right?" in preview


@pytest.mark.parametrize("repeat", ["", "weekly", "yearly"])
def test_no_work_is_planned_for_the_end_of_all_years(olu, repeat):
    last = {"starts_at": "9999-12-30T02:15", "ends_at": "9999-12-31T02:15", "repeat": repeat}
    refused = olu.post("/ops/maintenance/new", WORK | last)
    assert refused.status_code == 422
    assert "That lies too many years ahead." in refused.text
