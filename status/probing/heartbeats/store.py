"""The last signal of each heartbeat, and its token (hashed). Raises DatabaseAway."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, select, update

from accounts.audit_log.store import write_audit
from accounts.model import AuditEntry
from clock import Clock
from db.engine import Database, repeat_on_conflict
from db.row_mapper import RowMapper
from db.tables.status_probing import heartbeats as t
from db.upsert import upsert
from render.characters import printable
from status.probing.probe_kind import PushedSignal

MAX_MESSAGE = 500  # characters that are kept
STATES = ("up", "degraded", "down", "start")
SIGNALS = RowMapper(
    PushedSignal, t, columns={"ping": "ping_us"}, others=("probe", "token", "made_at")
)


@dataclass(frozen=True, slots=True)
class HeartbeatSignal:
    """What was sent in. `state` is one of WORDS; "start" begins a run and says nothing else."""

    state: str = "up"
    message: str = ""
    ping: timedelta | None = None


@dataclass(frozen=True, slots=True)
class HeartbeatProbe:
    """A probe as heartbeats know it: has it a token, and what did it last say?"""

    probe: str
    made_at: datetime | None
    last: PushedSignal | None


class HeartbeatStore:
    """Tokens and last words."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    @repeat_on_conflict
    def make_token(self, probe: str, by: str = "cli") -> str:
        """A new token for a probe; the old one stops working. Shown once, stored hashed."""
        token = secrets.token_urlsafe(24)
        row = {"probe": probe, "token": hashed(token), "made_at": self._clock.now()}
        with self._db.write() as conn:
            upsert(conn, t, [{"probe": probe, "state": "", "message": ""}], overwrite=False)
            conn.execute(update(t).where(t.c.probe == probe).values(**row))
            write_audit(conn, self._audit_entry(by, "heartbeat.token", probe))
        return token

    @repeat_on_conflict
    def drop_token(self, probe: str, by: str = "cli") -> bool:
        """Nobody may send for this probe any more. False when nobody could."""
        with self._db.write() as conn:
            result = conn.execute(
                update(t).where(t.c.probe == probe, t.c.token.is_not(None)).values(token=None)
            )
            if result.rowcount != 1:
                return False
            write_audit(conn, self._audit_entry(by, "heartbeat.dropped", probe))
        return True

    @repeat_on_conflict
    def receive(self, token: str, signal: HeartbeatSignal) -> str:
        """Take a word; the probe it belongs to, or "" for a token nobody holds."""
        with self._db.write() as conn:
            row = conn.execute(select(t).where(t.c.token == hashed(token))).first()
            if row is None:
                return ""
            conn.execute(
                update(t).where(t.c.probe == row.probe).values(**self._values(signal, row))
            )
            return str(row.probe)

    @repeat_on_conflict
    def record_by_hand(self, probe: str, signal: HeartbeatSignal, by: str = "cli") -> None:
        """A word by hand."""
        with self._db.write() as conn:
            upsert(conn, t, [{"probe": probe, "state": "", "message": ""}], overwrite=False)
            row = conn.execute(select(t).where(t.c.probe == probe)).one()
            conn.execute(update(t).where(t.c.probe == probe).values(**self._values(signal, row)))
            entry = self._audit_entry(by, "heartbeat.said", probe, signal.state)
            write_audit(conn, entry)

    def _audit_entry(self, by: str, action: str, probe: str, state: str = "") -> AuditEntry:
        detail = {"state": state} if state else {}
        return AuditEntry(self._clock.now(), by, action, f"probe:{probe}", detail)

    def pushed(self) -> dict[str, PushedSignal]:
        """The last word of every probe that has spoken."""
        with self._db.read() as conn:
            rows = conn.execute(select(t).where(t.c.at.is_not(None))).all()
        return {row.probe: SIGNALS.from_row(row) for row in rows}

    def list_probes(self) -> tuple[HeartbeatProbe, ...]:
        """Every probe with a token or a word, by name."""
        with self._db.read() as conn:
            rows = conn.execute(select(t).order_by(t.c.probe)).all()
        return tuple(
            HeartbeatProbe(
                r.probe, r.made_at if r.token else None, SIGNALS.from_row(r) if r.at else None
            )
            for r in rows
        )

    def _values(self, signal: HeartbeatSignal, row: Row[tuple[object, ...]]) -> dict[str, object]:
        now = self._clock.now()
        if signal.state == "start":  # the last outcome stands until this run ends
            return {"at": now, "state": row.state or "start", "started_at": now}
        ping = signal.ping
        if ping is None and row.started_at is not None:
            ping = now - row.started_at
        return {
            "at": now,
            "state": signal.state,
            "message": clean(signal.message),
            "ping_us": None if ping is None else ping // timedelta(microseconds=1),
            "good_at": now if signal.state == "up" else row.good_at,
            "started_at": None,
        }


def hashed(token: str) -> str:
    """As it is stored. Tokens are long and random, so a plain hash does."""
    return hashlib.sha256(token.encode()).hexdigest()


def clean(text: str) -> str:
    """A message as it may be kept and shown: short, and one that any database takes."""
    return (
        printable(text.replace("\0", " ")).strip()[:MAX_MESSAGE].encode("utf-8", "replace").decode()
    )
