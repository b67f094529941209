"""Check links and their runs as rows, with how often each link may still be run.
Tokens are stored hashed; counting is one conditional update, so that parallel requests cannot run a
link more often than allowed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from accounts.audit_log.store import write_audit
from accounts.model import AuditEntry
from accounts.random_tokens import fresh_id, hashed
from clock import Clock
from db.batched_delete import SLICE, repeat
from db.engine import Database, repeat_on_conflict
from db.row_mapper import RowMapper
from db.tables import tickets as t
from tickets.invites.validity import allowed_runs, expiry, is_valid
from tickets.model import AuthenticationSnapshot, CustomerClaim, Invite
from tickets.store import STATEMENT

INVITES = RowMapper(Invite, t.invites)
CLAIMS = RowMapper(CustomerClaim, t.claims, documents={"statement": STATEMENT})
_MARK = re.compile(r"\[\[invite:([0-9a-f]{24})\]\]")


def link_placeholder(invite: Invite) -> str:
    """What stands for the link's address in a letter until it is sent."""
    return f"[[invite:{invite.id}]]"


class InviteStore:
    """Who was asked to check what, how often they still may, and who did.

    A token follows from the link's id and the house's `secret`, so that it can be shown to the
    ticket's customer again and put into a letter at the last moment, and is never stored.
    """

    def __init__(self, db: Database, clock: Clock, secret: bytes) -> None:
        self._db = db
        self._clock = clock
        self._secret = secret

    def token(self, id: str) -> str:
        """The token of a link."""
        mac = hmac.new(self._secret, b"invite:" + id.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def with_links(self, text: str, site: str) -> str:
        """A letter's text with its marks (see `mark`) replaced by working addresses."""
        return _MARK.sub(lambda mark: f"{site}/invite/{self.token(mark[1])}", text)

    @repeat_on_conflict
    def create(
        self,
        ticket: str,
        subject: str,
        symptom: str,
        *,
        by: str,
        valid: timedelta,
        runs: int,
        message: str = "",
    ) -> tuple[Invite, str]:
        """A new link and its token. Raises ValueError for `valid` or `runs` out of bounds."""
        id_, now = fresh_id(), self._clock.now()
        token = self.token(id_)
        invite = Invite(
            id=id_,
            token_hash=hashed(token),
            ticket=ticket,
            subject=subject,
            symptom=symptom,
            created_by=by,
            created_at=now,
            expires_at=expiry(now, valid),
            runs_left=allowed_runs(runs),
            message=message,
        )
        with self._db.write() as conn:
            conn.execute(insert(t.invites).values(INVITES.to_row(invite)))
            detail = {"invite": invite.id, "subject": subject, "symptom": symptom}
            write_audit(conn, AuditEntry(now, by, "invite.created", f"ticket:{ticket}", detail))
        return invite, token

    def by_token(self, token: str) -> Invite | None:
        """The link behind a token, also when it is used up or over."""
        query = select(t.invites).where(t.invites.c.token_hash == hashed(token))
        with self._db.read() as conn:
            return INVITES.first(conn.execute(query))

    def by_id(self, id: str) -> Invite | None:
        """One link, the used and expired ones included."""
        with self._db.read() as conn:
            return INVITES.first(conn.execute(select(t.invites).where(t.invites.c.id == id)))

    def invites_of(self, ticket: str) -> tuple[Invite, ...]:
        """The links of a ticket, newest first, the used and expired ones included."""
        query = (
            select(t.invites)
            .where(t.invites.c.ticket == ticket)
            .order_by(t.invites.c.created_at.desc())
        )
        with self._db.read() as conn:
            return INVITES.all(conn.execute(query))

    def usable_invites(self, ticket: str) -> tuple[Invite, ...]:
        """The links of a ticket that can still be run."""
        now = self._clock.now()
        return tuple(i for i in self.invites_of(ticket) if is_valid(i, now))

    @repeat_on_conflict
    def claim(self, invite: Invite, statement: AuthenticationSnapshot) -> CustomerClaim | None:
        """Take one run of a link, with the word on who takes it; None when none is left."""
        now, name = self._clock.now(), fresh_id()
        with self._db.write() as conn:
            done = conn.execute(
                update(t.invites)
                .where(
                    t.invites.c.id == invite.id,
                    t.invites.c.runs_left > 0,
                    t.invites.c.expires_at > now,
                )
                .values(runs_left=t.invites.c.runs_left - 1)
            )
            if done.rowcount != 1:
                return None
            claim = CustomerClaim(name, invite.id, now, statement)
            conn.execute(insert(t.claims).values(CLAIMS.to_row(claim)))
        return claim

    @repeat_on_conflict
    def release_claim(self, claim: CustomerClaim) -> None:
        """Undo a claim whose run could not be started."""
        with self._db.write() as conn:
            deleted = conn.execute(t.claims.delete().where(t.claims.c.id == claim.id))
            if deleted.rowcount == 1:
                conn.execute(
                    update(t.invites)
                    .where(t.invites.c.id == claim.invite)
                    .values(runs_left=t.invites.c.runs_left + 1)
                )

    def forget(self, before: datetime) -> int:
        """Delete links that expired before a time, with who ran them, slice by slice; how many."""
        query = select(t.invites.c.id).where(t.invites.c.expires_at < before).limit(SLICE)

        def step() -> int:
            with self._db.write() as conn:
                ids = list(conn.execute(query).scalars())
                for column in (t.claims.c.invite, t.invites.c.id):
                    conn.execute(delete(column.table).where(column.in_(ids)))
            return len(ids)

        return repeat(step)

    def claim_with_invite(self, id: str) -> tuple[CustomerClaim, Invite] | None:
        """The claim a run carries as its invite, and the link it belongs to."""
        with self._db.read() as conn:
            claim = CLAIMS.first(conn.execute(select(t.claims).where(t.claims.c.id == id)))
            if claim is None:
                return None
            query = select(t.invites).where(t.invites.c.id == claim.invite)
            return claim, INVITES.from_row(conn.execute(query).one())
