"""People as rows, for tests of stores whose rows refer to them."""

from __future__ import annotations

from accounts.model import Person
from accounts.store import PEOPLE
from db.idempotency import insert_once
from db.tables import accounts as t


def add_people(db, *ids):
    """People of these ids, with nothing but an address."""
    with db.write() as conn:
        for id_ in ids:
            person = Person(id_, f"{id_}@people.example", id_)
            insert_once(
                conn, t.people, PEOPLE.to_row(person, password="", created_at=db.clock.now())
            )
