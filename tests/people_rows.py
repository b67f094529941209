"""People and runs as rows, for tests of stores whose rows refer to them."""

from __future__ import annotations

from accounts.model import Person
from accounts.store import PEOPLE
from db.tables import accounts as t
from db.tables.diagnostics import runs
from db.upsert import insert_once
from diagnostics.model import Run, RunState, Scope
from subject import Subject, SubjectKind
from wizard.runs.store import RUNS


def add_people(db, *ids):
    """People of these ids, with nothing but an address."""
    with db.write() as conn:
        for id_ in ids:
            person = Person(id_, f"{id_}@people.example", id_)
            insert_once(
                conn, t.people, PEOPLE.to_row(person, password="", created_at=db.clock.now())
            )


def add_run(db, run):
    """A run, given whole or by its id: a finished one of shop.example then."""
    if isinstance(run, str):
        looked_at = Subject(SubjectKind.DOMAIN, "shop.example", "shop.example", "shop.example")
        now, hashed = db.clock.now(), f"hash of {run}"
        run = Run(run, hashed, looked_at, Scope.PUBLIC, "", RunState.DONE, now, finished_at=now)
    with db.write() as conn:
        insert_once(conn, runs, RUNS.to_row(run, version=0))
