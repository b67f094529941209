"""Each act of operators, whole: what is kept, what the audit log holds, and what others are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from db.tables.accounts import audit
from db.tables.jobs import jobs
from jobs.database_queue import DatabaseSender
from status.events import CHANGED, ChangeKind, StatusChanged
from status.incidents.incident_automation import IncidentAutomation
from status.incidents.incident_editing import AnnouncementText, Backdating, IncidentEditor
from status.incidents.maintenance_editing import Recurrence
from status.incidents.probe_incidents import MonitoredState
from status.incidents.validation import RuleViolation
from status.model import (
    Announcement,
    Condition,
    Impact,
    Incident,
    IncidentState,
    Maintenance,
    MaintenanceState,
    OccurrenceChange,
    Override,
    Update,
)
from status.state.composition import ComponentVerdict
from status.state.maintenance_windows import updates_of
from status.storage.store import StatusStore
from tests.status_fixtures import MAIL, RACK, WEB

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OK, SLOW, PART, DOWN = (
    Condition.OPERATIONAL,
    Condition.DEGRADED_PERFORMANCE,
    Condition.PARTIAL_OUTAGE,
    Condition.MAJOR_OUTAGE,
)


class Operators(IncidentEditor):
    """The editor, with what its acts leave behind."""

    def __init__(self, database, clock) -> None:
        super().__init__(StatusStore(database, clock, DatabaseSender()), clock, (WEB, MAIL, RACK))
        self.database = database
        self._seen: set[str] = set()

    def trail(self):
        """Since the last look: (who, what, on what, details) of the log, and the events."""
        with self.database.read() as conn:
            log = conn.execute(select(audit)).all()
            sent = conn.execute(select(jobs).where(jobs.c.kind == CHANGED)).all()
        entries = [row for row in log if f"a{row.id}" not in self._seen]
        events = [row for row in sent if f"j{row.id}" not in self._seen]
        self._seen |= {f"a{row.id}" for row in entries} | {f"j{row.id}" for row in events}
        return (
            [(row.actor, row.action, row.subject, row.detail) for row in entries],
            [msgspec.json.decode(row.payload, type=StatusChanged) for row in events],
        )


@pytest.fixture
def olu(database, clock):
    return Operators(database, clock)


def logged(action, id, **detail):
    return [("olu", action, f"{action.partition('.')[0]}:{id}", detail)]


def test_an_incident_from_its_beginning_to_what_was_learned(olu, clock):
    began = clock.now()
    news = AnnouncementText({"en": " We look. "}, components={"mail": PART, "web": SLOW})
    opened = olu.open({"en": "Mail is\nslow", "cs": " "}, news, "olu")
    (first,) = opened.updates
    assert opened == Incident(
        id=opened.id,
        title={"en": "Mail is slow"},
        state=IncidentState.INVESTIGATING,
        impact=Impact.MAJOR,
        started_at=began,
        updates=(
            Update(first.id, "investigating", began, {"en": "We look."}, news.components, began),
        ),
        components=("mail", "web"),
    )
    event = StatusChanged(ChangeKind.INCIDENT_OPENED, opened.id, began, ("mail", "web"))
    assert olu.trail() == (logged("incident.opened", opened.id, state="investigating"), [event])

    clock.advance(HOUR)
    news = AnnouncementText({"en": "Worse."}, "identified", {"mail": DOWN, "rack": SLOW})
    worse = olu.update(opened.id, news, "olu")
    entry = Update(
        worse.updates[0].id, "identified", clock.now(), news.text, news.components, clock.now()
    )
    assert worse == replace(
        opened,
        state=IncidentState.IDENTIFIED,
        impact=Impact.CRITICAL,
        components=("mail", "web", "rack"),
        updates=(entry, first),
        version=opened.version + 1,
    )
    event = StatusChanged(
        ChangeKind.INCIDENT_UPDATED, opened.id, clock.now(), worse.components, entry.id
    )
    assert olu.trail() == (logged("incident.updated", opened.id, state="identified"), [event])

    clock.advance(HOUR)
    over = olu.resolve(opened.id, {"en": "Over."}, "olu")
    assert (over.state, over.resolved_at, over.impact) == (
        IncidentState.RESOLVED,
        clock.now(),
        Impact.CRITICAL,
    )
    assert over.updates[0].components == {"mail": OK, "web": OK, "rack": OK}
    records, events = olu.trail()
    assert records == logged("incident.updated", opened.id, state="resolved")
    assert [(e.what, e.update) for e in events] == [("incident.resolved", over.updates[0].id)]

    clock.advance(HOUR)
    learned = olu.postmortem(opened.id, {"en": "Why."}, "olu")
    assert (learned.state, learned.resolved_at) == (IncidentState.POSTMORTEM, over.resolved_at)
    assert learned.updates[0].components == {}
    records, events = olu.trail()
    assert records == logged("incident.updated", opened.id, state="postmortem")
    assert [e.what for e in events] == ["incident.postmortem"]
    assert olu.get(opened.id) == learned


def test_nobody_is_told_of_a_draft_or_of_what_is_not_published_yet(olu, clock):
    news = AnnouncementText({"en": "t"})
    draft = olu.open({"en": "T"}, news, "olu", draft=True)
    later = olu.open({"en": "T"}, news, "olu", when=Backdating(publish_at=clock.now() + HOUR))
    ended = Backdating(clock.now() - HOUR, ended_at=clock.now())
    past = olu.open({"en": "T"}, replace(news, state="resolved"), "olu", when=ended)
    assert (past.started_at, past.resolved_at) == (ended.started_at, ended.ended_at)
    assert (past.updates[0].at, past.updates[0].published_at) == (clock.now(), clock.now())
    for unseen in (draft.id, later.id):
        olu.update(unseen, AnnouncementText({"en": "more"}), "olu")
    assert olu.trail()[1] == []
    assert olu.approve(draft.id, "olu")
    assert olu.publish_now(later.id, "olu")
    assert not olu.publish_now(later.id, "olu")
    records, events = olu.trail()
    assert records == logged("incident.approved", draft.id) + logged("incident.released", later.id)
    assert events == [
        StatusChanged(ChangeKind.INCIDENT_OPENED, now_seen, clock.now())
        for now_seen in (draft.id, later.id)
    ]
    away = olu.open({"en": "T"}, news, "olu", draft=True)
    olu.trail()
    assert olu.discard(away.id, "olu")
    assert olu.trail() == (logged("incident.discarded", away.id), [])
    kept = olu.get(away.id)
    assert (kept.state, kept.resolved_at, kept.discarded) == ("resolved", clock.now(), True)


def test_planned_work_is_moved_told_of_and_ended(olu, clock):
    now = clock.now()
    window = (now + HOUR, now + 3 * HOUR)
    work = olu.plan({"en": "Disks "}, {"en": " New ones."}, window, ("web",), "olu")
    assert work == Maintenance(
        work.id, {"en": "Disks"}, {"en": "New ones."}, *window, ("web",), now, changed_at=now
    )  # fmt: skip
    announced = StatusChanged(ChangeKind.MAINTENANCE_ANNOUNCED, work.id, now, ("web",))
    assert olu.trail() == (logged("maintenance.planned", work.id), [announced])
    clock.advance(HOUR / 2)
    moved = olu.reschedule(work.id, (now + HOUR, now + 4 * HOUR), "olu")
    assert moved == replace(
        work, ends_at=now + 4 * HOUR, sequence=1, changed_at=clock.now(), version=work.version + 1
    )
    assert olu.get_maintenance(work.id) == moved
    changed = StatusChanged(ChangeKind.MAINTENANCE_CHANGED, work.id, clock.now(), ("web",))
    assert olu.trail() == (logged("maintenance.moved", work.id), [changed])
    clock.advance(HOUR)
    noted = olu.note(work.id, {"en": "Half way."}, "", "olu")
    (note,) = updates_of(noted)
    assert note == Update(note.id, MaintenanceState.IN_PROGRESS, clock.now(), {"en": "Half way."})
    word = StatusChanged(ChangeKind.MAINTENANCE_UPDATED, work.id, clock.now(), ("web",), note.id)
    assert olu.trail() == (logged("maintenance.updated", work.id), [word])
    done = olu.finish(work.id, "olu")
    assert done == replace(
        noted, ends_at=clock.now(), sequence=2, changed_at=clock.now(), version=noted.version + 1
    )
    assert olu.trail() == (logged("maintenance.finished", work.id), [])
    dropped = olu.plan({"en": "a"}, {"en": "b"}, (now + DAY, now + DAY + HOUR), ("web",), "olu")
    olu.trail()
    gone = olu.finish(dropped.id, "olu")
    assert (gone.cancelled, gone.ends_at, gone.sequence) == (True, dropped.ends_at, 1)
    cancelled = StatusChanged(ChangeKind.MAINTENANCE_CANCELLED, dropped.id, clock.now(), ("web",))
    assert olu.trail() == (logged("maintenance.cancelled", dropped.id), [cancelled])


def test_one_date_of_recurring_work_is_moved_and_another_dropped(olu, clock):
    now = clock.now()
    daily = Recurrence("RRULE:FREQ=DAILY", "UTC")
    work = olu.plan({"en": "a"}, {"en": "b"}, (now, now + HOUR), ("web",), "olu", recurrence=daily)
    assert (work.rrule, work.zone) == ("FREQ=DAILY", "UTC")
    assert [series.id for series in olu.series()] == [work.id]
    first, second, *_ = sorted(
        (m for m in olu.maintenances() if m.starts_at > now), key=lambda m: m.starts_at
    )
    olu.trail()
    later = (first.starts_at + HOUR, first.ends_at + HOUR)
    moved = olu.reschedule(first.id, later, "olu")
    assert moved.shifts == {first.id: OccurrenceChange(*later, 1)}
    event = StatusChanged(ChangeKind.MAINTENANCE_CHANGED, first.id, now, ("web",))
    assert olu.trail() == (logged("maintenance.moved", first.id), [event])
    assert olu.reschedule(first.id, later, "olu").shifts[first.id].sequence == 2
    olu.trail()
    dropped = olu.finish(second.id, "olu")
    change = OccurrenceChange(second.starts_at, second.ends_at, 1, cancelled=True)
    assert dropped.shifts[second.id] == change
    assert [e.what for e in olu.trail()[1]] == ["maintenance.cancelled"]
    assert olu.get_maintenance(second.id).cancelled


def test_news_is_shown_from_then_until_then(olu, clock):
    now = clock.now()
    until = {"starts_at": now + HOUR, "ends_at": now + DAY}
    news = olu.announce({"en": "New\nprices"}, {"en": " From May. "}, "olu", **until)
    assert news == Announcement(
        news.id, {"en": "New prices"}, {"en": "From May."}, now + HOUR, now + DAY
    )
    event = StatusChanged(ChangeKind.ANNOUNCED, news.id, now + HOUR)
    assert olu.trail() == (logged("announcement.published", news.id), [event])
    olu.withdraw(news.id, "olu")
    assert olu.trail() == (logged("announcement.withdrawn", news.id), [])
    assert olu.announcements() == ()


def test_a_word_on_a_service_holds_until_its_time_and_no_longer(olu, clock):
    now = clock.now()
    word = olu.override("web", DOWN, now + HOUR, "olu", " power\ncut ")
    assert word == Override("web", DOWN, now, now + HOUR, "olu", "power cut", version=1)
    assert olu.overrides() == (word,)
    assert olu.trail() == (logged("override.set", "web", state="major_outage"), [])
    clock.advance(HOUR / 2)
    again = olu.override("web", DOWN, now + 2 * HOUR, "olu", "power cut")
    assert (again.since, again.until, again.version) == (now, now + 2 * HOUR, 2)
    olu.trail()
    ended = olu.override("web", OK, now, "olu")
    assert (ended.since, ended.until) == (clock.now(), clock.now())
    assert olu.trail() == (logged("override.ended", "web", state="operational"), [])
    assert olu.overrides() == ()


MONTH = timedelta(days=31)
LONG = "An override must end within a month."
FAR = "Work of more than a month is better split."


def test_limits_hold_at_the_very_moment(olu, clock):
    now = clock.now()
    assert olu.override("web", DOWN, now + MONTH, "olu", "x" * 200).until == now + MONTH
    with pytest.raises(RuleViolation) as refusal:
        olu.override("web", DOWN, now + MONTH + timedelta(seconds=1), "olu", "x" * 201)
    assert refusal.value.fields["until"] == LONG
    assert set(refusal.value.fields) == {"until", "reason"}
    assert str(refusal.value) == f"until: {LONG}; reason: This is too long: 200 characters at most."

    def problems(window):
        return olu.plan_problems({"en": "a"}, {"en": "b"}, window, ("web",))

    second = timedelta(seconds=1)
    assert problems((now, now + MONTH)) == {}
    assert problems((now, now + MONTH + second)) == {"ends_at": FAR}
    assert problems((now - HOUR, now + second)) == {}
    assert problems((now - HOUR, now)) == {"ends_at": "This is over already."}
    assert problems((now, now)) == {"ends_at": "The end must come after the beginning."}
    assert olu.plan_problems({"en": "a"}, {"en": "b"}, None, ()) == {
        "components": "Say which services the work touches."
    }


@pytest.mark.parametrize(
    ("state", "began", "ended", "problem"),
    [
        ("investigating", 0, None, {}),
        ("investigating", 1, None, {"started_at": "It cannot begin in the future."}),
        ("resolved", -2, None, {"state": "A new incident cannot be over already."}),
        ("identified", -2, -1, {"state": "What has an end is resolved."}),
        ("resolved", -2, 0, {}),
        ("resolved", -2, 1, {"ended_at": "The end must come after the beginning, and not after now."}),
        ("resolved", -2, -2, {"ended_at": "The end must come after the beginning, and not after now."}),
    ],
)  # fmt: skip
def test_moments_of_a_new_incident_follow_each_other(olu, state, began, ended, problem):
    now = olu.now()
    end = now + ended * HOUR if ended is not None else None
    when = Backdating(now + began * HOUR, ended_at=end)
    entry = AnnouncementText({"en": "t"}, state)
    assert olu.open_problems({"en": "T"}, entry, when=when) == problem


def test_an_entry_afterwards_lies_between_the_last_one_and_now(olu, clock):
    opened = olu.open({"en": "T"}, AnnouncementText({"en": "t"}), "olu")
    began = clock.now()
    clock.advance(HOUR)
    why = {"at": "It must lie between the entry before it and now."}
    news = AnnouncementText({"en": "t"}, "identified")
    tick = timedelta(microseconds=1)
    for at, problems in (
        (began, why),
        (began + tick, {}),
        (clock.now(), {}),
        (clock.now() + tick, why),
    ):
        assert olu.update_problems(opened, news, at=at) == problems
    early = AnnouncementText({"en": "t"}, "postmortem")
    assert olu.update_problems(opened, early) == {"state": "Write what happened once it is over."}


async def test_what_probes_and_the_clock_bring_is_logged_as_nobodys_act(olu, clock):
    store = StatusStore(olu.database, clock, DatabaseSender())
    automation = IncidentAutomation(store)

    async def run(condition):
        verdict = ComponentVerdict(condition, clock.now())
        view = MonitoredState((WEB,), {"web": verdict}, store.statements(), clock.now())
        return await automation.run(view)

    assert not await run(OK)
    assert await run(DOWN)
    (opened,) = olu.all()
    records, events = olu.trail()
    assert records == [("", "incident.opened", f"incident:{opened.id}", {"state": "investigating"})]
    assert [(event.what, event.id) for event in events] == [("incident.opened", opened.id)]
    clock.advance(HOUR)
    assert await run(OK)
    records, events = olu.trail()
    assert records == [("", "incident.updated", f"incident:{opened.id}", {"state": "resolved"})]
    assert [event.what for event in events] == ["incident.resolved"]
    later = Backdating(publish_at=clock.now() + HOUR)
    planned = olu.open({"en": "T"}, AnnouncementText({"en": "t"}), "olu", when=later)
    olu.trail()
    assert not await run(OK)
    clock.advance(HOUR)
    assert await run(OK)
    records, events = olu.trail()
    assert records == [("", "incident.released", f"incident:{planned.id}", {})]
    assert [event.id for event in events] == [planned.id]
