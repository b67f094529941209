"""Which letters have gone out, as rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from clock import Clock
from db.engine import Database
from db.idempotency import insert_once
from db.slices import delete_in_slices
from db.tables.notify import sent


class SentMessages:
    """Remembers keys of letters that a channel took."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def has(self, key: str) -> bool:
        """Whether a letter with this key has gone out."""
        with self._db.read() as conn:
            return conn.execute(select(sent.c.key).where(sent.c.key == key)).first() is not None

    def remember(self, key: str, channel: str) -> None:
        """A channel took the letter."""
        with self._db.write() as conn:
            insert_once(conn, sent, {"key": key, "channel": channel, "at": self._clock.now()})

    def last(self, channel: str) -> datetime | None:
        """When a channel last took something."""
        query = select(func.max(sent.c.at)).where(sent.c.channel == channel)
        with self._db.read() as conn:
            found: datetime | None = conn.execute(query).scalar()
        return found

    def forget(self, before: datetime) -> int:
        """Forget what went out before a time."""
        return delete_in_slices(self._db, sent, sent.c.at < before)
