"""Rows of sealed passwords, which live a minute, and of engines' public keys. Owns their SQL.

A password is in the database only sealed. Whoever claims a run deletes its seals in the same
transaction; what is left says only that there was a test.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from clock import Clock
from db.engine import Database, DatabaseAway, repeat_on_conflict
from db.tables.mailbox_test import keys, sealed
from diagnostics.login_test import ENGINE_TIMEOUT, PASSWORD_LIFETIME, LoginTest
from diagnostics.model import Run, Scope
from wizard.mailbox_test.sealing import KeyPair, seal
from wizard.runs.store import InTransaction

KEPT = timedelta(hours=1)  # that there was a test, for a run that is worked on again


class NotAContact(Exception):
    """A run without the scope of a contact must not be given a password."""


class CredentialSubmissions:
    """The web's side: seals a password for every engine that lives, whichever takes the run."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def live_engines(self) -> Mapping[str, bytes]:
        """The public keys of engines that were heard of just now."""
        since = self.clock.now() - ENGINE_TIMEOUT
        query = select(keys.c.engine, keys.c.public).where(keys.c.seen_at >= since)
        with self.db.read() as conn:
            return {name: base64.b64decode(public) for name, public in conn.execute(query)}

    def save_with_run(
        self, password: str, engines: Mapping[str, bytes], visitor: str
    ) -> InTransaction:
        """What puts a test into the transaction that makes its run. Raises TooLong then."""

        def put(conn: Connection, run: Run) -> None:
            if run.scope is not Scope.CONTACT:
                raise NotAContact  # the session ended in between; neither run nor password is kept
            self._put(conn, run.id, password, engines, visitor)

        return put

    def _put(
        self, conn: Connection, run: str, password: str, engines: Mapping[str, bytes], visitor: str
    ) -> None:
        until = self._until()
        row: dict[str, object] = {"run": run, "visitor": visitor, "expires_at": until}
        rows = [row | {"engine": "", "ciphertext": "x" if password else ""}]
        for name, public in engines.items() if password else ():
            ciphertext = _text(seal(public, password, run, until))
            rows.append(row | {"engine": name, "ciphertext": ciphertext})
        conn.execute(insert(sealed), rows)
        delete_expired(conn, self.clock.now())

    def _until(self) -> datetime:
        return (self.clock.now() + PASSWORD_LIFETIME).replace(microsecond=0)


class SealedCredentials:
    """The engine's side: holds the private key, claims what was sealed to it."""

    def __init__(self, db: Database, clock: Clock, engine: str) -> None:
        self._db = db
        self._clock = clock
        self._engine = engine
        self._opener = KeyPair()

    @repeat_on_conflict
    def renew(self) -> None:
        """Tell that we live, and delete what is too old. Called every few seconds; blocks."""
        now = self._clock.now()
        row = {"public": _text(self._opener.public), "seen_at": now}
        with self._db.write() as conn:
            updated = conn.execute(update(keys).where(keys.c.engine == self._engine).values(**row))
            if updated.rowcount == 0:
                conn.execute(insert(keys).values(engine=self._engine, **row))
            conn.execute(delete(keys).where(keys.c.seen_at < now - 4 * ENGINE_TIMEOUT))
            delete_expired(conn, now)

    def withdraw(self) -> None:
        """Nothing more is to be sealed to us."""
        with contextlib.suppress(DatabaseAway), self._db.write() as conn:
            conn.execute(delete(keys).where(keys.c.engine == self._engine))

    @repeat_on_conflict
    def claim(self, run: str) -> LoginTest | None:
        """What is to be tried in a run; None when nothing is. Its seals are deleted by this."""
        with self._db.write() as conn:
            rows = conn.execute(select(sealed).where(sealed.c.run == run)).all()
            conn.execute(delete(sealed).where(sealed.c.run == run, sealed.c.engine != ""))
            request_row = next((r for r in rows if r.engine == ""), None)
        if request_row is None:
            return None
        own_row = next((r for r in rows if r.engine == self._engine), None)
        if not request_row.ciphertext:
            return LoginTest(request_row.visitor)
        is_valid = own_row is not None and own_row.expires_at >= self._clock.now()
        ciphertext = (
            base64.b64decode(own_row.ciphertext) if own_row is not None and is_valid else b""
        )
        password = (
            self._opener.open(ciphertext, run, request_row.expires_at) if ciphertext else None
        )
        return LoginTest(request_row.visitor, password or "", expired=not password)


def delete_expired(conn: Connection, now: datetime) -> None:
    """Seals die after a minute; that there was a test, and from where, after an hour."""
    conn.execute(delete(sealed).where(sealed.c.engine != "", sealed.c.expires_at < now))
    conn.execute(delete(sealed).where(sealed.c.expires_at < now - KEPT))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
