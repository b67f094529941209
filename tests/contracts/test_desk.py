"""What every support desk must do, whoever keeps it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db.engine import connect
from jobs.database_queue import DatabaseSender
from observe.network import Network
from settings import SettingsError, schema
from tests.people_rows import add_people
from tests.unit.test_tickets_store import draft, note
from tickets.desk import DeskAccess, DeskError
from tickets.desks import DESKS
from tickets.desks.local import LocalDesk
from tickets.desks.quiet import InMemoryDesk
from tickets.model import TicketRef
from tickets.room import configured_desk
from tickets.store import TicketStore


class DeskContract:
    """Inherit it and give a `desk` and `notes_of(desk, ref)`."""

    def notes_of(self, desk, ref):
        raise NotImplementedError

    def test_the_same_fingerprint_is_the_same_ticket(self, desk, clock):
        first = desk.open(draft(clock))
        assert desk.open(draft(clock)) == first
        assert desk.open(replace(draft(clock), text="typed again")) == first
        other = desk.open(draft(clock, 2))
        assert (other.id, other.number) != (first.id, first.number)
        assert first.desk == desk.name

    def test_the_same_key_is_one_note(self, desk, clock):
        ref = desk.open(draft(clock))
        for _ in range(2):
            desk.append(ref, note(clock, "k1", text="once <b>"))
        desk.append(ref, note(clock, "k2", text="twice 🧨"))
        assert [t for t in self.notes_of(desk, ref) if t in ("once <b>", "twice 🧨")] == [
            "once <b>",
            "twice 🧨",
        ]

    def test_an_unknown_ticket_is_refused_for_good(self, desk, clock):
        with pytest.raises(DeskError) as refused:
            desk.append(TicketRef(desk.name, "nowhere", "0"), note(clock))
        assert refused.value.permanent

    def test_it_answers(self, desk):
        desk.ping()


class TestLocal(DeskContract):
    @pytest.fixture
    def desk(self, database, clock):
        add_people(database, "mara")
        return LocalDesk(TicketStore(database, clock, DatabaseSender()))

    def notes_of(self, desk, ref):
        return [n.text for n in desk._tickets.thread(ref.id, internal=True)]


class TestQuiet(DeskContract):
    @pytest.fixture
    def desk(self):
        return InMemoryDesk()

    def notes_of(self, desk, ref):
        return [n.text for n in desk.notes.get(ref.id, {}).values()]

    def test_it_can_be_away(self, desk, clock):
        desk.away = True
        with pytest.raises(DeskError) as refused:
            desk.open(draft(clock))
        assert not refused.value.permanent


def test_without_a_database_the_local_desk_says_try_again(tmp_path, clock):
    desk = LocalDesk(
        TicketStore(connect(f"sqlite:///{tmp_path}/none.db", clock=clock), clock, DatabaseSender())
    )
    for ask in (desk.ping, lambda: desk.open(draft(clock))):
        with pytest.raises(DeskError) as refused:
            ask()
        assert not refused.value.permanent


def access(name, clock, tmp_path):
    database = connect(f"sqlite:///{tmp_path}/none.db", clock=clock)
    tickets = TicketStore(database, clock, DatabaseSender())
    return DeskAccess(schema.DeskSection(kind=name), tickets, Network(closed=True))


@pytest.mark.parametrize("kind", DESKS, ids=lambda kind: kind.name)
def test_a_kind_that_settings_name_is_the_one_that_is_used(kind, clock, tmp_path):
    desk = configured_desk(access(kind.name, clock, tmp_path))
    assert isinstance(desk, kind)
    assert desk.name == kind.name


def test_an_unknown_kind_is_refused_and_not_taken_for_another(clock, tmp_path):
    with pytest.raises(
        SettingsError, match=r'\[desk\] kind is "nowhere".* Allowed: .*local, quiet'
    ):
        configured_desk(access("nowhere", clock, tmp_path))
