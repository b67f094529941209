"""Rows of registries' answers, one for each domain, so that registries are not asked needlessly."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from db.batched_delete import delete_in_slices
from db.documents import declare_reader
from db.engine import Database, DatabaseAway, repeat_on_conflict
from db.stored import Stored, UnreadableDocument
from db.tables.diagnostics import registrations as t
from db.upsert import upsert
from facts import Registration

REGISTRATIONS: Stored[Registration] = Stored("diagnostics.registration", Registration)
declare_reader(t.c.body, REGISTRATIONS.decode)


class RegistrationStore:
    """The last settled answer about each domain. Blocking; RuntimeError when the database is away."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, domain: str) -> Registration | None:
        """The kept answer; one of another version of ours counts as none."""
        try:
            with self._db.read() as conn:
                body = conn.scalar(select(t.c.body).where(t.c.domain == domain))
        except DatabaseAway as away:
            raise RuntimeError(str(away)) from away
        try:
            return REGISTRATIONS.decode(body) if body else None
        except UnreadableDocument:
            return None

    def put(self, registration: Registration) -> None:
        """Keep an answer in place of the one before."""
        row = {
            "domain": registration.domain,
            "asked_at": registration.asked_at,
            "body": REGISTRATIONS.encode(registration).decode(),
        }
        try:
            self._write(row)
        except DatabaseAway as away:
            raise RuntimeError(str(away)) from away

    @repeat_on_conflict
    def _write(self, row: dict[str, object]) -> None:
        with self._db.write() as conn:
            upsert(conn, t, [row], overwrite=True)

    def forget(self, before: datetime) -> int:
        """Drop what is too old to be repeated."""
        return delete_in_slices(self._db, t, t.c.asked_at < before)
