"""Deletes anonymous runs: sooner than runs that belong to somebody, oldest first beyond their share.
Owns that SQL; making and reading runs is runs/store.py.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, select

from clock import Clock
from db.batched_delete import SLICE, repeat
from db.engine import Database
from db.tables.diagnostics import runs, shares, watches
from db.tables.tickets import notes
from wizard.runs.store import LIVE, delete_runs


class AnonymousRuns:
    """Ended runs that belong to nobody we know: no person, account, check link, watch or ticket."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def forget(self, before: datetime) -> int:
        """Delete those older than a time that nobody has a link to, slice by slice; how many."""
        shared = exists().where(
            shares.c.run == runs.c.id,
            shares.c.expires_at > self._clock.now(),
            shares.c.revoked_at.is_(None),
        )
        return self._delete(select(runs.c.id).where(_is_anonymous(), _ended(before), ~shared))

    def forget_beyond(self, size: int) -> int:
        """Delete the oldest, links or not, while the evidence of all is larger; how many."""
        oldest = self._oldest_within(size)
        if oldest is None:
            return 0
        return self._delete(select(runs.c.id).where(_is_anonymous(), _ended(oldest)))

    def _oldest_within(self, size: int) -> datetime | None:
        """When the run was made up to which, from the newest on, evidence is within a size; None
        when all of it is. Reads a page at a time, and no more than needed."""
        newest_first = runs.c.created_at.desc()
        page = select(runs.c.created_at, runs.c.evidence_size).where(_is_anonymous())
        before, total = self._clock.now(), 0
        while True:
            query = page.where(runs.c.created_at < before).order_by(newest_first).limit(SLICE)
            with self._db.read() as conn:
                rows = conn.execute(query).all()
            for row in rows:
                total += row.evidence_size
                if total > size:
                    return before
                before = row.created_at
            if len(rows) < SLICE:
                return None

    def _delete(self, query: Select[str]) -> int:
        def step() -> int:
            with self._db.write() as conn:
                ids = list(conn.execute(query.limit(SLICE)).scalars())
                delete_runs(conn, ids)
            return len(ids)

        return repeat(step)


def _ended(before: datetime) -> ColumnElement[bool]:
    return (runs.c.created_at < before) & runs.c.state.not_in(LIVE)


def _is_anonymous() -> ColumnElement[bool]:
    is_watched = exists().where(watches.c.first == runs.c.id) | exists().where(
        watches.c.run == runs.c.id
    )
    in_a_ticket = exists().where(notes.c.run == runs.c.id)
    is_nobodys = runs.c.person.is_(None) & (runs.c.account == "") & runs.c.invite.is_(None)
    return is_nobodys & ~is_watched & ~in_a_ticket
