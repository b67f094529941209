"""Published words put right: by page, command and API; readers, feeds and the audit log follow."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from sqlalchemy import select

from db.tables.accounts import audit
from db.tables.jobs import jobs
from status.incidents import cli as commands
from status.incidents.corrections import Wording
from status.incidents.incident_editing import AnnouncementText
from status.incidents.maintenance_editing import Recurrence
from status.incidents.validation import ChangedMeanwhile, NotFound, RuleViolation
from status.model import Condition
from status.publishing import statuspage
from status.publishing.feed import Feed, atom, json_feed, rss
from tests.operator_house import operator_house
from tests.status_fixtures import WEB, snapshot

HOUR = timedelta(hours=1)
WRONG, RIGHT = {"en": "Web is donw", "cs": "Web nejde"}, {"en": "Web is down", "cs": "Web nejde"}
FEED = Feed("Sunny", "https://status.example", "en")


@pytest.fixture
def house(sqlite_url, clock, tmp_path):
    with operator_house(sqlite_url, clock, tmp_path) as new_house:
        yield new_house


@pytest.fixture
def incidents(house):
    return house.incidents


@pytest.fixture
def opened(incidents, clock):
    news = AnnouncementText(WRONG, components={"web": Condition.MAJOR_OUTAGE})
    incident = incidents.open(WRONG, news, "olu")
    clock.advance(HOUR)
    return incident


def corrected_rows(house):
    with house.db.read() as conn:
        rows = conn.execute(select(audit).where(audit.c.action.endswith(".corrected")))
        return [(r.action, r.subject, r.detail) for r in rows]


def events(house):
    with house.db.read() as conn:
        kinds = conn.execute(select(jobs.c.kind)).scalars()
        return [kind for kind in kinds if kind != "status.publish"]


def snapshot_of(incident):
    return replace(snapshot({WEB: Condition.MAJOR_OUTAGE}), incidents=(incident,))


def test_a_headline_and_an_entry_are_put_right(house, incidents, opened, clock):
    written_to = events(house)
    incidents.correct(opened.id, Wording({"en": RIGHT["en"]}), "olu")  # the others stay
    (entry,) = opened.updates
    incidents.correct(opened.id, Wording(text=RIGHT), "olu", entry=entry.id)
    now = incidents.get(opened.id)
    assert now.title == now.updates[0].text == RIGHT
    assert now.corrected_at == now.updates[0].corrected_at == clock.now()
    course = ("state", "impact", "started_at", "components", "resolved_at", "cause")
    assert [getattr(now, f) for f in course] == [getattr(opened, f) for f in course]
    assert (now.updates[0].id, now.updates[0].at) == (entry.id, entry.at)
    assert events(house) == written_to  # nobody hears of it a second time
    subject = f"incident:{opened.id}"
    assert corrected_rows(house) == [
        (
            "incident.corrected",
            subject,
            {"former-title-en": "Web is donw", "former-title-cs": "Web nejde"},
        ),
        (
            "incident.corrected",
            subject,
            {"former-text-en": "Web is donw", "former-text-cs": "Web nejde"},
        ),
    ]


def test_feeds_and_documents_move_with_a_correction(incidents, opened, clock):
    (entry,) = opened.updates
    incidents.correct(opened.id, Wording(text=RIGHT), "olu", entry=entry.id)
    snapshot_now = snapshot_of(incidents.get(opened.id))
    (read,) = feedparser.parse(atom(snapshot_now, FEED)).entries
    assert read.updated_parsed[:5] == clock.now().timetuple()[:5]
    (item,) = feedparser.parse(rss(snapshot_now, FEED)).entries
    assert item.published_parsed[:5] == entry.at.timetuple()[:5]
    assert item.updated_parsed[:5] == clock.now().timetuple()[:5]
    assert item.id == f"tag:status.example,2005:Update/{entry.id}"
    (document,) = json.loads(json_feed(snapshot_now, FEED))["items"]
    assert document["date_modified"] == f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"
    page = statuspage.PageAddress("Sunny", "https://status.example", "en", "UTC")
    published = json.loads(statuspage.documents(snapshot_now, page)["/api/v2/incidents.json"])
    (incident,) = published["incidents"]
    assert incident["updated_at"] == incident["incident_updates"][0]["updated_at"]
    assert incident["updated_at"] == statuspage.stamp(clock.now())
    assert incident["incident_updates"][0]["created_at"] == statuspage.stamp(entry.at)


def test_the_same_words_again_correct_nothing(house, incidents, opened, clock):
    """Who looks and presses the button must not tell readers of a correction."""
    (entry,) = opened.updates
    window = (clock.now() + HOUR, clock.now() + 2 * HOUR)
    planned = incidents.plan(WRONG, WRONG, window, ("web",), "olu")
    news = incidents.announce(WRONG, WRONG, "olu")
    incidents.correct(opened.id, Wording(WRONG), "olu")
    incidents.correct(opened.id, Wording(text=WRONG), "olu", entry=entry.id)
    incidents.correct_maintenance(planned.id, Wording(WRONG, WRONG), "olu")
    incidents.correct_announcement(news.id, Wording(WRONG, WRONG), "olu")
    assert incidents.get(opened.id) == opened
    assert incidents.get_maintenance(planned.id).changed_at == planned.changed_at
    assert incidents.announcements() == (news,)
    assert corrected_rows(house) == []


def test_a_draft_is_put_right_without_a_mark(house, incidents):
    draft = incidents.open(WRONG, AnnouncementText(WRONG), "olu", draft=True)
    page = house.browser("olu").get(f"/ops/incidents/{draft.id}/correct").text
    assert "Readers do not see it yet." in page
    assert "at once" not in page
    incidents.correct(draft.id, Wording(RIGHT), "olu")
    corrected = incidents.get(draft.id)
    assert (corrected.title, corrected.corrected_at) == (RIGHT, None)


def test_work_is_put_right_for_all_its_dates_and_an_entry_of_one(house, incidents, clock):
    window = (clock.now() - HOUR, clock.now() + HOUR)
    recurrence = Recurrence("FREQ=DAILY")
    planned = incidents.plan(WRONG, WRONG, window, ("web",), "olu", recurrence=recurrence)
    first = min(incidents.maintenances(), key=lambda w: w.starts_at)
    noted = incidents.note(first.id, WRONG, "", "olu")
    (entry,) = noted.notes[first.id]
    clock.advance(HOUR / 2)
    incidents.correct_maintenance(planned.id, Wording(RIGHT, RIGHT), "olu")
    incidents.correct_maintenance(first.id, Wording(text=RIGHT), "olu", entry=entry.id)
    assert {w.title["en"] for w in incidents.maintenances()} == {"Web is down"}
    (corrected,) = incidents.get_maintenance(first.id).notes[first.id]
    assert (corrected.text, corrected.corrected_at) == (RIGHT, clock.now())
    assert [action for action, _, _ in corrected_rows(house)] == ["maintenance.corrected"] * 2
    with pytest.raises(NotFound):
        incidents.correct_maintenance(planned.id, Wording(text=RIGHT), "olu", entry=entry.id)


def test_an_announcement_is_put_right(house, incidents, clock):
    news = incidents.announce(WRONG, WRONG, "olu")
    clock.advance(HOUR)
    incidents.correct_announcement(news.id, Wording(RIGHT), "olu")
    (corrected,) = incidents.announcements()
    assert (corrected.title, corrected.text, corrected.corrected_at) == (RIGHT, WRONG, clock.now())
    ((_, _, detail),) = corrected_rows(house)
    assert detail["former-title-en"] == "Web is donw"


EMPTY = Wording({"en": " \u200b", "cs": ""})


def test_neither_a_headline_nor_an_entry_loses_a_language_of_the_other(incidents, opened, clock):
    with pytest.raises(RuleViolation, match=r"title\.en: English: entries are written in it"):
        incidents.correct(opened.id, Wording({"en": ""}), "olu")
    (entry,) = opened.updates
    with pytest.raises(RuleViolation, match=r"text\.en: English: the headline is written in it"):
        incidents.correct(opened.id, Wording(text={"en": " "}), "olu", entry=entry.id)
    window = (clock.now() - HOUR, clock.now() + HOUR)
    work = incidents.plan(WRONG, WRONG, window, ("web",), "olu")
    (noted,) = incidents.note(work.id, WRONG, "", "olu").notes[work.id]
    with pytest.raises(RuleViolation, match=r"text\.cs: Čeština: the headline is written in it"):
        incidents.correct_maintenance(work.id, Wording(text={"cs": ""}), "olu", entry=noted.id)
    with pytest.raises(RuleViolation, match=r"title\.en: English: entries are written in it"):
        incidents.correct_maintenance(work.id, Wording({"en": ""}, {"en": ""}), "olu")
    assert incidents.get(opened.id) == opened
    assert incidents.get_maintenance(work.id).notes[work.id] == (noted,)


def test_an_entry_in_fewer_languages_than_the_headline_is_put_right(incidents, clock):
    opened = incidents.open(WRONG, AnnouncementText(WRONG), "olu")
    incidents.update(opened.id, AnnouncementText({"cs": "Nejde."}, "identified"), "olu")
    (newest, _) = incidents.get(opened.id).updates
    incidents.correct(opened.id, Wording(text={"cs": "Nejde web."}), "olu", entry=newest.id)
    assert incidents.get(opened.id).updates[0].text == {"cs": "Nejde web."}


def test_no_language_is_left_with_half_of_the_words(house, incidents, clock):
    english = {"en": "Disk"}
    opened = incidents.open(english, AnnouncementText(english), "olu")
    (entry,) = opened.updates
    czech = Wording(text={"cs": "Disk."})
    with pytest.raises(RuleViolation, match=r"text\.cs: Čeština: there is no headline yet"):
        incidents.correct(opened.id, czech, "olu", entry=entry.id)
    incidents.correct(opened.id, Wording({"cs": "Disk"}), "olu")
    incidents.correct(opened.id, czech, "olu", entry=entry.id)
    window = clock.now() + HOUR, clock.now() + 2 * HOUR
    work = incidents.plan(english, english, window, ("web",), "olu")
    news = incidents.announce(english, english, "olu")
    for correct, made_id in (
        (incidents.correct_maintenance, work.id),
        (incidents.correct_announcement, news.id),
    ):
        with pytest.raises(RuleViolation) as refused:
            correct(made_id, czech, "olu")
        assert refused.value.fields.keys() == {"title.cs"}
        with pytest.raises(RuleViolation) as refused:
            correct(made_id, Wording({"cs": "Disk"}), "olu")
        assert refused.value.fields.keys() == {"text.cs"}
        correct(made_id, Wording({"cs": "Disk"}, {"cs": "Disk."}), "olu")
    page = f"/ops/announcements/{news.id}/correct"
    answer = house.browser("olu").post(
        page, {"title-en": "Disk", "text-en": "A", "text-cs": "Typed"}
    )
    assert answer.status_code == 422
    assert "Čeština: there is a text, but no headline." in answer.text
    assert ">Typed</textarea>" in answer.text


@pytest.mark.parametrize("wording", [Wording(), EMPTY, Wording({"xx": "x"}), Wording(text=RIGHT)])
def test_what_says_nothing_corrects_nothing(house, incidents, opened, wording):
    with pytest.raises(RuleViolation):
        incidents.correct(opened.id, wording, "olu")
    assert incidents.get(opened.id).title == WRONG
    assert corrected_rows(house) == []


def test_who_has_not_read_the_newest_does_not_overwrite_it(incidents, opened):
    incidents.correct(opened.id, Wording(RIGHT), "olu", version=opened.version)
    with pytest.raises(ChangedMeanwhile):
        incidents.correct(opened.id, Wording({"en": "Else"}), "ben", version=opened.version)
    assert incidents.get(opened.id).title == RIGHT


@pytest.mark.parametrize("entry", ["", "nothing"])
def test_what_is_not_there_is_not_put_right(incidents, opened, entry):
    with pytest.raises(NotFound):
        incidents.correct(
            opened.id if entry else "nothing", Wording(RIGHT, RIGHT), "o", entry=entry
        )


def test_olu_puts_words_right_in_the_browser(house, incidents, opened):
    olu, path = house.browser("olu"), f"/ops/incidents/{opened.id}"
    assert f'href="{path}/correct"' in olu.get(path).text
    form = olu.get(f"{path}/correct").text
    assert 'value="Web is donw"' in form
    assert "text-en" not in form
    version = str(incidents.get(opened.id).version)
    empty = {"title-en": "", "title-cs": "", "version": version}
    refused = olu.post(f"{path}/correct", empty)
    assert refused.status_code == 422
    sent = {"title-en": "Web is down", "title-cs": "Web nejde", "version": version}
    assert "corrected words are saved" not in olu.get(path).text
    saved = olu.post(f"{path}/correct", sent)
    assert (saved.status_code, saved.location) == (303, f"{path}?corrected=yes")
    assert "The corrected words are saved." in olu.get(saved.location).text
    assert incidents.get(opened.id).title == RIGHT
    late = olu.post(f"{path}/correct", sent | {"title-en": "Mine"})
    assert late.status_code == 422
    assert 'value="Mine"' in late.text
    (entry,) = opened.updates
    entry_path = f"{path}/updates/{entry.id}/correct"
    assert "Web is donw</textarea>" in olu.get(entry_path).text
    assert "title-en" not in olu.get(entry_path).text
    assert (
        olu.post(entry_path, {"text-en": "Web is down", "text-cs": "Web nejde"}).status_code == 303
    )
    assert "corrected" in olu.get(path).text
    assert house.browser("ben").get(f"{path}/correct").status_code == 403
    assert house.browser("zed").post(f"{path}/correct", sent).status_code == 404
    assert olu.get("/ops/incidents/nothing/correct").status_code == 404
    assert olu.get(f"{path}/updates/nothing/correct").status_code == 404


def test_olu_puts_work_and_news_right_in_the_browser(house, incidents, clock):
    olu = house.browser("olu")
    window = (clock.now() + HOUR, clock.now() + 2 * HOUR)
    planned = incidents.plan(WRONG, WRONG, window, ("web",), "olu")
    news = incidents.announce(WRONG, WRONG, "olu")
    words = {f"{field}-{lang}": text for field in ("title", "text") for lang, text in RIGHT.items()}
    for path in (f"/ops/maintenance/{planned.id}/correct", f"/ops/announcements/{news.id}/correct"):
        assert "Web is donw</textarea>" in olu.get(path).text
        saved = olu.post(path, words)
        assert saved.status_code == 303
        assert "The corrected words are saved." in olu.get(saved.location).text
    assert incidents.get_maintenance(planned.id).text == RIGHT
    assert incidents.announcements()[0].text == RIGHT
    assert olu.get("/ops/announcements/nothing/correct").status_code == 404
    assert f"/ops/announcements/{news.id}/correct" in olu.get("/ops/announcements").text
    assert (
        f"/ops/maintenance/{planned.id}/correct" in olu.get(f"/ops/maintenance/{planned.id}").text
    )


def test_words_are_put_right_from_the_terminal(incidents, opened, capsys):
    def run(*argv):
        parser = argparse.ArgumentParser()
        commands.incident_options(parser)
        return commands.incident(parser.parse_args(argv), incidents)

    assert run("show", opened.id) == 0
    entry = capsys.readouterr().out.strip().split("\t")[-1]
    assert run("correct", opened.id, "--title", "Web is down", "--title", "cs=Web nejde") == 0
    assert run("correct", opened.id, "--entry", entry, "--text", "Web is down") == 0
    now = incidents.get(opened.id)
    assert (now.title, now.updates[0].text) == (RIGHT, RIGHT)
    capsys.readouterr()
    assert run("correct", opened.id) == 2
    assert "at least one language" in capsys.readouterr().err
    assert run("correct", opened.id, "--text", "x") == 2
    assert "in its entries" in capsys.readouterr().err
    assert run("correct", opened.id, "--entry", entry, "--title", "x") == 2
    assert run("correct", "nothing", "--title", "x") == 2
