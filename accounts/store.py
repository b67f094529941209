"""People, their contact roles and sessions as rows; what they do is written to the audit log.

Tokens are stored hashed; passwords come here only as Argon2id hashes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from hmac import compare_digest

from sqlalchemy import Connection, Select, delete, insert, select, update

from accounts.audit_log.store import AuditLog
from accounts.model import (
    NOBODY,
    Assurance,
    Contact,
    ContactRole,
    Person,
    Session,
    StaffRole,
    Visitor,
)
from accounts.random_tokens import fresh_id, hashed
from accounts.text_input import address, line
from clock import Clock
from db.batched_delete import delete_in_slices
from db.engine import Database, DatabaseAway, repeat_on_conflict
from db.row_mapper import RowMapper
from db.tables import accounts as t
from db.upsert import insert_once

log = logging.getLogger("jasno.accounts")
IDLE = timedelta(hours=12)
REST = 30.0  # seconds without trying to mark sessions, after it has failed
LIFETIME = timedelta(days=30)
TOUCH = timedelta(minutes=5)  # how often "seen" is written, at most
PEOPLE = RowMapper(Person, t.people, elsewhere=("contacts",), others=("password", "created_at"))
CONTACTS = RowMapper(Contact, t.contacts, others=("person",))
SESSIONS = RowMapper(Session, t.sessions, others=("token_hash",))


class EmailTaken(Exception):
    """Somebody signs in with this address already."""


class AccountStore(AuditLog):
    """Who can sign in, as what, and who is signed in now."""

    def __init__(self, db: Database, clock: Clock) -> None:
        super().__init__(db, clock)
        self._resting = float("-inf")

    # people

    @repeat_on_conflict
    def add_person(
        self,
        email: str,
        name: str,
        *,
        password: str = "",
        lang: str = "",
        staff: StaffRole | None = None,
        id: str = "",
        by: str = "cli",
    ) -> Person:
        """Add somebody; `password` is a hash. Raises EmailTaken, ValueError on a bad address."""
        folded = address(email)
        if not folded:
            raise ValueError(f"not an e-mail address: {email[:80]!r}")
        person = Person(id or fresh_id(), folded, line(name), lang, staff)
        row = PEOPLE.to_row(person, password=password, created_at=self._clock.now())
        with self._db.write() as conn:
            if not insert_once(conn, t.people, row):
                raise EmailTaken(folded)
            detail = {"staff": staff.value} if staff else {}
            self._audit(conn, by, "person.added", f"person:{person.id}", detail)
        return person

    @repeat_on_conflict
    def set_password(self, person: str, password: str, by: str = "cli") -> None:
        """Give a person a new password (a hash); everywhere else they are signed out."""
        with self._db.write() as conn:
            conn.execute(update(t.people).where(t.people.c.id == person).values(password=password))
            conn.execute(delete(t.sessions).where(t.sessions.c.person == person))
            self._audit(conn, by, "person.password", f"person:{person}")

    @repeat_on_conflict
    def renew_hash(self, person: str, before: str, password: str) -> None:
        """Store the same password under today's parameters, unless it was changed meanwhile."""
        with self._db.write() as conn:
            conn.execute(
                update(t.people)
                .where(t.people.c.id == person, t.people.c.password == before)
                .values(password=password)
            )

    @repeat_on_conflict
    def remove_person(self, person: str, by: str = "cli") -> bool:
        """Delete somebody with roles, sessions and watches. Tickets and reports stay for their own
        time, and are nobody's. False when nobody is there (any more)."""
        with self._db.write() as conn:
            for column in (t.contacts.c.person, t.sessions.c.person):
                conn.execute(delete(column.table).where(column == person))
            if not conn.execute(delete(t.people).where(t.people.c.id == person)).rowcount:
                return False
            self._audit(conn, by, "person.removed", f"person:{person}")
        return True

    @repeat_on_conflict
    def set_contact(
        self, person: str, account: str, role: ContactRole | None, by: str = "cli"
    ) -> None:
        """Make a person a contact of a hosting account, or no longer one with None."""
        with self._db.write() as conn:
            conn.execute(
                delete(t.contacts).where(
                    t.contacts.c.person == person, t.contacts.c.account == account
                )
            )
            if role is not None:
                conn.execute(
                    insert(t.contacts).values(
                        CONTACTS.to_row(Contact(account, role), person=person)
                    )
                )
            detail = {"account": account, "role": role.value if role else ""}
            self._audit(conn, by, "person.contact", f"person:{person}", detail)

    def person(self, id: str) -> Person | None:
        """One person by id."""
        with self._db.read() as conn:
            return next(iter(_people(conn, select(t.people).where(t.people.c.id == id))), None)

    def people(self, ids: Iterable[str] | None = None) -> tuple[Person, ...]:
        """Everybody, or those named, by address."""
        query = select(t.people).order_by(t.people.c.email)
        if ids is not None:
            query = query.where(t.people.c.id.in_(list(ids)))
        with self._db.read() as conn:
            return _people(conn, query)

    def credentials(self, email: str) -> tuple[Person | None, str]:
        """The person who signs in with an address and the stored hash; (None, "") for nobody."""
        query = select(t.people).where(t.people.c.email == address(email))
        with self._db.read() as conn:
            row = conn.execute(query).first()
            if row is None:
                return None, ""
            return _people(conn, query)[0], str(row.password)

    def contacts_of(self, account: str) -> tuple[Person, ...]:
        """Everybody with a role on a hosting account."""
        query = (
            select(t.people)
            .join(t.contacts, t.contacts.c.person == t.people.c.id)
            .where(t.contacts.c.account == account)
            .order_by(t.people.c.email)
        )
        with self._db.read() as conn:
            return _people(conn, query)

    # sessions

    @repeat_on_conflict
    def open_session(
        self,
        person: Person,
        token: str,
        *,
        method: str,
        assurance: Assurance,
        replaces: str = "",
        address: str = "",
        agent: str = "",
    ) -> Session:
        """Sign a person in under a fresh token; the session whose token is `replaces` ends."""
        now = self._clock.now()
        session = Session(
            fresh_id(), person.id, method, assurance, now, now, address[:64], agent[:300]
        )
        with self._db.write() as conn:
            gone = (
                (t.sessions.c.token_hash == hashed(replaces))
                | (t.sessions.c.created_at <= now - LIFETIME)
                | (t.sessions.c.seen_at <= now - IDLE)
            )
            conn.execute(delete(t.sessions).where(gone))
            row = SESSIONS.to_row(session, token_hash=hashed(token))
            conn.execute(insert(t.sessions).values(row))
            detail = {"method": method, "address": session.address}
            self._audit(conn, person.id, "session.opened", f"person:{person.id}", detail)
        return session

    def visitor(self, token: str) -> Visitor:
        """Who holds this token; NOBODY for a wrong, ended or expired one."""
        if not token:
            return NOBODY
        now = self._clock.now()
        with self._db.read() as conn:
            query = select(t.sessions).where(t.sessions.c.token_hash == hashed(token))
            row = conn.execute(query).first()
            if row is None or not compare_digest(str(row.token_hash), hashed(token)):
                return NOBODY
            session = SESSIONS.from_row(row)
            if now - session.seen_at >= IDLE or now - session.created_at >= LIFETIME:
                return NOBODY
            person = _people(conn, select(t.people).where(t.people.c.id == session.person))[0]
        if now - session.seen_at >= TOUCH:
            self._touch(session.id)
        return Visitor(person, session.assurance, session.id, session.created_at, session.method)

    def sessions(self, person: str) -> tuple[Session, ...]:
        """A person's living sessions, newest first."""
        now = self._clock.now()
        query = (
            select(t.sessions)
            .where(
                t.sessions.c.person == person,
                t.sessions.c.seen_at > now - IDLE,
                t.sessions.c.created_at > now - LIFETIME,
            )
            .order_by(t.sessions.c.created_at.desc())
        )
        with self._db.read() as conn:
            return SESSIONS.all(conn.execute(query))

    @repeat_on_conflict
    def end_session(self, id: str, person: str) -> bool:
        """End one of a person's sessions; False when they have no such one."""
        with self._db.write() as conn:
            done = conn.execute(
                delete(t.sessions).where(t.sessions.c.id == id, t.sessions.c.person == person)
            )
            if done.rowcount:
                self._audit(conn, person, "session.ended", f"person:{person}")
            return done.rowcount == 1

    def _touch(self, session: str) -> None:
        """Note that the session is in use. When it cannot be written now, it will be soon; nobody
        else waits for a lock in vain meanwhile."""
        now = self._clock.monotonic()
        if now < self._resting:
            return
        try:
            with self._db.write() as conn:
                conn.execute(
                    update(t.sessions)
                    .where(t.sessions.c.id == session)
                    .values(seen_at=self._clock.now())
                )
        except DatabaseAway as away:
            self._resting = now + REST
            log.warning("a session was not marked as seen: %s", away)

    def forget_sessions(self) -> int:
        """Delete sessions that have ended by themselves."""
        now = self._clock.now()
        old = (t.sessions.c.created_at <= now - LIFETIME) | (t.sessions.c.seen_at <= now - IDLE)
        return delete_in_slices(self._db, t.sessions, old)


def _people(conn: Connection, query: Select[tuple[object, ...]]) -> tuple[Person, ...]:
    """The people a query selects, each with all their roles."""
    rows = conn.execute(query).all()
    of = select(t.contacts).where(t.contacts.c.person.in_([row.id for row in rows]))
    roles: dict[str, list[Contact]] = {}
    for row in conn.execute(of.order_by(t.contacts.c.account)):
        roles.setdefault(row.person, []).append(CONTACTS.from_row(row))
    return tuple(PEOPLE.from_row(row, contacts=tuple(roles.get(row.id, ()))) for row in rows)
