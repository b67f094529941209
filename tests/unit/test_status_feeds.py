"""Feeds, calendar and badges, read by the programs that people read them with."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import feedparser
import icalendar
import pytest
import recurring_ical_events

from status.model import Announcement, Condition, IncidentState, MaintenanceState, OccurrenceChange
from status.publishing.badges import svg_badge
from status.publishing.calendar import calendar, folded
from status.publishing.data_files import data_files
from status.publishing.feed import Feed, atom, json_feed, rss
from status.state import maintenance_windows, recurrence
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, MAIL, RACK, SITE, WEB, incident, snapshot, work

URL = "https://status.example"
MINUTE = timedelta(minutes=1)
NAME = "Sklep & synové, s.r.o.; hosting"


def shot(**more):
    words = PublicStatements(**more)
    return snapshot({WEB: Condition.OPERATIONAL, MAIL: Condition.PARTIAL_OUTAGE}, words=words)


def feed(lang, place="", **more):
    return Feed(NAME, URL, lang, place, **more)


def parsed(document: bytes) -> feedparser.FeedParserDict:
    event_list = feedparser.parse(document)
    assert not event_list.bozo, event_list.get("bozo_exception")
    return event_list


def test_atom_is_one_entry_an_incident():
    calendar = parsed(atom(shot(incidents=(incident(),)), feed("en")))
    (entry,) = calendar.entries
    assert calendar.feed.title == NAME
    assert entry.id == "tag:status.example,2005:Incident/abc123def456"
    assert entry.link == f"{URL}/incidents/abc123def456"
    assert entry.updated_parsed[:5] == (2026, 1, 15, 11, 0)
    assert "A disk is failing." in entry.content[0].value


def test_words_that_are_dated_back_are_new_to_readers_of_feeds():
    backdated = replace(incident().updates[0], id="u9", told_at=AT)
    told_late = incident(updates=(backdated, *incident().updates[1:]))
    snapshot = shot(incidents=(told_late, incident(id="other0000000")))
    assert parsed(atom(snapshot, feed("en"))).feed.updated_parsed[:5] == (2026, 1, 15, 12, 0)
    first = parsed(rss(snapshot, feed("en"))).entries[0]
    assert first.id.endswith("/u9")
    assert first.published_parsed[:5] == (2026, 1, 15, 12, 0)


def test_a_long_incident_leaves_room_for_the_others():
    many = [replace(incident().updates[0], id=f"u{n}", at=AT - n * MINUTE) for n in range(100)]
    quiet = incident(id="quiet0000000", started_at=AT - timedelta(days=30))
    snapshot = shot(incidents=(incident(updates=tuple(many)), quiet))
    entries = parsed(rss(snapshot, feed("en"))).entries
    assert [e.id.rpartition("/")[2] for e in entries][:2] == ["u0", "u1"]
    assert any(e.link.endswith("quiet0000000") for e in entries)


@pytest.mark.parametrize("read", [atom, rss])
def test_each_language_has_feeds_of_its_own_with_the_same_entries(read):
    snapshot = shot(incidents=(incident(),))
    english, czech = (parsed(read(snapshot, feed(lang, f"/{lang}"))) for lang in ("en", "cs"))
    assert [e.id for e in english.entries] == [e.id for e in czech.entries]
    assert "Pošta je pomalá" in czech.entries[0].title
    assert czech.entries[0].link == f"{URL}/cs/incidents/abc123def456"
    assert czech.feed.language == "cs" if read is rss else czech.feed.title == NAME
    assert f"{URL}/cs/history" in [link.href for link in czech.feed.links]


def test_a_feed_tells_the_time_by_the_clock_of_its_page():
    (entry,) = parsed(
        atom(shot(incidents=(incident(),)), feed("en", time_zone="Europe/Prague"))
    ).entries
    assert "12:00 CET" in entry.content[0].value
    assert entry.updated_parsed[:5] == (2026, 1, 15, 11, 0)


def test_rss_is_one_item_an_update_and_an_announcement():
    news = Announcement("n1", {"en": "We move <soon>"}, {"en": "On Monday."}, AT)
    calendar = parsed(rss(shot(incidents=(incident(),), announcements=(news,)), feed("en")))
    assert calendar.version == "rss20"
    assert [e.title for e in calendar.entries] == [
        "We move <soon>",
        "Mail is slow (Cause found)",
        "Mail is slow (Investigating)",
    ]
    assert len({e.id for e in calendar.entries}) == 3
    assert calendar.entries[1].published_parsed[:5] == (2026, 1, 15, 11, 0)


CRASHED = "The <mysqld> process & its log.\r\n\r\nWe restart it.\nOnce more."
CONTENT = "The &lt;mysqld&gt; process &amp; its log.</p><p>We restart it.<br>Once more.</p>"
TIDIED = CONTENT.replace("<br>", "<br />")  # by feedparser


def crashed():
    (first, *_) = incident().updates
    return replace(incident(), updates=(replace(first, text={"en": CRASHED}),))


def test_words_in_brackets_and_empty_lines_are_shown_by_readers():
    """What feedparser gives is HTML, as browsers and mail readers show it."""
    snapshot = shot(incidents=(crashed(),))
    (item,) = parsed(rss(snapshot, feed("en"))).entries
    assert item.summary == f"<p>{TIDIED}"
    assert item.author == NAME
    (entry,) = parsed(atom(snapshot, feed("en"))).entries
    assert entry.content[0].value.endswith(f" - {TIDIED}")


def test_json_feed_has_the_entries_of_atom_and_the_announcements():
    news = Announcement("n1", {"en": "We move <soon>"}, {"en": "On <Monday>."}, AT)
    snapshot = shot(incidents=(crashed(),), announcements=(news,))
    document = json.loads(json_feed(snapshot, feed("cs", "/cs")))
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert (document["title"], document["language"]) == (NAME, "cs")
    assert document["feed_url"] == f"{URL}/cs/history.json"
    items = {item["title"]: item for item in document["items"]}
    assert items["We move <soon>"]["content_html"] == "<p>On &lt;Monday&gt;.</p>"
    (entry,) = parsed(atom(snapshot, feed("cs", "/cs"))).entries
    same = items[entry.title]
    assert (same["id"], same["url"]) == (entry.id, entry.link)
    assert same["content_html"].endswith(f" - {CONTENT}")
    assert (same["date_published"], same["date_modified"]) == (entry.published, entry.updated)


def test_a_feed_of_a_year_keeps_fifty():
    many = tuple(replace(incident(), id=f"i{n:011}") for n in range(80))
    snapshot_now = shot(incidents=many)
    assert len(parsed(rss(snapshot_now, feed("cs"))).entries) == 50
    assert len(parsed(atom(snapshot_now, feed("cs"))).entries) == 50
    assert len(json.loads(json_feed(snapshot_now, feed("cs")))["items"]) == 50


# ------------------------------------------------------------------ the calendar
def events(*works, at=AT, lang="en"):
    words = PublicStatements(maintenances=recurrence.expand_occurrences(works, at))
    body = calendar(snapshot(words=words, at=at), feed(lang))
    assert body.replace(b"\r\n", b"").count(b"\n") == 0
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    parsed_calendar = icalendar.Calendar.from_ical(body)
    return parsed_calendar, {str(e["UID"]): e for e in parsed_calendar.walk("VEVENT")}


@pytest.mark.parametrize("write", [atom, rss])
def test_what_no_xml_may_hold_makes_no_feed_unreadable(write):
    """Control characters come with words that programs paste: a log line with colours in it."""
    words = 'a\x1b[31mb\x00\x0b\ufffe\uffff ]]> <b> & "c" 🧨\td'
    bad = replace(incident(), title={"en": words})
    feed = Feed("Sunny\x07 & Co", "https://status.example", "en")
    read = ET.fromstring(
        write(replace(snapshot({WEB: Condition.OPERATIONAL}), incidents=(bad,)), feed)
    )
    texts = [element.text for element in read.iter() if element.tag.endswith("title")]
    assert texts[0] == "Sunny & Co"
    assert texts[1].startswith('a[31mb ]]> <b> & "c" 🧨\td')


def test_planned_work_is_an_event_with_a_stable_name():
    long = "Krátké výpadky; všechno, co stojí v Praze\nbude chvíli stát. " * 4
    planned = work(text={"cs": long}, components=("mail",))
    calendar, event_list = events(planned, lang="cs")
    (event,) = event_list.values()
    assert str(event["UID"]) == "work12345678@status.example"
    assert int(event["SEQUENCE"]) == 0
    assert event.decoded("DTSTART") == planned.starts_at
    assert event.decoded("DTEND") == planned.ends_at
    assert str(event["STATUS"]) == "CONFIRMED"
    assert str(event["DESCRIPTION"]) == f"{long}\n\nMailboxes"
    assert str(calendar["X-WR-CALNAME"]).replace("\\", "") == NAME
    assert "METHOD" not in calendar  # RFC 5546, 3.2.1: a published event would need an ORGANIZER
    seen = recurring_ical_events.of(calendar).between(planned.starts_at, planned.ends_at)
    assert [str(e["UID"]) for e in seen] == ["work12345678@status.example"]


def test_moved_and_cancelled_work_keeps_its_name_and_counts_on():
    later = work(starts_at=AT + timedelta(days=3), ends_at=AT + timedelta(days=4), sequence=1)
    _, event_list = events(later)
    assert int(event_list["work12345678@status.example"]["SEQUENCE"]) == 1
    _, event_list = events(replace(later, cancelled=True, sequence=2))
    event = event_list["work12345678@status.example"]
    assert (str(event["STATUS"]), int(event["SEQUENCE"])) == ("CANCELLED", 2)


def weekly(**more):
    begin = datetime(2026, 3, 15, 1, 0, tzinfo=UTC)  # two o'clock in Prague, a Sunday
    values = {"starts_at": begin, "ends_at": begin + timedelta(hours=2)}
    return work(rrule="FREQ=WEEKLY;BYDAY=SU", zone="Europe/Prague", **(values | more))


def test_recurring_work_follows_the_wall_clock_through_the_change_of_time():
    at = datetime(2026, 3, 16, tzinfo=UTC)
    dates = [w.starts_at for w in recurrence.occurrences(weekly(), at)]
    assert dates[0] == datetime(2026, 3, 15, 1, 0, tzinfo=UTC)
    assert dates[1] == datetime(2026, 3, 22, 1, 0, tzinfo=UTC)
    assert dates[2] == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert dates[3] == datetime(2026, 4, 5, 0, 0, tzinfo=UTC)
    assert len(dates) == 13
    calendar, event_list = events(weekly(), at=at)
    assert len(event_list) == 13
    april = recurring_ical_events.of(calendar).between((2026, 4, 1), (2026, 4, 30))
    assert len(april) == 4


def test_one_date_of_a_series_is_moved_and_one_cancelled():
    at = datetime(2026, 3, 16, tzinfo=UTC)
    first, second, third, *_ = recurrence.occurrences(weekly(), at)
    hour = timedelta(hours=1)
    shifts = {
        second.id: OccurrenceChange(second.starts_at + hour, second.ends_at + hour, 1),
        third.id: OccurrenceChange(third.starts_at, third.ends_at, 1, cancelled=True),
    }
    _, event_list = events(weekly(shifts=shifts), at=at)
    moved = event_list[f"{second.id}@status.example"]
    assert (moved.decoded("DTSTART"), int(moved["SEQUENCE"])) == (second.starts_at + hour, 1)
    assert str(event_list[f"{third.id}@status.example"]["STATUS"]) == "CANCELLED"
    assert int(event_list[f"{first.id}@status.example"]["SEQUENCE"]) == 0


def test_a_cancelled_series_keeps_its_past():
    at = datetime(2026, 3, 24, tzinfo=UTC)
    over = weekly(cancelled=True, changed_at=at, sequence=1)
    states = [maintenance_windows.state(w, at) for w in recurrence.occurrences(over, at)]
    assert states[:2] == [MaintenanceState.COMPLETED] * 2
    assert set(states[2:]) == {MaintenanceState.CANCELLED}


@pytest.mark.parametrize(
    ("rule", "zone"),
    [
        *(("", "UTC"), ("FREQ=SECONDLY", "UTC"), ("FREQ=HOURLY", "UTC"), ("every day", "UTC")),
        ("FREQ=DAILY\nFREQ=WEEKLY", "UTC"),
        ("FREQ=DAILY", "Europe/Atlantis"),
        ("FREQ=DAILY;UNTIL=99991231T000000", "UTC"),
        ("FREQ=DAILY;BYDAY=XX", "../etc/passwd"),
    ],
)
def test_rules_that_nobody_can_follow_are_refused(rule, zone):
    with pytest.raises(ValueError):
        recurrence.validate_rule(rule, zone)


def test_a_rule_that_never_happens_comes_to_an_end():
    never = replace(weekly(), rrule="FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30")
    recurrence.validate_rule(never.rrule, never.zone)
    assert recurrence.occurrences(never, AT) == ()


def test_lines_are_folded_within_octets_and_never_within_a_letter():
    line = folded("SUMMARY:" + "ě" * 100)
    assert all(len(piece.encode()) <= 75 for piece in line.split("\r\n"))
    assert line.replace("\r\n ", "").strip() == "SUMMARY:" + "ě" * 100


# ------------------------------------------------------------------ badges
def test_badges_say_the_state_in_words():
    parts = {WEB: Condition.MAJOR_OUTAGE, replace(RACK, name='R&D <"1">'): Condition.OPERATIONAL}
    published = data_files(snapshot(parts), SITE)
    files = {path: file.fresh for path, file in published.items() if path.startswith("/badge/")}
    assert set(files) == {
        f"/badge/{n}.{e}" for n in ("web", "rack", "_all") for e in ("svg", "json")
    }
    document = json.loads(files["/badge/web.json"])
    assert document["schemaVersion"] == 1
    assert (document["label"], document["message"], document["color"]) == (
        "Web servers",
        "Outage",
        "red",
    )
    drawn = ET.fromstring(files["/badge/rack.svg"])
    assert drawn.attrib["aria-label"] == 'R&D <"1">: Operational'
    assert json.loads(files["/badge/_all.json"])["message"] == "Outage"


def test_a_badge_is_as_wide_as_the_words_of_its_script():
    def width(label):
        drawn = ET.fromstring(svg_badge(label, "OK", "#1d7a3a"))
        return float(drawn[-1][0].attrib["textLength"])

    assert width("株式会社ホスト") == 7 * 11  # squares of the type's size
    assert width("Webů") == width("Webu\u030a")  # a mark takes no place of its own
    assert 6 * 6 < width("Хостинг") < 7 * 9


def test_an_incident_without_words_in_a_language_borrows_them():
    snapshot_now = shot(incidents=(incident(state=IncidentState.IDENTIFIED),))
    assert "Mail is slow" in parsed(rss(snapshot_now, feed("xx"))).entries[0].title
