"""Vantages with their tokens (hashed) and what they pushed. Raises DatabaseAway."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from accounts.audit_log.store import write_audit
from accounts.model import AuditEntry
from clock import Clock
from db.batched_delete import delete_in_slices
from db.documents import declare_reader
from db.engine import Database, repeat_on_conflict
from db.row_mapper import RowMapper
from db.stored import Stored
from db.tables.status_probing import pushes, vantages
from db.upsert import upsert
from status.model import Observation
from status.probing.heartbeats.store import hashed
from status.probing.vantages.model import PushedObservation, to_observation

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
RETENTION = timedelta(hours=1)  # pushes; every engine has read them long before
OVERLAP = timedelta(seconds=30)  # rows may become visible later than their number says


@dataclass(frozen=True, slots=True)
class VantageRecord:
    """A vantage as it is known here."""

    name: str
    made_at: datetime
    seen_at: datetime | None


PUSHES: Stored[tuple[PushedObservation, ...]] = Stored(
    "status.push", tuple[PushedObservation, ...], body="observations"
)
declare_reader(pushes.c.observations, PUSHES.load)
VANTAGES = RowMapper(VantageRecord, vantages, others=("token",))


class VantageStore:
    """Who may push, and what was pushed."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    @repeat_on_conflict
    def make_token(self, name: str, by: str = "cli") -> str:
        """A new token for a vantage; the old one stops working. Raises ValueError for a name that
        is none."""
        if not NAME.fullmatch(name):
            raise ValueError(
                "does not fit: a letter or a digit comes first, then letters, digits, dots, dashes"
                " and underscores, 60 characters at most"
            )
        token = secrets.token_urlsafe(32)
        row = {"name": name, "token": hashed(token), "made_at": self._clock.now()}
        with self._db.write() as conn:
            upsert(conn, vantages, [{**row, "seen_at": None}], overwrite=True)
            write_audit(conn, self._audit_entry(by, "vantage.token", name))
        return token

    @repeat_on_conflict
    def drop(self, name: str, by: str = "cli") -> bool:
        """It may no longer pull or push. False when there is none of that name."""
        with self._db.write() as conn:
            if conn.execute(delete(vantages).where(vantages.c.name == name)).rowcount != 1:
                return False
            write_audit(conn, self._audit_entry(by, "vantage.dropped", name))
        return True

    def _audit_entry(self, by: str, action: str, name: str) -> AuditEntry:
        return AuditEntry(self._clock.now(), by, action, f"vantage:{name}", {})

    def list_vantages(self) -> tuple[VantageRecord, ...]:
        """Every vantage, by name."""
        with self._db.read() as conn:
            return VANTAGES.all(conn.execute(select(vantages).order_by(vantages.c.name)))

    @repeat_on_conflict
    def authenticate(self, token: str) -> str:
        """The name of the vantage that holds a token, and that it was here now; "" for nobody."""
        with self._db.write() as conn:
            name = conn.execute(
                select(vantages.c.name).where(vantages.c.token == hashed(token))
            ).scalar()
            if name is None:
                return ""
            now = self._clock.now()
            conn.execute(update(vantages).where(vantages.c.name == name).values(seen_at=now))
            return str(name)

    @repeat_on_conflict
    def push(self, name: str, looks: Collection[PushedObservation]) -> None:
        """Keep what a vantage saw until the engine has read it; nothing of one that was dropped
        meanwhile."""
        observations = PUSHES.dump(tuple(looks))
        row = {"at": self._clock.now(), "vantage": name, "observations": observations}
        row_of_vantage = (
            select(vantages.c.name).where(vantages.c.name == name).with_for_update(read=True)
        )
        with self._db.write() as conn:
            if conn.execute(row_of_vantage).first() is not None:
                conn.execute(insert(pushes).values(**row))

    def prune(self) -> int:
        """Drop what every engine has read."""
        before = self._clock.now() - RETENTION
        return delete_in_slices(self._db, pushes, pushes.c.at < before)

    def pushed_observations(self) -> PushedObservations:
        """A reader with a place of its own; one for each engine."""
        return PushedObservations(self._db, self._clock)


class PushedObservations:
    """Calling it yields the observations that came since the last call, oldest first."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._since = clock.now() - timedelta(days=1)  # all that nobody has forgotten
        self._read: dict[int, datetime] = {}

    def __call__(self) -> tuple[Observation, ...]:
        query = select(pushes).where(pushes.c.at >= self._since - OVERLAP).order_by(pushes.c.id)
        observations: list[Observation] = []
        with self._db.read() as conn:
            rows = [r for r in conn.execute(query).all() if r.id not in self._read]
        for row in rows:
            looks = PUSHES.load_or_none(row.observations) or ()
            observations += [to_observation(look, row.vantage) for look in looks]
            self._read[row.id] = row.at
            self._since = max(self._since, row.at)
        self._read = {i: at for i, at in self._read.items() if at >= self._since - OVERLAP}
        return tuple(sorted(observations, key=lambda o: o.at))
