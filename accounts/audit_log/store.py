"""The audit log as rows: written with the act, read by subject or whole, forgotten by age."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select

from accounts.model import AuditEntry
from clock import Clock
from db.act_step import take_step
from db.batched_delete import delete_in_slices
from db.engine import Database
from db.row_mapper import DocumentColumn, RowMapper
from db.stored import Stored, UnreadableMapping
from db.tables import accounts as t

LATE_SIGN_INS = 200
DETAIL: Stored[Mapping[str, str]] = Stored("accounts_audit.detail", Mapping[str, str], bare=True)
AUDIT = RowMapper(  # an act is told also where its detail cannot be read
    AuditEntry,
    t.audit,
    others=("id",),
    documents={"detail": DocumentColumn(DETAIL, lambda row: UnreadableMapping(row["detail"]))},
)


def write_audit(conn: Connection, entry: AuditEntry) -> None:
    """Add an audit row inside the caller's transaction, so that act and record stand together,
    and the step that goes with the act."""
    take_step(conn)
    conn.execute(insert(t.audit).values(AUDIT.to_row(entry)))


class AuditLog:
    """What was done, by whom."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def forget_audit(self, before: datetime) -> int:
        """Delete audit rows older than a time."""
        return delete_in_slices(self._db, t.audit, t.audit.c.at < before)

    def audit(
        self, actor: str, action: str, subject: str, detail: Mapping[str, str] | None = None
    ) -> None:
        """Record an act that has no other row of its own."""
        with self._db.write() as conn:
            self._audit(conn, actor, action, subject, detail)

    def audited(self, subject: str, limit: int = 100) -> tuple[AuditEntry, ...]:
        """What was done to a subject, newest first."""
        query = (
            select(t.audit)
            .where(t.audit.c.subject == subject)
            .order_by(t.audit.c.id.desc())
            .limit(limit)
        )
        with self._db.read() as conn:
            return AUDIT.all(conn.execute(query))

    def signed_in_from(self, person: str) -> frozenset[str]:
        """The addresses from which somebody has opened sessions of late. Takes as long for nobody."""
        query = (
            select(t.audit.c.detail)
            .where(t.audit.c.actor == person, t.audit.c.action == "session.opened")
            .order_by(t.audit.c.id.desc())
            .limit(LATE_SIGN_INS)
        )
        with self._db.read() as conn:
            details = conn.execute(query).scalars().all()
        return frozenset(detail.get("address", "") for detail in details)

    def entries(
        self,
        *,
        actor: str = "",
        action: str = "",
        subject: str = "",
        before: int = 0,
        limit: int = 100,
    ) -> tuple[tuple[int, AuditEntry], ...]:
        """The log, newest first, with each entry's number; `action` and `subject` may be the
        beginning of one, `before` goes on from an entry."""
        query = select(t.audit).order_by(t.audit.c.id.desc()).limit(limit)
        if actor:
            query = query.where(t.audit.c.actor == actor)
        if action:
            query = query.where(t.audit.c.action.startswith(action, autoescape=True))
        if subject:
            query = query.where(t.audit.c.subject.startswith(subject, autoescape=True))
        if before:
            query = query.where(t.audit.c.id < before)
        with self._db.read() as conn:
            return tuple((row.id, AUDIT.from_row(row)) for row in conn.execute(query))

    def _audit(
        self,
        conn: Connection,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        write_audit(conn, AuditEntry(self._clock.now(), actor, action, subject, detail or {}))
