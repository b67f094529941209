"""Two people write one row: nobody's change is lost, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from db.versions import StaleVersion
from jobs.database_queue import DatabaseSender
from status.incidents.incident_editing import AnnouncementText, IncidentEditor
from status.incidents.validation import ChangedMeanwhile, audit_entry
from status.model import Component, Condition, Update
from status.storage.store import StatusStore
from tests.people_rows import add_people
from tickets.model import AuthenticationSnapshot, Draft, Note, NoteKind, TicketState
from tickets.store import TicketCommand, TicketStore

HOUR = timedelta(hours=1)
DOWN = Condition.MAJOR_OUTAGE


@pytest.fixture
def store(database, clock):
    return StatusStore(database, clock, DatabaseSender())


@pytest.fixture
def editor(store, clock):
    return IncidentEditor(store, clock, tuple(Component(c, c) for c in ("web", "dns", "mail")))


def news(text, *components):
    return AnnouncementText({"en": text}, "identified", dict.fromkeys(components, DOWN))


def test_the_second_of_two_operators_who_saw_the_same_is_refused(editor):
    seen = editor.open({"en": "Disk"}, news("a", "web"), "olu")
    editor.update(seen.id, news("b", "mail"), "ben", version=seen.version)
    with pytest.raises(ChangedMeanwhile) as refused:
        editor.update(seen.id, news("c", "dns"), "olu", version=seen.version)
    assert "version" in refused.value.fields
    now = editor.get(seen.id)
    assert (now.components, len(now.updates)) == (("web", "mail"), 2)
    editor.update(seen.id, news("c", "dns"), "olu", version=now.version)
    assert editor.get(seen.id).components == ("web", "mail", "dns")


def test_the_store_refuses_what_was_made_from_an_older_state(store, editor, clock):
    before = editor.open({"en": "Disk"}, news("a", "web"), "olu")
    editor.update(before.id, news("b", "mail"), "ben")
    entry = Update("u9", "identified", clock.now(), {"en": "c"}, {"dns": DOWN})
    stale = replace(before, components=("web", "dns"))
    with pytest.raises(StaleVersion):
        store.add_update(
            stale, entry, audit_entry(clock.now(), "olu", "incident.updated", before.id)
        )
    now = editor.get(before.id)
    assert now.components == ("web", "mail")
    assert "u9" not in {u.id for u in now.updates}, "neither row nor entry"


def test_probes_do_not_overwrite_what_an_operator_has_just_said(store, editor, clock):
    before = editor.open({"en": "Disk"}, news("a", "web"), "olu")
    editor.update(before.id, news("b", "mail"), "ben")
    entry = Update("u9", "resolved", clock.now(), {"en": "c"})
    audit = audit_entry(clock.now(), "", "incident.updated", before.id)
    assert not store.continue_incident(before, before, entry, audit)
    assert editor.get(before.id).components == ("web", "mail")


class Overtaken(StatusStore):
    """Somebody else writes between the reading and the writing of whoever reads first."""

    rival = None

    def incident(self, id):
        stored = super().incident(id)
        if self.rival:
            act, self.rival = self.rival, None
            act(id)
        return stored


def test_who_names_no_version_loses_nothing_either(database, clock):
    store = Overtaken(database, clock, DatabaseSender())
    parts = tuple(Component(c, c) for c in ("web", "dns", "mail"))
    editor = IncidentEditor(store, clock, parts)
    seen = editor.open({"en": "Disk"}, news("a", "web"), "olu")
    store.rival = lambda incident: editor.update(incident, news("b", "mail"), "ben")
    editor.update(seen.id, news("c", "dns"), "token:x")
    now = editor.get(seen.id)
    assert set(now.components) == {"web", "mail", "dns"}
    assert len(now.updates) == 3


def test_planned_work_is_moved_by_one_of_two(editor, clock):
    now = clock.now()
    work = editor.plan({"en": "a"}, {"en": "b"}, (now + HOUR, now + 2 * HOUR), ("web",), "olu")
    later = (now + 3 * HOUR, now + 4 * HOUR)
    moved = editor.reschedule(work.id, later, "ben", version=work.version)
    assert moved == editor.get_maintenance(work.id), "with the version it has now"
    for act in (
        lambda: editor.reschedule(work.id, (now + 5 * HOUR, now + 6 * HOUR), "olu", version=1),
        lambda: editor.note(work.id, {"en": "x"}, "", "olu", version=1),
        lambda: editor.finish(work.id, "olu", version=1),
    ):
        with pytest.raises(ChangedMeanwhile):
            act()
    kept = editor.get_maintenance(work.id)
    assert (kept.starts_at, kept.ends_at, kept.cancelled, kept.version) == (*later, False, 2)


def test_a_word_on_a_component_names_the_word_it_replaces(editor, clock):
    until = clock.now() + HOUR
    editor.override("web", DOWN, until, "ben", version=0)
    with pytest.raises(ChangedMeanwhile):
        editor.override("web", Condition.OPERATIONAL, until, "olu", version=0)
    (current,) = editor.overrides()
    assert (current.condition, current.by) == (DOWN, "ben")
    override = editor.override("web", Condition.OPERATIONAL, until, "olu", version=current.version)
    assert editor.overrides() == (override,)
    clock.advance(2 * HOUR)
    editor.override("web", DOWN, clock.now() + HOUR, "ben", version=0)  # the last one has ended
    assert [o.by for o in editor.overrides()] == ["ben"]


def test_an_announcement_is_withdrawn_by_both_without_harm(editor):
    announcement = editor.announce({"en": "a"}, {"en": "b"}, "olu")
    editor.withdraw(announcement.id, "olu")
    editor.withdraw(announcement.id, "ben")
    assert editor.announcements() == ()


def test_news_to_come_are_withdrawn_before_they_begin(editor, clock):
    announcement = editor.announce({"en": "a"}, {"en": "b"}, "olu", starts_at=clock.now() + HOUR)
    editor.withdraw(announcement.id, "olu")
    clock.advance(2 * HOUR)
    assert editor.announcements() == ()


def test_work_that_is_called_off_as_it_begins_was_cancelled(editor, clock):
    window = (clock.now() + HOUR, clock.now() + 2 * HOUR)
    work = editor.plan({"en": "a"}, {"en": "b"}, window, ("web",), "olu")
    clock.advance(HOUR)
    ended = editor.finish(work.id, "olu")
    assert (ended.cancelled, ended.starts_at, ended.ends_at) == (True, *window)


def test_the_second_of_two_agents_sees_what_the_first_has_done(database, clock):
    add_people(database, "mara")
    tickets = TicketStore(database, clock, DatabaseSender())
    who = AuthenticationSnapshot("Mara", "m@x.example", "owner", "password", 2, clock.now())
    words = ("f1", "mara", "", "", "web", "web", "normal", "S", "T")
    ticket, _ = tickets.submit(Draft(*words, who, "en"), priority=2, answer_by=None)

    def reply(key, state, seen):
        note = Note(key, NoteKind.REPLY, "ben", key, clock.now())
        return tickets.apply(
            ticket.id, TicketCommand("ben", "ticket.replied", note, state, seen=seen)
        )

    assert reply("one", TicketState.WAITING, ticket.version)
    assert not reply("one", TicketState.WAITING, ticket.version), "sent twice is one act"
    with pytest.raises(StaleVersion):
        reply("two", TicketState.CLOSED, ticket.version)
    now = tickets.ticket(ticket.id)
    assert (now.state, now.version) == (TicketState.WAITING, ticket.version + 1)
    assert [n.key for n in tickets.thread(ticket.id, internal=True)] == ["opened", "one"]
    assert reply("two", TicketState.CLOSED, now.version)
