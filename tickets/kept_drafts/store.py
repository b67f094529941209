"""Forms kept while their writer signs in, as rows; each comes back until it was acted on once.

Owns tickets_drafts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select

from accounts.random_tokens import fresh_token, hashed
from clock import Clock
from db.act_step import ActStep
from db.batched_delete import delete_in_slices
from db.documents import declare_reader
from db.engine import Database
from db.stored import Stored
from db.tables import tickets as t
from web.problems import kept_no_longer

KEPT_FOR = timedelta(hours=24)
FORMS: Stored[dict[str, str]] = Stored("tickets.form", dict[str, str], body="form")
declare_reader(t.drafts.c.form, FORMS.load)


class KeptDrafts:
    """What was typed and not sent yet, by token."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def save(self, form: Mapping[str, str]) -> str:
        """Keep a typed form for a day; the token that brings it back."""
        now, token = self._clock.now(), fresh_token()
        with self._db.write() as conn:
            conn.execute(
                insert(t.drafts).values(
                    token_hash=hashed(token), form=FORMS.dump(dict(form)), expires_at=now + KEPT_FOR
                )
            )
        return token

    def load(self, token: str) -> Mapping[str, str]:
        """The form again, or an empty one when it is gone or never was."""
        query = select(t.drafts.c.form).where(
            t.drafts.c.token_hash == hashed(token), t.drafts.c.expires_at > self._clock.now()
        )
        with self._db.read() as conn:
            form = conn.execute(query).scalar()
        return FORMS.load_or_none(form) or {}

    def drop_step(self, token: str) -> ActStep:
        """Drops a form in the transaction of the act that it asks for, and raises kept_no_longer
        there when another act has taken it along."""

        def drop(conn: Connection) -> None:
            same = t.drafts.c.token_hash == hashed(token)
            if not conn.execute(delete(t.drafts).where(same)).rowcount:
                raise kept_no_longer()

        return drop

    def forget(self) -> int:
        """Delete forms whose day is over."""
        return delete_in_slices(self._db, t.drafts, t.drafts.c.expires_at <= self._clock.now())
