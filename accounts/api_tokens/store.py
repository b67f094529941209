"""API tokens as rows: hashed, named, revocable; making and revoking are audited."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import insert, select, update

from accounts.api_tokens.model import ApiToken, ApiTokenRole
from accounts.audit_log.store import write_audit
from accounts.model import AuditEntry
from accounts.random_tokens import fresh_id, fresh_token, hashed
from accounts.text_input import clean_line
from clock import Clock
from db.batched_delete import delete_in_slices
from db.engine import Database, DatabaseAway, repeat_on_conflict
from db.row_mapper import RowMapper
from db.tables.accounts import keys as t

log = logging.getLogger("jasno.accounts")
LONGEST_NAME = 80  # characters
PREFIX = "jasno_"  # so that a token that leaked is recognised
TOUCH = timedelta(minutes=5)
TOKENS = RowMapper(ApiToken, t, others=("token_hash",))


class ApiTokenStore:
    """Which programs may ask."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    @repeat_on_conflict
    def add(self, name: str, role: ApiTokenRole, by: str) -> tuple[ApiToken, str]:
        """A new token, which is told here and never again. Raises ValueError without a name, or
        with one that is too long."""
        label = clean_line(name)
        if not label:
            raise ValueError("a token needs a name")
        if len(label) > LONGEST_NAME:
            raise ValueError(f"a token's name has at most {LONGEST_NAME} characters")
        token, now = PREFIX + fresh_token(), self._clock.now()
        key = ApiToken(fresh_id(), label, role, now, by)
        with self._db.write() as conn:
            row = TOKENS.to_row(key, token_hash=hashed(token))
            conn.execute(insert(t).values(row))
            detail = {"name": label, "role": role.value}
            write_audit(conn, AuditEntry(now, by, "token.added", f"token:{key.id}", detail))
        return key, token

    def all(self) -> tuple[ApiToken, ...]:
        """Every token, newest first; revoked ones too."""
        with self._db.read() as conn:
            return TOKENS.all(conn.execute(select(t).order_by(t.c.created_at.desc(), t.c.id)))

    @repeat_on_conflict
    def revoke(self, id: str, by: str) -> bool:
        """It opens nothing from now on. False when it did not before."""
        now = self._clock.now()
        with self._db.write() as conn:
            done = conn.execute(
                update(t).where(t.c.id == id, t.c.revoked_at.is_(None)).values(revoked_at=now)
            )
            if done.rowcount != 1:
                return False
            write_audit(conn, AuditEntry(now, by, "token.revoked", f"token:{id}"))
        return True

    def forget_revoked(self, before: datetime) -> int:
        """Delete tokens that were revoked before a time; how many."""
        return delete_in_slices(self._db, t, t.c.revoked_at < before)

    def by_token(self, token: str) -> ApiToken | None:
        """Whose token this is; None for a wrong or revoked one."""
        if not token.startswith(PREFIX):
            return None
        with self._db.read() as conn:
            row = conn.execute(select(t).where(t.c.token_hash == hashed(token))).first()
        if row is None or not compare_digest(str(row.token_hash), hashed(token)):
            return None
        key = TOKENS.from_row(row)
        if key.revoked_at is not None:
            return None
        now = self._clock.now()
        if key.used_at is None or now - key.used_at >= TOUCH:
            self._touch(key.id)
        return key

    def _touch(self, id: str) -> None:
        try:
            with self._db.write() as conn:
                conn.execute(update(t).where(t.c.id == id).values(used_at=self._clock.now()))
        except DatabaseAway as away:
            log.warning("a token was not marked as used: %s", away)
