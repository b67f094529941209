"""Letters and messages that went out, or were refused and why, as rows by key. Never their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, select

from clock import Clock
from db.batched_delete import delete_in_slices
from db.engine import Database, repeat_on_conflict
from db.tables.notify import sent as t
from db.upsert import upsert
from messages import EmailRefusal, RefusalReason


class Deliveries:
    """Remembers by their keys what a channel took, and what it refused for good."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def is_sent(self, key: str) -> bool:
        """Whether a message with this key has gone out."""
        with self._db.read() as conn:
            query = select(t.c.key).where(t.c.key == key, t.c.refused == "")
            return conn.execute(query).first() is not None

    def mark_sent(self, key: str, channel: str) -> None:
        """A channel took the message."""
        self._write(key, channel)

    def mark_refused(self, key: str, channel: str, reason: RefusalReason, reply: str = "") -> None:
        """A channel refused it for good. Trying again later is allowed."""
        self._write(key, channel, reason.value, reply)

    @repeat_on_conflict
    def _write(self, key: str, channel: str, refused: str = "", reply: str = "") -> None:
        row = {
            "key": key,
            "channel": channel,
            "at": self._clock.now(),
            "refused": refused,
            "reply": reply,
        }
        with self._db.write() as conn:
            upsert(conn, t, [row], overwrite=True)

    def refusals(self, keys: Iterable[str]) -> Mapping[str, EmailRefusal]:
        """Those of these messages that were refused, by key."""
        query = select(t).where(t.c.key.in_(list(keys)), t.c.refused != "")
        with self._db.read() as conn:
            return {
                row.key: EmailRefusal(RefusalReason(row.refused), row.reply, row.at)
                for row in conn.execute(query)
            }

    def last_sent(self, channel: str) -> datetime | None:
        """When a channel last took something."""
        query = select(func.max(t.c.at)).where(t.c.channel == channel, t.c.refused == "")
        with self._db.read() as conn:
            at: datetime | None = conn.execute(query).scalar()
        return at

    def last_refusal(self, channel: str) -> EmailRefusal | None:
        """What a channel last refused for good, if it has taken nothing since."""
        newest = select(t).where(t.c.channel == channel).order_by(t.c.at.desc(), t.c.refused)
        with self._db.read() as conn:
            row = conn.execute(newest.limit(1)).first()
        if row is None or not row.refused:
            return None
        return EmailRefusal(RefusalReason(row.refused), row.reply, row.at)

    def forget(self, before: datetime) -> int:
        """Forget what went out, or was refused, before a time."""
        return delete_in_slices(self._db, t, t.c.at < before)
