"""Rate limits shared through the database. Owns the table web_buckets."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select

from db.batched_delete import delete_in_slices
from db.engine import Database, DatabaseAway, repeat_on_conflict
from db.tables.web import buckets
from db.upsert import insert_once
from web.rate_limits import Rate, TokenBucket, refund, take

log = logging.getLogger("jasno.web")
KEEP = timedelta(days=1)
REST = 10.0  # seconds of counting in memory alone, after the database has not answered


class SharedBuckets:
    """Token buckets as rows. While the database is away nobody is refused by them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._resting = float("-inf")

    def take(self, key: str, rate: Rate) -> timedelta:
        """Take one token of a key; zero, or how long to wait."""
        now = self._db.clock.monotonic()
        if now < self._resting:
            return timedelta(0)
        try:
            return self._take(key, rate)
        except DatabaseAway as away:
            self._resting = now + REST
            log.warning("limits count in memory only: %s", away)
            return timedelta(0)

    @repeat_on_conflict
    def _take(self, key: str, rate: Rate) -> timedelta:
        now = self._db.clock.now()
        with self._db.write() as conn:
            where = buckets.c.key == key
            row = conn.execute(select(buckets).where(where).with_for_update()).first()
            bucket = TokenBucket(row.tokens, row.at) if row else None
            bucket, pause = take(bucket, rate, now)
            values = {"tokens": bucket.tokens, "at": bucket.at}
            if row is None and insert_once(conn, buckets, {"key": key, **values}):
                return pause
            conn.execute(buckets.update().where(where).values(**values))
        return pause

    def refund(self, key: str, rate: Rate) -> None:
        """Put back one token of a key; nothing while the database is away."""
        if self._db.clock.monotonic() < self._resting:
            return
        try:
            self._refund(key, rate)
        except DatabaseAway as away:
            log.warning("a limit counts what was not done: %s", away)

    @repeat_on_conflict
    def _refund(self, key: str, rate: Rate) -> None:
        with self._db.write() as conn:
            where = buckets.c.key == key
            row = conn.execute(select(buckets).where(where).with_for_update()).first()
            if row is not None:
                bucket = refund(TokenBucket(row.tokens, row.at), rate)
                conn.execute(buckets.update().where(where).values(tokens=bucket.tokens))

    def forget(self) -> int:
        """Delete the buckets nobody has touched for a day."""
        before = self._db.clock.now() - KEEP
        return delete_in_slices(self._db, buckets, buckets.c.at < before)
