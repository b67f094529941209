"""Sealed passwords as rows that live a minute, and the public keys of engines. Owns their SQL.

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
from db.engine import Database, DatabaseAway
from db.tables.mailbox_test import keys, sealed
from diagnostics.login_test import FRESH, LIFE, LoginTest
from diagnostics.model import Run, Scope
from wizard.mailbox_test.sealing import KeyPair, seal
from wizard.runs.store import Also

KEPT = timedelta(hours=1)  # that there was a test, for a run that is worked on again


class NotAContact(Exception):
    """A run without the scope of a contact must not be given a password."""


class CredentialSubmissions:
    """The web's side: seals a password for every engine that lives, whichever takes the run."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def engines(self) -> Mapping[str, bytes]:
        """The public keys of engines that were heard of just now."""
        since = self.clock.now() - FRESH
        query = select(keys.c.engine, keys.c.public).where(keys.c.seen_at >= since)
        with self.db.read() as conn:
            return {name: base64.b64decode(public) for name, public in conn.execute(query)}

    def putting(self, password: str, engines: Mapping[str, bytes], visitor: str) -> Also:
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
        rows = [row | {"engine": "", "box": "x" if password else ""}]
        for name, public in engines.items() if password else ():
            box = _text(seal(public, password, run, until))
            rows.append(row | {"engine": name, "box": box})
        conn.execute(insert(sealed), rows)
        forget(conn, self.clock.now())

    def _until(self) -> datetime:
        return (self.clock.now() + LIFE).replace(microsecond=0)


class SealedCredentials:
    """The engine's side: holds the private key, claims what was sealed to it."""

    def __init__(self, db: Database, clock: Clock, engine: str) -> None:
        self._db = db
        self._clock = clock
        self._engine = engine
        self._opener = KeyPair()

    def tend(self) -> None:
        """Tell that we live, and delete what is too old. Called every few seconds; blocks."""
        now = self._clock.now()
        row = {"public": _text(self._opener.public), "seen_at": now}
        with self._db.write() as conn:
            known = conn.execute(update(keys).where(keys.c.engine == self._engine).values(**row))
            if known.rowcount == 0:
                conn.execute(insert(keys).values(engine=self._engine, **row))
            conn.execute(delete(keys).where(keys.c.seen_at < now - 4 * FRESH))
            forget(conn, now)

    def leave(self) -> None:
        """Nothing more is to be sealed to us."""
        with contextlib.suppress(DatabaseAway), self._db.write() as conn:
            conn.execute(delete(keys).where(keys.c.engine == self._engine))

    def claim(self, run: str) -> LoginTest | None:
        """What is to be tried in a run; None when nothing is. Its seals are deleted by this."""
        with self._db.write() as conn:
            rows = conn.execute(select(sealed).where(sealed.c.run == run)).all()
            conn.execute(delete(sealed).where(sealed.c.run == run, sealed.c.engine != ""))
            told = next((r for r in rows if r.engine == ""), None)
        if told is None:
            return None
        mine = next((r for r in rows if r.engine == self._engine), None)
        if not told.box:
            return LoginTest(told.visitor)
        alive = mine is not None and mine.expires_at >= self._clock.now()
        box = base64.b64decode(mine.box) if mine is not None and alive else b""
        opened = self._opener.open(box, run, told.expires_at) if box else None
        return LoginTest(told.visitor, opened or "", gone=not opened)


def forget(conn: Connection, now: datetime) -> None:
    """Seals die after a minute; that there was a test, and from where, after an hour."""
    conn.execute(delete(sealed).where(sealed.c.engine != "", sealed.c.expires_at < now))
    conn.execute(delete(sealed).where(sealed.c.expires_at < now - KEPT))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
