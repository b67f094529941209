"""Words and limits of what operators write: ready words, repetition, reminders, impact."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from jobs.model import Job
from messages import EmailRef, OutgoingEmail, email_job
from settings import SettingsError
from settings.schema import TemplateSection
from status.incidents.configured_templates import configured_templates
from status.incidents.incident_automation import REMINDER, ReminderPayload
from status.incidents.reminders import IncidentReminder
from status.incidents.repetition import Repetition
from status.incidents.templates import IncidentTemplate, IncidentTemplates, shorten_lists
from status.incidents.validation import (
    NO_TEXT,
    NO_TITLE,
    gravest,
    impact_of,
    pair_problems,
    state_problems,
    text_problems,
)
from status.model import Component, Condition, Impact, IncidentState, Update
from tests.status_fixtures import AT, incident
from web.site import Site

HOUR = timedelta(hours=1)
OK, SLOW, PART, DOWN = (
    Condition.OPERATIONAL,
    Condition.DEGRADED_PERFORMANCE,
    Condition.PARTIAL_OUTAGE,
    Condition.MAJOR_OUTAGE,
)


# ---------------------------------------------------------------- ready words
def test_long_lists_name_five_and_count_the_rest() -> None:
    names = [Component(f"c{n}", f"C{n}", names={"cs": f"Č{n}"}) for n in range(8)]
    assert shorten_lists({"parts": names[:6], "n": 8}, "en") == {
        "parts": ["C0", "C1", "C2", "C3", "C4", "C5"],
        "n": 8,
    }
    assert shorten_lists({"parts": tuple(names[:7])}, "en")["parts"][-2:] == ["C4", "2 more"]
    assert len(shorten_lists({"parts": names}, "en")["parts"]) == 6
    assert shorten_lists({"name": names[0]}, "cs") == {"name": "Č0"}


def section(**more) -> TemplateSection:
    return msgspec.convert(
        {"id": "outage", "title": {"en": "Down: {parts:list}"}, "text": {"en": "{name}"}, **more},
        TemplateSection,
    )


def test_an_operators_ready_words_take_the_place_of_ours() -> None:
    own = IncidentTemplate(
        "outage", "outage", {"en": "{name}"}, {"en": "Down: {parts:list}"}, "investigating"
    )
    configured = configured_templates([section()], ("en",))
    assert configured.find("outage") == own
    assert configured.languages == ("en",)
    assert [t.id for t in configured.offered] == [
        *("outage", "slow", "network", "attack", "identified", "monitoring", "resolved"),
    ]
    assert configured.find("slow") == IncidentTemplates().find("slow")
    named = configured_templates([section(name="Power", state="identified")], ("en",))
    assert named.find("outage") == replace(own, name="Power", state="identified")


def test_words_for_probes_without_a_headline_keep_ours() -> None:
    own = IncidentTemplate("auto-many", "", {"en": "{parts:list} down"})
    templates = IncidentTemplates((own,), ("en",))
    assert templates.title("auto-many", {}) == {"en": "Trouble with several services"}
    assert templates.text("auto-many", {"parts": ["Web", "Mail"]}) == {"en": "Web and Mail down"}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (
            {"text": {"de": "x"}},
            '[[template]] "outage" text: its language is "de"; did you mean en? Allowed: cs, en',
        ),
        ({"text": {}}, '[[template]] "outage" text has no words in any language'),
        (
            {"text": {"en": "{nmae}"}},
            '[[template]] "outage" text: a field in its words is "{nmae}"; did',
        ),
    ],
)
def test_ready_words_that_cannot_be_filled_are_refused(more, reason) -> None:
    with pytest.raises(SettingsError) as refusal:
        configured_templates([section(**more)], ("en", "cs"))
    assert str(refusal.value).startswith(reason)


# ---------------------------------------------------------------- what is amiss
@pytest.mark.parametrize(
    ("chosen", "first", "problems"),
    [
        (Repetition(), None, {}),
        (Repetition("daily", " 07 ", "2026-03-08"), date(2026, 3, 8), {}),
        (Repetition("daily", "99"), None, {}),
        (Repetition("hourly"), None, {"repeat": "Choose one of the offered answers."}),
        (Repetition("daily", "100"), None, {"every": "Give a number from 1 to 99."}),
        (Repetition("daily", "1", "soon"), None, {"until": "Give a day, such as 2026-12-31."}),
        (
            Repetition("daily", "1", "2026-03-07"),
            date(2026, 3, 8),
            {"until": "The last day lies before the first one."},
        ),
    ],
)
def test_a_repetition_says_what_is_amiss(chosen, first, problems) -> None:
    assert chosen.problems(first) == problems


def test_a_rule_counts_and_ends_as_chosen() -> None:
    begin = datetime(2026, 3, 8, 2, tzinfo=UTC)
    assert Repetition("daily", " 7 ", " 2026-04-01 ").rule(begin, "UTC") == (
        "FREQ=DAILY;INTERVAL=7;UNTIL=20260401"
    )
    assert Repetition("daily", "1").rule(begin, "UTC") == "FREQ=DAILY"
    month = replace(Repetition("monthly-day"))
    assert month.rule(begin.replace(day=28), "UTC") == "FREQ=MONTHLY;BYMONTHDAY=28"
    assert month.rule(begin.replace(day=29), "UTC") == ("FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1")


def test_texts_are_refused_by_language_in_words() -> None:
    languages = ("en", "cs")
    long = {"en": "x" * 200, "cs": "x" * 201, "de": "x"}
    problems = text_problems("title", long, 200, languages)
    assert problems == {
        "title.cs": "This is too long: {most:number} characters at most.",
        "title.de": "The status page does not speak this language.",
    }
    assert text_problems("text", {"en": " ", "cs": ""}, 200, languages) == {
        "text": "Say it in at least one language."
    }
    assert text_problems("text", {"en": "a\0b"}, 200, languages) == {
        "text.en": "There is a character in it that cannot be stored."
    }
    assert text_problems("text", {"en": "Outage: …"}, 200, languages).keys() == {"text.en"}
    assert pair_problems({"en": "a", "cs": "b"}, {"en": "c", "de": "d"}) == {
        "title.de": NO_TITLE,
        "text.cs": NO_TEXT,
    }
    assert pair_problems({"en": "a"}, {}) == {}
    assert state_problems("fixed") == {"state": "This is not a state of an incident."}
    assert state_problems("monitoring") == {}


def test_an_incident_is_as_grave_as_its_worst_service() -> None:
    assert impact_of({}) is Impact.NONE
    assert impact_of({"a": OK}) is Impact.NONE
    assert impact_of({"a": OK, "b": SLOW}) is Impact.MINOR
    assert impact_of({"a": PART, "b": SLOW}) is Impact.MAJOR
    assert impact_of({"a": PART, "b": DOWN}) is Impact.CRITICAL
    assert gravest(Impact.MINOR, Impact.MAJOR, Impact.NONE) is Impact.MAJOR
    assert gravest() is Impact.NONE


# ---------------------------------------------------------------- reminders
SILENT = incident(
    id="abc", title={"en": "Slow disk"}, state=IncidentState.INVESTIGATING, started_at=AT - 5 * HOUR,
    updates=(Update("u1", "investigating", AT - 4 * HOUR, {"en": "x"}),), resolved_at=None,
)  # fmt: skip


class Desk:
    """A reminder of one incident, and the letters that it asks for."""

    def __init__(self, kept, *, addresses=("olu@x.example", "ben@x.example")) -> None:
        self.jobs: list[Job] = []
        self.reminder = IncidentReminder(
            Site(url="https://x.example"), "en", addresses, self.enqueue, self.find, lambda: AT
        )
        self.kept = kept

    def find(self, id: str):
        return self.kept if self.kept and self.kept.id == id else None

    def enqueue(self, jobs) -> int:
        self.jobs += jobs
        return len(self.jobs)

    def emails(self, **payload) -> list[OutgoingEmail | None]:
        text = msgspec.json.encode(ReminderPayload("abc", **payload)).decode()
        self.reminder.remind(Job(REMINDER, text, "key", AT))
        refs = [msgspec.json.decode(job.payload, type=EmailRef) for job in self.jobs]
        assert self.jobs == [email_job(ref, AT) for ref in refs]
        return [self.reminder.emails()[REMINDER](ref) for ref in refs]


def test_a_letter_is_asked_for_by_ids_and_those_of_older_jobs_are_read() -> None:
    desk = Desk(SILENT)
    (letter, _) = desk.emails(silent=14_400.0, well=True)
    ref = msgspec.json.decode(desk.jobs[0].payload, type=EmailRef)
    named = {"incident": "abc", "silent": "14400.0", "well": "True", "draft": "False"}
    assert ref.ids == {**named, "reader": ref.ids["reader"]}
    payload = msgspec.json.encode(ReminderPayload("abc", 14_400.0, well=True)).decode()
    older = EmailRef(ref.key, REMINDER, {"reminder": payload, "reader": ref.ids["reader"]})
    assert desk.reminder.emails()[REMINDER](older) == letter


def test_a_silent_incident_is_written_to_each_operator(caplog) -> None:
    caplog.set_level(logging.WARNING)
    first, second = Desk(SILENT).emails(silent=14_400.0, well=True)
    assert first is not None
    assert second is not None
    assert (first.to, second.to) == ("olu@x.example", "ben@x.example")
    assert first.key != second.key
    assert first.key.startswith("status.reminder:key:")
    assert first.subject == "No news for 4 hours: Slow disk"
    assert first.text == (
        "The incident “Slow disk” is open and readers have had no news for 4 hours.\n\n"
        "Its services are well by their checks, so it may be over.\n\n"
        "https://x.example/ops/incidents/abc\n"
    )
    assert caplog.messages == [
        'the incident abc "Slow disk" has had no news for 4:00:00; its services are well by their checks'
    ]
    unwell, _ = Desk(SILENT).emails(silent=14_400.0, well=False)
    assert unwell is not None
    assert "not well yet. A short word on what is being done helps." in unwell.text


def test_a_draft_is_written_of_in_other_words(caplog) -> None:
    caplog.set_level(logging.WARNING)
    desk = Desk(replace(SILENT, draft=True), addresses=("olu@x.example",))
    (email,) = desk.emails(silent=0.0, well=False, draft=True)
    assert email is not None
    assert email.subject == "A draft waits for you: Slow disk"
    assert email.text == (
        "“Slow disk” is a draft: readers see nothing of it until somebody publishes it. "
        "Publish it, or put it away, here:\n\nhttps://x.example/ops/incidents/abc\n"
    )
    assert caplog.messages == ['the draft abc "Slow disk" waits for a word']


@pytest.mark.parametrize(
    ("change", "payload"),
    [
        ({"state": IncidentState.RESOLVED}, {"silent": 14_400.0}),
        ({"cause": "web"}, {"silent": 14_400.0}),
        ({"draft": True}, {"silent": 14_400.0}),
        ({"publish_at": AT + HOUR}, {"silent": 14_400.0}),
        ({}, {"silent": 14_401.0}),
        ({}, {"silent": 0.0, "draft": True}),
        ({"draft": True, "discarded": True}, {"silent": 0.0, "draft": True}),
        ({"draft": True, "state": IncidentState.RESOLVED}, {"silent": 0.0, "draft": True}),
        ({"id": "other"}, {"silent": 14_400.0}),
    ],
)
def test_nobody_is_reminded_where_nothing_is_left_to_do(caplog, change, payload) -> None:
    caplog.set_level(logging.WARNING)
    assert Desk(replace(SILENT, **change)).emails(well=False, **payload) == []
    assert caplog.messages == []


def test_who_is_named_no_longer_gets_no_letter() -> None:
    desk = Desk(SILENT)
    desk.emails(silent=14_400.0, well=False)
    later = Desk(SILENT, addresses=("ben@x.example",))
    refs = [msgspec.json.decode(job.payload, type=EmailRef) for job in desk.jobs]
    letters = [later.reminder.write(ref) for ref in refs]
    assert [letter.to if letter else None for letter in letters] == [None, "ben@x.example"]
