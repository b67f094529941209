"""For whom a watch still looks: whoever lost their role, or is gone, has nothing looked at for them."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from accounts.model import Contact, ContactRole, Person, StaffRole
from db.engine import connect
from diagnostics.model import Scope
from jobs.model import Job
from tests.watch_fixtures import MARA, House
from wizard.watches.model import LOOK_JOB, WatchRef, WatchState

STRANGER = replace(MARA, contacts=())
ELSEWHERE = replace(MARA, contacts=(Contact("B200", ContactRole.OWNER),))
BILLING = replace(MARA, contacts=(Contact("A100", ContactRole.BILLING),))
AGENT = replace(STRANGER, staff=StaffRole.AGENT)
OPERATOR = replace(STRANGER, staff=StaffRole.OPERATOR)


@pytest.fixture
def house(sqlite_url, clock):
    database = connect(sqlite_url, clock=clock)
    yield House(database, clock)
    database.close()


def state_after_a_look(house: House, scope: Scope, person: Person | None) -> WatchState:
    watch = house.watch(house.run(scope))
    house.people = {"mara": person} if person else {}
    looking = replace(house.looking, person_of=house.people.get)
    payload = msgspec.json.encode(WatchRef(watch.id, watch.looks)).decode()
    looking.look(Job(LOOK_JOB, payload, watch.id, house.clock.now()))
    looked = house.watches.by_id(watch.id)
    assert (looked.looks == 1) is (looked.state is WatchState.ACTIVE)
    return looked.state


@pytest.mark.parametrize(
    ("scope", "person", "state"),
    [
        (Scope.CONTACT, MARA, WatchState.ACTIVE),
        (Scope.CONTACT, BILLING, WatchState.ACTIVE),
        (Scope.CONTACT, STRANGER, WatchState.STOPPED),
        (Scope.CONTACT, ELSEWHERE, WatchState.STOPPED),
        (Scope.CONTACT, None, WatchState.STOPPED),
        (Scope.PUBLIC, STRANGER, WatchState.ACTIVE),
        (Scope.PUBLIC, None, WatchState.STOPPED),
        (Scope.STAFF, AGENT, WatchState.ACTIVE),
        (Scope.STAFF, OPERATOR, WatchState.ACTIVE),
        (Scope.STAFF, MARA, WatchState.STOPPED),
    ],
)
def test_a_watch_looks_for_who_may_still_see(house, scope, person, state) -> None:
    assert state_after_a_look(house, scope, person) is state
