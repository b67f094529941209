"""Row of the leader's role: taken by one engine, never by two at once; outdated holders fail at its number.

No wall clock decides here: a living holder counts its beats up, and whoever wants the role
watches that number by a clock of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select, update

from db.engine import Database, DatabaseAway, UnavailableReason
from db.row_mapper import RowMapper
from db.tables.engine import roles
from db.upsert import insert_once


@dataclass(frozen=True, slots=True)
class RoleHolder:
    """Who holds a role, and how far it has counted."""

    owner: str
    fence: int
    beats: int


HOLDERS = RowMapper(RoleHolder, roles, others=("role",))


class RoleStore:
    """One role. Raises DatabaseAway."""

    def __init__(self, db: Database, role: str = "watch") -> None:
        self._db = db
        self._role = role

    def holder(self) -> RoleHolder | None:
        """Who holds it; None before anybody ever did."""
        with self._db.read() as conn:
            return HOLDERS.first(conn.execute(select(roles).where(roles.c.role == self._role)))

    def take(self, owner: str, last_holder: RoleHolder | None) -> int | None:
        """Take it from a holder that has been seen as gone; the fence, or None when it lives."""
        if last_holder is None:
            row = {"role": self._role, "owner": owner, "fence": 1, "beats": 0}
            with self._db.write() as conn:
                return 1 if insert_once(conn, roles, row) else None
        fence = last_holder.fence + 1
        same = (
            *self._mine(last_holder.owner, last_holder.fence),
            roles.c.beats == last_holder.beats,
        )
        with self._db.write() as conn:
            done = conn.execute(update(roles).where(*same).values(owner=owner, fence=fence))
            return fence if done.rowcount == 1 else None

    def renew(self, owner: str, fence: int) -> bool:
        """Show that we live. False when somebody else holds it now."""
        mine = self._mine(owner, fence)
        with self._db.write() as conn:
            done = conn.execute(update(roles).where(*mine).values(beats=roles.c.beats + 1))
            return done.rowcount == 1

    def release(self, owner: str, fence: int) -> None:
        """Lay it down, so that the next one need not wait."""
        with self._db.write() as conn:
            conn.execute(update(roles).where(*self._mine(owner, fence)).values(owner=""))

    def guard(self, fence: Callable[[], int | None]) -> Callable[[Connection], None]:
        """What refuses, within a transaction, what a former holder wants to write."""
        query = select(roles.c.fence).where(roles.c.role == self._role).with_for_update(read=True)

        def check(conn: Connection) -> None:
            mine = fence()
            if mine is None or conn.execute(query).scalar() != mine:
                raise DatabaseAway(UnavailableReason.SUPERSEDED)

        return check

    def _mine(self, owner: str, fence: int) -> tuple[ColumnElement[bool], ...]:
        return roles.c.role == self._role, roles.c.owner == owner, roles.c.fence == fence
