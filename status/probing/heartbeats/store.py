"""The signals of each heartbeat, the newest of them kept, and its token (hashed). Raises DatabaseAway."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from accounts.audit_log.store import write_audit
from accounts.model import AuditEntry
from clock import Clock
from db.batched_delete import delete_in_slices
from db.engine import Database, repeat_on_conflict
from db.row_mapper import RowMapper
from db.tables.status_probing import heartbeat_signals as signals
from db.tables.status_probing import heartbeats as t
from db.upsert import upsert
from status.probing.heartbeats.signals import (
    LOG,
    START,
    HeartbeatSignal,
    RecordedSignal,
    clean,
    ended_runs,
)
from status.probing.probe_kind import PushedSignal

MOST_SIGNALS = 100  # kept of one probe, beside runs that have not ended
MOST_OPEN = 100  # runs of one probe that may be under way at once
RETENTION = timedelta(days=30)
_KEPT = re.compile(r"[A-Za-z0-9-]{10,100}")
PUSHED = RowMapper(
    PushedSignal,
    t,
    columns={"ping": "ping_us"},
    elsewhere=("running",),
    others=("probe", "token", "made_at"),
)
RECORDED = RowMapper(
    RecordedSignal, signals, columns={"duration": "duration_us"}, others=("id", "probe")
)


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
        return self._set_token(probe, new_token(), by)

    @repeat_on_conflict
    def keep_token(self, probe: str, token: str, by: str = "cli") -> str:
        """The id that a job has elsewhere, a UUID or a token of Uptime Kuma, taken over as this
        probe's. Raises ValueError when it is neither, or another probe's."""
        token = canonical_uuid(token) if "-" in token else token
        if not _KEPT.fullmatch(token):
            raise ValueError(f"{token[:80]!r} is neither a UUID nor a token of Uptime Kuma")
        with self._db.read() as conn:
            holder = conn.execute(select(t.c.probe).where(t.c.token == hashed(token))).scalar()
        if holder not in (None, probe):
            raise ValueError(f'"{holder}" has this id already')
        return self._set_token(probe, token, by)

    def _set_token(self, probe: str, token: str, by: str) -> str:
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

    def is_known(self, token: str) -> bool:
        """Whether somebody holds this token."""
        with self._db.read() as conn:
            query = select(t.c.probe).where(t.c.token == hashed(token))
            return conn.execute(query).first() is not None

    @repeat_on_conflict
    def receive(self, token: str, signal: HeartbeatSignal) -> str:
        """Take a signal; the probe it belongs to, or "" for a token nobody holds."""
        with self._db.write() as conn:
            query = select(t).where(t.c.token == hashed(token)).with_for_update()
            row = conn.execute(query).first()
            if row is None:
                return ""
            self._record(conn, row, signal)
            return str(row.probe)

    @repeat_on_conflict
    def receive_by_name(self, probe: str, signal: HeartbeatSignal) -> None:
        """Take a signal of a probe that its sender named."""
        with self._db.write() as conn:
            self._record(conn, _own_row(conn, probe), signal)

    @repeat_on_conflict
    def record_by_hand(self, probe: str, signal: HeartbeatSignal, by: str = "cli") -> None:
        """A word by hand."""
        with self._db.write() as conn:
            self._record(conn, _own_row(conn, probe), signal)
            entry = self._audit_entry(by, "heartbeat.said", probe, signal.state)
            write_audit(conn, entry)

    def _record(
        self, conn: Connection, row: Row[tuple[object, ...]], signal: HeartbeatSignal
    ) -> None:
        now = self._clock.now()
        duration = self._end_runs(conn, str(row.probe), signal, now)
        recorded = _recorded(signal, now, duration)
        if recorded.is_open and not _has_room(conn, row):
            recorded = replace(recorded, is_open=False)
        conn.execute(insert(signals).values(probe=row.probe, **RECORDED.to_row(recorded)))
        if signal.state != LOG:
            values = _summary(signal, row, now, duration)
            conn.execute(update(t).where(t.c.probe == row.probe).values(**values))
        newest = select(signals.c.id).where(signals.c.probe == row.probe)
        oldest_kept = newest.order_by(signals.c.id.desc()).offset(MOST_SIGNALS - 1).limit(1)
        conn.execute(
            delete(signals).where(
                signals.c.probe == row.probe,
                signals.c.id < oldest_kept.scalar_subquery(),
                ~signals.c.is_open,
            )
        )

    def _end_runs(
        self, conn: Connection, probe: str, signal: HeartbeatSignal, now: datetime
    ) -> timedelta | None:
        """Close the runs that a signal ends; how long its own took."""
        query = (
            select(signals.c.id, signals.c.run, signals.c.at)
            .where(signals.c.probe == probe, signals.c.is_open)
            .order_by(signals.c.id)
        )
        open_runs = conn.execute(query).all()
        ended = ended_runs((r.run for r in open_runs), signal)
        ids = [r.id for r in open_runs if r.run in ended]
        if ids:
            conn.execute(update(signals).where(signals.c.id.in_(ids)).values(is_open=False))
        if signal.state in (START, LOG):
            return None
        own = [r.at for r in open_runs if r.run == signal.run]
        return max(now - own[-1], timedelta(0)) if own else None

    def _audit_entry(self, by: str, action: str, probe: str, state: str = "") -> AuditEntry:
        detail = {"state": state} if state else {}
        return AuditEntry(self._clock.now(), by, action, f"probe:{probe}", detail)

    def pushed(self) -> dict[str, PushedSignal]:
        """The last word of every probe that has spoken."""
        with self._db.read() as conn:
            rows = conn.execute(select(t).where(t.c.at.is_not(None))).all()
            running = _open_runs(conn)
        return {row.probe: PUSHED.from_row(row, running=tuple(running[row.probe])) for row in rows}

    def list_probes(self) -> tuple[HeartbeatProbe, ...]:
        """Every probe with a token or a word, by name."""
        pushed = self.pushed()
        with self._db.read() as conn:
            rows = conn.execute(select(t).order_by(t.c.probe)).all()
        return tuple(
            HeartbeatProbe(r.probe, r.made_at if r.token else None, pushed.get(r.probe))
            for r in rows
        )

    def signals_of(self, probe: str) -> tuple[RecordedSignal, ...]:
        """What is kept of a probe's signals, the newest first."""
        query = select(signals).where(signals.c.probe == probe).order_by(signals.c.id.desc())
        with self._db.read() as conn:
            rows = conn.execute(query.limit(MOST_SIGNALS)).all()
        return tuple(RECORDED.from_row(row) for row in rows)

    def prune(self) -> int:
        """Forget signals whose time is over; how many. A run that has not ended stays until its job
        has done well without it."""
        good_at = select(t.c.good_at).where(t.c.probe == signals.c.probe).scalar_subquery()
        is_over = ~signals.c.is_open | (signals.c.at < good_at)
        before = self._clock.now() - RETENTION
        return delete_in_slices(self._db, signals, (signals.c.at < before) & is_over)


def _own_row(conn: Connection, probe: str) -> Row[tuple[object, ...]]:
    """A probe's row, made when there is none yet; nobody else writes it meanwhile."""
    upsert(conn, t, [{"probe": probe, "state": "", "message": ""}], overwrite=False)
    return conn.execute(select(t).where(t.c.probe == probe).with_for_update()).one()


def _has_room(conn: Connection, row: Row[tuple[object, ...]]) -> bool:
    """Whether one more run may be open. Before the oldest could be pushed out, those are given up
    that a success has come after."""
    is_open = (signals.c.probe == row.probe) & signals.c.is_open
    count = select(func.count()).select_from(signals).where(is_open)
    if conn.execute(count).scalar_one() < MOST_OPEN:
        return True
    if row.good_at is not None:
        lost = is_open & (signals.c.at < row.good_at)
        conn.execute(update(signals).where(lost).values(is_open=False))
    return bool(conn.execute(count).scalar_one() < MOST_OPEN)


def _open_runs(conn: Connection) -> dict[str, list[datetime]]:
    query = select(signals.c.probe, signals.c.at).where(signals.c.is_open).order_by(signals.c.id)
    starts: dict[str, list[datetime]] = defaultdict(list)
    for row in conn.execute(query):
        starts[row.probe].append(row.at)
    return starts


def _recorded(signal: HeartbeatSignal, now: datetime, duration: timedelta | None) -> RecordedSignal:
    """A signal as it is kept."""
    return RecordedSignal(
        at=now,
        state=signal.state,
        run=signal.run,
        exit_status=signal.exit_status,
        duration=duration,
        message=clean(signal.message),
        snippet=signal.snippet,
        is_open=signal.state == START,
    )


def _summary(
    signal: HeartbeatSignal, row: Row[tuple[object, ...]], now: datetime, duration: timedelta | None
) -> dict[str, object]:
    """What is kept of a probe itself, after a signal that is no log."""
    if signal.state == START:  # the last outcome stands until this run ends
        return {"at": now, "state": row.state or START}
    ping = signal.ping if signal.ping is not None else duration
    return {
        "at": now,
        "state": signal.state,
        "message": clean(signal.message),
        "ping_us": None if ping is None else ping // timedelta(microseconds=1),
        "good_at": now if signal.state == "up" else row.good_at,
    }


def new_token() -> str:
    """A random UUID, since many programs that send to healthchecks take nothing else."""
    return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))


def canonical_uuid(text: str) -> str:
    """A UUID as it is written in addresses (RFC 9562, 4). Raises ValueError."""
    try:
        parsed = str(uuid.UUID(text))
    except ValueError:
        parsed = ""
    if not parsed or parsed != text.lower():
        raise ValueError(f"{text[:80]!r} is no UUID such as {uuid.UUID(int=0)}")
    return parsed


def hashed(token: str) -> str:
    """As it is stored. Tokens are long and random, so a plain hash does."""
    return hashlib.sha256(token.encode()).hexdigest()
