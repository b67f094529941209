"""Pages that are kept from one publication to the next are those that would be rendered anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from status.model import (
    Announcement,
    Component,
    Condition,
    IncidentState,
    Maintenance,
    OccurrenceChange,
    Update,
)
from status.publishing.pages import PageMemory, published_files
from status.state.recurrence import expand_occurrences, occurrences
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, MAIL, SITE, WEB, incident, snapshot, work
from tests.status_fixtures import pages as templates

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PAGES = templates()
RULES = ("", "FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY;COUNT=3")
NOTE_STATES = ("scheduled", "in_progress", "verifying")

CHARTED = replace(WEB, charts=True)  # nothing of it is counted yet

spans = st.integers(-3000, 3000).map(lambda minutes: minutes * MINUTE)


@st.composite
def planned_work(draw: st.DrawFn, id: str) -> Maintenance:
    """One-off or recurring, perhaps cancelled (as a whole or one date), with words that are told
    before, in or after their time."""
    starts_at = AT + draw(spans)
    planned = work(
        id=id,
        starts_at=starts_at,
        ends_at=starts_at + draw(st.sampled_from((MINUTE, HOUR, 5 * HOUR))),
        created_at=AT - 5 * DAY,
        cancelled=draw(st.booleans()),
        changed_at=draw(st.none() | spans.map(lambda span: AT + span)),
        rrule=draw(st.sampled_from(RULES)),
        components=("rack",),
    )
    dates = occurrences(planned, AT) if planned.rrule else (planned,)
    noted = draw(st.sampled_from(dates))
    note = Update("note", draw(st.sampled_from(NOTE_STATES)), AT + draw(spans), {"en": "Go on"})
    shifts = {}
    if planned.rrule and draw(st.booleans()):
        moved = draw(spans)
        window = (noted.starts_at + moved, noted.ends_at + moved)
        shifts = {noted.id: OccurrenceChange(*window, cancelled=draw(st.booleans()))}
    return replace(planned, shifts=shifts, notes={noted.id: (note,)})


@st.composite
def histories(draw: st.DrawFn) -> tuple[PublicStatements, list[tuple[datetime, bool, Condition]]]:
    """what was said, and the moments at which it is published with how things stand."""
    ended = draw(spans)
    statements = PublicStatements(
        (incident(state=IncidentState.RESOLVED, resolved_at=AT + ended),),
        tuple(draw(planned_work(f"work{n}")) for n in range(draw(st.integers(1, 3)))),
        announcements=(Announcement("n1", {"en": "N"}, {"en": "T"}, AT + draw(spans), AT + ended),),
    )
    conditions = st.sampled_from((Condition.OPERATIONAL, Condition.MAJOR_OUTAGE))
    moments = st.tuples(spans.map(lambda span: AT + span), st.booleans(), conditions)
    return statements, sorted(draw(st.lists(moments, min_size=2, max_size=6)), key=lambda m: m[0])


def differences(
    statements: PublicStatements, at: datetime, memory: PageMemory, **more
) -> list[str]:
    """The paths whose kept file is not what is rendered anew at a moment."""
    shot = snapshot(
        more.pop("conditions", None),
        words=replace(statements, maintenances=expand_occurrences(statements.maintenances, at)),
        at=at,
        **more,
    )
    kept = published_files(shot, SITE, PAGES, memory, times={"web": None})
    anew = published_files(shot, SITE, PAGES, PageMemory(), times={"web": None})
    assert kept.keys() == anew.keys()
    return [path for path, file in anew.items() if kept[path] != file]


@settings(max_examples=60)
@given(histories())
def test_kept_pages_are_those_that_would_be_rendered_anew(history):
    statements, moments = history
    memory = PageMemory()
    for at, cut_off, condition in moments:
        conditions: dict[Component, Condition] = {CHARTED: condition, MAIL: Condition.OPERATIONAL}
        different = differences(statements, at, memory, cut_off=cut_off, conditions=conditions)
        assert different == [], at


def test_a_cancelled_date_of_a_series_is_listed_as_finished_once_its_time_has_come():
    begin = datetime(2026, 1, 10, 20, tzinfo=UTC)
    series = work(starts_at=begin, ends_at=begin + HOUR, rrule="FREQ=MONTHLY")
    second = occurrences(series, AT)[1]
    cancelled = OccurrenceChange(second.starts_at, second.ends_at, cancelled=True)
    statements = PublicStatements(maintenances=(replace(series, shifts={second.id: cancelled}),))
    memory = PageMemory()
    for minutes in (-1, 1, 61):
        assert differences(statements, second.starts_at + minutes * MINUTE, memory) == []


@pytest.mark.parametrize("minutes", [1, 24 * 60])
def test_a_note_ahead_of_the_engines_clock_is_shown_when_it_comes_due(minutes):
    note = Update("u9", "scheduled", AT + timedelta(seconds=1), {"en": "NEWS-FROM-STAFF"})
    planned = work(
        starts_at=AT + 2 * DAY, ends_at=AT + 2 * DAY + HOUR, notes={"work12345678": (note,)}
    )
    statements, memory = PublicStatements(maintenances=(planned,)), PageMemory()
    assert differences(statements, AT, memory) == []
    assert differences(statements, AT + minutes * MINUTE, memory) == []
    page_text = {
        path for (_, path), page in memory.pages.items() if b"NEWS-FROM-STAFF" in page.file.fresh
    }
    assert page_text == {"/", "/maintenance"}
